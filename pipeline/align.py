"""Rows of a document to the rows of its form, and their cells to fields, with the reasons to believe each figure.

A figure's confidence is the probability of its row given all other rows (`order.py`), times that of its column
(`fits.py`), then judged by the statutory identities. What has two readings is not accepted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.datamodel import Cell, Field, Form, FormRow, LabelledRow, Problem, Row
from pipeline.decode import decode
from pipeline.domains import Reading
from pipeline.fits import WITHOUT_PLACES, Fits, filled_cells
from pipeline.judge import doubt_neighbours, doubt_order
from pipeline.order import row_shares
from pipeline.settle import TOO_MANY_READINGS

_NEGLIGIBLE = 0.02
_GRIDS = frozenset({"ruled", "tagged", "html", "docx", "pipes", "tabs", "run"})


def align(
    labelled: Sequence[LabelledRow],
    form: Form,
    threshold: float,
    strays: Sequence[Cell] = (),
    orders: frozenset[tuple[str, str]] = frozenset(),
) -> tuple[dict[str, Field], tuple[Problem, ...]]:
    """A field for each field of the form, in the form's order, and the trouble met on the way.

    `strays` are figures that stand alone between tables and may have fallen out of their rows; `orders` are rows that
    follow one another in layouts that were taught, though not in the form ("" is before the first).
    Fields whose row no row of the document may be are "absent"; cells that are there but settle nothing are
    "unreadable". What reaches the threshold is accepted until a failed identity accuses it.
    """
    fits = Fits(labelled, form)
    readings = _readings(labelled, form, fits, orders)
    absences = _sure_absences(readings, form, labelled)
    fields, problems = decode(readings, absences, [item.row for item in labelled], strays, form, threshold)
    loose = [
        form.rows[place]
        for place, found in enumerate(readings)
        if found and labelled[found[0].row].row.origin == "lines"
    ]
    fields = doubt_order(fields, loose, form) if loose else fields
    beside = _beside_strays(readings, labelled, form)
    fields = doubt_neighbours(fields, beside) if beside else fields
    return fields, problems or ((TOO_MANY_READINGS,) if fits.gave_up else ())


def _readings(
    labelled: Sequence[LabelledRow], form: Form, fits: Fits, orders: frozenset[tuple[str, str]]
) -> list[list[Reading]]:
    """For each row of the form the rows of the document that may be it, likeliest first."""
    shares = row_shares(labelled, form, fits, orders)
    found: list[list[Reading]] = [[] for _ in form.rows]
    for i, place in np.argwhere(shares > _NEGLIGIBLE).tolist():
        found[place].append(Reading(i, float(shares[i, place]), fits[i, place]))
    return [sorted(readings, key=lambda reading: (-reading.share, reading.row)) for readings in found]


def _sure_absences(
    readings: Sequence[Sequence[Reading]], form: Form, labelled: Sequence[LabelledRow]
) -> dict[int, float]:
    """How sure it is that a row of the form is not printed: left out between two that stand next to each other in one
    declared grid, and named nowhere."""
    tops = [row_readings[0] if row_readings else None for row_readings in readings]
    absences: dict[int, float] = {}
    for place, form_row in enumerate(form.rows):
        if tops[place] is not None:
            continue
        before = next((top for top in reversed(tops[:place]) if top), None)
        after = next((top for top in tops[place + 1 :] if top), None)
        named = any(item.probabilities.get(form_row.name, 0) > _NEGLIGIBLE for item in labelled)
        if before and after and not named and _adjoin(labelled[before.row].row, labelled[after.row].row):
            absences[place] = min(before.share, after.share)
    return absences


def _beside_strays(readings: Sequence[Sequence[Reading]], labelled: Sequence[LabelledRow], form: Form) -> list[FormRow]:
    """The rows of the form whose line stands beside figures without a label that are no row's, in tables that nobody
    drew: either line may hold its figures."""
    taken = {found[0].row for found in readings if found}
    strays = {
        place
        for place, item in enumerate(labelled)
        if place not in taken and not item.row.labels and item.row.origin in WITHOUT_PLACES and filled_cells(item.row)
    }
    if not strays:
        return []
    lines = ([found[0].row] if found else [] for found in readings)
    return [
        row
        for row, own in zip(form.rows, lines, strict=True)
        if any(place - 1 in strays or place + 1 in strays for place in own)
    ]


def _adjoin(upper: Row, lower: Row) -> bool:
    """Whether nothing can stand between two rows: lines of one grid that the source itself draws or declares."""
    return upper.origin in _GRIDS and upper.table == lower.table and lower.index == upper.index + 1
