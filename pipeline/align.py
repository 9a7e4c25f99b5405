"""Rows of a document to the rows of its form, and their cells to fields, with the reasons to believe each figure.

The rows of a form come in the form's order. A hidden Markov model over that order turns the classifier's
probabilities into the probability that a row of the document is a row of the form given all the other rows
(forward-backward; Rabiner 1989). A figure's confidence is the probability of its row, times that of its column, then
judged by the statutory identities. What has two readings is not accepted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from pipeline.columns import (
    BY_ORDER,
    IN_ANOTHER_TABLE,
    Fit,
    columns_printed,
    fit_beside_total,
    fit_columns,
    fit_run,
    has_gap,
    runs_of,
    sums_within,
)
from pipeline.cuts import Sums, cut_run, read_run
from pipeline.datamodel import Cell, Field, Form, FormRow, LabelledRow, Location, Problem, Row
from pipeline.decode import TOO_MANY_READINGS, Reading, decode
from pipeline.forms import load_forms
from pipeline.judge import doubt_neighbours, doubt_order
from pipeline.support import Budget, BudgetSpent
from pipeline.text import parse_number

_SKIPPED = 0.2  # a row of the form that the document leaves out
_JUMP = 1e-2  # any other place in the form: parts of a report in another order
_AGAIN = 1e-4  # the same row of the form a second time
_NAMED = 0.9  # a label so sure that a taught order may stand for the form's
_FLOOR = 1e-5  # the share of rows in which the classifier is sure and wrong
_STRAY = 0.001, 0.05  # the least and the most likely that a row without a label is no row of the form
_UNFIT = 0.2  # a row whose cells do not fit the columns
_NEGLIGIBLE = 0.02
_MOST_CELLS = 150_000  # tried in cutting the runs of a document (half a second)
_WITHOUT_PLACES = frozenset({"run", "pipes", "tabs", "spaces", "lines"})  # origins whose columns are only counted
_PARTED = frozenset({"tabs", "pipes"})  # origins in which a separator stands for every cell, unless it was lost
_TWO = "amount", "amount"
_USUAL = 0.2  # the share of rows with blank cells from which on blank cells are usual
_RESCALED = 16  # rows after which weights are brought back to 1; a row takes at most a factor of 1e-9
_GRIDS = frozenset({"ruled", "tagged", "html", "docx", "pipes", "tabs", "run"})
_LEADING_ZERO = re.compile(r"\s*0\d")
_UNCOUNTED = re.compile(r"\d[^\d\s.、．)）]")  # a digit and a label, with nothing that makes the digit its number


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
    fits = _Fits(labelled, form)
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


def row_shares(
    labelled: Sequence[LabelledRow], form: Form, fits: _Fits, orders: frozenset[tuple[str, str]] = frozenset()
) -> Any:
    """An array (rows of the document x rows of the form) of probabilities; a line's rest is "no row of the form"."""
    if not labelled:
        return np.zeros((0, len(form.rows)))
    plain, taught = _transitions(len(form.rows)), _taught_transitions(form.name, orders)
    return _forward_backward(
        *_emissions(labelled, form, fits), [taught if _is_named(item) else plain for item in labelled]
    )


def _is_named(item: LabelledRow) -> bool:
    """Whether a row's own label says what it is; the order of other rows is all that does, and must be the form's."""
    return bool(item.row.labels) and next(iter(item.probabilities.values()), 0.0) >= _NAMED


def _readings(
    labelled: Sequence[LabelledRow], form: Form, fits: _Fits, orders: frozenset[tuple[str, str]]
) -> list[list[Reading]]:
    """For each row of the form the rows of the document that may be it, likeliest first."""
    shares = row_shares(labelled, form, fits, orders)
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
        self._foreign = _foreign_tables(labelled, form)
        self._doubled = _doubled_tables(labelled, form)
        self._parted = frozenset(
            item.row.table for item in labelled if any(item.row.heads) and not _names_two(item.row)
        )  # tables in which some row's cells are parted as the heads are
        self._blanks = _blanks_are_usual(labelled, form)
        self._ends = _usual_ends(labelled)
        self._budget = Budget(_MOST_CELLS)
        self.gave_up = False  # whether some run was left uncut because there are too many ways

    def __missing__(self, key: tuple[int, int]) -> Fit | None:
        row, place = key
        first = self._alike[place]
        self[key] = self[row, first] if first != place else self._fit(row, self._form.rows[place])
        return self[key]

    def _fit(self, row: int, form_row: FormRow) -> Fit | None:
        own = self._labelled[row].row
        beside = columns_printed(own, form_row)[0] > len(form_row.columns)
        fit = fit_columns(own, form_row, self._form) if own.origin != "run" and not beside else None
        if fit is None:
            fit = self._cut(row, form_row)
        elif self._may_have_lost_a_cell(fit, own, form_row):
            fit = fit._replace(certainty=min(fit.certainty, BY_ORDER))
        doubtful = form_row.table in self._foreign or (beside and own.table in self._parted)
        doubtful = doubtful or (own.table in self._doubled and not beside and not any(own.heads))
        if fit and len(form_row.columns) == 1 and doubtful:
            fit = fit._replace(certainty=min(fit.certainty, IN_ANOTHER_TABLE))
        return fit

    def _is_usual(self, row: Row) -> bool:
        return self._blanks and all(parse_number(cell.text).state != "unreadable" for cell in row.cells)

    def _may_have_lost_a_cell(self, fit: Fit, row: Row, form_row: FormRow) -> bool:
        short = row.cells[-1].column < self._ends.get(row.table, 0)
        first = fit.cells[0]
        if short and len(fit.cells) > 1 and first is not None and not first.text.strip():  # or the label's: a sum holds
            return True
        return has_gap(fit, row, form_row, self._form) and (short or not self._is_usual(row))

    def _cut(self, row: int, form_row: FormRow) -> Fit | None:
        own = self._labelled[row].row
        columns = columns_printed(own, form_row)[0]
        runs = _runs(self._labelled, row, columns)
        foreign, parted = form_row.table in self._foreign, own.origin != "run"
        if not runs or (foreign and parted):  # a cell is gone, nobody knows which, nor whether it was blank
            return None
        try:
            if columns > len(form_row.columns):
                return fit_beside_total(own, runs, form_row, self._budget)
            return fit_run(runs, form_row, self._form, parted=parted, unseen=foreign, budget=self._budget)
        except BudgetSpent:
            self.gave_up = True
            return None


