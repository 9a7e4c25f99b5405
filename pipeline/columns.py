"""Which cell of a row stands in which column of the form: by the heads above the cells, else by their number; and
where cells ran together, by every way to cut the run that the sums of the row allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

from pipeline.cuts import Cuts, Run, Sums, cut_run, read_run
from pipeline.datamodel import Cell, Form, FormRow, Location, Row
from pipeline.forms import load_forms, running_total_keys
from pipeline.support import Budget, BudgetSpent
from pipeline.text import label_key, parse_number

BY_HEADS = 0.9995  # every column has its own head
BY_SOME_HEADS = 0.995  # heads that were recognised agree with the order, the others are missing
BY_ORDER = 0.98  # as many cells as columns and no head at all
THE_ONLY_ONE = 0.992  # one cell for one column, and no head
AGAINST_HEADS = 0.3  # a head of another column stands above a cell
MOVED_HEADS = 0.9  # heads in another order than the form's, in a table that may have lost cells
WITHOUT_SUMS = 0.9  # cells known only by their number, and a sum within the row that does not hold
BY_ORDER_AGAINST_HEADS = 0.85  # as many cells as columns under heads that say something unknown
ALIKE = 0.9995  # every cell prints the same, so that the order cannot matter
BY_SUMS = 0.9995  # as many cells as columns, no head against it, and every sum within the row holds
BY_CUT = 0.997  # a run of digits, cut as the sums within the row have it
BY_COUNT = 0.9975  # the most where only blanks or line ends part cells: a failed sum need not be the report's own
IN_ANOTHER_TABLE = 0.3  # a run in a table whose other runs cannot be those of the form
NOTHING_PRINTED = 0.9  # a label and no run at all: blank, or lost

_COUNTED = frozenset({"tabs", "pipes", "lines", "spaces"})
_LOOSE = frozenset({"lines", "spaces"})  # whose cells nothing holds in their row
_UNDRAWN = _COUNTED | {"words"}


Cells = tuple[Cell | None, ...]


class Fit(NamedTuple):
    """The cell of each column of the form row (None where the table has no such column) and how sure that is.

    Cells that ran together may be cut in several ways, each a reading; `by_sums` where the sums of the row ruled out
    others.
    """

    readings: tuple[Cells, ...]
    certainty: float
    by_sums: bool = False
    most: float = 1.0  # that a cell can be, however sure the row

    @property
    def cells(self) -> Cells:
        """The cells of the first reading."""
        return self.readings[0]


def fit_columns(row: Row, form_row: FormRow, form: Form) -> Fit | None:
    """The cells of a row in the order of the form's columns; None where heads and number of cells settle nothing."""
    if row.origin == "run":
        try:
            return fit_run(runs_of(row, len(form_row.columns)), form_row, form)
        except BudgetSpent:
            return None
    wanted = len(form_row.columns)
    found = _columns_of(row.heads, form_row.columns, form.name)
    matched = [column for column in found if column is not None]
    if len(matched) != len(set(matched)) and row.origin not in _COUNTED:
        return None
    if row.origin == "lines" and matched != sorted(set(matched)):  # heads of two levels one after the other
        row, found, matched = replace(row, heads=("",) * len(row.heads)), (None,) * len(found), []
    if len(set(matched)) == wanted == len(matched) and _rest_is_empty(row, found):
        cells = _by_heads(row, found, wanted)
        sums = _sums_hold(cells, form_row, form.name) if row.origin in _COUNTED else None
        return _fit(row, cells, _certainty_of_heads(row, matched, sums))
    kept = _as_many(row.cells, wanted)
    if kept is None:
        return None
    return _fit(row, kept, _certainty(row, kept, form_row, form.name))


def _fit(row: Row, cells: Cells, certainty: float) -> Fit:
    return Fit((cells,), certainty, most=BY_COUNT if row.origin in _LOOSE else 1.0)


