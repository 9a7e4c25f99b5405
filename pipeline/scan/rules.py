"""The drawn lines of a picture: long thin runs of ink that end at one another, as those of a table do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.datamodel import Edge

Array = np.ndarray[Any, Any]
Point = tuple[float, float]

_BLOCK, _DARKER = 0.2, 16  # inches about a pixel, and gray levels that ink is darker than the mean of them
_LEVEL, _UPRIGHT = 0.30, 0.17  # inches: shortest runs
_THICK = 0.05  # inches
_BESIDE = 0.025  # inches that two pieces of one line may stand apart across it
_GAP = 0.12  # inches that a worn line may be interrupted
_TOUCH = 0.045  # inches within which the end of a line is at another line
_SOLID, _WORN = 0.75, 0.45  # share of a line that must be ink, and of one that was left in pieces
_STRAIGHT = 0.006  # inches that a piece of a worn line may bow
_ALONE = 1.5  # inches of a level line without a grid (an underline, a table of three rules)


class Segment(NamedTuple):
    """A straight run of ink in pixels, from left to right or from top to bottom, and how thick it is."""

    start: Point
    end: Point
    thick: float

    @property
    def flat(self) -> bool:
        return abs(self.end[0] - self.start[0]) >= abs(self.end[1] - self.start[1])

    @property
    def length(self) -> float:
        return max(abs(self.end[0] - self.start[0]), abs(self.end[1] - self.start[1]))

    @property
    def place(self) -> float:
        """Where it stands across its direction."""
        return (self.start[self.flat] + self.end[self.flat]) / 2

    @property
    def slope(self) -> float:
        """By how many pixels it leaves its direction for each pixel along it."""
        across, along = int(self.flat), 1 - int(self.flat)
        return (self.end[across] - self.start[across]) / max(self.end[along] - self.start[along], 1.0)


class Rules(NamedTuple):
    """The edges in points, and the pixels (255) that they cover."""

    edges: tuple[Edge, ...]
    mask: Array


def contrast(gray: Array, dpi: float) -> Array:
    """By how many levels each pixel is darker than the mean of what is about it."""
    import cv2

    block = round(_BLOCK * dpi) | 1
    darker: Array = cv2.subtract(cv2.blur(gray, (block, block)), gray)
    return darker


def ink_mask(darker: Array, least: float = _DARKER) -> Array:
    """Which pixels (255) have so much contrast that they are ink."""
    import cv2

    mask: Array = cv2.threshold(darker, least, 255, cv2.THRESH_BINARY)[1]
    return mask


def find_rules(mask: Array, dpi: float) -> Rules:
    """The drawn lines of a mask of ink: those of grids, and long level ones alone."""
    level, upright = (_joined(long_runs(mask, dpi, flat=flat), dpi) for flat in (True, False))
    alone = [one for one in level if one.length >= _ALONE * dpi]
    level, upright = _with_worn(level, upright, mask, dpi)
    points = 72 / dpi
    edges = []
    for one in (*level, *upright):
        (x0, y0), (x1, y1) = one.start, one.end
        x0, y0, x1, y1 = (x0, one.place, x1, one.place) if one.flat else (one.place, y0, one.place, y1)
        edges.append(Edge(*(round(side * points, 2) for side in (x0, y0, x1, y1))))
    return Rules(tuple(edges), _drawn(mask, [*level, *upright, *alone]))


def long_runs(mask: Array, dpi: float, *, flat: bool) -> list[Segment]:
    """The long thin runs of ink in one direction, up to some degrees off it."""
    import cv2

    shortest = round((_LEVEL if flat else _UPRIGHT) * dpi)
    across = (1, 3) if flat else (3, 1)
    along = (shortest, 1) if flat else (1, shortest)
    joined = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_RECT, across))
    runs = cv2.morphologyEx(joined, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, along))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found = []
    for one in range(1, count):
        x, y, wide, high, area = stats[one].tolist()
        thick = area / max(wide if flat else high, 1)
        if thick <= _THICK * dpi and (high if flat else wide) <= max(_THICK * dpi, 0.06 * max(wide, high)):
            part = labels[y : y + high, x : x + wide] == one
            found.append(_segment(part if flat else part.T, (x, y), thick, flat=flat))
    return found


def _segment(part: Array, corner: tuple[int, int], thick: float, *, flat: bool) -> Segment:
    """The middle of a run from its first to its last column (`part` is turned so that it lies level)."""
    high, wide = part.shape
    reach = max(wide // 8, 1)
    rows = np.arange(high)
    ends = []
    for piece, at in ((part[:, :reach], (reach - 1) / 2), (part[:, -reach:], wide - (reach + 1) / 2)):
        weight = piece.sum(axis=1)
        ends.append((at, float((rows * weight).sum() / max(weight.sum(), 1))))
    (a, b), (c, d) = ends
    slope = (d - b) / max(c - a, 1.0)
    left, right = b - slope * a, d + slope * (wide - 1 - c)
    if flat:
        return Segment((corner[0], corner[1] + left), (corner[0] + wide - 1, corner[1] + right), thick)
    return Segment((corner[0] + left, corner[1]), (corner[0] + right, corner[1] + wide - 1), thick)


def _joined(segments: Sequence[Segment], dpi: float) -> list[Segment]:
    """The pieces of one line as one."""
    joined: list[Segment] = []
    for one in sorted(segments, key=lambda each: each.start[0 if each.flat else 1]):
        along = 0 if one.flat else 1
        for place, other in enumerate(joined):
            gap = one.start[along] - other.end[along]
            apart = abs(one.start[1 - along] - other.end[1 - along])
            if -_GAP * dpi * 20 <= gap <= _GAP * dpi and apart <= _BESIDE * dpi:
                far = max(other, one, key=lambda each: each.end[along]).end
                joined[place] = Segment(other.start, far, max(one.thick, other.thick))
                break
        else:
            joined.append(one)
    return joined


def _meeting(
    level: list[Segment], upright: list[Segment], mask: Array, dpi: float
) -> tuple[list[Segment], list[Segment]]:
    """The lines cut back to where they meet lines of the other direction; those that meet fewer than two are dropped,
    as strokes of characters, seals and pens are. Where several run on past the last, the page cuts their table."""
    count = -1
    while count != len(level) + len(upright):
        count = len(level) + len(upright)
        upright = [one for one in _cut_back(upright, level, dpi) if _inked(one, mask) >= _SOLID]
        level = [one for one in _cut_back(level, upright, dpi) if _inked(one, mask) >= _SOLID]
    return level, upright


def _with_worn(
    level: list[Segment], upright: list[Segment], mask: Array, dpi: float
) -> tuple[list[Segment], list[Segment]]:
    """The lines that meet, and those level ones that a fax or a copier left in pieces: a piece that stands in the open
    at an end is taken on to the next upright line, where enough of the way is ink."""
    whole, posts = _meeting(level, upright, mask, dpi)
    worn: list[Segment] = []
    for one in level:
        longer = _reaching(one, posts, dpi) if _bow(one, mask) <= _STRAIGHT * dpi else None
        if longer and not _covered(longer, [*whole, *worn], dpi) and _inked(longer, mask) >= _WORN:
            worn.append(longer)
    if not worn:
        return whole, posts
    level = [*whole, *worn]
    return level, [one for one in _cut_back(upright, level, dpi) if _inked(one, mask) >= _SOLID]


def _reaching(one: Segment, posts: Sequence[Segment], dpi: float) -> Segment | None:
    """The level piece from the upright line at or before it to the one at or after it; None without them, or where it
    touches none."""
    touch = _TOUCH * dpi
    places = [post.place for post in posts if post.start[1] - touch <= one.place <= post.end[1] + touch]
    begin, end = one.start[0], one.end[0]
    before = [place for place in places if place <= begin + touch]
    after = [place for place in places if place >= end - touch]
    if not before or not after or not any(begin - touch <= place <= end + touch for place in places):
        return None
    first, last = max(before), min(after)
    return one._replace(
        start=(first, one.start[1] + one.slope * (first - begin)), end=(last, one.end[1] + one.slope * (last - end))
    )


def _bow(one: Segment, mask: Array) -> float:
    """By how many pixels the middle third of a level piece is off the straight line between its ends: more than a
    ruled line, if it is the top of a seal or of a ring round a figure."""
    left, right = round(one.start[0] + one.length / 3), round(one.start[0] + 2 * one.length / 3) + 1
    columns = np.arange(left, right)
    rows = np.rint(one.start[1] + one.slope * (columns - one.start[0]))[None, :] + np.arange(-6, 7)[:, None]
    rows = np.clip(rows, 0, mask.shape[0] - 1).astype(int)
    ink = mask[rows, np.clip(columns, 0, mask.shape[1] - 1)[None, :]] > 0
    return abs(float((ink * np.arange(-6, 7)[:, None]).sum() / max(ink.sum(), 1)))


def _covered(one: Segment, lines: Sequence[Segment], dpi: float) -> bool:
    """Whether a level line lies along others already."""
    beside, touch = 2 * _BESIDE * dpi, _TOUCH * dpi
    return any(
        abs(other.place - one.place) <= beside
        and other.start[0] - touch <= one.start[0]
        and one.end[0] <= other.end[0] + touch
        for other in lines
    )


def _inked(one: Segment, mask: Array) -> float:
    """The share of a line that is ink."""
    steps = max(round(one.length), 2)
    x = np.linspace(one.start[0], one.end[0], steps)
    y = np.linspace(one.start[1], one.end[1], steps)
    shifts = np.arange(-2, 3)[:, None]
    columns = np.clip(np.rint(x + (0 if one.flat else shifts)), 0, mask.shape[1] - 1).astype(int)
    rows = np.clip(np.rint(y + (shifts if one.flat else 0)), 0, mask.shape[0] - 1).astype(int)
    columns, rows = np.broadcast_arrays(columns, rows)
    return float((mask[rows, columns] > 0).any(axis=0).mean())


def _cut_back(lines: Sequence[Segment], across: Sequence[Segment], dpi: float) -> list[Segment]:
    kept: list[Segment] = []
    loose: list[tuple[Segment, list[float]]] = []
    for one in lines:
        along = 0 if one.flat else 1
        met = sorted(
            other.place
            for other in across
            if one.start[along] - _TOUCH * dpi <= other.place <= one.end[along] + _TOUCH * dpi
            and other.start[1 - along] - _TOUCH * dpi <= one.place <= other.end[1 - along] + _TOUCH * dpi
        )
        if met:
            loose.append((one, met))
    for one, met in loose:
        along = 0 if one.flat else 1
        first, last = met[0], met[-1]
        before = [o for o, m in loose if abs(m[0] - first) <= _TOUCH * dpi and _beyond(o, m[0], along, dpi, -1)]
        after = [o for o, m in loose if abs(m[-1] - last) <= _TOUCH * dpi and _beyond(o, m[-1], along, dpi, 1)]
        begin = one.start[along] if one in before and len(before) >= 3 else first
        end = one.end[along] if one in after and len(after) >= 3 else last
        if end - begin > _TOUCH * dpi:
            kept.append(_between(one, begin, end))
    return kept


def _beyond(one: Segment, at: float, along: int, dpi: float, way: int) -> bool:
    """Whether a line runs on past a place."""
    return (one.end[along] - at if way > 0 else at - one.start[along]) > 0.12 * dpi


def _between(one: Segment, begin: float, end: float) -> Segment:
    if one.flat:
        return one._replace(start=(begin, one.start[1]), end=(end, one.end[1]))
    return one._replace(start=(one.start[0], begin), end=(one.end[0], end))


def _drawn(mask: Array, segments: Sequence[Segment]) -> Array:
    """The ink of the lines."""
    import cv2

    drawn = np.zeros_like(mask)
    for one in segments:
        start, end = (tuple(round(side) for side in point) for point in (one.start, one.end))
        cv2.line(drawn, start, end, 255, max(round(one.thick) + 2, 3))
    covered: Array = cv2.bitwise_and(drawn, mask)
    return covered
