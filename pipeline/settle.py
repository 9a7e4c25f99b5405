"""Which of the ways to read each row agree with the identities, as linear equations over all rows together."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.datamodel import Form, Number, Problem
from pipeline.domains import Alternative, Domain
from pipeline.forms import load_forms
from pipeline.support import Budget, supported

_UNIT = 10**6  # decimals are counted in millionths
_SURELY_ABSENT = 0.99  # of a row; one that may stand where it was not found leaves every sum open
Domains = Sequence[Sequence[Alternative]]


@lru_cache(maxsize=8)
def sums_in_rows(form: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """For each row of a form the identities within it, by field."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in _equations(form):
        if len(one.rows) == 1:
            (place,) = one.rows
            row = load_forms()[form].rows[place]
            own = found.setdefault(row.name, {})
            for _, column in (*one.left, *one.right):
                own[row.fields[column]] = (*own.get(row.fields[column], ()), one.id)
    return found


@dataclass(frozen=True, slots=True)
class _Equation:
    """An identity as places (row, column) in the form, left and right."""

    id: str
    left: tuple[tuple[int, int], ...]
    right: tuple[tuple[int, int], ...]

    @property
    def rows(self) -> frozenset[int]:
        return frozenset(row for row, _ in (*self.left, *self.right))


@lru_cache(maxsize=8)
def _equations(form: str) -> tuple[_Equation, ...]:
    places = {
        name: (row, column)
        for row, form_row in enumerate(load_forms()[form].rows)
        for column, name in enumerate(form_row.fields)
    }

    def side(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
        return tuple(places[name] for name in names)

    return tuple(_Equation(one.id, side(one.left), side(one.right)) for one in load_forms()[form].identities)


def settle(
    domains: Sequence[Domain], form: Form
) -> tuple[dict[int, Sequence[Alternative]], Mapping[str, tuple[str, ...]], tuple[Problem, ...]]:
    """For each row with several alternatives those that stay; for each field the identities that its row was held
    against; and a problem where there was too much to ask."""
    every: list[Sequence[Alternative]] = [domain.alternatives for domain in domains]
    open_rows = {place for place, found in enumerate(every) if len(found) > 1}
    if not open_rows:
        return {}, {}, ()
    absent = {place for place, domain in enumerate(domains) if domain.absence >= _SURELY_ABSENT}
    stay, budget, left = every, Budget(), 0
    held: list[_Equation] = []
    while left != (left := sum(map(len, stay))):  # an identity may be able to tell only when a cell is surely printed
        stay, held = _narrowed(stay, every, open_rows, _Asked(_equations(form.name), absent, budget))
        if sum(map(len, stay)) > left:
            break
    asked: dict[str, tuple[str, ...]] = {}
    for one in held:
        for row, column in (*one.left, *one.right):
            name = form.rows[row].fields[column]
            asked[name] = (*asked.get(name, ()), one.id)
    return {place: stay[place] for place in open_rows}, asked, (TOO_MANY_READINGS,) if budget.is_spent else ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The identities of a form, the rows that are surely absent, and what asking may still cost."""

    identities: Sequence[_Equation]
    absent: Container[int]
    budget: Budget

    def usable(self, domains: Domains) -> list[_Equation]:
        """The identities that can tell something of such readings."""
        return [one for one in self.identities if _is_usable(one, domains, self.absent)]


def _narrowed(
    stay: Domains, every: Domains, open_rows: set[int], asked: _Asked
) -> tuple[list[Sequence[Alternative]], list[_Equation]]:
    """The alternatives that some reading of all rows holds, and the identities that they were held against.

    Where no reading satisfies all identities, or the search is too long, what a row says by itself is all that counts.
    """
    usable = asked.usable(stay)
    wrong = _connected([one for one in usable if _fails(one, stay)], usable)
    held = [one for one in usable if one.rows & open_rows and not one.rows & wrong]
    kept = _supported(open_rows - wrong, held, stay, asked.budget)
    lost = open_rows & wrong | {place for place, found in kept.items() if not found}
    narrowed = [every[place] if place in lost else found for place, found in enumerate(stay)]
    if lost:
        alone = [one for one in asked.usable(every) if one.rows <= lost and len(one.rows) == 1]
        alone = [one for one in alone if not _fails(one, every)]
        held = [*(one for one in held if not one.rows & lost), *alone]
        kept |= _supported(lost, alone, every, asked.budget)
    for place, found in kept.items():
        narrowed[place] = tuple(narrowed[place][a] for a in found) if found else narrowed[place]
    return narrowed, held


def _is_usable(equation: _Equation, domains: Domains, absent: Container[int]) -> bool:
    """Whether an identity can tell: every cell is known or one of known values, and both sides print something."""
    for side in (equation.left, equation.right):
        printed = False
        for row, column in side:
            if not domains[row] and row not in absent:
                return False
            states = {one.figures[column].state for one in domains[row]}
            if "unreadable" in states:
                return False
            printed = printed or states == {"printed"}
        if not printed:
            return False
    return True


def _fails(equation: _Equation, domains: Domains) -> bool:
    """Whether an identity holds for no reading of its rows because none of them, or only one, has several."""
    sums = [{_sum(equation, row, one) for one in domains[row]} for row in equation.rows if domains[row]]
    several = [found for found in sums if len(found) > 1]
    if len(several) > 1:
        return False
    fixed = sum(next(iter(found)) for found in sums if len(found) == 1)
    return fixed != 0 if not several else -fixed not in several[0]


def _connected(failed: Sequence[_Equation], equations: Sequence[_Equation]) -> set[int]:
    """The rows that identities join, over however many others, to those of the failed ones."""
    rows = {row for one in failed for row in one.rows}
    reached = 0
    while failed and reached < len(rows):
        reached = len(rows)
        rows |= {row for one in equations if one.rows & rows for row in one.rows}
    return rows


def _supported(
    open_rows: Collection[int], equations: Sequence[_Equation], domains: Domains, budget: Budget
) -> dict[int, tuple[int, ...] | None]:
    """For each open row the places of its alternatives that some reading of all rows holds."""
    places = sorted(open_rows)
    vectors = [[tuple(_sum(one, row, each) for one in equations) for each in domains[row]] for row in places]
    targets = tuple(
        -sum(_sum(one, row, domains[row][0]) for row in one.rows if row not in open_rows and domains[row])
        for one in equations
    )
    return dict(zip(places, supported(vectors, targets, budget), strict=True))


def _sum(equation: _Equation, row: int, alternative: Alternative) -> int:
    """What a reading of a row adds to the left side of an identity, less what it adds to the right, in millionths."""
    figures = alternative.figures
    left = sum(_millionths(figures[column].value) for place, column in equation.left if place == row)
    return left - sum(_millionths(figures[column].value) for place, column in equation.right if place == row)


def _millionths(value: Number | None) -> int:
    return round((value or 0) * _UNIT)


TOO_MANY_READINGS = Problem(
    "decode",
    "too_many_readings",
    "The cells ran together in more ways than can be told apart; see the candidates of what is unreadable.",
)
