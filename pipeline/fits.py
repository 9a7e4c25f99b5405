"""How each row of a document fits each row of its form: its cells column by column, and what the document as a whole
tells of cells that were lost, ran together, or stand in columns that the form does not know."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

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
from pipeline.datamodel import Cell, Form, FormRow, LabelledRow, Location, Row
from pipeline.support import Budget, BudgetSpent
from pipeline.text import parse_number

_MOST_CELLS = 150_000  # tried in cutting the runs of a document (half a second)
_PARTED = frozenset({"tabs", "pipes"})  # origins in which a separator stands for every cell, unless it was lost
_TWO = "amount", "amount"
_USUAL = 0.2  # the share of rows with blank cells from which on blank cells are usual
_LEADING_ZERO = re.compile(r"\s*0\d")
_UNCOUNTED = re.compile(r"\d[^\d\s.、．)）]")  # a digit and a label, with nothing that makes the digit its number
WITHOUT_PLACES = frozenset({"run", "pipes", "tabs", "spaces", "lines"})  # origins whose columns are only counted


class Fits(dict[tuple[int, int], Fit | None]):
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
        if item.row.origin in WITHOUT_PLACES and filled_cells(item.row):
            tables.setdefault(item.row.table, []).append(item.row)
            if columns.get(next(iter(item.probabilities), ""), 1) > 1:
                wider.add(item.row.table)
    single = {table: rows for table, rows in tables.items() if table not in wider}
    if any(_shows_two(row) for rows in single.values() for row in rows):
        return frozenset(single)
    doubled = {table for table, rows in single.items() if all(_may_be_cut(filled_cells(row)[0], _TWO) for row in rows)}
    apart = {table for table, rows in single.items() if rows[0].origin != "run"}  # rows of one table may be tables
    return frozenset(doubled if apart <= doubled else doubled - apart)


def _shows_two(row: Row) -> bool:
    """Whether a row of one figure by the form prints several, or one that is no number, or names a running total."""
    return len(filled_cells(row)) > 1 or bool(_pairs(row)) or _names_two(row)


def _names_two(row: Row) -> bool:
    """Whether more heads stand above a cell of the row than one."""
    return any("或" in head for head in row.heads)


def filled_cells(row: Row) -> list[Cell]:
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