def _with_longer(row: Row, following: Row) -> tuple[Cell, ...]:
    """The run of a row, and the longer one where the label after it begins with a digit that may be the run's."""
    cell = row.cells[0]
    label = following.labels[-1] if following.labels and following.table == row.table else ""
    if not (_UNCOUNTED.match(label) and cell.text[-1:].isdigit()):
        return (cell,)
    place = cell.location.span
    longer = (place[0], place[1] + 1) if place else None
    return cell, cell._replace(text=cell.text + label[0], location=Location(cell.location.page, span=longer))


def _foreign_tables(labelled: Sequence[LabelledRow], form: Form) -> frozenset[str]:
    """The tables of the form of which some run cannot be cut as the form has it: blank cells left no trace there, or
    there are columns that the form does not know. The name of a group may look like a row that prints nothing."""
    rows = {row.name: row for row in form.rows}
    runs = [
        (rows[name], found, _kinds_printed(item.row, rows[name]))
        for place, item in enumerate(labelled)
        if item.row.labels and (name := next(iter(item.probabilities), "")) in rows
        if (found := _runs(labelled, place, columns_printed(item.row, rows[name])[0]) or _pairs(item.row))
    ]
    filled = {row.name for row, found, _ in runs if read_run(found[0].text).text}
    due = (one for one in runs if one[0].name not in filled or read_run(one[1][0].text).text)
    return frozenset(
        row.table
        for row, (own, *longer), kinds in due
        if not _may_be_cut(own, kinds)
        and not any(_may_be_cut(cell, kinds, sums_within(form.name, row.name)) for cell in longer)
    )


def _may_be_cut(cell: Cell, kinds: tuple[str, ...], sums: Sums = ()) -> bool:
    return cut_run(read_run(cell.text), kinds, sums).found != ()


def _runs(labelled: Sequence[LabelledRow], place: int, columns: int) -> tuple[Cell, ...]:
    """The run of a row, and the longer one where the label after it may lend it a digit; nothing for other rows."""
    row = labelled[place].row
    found = runs_of(row, columns)
    if not found or row.origin != "run" or place + 1 == len(labelled):
        return found
    return _with_longer(row, labelled[place + 1].row)


def _kinds_printed(row: Row, form_row: FormRow) -> tuple[str, ...]:
    return form_row.kinds * columns_printed(row, form_row)[0] if len(form_row.kinds) == 1 else form_row.kinds


def _doubled_tables(labelled: Sequence[LabelledRow], form: Form) -> frozenset[int]:
    """The tables with one figure a row by the form in which one without a head may be two: every figure of the table
    may be cut in two, or another row of the document shows a second column beside the form's."""
    columns = {row.name: len(row.columns) for row in form.rows}
    tables: dict[int, list[Row]] = {}
    wider = set()
    for item in labelled:
        if item.row.origin in _WITHOUT_PLACES and _filled(item.row):
            tables.setdefault(item.row.table, []).append(item.row)
            if columns.get(next(iter(item.probabilities), ""), 1) > 1:
                wider.add(item.row.table)
    single = {table: rows for table, rows in tables.items() if table not in wider}
    if any(_shows_two(row) for rows in single.values() for row in rows):
        return frozenset(single)
    doubled = {table for table, rows in single.items() if all(_may_be_cut(_filled(row)[0], _TWO) for row in rows)}
    apart = {table for table, rows in single.items() if rows[0].origin != "run"}  # rows of one table may be tables
    return frozenset(doubled if apart <= doubled else doubled - apart)


