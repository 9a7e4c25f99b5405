"""What people settled, laid over what was read: a correction is kept beside the prediction, never in its place.

A correction says what the document shows, as its reader saw it: a later conversion that reads otherwise leaves it as it
is and marks it. All figures are judged again, by the same identities as when they were read: a correction that breaks
one takes acceptance away from what was read beside it, and is itself in doubt, as people mistype, until the identity
holds or somebody accepts the figure as it stands. One that mends an identity accepts nothing but itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast, get_args

from pipeline.checks import check_prose
from pipeline.datamodel import Check, Fact, Field, Form, Location, Number, Record, plain_check
from pipeline.errors import UsageError
from pipeline.forms import load_forms
from pipeline.judge import judge

Shown = Mapping[str, Any]  # what is shown of a field: "value", "state" and "accepted"
Action = Literal["value", "blank", "absent", "accept"]
_ACTIONS = get_args(Action)
_TYPED = 0.98  # how sure a figure is that somebody typed, for as long as an identity says otherwise
_LARGEST = 10**15  # beyond it JavaScript and spreadsheets count no more by one
_ABSENT: Mapping[str, Any] = {
    "value": None, "state": "absent", "raw": "", "confidence": 0.0, "accepted": False,
    "location": None, "candidates": [], "because": [],
}  # fmt: skip


class Change(NamedTuple):
    """What somebody says of a field: it prints `value`, is blank or absent, or is as shown (`accept`).

    Of an unreadable field `accept` says that nobody can read it.
    """

    field: str
    action: Action
    value: Number | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A change as it was kept: who made it and when (ISO, UTC), and the document's version from then on.

    `before` and `after` are what was shown, `predicted` what the conversion of that time had read. An undoing is a row
    of action "undo", whose id stands in `undone_by` of what it undid.
    """

    id: int
    document: str
    version: int
    field: str
    at: str
    who: str
    action: str
    before: Shown
    after: Shown
    predicted: Shown
    undone_by: int | None = None


def read_changes(given: object, form: str | None) -> list[Change]:
    """The changes in a list of {"field", "action", "value"} as it comes from outside.

    Raises UsageError where one is none, names no field of the form, or names a field again.
    """
    if not isinstance(given, list) or not given:
        raise UsageError("There is no change in this: changes is a list of objects.")
    known = load_forms().get(form or "")
    fields = frozenset(known.fields if known else ())
    changes = [_read_change(one, fields) for one in given]
    if len({change.field for change in changes}) < len(changes):
        raise UsageError("A field is changed twice at once.")
    return changes


def settle(was: Shown, change: Change) -> dict[str, Any]:
    """What is shown of a field after a change."""
    if change.action == "accept":
        return {"value": was["value"], "state": was["state"], "accepted": True}
    state = "printed" if change.action == "value" else change.action
    return {"value": change.value, "state": state, "accepted": True}


