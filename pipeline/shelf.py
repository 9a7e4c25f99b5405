"""The reports of a store in the order in which they are held against each other: by body, by year, best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any, NamedTuple

from pipeline.agencies import Agency, normalised
from pipeline.storage import Outlined, Store

_KEPT = 6  # documents of one report that are held against each other; more are looked at only by themselves
_RANKS = {"accepted": 0, "needs_review": 1}


class Report(NamedTuple):
    """A document, its agency as printed, and its body: the same for all reports that are linked."""

    id: str
    record: Mapping[str, Any]
    name: str
    body: str


@dataclass(frozen=True)
class Shelf:
    """The documents of a store by body, year and worth; names that somebody settled stand for those printed."""

    store: Store
    settled: Mapping[str, str] = field(default_factory=dict)

    def outlines(self) -> list[tuple[str, Outlined]]:
        """All documents with the body that each belongs to. What failed, names no agency or no body for sure stands
        alone: its body is its own. Of one report the document with most accepted fields comes first."""
        known = [(self.body(one), one) for one in self.store.outline()]
        return sorted(known, key=lambda item: (item[0], item[1].year or 0, *_worth(item[1])))

    def body(self, one: Outlined) -> str:
        """The key of the body that a document reports for; one of its own where that is not certain."""
        agency = self.agency(one.agency)
        certain = agency is not None and not agency.doubtful and one.year is not None and one.status != "failed"
        return agency.key if agency and certain else f"{agency.key if agency else '~'}?{one.id}"

    def agency(self, name: str | None) -> Agency | None:
        return normalised(self.settled.get(name, name)) if name else None

    def reports(self, known: Sequence[tuple[str, Outlined]]) -> Iterator[Report]:
        """These documents with their records, a few in memory at a time."""
        bodies = {one.id: body for body, one in known}
        for id_, record in self.store.some(one.id for _, one in known):
            yield Report(id_, record, record["agency"] or "", bodies[id_])


class Year(NamedTuple):
    """The reports of one body for one year: `now` those that are compared, the best first, `more` the rest of a crowd;
    `before` those of the year before, empty where there are none or where the body is not certain."""

    body: str
    before: list[Report]
    now: list[Report]
    more: Iterator[Report]

    @property
    def is_certain(self) -> bool:
        """Whether it is known whose reports these are."""
        return is_certain(self.body)


def by_year(reports: Iterable[Report]) -> Iterator[Year]:
    """Reports in the shelf's order, year by year; take all of one year before the next."""
    before: list[Report] = []
    for (body, year), some in groupby(reports, key=lambda report: (report.body, report.record["year"])):
        now = list(islice(some, _KEPT))
        follows = is_certain(body) and _key(before) == (body, year - 1)
        yield Year(body, before if follows else [], now, some)  # noqa: B031 (whoever takes it takes it at once)
        before = now


def is_certain(body: str) -> bool:
    """Whether the key of a body is more than that of one document."""
    return "?" not in body


def _key(reports: list[Report]) -> tuple[str, int | None]:
    return (reports[0].body, reports[0].record["year"]) if reports else ("", None)


def _worth(one: Outlined) -> tuple[int, int, str]:
    return -one.accepted, _RANKS.get(one.status, 2), one.path
