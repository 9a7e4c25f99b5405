"""Bodies that may be one: spellings that the rules neither join nor keep apart, listed with what is doubtful."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from pipeline.agencies.names import Agency, duties_of, normalised, renamings

_MOST = 10  # bodies that are named for one that may be any of them
_BECAME = {"县": ("区", "市"), "地区": ("市",), "旗": ("区", "市")}  # what a region may have been made


class Body(NamedTuple):
    """An agency under all its spellings, and the years of which there are reports."""

    agency: Agency
    names: tuple[str, ...]
    years: frozenset[int]


class DoubtfulLink(NamedTuple):
    """Two bodies that may be one, by the first spelling of each. `years_of_both` speaks against it. `other` is "" where
    a name says so little that its own reports may be of several bodies."""

    name: str
    years: tuple[int, ...]
    other: str
    other_years: tuple[int, ...]
    years_of_both: tuple[int, ...]
    reason: str


def bodies(named: Mapping[str, Collection[int]]) -> dict[str, Body]:
    """The bodies among names (with the years of their reports) by key. A doubtful name is a body of its own."""
    found: dict[str, Body] = {}
    for name in sorted(named):
        agency = normalised(name)
        key = agency.key if not agency.doubtful else f"{agency.key}?{name}"
        known = found.get(key, Body(agency, (), frozenset()))
        found[key] = Body(known.agency, (*known.names, name), known.years | frozenset(named[name]))
    return found


def doubtful_links(named: Mapping[str, Collection[int]]) -> list[DoubtfulLink]:
    """The links between names (with the years of their reports) that are possible and were not made, by name."""
    known = list(bodies(named).values())
    links = {
        frozenset((link.name, link.other)): link
        for link in (*_shortened(known), *_unclear(known), *_alike(known), *_successors(known))
    }
    return sorted(links.values())


def _unclear(known: list[Body]) -> Iterator[DoubtfulLink]:
    """Names that say too little, with the bodies that they may mean."""
    full: dict[str, list[Body]] = {}
    for body in known:
        if not body.agency.doubtful:
            full.setdefault(_last(body.agency), []).append(body)
            full.setdefault(body.agency.body, []).append(body)
    for body in known:
        agency = body.agency
        if not agency.doubtful:
            continue
        yield DoubtfulLink(body.names[0], _years(body), "", (), (), agency.doubtful)
        nowhere = not agency.region or len(agency.region[0]) == 1
        meant = [one for text in _readings(agency) for one in full.get(text if nowhere else _last(agency, text), ())]
        for one in meant[:_MOST]:
            yield _link(body, one, agency.doubtful)


def _readings(agency: Agency) -> list[str]:
    """What the body of a doubtful name may be in full."""
    return [duty + agency.ending for duty in duties_of(agency.duty)]


def _shortened(known: list[Body]) -> Iterator[DoubtfulLink]:
    """Bodies of one region of which one's name may be short for the other's, in wording that the rules do not know."""
    groups: dict[tuple[tuple[str, ...], str], list[Body]] = {}
    for body in known:
        if body.agency.duty and not body.agency.doubtful:
            groups.setdefault((body.agency.region, body.agency.ending), []).append(body)
    for group in groups.values():
        for one, other in combinations(group, 2):
            if one.agency.duty != other.agency.duty and _abbreviated(one, other):
                yield _link(one, other, "one may be short for the other")


def _alike(known: list[Body]) -> Iterator[DoubtfulLink]:
    """Bodies of one region's name under different regions, and those that differ in what they call themselves."""
    groups: dict[tuple[str, str], list[Body]] = {}
    for body in known:
        agency = body.agency
        if not agency.doubtful and agency.region:
            groups.setdefault((agency.region[-1], agency.duty), []).append(body)
    for group in groups.values():
        for one, other in _pairs(group):
            if one.agency.body == other.agency.body:
                yield from _nested(one, other)
            elif one.agency.region == other.agency.region:
                yield _link(one, other, f"one calls itself {one.agency.ending}, the other {other.agency.ending}")


def _abbreviated(one: Body, other: Body) -> bool:
    """Whether one's duty is the other's with characters left out, as in abbreviations, and never both reported."""
    short, long = sorted((one.agency.duty, other.agency.duty), key=len)
    rest = iter(long)
    return not one.years & other.years and all(character in rest for character in short)


def _nested(one: Body, other: Body) -> Iterator[DoubtfulLink]:
    """Regions of one name are doubtful where one of them does not say what it belongs to; 甲市乙区 is not 丙市乙区."""
    above, below = sorted((one.agency.region, other.agency.region), key=len)
    if set(above) <= set(below):
        yield _link(one, other, f"only one of them says that {above[-1]} belongs to {'/'.join(below[:-1])}")


def _successors(known: list[Body]) -> Iterator[DoubtfulLink]:
    """Bodies that may carry on what an older body did: by a rule on their duties, or as their region was renamed."""
    at = {
        (body.agency.region, body.agency.duty, body.agency.ending): body for body in known if not body.agency.doubtful
    }
    for (region, duty, ending), old in at.items():
        for rule in renamings():
            new = at.get((region, *rule.new)) if rule.old == (duty, ending) and not rule.certain else None
            if new and old.years and min(old.years) <= rule.last_year:
                yield _link(old, new, f"{old.agency.body} may have become {new.agency.body}: {rule.why}")
        for became in _later_regions(region):
            new = at.get((became, duty, ending))
            if new and old.years and new.years and max(old.years) < min(new.years):
                yield _link(old, new, f"{region[-1]} may have become {became[-1]}")


def _later_regions(region: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for old, ends in _BECAME.items():
        if region and region[-1].endswith(old):
            yield from ((*region[:-1], region[-1].removesuffix(old) + end) for end in ends)


def _last(agency: Agency, body: str | None = None) -> str:
    return f"{agency.region[-1] if agency.region else ''}|{body or agency.body}"


def _pairs(group: list[Body]) -> Iterable[tuple[Body, Body]]:
    """Every two of a group, but of a large one only each with the next few."""
    return ((one, other) for at, one in enumerate(group) for other in group[at + 1 : at + 1 + _MOST])


def _years(body: Body) -> tuple[int, ...]:
    return tuple(sorted(body.years))


def _link(one: Body, other: Body, reason: str) -> DoubtfulLink:
    both = tuple(sorted(one.years & other.years))
    return DoubtfulLink(one.names[0], _years(one), other.names[0], _years(other), both, reason)
