"""Figures that fell out of their row and stand on lines of their own directly behind it.

Where as many stand behind a row as the row has blank cells, they are those cells' in their order. That is a reading
by place alone: it gives a value to look at, never one that is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from pipeline.datamodel import Cell, Field, Row
from pipeline.text import parse_number

_BY_PLACE = 0.9


def behind_rows(rows: Sequence[Row], strays: Sequence[Cell]) -> Mapping[int, tuple[Cell, ...]]:
    """For rows of the document (by place) the strays between each and the row after it, in reading order.

    Only rows and strays with a place in the text count; nothing is behind the last row, as nothing ends it.
    """
    if not strays:
        return {}
    placed = [(row.location.span, number) for number, row in enumerate(rows) if row.location.span]
    placed.sort()
    found: dict[int, tuple[Cell, ...]] = {}
    for (upper, number), (lower, _) in pairwise(placed):
        between = [
            (cell.location.span, cell)
            for cell in strays
            if cell.location.span and upper[1] <= cell.location.span[0] and cell.location.span[1] <= lower[0]
        ]
        if between:
            found[number] = tuple(cell for _, cell in sorted(between, key=lambda one: one[0]))
    return found


def give_back(fields: Sequence[Field], blank: Sequence[bool], behind: Sequence[Cell]) -> list[Field]:
    """The fields of a row with the figures behind it in its blank cells, none of them accepted; the fields as they
    are where the figures are more or fewer than the blank cells, or one of them cannot be that cell's."""
    places = [place for place, is_blank in enumerate(blank) if is_blank]
    given = list(fields)
    if not behind or len(places) != len(behind):
        return given
    for place, cell in zip(places, behind, strict=True):
        field, figure = fields[place], parse_number(cell.text)
        if field.state not in ("unreadable", "blank"):
            return list(fields)
        if field.state == "unreadable" and figure.value not in field.candidates:
            return list(fields)
        confidence = min(field.confidence or _BY_PLACE, _BY_PLACE)
        given[place] = field._replace(
            value=figure.value,
            state="printed",
            raw=cell.text,
            confidence=confidence,
            accepted=False,
            location=cell.location,
            candidates=(),
        )
    return given
