"""What looks like drawn lines and is none: folds of the paper, strokes of big type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.datamodel import Box, Edge
from pipeline.scan.segments import Segment, edge_of, pixels_along
from pipeline.tables.grid import SNAP, Grid, find_grids

Array = np.ndarray[Any, Any]

TOUCH = 0.045  # inches within which the end of a line is at another line
_PALE = 0.5  # of the contrast of the page's other lines: a fold has less
_PAST, _LOOSE = 0.12, 0.03  # inches that a line runs on past its table, and that a fold ends past a rule
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
    pale = strengths < _PALE * _middle(strengths, np.array([one.length for one in lines]))
    ends = [_past(one, across, dpi) for one in lines]
    through = sum(min(past) > _PAST * dpi for past in ends) < 3
    folds = [
        one
        for one, faint, past in zip(lines, pale.tolist(), ends, strict=True)
        if (faint and max(past) > _LOOSE * dpi) or (through and min(past) > _PAST * dpi)
    ]
    pieces = [one for one, faint in zip(lines, pale.tolist(), strict=True) if faint and _in_line(one, folds, dpi)]
    return [one for one in lines if one not in folds and one not in pieces]


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


def _past(one: Segment, across: Sequence[Segment], dpi: float) -> tuple[float, float]:
    """By how many pixels the ends of a line stand in the open, past the first and past the last line that crosses it;
    nothing for a line that none crosses."""
    along, touch = 0 if one.flat else 1, TOUCH * dpi
    met = [
        other.place
        for other in across
        if one.start[along] - touch <= other.place <= one.end[along] + touch
        and other.start[1 - along] - touch <= one.place <= other.end[1 - along] + touch
    ]
    return (min(met) - one.start[along], one.end[along] - max(met)) if met else (0.0, 0.0)
