"""Edges of a PDF page: thin filled rectangles and stroked segments, and the filled areas that text may stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat, starmap
from typing import Any

import numpy as np

from pipeline.datamodel import Edge
from pipeline.readers import pdf_functions as pdfium
from pipeline.readers.pdf_functions import Array
from pipeline.readers.pdf_geometry import View, move_boxes, multiply

MAX_OBJECTS = 60_000
MAX_SEGMENTS = 60_000
MAX_FORM_DEPTH = 8
_THICK = 3.0
_SHORT = 2.0
_WHITE = 250
_IDENTITY = np.array((1.0, 0.0, 0.0, 1.0, 0.0, 0.0))


class TooComplex(Exception):
    """The page has more objects or path segments than a report has use for."""


@dataclass(slots=True)
class Drawn:
    """What is drawn on a page: paths by the matrix of the form that holds them, and pictures."""

    paths: list[tuple[list[int], Array]] = field(default_factory=list)
    pictures: list[tuple[list[int], Array]] = field(default_factory=list)
    objects: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """The edges of a page, the boxes of coloured areas and pictures (shown coordinates), and the count of pictures."""

    edges: tuple[Edge, ...]
    grounds: Array
    pictures: int


def read_drawing(page: int, view: View) -> Drawing:
    """Edges are snapped to horizontal or vertical (1 pt); others, white and transparent ones are left out.

    Raises TooComplex over MAX_OBJECTS objects or MAX_SEGMENTS segments.
    """
    drawn = Drawn()
    count = pdfium.count_objects(page)
    _collect(drawn, list(map(pdfium.page_object, repeat(page), range(min(count, MAX_OBJECTS + 1)))), _IDENTITY, 0)
    edges: list[Array] = []
    grounds: list[Array] = []
    for handles, matrix in drawn.paths:
        thin, ground = _read_paths(handles, matrix)
        edges.append(thin)
        grounds.append(ground)
    for handles, matrix in drawn.pictures:
        grounds.append(_bounds(handles, matrix))
    pictures = sum(len(handles) for handles, _ in drawn.pictures)
    return Drawing(_to_edges(edges, view), view.show(_stack(grounds)), pictures)


def _collect(drawn: Drawn, handles: list[int], matrix: Array, depth: int) -> None:
    drawn.objects += len(handles)
    if drawn.objects > MAX_OBJECTS:
        raise TooComplex
    kinds = pdfium.results(pdfium.object_type, handles)
    if not set(kinds) - {pdfium.TEXT}:
        return
    paths = [handle for handle, kind in zip(handles, kinds, strict=True) if kind == pdfium.PATH]
    pictures = [handle for handle, kind in zip(handles, kinds, strict=True) if kind in (pdfium.IMAGE, pdfium.SHADING)]
    if paths:
        drawn.paths.append((paths, matrix))
    if pictures:
        drawn.pictures.append((pictures, matrix))
    for handle, kind in zip(handles, kinds, strict=True):
        if kind == pdfium.FORM and depth < MAX_FORM_DEPTH:
            inner = multiply(pdfium.matrices([handle])[0], matrix)
            count = min(max(pdfium.count_form_objects(handle), 0), MAX_OBJECTS + 1)
            _collect(drawn, [pdfium.form_object(handle, i) for i in range(count)], inner, depth + 1)


def _bounds(handles: list[int], matrix: Array) -> Array:
    boxes = pdfium.filled(pdfium.object_bounds, handles, 4)
    return boxes if matrix is _IDENTITY else move_boxes(boxes, matrix)


def _read_paths(handles: list[int], matrix: Array) -> tuple[Array, Array]:
    boxes = _bounds(handles, matrix)
    modes = pdfium.filled(pdfium.path_mode, handles, 2, np.int32)
    filled = _shown(pdfium.fill_colour, handles, modes[:, 0] != 0)
    stroked = _shown(pdfium.stroke_colour, handles, modes[:, 1] != 0)
    sides = boxes[:, 2:] - boxes[:, :2]
    thin = sides.min(axis=1) <= _THICK
    fat = np.flatnonzero(~thin & (filled | stroked))
    segments = _segments([handles[i] for i in fat], stroked[fat], matrix)
    seen = thin & (filled | stroked) & (sides.max(axis=1) >= _SHORT)
    return _stack([boxes[seen], segments]), boxes[~thin & filled]


def _shown(colour: Callable[..., Any], handles: list[int], used: Array) -> Array:
    """Which of the paths that are filled (or stroked) show: not in white, not transparent."""
    values = pdfium.filled(colour, [handles[i] for i in np.flatnonzero(used).tolist()], 4, np.uint32)
    shown: Array = used.copy()
    shown[used] = (values[:, 3] > 0) & (values[:, :3].min(axis=1) < _WHITE)
    return shown


def _segments(handles: list[int], stroked: Array, matrix: Array) -> Array:
    """Boxes of the thin parts of fat paths: each straight segment of a stroke, each thin subpath of a fill."""
    found: list[Array] = []
    counts = pdfium.results(pdfium.count_segments, handles)
    if sum(counts) > MAX_SEGMENTS:
        raise TooComplex
    for handle, count, is_stroked in zip(handles, counts, stroked, strict=True):
        if not is_stroked and count <= 5:
            continue
        whole = multiply(pdfium.matrices([handle])[0], matrix)
        parts = list(_straight_parts(handle, count) if is_stroked else _subpaths(handle, count))
        if parts:
            boxes = move_boxes(np.array(parts, dtype=np.float64), whole)
            found.append(boxes[(boxes[:, 2:] - boxes[:, :2]).min(axis=1) <= _THICK])
    return _stack(found)


def _points(handle: int, count: int) -> tuple[Array, list[int], list[int]]:
    segments = [pdfium.path_segment(handle, i) for i in range(count)]
    points = pdfium.filled(pdfium.segment_point, segments, 2)
    return points, pdfium.results(pdfium.segment_type, segments), pdfium.results(pdfium.segment_closes, segments)


def _straight_parts(handle: int, count: int) -> Iterator[tuple[float, float, float, float]]:
    points, kinds, closes = _points(handle, count)
    start = last = points[0] if count else None
    for point, kind, close in zip(points, kinds, closes, strict=True):
        if kind == 2:
            start = point
        elif kind == 0 and last is not None:
            yield _around(last, point)
        last = point
        if close and start is not None and kind != 2:
            yield _around(point, start)
            last = start


def _subpaths(handle: int, count: int) -> Iterator[tuple[float, float, float, float]]:
    points, kinds, _ = _points(handle, count)
    starts = [i for i, kind in enumerate(kinds) if kind == 2] or [0]
    for start, end in zip(starts, [*starts[1:], count], strict=True):
        piece = points[start:end]
        if len(piece) > 1:
            yield _around(piece.min(axis=0), piece.max(axis=0))


def _around(a: Array, b: Array) -> tuple[float, float, float, float]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])


def _to_edges(boxes: list[Array], view: View) -> tuple[Edge, ...]:
    shown = view.show(_stack(boxes))
    shown[:, 0::2] = shown[:, 0::2].clip(0, view.width)
    shown[:, 1::2] = shown[:, 1::2].clip(0, view.height)
    width, height = shown[:, 2] - shown[:, 0], shown[:, 3] - shown[:, 1]
    lying = width >= height
    middle_x, middle_y = (shown[:, 0] + shown[:, 2]) / 2, (shown[:, 1] + shown[:, 3]) / 2
    shown[lying, 1] = shown[lying, 3] = middle_y[lying]
    shown[~lying, 0] = shown[~lying, 2] = middle_x[~lying]
    long = np.maximum(width, height) >= _SHORT
    rows = dict.fromkeys(map(tuple, shown[long].astype(np.float64).round(2).tolist()))
    return tuple(starmap(Edge, rows))


def _stack(parts: list[Array]) -> Array:
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros((0, 4))
