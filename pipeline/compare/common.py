"""Wording that says nothing about copying: what the regulation words for everybody, and what most bodies write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from pipeline.compare.wording import RUN, Chapter, Hashes, hashes

_BUCKETS = 1 << 24
_LEAST_BODIES = 8  # below so many a store cannot say what is common
_SHARE = 0.5  # of the bodies that write a run of characters before it is everybody's
Places = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Common:
    """In how many bodies' reports each run of characters stands: an upper bound, in a table of fixed size."""

    counts: npt.NDArray[np.uint32]
    bodies: int

    def is_common(self, runs: Hashes) -> Places:
        """Of each run whether it is everybody's."""
        found = np.isin(runs, _statutory_runs())
        if self.bodies >= _LEAST_BODIES:
            found |= self.counts[runs % np.uint64(len(self.counts))] > self.bodies * _SHARE
        return found

    def places(self, chapter: Chapter) -> Places:
        """Of each character of a chapter's wording whether it stands in wording that is everybody's."""
        found = spread(self.is_common(hashes(chapter.wording)), len(chapter.wording))
        for phrase in _statutory():
            start = chapter.wording.find(phrase)
            while start >= 0:
                found[start : start + len(phrase)] = True
                start = chapter.wording.find(phrase, start + 1)
        return found


class CommonCounter:
    """Counts bodies by what they write, one report after the other; those of one body come together.

    Memory is that of the table (64 MB) and of one body's runs, however many reports there are.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_BUCKETS, dtype=np.uint32)
        self._bodies, self._last = 0, ""
        self._runs: list[Hashes] = []

    def add(self, body: str, runs: Hashes) -> None:
        if body != self._last:
            self._close(body)
        self._runs.append(runs)

    def common(self) -> Common:
        """What the bodies so far have in common."""
        self._close("")
        return Common(self._counts, self._bodies)

    def _close(self, body: str) -> None:
        if self._runs:
            self._counts[np.unique(np.concatenate(self._runs) % np.uint64(_BUCKETS))] += 1
            self._bodies += 1
        self._runs, self._last = [], body


def common_wording(reports: Iterable[tuple[str, Iterable[Chapter]]]) -> Common:
    """What the bodies of reports have in common; reports come with the key of their body, those of one together."""
    counter = CommonCounter()
    for body, some in reports:
        for chapter in some:
            counter.add(body, hashes(chapter.wording))
    return counter.common()


def spread(starts: Places, length: int) -> Places:
    """Of each of `length` characters whether a run that begins at one of `starts` covers it."""
    steps = np.zeros(length + 1, dtype=np.int64)
    where = np.flatnonzero(starts)
    np.add.at(steps, where, 1)
    np.add.at(steps, where + RUN, -1)
    return np.asarray(np.cumsum(steps[:-1]) > 0)


@lru_cache(maxsize=1)
def _statutory() -> tuple[str, ...]:
    """The phrases of `statutory.txt`, as wording."""
    from pipeline.compare.wording import chapters

    text = files("pipeline.compare").joinpath("statutory.txt").read_text(encoding="utf-8")
    lines = {"agency": None, "sections": [{"title": "-", "text": line} for line in text.splitlines()]}
    return tuple(chapter.wording for chapter in chapters(lines))


@lru_cache(maxsize=1)
def _statutory_runs() -> Hashes:
    runs: Hashes = np.unique(np.concatenate([hashes(phrase) for phrase in _statutory()]))
    return runs
