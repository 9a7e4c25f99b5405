"""Heads and labels of the tables of a form, as cells with their spans: what `pipeline/forms/headings.csv` says of them
beside `fields.csv`."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from pipeline.writers.panel import field_rows

Cell = dict[str, Any]


def merged_heads(paths: Sequence[tuple[str, ...]], spare: int) -> list[list[Cell]]:
    """Head lines out of the path of heads above each column: equal neighbours share a cell, short paths stretch down
    from their first head; the last column gets `spare` columns more."""
    depth = max(map(len, paths))
    full = [(path[0],) * (depth - len(path)) + path for path in paths]
    lines: list[list[Cell]] = []
    for level in range(depth):
        groups = groupby(range(len(full)), key=lambda at: full[at][: level + 1])
        cells = []
        for path, members in groups:
            if level and path[level] == path[level - 1]:  # stretched down from above
                continue
            down = next((n for n in range(level + 1, depth) if full[_first(full, path)][n] != path[level]), depth)
            places = list(members)
            wide = len(places) + (spare if places[-1] == len(full) - 1 else 0)
            cells.append(head_cell(path[level], "column", rows=down - level, columns=wide))
        lines.append(cells)
    return lines


def _first(paths: Sequence[tuple[str, ...]], beginning: tuple[str, ...]) -> int:
    return next(at for at, path in enumerate(paths) if path[: len(beginning)] == beginning)


def merged_labels(labels: Sequence[tuple[str, ...]], depth: int) -> list[list[Cell]]:
    """The label cells of each row: groups stretch down over their rows, the row's own label over what is left."""
    found: list[list[Cell]] = []
    for at, own in enumerate(labels):
        cells = []
        for level, text in enumerate(own):
            last = level == len(own) - 1
            if not last and at and labels[at - 1][: level + 1] == own[: level + 1]:
                continue
            same = 1 if last else _run(labels[at:], own[: level + 1])
            cells.append(head_cell(text, "row" if last else "group", rows=same, columns=depth - level if last else 1))
        found.append(cells)
    return found


def _run(labels: Sequence[tuple[str, ...]], beginning: tuple[str, ...]) -> int:
    return next((n for n, one in enumerate(labels) if one[: len(beginning)] != beginning), len(labels))


def head_path(form: str, table: str, column: str, field: str) -> tuple[str, ...]:
    """The heads above a field, from the outermost to its own."""
    above = heading(form, table, column)
    return (*(above.split("/") if above else ()), field_head(form, field))


def head_cell(text: str, kind: str, *, rows: int = 1, columns: int = 1, indent: int = 0) -> Cell:
    """A cell of text, with what differs from a cell of one row and column that is not indented."""
    spans = {name: n for name, n in (("rows", rows), ("columns", columns)) if n > 1}
    return {"text": text, "head": kind} | spans | ({"indent": indent} if indent else {})


def field_head(form: str, field: str) -> str:
    """The head directly above a field, as printed."""
    return field_lines(form)[field]["head"]


@lru_cache(maxsize=8)
def field_lines(form: str) -> dict[str, dict[str, str]]:
    """The lines of `fields.csv` of a form, by field."""
    return {line["field"]: line for line in field_rows() if line["form"] == form}


@lru_cache(maxsize=1)
def _headings() -> dict[tuple[str, str, str], dict[str, str]]:
    text = files("pipeline.forms").joinpath("headings.csv").read_text(encoding="utf-8")
    lines = csv.DictReader(text.splitlines())
    return {(form, line["table"], line["column"]): line for line in lines for form in line["form"].split()}


def heading(form: str, table: str, column: str) -> str:
    """What stands above the head of a column, parted by slashes, or in the corner (column "*"); "" for nothing."""
    return _headings().get((form, table, column), {}).get("zh", "")


def title_of(form: str, table: str) -> dict[str, str]:
    """The title of a table in Chinese ("zh") and English ("en")."""
    found = _headings().get((form, table, ""), {})
    return {language: found.get(language) or table for language in ("zh", "en")}
