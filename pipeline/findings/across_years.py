"""What two neighbouring years of one body ought to agree on: the rules of `pipeline/forms/across_years.csv`.

A rule is an equation between variables of the panel, so that it holds over forms wherever the concordance knows a
counterpart that means the same; `before:` marks what the report for the year before prints.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from pipeline.findings.finding import Finding, Place, Record, blamed, place_of, sureness, total
from pipeline.shelf import Report
from pipeline.writers.panel import COLUMN, Counterpart, counterparts, field_rows

_BEFORE = "before:"
_ALIKE = ("same", "sum")


class _Term(NamedTuple):
    variable: str
    before: bool
    sign: int


class Rule(NamedTuple):
    """A line of the table, its column filled in."""

    id: str
    left: tuple[_Term, ...]
    right: tuple[_Term, ...]
    sentence: str


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rules, those over the columns of a table once for each column."""
    text = files("pipeline.forms").joinpath("across_years.csv").read_text(encoding="utf-8")
    columns = dict.fromkeys(
        row["column"] for row in field_rows() if row["table"] == "requests" and row["form"] == "2021"
    )
    found = []
    for line in csv.DictReader(text.splitlines()):
        for column in columns if COLUMN in line["id"] else [""]:
            id_, left, right = (line[name].replace(COLUMN, column) for name in ("id", "left", "right"))
            found.append(Rule(id_, _terms(left), _terms(right), line["sentence"]))
    return tuple(found)


def across_years(before: Sequence[Report], now: Sequence[Report]) -> Iterator[Finding]:
    """Where the reports of one body for two neighbouring years differ, in the order of the rules.

    The first document of each year is compared. Where another version of either year would agree, or the cell of one
    side is blank, the finding blames nobody.
    """
    for rule in rules():
        sides = _sides(rule, before[0].record, now[0].record)
        if sides is None or not _differ(*sides):
            continue
        agreeing = _agreeing(rule, before, now)
        yield _finding(rule, before[0], now[0], sides, _versions_note(before, now, agreeing), bool(agreeing))


def year_checks(before: Sequence[Report], now: Sequence[Report]) -> list[dict[str, Any]]:
    """The rules as checks of the later record, those that hold too; none of a rule that cannot be asked.

    A check that fails blames the reading only where a figure of this record is in doubt, so that a record is not held
    back for what is doubtful in another.
    """
    failed = {finding.check: finding for finding in across_years(before, now)}
    checks = []
    for rule in rules():
        if rule.id in failed:
            finding = failed[rule.id]
            own = blamed(place for place in (*finding.left_places, *finding.right_places) if place.year == finding.year)
            blames = finding.blames if finding.blames == "report" or own == "reading" else None
            checks.append(finding._replace(blames=blames).to_check())
        elif sides := _sides(rule, before[0].record, now[0].record):
            checks.append(_held(rule, *sides))
    return checks


def _held(rule: Rule, left: Sequence[Place], right: Sequence[Place]) -> dict[str, Any]:
    names = list(dict.fromkeys(place.field for place in (*left, *right)))
    figures = {"left": _value(left), "right": _value(right)}
    return {
        "id": rule.id,
        "kind": "cross_year",
        "holds": True,
        **figures,
        "fields": names,
        "suspects": [],
        "blames": None,
    }


def _finding(
    rule: Rule, before: Report, now: Report, sides: tuple[tuple[Place, ...], ...], note: str, excused: bool
) -> Finding:
    left, right = sides
    values = _value(left), _value(right)
    blank = [place for place in (*left, *right) if place.state == "blank"]
    if blank and not note:
        note = f"{blank[0].label} is blank in the report for {blank[0].year} and was taken as 0."
    said: dict[str, Any] = {
        "before": before.record["year"],
        "year": now.record["year"],
        "left": values[0],
        "right": values[1],
    }
    said["head"] = left[0].label.rpartition("·")[2]
    return Finding(
        kind="cross_year",
        check=rule.id,
        agency=now.name,
        year=now.record["year"],
        other=f"{before.name} {before.record['year']}",
        left=values[0],
        right=values[1],
        left_places=left,
        right_places=right,
        blames=None if excused or (blank and blamed((*left, *right)) == "report") else blamed((*left, *right)),
        sure=sureness((*left, *right)),
        sentence=rule.sentence.format(*(place.value or 0 for place in left), **said),
        note=note,
    )


def _sides(rule: Rule, before: Record, now: Record) -> tuple[tuple[Place, ...], tuple[Place, ...]] | None:
    """Where the figures of both sides stand; None where a form has none that mean the same, or one cannot be read."""
    found = []
    for terms in (rule.left, rule.right):
        places: list[Place] = []
        for term in terms:
            of_term = _places(term, before if term.before else now)
            if of_term is None:
                return None
            places += of_term
        found.append(tuple(places))
    left, right = found
    if any(place.state not in ("printed", "blank") for place in (*left, *right)):
        return None
    if not any(place.state == "printed" for place in (*left, *right)):
        return None
    return left, right


def _places(term: _Term, record: Record) -> list[Place] | None:
    one = _counterparts().get((record["form"], term.variable))
    if one is None or one.match not in _ALIKE:
        return None
    present = [name for name in one.fields if name in record["fields"] or name not in one.optional]
    return [place_of(record, name, term.sign) for name in present]


def _value(places: Sequence[Place]) -> int | float:
    return total(places) or 0


def _differ(left: Sequence[Place], right: Sequence[Place]) -> bool:
    return abs(_value(left) - _value(right)) > 1e-6


def _agreeing(rule: Rule, before: Sequence[Report], now: Sequence[Report]) -> list[Report]:
    """The first two versions under which the rule holds, if any."""
    for one in before:
        for other in now:
            sides = _sides(rule, one.record, other.record)
            if sides and not _differ(*sides):
                return [one, other]
    return []


def _versions_note(before: Sequence[Report], now: Sequence[Report], agreeing: Sequence[Report]) -> str:
    several = [f"{len(some)} documents of {some[0].record['year']}" for some in (before, now) if len(some) > 1]
    if not several:
        return ""
    compared = f"Of {' and '.join(several)}, those with most accepted figures were compared."
    if not agreeing:
        return compared
    return f"{compared} {' and '.join(one.record['source']['path'] for one in agreeing)} agree."


@lru_cache(maxsize=1)
def _counterparts() -> dict[tuple[str, str], Counterpart]:
    return {(one.form, one.variable): one for one in counterparts()}


def _terms(side: str) -> tuple[_Term, ...]:
    found, sign = [], 1
    for part in side.split():
        if part in "+-":
            sign = -1 if part == "-" else 1
        else:
            found.append(_Term(part.removeprefix(_BEFORE), part.startswith(_BEFORE), sign))
    return tuple(found)
