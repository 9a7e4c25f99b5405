"""Records as CSV for spreadsheets and statistics: one line a field, UTF-8, numbers as printed, blanks empty.

Text out of documents never becomes a formula: where it begins like one, an apostrophe stands before it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.writers import whole_file

COLUMNS = (
    "sha256", "path", "form", "agency", "year", "field", "value", "state", "confidence", "accepted",
    "page", "x0", "top", "x1", "bottom", "start", "end", "raw",
)  # fmt: skip
FAILURE_COLUMNS = ("path", "cause", "message")
# What makes a formula in a spreadsheet; the full-width forms do so in East Asian editions.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(records: Iterable[Mapping[str, Any]], path: str | Path) -> int:
    """Write one line for each field of each record; the number of records written.

    Boxes are x0, top, x1, bottom in PDF points from the page's top left; start and end are character offsets.
    """
    number = 0
    with whole_file(path) as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for record in records:
            number += 1
            table.writerows(_lines(record))
    return number


def write_failures(records: Iterable[Mapping[str, Any]], path: str | Path) -> int:
    """Write path, cause and message of each record, one line a record; the number of records written."""
    number = 0
    with whole_file(path) as file:
        table = csv.writer(file)
        table.writerow(FAILURE_COLUMNS)
        for record in records:
            number += 1
            problem = next(iter(record["problems"]), {"code": "no_report", "message": "No report was found in it."})
            table.writerow([_text(record["source"]["path"]), _text(problem["code"]), _text(problem["message"])])
    return number


def _lines(record: Mapping[str, Any]) -> Iterator[list[Any]]:
    source = record["source"]
    head = [source["sha256"], _text(source["path"]), record["form"], _text(record["agency"]), record["year"]]
    for name, field in record["fields"].items():
        place = field["location"] or {"page": None, "box": None, "span": None}
        accepted = "true" if field["accepted"] else "false"
        yield [
            *head,
            name,
            field["value"],
            field["state"],
            field["confidence"],
            accepted,
            place["page"],
            *(place["box"] or [None] * 4),
            *(place["span"] or [None] * 2),
            _text(field["raw"]),
        ]


def _text(text: str | None) -> str | None:
    return f"'{text}" if text and text.startswith(_FORMULA) else text
