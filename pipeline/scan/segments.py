"""Straight runs of ink: pieces of drawn lines, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.datamodel import Edge

Array = np.ndarray[Any, Any]
Point = tuple[float, float]

SHORTEST = (0.17, 0.30)  # inches: of an upright and of a level run
_THICK = 0.05  # inches
BESIDE = 0.025  # inches that two pieces of one line may stand apart across it
_GAP = 0.12  # inches that a worn line may be interrupted


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


def long_runs(mask: Array, dpi: float, *, flat: bool) -> list[Segment]:
    """The long thin runs of ink in one direction, up to some degrees off it."""
    import cv2

    shortest = round(SHORTEST[flat] * dpi)
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


def joined_runs(segments: Sequence[Segment], dpi: float) -> list[Segment]:
    """The pieces of one line as one."""
    joined: list[Segment] = []
    for one in sorted(segments, key=lambda each: each.start[0 if each.flat else 1]):
        along = 0 if one.flat else 1
        for place, other in enumerate(joined):
            gap = one.start[along] - other.end[along]
            apart = abs(one.start[1 - along] - other.end[1 - along])
            if -_GAP * dpi * 20 <= gap <= _GAP * dpi and apart <= BESIDE * dpi:
                far = max(other, one, key=lambda each: each.end[along]).end
                joined[place] = Segment(other.start, far, max(one.thick, other.thick))
                break
        else:
            joined.append(one)
    return joined


def bow(one: Segment, mask: Array) -> float:
    """By how many pixels the middle third of a run is off the straight line between its ends: more than a ruled line,
    if it is an arc of a seal or of a ring round a figure."""
    along, across = 1 - int(one.flat), int(one.flat)
    first, last = round(one.start[along] + one.length / 3), round(one.start[along] + 2 * one.length / 3) + 1
    steps = np.arange(first, last)
    off = np.arange(-6, 7)[:, None]
    places = np.rint(one.start[across] + one.slope * (steps - one.start[along]))[None, :] + off
    lanes = mask if one.flat else mask.T
    places = np.clip(places, 0, lanes.shape[0] - 1).astype(int)
    ink = lanes[places, np.clip(steps, 0, lanes.shape[1] - 1)[None, :]] > 0
    return abs(float((ink * off).sum() / max(ink.sum(), 1)))


def inked(one: Segment, mask: Array) -> float:
    """The share of a line that is ink."""
    return float((mask[pixels_along(one, mask.shape)] > 0).any(axis=0).mean())


def pixels_along(one: Segment, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """(rows, columns) of the pixels along a line, five across it."""
    steps = max(round(one.length), 2)
    x = np.linspace(one.start[0], one.end[0], steps)
    y = np.linspace(one.start[1], one.end[1], steps)
    shifts = np.arange(-2, 3)[:, None]
    columns = np.clip(np.rint(x + (0 if one.flat else shifts)), 0, shape[1] - 1).astype(int)
    rows = np.clip(np.rint(y + (shifts if one.flat else 0)), 0, shape[0] - 1).astype(int)
    columns, rows = np.broadcast_arrays(columns, rows)
    return rows, columns


def edge_of(one: Segment, dpi: float) -> Edge:
    (x0, y0), (x1, y1) = one.start, one.end
    x0, y0, x1, y1 = (x0, one.place, x1, one.place) if one.flat else (one.place, y0, one.place, y1)
    return Edge(*(round(side * 72 / dpi, 2) for side in (x0, y0, x1, y1)))
