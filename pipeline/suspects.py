"""Where a report that does not add up is likely wrong: the fewest cells whose change would mend every failed identity.

A misprinted or misread cell breaks each identity that it stands in and no other, so the smallest set of cells that
explains all failures at once is named (the principle of minimal diagnoses; Reiter 1987). Nothing is changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.datamodel import Check, Field, Identity, Number

MAX_CHANGED = 3  # cells; what more cells would have to explain is not explained
_MAX_STEPS = 5_000  # changes tried for failures that hang together
_TOLERANCE = 1e-6
_MAY_BE_NEGATIVE = "_change"

Gaps = Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class _System:
    """The identities that can be held against the figures: their cells, each counted in (1) or off (-1).

    `most` is how many of them one cell can stand in.
    """

    cells: Mapping[str, Mapping[str, int]]
    identities: Mapping[str, Sequence[tuple[str, int]]]
    values: Mapping[str, Number]
    most: int


def find_suspects(
    identities: Sequence[Identity], checks: Sequence[Check], fields: Mapping[str, Field]
) -> dict[str, frozenset[str]]:
    """For each failed check the cells of all smallest sets whose change would mend it with all that fails beside it.

    Failures that share no cell are explained apart. Empty where no three cells do.
    """
    system = _system(identities, checks, fields)
    gaps = {check.id: _gap(check) for check in checks if check.id in system.cells}
    failed = [check for check in checks if check.holds is False]
    found: dict[str, frozenset[str]] = {}
    for group in _hanging_together(failed):
        cells = _smallest(system, {check.id: gaps[check.id] for check in group})
        found |= {check.id: cells & frozenset(check.fields) for check in group}
    return found


def _system(identities: Sequence[Identity], checks: Sequence[Check], fields: Mapping[str, Field]) -> _System:
    told = {check.id for check in checks if check.holds is not None}
    values = {name: field.value or 0 for name, field in fields.items() if field.state in ("printed", "blank")}
    cells: dict[str, dict[str, int]] = {}
    members: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for identity in identities:
        if identity.id not in told:
            continue
        signs = dict.fromkeys(identity.left, 1) | dict.fromkeys(identity.right, -1)
        cells[identity.id] = {name: sign for name, sign in signs.items() if name in values}
        for name, sign in cells[identity.id].items():
            members[name].append((identity.id, sign))
    return _System(cells, members, values, max(map(len, members.values()), default=0))


def _gap(check: Check) -> Number:
    return (check.left or 0) - (check.right or 0) if check.holds is False else 0


def _hanging_together(failed: Sequence[Check]) -> list[list[Check]]:
    """The failed checks in groups that share no cell with one another."""
    groups: list[list[Check]] = []
    for check in failed:
        near = [group for group in groups if any(not set(check.fields).isdisjoint(one.fields) for one in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(one for group in near for one in group), check])
    return groups


def _smallest(system: _System, broken: Gaps) -> frozenset[str]:
    steps = [_MAX_STEPS]
    for size in range(1, MAX_CHANGED + 1):
        found = list(_mending(system, broken, frozenset(), size, steps))
        if steps[0] < 0:
            break
        if found:
            return frozenset().union(*found)
    return frozenset()


def _mending(
    system: _System, broken: Gaps, changed: frozenset[str], left: int, steps: list[int]
) -> Iterator[frozenset[str]]:
    """The sets of cells, `changed` and at most `left` more, that leave nothing broken."""
    if not broken:
        yield changed
        return
    if len(broken) > left * system.most:
        return
    first = min(broken, key=lambda name: (len(system.cells[name]), name))
    for cell, sign in system.cells[first].items():
        steps[0] -= 1
        change = -sign * broken[first]
        if cell not in changed and steps[0] >= 0 and _is_possible(cell, system.values[cell] + change):
            yield from _mending(system, _after(system, broken, cell, change), changed | {cell}, left - 1, steps)


def _after(system: _System, broken: Gaps, cell: str, change: Number) -> dict[str, Number]:
    """What is broken once a cell has changed, and by how much."""
    gaps = dict(broken)
    for identity, sign in system.identities[cell]:
        gaps[identity] = gaps.get(identity, 0) + sign * change
    return {name: gap for name, gap in gaps.items() if abs(gap) > _TOLERANCE}


def _is_possible(cell: str, value: Number) -> bool:
    return value >= -_TOLERANCE or cell.endswith(_MAY_BE_NEGATIVE)
