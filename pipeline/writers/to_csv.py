"""Records as CSV for spreadsheets and statistics: UTF-8, numbers as printed, blanks empty.

A file holds the long table, one line a field; a folder holds all tables (`tidy.py`) and their description. Text out
of documents never becomes a formula: where it begins like one, an apostrophe stands before it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pipeline.writers import tidy, whole_file, whole_folder
from pipeline.writers.datapackage import describe

COLUMNS = tuple(column.name for column in tidy.fields().columns)
# What makes a formula in a spreadsheet; the full-width forms do so in East Asian editions.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(records: Iterable[Mapping[str, Any]], path: str | Path) -> int:
    """Write one line for each field of each record, or all tables into a folder; the number of records written.

    A path without a suffix that is no file is a folder, and so is what is one already. Boxes are x0, top, x1, bottom
    in PDF points from the page's top left; start and end are character offsets.
    """
    if Path(path).is_dir() or not (Path(path).suffix or Path(path).is_file()):
        return write_folder(records, path)
    number = 0
    with whole_file(path) as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for record in records:
            number += 1
            table.writerows(map(_line, tidy.field_lines(record)))
    return number


def write_folder(records: Iterable[Mapping[str, Any]], path: str | Path) -> int:
    """Write every table as a file of its own beside their description; the number of records written."""
    number, tables = 0, tidy.all_tables()
    with whole_folder(path) as folder:
        with ExitStack() as stack:
            writers = {}
            for table in tables:
                file = stack.enter_context(
                    (folder / f"{table.name}.csv").open("w", encoding="utf-8", errors="backslashreplace", newline="")
                )
                writers[table.name] = csv.writer(file)
                writers[table.name].writerow([column.name for column in table.columns])
                if table.fixed:
                    writers[table.name].writerows(map(_line, table.lines({})))
            growing = [(writers[table.name], table.lines) for table in tables if not table.fixed]
            for record in records:
                number += 1
                for writer, lines in growing:
                    writer.writerows(map(_line, lines(record)))
            for table in tables:
                writers[table.name].writerows(map(_line, table.ends()))
        describe(folder, [(table, f"{table.name}.csv", table.columns) for table in tables])
    return number


def _line(values: Iterable[Any]) -> list[Any]:
    return [_value(value) for value in values]


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return no_formula(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def no_formula(text: str | None) -> str | None:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text and text.startswith(FORMULA) else text
