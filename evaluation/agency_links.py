"""How well spellings of one agency meet and others stay apart: `python -m evaluation.agency_links`.

Bodies with their spellings stand in `agency_names.csv`, written by hand and not out of the rules; each comes in every
one of the regions below, which hold the traps: one stem as city, county and district, districts of one name, towns of
one name, regions with and without what they belong to. A spelling with `?` may mean another body: it is right alone.
What a name does not tell (a region that recurs, or none) may be doubtful, never linked.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import combinations, groupby
from typing import NamedTuple

from pipeline.agencies import doubtful_links, normalised

# Every spelling of a region; what stands in one tuple is one place.
REGIONS = (
    ("云岭市", "晴川省云岭市"),
    ("云岭县", "晴川省霁川市云岭县"),
    ("霁川市云岭区", "晴川省霁川市云岭区"),
    ("澄岚市新华区", "晴川省澄岚市新华区"),
    ("砚溪市新华区", "晴川省砚溪市新华区"),
    ("临溪区",),
    ("翠砚土家族苗族自治县", "翠砚县"),
    ("北岭苗族侗族自治州", "晴川省北岭苗族侗族自治州"),
    ("霜溪市高新技术产业开发区", "霜溪市高新区"),
    ("青禾县白鹭镇", "霁川市青禾县白鹭镇"),
    ("棠浦县白鹭镇", "棠浦县白鹭镇"),
)
VAGUE = ("", "市", "新华区", "白鹭镇", "高新区")  # regions that say too little: nothing may be linked by them


class Name(NamedTuple):
    """A spelling with the body that it means, by region and duty; None where it does not say for sure."""

    text: str
    body: tuple[str, str] | None


class Score(NamedTuple):
    """Pairs of spellings: those of one body, those that were linked, those linked rightly, and those of one body that
    were not linked and are listed as doubtful."""

    alike: int
    linked: int
    right: int
    listed: int
    wrong: tuple[tuple[str, str], ...]
    missed: tuple[tuple[str, str], ...]

    @property
    def precision(self) -> float:
        return self.right / self.linked if self.linked else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.alike if self.alike else 1.0


def names() -> Iterator[Name]:
    """All spellings of all bodies in all regions."""
    text = files("evaluation").joinpath("agency_names.csv").read_text(encoding="utf-8")
    for line in csv.DictReader(text.splitlines()):
        for spelling in line["spellings"].split(";"):
            body = spelling if spelling.endswith("?") else line["body"]
            for region in REGIONS:
                for written in dict.fromkeys(region):
                    yield Name(_in(written, spelling), (region[0], body))
            yield from (Name(_in(vague, spelling), None) for vague in VAGUE if vague + spelling)


def _in(region: str, spelling: str) -> str:
    return (spelling if "{}" in spelling else "{}" + spelling).format(region).rstrip("?")


def score(known: Sequence[Name]) -> Score:
    """What the rules make of spellings, pair by pair."""
    by_key = groupby(sorted(known, key=lambda one: _key(one.text)), key=lambda one: _key(one.text))
    linked = [pair for key, some in by_key if key for pair in combinations(list(some), 2)]
    right = [pair for pair in linked if pair[0].body and pair[0].body == pair[1].body]
    wrong = [pair for pair in linked if not pair[0].body or pair[0].body != pair[1].body]
    certain = sorted((one for one in known if one.body), key=lambda one: one.body or ("", ""))
    alike = [pair for _, some in groupby(certain, key=lambda one: one.body) for pair in combinations(list(some), 2)]
    missed = [pair for pair in alike if not _key(pair[0].text) or _key(pair[0].text) != _key(pair[1].text)]
    listed = {
        frozenset((link.name, link.other))
        for link in doubtful_links({one.text: {year} for year, one in enumerate(known)})
    }
    keys = {frozenset((_shown(one), _shown(other))) for one, other in map(tuple, filter(_is_pair, listed))}
    found = sum(frozenset((_shown(one.text), _shown(other.text))) in keys for one, other in missed)
    return Score(len(alike), len(linked), len(right), found, _texts(wrong), _texts(missed))


def _key(text: str) -> str:
    agency = normalised(text)
    return "" if agency.doubtful else agency.key


def _shown(text: str) -> str:
    """What a listed link shows of a body: any of its spellings."""
    return _key(text) or f"?{text}"


def _is_pair(names: frozenset[str]) -> bool:
    return len(names) == 2


def _texts(pairs: Sequence[tuple[Name, Name]]) -> tuple[tuple[str, str], ...]:
    return tuple((one.text, other.text) for one, other in pairs)


def main() -> int:
    """Print the score; exit code 1 where anything was linked wrongly."""
    known = list(names())
    found = score(known)
    print(f"{len(known)} spellings, {found.alike} pairs of one body, {found.linked} pairs linked.")
    print(f"Precision {found.precision:.4f} ({len(found.wrong)} wrong), recall {found.recall:.4f}.")
    print(f"Of {len(found.missed)} pairs that were not linked {found.listed} are listed as doubtful.")
    for kind, pairs in (("wrong", found.wrong), ("missed", found.missed)):
        for one, other in pairs[:20]:
            print(f"{kind:7} {one} {other}")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
