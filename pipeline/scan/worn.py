"""Level lines that a fax or a copier left in pieces: what is missing between two upright lines is put back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from pipeline.scan.folds import TOUCH
from pipeline.scan.segments import BESIDE, Segment, bow, inked

Array = np.ndarray[Any, Any]

_PIECES, _WORN = 0.4, 0.6  # share of the way from post to post that pieces make up, and that is ink
_CROWDED = 0.35  # share of what is missing beside which there is ink
_STRAIGHT = 0.006  # inches that a piece may bow


def worn_lines(
    level: Sequence[Segment], whole: Sequence[Segment], posts: Sequence[Segment], mask: Array, dpi: float
) -> list[Segment]:
    """The level lines between neighbouring upright lines of which enough is left, but for those that lie along whole
    ones."""
    pieces = [one for one in level if bow(one, mask) <= _STRAIGHT * dpi]
    found: list[Segment] = []
    for one in sorted(pieces, key=lambda each: -each.length):
        for first, last in _ways(one, posts, dpi):
            longer = _between(one, pieces, first, last, dpi)
            if not longer or _covered(longer, [*whole, *found], dpi) or inked(longer, mask) < _WORN:
                continue
            if _crowded(longer, pieces, mask, dpi) <= _CROWDED:
                found.append(longer)
    return found


def _ways(one: Segment, posts: Sequence[Segment], dpi: float) -> list[tuple[float, float]]:
    """From which upright line to which a piece may be taken: between neighbours, and over all that it reaches."""
    places, touch = _standing(one, posts, dpi), TOUCH * dpi
    before = [place for place in places if place <= one.start[0] + touch]
    after = [place for place in places if place >= one.end[0] - touch]
    return [*pairwise(places), *([(before[-1], after[0])] if before and after else [])]


def _standing(one: Segment, posts: Sequence[Segment], dpi: float) -> list[float]:
    """Where upright lines stand at the height of a piece, from left to right, each once."""
    touch = TOUCH * dpi
    places = sorted(post.place for post in posts if post.start[1] - touch <= one.place <= post.end[1] + touch)
    return [place for before, place in pairwise([-dpi, *places]) if place - before > touch]


def _between(one: Segment, pieces: Sequence[Segment], first: float, last: float, dpi: float) -> Segment | None:
    """The line from post to post, by what lies there of a piece and of those in its line; None for too little."""
    parts = []
    for other in pieces:
        begin, end = max(other.start[0], first), min(other.end[0], last)
        if end > begin:
            height = other.start[1] + other.slope * ((begin + end) / 2 - other.start[0])
            if abs(other.place - one.place) <= 2 * BESIDE * dpi and abs(height - one.place) <= 2 * BESIDE * dpi:
                parts.append((begin, end, height))
    if not parts or _union(parts) < _PIECES * (last - first):
        return None
    lengths = np.array([end - begin for begin, end, _ in parts])
    place = float(np.average([height for *_, height in parts], weights=lengths))
    return Segment((first, place), (last, place), one.thick)


def _crowded(one: Segment, pieces: Sequence[Segment], mask: Array, dpi: float) -> float:
    """The share of what a line lacks that has ink close above or below: print or a pen passes there, and no rule."""
    first, last, middle = round(one.start[0]), round(one.end[0]), round(one.place)
    lacking = np.ones(max(last - first, 1), dtype=bool)
    lacking[: round(TOUCH * dpi)] = lacking[-round(TOUCH * dpi) :] = False
    for other in pieces:
        if abs(other.place - one.place) <= 2 * BESIDE * dpi:
            lacking[max(round(other.start[0]) - first, 0) : max(round(other.end[0]) + 1 - first, 0)] = False
    near, far = round(BESIDE * dpi) + 1, round(2.5 * BESIDE * dpi) + 1
    bands = (slice(max(middle - far, 0), max(middle - near, 0)), slice(middle + near, middle + far))
    beside: Array = np.concatenate([mask[band, first : first + len(lacking)] > 0 for band in bands])
    missing = beside.max(axis=0, initial=False)[lacking[: beside.shape[1]]]
    return float(missing.mean()) if missing.size else 0.0


def _union(parts: Sequence[tuple[float, float, float]]) -> float:
    """The length that spans cover together."""
    total, reached = 0.0, -np.inf
    for begin, end, _ in sorted(parts):
        total += max(end - max(begin, reached), 0.0)
        reached = max(reached, end)
    return float(total)


def _covered(one: Segment, lines: Sequence[Segment], dpi: float) -> bool:
    """Whether a level line lies along others already."""
    beside, touch = 2 * BESIDE * dpi, TOUCH * dpi
    return any(
        abs(other.place - one.place) <= beside
        and other.start[0] - touch <= one.start[0]
        and one.end[0] <= other.end[0] + touch
        for other in lines
    )
