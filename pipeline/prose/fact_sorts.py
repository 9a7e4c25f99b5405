"""The features of a candidate that are made of the sorts of words around it: their order, their sets, their pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from pipeline.prose.fact_lexicon import AND, STOP, Sorted, find_sorts
from pipeline.prose.mentions import Mention

COUNT = "#"
_MATTERS = frozenset(
    ("request", "review", "litigation", "fee", "website", "wechat", "weibo", "interpret", "press", "training", "rule",
     "normative", "proactive", "grant", "partial", "refuse", "unavailable", "ignore", "other outcome", "in force",
     "carry", "pending", "due", "new media", "other matter", "other event", "inner rule", "other training")
)  # fmt: skip
_OWNERS = frozenset(("own", "wide", "others"))
_TIMES = frozenset(
    ("this", "last", "next", "older", "earlier", "later", "running", "part of year", "planned", "some year", "end")
)
_DEEDS = frozenset(
    ("receive", "submit", "conclude", "collect", "publish", "hold", "attend", "make", "undo", "carry", "change",
     "outcome of dispute", "not the fee", "transfer", "number of")
)  # fmt: skip


def sorts_and_counts(
    text: str, mentions: Mapping[int, Mention], year: int | None, agency: str | None = None
) -> list[Sorted]:
    """The words with a sort, the clause marks and the counts of a sentence, in order; the agency's name is its own."""
    fixed = [Sorted(COUNT, one.start, one.end) for one in mentions.values()]
    if agency and agency in text:
        fixed += [Sorted("own", match.start(), match.end()) for match in re.finditer(re.escape(agency), text)]
    covered = {place for one in fixed for place in range(one.start, one.end)}
    known = [one for one in find_sorts(text, year) if one.start not in covered]
    return sorted([*known, *fixed], key=lambda one: one.start)


def count_sorts(items: Sequence[Sorted], start: int, end: int, unit: str) -> Iterator[str]:
    """The features of a count at [start:end] of the sentence."""
    left = [one.sort for one in items if one.end <= start]
    right = _until_stop([one.sort for one in items if one.start >= end])
    clause = _since(left, (STOP,))
    near = [sort for sort in _since(left, (STOP, COUNT)) if sort != AND]
    yield from (f"s{size}={'>'.join(left[-size:])}" for size in (1, 2, 3, 4))
    yield f"sclause={'>'.join(clause[-6:])}"
    here = "+".join(sorted(set(near)))
    behind = "+".join(sorted(set(right[:4]) - {COUNT, AND}))
    yield f"snear={here}"
    yield f"snear={here}+{behind}"
    yield f"snear={here}+{unit}"
    yield f"sright={behind}"
    yield from (f"sn={sort}" for sort in near)
    yield from (f"sc={sort}" for sort in clause)
    yield from (f"sr={sort}" for sort in right[:4])
    yield from _pairs("sp", sorted(set(near)))
    yield from _pairs("scp", sorted(set(clause) - {COUNT, AND}))
    yield from (f"snr={one}~{two}" for one in set(near) for two in set(right[:4]))
    yield from _earlier(left, clause)
    yield from _inherited(left, clause, near, right, unit)
    yield from _ruled(left, clause)


def denial_sorts(items: Sequence[Sorted], start: int, end: int, key: tuple[int, int]) -> Iterator[str]:
    """The features of a denial at [start:end] of the sentence whose denied word stands at `key`."""
    left = [one.sort for one in items if one.end <= start]
    right = _until_stop([one.sort for one in items if one.start >= end])
    inside = [one for one in items if start <= one.start and one.end <= end]
    key_sort = next((one.sort for one in reversed(inside) if one.start < key[1] and one.end > key[0]), "")
    between = [one.sort for one in inside if not (one.start < key[1] and one.end > key[0])]
    yield f"skey={key_sort}"
    yield f"sinside={'>'.join(between[:6])}>{key_sort}"
    yield from (f"si={sort}~{key_sort}" for sort in between)
    yield from (f"si2={one}~{two}~{key_sort}" for one, two in pairwise(between))
    yield f"sright={'>'.join(right[:2])}"
    yield f"skr={key_sort}>{'>'.join(right[:2])}"
    yield from (f"sr={sort}~{key_sort}" for sort in right[:4])
    clause = _since(left, (STOP,))
    yield from (f"sc={sort}" for sort in clause)
    yield from (f"sck={sort}~{key_sort}" for sort in clause)
    yield from _earlier(left, clause)


def _since(left: Sequence[str], marks: Sequence[str]) -> Sequence[str]:
    place = len(left)
    while place > 0 and left[place - 1] not in marks:
        place -= 1
    return left[place:]


def _until_stop(right: Sequence[str]) -> Sequence[str]:
    return right[: right.index(STOP)] if STOP in right else right


def _pairs(name: str, sorts: Sequence[str]) -> Iterator[str]:
    for place, one in enumerate(sorts):
        yield from (f"{name}={one}~{two}" for two in sorts[place + 1 :])


def _earlier(left: Sequence[str], clause: Sequence[str]) -> Iterator[str]:
    before = left[: len(left) - len(clause)]
    last = _since(before[:-1], (STOP,)) if before else ()
    yield f"sbefore={'>'.join(last[-5:])}"
    yield from (f"sb={sort}" for sort in set(last))
    yield from (f"se={sort}" for sort in set(before))
    if left:
        yield f"sopens={left[0]}"


def _inherited(
    left: Sequence[str], clause: Sequence[str], near: Sequence[str], right: Sequence[str], unit: str
) -> Iterator[str]:
    """The matter and the deed nearest to the count; where its own words name none, those that came before."""
    matter, where = _nearest(_MATTERS, (("near", near), ("right", right[:3]), ("clause", clause), ("left", left)))
    deed, _ = _nearest(_DEEDS, (("near", near), ("right", right[:3]), ("clause", clause), ("left", left)))
    yield f"m={matter}@{where}"
    yield f"m={matter}&{deed}"
    yield f"m={matter}&{deed}@{where}"
    yield f"m={matter}&{unit}"
    year = next((sort for sort in reversed(left) if sort in ("this", "last", "next", "older", "earlier", "later")), "")
    yield f"y={year}"
    yield f"m={matter}&y={year}"


def _ruled(left: Sequence[str], clause: Sequence[str]) -> Iterator[str]:
    """Whose figure it is and of when by the nearest word that says so, with where that stands; what 其中 puts it under;
    of which matter it is where 分别 gives out the counts."""
    for name, kinds in (("whose", _OWNERS), ("when", _TIMES)):
        found, where = _nearest(kinds, (("clause", clause), ("left", left)))
        yield f"{name}={found}"
        yield f"{name}={found}@{where}"
    if "of which" in left:
        at = len(left) - 1 - left[::-1].index("of which")
        outer, _ = _nearest(_MATTERS, (("left", left[:at]),))
        inner, _ = _nearest(_MATTERS, (("left", left[at:]),))
        yield f"under={outer}>{inner}"
        yield f"under={min(left[at:].count(COUNT), 3)}"
    if "each" in clause:
        at = len(clause) - 1 - clause[::-1].index("each")
        named = [sort for sort in _since(clause[:at], (COUNT,)) if sort in _MATTERS]
        turn = clause[at:].count(COUNT)
        yield f"each={named[turn] if turn < len(named) else ''}"


def _nearest(kinds: frozenset[str], places: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, str]:
    for where, sorts in places:
        found = next((sort for sort in reversed(sorts) if sort in kinds), "")
        if found:
            return found, where
    return "", ""
