"""Identities as witnesses: a failed one takes acceptance away from the cells that it accuses.

They never make a figure: a value is always one that stands in the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.checks import check_fields
from pipeline.datamodel import Check, Field, Form

_SUSPECTED = 0.9  # the most that a cell may have that an identity accuses and none vouches for
_STRUCTURE = 0.998  # a place so certain that a failed sum must be the report's own


def judge(fields: Mapping[str, Field], form: Form) -> tuple[dict[str, Field], tuple[Check, ...]]:
    """The fields, and the checks over them; cells that a failed check accuses are accepted no more.

    Spared are cells that were read with certainty and that another identity vouches for: there the report is wrong.
    """
    checks = check_fields(form, fields)
    settled = dict(fields)
    failed = {name for check in checks if check.holds is False for name in check.fields}
    vouched = {name for check in checks if check.holds for name in check.fields} if failed else set()
    for name in failed:
        field = settled[name]
        if field.state != "absent" and not (name in vouched and field.confidence >= _STRUCTURE):
            settled[name] = replace(field, confidence=min(field.confidence, _SUSPECTED), accepted=False)
    return settled, checks
