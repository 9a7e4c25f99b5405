"""A conversion as one page to look at: what became of the documents, why, and what to do about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.bulk.summary import Summary
from pipeline.html_page import render
from pipeline.writers import whole_file

STATUSES = {"accepted": "accepted", "needs_review": "needs review", "failed": "failed"}
# What holds a report back, in plain words; what failed says it itself.
_MEANINGS = {
    "doubtful_field": "A figure is not certain enough to be accepted.",
    "missing_row": "A row of the form was not found and may yet be there.",
    "failed_check": "Figures do not add up, and the reading may be to blame.",
    "several_versions": "There are several documents of this agency and year.",
    "agency_from_manifest": "The agency is the manifest's; the document says none.",
    "year_from_manifest": "The year is the manifest's; the document says none.",
    "agency_differs_from_manifest": "The document names another agency than the manifest.",
    "year_differs_from_manifest": "The document names another year than the manifest.",
}

_Reports = Iterable[tuple[str | None, int | None, str, int]]


@dataclass(frozen=True, slots=True)
class Example:
    """A document that failed, and what was said of it."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class _Cause:
    status: str
    code: str
    meaning: str
    number: int
    share: float


def write_page(path: Path, summary: Summary, reports: _Reports, examples: Mapping[str, Sequence[Example]]) -> None:
    """Write the page of a run: `reports` counts the store's documents by form, year and status, `examples` are a few
    failures of each cause."""
    told = sum(summary.statuses.values())
    text = render(
        "pipeline.bulk",
        "summary.html",
        summary=summary,
        statuses=STATUSES,
        shares={name: summary.statuses[name] / told if told else 0.0 for name in STATUSES},
        rate=f"{summary.converted / summary.seconds:.1f}" if summary.seconds else "–",
        causes=_causes(summary),
        examples=examples,
        reports=_by_year(reports),
        outputs=[output.name for output in summary.outputs],
    )
    with whole_file(path) as file:
        file.write(text)


def _causes(summary: Summary) -> list[_Cause]:
    """The causes of each status, commonest first, with their share of the documents of that status."""
    order = list(STATUSES)
    found = sorted(summary.causes.items(), key=lambda item: (order.index(item[0][0]), -item[1], item[0][1]))
    return [
        _Cause(STATUSES[status], code, _MEANINGS.get(code, ""), number, number / (summary.statuses[status] or 1))
        for (status, code), number in found
    ]


def _by_year(reports: _Reports) -> list[dict[str, Any]]:
    """A row for each form and year, with a number for each status."""
    rows: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for form, year, status, number in reports:
        rows[form or "no form", str(year or "no year")][status] += number
    return [
        {"form": form, "year": year, "total": of.total(), **{name: of[name] for name in STATUSES}}
        for (form, year), of in rows.items()
    ]
