"""Rows of a document to the rows of its form, and their cells to fields, with the reasons to believe each figure.

The rows of a form come in the form's order. A hidden Markov model over that order turns the classifier's
probabilities into the probability that a row of the document is a row of the form given all the other rows
(forward-backward; Rabiner 1989). A figure's confidence is the probability of its row, times that of its column, then
judged by the statutory identities. What has two readings is not accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from pipeline.columns import Fit, fit_columns, sums_within
from pipeline.datamodel import Cell, Field, Form, FormRow, LabelledRow, Number, Row
from pipeline.text import parse_number

_SKIPPED = 0.2  # a row of the form that the document leaves out
_JUMP = 1e-2  # any other place in the form: parts of a report in another order
_AGAIN = 1e-4  # the same row of the form a second time
_FLOOR = 1e-5  # the share of rows in which the classifier is sure and wrong
_STRAY = 0.001, 0.05  # the least and the most likely that a row without a label is no row of the form
_UNFIT = 0.2  # a row whose cells do not fit the columns
_NEGLIGIBLE = 0.02
_RESCALED = 16  # rows after which weights are brought back to 1; a row takes at most a factor of 1e-9
_GRIDS = frozenset({"ruled", "tagged", "html", "docx", "pipes", "tabs"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of the document read as one row of the form, with the probability that it is that row."""

    row: int
    share: float
    fit: Fit | None


def align(labelled: Sequence[LabelledRow], form: Form, threshold: float) -> dict[str, Field]:
    """A field for each field of the form, in the form's order, with its confidence before any identity is asked.

    Fields whose row no row of the document may be are "absent"; cells that are there but settle nothing are
    "unreadable". What reaches the threshold is accepted until the identities accuse it.
    """
    readings = _readings(labelled, form)
    fields = {
        field.name: field
        for form_row, row_readings in zip(form.rows, readings, strict=True)
        for field in _fields(form_row, row_readings, labelled, threshold)
    }
    return _with_sure_absences(fields, readings, form, labelled, threshold)


def row_shares(labelled: Sequence[LabelledRow], form: Form, fits: _Fits) -> Any:
    """An array (rows of the document x rows of the form) of probabilities; a line's rest is "no row of the form"."""
    if not labelled:
        return np.zeros((0, len(form.rows)))
    return _forward_backward(*_emissions(labelled, form, fits), _transitions(len(form.rows)))


def _readings(labelled: Sequence[LabelledRow], form: Form) -> list[list[Reading]]:
    """For each row of the form the rows of the document that may be it, likeliest first."""
    fits = _Fits(labelled, form)
    shares = row_shares(labelled, form, fits)
    found: list[list[Reading]] = [[] for _ in form.rows]
    for i, place in np.argwhere(shares > _NEGLIGIBLE).tolist():
        found[place].append(Reading(i, float(shares[i, place]), fits[i, place]))
    return [sorted(readings, key=lambda reading: (-reading.share, reading.row)) for readings in found]


class _Fits(dict[tuple[int, int], Fit | None]):
    """How each row of the document fits each row of the form, found when first asked for.

    Rows of the form with the same columns and the same sums over them are fitted alike.
    """

    def __init__(self, labelled: Sequence[LabelledRow], form: Form) -> None:
        super().__init__()
        self._labelled, self._form = labelled, form
        self._alike = _rows_alike(form)

    def __missing__(self, key: tuple[int, int]) -> Fit | None:
        row, place = key
        first = self._alike[place]
        if first == place:
            self[key] = fit_columns(self._labelled[row].row, self._form.rows[place], self._form)
        else:
            self[key] = self[row, first]
        return self[key]


def _rows_alike(form: Form) -> list[int]:
    """For each row of the form the first one that has its columns and sums."""
    first: dict[object, int] = {}
    shapes = ((row.columns, sums_within(form.name, row.name)) for row in form.rows)
    return [first.setdefault(shape, place) for place, shape in enumerate(shapes)]


def _emissions(labelled: Sequence[LabelledRow], form: Form, fits: _Fits) -> tuple[Any, Any]:
    """How well each row of the document goes with each row of the form, and with none."""
    places = {row.name: place for place, row in enumerate(form.rows)}
    matched = np.full((len(labelled), len(places)), _FLOOR)
    outside = np.zeros(len(labelled))
    for i, item in enumerate(labelled):
        if item.row.labels:
            outside[i] = _outside(item, places)
            for place, share in ((places[name], share) for name, share in item.probabilities.items() if name in places):
                matched[i, place] += share if fits[i, place] else share * _UNFIT
        else:  # its neighbours and its shape say what it is; the classifier has nothing to go by
            certainties = [fit.certainty if (fit := fits[i, place]) else 0.0 for place in range(len(places))]
            matched[i] = [1.0 if certainty else _FLOOR for certainty in certainties]
            outside[i] = min(max(1 - max(certainties), _STRAY[0]), _STRAY[1])
    return matched, outside


def _outside(item: LabelledRow, places: Mapping[str, int]) -> float:
    """The probability that a row is no row of this form."""
    return _FLOOR + sum(share for name, share in item.probabilities.items() if name not in places)


@lru_cache(maxsize=8)
def _transitions(count: int) -> Any:
    """From the place of the last matched row (0 is before the first) to the place of the next."""
    steps = np.arange(count)[None, :] - np.arange(-1, count)[:, None]
    weights = np.where(steps > 0, np.maximum(_SKIPPED ** (steps - 1.0), _JUMP), _JUMP)
    weights[steps == 0] = _AGAIN
    return weights / weights.sum(axis=1, keepdims=True)


