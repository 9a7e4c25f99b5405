"""The checks across years put into the records of a store, where exports and the review page find them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.findings.across_years import year_checks
from pipeline.shelf import Report, Shelf, Year, by_year
from pipeline.storage import Store

_AT_ONCE = 50
_KIND = "cross_year"


def write_back(store: Store, settled: Mapping[str, str] | None = None) -> int:
    """Put the checks of each report against the year before into its record, in place of those of an earlier run; the
    number of records that this changes. Corrections stay beside the records, and status stays what it is."""
    shelf, changed, number = Shelf(store, settled or {}), [], 0
    known = [(body, one) for body, one in shelf.outlines() if one.status != "failed"]
    for year in by_year(shelf.reports(known)):
        for report, checks in _wanted(year):
            if [check for check in report.record["checks"] if check["kind"] == _KIND] == checks:
                continue
            plain = store.find(report.id)
            if plain is not None:
                others = [check for check in plain["checks"] if check["kind"] != _KIND]
                changed.append({**plain, "checks": others + checks})
                number += 1
        if len(changed) >= _AT_ONCE:
            store.save_all(changed)
            changed = []
    store.save_all(changed)
    return number


def _wanted(year: Year) -> Iterator[tuple[Report, list[dict[str, Any]]]]:
    first, *others = year.now
    yield first, year_checks(year.before, year.now) if year.before else []
    for report in (*others, *year.more):
        yield report, []
