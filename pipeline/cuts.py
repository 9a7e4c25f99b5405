"""Every way to cut a run of digits into the numbers of a row's cells: what nothing parts, only counting can part.

A run is what stands between two labels where a converter lost the borders of cells: `801000081` in a row of seven is
80, 1, 0, 0, 0, 0, 81 and many other rows, of which the row's sum leaves one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.text import normalise, parse_number

Span = tuple[int, int]
Cut = tuple[Span, ...]
Sums = tuple[tuple[tuple[int, ...], int], ...]

_MOST_CUTS = 1_000  # ways to cut one row; of more than that no report settles one
_MOST_STEPS = 10_000  # cells tried in one run
_LONGEST_RUN = 80  # characters
_NOTE = r"(?:\([^()]*\))?"
_OF_KIND = {
    "count": re.compile(rf"(?:0|[1-9]\d*){_NOTE}"),
    "change": re.compile(rf"(?:0|[+-]?[1-9]\d*){_NOTE}"),
    "amount": re.compile(rf"(?:0|[1-9]\d*)(?:\.\d+)?(?:万?元)?{_NOTE}"),
}
_NOTHING = frozenset("/-无")  # each an empty cell


class _TooMany(Exception):
    """More ways to cut than are worth looking at."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run without its blanks, and where each of its characters stands in the text of its cell."""

    text: str
    places: tuple[int, ...]
    parts: tuple[Span, ...]  # what the blanks part, as places in `text`

    def span(self, cut: Span) -> Span:
        """Where a part of the run stands in the text of its cell."""
        start, end = cut
        if not self.places:
            return 0, 0
        if start == end:
            at = self.places[start] if start < len(self.places) else self.places[-1] + 1
            return at, at
        return self.places[start], self.places[end - 1] + 1


@lru_cache(maxsize=4096)
def read_run(text: str) -> Run:
    """The characters of a run in one width each, with the blanks taken out but not forgotten."""
    kept = ""
    places: list[int] = []
    parts: list[int] = []
    for at, character in enumerate(text):
        plain = normalise(character).strip()
        if not plain:
            continue
        if not places or places[-1] + 1 < at:
            parts.append(len(kept))
        kept += plain[0]
        places.append(at)
    ends = [*parts[1:], len(kept)][: len(parts)]
    return Run(kept, tuple(places), tuple(zip(parts, ends, strict=True)))


@dataclass(frozen=True, slots=True)
class Cuts:
    """The ways to cut a run, None where they are too many to look at, and the cells that were tried to find them."""

    found: tuple[Cut, ...] | None
    steps: int


@lru_cache(maxsize=4096)
def cut_run(run: Run, kinds: tuple[str, ...], sums: Sums, *, parted: bool = False, unseen: bool = False) -> Cuts:
    """The ways to cut a run into one number a column (kinds: count, change, amount), those alone that its `sums`
    allow; none where it cannot be cut so.

    A number has no leading zero, a sign stands only in a change, a decimal point and 元 only in an amount; a stroke
    is an empty cell. With `parted` no cell reaches over a blank; with `unseen` any cell may hold nothing at all. At
    most 10,000 cells are tried.
    """
    cutter = _Cutter(run, kinds, sums, parted, unseen)
    try:
        return Cuts(tuple(cutter.cuts()), cutter.steps)
    except _TooMany:
        return Cuts(None, cutter.steps)


class _Cutter:
    """A search from left to right that asks each sum as soon as its last cell is cut."""

    def __init__(self, run: Run, kinds: Sequence[str], sums: Sums, parted: bool, unseen: bool) -> None:
        self._text, self._kinds, self._unseen = run.text, kinds, unseen
        parts = run.parts if parted else ((0, len(run.text)),)
        self._border = [end for start, end in parts for _ in range(start, end)]  # for each place the next border
        self.steps = 0
        self._due: list[Sums] = [
            tuple(one for one in sums if max(*one[0], one[1]) == column) for column in range(len(kinds))
        ]
        self._addends = {place: left for left, right in sums for place in left if right > max(left)}
        self._values: list[float | None] = [None] * len(kinds)

    def cuts(self) -> Iterator[Cut]:
        """The cuts, shortest first cells first; _TooMany where they or the search for them exceed the bounds."""
        if len(self._text) > _LONGEST_RUN:
            raise _TooMany
        for number, cut in enumerate(self._from(0, 0, ())):
            if number == _MOST_CUTS:
                raise _TooMany
            yield cut

    def _from(self, column: int, at: int, cut: Cut) -> Iterator[Cut]:
        if column == len(self._kinds):
            if at == len(self._text):
                yield cut
            return
        for end, value in self._cells(column, at):
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise _TooMany
            self._values[column] = value
            if all(self._holds(one) for one in self._due[column]):
                yield from self._from(column + 1, end, (*cut, (at, end)))

    def _cells(self, column: int, at: int) -> Iterator[tuple[int, float | None]]:
        """The ends of what may stand in a column from `at` on, with its value (None where it is blank)."""
        text = self._text
        left = len(self._kinds) - column - 1
        if self._unseen:
            yield at, None
            left = 0
        if text[at : at + 1] in _NOTHING:
            yield at + 1, None
        last = min(len(text) - left, self._border[at] if at < len(text) else at)
        known = self._wanted(column)
        if known is not None:
            if text.startswith(known, at) and at + len(known) <= last:
                yield at + len(known), float(known)
            return
        kind = _OF_KIND[self._kinds[column]]
        ends = [len(text)] if column == len(self._kinds) - 1 and not self._unseen else range(at + 1, last + 1)
        for end in ends:
            if end <= last and kind.fullmatch(text, at, end):
                value = float(parse_number(text[at:end]).value or 0)
                if not self._unseen and len(text) - end < left + self._digits_of_total(column, value) - 1:
                    return
                yield end, value

    def _digits_of_total(self, column: int, value: float) -> int:
        """How many digits the total of the cells so far has at least, 1 where there is no total to come."""
        before = (self._values[place] or 0 for place in self._addends.get(column, ()) if place < column)
        return len(str(int(value + sum(before)))) if column in self._addends else 1

    def _wanted(self, column: int) -> str | None:
        """What a column must say that is the total of columns all known and not all blank."""
        for left, right in self._due[column]:
            addends = [self._values[place] for place in left]
            if right == column and not self._unseen and any(value is not None for value in addends):
                return str(int(sum(value or 0 for value in addends)))
        return None

    def _holds(self, one: tuple[tuple[int, ...], int]) -> bool:
        """Whether a sum holds; one with nothing on a side says nothing."""
        left, right = one
        addends, total = [self._values[place] for place in left], self._values[right]
        if total is None or all(value is None for value in addends):
            return True
        return abs(sum(value or 0 for value in addends) - total) < 1e-6
