"""Edges of a PDF page: thin filled rectangles and stroked segments, and the filled areas that text may stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, compress, repeat
from typing import Any

import numpy as np

from pipeline.datamodel import Edge, Word
from pipeline.readers import pdf_functions as pdfium
from pipeline.readers.pdf_functions import Array, Handle
from pipeline.readers.pdf_geometry import View, move_boxes, move_points, multiply

MAX_OBJECTS = 60_000
MAX_SEGMENTS = 60_000
MAX_FORM_DEPTH = 8
_THICK = 3.0
_SHORT = 2.0
_WHITE = 250
_LINE, _MOVE = 0, 2  # kinds of path segments; 1 is a curve
_EDGE = partial(tuple.__new__, Edge)  # a page has hundreds: made of their values by C alone
_IDENTITY = np.array((1.0, 0.0, 0.0, 1.0, 0.0, 0.0))


class TooComplex(Exception):
    """The page has more objects or path segments than a report has use for."""


@dataclass(slots=True)
class Drawn:
    """What is drawn on a page: paths by the matrix of the form that holds them, and pictures; text objects, of which
    some are missing where forms are nested too deep to be looked into."""

    paths: list[tuple[list[Handle], Array]] = field(default_factory=list)
    pictures: list[tuple[list[Handle], Array]] = field(default_factory=list)
    texts: list[Handle] = field(default_factory=list)
    all_texts: bool = True
    objects: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """The edges of a page, the boxes of coloured areas and pictures, and those of pictures (shown coordinates); its
    text objects, None where they are not all known."""

    edges: tuple[Edge, ...]
    grounds: Array
    pictures: Array
    texts: Sequence[Handle] | None = None


def read_drawing(page: Handle, view: View) -> Drawing:
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
    pictures = [_bounds(handles, matrix) for handles, matrix in drawn.pictures]
    shown = view.show(_stack([*grounds, *pictures])), view.show(_stack(pictures))
    return Drawing(_to_edges(edges, view), *shown, drawn.texts if drawn.all_texts else None)


def figures_are_ruled(words: Sequence[Word], edges: Sequence[Edge]) -> bool:
    """Whether all figures of a page but a few (page numbers) stand between upright edges: then its grids are drawn.

    Grids tell more than tags, from which browsers leave out empty cells, and cost less to read.
    """
    figures = np.array([word.box for word in words if word.text.isdigit()])
    uprights = np.array([(edge.x0, edge.top, edge.bottom) for edge in edges if edge.x0 == edge.x1])
    if not len(figures) or not len(uprights):
        return not len(figures)
    x, y = (figures[:, 0] + figures[:, 2])[:, None] / 2, (figures[:, 1] + figures[:, 3])[:, None] / 2
    beside = (uprights[:, 1] <= y) & (y <= uprights[:, 2])
    between = (beside & (uprights[:, 0] < x)).any(axis=1) & (beside & (uprights[:, 0] > x)).any(axis=1)
    return int((~between).sum()) <= 2


def _collect(drawn: Drawn, handles: list[Handle], matrix: Array, depth: int) -> None:
    drawn.objects += len(handles)
    if drawn.objects > MAX_OBJECTS:
        raise TooComplex
    kinds = list(map(pdfium.object_type, handles))
    drawn.texts += _of_kinds(handles, kinds, pdfium.TEXT)
    drawn.all_texts &= depth < MAX_FORM_DEPTH or pdfium.FORM not in kinds
    if pdfium.PATH in kinds:
        drawn.paths.append((_of_kinds(handles, kinds, pdfium.PATH), matrix))
    if pdfium.IMAGE in kinds or pdfium.SHADING in kinds:
        drawn.pictures.append((_of_kinds(handles, kinds, pdfium.IMAGE, pdfium.SHADING), matrix))
    if pdfium.FORM in kinds and depth < MAX_FORM_DEPTH:
        for handle in _of_kinds(handles, kinds, pdfium.FORM):
            inner = multiply(pdfium.matrices([handle]), matrix)[0]
            count = min(max(pdfium.count_form_objects(handle), 0), MAX_OBJECTS + 1)
            _collect(drawn, list(map(pdfium.form_object, repeat(handle), range(count))), inner, depth + 1)


def _of_kinds(handles: list[Handle], kinds: list[int], *wanted: int) -> list[Handle]:
    return [handle for handle, kind in zip(handles, kinds, strict=True) if kind in wanted]


def _bounds(handles: list[Handle], matrix: Array) -> Array:
    boxes = pdfium.filled(pdfium.object_bounds, handles, 4)
    return boxes if matrix is _IDENTITY else move_boxes(boxes, matrix)


def _read_paths(handles: list[Handle], matrix: Array) -> tuple[Array, Array]:
    boxes = _bounds(handles, matrix)
    modes = pdfium.filled(pdfium.path_mode, handles, 2, np.int32)
    filled = _shown(pdfium.fill_colour, handles, modes[:, 0] != 0)
    stroked = _shown(pdfium.stroke_colour, handles, modes[:, 1] != 0)
    sides = boxes[:, 2:] - boxes[:, :2]
    thin = np.minimum(sides[:, 0], sides[:, 1]) <= _THICK
    fat = np.flatnonzero(~thin & (filled | stroked))
    seen = thin & (filled | stroked) & (np.maximum(sides[:, 0], sides[:, 1]) >= _SHORT)
    if not len(fat):
        return boxes[seen], np.zeros((0, 4))
    parts = _thin_parts([handles[i] for i in fat.tolist()], stroked[fat], matrix)
    return _stack([boxes[seen], parts]), boxes[~thin & filled]


def _shown(colour: Callable[..., Any], handles: list[Handle], used: Array) -> Array:
    """Which of the paths that are filled (or stroked) show: not in white, not transparent."""
    if not used.any():
        return used
    red, green, blue, alpha = pdfium.filled(colour, list(compress(handles, used.tolist())), 4, np.uint32).T
    shown: Array = used.copy()
    shown[used] = (alpha > 0) & ((red < _WHITE) | (green < _WHITE) | (blue < _WHITE))
    return shown


def _thin_parts(handles: list[Handle], stroked: Array, matrix: Array) -> Array:
    """Boxes of the thin parts of fat paths: each straight segment of a stroke, each thin subpath of a fill."""
    counts = pdfium.results(pdfium.count_segments, handles)
    if counts.sum() > MAX_SEGMENTS:
        raise TooComplex
    asked = np.flatnonzero((counts > 1) & (stroked | (counts > 5)))
    if not len(asked):
        return np.zeros((0, 4))
    paths, counts = [handles[i] for i in asked.tolist()], counts[asked]
    segments = list(chain.from_iterable(map(pdfium.path_segment, repeat(path), range(count))
                                        for path, count in zip(paths, counts.tolist(), strict=True)))  # fmt: skip
    owner = np.repeat(np.arange(len(paths)), counts)
    points = move_points(
        pdfium.filled(pdfium.segment_point, segments, 2), multiply(pdfium.matrices(paths), matrix)[owner]
    )
    kinds = pdfium.results(pdfium.segment_type, segments)
    begins = kinds == _MOVE
    begins[np.flatnonzero(np.diff(owner, prepend=-1))] = True
    parts = np.concatenate([_strokes(segments, points, kinds, begins, stroked[asked][owner]),
                            _subpaths(points, begins, stroked[asked][owner])])  # fmt: skip
    thin: Array = parts[(parts[:, 2:] - parts[:, :2]).min(axis=1) <= _THICK]
    return thin


def _strokes(segments: list[Handle], points: Array, kinds: Array, begins: Array, stroked: Array) -> Array:
    """Boxes of the straight segments of stroked paths, closing ones too."""
    lines = np.flatnonzero((kinds == _LINE) & ~begins & stroked)
    last = np.flatnonzero(np.append(begins[1:], True) & stroked & ~begins)
    closes = [bool(pdfium.segment_closes(segments[index])) for index in last.tolist()]
    last = last[closes]
    first = np.maximum.accumulate(np.where(begins, np.arange(len(begins)), 0))
    one = np.concatenate([points[lines - 1], points[first[last]]])
    other = np.concatenate([points[lines], points[last]])
    return np.concatenate([np.minimum(one, other), np.maximum(one, other)], axis=1)


def _subpaths(points: Array, begins: Array, stroked: Array) -> Array:
    """Boxes of the subpaths of paths that are only filled."""
    starts = np.flatnonzero(begins)
    low, high = np.minimum.reduceat(points, starts, axis=0), np.maximum.reduceat(points, starts, axis=0)
    boxes: Array = np.concatenate([low, high], axis=1)[~stroked[starts]]
    return boxes


def _to_edges(boxes: list[Array], view: View) -> tuple[Edge, ...]:
    if not boxes:
        return ()
    limits = np.array((view.width, view.height, view.width, view.height))
    x0, top, x1, bottom = np.minimum(np.maximum(view.show(_stack(boxes)), 0), limits).T
    width, height = x1 - x0, bottom - top
    lying = width >= height
    x, y = (x0 + x1) / 2, (top + bottom) / 2
    snapped = np.where(lying, (x0, y, x1, y), (x, top, x, bottom))
    long = np.maximum(width, height) >= _SHORT
    rows = dict.fromkeys(zip(*snapped[:, long].round(2).tolist(), strict=True))
    return tuple(map(_EDGE, rows))


def _stack(parts: list[Array]) -> Array:
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros((0, 4))
