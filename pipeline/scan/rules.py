"""The drawn lines of a picture: long thin runs of ink that end at one another, as those of a table do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.datamodel import Edge
from pipeline.scan.folds import TOUCH, without_folds, without_type
from pipeline.scan.segments import Segment, bow, edge_of, inked, joined_runs, long_runs
from pipeline.scan.worn import worn_lines

Array = np.ndarray[Any, Any]

_BLOCK, _DARKER = 0.2, 16  # inches about a pixel, and gray levels that ink is darker than the mean of them
_SOLID = 0.75  # share of a line that must be ink
_ARC, _SHORT_ARC, _SHORT = 0.009, 0.005, 0.6  # inches that a line may bow, and a level one shorter than that
_ALONE = 1.5  # inches of a level line without a grid (an underline, a table of three rules)


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


def find_rules(darker: Array, dpi: float) -> Rules:
    """The drawn lines of a page, by its contrast: those of grids, and long level ones alone."""
    mask = ink_mask(darker)
    level, upright = (
        joined_runs(_without_arcs(long_runs(mask, dpi, flat=flat), mask, dpi), dpi) for flat in (True, False)
    )
    alone = [one for one in level if one.length >= _ALONE * dpi and inked(one, mask) >= _SOLID]
    level, upright = _without_arcs(level, mask, dpi), _without_arcs(upright, mask, dpi)
    level, upright = without_folds(level, upright, darker, dpi), without_folds(upright, level, darker, dpi)
    level, upright = _with_worn(level, upright, mask, dpi)
    level = _without_arcs(level, mask, dpi)
    ruled = without_type([*level, *upright], dpi)
    return Rules(tuple(edge_of(one, dpi) for one in ruled), _drawn(mask, [*ruled, *alone]))


def _without_arcs(lines: Sequence[Segment], mask: Array, dpi: float) -> list[Segment]:
    """The lines but for short ones that bow, as pieces of seals do."""
    return [
        one
        for one in lines
        if one.length >= _ALONE * dpi
        or bow(one, mask) <= (_SHORT_ARC if one.flat and one.length < _SHORT * dpi else _ARC) * dpi
    ]


def _meeting(
    level: list[Segment], upright: list[Segment], mask: Array, dpi: float
) -> tuple[list[Segment], list[Segment]]:
    """The lines cut back to where they meet lines of the other direction; those that meet fewer than two are dropped,
    as strokes of characters, seals and pens are. Where several run on past the last, the page cuts their table."""
    count = -1
    while count != len(level) + len(upright):
        count = len(level) + len(upright)
        upright = _solid(_cut_back(upright, level, dpi), mask)
        level = _solid(_cut_back(level, upright, dpi), mask)
    return level, upright


def _with_worn(
    level: list[Segment], upright: list[Segment], mask: Array, dpi: float
) -> tuple[list[Segment], list[Segment]]:
    """The lines that meet, with the level ones that were left in pieces."""
    whole, posts = _meeting(level, upright, mask, dpi)
    touched = _solid(_cut_back(upright, level, dpi), mask)
    worn = worn_lines(level, whole, touched, mask, dpi)
    if not worn:
        return whole, posts
    posts = _solid(_cut_back(upright, [*whole, *worn], dpi), mask)
    found = [*_solid(_cut_back(level, posts, dpi), mask), *_cut_back(worn, posts, dpi)]
    return found, _solid(_cut_back(upright, found, dpi), mask)


def _solid(lines: Sequence[Segment], mask: Array) -> list[Segment]:
    """The lines that are ink nearly all along."""
    return [one for one in lines if inked(one, mask) >= _SOLID]


def _cut_back(lines: Sequence[Segment], across: Sequence[Segment], dpi: float) -> list[Segment]:
    kept: list[Segment] = []
    loose: list[tuple[Segment, list[float]]] = []
    for one in lines:
        along = 0 if one.flat else 1
        met = sorted(
            other.place
            for other in across
            if one.start[along] - TOUCH * dpi <= other.place <= one.end[along] + TOUCH * dpi
            and other.start[1 - along] - TOUCH * dpi <= one.place <= other.end[1 - along] + TOUCH * dpi
        )
        if met:
            loose.append((one, met))
    for one, met in loose:
        along = 0 if one.flat else 1
        first, last = met[0], met[-1]
        before = [o for o, m in loose if abs(m[0] - first) <= TOUCH * dpi and _beyond(o, m[0], along, dpi, -1)]
        after = [o for o, m in loose if abs(m[-1] - last) <= TOUCH * dpi and _beyond(o, m[-1], along, dpi, 1)]
        begin = one.start[along] if one in before and len(before) >= 3 else first
        end = one.end[along] if one in after and len(after) >= 3 else last
        if end - begin > TOUCH * dpi:
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
