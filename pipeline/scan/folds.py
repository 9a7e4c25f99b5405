"""What looks like drawn lines and is none: folds of the paper, strokes of big type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.datamodel import Box, Edge
from pipeline.scan.segments import SHORTEST, Segment, edge_of, pixels_along
from pipeline.tables.grid import SNAP, Grid, find_grids

Array = np.ndarray[Any, Any]

TOUCH = 0.045  # inches within which the end of a line is at another line
_PALE = 0.5  # of the contrast of the page's other lines: a fold has less
_PAST, _LOOSE = 0.12, 0.03  # inches that a line runs on past its table, and that a fold ends past a rule
_RULE, _BESIDE_FOLD, _WEAK = 0.6, 0.04, 0.03  # of the other lines' contrast; inches: a rule along a fold is as near
_ALL_ALONG = 0.9  # share of a fold that is as dark as rules where it is no rule's neighbour
_NEAR = 1.0  # inches: a rule beside whose end a worn line ends in the open may have met it
_CELL, _LOW = 14.0, 40.0  # points: usual cells of a low grid are no smaller; strokes of a line of big type make such


def without_type(ruled: Sequence[Segment], dpi: float) -> list[Segment]:
    """The lines but for those that only strokes of big type make, whose cells are smaller than print."""
    found = find_grids(edge_of(one, dpi) for one in ruled)
    type_boxes = [grid.box for grid in found if grid.ys[-1] - grid.ys[0] < _LOW and _usual_side(grid) < _CELL]
    return [one for one in ruled if not any(_within(edge_of(one, dpi), box) for box in type_boxes)]


def _usual_side(grid: Grid) -> float:
    """The shorter side of a usual cell, in points."""
    boxes = [grid.box_of(slot) for slot in grid.slots]
    return float(np.median([min(x1 - x0, bottom - top) for x0, top, x1, bottom in boxes]))


def _within(edge: Edge, box: Box) -> bool:
    x0, top, x1, bottom = box
    return x0 - SNAP <= edge.x0 and edge.x1 <= x1 + SNAP and top - SNAP <= edge.top and edge.bottom <= bottom + SNAP


def without_folds(lines: Sequence[Segment], across: Sequence[Segment], darker: Array, dpi: float) -> list[Segment]:
    """The lines that are no folds of the paper: a fold is paler than rules and ends in the open, or runs on past its
    table at both ends where no other line does. What is pale in the line of a fold is a piece of it."""
    if len(lines) < 3:
        return list(lines)
    strengths = np.array([_strength(one, darker) for one in lines])
    usual = _middle(strengths, np.array([one.length for one in lines]))
    pale = strengths < _PALE * usual
    ends = [_past(one, across, dpi) for one in lines]
    open_ended = [min(past) > _PAST * dpi for past in ends]
    beyond = [_past(one, across, dpi, _NEAR) if at else (0.0, 0.0) for one, at in zip(lines, open_ended, strict=True)]
    through = sum(min(past) > _PAST * dpi for past in beyond) < 3
    folds = [
        one
        for one, faint, past, far in zip(lines, pale.tolist(), ends, beyond, strict=True)
        if (faint and max(past) > _LOOSE * dpi) or (through and min(far) > _PAST * dpi)
    ]
    pieces = [one for one, faint in zip(lines, pale.tolist(), strict=True) if faint and _in_line(one, folds, dpi)]
    rules = [rule for fold in folds for rule in _rules_along(fold, darker, _RULE * usual, dpi)]
    return [*(one for one in lines if one not in folds and one not in pieces), *rules]


def _rules_along(fold: Segment, darker: Array, least: float, dpi: float) -> list[Segment]:
    """The rules that a fold runs along: straight stretches as dark as rules, if the fold is not as dark all along."""
    import cv2

    lanes, (start, end) = (darker, (0, 0)) if fold.flat else (darker.T, (1, 1))
    first, last = max(round(fold.start[start]), 0), round(fold.end[end]) + 1
    top = max(round(fold.place - _BESIDE_FOLD * dpi), 0)
    dark = (lanes[top : round(fold.place + _BESIDE_FOLD * dpi) + 1, first:last] >= least).astype(np.uint8)
    if not dark.size:
        return []
    dark = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    dark = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, round(_WEAK * dpi)), np.uint8))
    dark = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, round(SHORTEST[fold.flat] * dpi)), np.uint8))
    lengths = dark.sum(axis=1)
    row = int(np.median(np.flatnonzero(lengths == lengths.max())))
    if dark[row].mean() > _ALL_ALONG:
        return []
    steps = np.flatnonzero(np.diff(np.concatenate([[0], dark[row].astype(np.int8), [0]]))).reshape(-1, 2) + first
    place = float(top + row)
    return [
        Segment((begin, place), (stop - 1, place), 3.0)
        if fold.flat
        else Segment((place, begin), (place, stop - 1), 3.0)
        for begin, stop in steps.astype(float).tolist()
    ]


def _in_line(one: Segment, folds: Sequence[Segment], dpi: float) -> bool:
    return any(abs(one.place - fold.place) <= _PAST * dpi for fold in folds)


def _strength(one: Segment, darker: Array) -> float:
    """The usual contrast of a line."""
    return float(np.percentile(darker[pixels_along(one, darker.shape)].max(axis=0), 50))


def _middle(values: Array, weights: Array) -> float:
    """The weighted median."""
    order = np.argsort(values)
    heaped = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(heaped, heaped[-1] / 2)])


def _past(one: Segment, across: Sequence[Segment], dpi: float, near: float = TOUCH) -> tuple[float, float]:
    """By how many pixels the ends of a line stand in the open, past the first and past the last line that crosses it or
    ends `near` inches beside it; nothing for a line that none crosses."""
    along, touch, reach = 0 if one.flat else 1, TOUCH * dpi, near * dpi
    met = [
        other.place
        for other in across
        if one.start[along] - touch <= other.place <= one.end[along] + touch
        and other.start[1 - along] - reach <= one.place <= other.end[1 - along] + reach
    ]
    return (min(met) - one.start[along], one.end[along] - max(met)) if met else (0.0, 0.0)
