"""Findings as one HTML page for people: what was compared, and of each kind the findings that are surest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.findings.check import Tally
from pipeline.findings.finding import KINDS, Finding, Place
from pipeline.html_page import render
from pipeline.writers import whole_file

SHOWN = 300  # findings of one kind; all stand in .csv and .xlsx
_LINKS = 300
_BLAMES = {
    "report": "the reports are to blame",
    None: "nobody is to blame for sure",
    "reading": "the reading may be wrong",
}
_ORDER = {"report": 0, None: 1, "reading": 2}


class Best:
    """The surest findings of each kind, and how many there were; what is not shown is not kept."""

    def __init__(self) -> None:
        self.numbers: Counter[tuple[str, str | None]] = Counter()
        self._kept: dict[str, list[Finding]] = {kind: [] for kind in KINDS}

    def add(self, finding: Finding) -> None:
        self.numbers[finding.kind, finding.blames] += 1
        kept = self._kept[finding.kind]
        kept.append(finding)
        if len(kept) >= 2 * SHOWN:
            kept[:] = self.of(finding.kind)

    def of(self, kind: str) -> list[Finding]:
        return sorted(self._kept[kind], key=_rank)[:SHOWN]

    def number(self, kind: str) -> int:
        return sum(number for (of, _), number in self.numbers.items() if of == kind)


def write_page(findings: Iterable[Finding], path: Path, tally: Tally) -> int:
    """Write the page of a check; the number of findings. `tally` may be filled while the findings are taken."""
    best = Best()
    for finding in findings:
        best.add(finding)
    text = render(
        "pipeline.findings",
        "findings.html",
        tally=tally,
        total=best.numbers.total(),
        blames=[
            (name, words, sum(n for (_, of), n in best.numbers.items() if of == name))
            for name, words in _BLAMES.items()
        ],
        kinds=[_kind(kind, best) for kind in KINDS if best.number(kind)],
        links=tally.doubtful[:_LINKS],
        words=_BLAMES,
        places=_places,
    )
    with whole_file(path) as file:
        file.write(text)
    return best.numbers.total()


def _kind(kind: str, best: Best) -> dict[str, Any]:
    english, chinese = KINDS[kind]
    return {"name": kind, "english": english, "chinese": chinese, "number": best.number(kind), "shown": best.of(kind)}


def _rank(finding: Finding) -> tuple[int, float, str, int, str]:
    return _ORDER[finding.blames], -finding.sure, finding.agency, finding.year or 0, finding.check


def _places(places: Sequence[Place]) -> list[dict[str, Any]]:
    """Figures and where they stand, those of one page of one document together."""
    found: dict[tuple[str, int | None], list[Place]] = {}
    for place in places:
        found.setdefault((place.path, place.page), []).append(place)
    return [{"path": path, "page": page, "places": some} for (path, page), some in found.items()]
