"""Identities as witnesses: they choose between readings that the source allows, and accuse cells.

They never make a figure: a value is always one that stands in the source. Nor do they make a row surer than its label
did: two rows that change places leave every sum as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.checks import check_fields
from pipeline.datamodel import Check, Field, Form, Number

_SUSPECTED = 0.9  # the most that a cell may have that an identity accuses and none vouches for
_STRUCTURE = 0.998  # a place so certain that a failed sum must be the report's own


def judge(fields: Mapping[str, Field], form: Form, threshold: float) -> tuple[dict[str, Field], tuple[Check, ...]]:
    """The fields with cells settled where one reading alone satisfies the identities, and the checks.

    Cells that a failed check accuses are accepted no more; it blames the report where they were read with certainty.
    """
    settled = _settle(dict(fields), form, threshold)
    checks = check_fields(form, settled)
    failed = {name for check in checks if check.holds is False for name in check.fields}
    vouched = {name for check in checks if check.holds for name in check.fields} if failed else set()
    for name in failed:
        field = settled[name]
        if field.state != "absent" and not (name in vouched and field.confidence >= _STRUCTURE):
            settled[name] = replace(field, confidence=min(field.confidence, _SUSPECTED), accepted=False)
    return settled, checks


def _settle(fields: dict[str, Field], form: Form, threshold: float) -> dict[str, Field]:
    """Cells with several candidates, one after the other, as long as an identity leaves exactly one of them."""
    open_cells = [name for name, field in fields.items() if field.state == "unreadable" and field.candidates]
    for _ in range(len(open_cells)):
        chosen = next(filter(None, (_choice(fields[name], fields, form, threshold) for name in open_cells)), None)
        if chosen is None:
            break
        fields[chosen.name] = chosen
        open_cells.remove(chosen.name)
    return fields


def _choice(field: Field, fields: Mapping[str, Field], form: Form, threshold: float) -> Field | None:
    """The field with the one candidate that every identity over it allows, if at least one of them can tell."""
    allowed: list[tuple[Number, tuple[str, ...]]] = []
    for candidate in field.candidates:
        tried = {**fields, field.name: replace(field, value=candidate, state="printed", candidates=())}
        over = [check for check in check_fields(form, tried) if field.name in check.fields and check.holds is not None]
        if over and all(check.holds for check in over):
            allowed.append((candidate, tuple(check.id for check in over)))
    if len(allowed) != 1 or len(field.candidates) < 2:
        return None
    value, because = allowed[0]
    sure = 0.999 if len(because) > 1 else 0.98
    return replace(
        field,
        value=value,
        state="printed",
        candidates=(),
        confidence=sure,
        because=because,
        accepted=sure >= threshold,
    )
