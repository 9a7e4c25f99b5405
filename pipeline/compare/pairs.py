"""Two reports side by side: which passages of one stand in the other, word for word or reworded, chapter by chapter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipeline.compare.common import Common, Places
from pipeline.compare.wording import RUN, Chapter, hashes

_MOST_PLACES = 16  # in the other text that are tried for one run of characters
_SENTENCE = re.compile(r"[^。；;！!？?\n]+[。；;！!？?\n]*")
_LEAST_SENTENCE = 12  # characters of wording
_ALIKE = 0.7  # cosine of two sentences' pairs of characters, weighted by rarity, from which one is the other reworded
_MOST_SENTENCES = 2000  # of a report that are held against the other's


class Passage(NamedTuple):
    """What one report repeats of the other: chapter and characters (of the wording) on both sides. A reworded passage
    is a whole sentence."""

    chapter: int
    start: int
    end: int
    other_chapter: int
    other_start: int
    other_end: int
    reworded: bool = False


@dataclass(frozen=True, slots=True)
class ChapterShare:
    """Of a chapter's characters that are not everybody's: their number, and how many are repeated or reworded."""

    own: int
    repeated: int
    reworded: int

    @property
    def share(self) -> float | None:
        """The share that is repeated or reworded; None where too little is the body's own to say."""
        return (self.repeated + self.reworded) / self.own if self.own >= RUN else None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two reports' chapters, the passages of the second that stand in the first, what is common wording in both (by
    chapter and character), and the shares of the second's chapters."""

    one: Sequence[Chapter]
    two: Sequence[Chapter]
    passages: tuple[Passage, ...]
    common: tuple[list[Places], list[Places]]
    shares: tuple[ChapterShare, ...]

    @property
    def total(self) -> ChapterShare:
        """The shares of all chapters together."""
        own, repeated, reworded = (
            sum(getattr(share, name) for share in self.shares) for name in ("own", "repeated", "reworded")
        )
        return ChapterShare(own, repeated, reworded)


def compare(one: Sequence[Chapter], two: Sequence[Chapter], common: Common) -> Compared:
    """What the second report repeats of the first, wherever in it. Figures and own names count as equal."""
    known = [common.places(chapter) for chapter in one], [common.places(chapter) for chapter in two]
    same = list(_repeated(one, two))
    covered = _covered(two, same)
    reworded = list(_reworded(one, two, covered, known))
    touched = _covered(two, reworded)
    shares = tuple(
        _share(~everybodys, same_here, touched_here & ~same_here)
        for everybodys, same_here, touched_here in zip(known[1], covered, touched, strict=True)
    )
    return Compared(one, two, tuple(sorted([*same, *reworded])), known, shares)


def _share(own: Places, repeated: Places, reworded: Places) -> ChapterShare:
    return ChapterShare(int(own.sum()), int((own & repeated).sum()), int((own & reworded).sum()))


def _repeated(one: Sequence[Chapter], two: Sequence[Chapter]) -> Iterator[Passage]:
    """The longest runs of the second that stand in the first, from left to right; none overlap in the second."""
    where: dict[int, list[tuple[int, int]]] = {}
    for number, chapter in enumerate(one):
        for start, run in enumerate(hashes(chapter.wording).tolist()):
            places = where.setdefault(run, [])
            if len(places) < _MOST_PLACES:
                places.append((number, start))
    for number, chapter in enumerate(two):
        start, runs = 0, hashes(chapter.wording).tolist()
        while start < len(runs):
            longest = _longest(one, chapter.wording, start, where.get(runs[start], ()))
            if longest is None:
                start += 1
                continue
            other, other_start, length = longest
            yield Passage(number, start, start + length, other, other_start, other_start + length)
            start += length


def _longest(
    one: Sequence[Chapter], wording: str, start: int, places: Sequence[tuple[int, int]]
) -> tuple[int, int, int] | None:
    """The place of the first text where most characters agree with the second's from `start`, and how many."""
    best: tuple[int, int, int] | None = None
    for number, other_start in places:
        other = one[number].wording
        length = _agreeing(wording, start, other, other_start)
        if length >= RUN and (best is None or length > best[2]):
            best = number, other_start, length
    return best


def _agreeing(text: str, start: int, other: str, other_start: int) -> int:
    """How many characters agree, found by halving."""
    low, high = 0, min(len(text) - start, len(other) - other_start)
    while low < high:
        middle = (low + high + 1) // 2
        if text[start + low : start + middle] == other[other_start + low : other_start + middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _covered(chapters: Sequence[Chapter], passages: Sequence[Passage]) -> list[Places]:
    found: list[Places] = [np.zeros(len(chapter.wording), dtype=np.bool_) for chapter in chapters]
    for passage in passages:
        found[passage.chapter][passage.start : passage.end] = True
    return found


class _Sentence(NamedTuple):
    chapter: int
    start: int
    end: int
    wording: str


def _sentences(chapters: Sequence[Chapter]) -> list[_Sentence]:
    """The sentences of all chapters by their place in the wording, those of some length."""
    found = []
    for number, chapter in enumerate(chapters):
        begins = np.fromiter((begin for begin, _ in chapter.places), dtype=np.int64, count=len(chapter.places))
        for match in _SENTENCE.finditer(chapter.text):
            start, end = (int(place) for place in np.searchsorted(begins, match.span()))
            if end - start >= _LEAST_SENTENCE:
                found.append(_Sentence(number, start, end, chapter.wording[start:end]))
    return found[:_MOST_SENTENCES]


def _reworded(
    one: Sequence[Chapter], two: Sequence[Chapter], covered: list[Places], known: tuple[list[Places], list[Places]]
) -> Iterator[Passage]:
    """Sentences of the second, not repeated in full, that are nearly those of the first."""
    left = _own_sentences(one, known[0])
    right = [
        sentence
        for sentence in _own_sentences(two, known[1])
        if not covered[sentence.chapter][sentence.start : sentence.end].all()
    ]
    if not left or not right:
        return
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), lowercase=False, sublinear_tf=True)
    known_ones = weights.fit_transform([sentence.wording for sentence in left])
    alike = (weights.transform([sentence.wording for sentence in right]) @ known_ones.T).toarray()
    for row, sentence in enumerate(right):
        best = int(alike[row].argmax())
        if alike[row, best] >= _ALIKE:
            other = left[best]
            yield Passage(*sentence[:3], *other[:3], reworded=True)


def _own_sentences(chapters: Sequence[Chapter], known: list[Places]) -> list[_Sentence]:
    """The sentences that are for the most part not everybody's."""
    return [one for one in _sentences(chapters) if known[one.chapter][one.start : one.end].mean() < 0.5]