def shown(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What a record shows of a field of its form."""
    field = record["fields"].get(name, _ABSENT)
    return {key: field[key] for key in ("value", "state", "accepted")}


def not_undone(corrections: Iterable[Correction]) -> list[Correction]:
    """The corrections that were not undone, oldest first; undoings are none."""
    made = (one for one in corrections if one.undone_by is None and one.action != "undo")
    return sorted(made, key=lambda one: one.id)


def standing(corrections: Iterable[Correction]) -> dict[str, Correction]:
    """The corrections that count, by field: the last one of each that was not undone."""
    return {one.field: one for one in not_undone(corrections)}


def corrected(record: Mapping[str, Any], corrections: Iterable[Correction]) -> dict[str, Any]:
    """A record (`Record.to_dict()`) with corrections laid over it; checks and status as they are then.

    A corrected field is accepted with confidence 1, unless it breaks an identity and was not accepted as it stands. It
    keeps its `raw` and `location`, and tells under `corrected` "who", "at", "action", what was shown "before", what is
    "predicted", and whether that has "changed" since. Corrections that
    the form as it is read now has no field for are told in a problem `correction_without_field`.
    """
    by_field = standing(corrections)
    if not by_field:
        return dict(record)
    form = load_forms().get(record["form"])
    placed = {name: one for name, one in by_field.items() if form and name in form.fields}
    new = dict(record)
    if lost := [name for name in by_field if name not in placed]:
        new["problems"] = [*record["problems"], _without_field(lost)]
    if form and placed:
        _lay_over(new, form, placed)
    return new


def is_settled(record: Mapping[str, Any]) -> bool:
    """Whether nobody needs to look at any field of a record: all are accepted, by the reading or by a person."""
    return bool(record["fields"]) and all(field["accepted"] for field in record["fields"].values())


def _read_change(given: object, fields: frozenset[str]) -> Change:
    if not isinstance(given, dict):
        raise UsageError("A change is an object with field, action and value.")
    name, action, value = given.get("field"), given.get("action"), given.get("value")
    if not isinstance(name, str) or name not in fields:
        raise UsageError(f"The form of this document has no field {str(name)[:100]!r}.")
    if action not in _ACTIONS:
        raise UsageError(f"An action is one of {', '.join(_ACTIONS)}, not {str(action)[:100]!r}.")
    if action != "value":
        return Change(name, cast(Action, action))
    return Change(name, "value", _number(value))


def _number(value: object) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        raise UsageError(f"A value is a number below {_LARGEST:.0e}, not {str(value)[:100]!r}.")
    return int(value) if math.floor(value) == value else value


def _lay_over(new: dict[str, Any], form: Form, placed: Mapping[str, Correction]) -> None:
    plain = dict(new["fields"])
    for name, one in placed.items():
        plain[name] = _over(plain.get(name, _ABSENT), one)
    fields = {name: _field(name, one) for name, one in plain.items()}
    judged, checks = judge(fields, form, beside=_made_up(new["checks"]))
    settled = {name: _settled(field, placed.get(name)) for name, field in judged.items()}
    checks = (*checks, *check_prose(form, settled, _facts(new)))
    new["fields"] = {
        name: plain[name] | {"confidence": settled[name].confidence, "accepted": settled[name].accepted}
        for name in dict.fromkeys((*new["fields"], *form.fields))
        if name in plain
    }
    new["checks"] = _with_others(new, checks, form)
    new["status"] = _status(form, settled, checks, new["checks"])


def _made_up(checks: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Number | None, Number | None]]:
    """The sides of the sums that rows of no field made up when the document was read (`pipeline.addends`)."""
    told = ((check["id"], (check["left"], check["right"])) for check in checks if check["holds"] is None)
    return {name: sides for name, sides in told if None not in sides}


def _over(field: Mapping[str, Any], one: Correction) -> dict[str, Any]:
    predicted = {key: field[key] for key in ("value", "state", "accepted", "confidence")}
    changed = any(predicted[key] != one.predicted[key] for key in ("value", "state"))
    said = {"who": one.who, "at": one.at, "action": one.action, "before": dict(one.before)}
    return dict(field) | {
        "value": one.after["value"],
        "state": one.after["state"],
        "confidence": 1.0 if one.action == "accept" else _TYPED,
        "accepted": True,
        "corrected": said | {"predicted": predicted, "changed": changed},
    }


def _settled(judged: Field, correction: Correction | None) -> Field:
    """A judged field; one that a person accepted as it stands stays so, one that was typed is certain if nothing
    speaks against it."""
    if correction and (judged.accepted or correction.action == "accept"):
        return judged._replace(confidence=1.0, accepted=True)
    return judged


def _field(name: str, plain: Mapping[str, Any]) -> Field:
    """A field as the checks need it; where it stands does not matter to them."""
    return Field(name, plain["value"], plain["state"], plain["raw"], plain["confidence"], plain["accepted"])


def _facts(record: Mapping[str, Any]) -> dict[str, Fact]:
    return {
        name: Fact(name, one["value"], one["text"], one["confidence"], one["accepted"], Location())
        for name, one in record["facts"].items()
    }


def _with_others(new: Mapping[str, Any], checks: Sequence[Check], form: Form) -> list[Mapping[str, Any]]:
    """The checks made anew, and after them those of the record that need more than this document."""
    ours = {one.id for one in (*form.identities, *form.prose)}
    others = (check for check in new["checks"] if check["id"] not in ours)
    return [*map(plain_check, checks), *(_of_others(check, new["fields"]) for check in others)]


def _of_others(check: Mapping[str, Any], fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """A check against other documents: it tells nothing any more where a figure of it is another by now, and does not
    blame the reading where all of its figures here are accepted."""
    own = [fields[name] for name in check["fields"] if name in fields]
    if any("corrected" in one and one["corrected"]["predicted"]["value"] != one["value"] for one in own):
        return {**check, "holds": None, "suspects": [], "blames": None}
    if check["blames"] == "reading" and own and all(one["accepted"] for one in own):
        return {**check, "blames": None}
    return check


def _status(form: Form, fields: Mapping[str, Field], checks: Sequence[Check], told: Sequence[Mapping[str, Any]]) -> str:
    status = Record("", "", "", 0, form=form.name, fields=fields, checks=tuple(checks)).status
    misread = any(check["holds"] is False and check["blames"] == "reading" for check in told)
    return "needs_review" if status == "accepted" and misread else status


def _without_field(names: Sequence[str]) -> dict[str, Any]:
    said = f"{len(names)} corrections are of fields that the form read now does not have: {', '.join(names[:5])}."
    return {"stage": "corrections", "code": "correction_without_field", "message": said, "location": None}