def _forward_backward(matched: Any, outside: Any, steps: Any) -> Any:
    """Posterior of each (row, place); states are the place of the last matched row, 0 before the first."""
    count, places = matched.shape
    onto = np.zeros((count, places + 1))
    onto[:, 1:] = matched
    moves = np.zeros((places + 1, places + 1))
    moves[:, 1:] = steps
    stay = outside.tolist()
    before, into = _forward(onto, stay, moves)
    after = _backward(onto, stay, moves)
    joint = (into * after)[:, 1:]
    return joint / (joint.sum(axis=1) + outside * (before * after).sum(axis=1))[:, None]


def _forward(onto: Any, stay: Sequence[float], moves: Any) -> tuple[Any, Any]:
    """For each row the weight of each state before it, and of each state entered by it, up to a factor a row."""
    before, into = np.empty_like(onto), np.empty_like(onto)
    alpha = np.zeros(onto.shape[1])
    alpha[0] = 1.0
    for i, outside in enumerate(stay):
        if i % _RESCALED == 0:
            alpha = alpha / alpha.sum()
        before[i] = alpha
        entered = np.multiply(alpha @ moves, onto[i], out=into[i])
        alpha = alpha * outside + entered
    return before, into


def _backward(onto: Any, stay: Sequence[float], moves: Any) -> Any:
    """For each row the weight of all that may follow it, by the state after it, up to a factor a row."""
    after = np.empty_like(onto)
    beta = np.ones(onto.shape[1])
    for i in reversed(range(len(stay))):
        if i % _RESCALED == 0:
            beta = beta / beta.max()
        after[i] = beta
        beta = moves @ (onto[i] * beta) + stay[i] * beta
    return after


def _fields(
    form_row: FormRow, readings: Sequence[Reading], labelled: Sequence[LabelledRow], threshold: float
) -> Iterator[Field]:
    """What the likely rows together say about the fields of a row of the form."""
    says = [list(_says(form_row, reading, labelled, threshold)) for reading in readings]
    if len(says) == 1:
        yield from says[0]
        return
    for column, name in enumerate(form_row.fields):
        yield _agreed([fields[column] for fields in says], threshold) if says else Field(name, None, "absent")


def _agreed(says: Sequence[Field], threshold: float) -> Field:
    """One figure where the readings agree or one is far likelier than the others, else none."""
    best = max(says, key=lambda field: field.confidence)
    same = [field for field in says if (field.state, field.value) == (best.state, best.value)]
    others = [field for field in says if field not in same]
    if not others or max(field.confidence for field in others) < best.confidence / 20:
        doubt = 1.0 if len(same) > 1 else 1 - sum(field.confidence for field in others)
        confidence = min(1.0, sum(field.confidence for field in same)) * max(doubt, 0.0)
        return replace(best, confidence=confidence, accepted=best.state != "unreadable" and confidence >= threshold)
    candidates = {value for field in says for value in (field.value, *field.candidates) if value is not None}
    found = tuple(sorted(candidates))
    return replace(best, value=None, state="unreadable", confidence=0.0, accepted=False, candidates=found)


def _says(form_row: FormRow, reading: Reading, labelled: Sequence[LabelledRow], threshold: float) -> Iterator[Field]:
    """What one row of the document says, read as a row of the form."""
    if reading.fit is None:
        row = labelled[reading.row].row
        numbers = tuple(dict.fromkeys(number for cell in row.cells for number in _numbers(cell)))
        raw = " ".join(cell.text for cell in row.cells)
        yield from (Field(name, None, "unreadable", raw, 0.0, False, row.location, numbers) for name in form_row.fields)
        return
    sure = reading.share * reading.fit.certainty
    for name, cell in zip(form_row.fields, reading.fit.cells, strict=True):
        if cell is None:
            yield Field(name, None, "absent")
            continue
        parsed = parse_number(cell.text)
        readable = parsed.state != "unreadable"
        confidence, accepted = (sure, sure >= threshold) if readable else (0.0, False)
        yield Field(name, parsed.value, parsed.state, cell.text, confidence, accepted, cell.location, parsed.candidates)


def _numbers(cell: Cell) -> Iterator[Number]:
    parsed = parse_number(cell.text)
    yield from parsed.candidates if parsed.value is None else (parsed.value,)


def _with_sure_absences(
    fields: dict[str, Field],
    readings: Sequence[Sequence[Reading]],
    form: Form,
    labelled: Sequence[LabelledRow],
    threshold: float,
) -> dict[str, Field]:
    """Rows left out between two that stand next to each other in one declared grid, and named nowhere, are surely
    not printed."""
    tops = [row_readings[0] if row_readings else None for row_readings in readings]
    for place, form_row in enumerate(form.rows):
        if tops[place] is not None:
            continue
        before = next((top for top in reversed(tops[:place]) if top), None)
        after = next((top for top in tops[place + 1 :] if top), None)
        named = any(item.probabilities.get(form_row.name, 0) > _NEGLIGIBLE for item in labelled)
        if before and after and not named and _adjoin(labelled[before.row].row, labelled[after.row].row):
            sure = min(before.share, after.share)
            for name in form_row.fields:
                fields[name] = Field(name, None, "absent", confidence=sure, accepted=sure >= threshold)
    return fields


def _adjoin(upper: Row, lower: Row) -> bool:
    """Whether nothing can stand between two rows: lines of one grid that the source itself draws or declares."""
    return upper.origin in _GRIDS and upper.table == lower.table and lower.index == upper.index + 1
