"""What does not add up within one report: the failed checks of its record as findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pipeline.datamodel import Identity
from pipeline.findings.finding import Finding, Place, fact_place, place_of, sureness
from pipeline.forms import load_forms
from pipeline.shelf import Report

_NAMED = 6  # figures that a sentence names


def inside(report: Report) -> Iterator[Finding]:
    """A finding for each failed check of a record, in the record's order; those that other reports take part in, which
    an earlier run may have written into it, are not repeated."""
    for check in report.record["checks"]:
        told = check["right"] is not None  # of cells that ran together only what they cannot say is known
        if told and check["holds"] is False and check["kind"] in ("sum", "balance", "prose"):
            yield _finding(report, check)


def _finding(report: Report, check: Mapping[str, Any]) -> Finding:
    left, right = _sides(report, check)
    sentence = _prose(left, right, check) if check["kind"] == "prose" else _sum(left, right, check)
    return Finding(
        kind=check["kind"],
        check=check["id"],
        agency=report.name,
        year=report.record["year"],
        other="",
        left=check["left"],
        right=check["right"],
        left_places=left,
        right_places=right,
        blames=check["blames"],
        sure=sureness(place for place in (*left, *right) if place.state == "printed"),
        sentence=sentence,
        note="" if check["kind"] == "prose" else _suspected(report, check["suspects"]),
        suspects=tuple(check["suspects"]),
    )


def _sides(report: Report, check: Mapping[str, Any]) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Where the figures of both sides stand; those on the left of prose are the fact that it states."""
    record = report.record
    if check["kind"] == "prose":
        fact = check["id"].removeprefix("prose.").split(".")[0]
        stated = [fact_place(record, fact)] if fact in record["facts"] else []
        return tuple(stated), tuple(place_of(record, name) for name in check["fields"])
    identity = _identities(record["form"]).get(check["id"])
    if identity is None:
        return tuple(place_of(record, name) for name in check["fields"]), ()
    left, right = (tuple(place_of(record, name) for name in side) for side in (identity.left, identity.right))
    return left, right


@lru_cache(maxsize=8)
def _identities(form: str | None) -> dict[str, Identity]:
    known = load_forms().get(form or "")
    return {identity.id: identity for identity in known.identities} if known else {}


def _sum(left: Sequence[Place], right: Sequence[Place], check: Mapping[str, Any]) -> str:
    if not right:
        return f"The identity {check['id']} does not hold: {check['left']} on one side, {check['right']} on the other."
    if len(right) == 1:
        said = f"{right[0].label} is printed as {check['right']}"
    else:
        said = f"{_named(right)} add up to {check['right']}"
    return f"{_named(left)} add up to {check['left']}; {said}."


def _prose(left: Sequence[Place], right: Sequence[Place], check: Mapping[str, Any]) -> str:
    said = f"“{left[0].label}”" if left else check["id"]
    one = f"{right[0].label} is" if right else "the other figure is"
    table = f"{_named(right)} add up to" if len(right) > 1 else one
    return f"The prose says {check['left']} ({said}); in the table {table} {check['right']}."


def _named(places: Sequence[Place]) -> str:
    """The figures that are not nothing, by label; of many the first few."""
    printed = [place for place in places if place.value] or list(places[:1])
    named = [f"{place.label} {place.value if place.value is not None else '(blank)'}" for place in printed[:_NAMED]]
    more = len(printed) - len(named)
    return " + ".join(named) + (f" + {more} more" if more > 0 else "")


def _suspected(report: Report, suspects: Sequence[str]) -> str:
    labels = [place_of(report.record, name).label for name in suspects[:_NAMED]]
    return f"To look at first: {', '.join(labels)}." if labels else ""