def has_gap(fit: Fit, row: Row, form_row: FormRow, form: Form) -> bool:
    """Whether a blank cell may be the trace of a figure that moved into its neighbour: in a table whose columns nobody
    drew, in a row whose sums do not say otherwise."""
    cells = fit.cells
    if row.origin not in _UNDRAWN or all(cell is None or cell.text.strip() for cell in cells):
        return False
    if len(cells) == 1:
        return True
    totals = [cells[right] for _, right in sums_within(form.name, form_row.name)]
    told = bool(totals) and all(cell is not None and cell.text.strip() for cell in totals)
    return not (told and _sums_hold(cells, form_row, form.name))


def runs_of(row: Row, wanted: int) -> tuple[Cell, ...]:
    """The run of digits in a row: its cell where all ran together, its cells in one where some did; else nothing."""
    if row.origin == "run":
        return row.cells[:1]
    least = 1 if row.labels else max(wanted - 1, 6)
    if row.origin not in _COUNTED or not least <= len(row.cells) < wanted:
        return ()
    filled = [cell for cell in row.cells if cell.text.strip()]
    if len(filled) < len(row.cells):
        return ()
    spans = [cell.location.span for cell in filled if cell.location.span]
    span = (spans[0][0], spans[-1][1]) if spans else None
    return (filled[0]._replace(text=" ".join(cell.text for cell in filled), location=Location(span=span)),)


def fit_run(
    runs: Sequence[Cell],
    form_row: FormRow,
    form: Form,
    *,
    parted: bool = False,
    unseen: bool = False,
    budget: Budget | None = None,
) -> Fit | None:
    """Every way to cut a run of digits into the cells of the form row, by its sums where one way satisfies them.

    `runs` are the run and, where the label after it may lend it a digit, the longer run. With `parted` blanks surely
    part cells, with `unseen` any cell may be blank without a trace. None where the run cannot be cut. Raises
    BudgetSpent where there are too many ways, or the budget of cells to try is spent.
    """
    sums = sums_within(form.name, form_row.name)
    if len(runs) == 1 and (bordered := _bordered(runs[0], form_row.kinds)):
        holds = _sums_hold(bordered, form_row, form.name) is not False
        return Fit((bordered,), _certainty_of_cuts((bordered,), sums, holds))
    budget = budget or Budget()
    summed = _cuts_of(runs, partial(cut_run, kinds=form_row.kinds, sums=sums, parted=parted, unseen=unseen), budget)
    if summed is None:
        raise BudgetSpent
    free = (
        _cuts_of(runs, partial(cut_run, kinds=form_row.kinds, sums=(), parted=parted, unseen=unseen), budget)
        if sums
        else summed
    )
    readings = summed or free
    if not readings:
        return None
    ruled_out = bool(sums and summed) and (free is None or len(free) > len(summed))
    most = BY_ORDER if len(read_run(runs[0].text).parts) > len(form_row.kinds) else 1.0  # or two rows in one
    return Fit(readings, _certainty_of_cuts(readings, sums, bool(summed)), ruled_out, most)


def columns_printed(row: Row, form_row: FormRow) -> tuple[int, int]:
    """How many columns of figures stand under the one head that a row of one cell has, and which is the form's: a
    running total beside the year's figure that it ran together with makes them two."""
    if not len(row.heads) == 1 == len(form_row.columns):
        return len(form_row.columns), 0
    heads = row.heads[0].split("或")
    own = [place for place, head in enumerate(heads) if head.rsplit("/", 1)[-1] not in running_total_keys()]
    return (len(heads), own[0]) if len(own) == 1 else (len(form_row.columns), 0)


def fit_beside_total(row: Row, runs: Sequence[Cell], form_row: FormRow, budget: Budget) -> Fit | None:
    """Every way to cut the year's figure off the running total beside it; None where there are too few digits.

    A blank that parts the two so that the year's is no larger is where they are cut, but too little to be sure of.
    Raises BudgetSpent where there are too many ways.
    """
    count, own = columns_printed(row, form_row)
    kinds = form_row.kinds * count
    found = _cuts_of(runs, partial(cut_run, kinds=kinds, sums=(), parted=row.origin != "run"), budget)
    if found is None:
        raise BudgetSpent
    readings = tuple(dict.fromkeys((cells[own],) for cells in found))
    bordered = _bordered(runs[0], kinds) if len(readings) > 1 == len(runs) else None
    if bordered and all(_value(bordered[own]) <= _value(cell) for cell in bordered):
        return Fit(((bordered[own],),), BY_ORDER)
    return Fit(readings, THE_ONLY_ONE, most=BY_COUNT) if readings else None


