"""Comparisons over a store: one body's years, bodies against each other, and all pairs at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from pipeline.agencies import normalised
from pipeline.compare.common import Common, common_wording
from pipeline.compare.index import Found, Similar, find_similar
from pipeline.compare.pairs import compare
from pipeline.compare.to_page import Pair, write_index, write_pairs
from pipeline.compare.wording import chapters
from pipeline.errors import UsageError
from pipeline.shelf import Report, Shelf
from pipeline.storage import Outlined, Store

SHOWN = 12  # pairs of a page that stand side by side
_MOST_PAIRS = 400  # of a page
_SAMPLE = 4000  # documents from which common wording is told; ids are hashes, so the first are a random choice
_NAMED = 5


def compare_agency(
    store: Store, agency: str, others: Sequence[str], path: Path, settled: Mapping[str, str] | None = None
) -> int:
    """Write the page that compares an agency's years, or, with `others`, the reports of each year with theirs; the
    number of pairs. Raises UsageError where an agency has no report, or there is nothing to compare."""
    shelf = Shelf(store, settled or {})
    known = [(body, one) for body, one in shelf.outlines() if one.status != "failed"]
    own = _of(agency, known, shelf)
    pairs = (
        list(_years(own))
        if not others
        else [pair for name in others for pair in _same_years(_of(name, known, shelf), own)]
    )
    if not pairs:
        raise UsageError(f"There is nothing to compare {agency} with: the store has {_described(own)} of it.")
    common = _common(shelf, known)
    compared = [_compared(shelf, one, two, common) for one, two in pairs[:_MOST_PAIRS]]
    title = f"{agency}" + (f" / {', '.join(others)}" if others else "")
    write_pairs(path, title, [pair for pair in compared if pair], SHOWN, common.bodies)
    return len(compared)


def compare_all(
    store: Store, path: Path, threshold: float, pages: int, settled: Mapping[str, str] | None = None
) -> Found:
    """Write the index of all pairs above the threshold, and the pages of the first of each kind into a folder beside
    it; what was found."""
    shelf = Shelf(store, settled or {})
    known = [(body, one) for body, one in shelf.outlines() if one.status != "failed"]
    found = find_similar(shelf.reports(known), threshold)
    folder = path.with_name(f"{path.stem}_pairs")
    links: dict[Similar, str] = {}
    outlined = {one.id: (body, one) for body, one in known}
    for number, pair in enumerate([*found.bodies[:pages], *found.years[:pages]], 1):
        assert found.common is not None
        compared = _compared(shelf, outlined[pair.one.id], outlined[pair.two.id], found.common)
        if compared:
            links[pair] = f"{folder.name}/{number:04}.html"
            _made(folder)
            title = f"{pair.two.name} {pair.two.year} / {pair.one.name} {pair.one.year}"
            write_pairs(path.parent / links[pair], title, [compared], 1, found.common.bodies)
    write_index(path, found, threshold, links)
    return found


_Known = tuple[str, Outlined]


def _of(agency: str, known: Iterable[_Known], shelf: Shelf) -> list[_Known]:
    """The best document of each year of an agency: by its key, or where the name is doubtful by the name as printed."""
    asked = shelf.agency(agency) or normalised(agency)
    mine = [(body, one) for body, one in known if body == asked.key or (asked.doubtful and one.agency == agency)]
    found: dict[int | None, _Known] = {}
    for body, one in mine:
        found.setdefault(one.year, (body, one))
    if not found:
        raise UsageError(f"The store has no report of {agency}{_suggested(agency, known)}.")
    return [found[year] for year in sorted(found, key=lambda year: year or 0)]


def _suggested(agency: str, known: Iterable[_Known]) -> str:
    near = sorted({one.agency for _, one in known if one.agency and (agency in one.agency or one.agency in agency)})
    return f"; it has {', '.join(near[:_NAMED])}" if near else ""


def _years(own: Sequence[_Known]) -> Iterator[tuple[_Known, _Known]]:
    """Each report against the one before it, the newest first."""
    dated = [item for item in own if item[1].year is not None]
    return reversed(list(pairwise(dated)))


def _same_years(others: Sequence[_Known], own: Sequence[_Known]) -> Iterator[tuple[_Known, _Known]]:
    """An agency's reports against another's of the same year, the newest first; else the nearest two."""
    by_year = {one.year: (body, one) for body, one in others}
    both = [(by_year[item[1].year], item) for item in own if item[1].year in by_year]
    if both:
        return reversed(both)
    pairs = [(other, item) for other in others for item in own]
    return iter(sorted(pairs, key=lambda pair: abs((pair[0][1].year or 0) - (pair[1][1].year or 0)))[:1])


def _compared(shelf: Shelf, one: _Known, two: _Known, common: Common) -> Pair | None:
    reports: list[Report] = list(shelf.reports([one, two]))
    if len(reports) < 2:
        return None
    first, second = reports
    return Pair(first, second, compare(chapters(first.record), chapters(second.record), common))


def _common(shelf: Shelf, known: Sequence[_Known]) -> Common:
    sample = sorted(known, key=lambda item: item[1].id)[:_SAMPLE]
    return common_wording((report.body, chapters(report.record)) for report in shelf.reports(sorted(sample)))


def _described(own: Sequence[_Known]) -> str:
    years = ", ".join(str(one.year or "no year") for _, one in own)
    return f"{len(own)} report{'s' if len(own) > 1 else ''} ({years})"


def _made(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}; name another place.") from None
