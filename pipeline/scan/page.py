"""A picture of a page to an ordinary `Page` of words and edges, so that all that comes after is as with any PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.datamodel import Page, Problem, Word
from pipeline.scan.alternatives import best_text
from pipeline.scan.figures import Seen, first_look, may_be_figure, two_looks
from pipeline.scan.recogniser import load_models, recognise
from pipeline.scan.rules import find_rules, ink_mask
from pipeline.scan.straighten import straighten
from pipeline.scan.strips import PixelBox, cell_strips, free_strips
from pipeline.tables.grid import Grid, find_grids

Array = np.ndarray[Any, Any]

_MARGINS = (0.14, 0.28)  # of a strip's height, left free around it in the first and the second look
_STRETCH = 1.25  # by which the second look is wider
_NARROW = 0.85  # of its height: a single character so narrow is no Chinese one
_WALL = 0.012  # inches of a cell's border that are left out


class _Sheet(NamedTuple):
    """An upright page: the picture to read cells from (no seals, no rules), the one to read free text from, the
    mask of ink without rules, and the pixels per inch."""

    cells: Array
    free: Array
    ink: Array
    dpi: float


class _Strip(NamedTuple):
    box: PixelBox
    in_cell: bool


def read_picture(colours: Array, number: int, size: tuple[float, float], problems: tuple[Problem, ...] = ()) -> Page:
    """The page that an RGB picture shows; `size` is its width and height in points."""
    dpi = colours.shape[1] / size[0] * 72
    upright = straighten(colours)
    mask = ink_mask(upright.ink, dpi)
    rules = find_rules(mask, dpi)
    grids = find_grids(rules.edges)
    covered = _grown(rules.mask)
    cells = np.where(covered > 0, np.uint8(255), upright.ink)
    sheet = _Sheet(cells, upright.gray, np.where(covered > 0, np.uint8(0), mask), dpi)
    strips = [*_in_cells(sheet, grids), *_outside(sheet, grids)]
    words = _read(sheet, strips)
    back = _in_points(upright.back, dpi)
    return Page(number, round(size[0], 2), round(size[1], 2), words, rules.edges, problems=problems, back=back)


def _grown(mask: Array) -> Array:
    import cv2

    grown: Array = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    return grown


def _in_cells(sheet: _Sheet, grids: Sequence[Grid]) -> list[_Strip]:
    pixels = sheet.dpi / 72
    wall = max(round(_WALL * sheet.dpi), 1)
    found: list[_Strip] = []
    for grid in grids:
        for slot in grid.slots:
            x0, y0, x1, y1 = (round(side * pixels) for side in grid.box_of(slot))
            box = (max(x0 + wall, 0), max(y0 + wall, 0), x1 - wall, y1 - wall)
            found += [_Strip(one, True) for one in cell_strips(sheet.ink, box, sheet.dpi)]
    return found


def _outside(sheet: _Sheet, grids: Sequence[Grid]) -> list[_Strip]:
    """Free text, in the bands above, between and below the grids."""
    high, wide = sheet.ink.shape
    pixels = sheet.dpi / 72
    found: list[_Strip] = []
    top = 0
    for first, last in sorted((round(grid.ys[0] * pixels), round(grid.ys[-1] * pixels)) for grid in grids):
        found += [_Strip(one, False) for one in free_strips(sheet.free, sheet.ink, (0, top, wide, first), sheet.dpi)]
        top = max(top, last)
    found += [_Strip(one, False) for one in free_strips(sheet.free, sheet.ink, (0, top, wide, high), sheet.dpi)]
    return found


def _read(sheet: _Sheet, strips: Sequence[_Strip]) -> tuple[Word, ...]:
    alphabet = load_models().alphabet
    looks = recognise([_crop(sheet, strip, 0) for strip in strips])
    texts = [best_text(look, alphabet).text for look in looks]
    again = [at for at, strip in enumerate(strips) if may_be_figure(texts[at], _narrow(strip))]
    others = dict(zip(again, recognise([_crop(sheet, strips[at], 1) for at in again]), strict=True))
    words = []
    for at, strip in enumerate(strips):
        seen = two_looks(looks[at], others[at], alphabet) if at in others else first_look(looks[at], alphabet)
        if seen.text.strip():
            words.append(_word(sheet, strip, seen))
    return tuple(words)


def _narrow(strip: _Strip) -> bool:
    x0, y0, x1, y1 = strip.box
    return x1 - x0 <= _NARROW * (y1 - y0)


def _crop(sheet: _Sheet, strip: _Strip, look: int) -> Array:
    """The strip with a margin of its own ground around it; wider in the second look."""
    import cv2

    x0, y0, x1, y1 = strip.box
    picture = sheet.cells if strip.in_cell else sheet.free
    part = picture[y0:y1, x0:x1]
    margin = max(round(_MARGINS[look] * (y1 - y0)), 2)
    framed: Array = cv2.copyMakeBorder(part, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=_ground(part))
    if look:
        framed = cv2.resize(framed, None, fx=_STRETCH, fy=1.0, interpolation=cv2.INTER_CUBIC)
    return framed


def _ground(part: Array) -> int:
    return int(np.percentile(part, 90)) if part.size else 255


def _word(sheet: _Sheet, strip: _Strip, seen: Seen) -> Word:
    points = 72 / sheet.dpi
    x0, y0, x1, y1 = (round(side * points, 2) for side in strip.box)
    return Word(seen.text, (x0, y0, x1, y1), None, seen.readings)


def _in_points(back: Array, dpi: float) -> tuple[float, ...]:
    """The matrix from upright points to the page's, by rows; none where the page stood upright."""
    if np.allclose(back, np.eye(3)):
        return ()
    scale = np.diag([72 / dpi, 72 / dpi, 1.0])
    return tuple(round(float(one), 9) for one in (scale @ back @ np.linalg.inv(scale)).flat)
