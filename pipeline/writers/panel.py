"""The panel: the fields of all forms under common names, by the concordance of `pipeline/forms/concordance.csv`.

A line of that file says, for one variable and one or several forms, which fields stand for it: `same` (one field that
means the same), `sum` (fields that together mean the same), `close` (what comes nearest; the reason says what differs)
or `none`. `{column}` stands for each column of the applications' table, and a later line of one variable and form
replaces an earlier one. A field marked `?` may be absent and then adds nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import prod
from typing import Any, NamedTuple

COLUMN = "{column}"


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What stands for a variable in one form: `fields` is empty where `match` is "none"."""

    variable: str
    form: str
    fields: tuple[str, ...]
    optional: frozenset[str]
    match: str
    reason: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of the panel."""

    name: str
    label: str
    unit: str


class PanelCell(NamedTuple):
    """A variable in one report. `state` is "printed" (one field), "summed" (several, all printed) or "partly_blank" (a
    sum in which blank cells count as nothing, as in the checks); else `value` is None and `state` that of all the
    fields, or "incomplete" where they differ. `confidence` is that all of them are right.
    """

    variable: str
    value: int | float | None
    state: str
    match: str
    confidence: float
    accepted: bool


@lru_cache(maxsize=1)
def variables() -> tuple[Variable, ...]:
    """The columns of the panel in the order of the concordance."""
    found: dict[str, Variable] = {}
    for line in _lines():
        found.setdefault(line["variable"], Variable(line["variable"], line["label"], line["unit"]))
    return tuple(found.values())


@lru_cache(maxsize=1)
def counterparts() -> tuple[Counterpart, ...]:
    """What stands for each variable in each form, in the order of the variables."""
    order = {variable.name: number for number, variable in enumerate(variables())}
    found: dict[tuple[int, str], Counterpart] = {}
    for line in _lines():
        marked = line["fields"].split(" + ") if line["fields"] else []
        names = tuple(name.removesuffix("?") for name in marked)
        optional = frozenset(name.removesuffix("?") for name in marked if name.endswith("?"))
        for form in line["form"].split():
            one = Counterpart(line["variable"], form, names, optional, line["match"], line["reason"])
            found[order[line["variable"]], form] = one
    return tuple(one for _, one in sorted(found.items(), key=lambda item: item[0][0]))


def panel_cells(record: Mapping[str, Any]) -> Iterator[PanelCell]:
    """The variables that the record's form has, in order; none where no form was recognised."""
    for one in _by_form().get(record["form"], ()):
        yield _cell(one, record["fields"])


def field_rows() -> tuple[dict[str, str], ...]:
    """The lines of `pipeline/forms/fields.csv`: every field of every form with its labels, as printed."""
    return _table("fields.csv")


@lru_cache(maxsize=4)
def _table(name: str) -> tuple[dict[str, str], ...]:
    text = files("pipeline.forms").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def _lines() -> tuple[dict[str, str], ...]:
    heads = {row["column"]: row["head"] for row in field_rows() if row["table"] == "requests"}
    lines = []
    for line in _table("concordance.csv"):
        fillings = heads.items() if COLUMN in line["variable"] else [("", "")]
        for column, head in fillings:
            lines.append(
                line
                | {name: line[name].replace(COLUMN, column) for name in ("variable", "fields")}
                | {"label": line["label"].replace(COLUMN, head)}
            )
    return tuple(lines)


@lru_cache(maxsize=1)
def _by_form() -> dict[str, tuple[Counterpart, ...]]:
    forms = dict.fromkeys(one.form for one in counterparts())
    return {form: tuple(one for one in counterparts() if one.form == form and one.fields) for form in forms}


_SUMS = ({"printed"}, {"printed", "blank"})
_ABSENT: dict[str, Any] = {"state": "absent", "value": None, "confidence": 0.0, "accepted": False}


def _cell(one: Counterpart, fields: Mapping[str, Any]) -> PanelCell:
    parts = [(name, fields.get(name, _ABSENT)) for name in one.fields]
    cells = [cell for name, cell in parts if not (name in one.optional and cell["state"] == "absent")]
    states = {cell["state"] for cell in cells} or {"absent"}
    value = sum(cell["value"] for cell in cells if cell["state"] == "printed") if states in _SUMS else None
    if states in _SUMS:
        state = "partly_blank" if len(states) > 1 else "printed" if len(one.fields) == 1 else "summed"
    else:
        state = states.pop() if len(states) == 1 else "unreadable" if "unreadable" in states else "incomplete"
    sure = round(prod(cell["confidence"] for cell in cells), 4) if cells else 0.0
    accepted = bool(cells) and all(cell["accepted"] for _, cell in parts)
    return PanelCell(one.variable, value, state, one.match, sure, accepted)
