"""The wordings of forms/facts.csv, found among the words of a sentence."""

from __future__ import annotations

import csv
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

from pipeline.datamodel import Number
from pipeline.prose.segment import Token

# Words that may stand between a wording and its count.
_FILLERS = (
    "共|共计|合计|总计|累计|总|一共|计|为|有|达|的|了|是|数|数量|总数|件数|案件|事项|情况|件|类|方面|现象|问题|"
    "答复|办理"
)
_FILLER_WORDS = frozenset(_FILLERS.split("|"))
_NEGATIONS = frozenset({"未", "没有", "无", "不", "未曾", "尚未", "从未", "没", "非"})
# A sentence is matched as its words with a space after each; counts (as their units), clause marks and joining words
# bear a mark.
_COUNT, _STOP, _AND = "\x01", "\x02", "\x03"
_MARKS = {"stop": _STOP, "and": _AND, "word": ""}
_JOINING = ("、", "和", "及", "与", "或", "或者", "以及")
_TIMES = {"?": "?", "*": "{0,20}?"}
_GAPS = {
    "..": f"(?:[^ {_COUNT}{_STOP}{_AND}]+ ){{0,4}}?",
    "....": f"(?:[^ {_COUNT}{_STOP}{_AND}]+ ){{0,8}}?",
    "…": f"(?:[^ {_COUNT}{_STOP}]+ ){{0,16}}?",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """A line of facts.csv: words in order that make a count (or, with `states`, their mere presence) a fact."""

    facts: tuple[str, ...]
    states: Number | None
    sure: bool
    forbidden: frozenset[str]  # none of these may stand in the clause
    pattern: re.Pattern[str]
    needed: tuple[frozenset[str], ...]  # of each set one word must be in the clause, or the pattern cannot match


class Reading(NamedTuple):
    """A wording found at words[start:end]; `counted` is the place of its count, `clause` that of its clause."""

    wording: Wording
    start: int
    end: int
    counted: int | None
    clause: int


def find_readings(words: Sequence[Token]) -> Iterator[Reading]:
    """For each count the wording that explains most words around it; then for each negation likewise."""
    marked = [_MARKS[tag] + text if tag in _MARKS else _COUNT + tag for text, tag, _ in words]
    possible = _possible(marked)
    if not possible:
        return
    found: dict[int, list[Reading]] = {}
    for reading in _readings(marked, possible):
        found.setdefault(-1 - reading.start if reading.counted is None else reading.counted, []).append(reading)
    for place in sorted(found, key=abs):
        yield from _best(found[place])


def _readings(marked: Sequence[str], possible: Iterable[Wording]) -> Iterator[Reading]:
    """Everywhere that a wording fits, in the order of the wordings."""
    text = f" {' '.join(marked)} "
    starts = list(accumulate([len(word) + 1 for word in marked], initial=1))
    for wording in possible:
        for match in wording.pattern.finditer(text):
            first, last = match.span()
            at = text.find(_COUNT, first, last)
            if (at < 0) != (wording.states is not None):
                continue
            # Marks and counts part clauses.
            clause = bisect_right(starts, max(text.rfind(_STOP, 0, first), text.rfind(_COUNT, 0, first)))
            start, end = bisect_left(starts, first), bisect_left(starts, last)
            count = None if at < 0 else bisect_left(starts, at)
            if wording.forbidden.isdisjoint(marked[clause:end]) and _fits(marked, start, end, count):
                yield Reading(wording, start, end, count, clause)


def _possible(marked: Sequence[str]) -> list[Wording]:
    """The wordings, in their order, all of whose needs the words of one clause meet: none reaches over its end."""
    uses, needs = _needs()
    possible: set[int] = set()
    met, places = 0, list(uses[""][1])
    for word in (*marked, _STOP):
        if word[0] == _STOP:
            possible.update([place for place in places if met & needs[place] == needs[place]])
            met, places = 0, list(uses[""][1])
        elif (use := uses.get(word)) is not None:
            met |= use[0]
            places += use[1]
    return [_wordings()[place] for place in sorted(possible)]


@lru_cache(maxsize=1)
def _needs() -> tuple[dict[str, tuple[int, list[int]]], list[int]]:
    """For each word the needs, a bit each, that it meets and the places of the wordings whose rarest need it meets;
    then the needs of each wording. Under "" are the places of those that need nothing.
    """
    wordings = _wordings()
    bits = {some: 1 << bit for bit, some in enumerate({some: 0 for one in wordings for some in one.needed})}
    often = Counter(word for one in wordings for some in one.needed for word in some)
    uses: dict[str, tuple[int, list[int]]] = {"": (0, [])}
    for some, bit in bits.items():
        for word in some:
            met, places = uses.get(word, (0, []))
            uses[word] = met | bit, places
    for place, wording in enumerate(wordings):
        rarest = min(wording.needed, key=lambda some: sum(often[word] for word in some), default=frozenset({""}))
        for word in rarest:
            uses[word][1].append(place)
    return uses, [sum({bits[some] for some in one.needed}) for one in wordings]


def _best(readings: list[Reading]) -> Iterator[Reading]:
    """The longest reading, in its surest wording; of a negation, the longest for each fact that it denies."""
    if len(readings) == 1:
        yield readings[0]
        return
    readings = sorted(readings, key=lambda one: (one.start - one.end, not one.wording.sure))
    if readings[0].counted is None:
        yield from {one.wording.facts: one for one in reversed(readings)}.values()
        return
    alike = [one for one in readings if one.wording.facts == readings[0].wording.facts]
    yield next((one for one in alike if one.wording.sure), alike[0])


def _fits(marked: Sequence[str], start: int, end: int, count: int | None) -> bool:
    """Whether nothing around the words denies the reading, and its count is its own."""
    if count is None:
        return start == 0 or marked[start - 1] not in _NEGATIONS
    return _NEGATIONS.isdisjoint(marked[max(0, start - 2) : end]) and not _shared(marked, start, count)


def _shared(marked: Sequence[str], start: int, count: int) -> bool:
    """Whether the count belongs to several things together: 予以公开、部分公开5件 is not 部分公开5件."""
    if not _FILLER_WORDS.issuperset(marked[start + 1 : count]):
        return False
    for index in range(start - 1, max(-1, start - 4), -1):
        if marked[index].startswith(_AND):
            return index > 0 and marked[index - 1][0] not in (_COUNT, _STOP)
        if marked[index][0] in (_COUNT, _STOP):
            return False
    return False


@lru_cache(maxsize=1)
def units_of_facts() -> dict[str, frozenset[str]]:
    """The units that each fact is counted in, by their first characters."""
    units: dict[str, frozenset[str]] = {}
    for line in csv.DictReader(_table().splitlines()):
        for name in line["fact"].split("+"):
            units[name] = units.get(name, frozenset()) | frozenset(line["units"])
    return units


def _table() -> str:
    return files("pipeline.forms").joinpath("facts.csv").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _wordings() -> tuple[Wording, ...]:
    return tuple(
        Wording(
            tuple(line["fact"].split("+")),
            int(line["states"]) if line["states"] else None,
            line["sure"] == "1",
            frozenset(line["forbidden"].split()),
            re.compile("".join(_pattern(line["wording"].split(), line["units"]))),
            tuple(_needed(line["wording"].split(), line["units"])),
        )
        for line in csv.DictReader(_table().splitlines())
    )


def _needed(elements: Iterable[str], units: str) -> Iterator[frozenset[str]]:
    """For each word (or count, by its unit) that a wording cannot do without, the ways to say it."""
    for element in elements:
        words = element.split("|")
        if element == "#":
            yield frozenset(_COUNT + unit + times for unit in units for times in ("", "次"))
        elif element not in ("~", "$", *_GAPS) and element[-1] not in "?*" and not any("*" in word for word in words):
            yield frozenset(_AND + word if word in _JOINING else word for word in words)


def _pattern(elements: Iterable[str], units: str) -> Iterator[str]:
    """The elements of a wording as a pattern, one a word or more.

    `a|b` is a word, `a?` a word or none, `a|b*` any number of them, `*a` a word that ends so, `#` the count,
    `~` fillers, `$` the clause's end, `..` to `…` a gap.
    """
    first, *others = elements
    if first[-1] in "?*" or first in ("#", "~", "$", *_GAPS):
        others = [first, *others]
        yield "(?<= )" if first != "#" else ""
    else:
        yield f"(?:{_opening(first.split('|'))}) "
    for element in others:
        if element == "#":
            yield f"{_COUNT}[{units}]次? "
        elif element == "~":
            yield f"(?:(?:{_FILLERS}) ){{0,4}}?"
        elif element == "$":
            yield f"(?:[{_STOP}{_AND}][^ ]+|也|且|并) "
        elif element in _GAPS:
            yield _GAPS[element]
        else:
            words = "|".join(map(_word, element.rstrip("?*").split("|")))
            yield f"(?:(?:{words}) ){_TIMES.get(element[-1], '')}"


def _opening(words: Iterable[str]) -> str:
    """The words as a pattern that matches after a space only; led by its first character, which is found faster."""
    patterns = list(map(_word, words))
    if any(pattern[0] in "[\\" for pattern in patterns):
        return f"(?<= )(?:{'|'.join(patterns)})"
    return "|".join(f"{pattern[0]}(?<= {pattern[0]}){pattern[1:]}" for pattern in patterns)


def _word(word: str) -> str:
    """A word as a pattern; `*` at its head stands for anything: `*网站` is also 门户网站."""
    if word.startswith("*"):
        return f"[^ {_COUNT}{_STOP}{_AND}]*{re.escape(word[1:])}"
    return (_AND if word in _JOINING else "") + re.escape(word)
