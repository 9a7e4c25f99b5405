"""What a region's report ought to be: the sum of the reports of its departments, where a hierarchy names these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.datamodel import Number
from pipeline.findings.finding import Blame, Finding, Place, Record, blamed, place_of, sureness, tidy_number
from pipeline.forms import load_forms
from pipeline.shelf import Report

_KEPT = 8  # departments whose places a finding names, those with the largest figures
_STOCKS = ("disclosure.regulations", "disclosure.normative_documents")  # a text of several bodies is one text


@dataclass
class _Sum:
    """What departments print in one field: their sum, the largest of them, and how sure."""

    value: Number = 0
    largest: list[Place] = field(default_factory=list)
    printed: int = 0
    missing: int = 0
    sure: float = 1.0
    accepted: bool = True


def across_levels(parent: Report, children: Iterator[Report], expected: int) -> Iterator[Finding]:
    """Where a region's figures are not the sum of its departments' for the same year.

    `expected` departments are in the hierarchy. If some have no report, or their cell cannot be read, the sum can
    only be too large: then a region that prints less than they print together is the finding. The columns of a row are
    looked at only where its total agrees.
    """
    form = load_forms().get(parent.record["form"] or "")
    if form is None:
        return
    names = [name for name in form.fields if not name.startswith(_STOCKS)]
    sums = {name: _Sum() for name in names}
    seen = 0
    for child in children:
        if child.record["form"] == form.name:
            seen += 1
            _add(sums, child.record)
    if not seen:
        return
    failed: set[str] = set()
    for name in sorted(names, key=lambda one: not one.endswith(".total")):
        row = name.rpartition(".")[0]
        if row not in failed and (finding := _compared(parent, name, sums[name], seen, expected)):
            failed.add(row)
            yield finding


def _add(sums: Mapping[str, _Sum], record: Record) -> None:
    for name, one in sums.items():
        cell = record["fields"].get(name)
        if cell is None or cell["state"] in ("absent", "unreadable"):
            one.missing += 1
            continue
        one.sure *= cell["confidence"]
        one.accepted &= cell["accepted"]
        if cell["value"] is None:
            continue
        one.printed += 1
        one.value += cell["value"]
        if cell["value"]:
            one.largest = sorted([*one.largest, place_of(record, name)], key=lambda place: -(place.value or 0))[:_KEPT]


def _compared(parent: Report, name: str, one: _Sum, seen: int, expected: int) -> Finding | None:
    here = place_of(parent.record, name)
    if here.value is None or not one.printed:
        return None
    value, missing = tidy_number(one.value), one.missing + expected - seen
    if abs(value - here.value) < 1e-6 or (missing and value < here.value):
        return None
    blames: Blame = blamed([here]) if one.accepted else "reading"
    return _finding(parent, here, one, value, seen, missing, blames)


def _finding(parent: Report, here: Place, one: _Sum, value: Number, seen: int, missing: int, blames: Blame) -> Finding:
    assert here.value is not None
    year = parent.record["year"]
    note = f"{missing} of the departments have no report for {year} here, or none with this figure." if missing else ""
    return Finding(
        kind="levels",
        check=f"levels.{here.field}",
        agency=parent.name,
        year=year,
        other=f"{seen} departments {year}",
        left=value,
        right=here.value,
        left_places=tuple(one.largest),
        right_places=(here,),
        blames=blames,
        sure=round(one.sure * sureness([here]), 4),
        sentence=f"The reports of {seen} departments for {year} add up to {value} in {here.label}; the report of the "
        f"region prints {here.value}.",
        note=note,
    )
