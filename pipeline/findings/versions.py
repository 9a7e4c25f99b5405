"""Documents of one report (one body, one year) that print different figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.findings.finding import Finding, Place, blamed, place_of, sureness
from pipeline.shelf import Report

_NAMED = 5  # fields that a sentence names


def versions(reports: Sequence[Report]) -> Iterator[Finding]:
    """A finding for each document that prints other figures than the first one, certain ones before doubtful ones.

    Certain differences blame nobody: one document may be the correction of the other.
    """
    first, *others = reports
    for other in others:
        if first.record["form"] == other.record["form"] and (finding := _compared(first, other)):
            yield finding


def _compared(first: Report, other: Report) -> Finding | None:
    pairs = [
        (place_of(first.record, name), place_of(other.record, name))
        for name in first.record["fields"]
        if _printed(first, name) and _printed(other, name)
    ]
    differing = [(one, two) for one, two in pairs if one.value != two.value]
    differing.sort(key=lambda pair: blamed(pair) != "report")
    if not differing:
        return None
    left, right = (tuple(side[:_NAMED]) for side in zip(*differing, strict=True))
    return _finding(first, other, left, right, len(differing))


def _finding(first: Report, other: Report, left: tuple[Place, ...], right: tuple[Place, ...], number: int) -> Finding:
    said = "; ".join(f"{one.label} {one.value} and {two.value}" for one, two in zip(left, right, strict=True))
    more = f"; and {number - len(left)} more" if number > len(left) else ""
    assert left[0].value is not None
    assert right[0].value is not None
    return Finding(
        kind="versions",
        check="versions",
        agency=first.name,
        year=first.record["year"],
        other=f"{other.name} {other.record['year']}",
        left=left[0].value,
        right=right[0].value,
        left_places=left,
        right_places=right,
        blames=None if blamed((left[0], right[0])) == "report" else "reading",
        sure=sureness((left[0], right[0])),
        sentence=f"Two documents of the report for {first.record['year']} differ in {number} figures: {said}{more}.",
        note="One may be the correction of the other. The first has most accepted figures and is the one that is "
        "compared with other reports.",
    )


def _printed(report: Report, name: str) -> bool:
    field = report.record["fields"].get(name)
    return field is not None and field["state"] == "printed"
