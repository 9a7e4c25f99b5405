"""The identities of a form held against the figures as printed. A check finds fault; it never edits a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.datamodel import Check, Fact, Field, Form, Identity, Number
from pipeline.suspects import find_suspects

_TOLERANCE = 1e-6


def check_fields(form: Form, fields: Mapping[str, Field]) -> tuple[Check, ...]:
    """Every identity of the form with what it found, in the form's order, and with the suspects of those that fail.

    Blank cells and rows that the document does not have count as nothing in a sum. `holds` is None where a figure is
    unreadable or the blank total of a row leaves nothing to compare with.
    """
    checks = [_check(identity, fields) for identity in form.identities]
    if all(check.holds is not False for check in checks):
        return tuple(checks)
    sound = {name for check in checks if check.holds for name in check.fields if _figure(fields.get(name))}
    found = find_suspects(form.identities, checks, fields)
    return tuple(
        _with_suspects(check, found[check.id], sound, fields) if check.holds is False else check for check in checks
    )


def check_prose(form: Form, fields: Mapping[str, Field], facts: Mapping[str, Fact]) -> tuple[Check, ...]:
    """What the prose states against what the tables print, for every accepted fact that the form has fields for.

    `left` is the fact, `right` the sum of its fields; of a row whose total is blank, the sum of its columns. A failure
    blames the report where all of them are accepted too, or where the cell may say several things, none of them this.
    """
    stated = [identity for identity in form.prose if identity.left[0] in facts and facts[identity.left[0]].accepted]
    return tuple(_prose_check(identity, facts[identity.left[0]], fields) for identity in stated)


def _prose_check(identity: Identity, fact: Fact, fields: Mapping[str, Field]) -> Check:
    names = tuple(name for total in identity.right for name in _printed_parts(total, fields))
    right = _sum(names, fields)
    if right is None and _cannot_say(fact.value, names, fields):
        return Check(identity.id, "prose", False, fact.value, None, names, blames="report")
    holds = None if right is None else abs(fact.value - right) < _TOLERANCE
    check = Check(identity.id, "prose", holds, fact.value, right, names)
    if holds is not False:
        return check
    certain = all(fields[name].accepted for name in names)
    return replace(check, blames="report" if certain else "reading")


def _printed_parts(total: str, fields: Mapping[str, Field]) -> tuple[str, ...]:
    """The field itself, or the other columns of its row where these are printed and it is not."""
    row, _, column = total.rpartition(".")
    if column != "total" or total not in fields or fields[total].state != "blank":
        return (total,)
    others = tuple(
        name
        for name, field in fields.items()
        if name.startswith(f"{row}.")
        and name.count(".") == total.count(".")
        and field.state != "blank"
        and name != total
    )
    return others or (total,)


def _cannot_say(value: Number, names: Sequence[str], fields: Mapping[str, Field]) -> bool:
    """Whether one cell alone stands there that may be read in several ways, none of which is the value."""
    cells = [fields[name] for name in names if name in fields]
    return (
        len(cells) == len(names) == 1
        and cells[0].state == "unreadable"
        and len(cells[0].candidates) > 1
        and all(abs(value - one) >= _TOLERANCE for one in cells[0].candidates)
    )


def _check(identity: Identity, fields: Mapping[str, Field]) -> Check:
    left, right = (_sum(side, fields) for side in (identity.left, identity.right))
    holds = None if left is None or right is None else abs(left - right) < _TOLERANCE
    return Check(identity.id, identity.kind, holds, left, right, identity.fields)


def _sum(names: Sequence[str], fields: Mapping[str, Field]) -> Number | None:
    """The sum of one side; None where a cell is unreadable or nothing at all is printed."""
    total: Number = 0
    printed = False
    for name in names:
        field = fields.get(name)
        if field is None:
            continue
        if field.state == "unreadable":
            return None
        if field.state == "printed":
            printed = True
            total += 0 if field.value is None else field.value
    return total if printed else None


def _figure(field: Field | None) -> Number | None:
    return field.value if field is not None and field.state == "printed" else None


def _with_suspects(check: Check, found: frozenset[str], sound: set[str], fields: Mapping[str, Field]) -> Check:
    """A failed check names its cells that would mend all failures, else those that no other identity vouches for."""
    present = [name for name in check.fields if name in fields and fields[name].state != "absent"]
    suspects = tuple(name for name in present if name in found)
    suspects = suspects or tuple(name for name in present if name not in sound) or tuple(present)
    certain = all(fields[name].confidence >= _CERTAIN for name in suspects)
    return replace(check, suspects=suspects, blames="report" if certain else "reading")


_CERTAIN = 0.99
