"""What an export says of agencies: the key under which a body's reports meet, and the links that were not made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.agencies import doubtful_links, normalised

_MEANS = "agency_means"


def with_settled(records: Iterable[Mapping[str, Any]], settled: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Records that say which agency is meant by the one that they name, where somebody settled that."""
    for record in records:
        meant = settled.get(record["agency"]) if record["agency"] else None
        yield {**record, _MEANS: meant} if meant else record


def agency_key(record: Mapping[str, Any]) -> str | None:
    """What all reports of one body share; None where the agency's name may be that of several."""
    name = _meant(record)
    agency = normalised(name) if name else None
    return None if agency is None or agency.doubtful else agency.key


class Named:
    """The agencies of the records that went by, with their years: some hundred bytes each."""

    def __init__(self) -> None:
        self._years: dict[str, set[int]] = {}

    def add(self, record: Mapping[str, Any]) -> tuple[()]:
        """Keep a record's agency and year; no line comes of one record alone."""
        name = _meant(record)
        if name and record["status"] != "failed":
            years = self._years.setdefault(name, set())
            if record["year"] is not None:
                years.add(record["year"])
        return ()

    def lines(self) -> Iterator[tuple[Any, ...]]:
        """A line for each doubtful link between them."""
        for link in doubtful_links(self._years):
            years, others, both = (
                " ".join(map(str, some)) for some in (link.years, link.other_years, link.years_of_both)
            )
            yield link.name, years, link.other or None, others or None, both or None, link.reason


def _meant(record: Mapping[str, Any]) -> str | None:
    name: str | None = record.get(_MEANS, record["agency"])
    return name
