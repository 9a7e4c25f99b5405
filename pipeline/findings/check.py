"""All checks over a store, one report after the other, so that their memory does not grow with the records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from pipeline.agencies import DoubtfulLink, doubtful_links
from pipeline.findings.across_levels import across_levels
from pipeline.findings.across_years import across_years
from pipeline.findings.finding import Finding
from pipeline.findings.inside import inside
from pipeline.findings.versions import versions
from pipeline.shelf import Report, Shelf, Year, by_year
from pipeline.storage import Outlined, Store


@dataclass
class Tally:
    """What was compared, counted while the findings are made, and the links between agencies that were not."""

    documents: int = 0
    failed: int = 0
    bodies: int = 0
    neighbours: int = 0
    regions: int = 0
    unmatched: list[str] = field(default_factory=list)
    doubtful: list[DoubtfulLink] = field(default_factory=list)


def check_store(
    store: Store,
    hierarchy: Mapping[str, Sequence[str]] | None = None,
    settled: Mapping[str, str] | None = None,
    tally: Tally | None = None,
) -> Iterator[Finding]:
    """Everything in a store that does not fit together, body by body and year by year, corrections laid over.

    `hierarchy` says by keys which bodies belong to which (`read_hierarchy`), `settled` which agency is meant by a name
    as documents print it (`read_settled`); `tally` is filled in on the way. Reports are compared across years and
    levels only where their agency is certain. What failed to be read is passed over.
    """
    tally = Tally() if tally is None else tally
    shelf = Shelf(store, settled or {})
    outlined = shelf.outlines()
    known = [(body, one) for body, one in outlined if one.status != "failed"]
    tally.failed = len(outlined) - len(known)
    tally.doubtful[:] = doubtful_links(_names(known, shelf.settled))
    family = _Family(shelf, known, hierarchy or {})
    tally.unmatched = family.unmatched()
    last = ""
    for year in by_year(shelf.reports(known)):
        tally.bodies += year.is_certain and year.body != last
        last = year.body
        yield from _of_year(year, family, tally)


def _of_year(year: Year, family: _Family, tally: Tally) -> Iterator[Finding]:
    for report in chain(year.now, year.more):
        tally.documents += 1
        yield from inside(report)
    if not year.is_certain:
        return
    yield from versions(year.now)
    if year.before:
        tally.neighbours += 1
        yield from across_years(year.before, year.now)
    if children := family.children(year.body, year.now[0].record["year"]):
        tally.regions += 1
        yield from across_levels(year.now[0], family.reports(children), family.expected(year.body))


class _Family:
    """Who belongs to whom, and where the reports of those who belong to somebody are."""

    def __init__(self, shelf: Shelf, known: Sequence[tuple[str, Outlined]], hierarchy: Mapping[str, Sequence[str]]):
        self._shelf, self._hierarchy = shelf, hierarchy
        wanted = {child for children in hierarchy.values() for child in children}
        self._there = {body for body, _ in known}
        self._best: dict[tuple[str, int], Outlined] = {}
        for body, one in known:
            if body in wanted and one.year is not None:
                self._best.setdefault((body, one.year), one)

    def children(self, body: str, year: int) -> list[tuple[str, Outlined]]:
        """The documents of a year of those who belong to a body, one each."""
        keys = [(child, year) for child in self._hierarchy.get(body, ())]
        return [(key[0], self._best[key]) for key in keys if key in self._best]

    def reports(self, children: Sequence[tuple[str, Outlined]]) -> Iterator[Report]:
        return self._shelf.reports(children)

    def expected(self, body: str) -> int:
        return len(self._hierarchy[body])

    def unmatched(self) -> list[str]:
        """The bodies of the hierarchy of which the store has no report at all."""
        named = dict.fromkeys(key for parent, children in self._hierarchy.items() for key in (parent, *children))
        return [key for key in named if key not in self._there]


def _names(known: Iterable[tuple[str, Outlined]], settled: Mapping[str, str]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for _, one in known:
        if one.agency:
            years = found.setdefault(settled.get(one.agency, one.agency), set())
            if one.year is not None:
                years.add(one.year)
    return found
