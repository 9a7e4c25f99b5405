"""Cells of a picture that were not surely read, settled where identities over sure figures leave one reading.

The decoder asks all identities of a table together and stops where one of them fails. Here each doubtful cell is held
against those identities alone whose other cells are all settled: what one misread cell or a report's own wrong sum
spoils stays where it is. An identity with two doubtful cells tells nothing, as one digit may be misread in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from pipeline.datamodel import Field, Form, Identity, Number
from pipeline.forms import load_forms
from pipeline.text import ParsedNumber

BY_ONE, BY_SEVERAL = 0.98, 0.999  # how sure one and several identities are of a cell that could not be read
_TOLERANCE = 1e-6


class Doubt(NamedTuple):
    """What a cell may say ("blank" where it may be no figure), and how sure it is that it is the field's."""

    options: tuple[ParsedNumber, ...]
    sure: float


def vouch(fields: Mapping[str, Field], doubts: Mapping[str, Doubt], form: Form, threshold: float) -> dict[str, Field]:
    """The fields, those in `doubts` with the one figure that agrees with every identity over settled cells; whether a
    cell is blank or 0 no identity tells.

    Two such identities make it as good as read (0.999), one does not (0.98). What was settled settles others.
    """
    settled = dict(fields)
    left = dict(doubts)
    while True:
        found = {name: one for name, doubt in left.items() if (one := _settled(settled, name, doubt, form, threshold))}
        if not found:
            return settled
        settled |= found
        left = {name: doubt for name, doubt in left.items() if name not in found}


def _settled(fields: Mapping[str, Field], name: str, doubt: Doubt, form: Form, threshold: float) -> Field | None:
    """A doubtful field with the only one of its readings that the identities allow; None where none or several are."""
    asked = [one for one in _identities(form.name, name) if _tells(one, name, fields)]
    agree = [option for option in doubt.options if all(_holds(one, name, option.value, fields) for one in asked)]
    if not asked or len(agree) != 1 or agree[0].state != "printed":
        return None
    several = sum(all(fields[each].accepted for each in _others(one, name)) for one in asked) > 1
    sure = min(doubt.sure, BY_SEVERAL if several else BY_ONE)
    because = tuple(one.id for one in asked)
    (option,) = agree
    return fields[name]._replace(
        value=option.value,
        state=option.state,
        confidence=sure,
        accepted=sure >= threshold,
        candidates=(),
        because=because,
    )


@lru_cache(maxsize=512)
def _identities(form: str, name: str) -> tuple[Identity, ...]:
    return tuple(one for one in load_forms()[form].identities if name in (*one.left, *one.right))


def _others(identity: Identity, name: str) -> list[str]:
    return [one for one in (*identity.left, *identity.right) if one != name]


def _tells(identity: Identity, name: str, fields: Mapping[str, Field]) -> bool:
    """Whether all other cells of an identity are settled, and both its sides print something."""
    if not all(_is_settled(fields[one]) for one in _others(identity, name)):
        return False
    return all(
        any(one == name or fields[one].state == "printed" for one in side) for side in (identity.left, identity.right)
    )


def _is_settled(field: Field) -> bool:
    return field.state in ("printed", "blank") or field.accepted


def _holds(identity: Identity, name: str, value: Number | None, fields: Mapping[str, Field]) -> bool:
    def total(side: tuple[str, ...]) -> Number:
        return sum((value if one == name else fields[one].value) or 0 for one in side)

    return abs(total(identity.left) - total(identity.right)) < _TOLERANCE
