"""Rows that belong to no field and are part of a sum all the same: a province's one row for letters and faxes, which
the form has as two. Where they make up just what a sum lacks, the sum says nothing against its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from pipeline.columns import columns_printed, fit_beside_total, runs_of
from pipeline.datamodel import Check, Field, Form, LabelledRow, Location, Number, Row
from pipeline.support import Budget, BudgetSpent
from pipeline.text import parse_number

_SURE = 0.9  # that a row belongs to no field
_TOLERANCE = 1e-6

Place = tuple[int, float]


def made_up(
    checks: Sequence[Check], fields: Mapping[str, Field], labelled: Sequence[LabelledRow], form: Form
) -> frozenset[str]:
    """The failed checks whose sums hold with the rows of no field that stand among the addends or right behind them.

    Only sums over rows of one figure that have an addend which the document does not print.
    """
    failed = [check for check in checks if check.holds is False]
    if not failed:
        return frozenset()
    single = {name: row for row in form.rows if len(row.fields) == 1 for name in row.fields}
    others = list(_figures_of_no_field(labelled, form))
    sums = {one.id: one for one in form.identities if len(one.right) == 1 and set(one.fields) <= single.keys()}
    return frozenset(
        check.id
        for check in failed
        if check.id in sums and any(fields[name].state == "absent" for name in sums[check.id].left)
        if _lacks(check, fields, others)
    )


def _lacks(check: Check, fields: Mapping[str, Field], others: Sequence[tuple[Place, Number]]) -> bool:
    """Whether what the total is more than its addends is what rows of no field print there."""
    places = {name: place for name, field in fields.items() if (place := _place(field.location))}
    own = [places[name] for name in check.fields if name in places]
    if check.left is None or check.right is None or check.right <= check.left or not own:
        return False
    end = min((place for place in places.values() if place > max(own)), default=(max(own)[0] + 1, 0.0))
    among = sum(figure for place, figure in others if min(own) < place < max(own))
    behind = [figure for place, figure in sorted(others) if max(own) < place < end]
    gap = check.right - check.left - among
    return any(abs(gap - more) < _TOLERANCE for more in accumulate(behind, initial=0))


def _figures_of_no_field(labelled: Sequence[LabelledRow], form: Form) -> Iterator[tuple[Place, Number]]:
    """The place and the figure of each row that surely belongs to no field and prints one figure."""
    for item in labelled:
        place = _place(item.row.location)
        figure = _figure(item.row, form) if place and item.row.labels else None
        if place and figure is not None and item.probabilities.get("none", 0.0) >= _SURE:
            yield place, figure


def _figure(row: Row, form: Form) -> Number | None:
    """The one figure of a row; the year's where it ran together with a running total and can be cut in one way only."""
    like = next((one for one in form.rows if len(one.columns) == 1), None)
    filled = [cell for cell in row.cells if cell.text.strip()]
    if like is None or len(filled) != 1:
        return None
    columns = columns_printed(row, like)[0]
    if columns == 1:
        return parse_number(filled[0].text).value
    try:
        fit = fit_beside_total(row, runs_of(row, columns), like, Budget())
    except BudgetSpent:
        return None
    cell = fit.cells[0] if fit and len(fit.readings) == 1 else None
    return parse_number(cell.text).value if cell else None


def _place(location: Location | None) -> Place | None:
    """Where something stands in the order of reading; None where nobody knows."""
    if location is None or not (location.span or location.box):
        return None
    return location.page, float(location.span[0] if location.span else location.box[1] if location.box else 0)
