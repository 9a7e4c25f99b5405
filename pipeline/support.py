"""Which alternatives of several rows take part in at least one choice, one from each row, that solves linear equations.

Exact: first for each equation alone, which rules out most, then for all of them together as one sum of vectors, whose
partial sums are found from both ends and met in the middle, so that the work grows with the square root of the number
of choices. Worst case: `MOST_STEPS` additions for a document (less than a second), then the answer is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import log

MOST_STEPS = 1_000_000
_WIDTH = 160  # bits for each equation's sum in one number, sign and room for sums of 2**150 included

Vector = tuple[int, ...]
Kept = tuple[int, ...]


class Budget:
    """The additions that a document may still cost."""

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Raises BudgetSpent where there are not so many left."""
        self._left -= steps
        if self._left < 0:
            raise BudgetSpent

    @property
    def is_spent(self) -> bool:
        return self._left < 0


class BudgetSpent(Exception):
    """The search was given up."""


def supported(rows: Sequence[Sequence[Vector]], targets: Vector, budget: Budget) -> list[Kept | None]:
    """For each row the places of its alternatives that are part of a solution; none at all where the equations that
    the row takes part in have no solution, None where the budget does not reach.

    `rows[i][a][e]` is what alternative a of row i adds to the left side of equation e, `targets[e]` its right side.
    """
    kept: list[Kept | None] = [tuple(range(len(row))) for row in rows]
    for members, equations in _components(rows, len(targets)):
        part = [[tuple(vector[e] for e in equations) for vector in rows[i]] for i in members]
        level = [row for i, row in enumerate(rows) if i not in members]
        wanted = tuple(targets[e] - sum(row[0][e] for row in level) for e in equations)
        try:
            found: Iterable[Kept | None] = _component(part, wanted, budget)
        except BudgetSpent:
            found = [None] * len(members)
        for i, one in zip(members, found, strict=True):
            kept[i] = one
    return kept


def _components(rows: Sequence[Sequence[Vector]], count: int) -> list[tuple[list[int], list[int]]]:
    """(rows, equations) that hang together: a row hangs on an equation to which its alternatives add unequally."""
    hanging = [[i for i, row in enumerate(rows) if len({vector[e] for vector in row}) > 1] for e in range(count)]
    parts: list[tuple[set[int], list[int]]] = []
    for e, members in enumerate(hanging):
        joined, equations = set(members), [e]
        for part in [part for part in parts if part[0] & joined]:
            parts.remove(part)
            joined |= part[0]
            equations = part[1] + equations
        parts.append((joined, equations))
    return [(sorted(members), sorted(equations)) for members, equations in parts if members]


def _component(rows: Sequence[Sequence[Vector]], targets: Vector, budget: Budget) -> list[Kept]:
    left = [list(range(len(row))) for row in rows]
    before = 0
    while before != (before := sum(map(len, left))) and all(left):
        for e, target in enumerate(targets):
            values = _in_a_sum(
                [[row[a][e] for a in stay] for row, stay in zip(rows, left, strict=True)], target, budget
            )
            left = [[a for a in stay if row[a][e] in kept] for row, stay, kept in zip(rows, left, values, strict=True)]
    whole = [{a: _as_one(row[a]) for a in stay} for row, stay in zip(rows, left, strict=True)]
    found = _in_a_sum([list(row.values()) for row in whole], _as_one(targets), budget)
    return [tuple(a for a, value in row.items() if value in values) for row, values in zip(whole, found, strict=True)]


def _as_one(vector: Vector) -> int:
    """A vector as one number, so that adding numbers adds vectors."""
    return sum(part << (_WIDTH * place) for place, part in enumerate(vector))


def _in_a_sum(rows: Sequence[Sequence[int]], target: int, budget: Budget) -> list[set[int]]:
    """For each row its numbers that, with one number of each other row, add up to the target."""
    numbers = [sorted(set(row)) for row in rows]
    middle = _middle(numbers)
    head, tail = numbers[:middle], numbers[middle:][::-1]
    first, last = _sums(head, budget), _sums(tail, budget)
    met = first[-1] & {target - total for total in last[-1]}
    return _trace(head, first, met, budget) + _trace(tail, last, {target - total for total in met}, budget)[::-1]


def _middle(rows: Sequence[Sequence[int]]) -> int:
    """The place at which to cut the rows in two so that neither half has many more choices than the other."""
    weights = [0.0, *accumulate(log(max(len(row), 1)) for row in rows)]
    return min(range(len(weights)), key=lambda place: max(weights[place], weights[-1] - weights[place]))


def _sums(rows: Sequence[Sequence[int]], budget: Budget) -> list[set[int]]:
    """The sums that one number of each row can make, before the first row, after it, after the second …"""
    sums = [{0}]
    for row in rows:
        budget.spend(len(sums[-1]) * len(row))
        sums.append({total + number for total in sums[-1] for number in row})
    return sums


def _trace(rows: Sequence[Sequence[int]], sums: Sequence[set[int]], ends: set[int], budget: Budget) -> list[set[int]]:
    """For each row its numbers that lie on a way to one of the ends."""
    kept: list[set[int]] = []
    for row, before in zip(reversed(rows), reversed(sums[:-1]), strict=True):
        budget.spend(len(before) * len(row))
        ways = [(total, number) for total in before for number in row if total + number in ends]
        kept.append({number for _, number in ways})
        ends = {total for total, _ in ways}
    return kept[::-1]
