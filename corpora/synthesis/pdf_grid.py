"""Geometry of a table on pages: heights of rows, where pages cut them, and which edges are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpora.synthesis.tables import PrintedCell, PrintedTable

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """A row, or the part of it that one page shows: whether it begins and ends there."""

    row: int
    height: float
    begins: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """The parts of rows that one page shows of a table."""

    rows: tuple[Part, ...]


def row_heights(table: PrintedTable, lines: Mapping[PrintedCell, Sequence[str]], gap: float, one: float) -> list[float]:
    """The height of every row: its tallest cell's lines of height `one`.

    Cells over several rows stretch their last row where they need to.
    """
    heights = [one + gap] * len(table.rows)
    for cell in table.cells:
        if cell.row_span == 1:
            heights[cell.row] = max(heights[cell.row], one * len(lines[cell]) + gap)
    for cell in table.cells:
        rows = slice(cell.row, cell.row + cell.row_span)
        missing = one * len(lines[cell]) + gap - sum(heights[rows])
        if cell.row_span > 1 and missing > 0:
            heights[cell.row + cell.row_span - 1] += missing
    return heights


def cut(
    heights: Sequence[float], room: tuple[float, float], *, cut_after: int | None, head: float, line: float | None
) -> list[Strip]:
    """The strips that pages show: `room` is what this page has left and what a fresh one holds, less `head` on it.

    With `line`, the height of a line, a row that does not fit is itself cut after a whole number of lines.
    """
    strips: list[Strip] = []
    parts: list[Part] = []
    left = room[0]
    for row, height in enumerate(heights):
        begins = True
        if height > left:
            first = int((left - 4) / line) * line + 4 if line else 0.0
            if line and first > line and height - first > line:
                parts.append(Part(row, first, True, False))
                height, begins = height - first, False
            if parts:
                strips.append(Strip(tuple(parts)))
            parts, left = [], room[1] - head
        parts.append(Part(row, height, begins, True))
        left -= height
        if row == cut_after:
            strips.append(Strip(tuple(parts)))
            parts, left = [], room[1] - head
    return [*strips, Strip(tuple(parts))] if parts else strips


def edges(boxes: Sequence[Box], *, horizontal_only: bool) -> list[Box]:
    """The outlines of the boxes as few long lines: collinear pieces that touch are one."""
    across: dict[float, list[tuple[float, float]]] = {}
    down: dict[float, list[tuple[float, float]]] = {}
    for x0, top, x1, bottom in boxes:
        for y in (top, bottom):
            across.setdefault(round(y, 2), []).append((x0, x1))
        for x in (x0, x1):
            down.setdefault(round(x, 2), []).append((top, bottom))
    found = [(x0, y, x1, y) for y, spans in across.items() for x0, x1 in _joined(spans)]
    if not horizontal_only:
        found += [(x, top, x, bottom) for x, spans in down.items() for top, bottom in _joined(spans)]
    return found


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    ordered = sorted(spans)
    whole = [ordered[0]]
    for (_, _), (start, end) in pairwise(ordered):
        if start <= whole[-1][1] + 0.01:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return whole