def _shows_two(row: Row) -> bool:
    """Whether a row of one figure by the form prints several, or one that is no number, or names a running total."""
    return len(_filled(row)) > 1 or bool(_pairs(row)) or _names_two(row)


def _names_two(row: Row) -> bool:
    """Whether more heads stand above a cell of the row than one."""
    return any("或" in head for head in row.heads)


def _filled(row: Row) -> list[Cell]:
    return [cell for cell in row.cells if cell.text.strip()]


def _pairs(row: Row) -> tuple[Cell, ...]:
    """The only cell of a row where it must be two that ran together: `00`, `07`."""
    return row.cells if len(row.cells) == 1 and _LEADING_ZERO.match(row.cells[0].text) else ()


def _blanks_are_usual(labelled: Sequence[LabelledRow], form: Form) -> bool:
    """Whether so many rows have blank cells that one says nothing of a figure that left it."""
    known = {row.name: len(row.columns) for row in form.rows}
    named = ((known.get(next(iter(item.probabilities), "")), item.row.cells) for item in labelled)
    gaps = [not all(cell.text.strip() for cell in cells[-wanted:]) for wanted, cells in named if wanted]
    return sum(gaps) > max(2, _USUAL * len(gaps))


def _usual_ends(labelled: Sequence[LabelledRow]) -> dict[int, int]:
    """In which column the rows of a table end that separators part, where most end in one: a shorter row has lost a
    cell, on its left or between its figures."""
    ends: dict[int, list[int]] = {}
    for item in labelled:
        if item.row.origin in _PARTED:
            ends.setdefault(item.row.table, []).append(item.row.cells[-1].column)
    usual = {table: Counter(found).most_common(1)[0] for table, found in ends.items()}
    return {table: end for table, (end, count) in usual.items() if 2 * count > len(ends[table])}


def _rows_alike(form: Form) -> list[int]:
    """For each row of the form the first one that has its columns and sums."""
    first: dict[object, int] = {}
    shapes = ((row.table, row.columns, row.kinds, sums_within(form.name, row.name)) for row in form.rows)
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


@lru_cache(maxsize=32)
def _taught_transitions(name: str, orders: frozenset[tuple[str, str]]) -> Any:
    """Like `_transitions` of the form of this name, with rows that follow one another in a taught layout as likely as
    those that do so in the form."""
    places = {row.name: place for place, row in enumerate(load_forms()[name].rows)}
    weights = _transitions(len(places)).copy()
    for before, after in orders:
        if after in places and (not before or before in places):
            line = weights[places[before] + 1 if before else 0]
            line[places[after]] = line.max()
    return weights / weights.sum(axis=1, keepdims=True)


def _forward_backward(matched: Any, outside: Any, steps: Sequence[Any]) -> Any:
    """Posterior of each (row, place); states are the place of the last matched row, 0 before the first. `steps` are
    the transitions onto each row."""
    count, places = matched.shape
    onto = np.zeros((count, places + 1))
    onto[:, 1:] = matched
    different = {id(one): one for one in steps}  # few: the rows of a table share theirs
    padded = {name: np.pad(one, ((0, 0), (1, 0))) for name, one in different.items()}
    moves = [padded[id(one)] for one in steps]
    stay = outside.tolist()
    before, into = _forward(onto, stay, moves)
    after = _backward(onto, stay, moves)
    joint = (into * after)[:, 1:]
    return joint / (joint.sum(axis=1) + outside * (before * after).sum(axis=1))[:, None]


def _forward(onto: Any, stay: Sequence[float], moves: Sequence[Any]) -> tuple[Any, Any]:
    """For each row the weight of each state before it, and of each state entered by it, up to a factor a row."""
    before, into = np.empty_like(onto), np.empty_like(onto)
    alpha = np.zeros(onto.shape[1])
    alpha[0] = 1.0
    for i, outside in enumerate(stay):
        if i % _RESCALED == 0:
            alpha = alpha / alpha.sum()
        before[i] = alpha
        entered = np.multiply(alpha @ moves[i], onto[i], out=into[i])
        alpha = alpha * outside + entered
    return before, into


def _backward(onto: Any, stay: Sequence[float], moves: Sequence[Any]) -> Any:
    """For each row the weight of all that may follow it, by the state after it, up to a factor a row."""
    after = np.empty_like(onto)
    beta = np.ones(onto.shape[1])
    for i in reversed(range(len(stay))):
        if i % _RESCALED == 0:
            beta = beta / beta.max()
        after[i] = beta
        beta = moves[i] @ (onto[i] * beta) + stay[i] * beta
    return after


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
        if place not in taken and not item.row.labels and item.row.origin in _WITHOUT_PLACES and _filled(item.row)
    }
    beside = strays and [found and {found[0].row - 1, found[0].row + 1} & strays for found in readings]
    return [row for row, near in zip(form.rows, beside, strict=True) if near] if beside else []


def _adjoin(upper: Row, lower: Row) -> bool:
    """Whether nothing can stand between two rows: lines of one grid that the source itself draws or declares."""
    return upper.origin in _GRIDS and upper.table == lower.table and lower.index == upper.index + 1
