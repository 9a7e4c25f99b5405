"""The sorts of words that facts are told by (forms/fact_words.csv), found in a text; years by how they relate to the
reporting year. What was learnt of one word of a sort holds for its others. A word with `#` behind it has its sort only
where a count follows: 收12件."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

STOP, AND = "|", "&"
_YEAR = r"(?:19|20)[0-9]{2}(?=年)"
_COUNTED = "(?=了?[0-9零〇一二两三四五六七八九十百千])"


class Sorted(NamedTuple):
    """A word's sort and where it stands: text[start:end]."""

    sort: str
    start: int
    end: int


def find_sorts(text: str, year: int | None) -> list[Sorted]:
    """The words of a text that have a sort, with its clause marks, in order; the longest word counts."""
    sorts, pattern = _lexicon()
    return [
        Sorted(sorts.get(match.group()) or _year_sort(int(match.group()), year), *match.span())
        for match in pattern.finditer(text)
    ]


def _year_sort(found: int, year: int | None) -> str:
    if year is None:
        return "some year"
    return {year: "this", year - 1: "last", year + 1: "next"}.get(found, "older" if found < year else "later")


@lru_cache(maxsize=1)
def _lexicon() -> tuple[dict[str, str], re.Pattern[str]]:
    text = files("pipeline.forms").joinpath("fact_words.csv").read_text(encoding="utf-8")
    told = {word: line["sort"] for line in csv.DictReader(text.splitlines()) for word in line["words"].split()}
    sorts = {word.rstrip("#"): sort for word, sort in told.items()}
    sorts |= dict.fromkeys(",，;；。:：", STOP) | dict.fromkeys(("、", "和", "及", "与", "或", "或者"), AND)
    tails: dict[str, list[str]] = {}  # by their first character, which halves the time of looking
    for word in sorted(sorts, key=lambda word: (-len(word), word)):
        tails.setdefault(word[0], []).append(re.escape(word[1:]) + (_COUNTED if f"{word}#" in told else ""))
    return sorts, re.compile(
        "|".join([_YEAR, *(f"{re.escape(one)}(?:{'|'.join(some)})" for one, some in tails.items())])
    )
