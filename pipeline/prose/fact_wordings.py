"""The wordings of forms/facts.csv, found among the words of a sentence."""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate

from pipeline.datamodel import Number
from pipeline.prose.segment import Token

# Words that may stand between a wording and its count.
_FILLERS = (
    "共|共计|合计|总计|累计|总|一共|计|为|有|达|的|了|是|数|数量|总数|件数|案件|事项|情况|件|类|方面|现象|问题|"
    "答复|办理"
)
_NEGATIONS = {"未", "没有", "无", "不", "未曾", "尚未", "从未", "没", "非"}
# A sentence is matched as its words with a space after each; counts, clause marks and joining words bear a mark.
_COUNT, _STOP, _AND = "\x01", "\x02", "\x03"
_MARKS = {"stop": _STOP, "and": _AND, "word": ""}
_JOINING = ("、", "和", "及", "与", "或", "以及")
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
    forbidden: re.Pattern[str] | None
    pattern: re.Pattern[str]
    needed: tuple[frozenset[str], ...]  # of each set one word must be in the sentence, or the pattern cannot match

    def forbids(self, word: str) -> bool:
        return self.forbidden is not None and self.forbidden.fullmatch(word) is not None


@dataclass(frozen=True, slots=True)
class Reading:
    """A wording found at words[start:end] of a sentence; `count` is the place of its count among the words."""

    wording: Wording
    start: int
    end: int
    count: int | None


def find_readings(words: Sequence[Token]) -> Iterator[Reading]:
    """For each count the wording that explains most words around it; then for each negation likewise."""
    found: dict[int, list[Reading]] = {}
    starts, marked = _marked(words)
    for wording in _possible({token.text for token in words}):
        for match in wording.pattern.finditer(marked):
            start, end = bisect_left(starts, match.start()), bisect_left(starts, match.end())
            count = next((index for index in range(start, end) if words[index].tag not in _MARKS), None)
            if (count is None) == (wording.states is not None) and _fits(words, wording, start, end, count):
                place = -1 - start if count is None else count
                found.setdefault(place, []).append(Reading(wording, start, end, count))
    for place in sorted(found, key=abs):
        yield from _best(found[place])


def _possible(present: set[str]) -> Iterator[Wording]:
    """The wordings, in their order, all of whose needed words are present."""
    places = {place for word in present for place in _places_by_word().get(word, ())} | set(_places_by_word()[""])
    for place in sorted(places):
        wording = _wordings()[place]
        if not any(present.isdisjoint(some) for some in wording.needed):
            yield wording


@lru_cache(maxsize=1)
def _places_by_word() -> dict[str, list[int]]:
    """Places in the list of wordings by the words of their rarest need; under "" those that need none."""
    uses = Counter(word for wording in _wordings() for some in wording.needed for word in some)
    places: dict[str, list[int]] = {"": []}
    for place, wording in enumerate(_wordings()):
        rarest = min(wording.needed, key=lambda some: sum(uses[word] for word in some), default=frozenset({""}))
        for word in rarest:
            places.setdefault(word, []).append(place)
    return places


def _best(readings: list[Reading]) -> Iterator[Reading]:
    """The longest reading, in its surest wording; of a negation, the longest for each fact that it denies."""
    readings = sorted(readings, key=lambda one: (one.start - one.end, not one.wording.sure))
    if readings[0].count is None:
        yield from {one.wording.facts: one for one in reversed(readings)}.values()
        return
    alike = [one for one in readings if one.wording.facts == readings[0].wording.facts]
    yield next((one for one in alike if one.wording.sure), alike[0])


def _marked(words: Sequence[Token]) -> tuple[list[int], str]:
    """The words with their marks as one text for the patterns, and where each begins in it."""
    pieces = [
        f"{_MARKS[token.tag]}{token.text} " if token.tag in _MARKS else f"{_COUNT}{token.tag} " for token in words
    ]
    return list(accumulate(map(len, pieces), initial=1)), " " + "".join(pieces)


def _fits(words: Sequence[Token], wording: Wording, start: int, end: int, count: int | None) -> bool:
    clause = [token.text for token in words[clause_start(words, start) : end]]
    if any(wording.forbids(word) for word in clause):
        return False
    if count is None:
        return start == 0 or words[start - 1].text not in _NEGATIONS
    if _NEGATIONS.intersection(token.text for token in words[max(0, start - 2) : end] if token.tag == "word"):
        return False
    return not _shared(words, start, count)


def _shared(words: Sequence[Token], start: int, count: int) -> bool:
    """Whether the count belongs to several things together: 予以公开、部分公开5件 is not 部分公开5件."""
    if any(token.text not in _FILLERS.split("|") for token in words[start + 1 : count]):
        return False
    for index in range(start - 1, max(-1, start - 4), -1):
        if words[index].tag == "and":
            return index > 0 and words[index - 1].tag in ("word", "and")
        if words[index].tag != "word":
            return False
    return False


def clause_start(words: Sequence[Token], index: int) -> int:
    """The first word of the clause around a word; marks and counts part clauses."""
    while index > 0 and words[index - 1].tag in ("word", "and"):
        index -= 1
    return index


@lru_cache(maxsize=1)
def _wordings() -> tuple[Wording, ...]:
    text = files("pipeline.forms").joinpath("facts.csv").read_text(encoding="utf-8")
    return tuple(
        Wording(
            tuple(line["fact"].split("+")),
            int(line["states"]) if line["states"] else None,
            line["sure"] == "1",
            re.compile("|".join(map(_word, line["forbidden"].split()))) if line["forbidden"] else None,
            re.compile("(?<= )" + "".join(_pattern(line["wording"].split(), line["units"]))),
            tuple(_needed(line["wording"].split())),
        )
        for line in csv.DictReader(text.splitlines())
    )


def _needed(elements: Iterable[str]) -> Iterator[frozenset[str]]:
    """For each word that a wording cannot do without, the ways to say it."""
    for element in elements:
        words = element.split("|")
        if (
            element not in ("#", "~", "$", *_GAPS)
            and element[-1] not in "?*"
            and not any("*" in word for word in words)
        ):
            yield frozenset(words)


def _pattern(elements: Iterable[str], units: str) -> Iterator[str]:
    """The elements of a wording as a pattern, one a word or more.

    `a|b` is a word, `a?` a word or none, `a|b*` any number of them, `*a` a word that ends so, `#` the count,
    `~` fillers, `$` the clause's end, `..` to `…` a gap.
    """
    for element in elements:
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


def _word(word: str) -> str:
    """A word as a pattern; `*` at its head stands for anything: `*网站` is also 门户网站."""
    if word.startswith("*"):
        return f"[^ {_COUNT}{_STOP}{_AND}]*{re.escape(word[1:])}"
    return (_AND if word in _JOINING else "") + re.escape(word)
