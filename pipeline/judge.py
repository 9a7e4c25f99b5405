"""Identities as witnesses: a failed one takes acceptance away from the cells that it accuses.

They never make a figure: a value is always one that stands in the source.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from pipeline.addends import made_up
from pipeline.checks import check_fields
from pipeline.datamodel import Check, Field, Form, FormRow, LabelledRow, Number

_SUSPECTED = 0.9  # the most that a cell may have that an identity accuses and none vouches for
_MOVED = 0.98  # the most that a cell may have whose place only the order of lines tells, where lines were moved
_STRUCTURE = 0.998  # a place so certain that a failed sum must be the report's own


def judge(
    fields: Mapping[str, Field],
    form: Form,
    labelled: Sequence[LabelledRow] = (),
    beside: Mapping[str, tuple[Number | None, Number | None]] = MappingProxyType({}),
) -> tuple[dict[str, Field], tuple[Check, ...]]:
    """The fields, and the checks over them; cells that a failed check accuses are accepted no more.

    Spared are cells that were read with certainty and that another identity vouches for: there the report is wrong. A
    sum that only rows of no field among the `labelled` make up tells nothing: its `holds` is None; `beside` are the two
    sides of sums of which that is known.
    """
    checks = check_fields(form, fields)
    known = {one.id for one in checks if one.holds is False and beside.get(one.id) == (one.left, one.right)}
    known |= made_up(checks, fields, labelled, form)
    checks = tuple(replace(one, holds=None, suspects=(), blames=None) if one.id in known else one for one in checks)
    settled = dict(fields)
    failed = {name for check in checks if check.holds is False for name in check.fields}
    vouched = {name for check in checks if check.holds for name in check.fields} if failed else set()
    for name in failed:
        field = settled[name]
        if field.state != "absent" and not (name in vouched and field.confidence >= _STRUCTURE):
            settled[name] = field._replace(confidence=min(field.confidence, _SUSPECTED), accepted=False)
    return settled, checks


def doubt_order(fields: Mapping[str, Field], rows: Collection[FormRow], form: Form) -> dict[str, Field]:
    """The fields; those of `rows`, whose cells only line ends part, are accepted no more where their tables show that
    lines were lost or moved: a field without a reading, or a failed identity.

    Spared are rows in which all figures are the same, and fields that an identity over several rows vouches for.
    """
    names = {name for row in rows for name in row.fields if not _is_alike([fields[name] for name in row.fields])}
    tables = {row.table for row in rows}
    checks = check_fields(form, fields)
    states = {fields[name].state for row in form.rows if row.table in tables for name in row.fields}
    failed = any(check.holds is False and names & set(check.fields) for check in checks)
    if not failed and not states & {"absent", "unreadable"}:
        return dict(fields)
    of = {name: row.name for row in form.rows for name in row.fields}
    across = [one for one in checks if one.holds and len({of[name] for name in one.fields if name in of}) > 1]
    return _doubted(fields, names - {name for one in across for name in one.fields})


def doubt_neighbours(fields: Mapping[str, Field], rows: Collection[FormRow]) -> dict[str, Field]:
    """The fields; those of `rows`, beside which figures stand that no row took, are accepted no more: they may be the
    row's own, and sums over several rows say nothing of that."""
    return _doubted(fields, {name for row in rows for name in row.fields})


def _doubted(fields: Mapping[str, Field], names: Collection[str]) -> dict[str, Field]:
    return {
        name: field._replace(confidence=min(field.confidence, _MOVED), accepted=False)
        if name in names and field.state != "absent"
        else field
        for name, field in fields.items()
    }


def _is_alike(fields: Sequence[Field]) -> bool:
    """Whether a row of several figures prints the same in all, so that their order cannot matter."""
    return len(fields) > 1 and len({(field.state, field.value) for field in fields}) == 1
