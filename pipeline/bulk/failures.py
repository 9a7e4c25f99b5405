"""What failed, as a table for a spreadsheet that is a manifest too: give it to `nianbao convert` to try it again."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline.writers import whole_file
from pipeline.writers.to_csv import no_formula

COLUMNS = ("path", "cause", "message", "agency", "year", "retry")
_NO_CAUSE = {"code": "no_report", "message": "No report was found in it."}

Command = Callable[[str], str]


def retry_command(
    out: str, store_url: str | None, model_folder: str | Path | None, shards: str | Path | None = None
) -> Command:
    """A function from a path to the command, for a POSIX shell, that reads it again whatever the store holds."""
    options = [("--out", out), ("--store", store_url), ("--model", model_folder), ("--shards", shards)]
    more = [str(word) for name, value in options if value is not None for word in (name, value)]
    return lambda path: shlex.join(["nianbao", "convert", _no_option(path), "--fresh", *more])


def write_failures(records: Iterable[Mapping[str, Any]], path: Path, command: Command) -> int:
    """Write one line for each record that failed; the number of lines.

    `agency` and `year` stand there where a manifest gave them; `retry` is what `command` gives for the record's path.
    """
    number = 0
    with whole_file(path) as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for record in records:
            number += 1
            problem, where = first_problem(record), record["source"]["path"]
            given = {one["code"] for one in record["problems"]}
            agency, year = (record[name] if f"{name}_from_manifest" in given else None for name in ("agency", "year"))
            told = (where, problem["code"], problem["message"], agency)
            table.writerow([*map(no_formula, told), year, command(where)])
    return number


def first_problem(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The problem that made a record fail."""
    return next(iter(record["problems"]), _NO_CAUSE)


def _no_option(path: str) -> str:
    return f"./{path}" if path.startswith("-") else path
