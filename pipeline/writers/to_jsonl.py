"""Records as JSON Lines: one record of schema nianbao.record/1 a line, as `nianbao extract` prints them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline.writers import whole_file


def write(records: Iterable[Mapping[str, Any]], path: str | Path) -> int:
    """Write one line a record; the number of records written."""
    number = 0
    with whole_file(path) as file:
        for record in records:
            number += 1
            file.write(to_line(record) + "\n")
    return number


def to_line(record: Mapping[str, Any], *, pretty: bool = False) -> str:
    """A record as JSON text: compact on one line, or indented. Characters are as they are, not escaped."""
    if pretty:
        return json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