def _value(cell: Cell | None) -> float:
    return float(parse_number(cell.text).value or 0) if cell else 0.0


def _bordered(cell: Cell, kinds: tuple[str, ...]) -> Cells | None:
    """The cells of a run whose blanks part as many as the row has."""
    run = read_run(cell.text)
    if not 1 < len(kinds) == len(run.parts) or run.parts not in (cut_run(run, kinds, (), parted=True).found or ()):
        return None
    return tuple([_cut_out(cell, run, part) for part in run.parts])


def _cuts_of(runs: Sequence[Cell], cut: Callable[[Run], Cuts], budget: Budget) -> tuple[Cells, ...] | None:
    """All cuts of the runs as cells; None where there are too many."""
    found: list[Cells] = []
    for cell in runs:
        run = read_run(cell.text)
        cuts = cut(run)
        budget.spend(cuts.steps)
        if cuts.found is None:
            return None
        found += [tuple([_cut_out(cell, run, span) for span in spans]) for spans in cuts.found]
    return tuple(found)


def _cut_out(cell: Cell, run: Run, cut: tuple[int, int]) -> Cell:
    """A part of a run as a cell of its own, at its own place where the source has it to the letter."""
    start, end = run.span(cut)
    whole = cell.location.span
    exact = whole is not None and whole[1] - whole[0] == len(cell.text)
    place = Location(cell.location.page, span=(whole[0] + start, whole[0] + end)) if whole and exact else cell.location
    return cell._replace(text=run.text[cut[0] : cut[1]], location=place)


def _certainty_of_cuts(readings: Sequence[Cells], sums: Sums, summed: bool) -> float:
    texts = [[cell.text if cell else "" for cell in cells] for cells in readings]
    if not any(texts[0]) or any(not row[right] for row in texts for _, right in sums):
        return NOTHING_PRINTED  # no total, no sum
    if len(readings) == 1 and len(texts[0]) > 1 and len(set(texts[0])) == 1:
        return ALIKE
    if sums:
        return BY_CUT if summed else WITHOUT_SUMS
    return THE_ONLY_ONE if len(texts[0]) == 1 else BY_ORDER


def _certainty_of_heads(row: Row, matched: Sequence[int], sums: bool | None) -> float:
    """Heads over all cells settle columns that are positions; where columns are counts, a cell may be lost."""
    if row.origin not in _COUNTED:
        return BY_HEADS
    return MOVED_HEADS if list(matched) != sorted(matched) or sums is False else BY_HEADS


def _rest_is_empty(row: Row, found: Sequence[int | None]) -> bool:
    return not any(cell.text.strip() for cell, column in zip(row.cells, found, strict=True) if column is None)


def _by_heads(row: Row, found: Sequence[int | None], wanted: int) -> tuple[Cell | None, ...]:
    cells: list[Cell | None] = [None] * wanted
    for cell, column in zip(row.cells, found, strict=True):
        if column is not None:
            cells[column] = cell
    return tuple(cells)


def _as_many(cells: Sequence[Cell], wanted: int) -> tuple[Cell, ...] | None:
    """The cells without empty ones on the left (they belong to the label) or on the right, if they are as many."""
    kept = list(cells)
    while len(kept) > wanted and not kept[0].text.strip():
        kept.pop(0)
    while len(kept) > wanted and not kept[-1].text.strip():
        kept.pop()
    return tuple(kept) if len(kept) == wanted else None


def _certainty(row: Row, cells: Sequence[Cell], form_row: FormRow, form: str) -> float:
    """How sure the order of the cells is, by what heads there are and by the sums within the row."""
    certainty, sums = _certainty_of_order(row, cells, form_row, form), _sums_hold(cells, form_row, form)
    if sums and certainty >= BY_ORDER_AGAINST_HEADS:
        return BY_SUMS
    return min(certainty, WITHOUT_SUMS) if sums is False and row.origin in _COUNTED else certainty


