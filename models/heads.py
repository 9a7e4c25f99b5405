"""Which of several columns is the year's: what the program takes, and what people say of the others' heads."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.lines import Told
from pipeline.columns import fit_columns
from pipeline.datamodel import Form, Row
from pipeline.errors import UsageError
from pipeline.forms import column_keys, load_forms, running_total_keys
from pipeline.text import label_key

_OF_A_YEAR = re.compile(r"\d{4}|本年|当年|今年|上年|去年")  # what such a head stands over differs from report to report


def year_column(row: Row, name: str, form: Form | None = None) -> str:
    """Which cell of a row, counted from 1, the program takes for the year's where the form (None is the first that has
    a row of this name) has one column and the row several cells; "" where there is no choice, "?" where it cannot tell.
    """
    forms = [form] if form else load_forms().values()
    found = next(((one, place) for one in forms for place in one.rows if place.name == name), None)
    if found is None or len(found[1].columns) != 1 or len(row.cells) < 2:
        return ""
    fit = fit_columns(row, found[1], found[0])
    cell = fit.cells[0] if fit else None
    return str(row.cells.index(cell) + 1) if cell in row.cells else "?"


def heads_told(taught: Sequence[tuple[Told, Row]]) -> tuple[frozenset[str], list[str]]:
    """The keys of heads whose figures are not the year's by what lines say, and in plain words what cannot be learnt.

    Learnt is a head beside that of the year which the forms do not know and which names no year, so that it means the
    same in the next report; one that another line calls the year's is not. UsageError for the number of no cell.
    """
    said = [(one, row, column) for one, row in taught if (column := _told_column(one, row)) is not None]
    years = {_key(row.heads[column]) for _, row, column in said}
    totals: set[str] = set()
    remarks: list[str] = []
    for one, row, column in said:
        others = {_key(head) for place, head in enumerate(row.heads) if place != column}
        if _key(row.heads[column]) in column_keys() and all(_may_be_learnt(head, years) for head in others):
            totals |= others
        elif year_column(row, one.line.correction or one.line.label) != str(column + 1):
            remarks.append(_not_learnt(one, row, column))
    return frozenset(totals - running_total_keys()), remarks


def _told_column(one: Told, row: Row) -> int | None:
    """The place of the cell that a line calls the year's, None where it says nothing or there is no choice."""
    wanted = one.line.year_column.strip()
    if not wanted or wanted == "?" or not year_column(row, one.line.correction or one.line.label):
        return None
    if not wanted.isdigit() or not 1 <= int(wanted) <= len(row.cells):
        raise UsageError(f"{one.where}: year_column is {wanted!r}; write the number of a cell, 1 to {len(row.cells)}.")
    return int(wanted) - 1


def _may_be_learnt(head: str, years: set[str]) -> bool:
    return bool(head) and head not in years and head not in column_keys() and not _OF_A_YEAR.search(head)


def _key(head: str) -> str:
    return label_key(head.rsplit("/", 1)[-1])


def _not_learnt(one: Told, row: Row, column: int) -> str:
    """What to do where a column is the year's by a line and nothing can be learnt from that."""
    heads = " | ".join(head or "(no head)" for head in row.heads)
    return (
        f"{one.where}: column {column + 1} is called the year's; the heads ({heads}) do not tell it in another report. "
        "Add the heads of this table to pipeline/forms/wordings.csv."
    )
