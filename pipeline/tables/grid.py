"""The ruled grid: drawn edges of a page into lattices of cells, gaps, double lines and open ends mended."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from pipeline.datamodel import Box, Edge

SNAP = 3.0  # points: edges nearer than this and overlapping are one edge; ends nearer than this touch
SLIVER = 4.0  # points: no column or row of print is thinner; lattice lines nearer than this are one line
OPEN_END = 6.0  # points: an edge that runs further than this past the outermost crossing bounds an open cell
COVERED = 0.3  # share of a slot's side that may be missing at either end of an edge that still divides it

_MAX_CROSSINGS = 250_000  # a drawing, not a table, and too slow to look into

Segment = tuple[float, float, float]  # position across, start along, end along
Slot = tuple[int, int, int, int]  # row, column, row_span, column_span


@dataclass(frozen=True, slots=True)
class Grid:
    """Column borders `xs`, row borders `ys` (points, ascending) and the cells between them, merged ones once."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    slots: tuple[Slot, ...]

    @property
    def box(self) -> Box:
        return (self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    def box_of(self, slot: Slot) -> Box:
        row, column, row_span, column_span = slot
        return (self.xs[column], self.ys[row], self.xs[column + column_span], self.ys[row + row_span])


def find_grids(edges: Iterable[Edge]) -> list[Grid]:
    """The lattices that crossing edges make, top to bottom; single boxes and single columns of boxes are none."""
    flat: list[Segment] = []
    upright: list[Segment] = []
    for edge in edges:
        if edge.bottom - edge.top <= edge.x1 - edge.x0:
            flat.append((edge.top, edge.x0, edge.x1))
        else:
            upright.append((edge.x0, edge.top, edge.bottom))
    flat, upright = _merge_collinear(flat), _merge_collinear(upright)
    if len(flat) * len(upright) > _MAX_CROSSINGS:
        return []
    grids = (_grid(*component) for component in _components(flat, upright))
    return sorted((grid for grid in grids if grid is not None), key=lambda grid: (grid.ys[0], grid.xs[0]))


def _merge_collinear(segments: list[Segment]) -> list[Segment]:
    """Overlapping or touching segments on nearly one position as one, at the mean position by length."""
    merged: list[Segment] = []
    bundle: list[Segment] = []
    for segment in sorted(segments):
        if bundle and segment[0] - bundle[-1][0] > SNAP:
            merged.extend(_merge_bundle(bundle))
            bundle = []
        bundle.append(segment)
    merged.extend(_merge_bundle(bundle))
    return merged


def _merge_bundle(bundle: list[Segment]) -> list[Segment]:
    if len(bundle) < 2:
        return bundle
    if bundle[-1][0] - bundle[0][0] < SNAP / 2:
        return _merge_level(bundle)
    done: list[list[float]] = []  # position, start, end, weight
    open_: list[list[float]] = []  # those that may still be touched
    for position, start, end in sorted(bundle, key=itemgetter(1)):
        weight = end - start + 0.01
        open_ = [known for known in open_ if start <= known[2] + SNAP]
        for known in reversed(open_):
            if abs(position - known[0]) <= SNAP:
                known[0] = (known[0] * known[3] + position * weight) / (known[3] + weight)
                known[2] = max(known[2], end)
                known[3] += weight
                break
        else:
            done.append([position, start, end, weight])
            open_.append(done[-1])
    return [(position, start, end) for position, start, end, _ in done]


def _merge_level(bundle: list[Segment]) -> list[Segment]:
    """A bundle whose positions are all near each other: what touches is one segment."""
    done: list[Segment] = []
    by_start = sorted(bundle, key=itemgetter(1))
    at, first, last = by_start[0]
    total = last - first + 0.01
    for position, start, end in by_start[1:]:
        weight = end - start + 0.01
        if start <= last + SNAP:
            at = (at * total + position * weight) / (total + weight)
            total += weight
            if end > last:
                last = end
        else:
            done.append((at, first, last))
            at, first, last, total = position, start, end, weight
    done.append((at, first, last))
    return done


def _components(flat: list[Segment], upright: list[Segment]) -> list[tuple[list[Segment], list[Segment]]]:
    """Edges that hang together by crossing or touching, those with at least two edges each way or open ends."""
    parent = list(range(len(flat) + len(upright)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    reaches = sorted((y, x0 - SNAP, x1 + SNAP, index) for index, (y, x0, x1) in enumerate(flat))
    ys = [reach[0] for reach in reaches]
    for low, (x, top, bottom) in enumerate(upright, start=len(flat)):
        for _, x0, x1, index in reaches[bisect_left(ys, top - SNAP) : bisect_right(ys, bottom + SNAP)]:
            if x0 <= x <= x1 and parent[index] != low:
                parent[root(index)] = low
    found: dict[int, tuple[list[Segment], list[Segment]]] = {}
    for index, segment in enumerate(flat):
        found.setdefault(root(index), ([], []))[0].append(segment)
    for index, segment in enumerate(upright, start=len(flat)):
        found.setdefault(root(index), ([], []))[1].append(segment)
    return [(across, down) for across, down in found.values() if across and down]


def _grid(flat: list[Segment], upright: list[Segment]) -> Grid | None:
    xs = _close(_snap([x for x, _, _ in upright]), flat)
    ys = _close(_snap([y for y, _, _ in flat]), upright)
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 1 or columns < 2:
        return None
    walls_right = _walls(upright, xs, ys)
    walls_below = _walls(flat, ys, xs)
    return _without_idle_lines(xs, ys, _slots(rows, columns, walls_right, walls_below))


def _snap(positions: list[float]) -> list[float]:
    """One position for each bundle of positions nearer than a sliver to the one before."""
    snapped: list[float] = []
    bundle: list[float] = []
    for position in sorted(positions):
        if bundle and position - bundle[-1] > SLIVER:
            snapped.append(sum(bundle) / len(bundle))
            bundle = []
        bundle.append(position)
    if bundle:
        snapped.append(sum(bundle) / len(bundle))
    return snapped


def _close(lines: list[float], crossing: list[Segment]) -> list[float]:
    """The lattice lines with one more at an end past which at least two crossing edges run on (an open end)."""
    before = sorted(start for _, start, _ in crossing if start < lines[0] - OPEN_END)
    after = sorted(end for _, _, end in crossing if end > lines[-1] + OPEN_END)
    if len(before) > 1:
        lines = [before[0], *lines]
    if len(after) > 1:
        lines = [*lines, after[-1]]
    return lines


def _walls(segments: list[Segment], lines: list[float], across: list[float]) -> list[set[int]]:
    """For each lattice line the slots along it that an edge divides."""
    walls: list[set[int]] = [set() for _ in lines]
    begins = [low + COVERED * (high - low) for low, high in pairwise(across)]
    ends = [high - COVERED * (high - low) for low, high in pairwise(across)]
    last = len(lines) - 1
    for position, start, end in segments:
        nearest = bisect_left(lines, position, 0, last)
        if nearest and position - lines[nearest - 1] < lines[nearest] - position:
            nearest -= 1
        walls[nearest].update(range(bisect_left(begins, start), bisect_right(ends, end)))
    return walls


def _slots(rows: int, columns: int, right: Sequence[set[int]], below: Sequence[set[int]]) -> list[Slot]:
    """The cells of a lattice from the walls right of its columns and below its rows."""
    seen = [[False] * columns for _ in range(rows)]
    slots: list[Slot] = []
    for row in range(rows):
        seen_here, below_here, is_last = seen[row], below[row + 1], row + 1 == rows
        for column in range(columns):
            if seen_here[column]:
                continue
            closed_right = row in right[column + 1] or column + 1 == columns
            if closed_right and (is_last or column in below_here):  # a region would have come to it from elsewhere
                slots.append((row, column, 1, 1))
            else:
                slots += _rectangles(_region(row, column, seen, right, below))
    return slots


def _region(
    row: int, column: int, seen: list[list[bool]], right: Sequence[set[int]], below: Sequence[set[int]]
) -> list[tuple[int, int]]:
    """The (row, column) of all that no edge parts from a slot not seen before; they are seen then."""
    rows, columns = len(seen), len(seen[0])
    seen[row][column] = True
    region = [(row, column)]
    for r, c in region:
        if c + 1 < columns and r not in right[c + 1] and not seen[r][c + 1]:
            seen[r][c + 1] = True
            region.append((r, c + 1))
        if c and r not in right[c] and not seen[r][c - 1]:
            seen[r][c - 1] = True
            region.append((r, c - 1))
        if r + 1 < rows and c not in below[r + 1] and not seen[r + 1][c]:
            seen[r + 1][c] = True
            region.append((r + 1, c))
        if r and c not in below[r] and not seen[r - 1][c]:
            seen[r - 1][c] = True
            region.append((r - 1, c))
    return region


def _rectangles(region: list[tuple[int, int]]) -> list[Slot]:
    """A region as one rectangle, or where an edge is missing as its rows' runs, equal runs stacked."""
    if len(region) == 1:
        return [(*region[0], 1, 1)]
    rows = [row for row, _ in region]
    columns = [column for _, column in region]
    top, left = min(rows), min(columns)
    height, width = max(rows) - top + 1, max(columns) - left + 1
    if height * width == len(region):
        return [(top, left, height, width)]
    runs: list[Slot] = []
    for row, column in sorted(region):
        if runs and runs[-1][0] == row and runs[-1][1] + runs[-1][3] == column:
            runs[-1] = (row, runs[-1][1], 1, runs[-1][3] + 1)
        else:
            runs.append((row, column, 1, 1))
    stacked: list[Slot] = []
    for row, column, _, span in runs:
        for index, (r, c, down, across) in enumerate(stacked):
            if (c, across) == (column, span) and r + down == row:
                stacked[index] = (r, c, down + 1, across)
                break
        else:
            stacked.append((row, column, 1, span))
    return stacked


def _without_idle_lines(xs: list[float], ys: list[float], slots: list[Slot]) -> Grid | None:
    """The grid without lattice lines at which no cell begins (rules that overshoot, strokes inside a cell)."""
    rows = sorted({row for row, _, _, _ in slots})
    columns = sorted({column for _, column, _, _ in slots})
    if len(columns) < 2:
        return None
    if len(rows) == len(ys) - 1 and len(columns) == len(xs) - 1:
        return Grid(tuple(xs), tuple(ys), tuple(sorted(slots)))
    new_row = {row: index for index, row in enumerate([*rows, len(ys) - 1])}
    new_column = {column: index for index, column in enumerate([*columns, len(xs) - 1])}
    kept = []
    for row, column, row_span, column_span in slots:
        r, c = new_row[row], new_column[column]
        kept.append((r, c, new_row[row + row_span] - r, new_column[column + column_span] - c))
    return Grid(
        xs=tuple(xs[column] for column in [*columns, len(xs) - 1]),
        ys=tuple(ys[row] for row in [*rows, len(ys) - 1]),
        slots=tuple(sorted(kept)),
    )