def _certainty_of_order(row: Row, cells: Sequence[Cell], form_row: FormRow, form: str) -> float:
    if len(cells) > 1 and len({cell.text.strip() for cell in cells}) == 1:
        return ALIKE
    heads = [head for cell, head in zip(row.cells, row.heads, strict=True) if cell in cells]
    agree = [
        _agrees(head, column, form_row.columns, form) for head, column in zip(heads, form_row.columns, strict=True)
    ]
    if False in agree:
        return AGAINST_HEADS
    if all(agree):
        return BY_HEADS
    if any(agree):
        unnamed = [cell for cell, verdict in zip(cells, agree, strict=True) if verdict is None]
        return BY_SOME_HEADS if all(cell.text.strip() for cell in unnamed) else BY_ORDER_AGAINST_HEADS
    if any(heads):
        return BY_ORDER_AGAINST_HEADS
    return BY_ORDER if len(cells) > 1 else THE_ONLY_ONE


def _agrees(head: str, column: str, columns: tuple[str, ...], form: str) -> bool | None:
    """Whether a head, its groups aside, is that of a column; None where it is empty or of no column of the row."""
    last = label_key(head.rsplit("/", 1)[-1])
    if not last:
        return None
    if any(last == wording[-1] for wording in _wordings(form, column)):
        return True
    elsewhere = any(last == wording[-1] for other in columns for wording in _wordings(form, other))
    return False if elsewhere else None


def _sums_hold(cells: Sequence[Cell | None], form_row: FormRow, form: str) -> bool | None:
    """Whether all sums that the form has within this row hold; None where nothing can tell: all figures are zero, or
    the row has no sums and no empty cell."""
    texts = [cell.text.strip() if cell else "" for cell in cells]
    values = [parse_number(text).value or 0 for text in texts]
    sums = sums_within(form, form_row.name)
    if not any(values):
        return None
    if not sums:  # a lost cell would have moved the others up and left an empty one at the end
        return None if all(texts) else False
    return all(abs(sum(values[i] for i in left) - values[right]) < 1e-6 for left, right in sums)


@lru_cache(maxsize=256)
def sums_within(form: str, row: str) -> Sums:
    """The identities whose cells all stand in one row, as places of their addends and of their total."""
    fields = next(item.fields for item in load_forms()[form].rows if item.name == row)
    return tuple(
        (tuple(map(fields.index, identity.left)), fields.index(identity.right[0]))
        for identity in load_forms()[form].identities
        if len(identity.right) == 1 and len(fields) > 1 and set(identity.fields) <= set(fields)
    )


@lru_cache(maxsize=4096)
def _columns_of(heads: tuple[str, ...], columns: tuple[str, ...], form: str) -> tuple[int | None, ...]:
    return tuple(_column_of(head, columns, form) for head in heads)


@lru_cache(maxsize=4096)
def _column_of(head: str, columns: tuple[str, ...], form: str) -> int | None:
    """The place among `columns` of the one that a head path names; None for an unknown or ambiguous head."""
    path = [label_key(part) for part in head.split("/") if part]
    found = [i for i, column in enumerate(columns) if any(_names(path, words) for words in _wordings(form, column))]
    return found[0] if len(found) == 1 else None


def _names(path: Sequence[str], wording: Sequence[str]) -> bool:
    """Whether the last part of a wording ends the path of heads (in one piece or several) and its groups are above."""
    whole = "".join(path)
    *groups, last = wording
    at_end = bool(path) and (path[-1] == last or (whole.endswith(last) and len(last) > 2))
    return at_end and all(group in whole for group in groups)


@lru_cache(maxsize=512)
def _wordings(form: str, column: str) -> tuple[tuple[str, ...], ...]:
    wordings: Mapping[str, tuple[str, ...]] = load_forms()[form].column_wordings
    return tuple(tuple(label_key(part) for part in wording.split("/")) for wording in wordings[column])
