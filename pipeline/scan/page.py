"""A picture of a page to an ordinary `Page` of words and edges, so that all that comes after is as with any PDF."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.datamodel import Page, Problem, Word
from pipeline.scan.alternatives import best_text
from pipeline.scan.figures import UNREAD, Seen, doubted, first_look, may_be_figure, two_looks
from pipeline.scan.recogniser import load_models, recognise
from pipeline.scan.rules import Rules, contrast, find_rules, ink_mask
from pipeline.scan.straighten import Upright, straighten
from pipeline.scan.strips import Ink, PixelBox, cell_strips, faint_strips, find_ink, free_strips
from pipeline.tables.grid import Grid, find_grids

Array = np.ndarray[Any, Any]

_CHINESE = re.compile("[\u4e00-\u9fff]")
_MARGINS = (0.14, 0.28)  # of a strip's height, left free around it in the first and the second look
_STRETCH = 1.25  # by which the second look is wider
_NARROW = 0.85  # of its height: a single character so narrow is no Chinese one
_WALL = 0.012  # inches of a cell's border that are left out
_PALE = 0.28  # of the usual contrast: what has less is ground in the second look
_LEGIBLE = 0.75  # how sure the characters of a page are that stands the right way up
_SAMPLE = 8  # strips that tell which way up a page is
_PHRASE = 2.5  # times as wide as high: strips of several characters


class _Sheet(NamedTuple):
    """An upright page with its rules and grids, its ink without rules, and the pixels per inch."""

    upright: Upright
    rules: Rules
    grids: list[Grid]
    ink: Ink
    dpi: float


class _Strip(NamedTuple):
    """A piece of a line to recognise: its pixels, the cell that holds it (-1 for none), whether its ink is faint."""

    box: PixelBox
    cell: int = -1
    faint: bool = False

    @property
    def wide(self) -> float:
        x0, y0, x1, y1 = self.box
        return (x1 - x0) / max(y1 - y0, 1)


def read_picture(colours: Array, number: int, size: tuple[float, float], problems: tuple[Problem, ...] = ()) -> Page:
    """The page that an RGB picture shows; `size` is its width and height in points. Its words are upright, and its
    `back` tells where they stand on the page."""
    dpi = colours.shape[1] / size[0] * 72
    sheet, strips = _found(colours, dpi)
    looks = recognise([_crop(sheet, strip, 0) for strip in strips])
    back = sheet.upright.back
    if _legibility(strips, looks) < _LEGIBLE:
        turns = _best_turn(colours, dpi)
        if turns:
            sheet, strips = _found(np.ascontiguousarray(np.rot90(colours, turns)), dpi)
            looks = recognise([_crop(sheet, strip, 0) for strip in strips])
            back = _unturned(turns, colours.shape) @ sheet.upright.back
    words = _read(sheet, strips, looks)
    high, wide = (round(side * 72 / dpi, 2) for side in sheet.upright.gray.shape)
    return Page(number, wide, high, words, sheet.rules.edges, problems=problems, back=_in_points(back, dpi))


def _found(colours: Array, dpi: float) -> tuple[_Sheet, list[_Strip]]:
    """The page set upright, and the strips of text on it."""
    upright = straighten(colours, dpi)
    rules = find_rules(ink_mask(contrast(upright.ink, dpi)), dpi)
    sheet = _Sheet(upright, rules, find_grids(rules.edges), find_ink(upright.ink, rules.mask, dpi), dpi)
    return sheet, [*_in_cells(sheet), *_outside(sheet)]


def _in_cells(sheet: _Sheet) -> list[_Strip]:
    pixels = sheet.dpi / 72
    wall = max(round(_WALL * sheet.dpi), 1)
    found: list[_Strip] = []
    for cell, place in enumerate(grid.box_of(slot) for grid in sheet.grids for slot in grid.slots):
        x0, y0, x1, y1 = (round(side * pixels) for side in place)
        box = (max(x0 + wall, 0), max(y0 + wall, 0), x1 - wall, y1 - wall)
        strong = cell_strips(sheet.ink, box, sheet.dpi)
        found += [_Strip(one, cell) for one in strong]
        if not strong:
            found += [_Strip(one, cell, True) for one in faint_strips(sheet.ink, box, sheet.dpi)]
    return found


def _outside(sheet: _Sheet) -> list[_Strip]:
    """Free text, in the bands above, between and below the grids."""
    high, wide = sheet.upright.gray.shape
    pixels = sheet.dpi / 72
    bands: list[PixelBox] = []
    top = 0
    for first, last in sorted((round(grid.ys[0] * pixels), round(grid.ys[-1] * pixels)) for grid in sheet.grids):
        bands.append((0, top, wide, first))
        top = max(top, last)
    bands.append((0, top, wide, high))
    return [_Strip(one) for band in bands for one in free_strips(sheet.upright.gray, sheet.ink, band, sheet.dpi)]


def _legibility(strips: Sequence[_Strip], looks: Sequence[Array]) -> float:
    """How sure the characters of the phrases of a page are in the middle; 1 where there are none."""
    alphabet = load_models().alphabet
    sure = [best_text(look, alphabet).sure for strip, look in zip(strips, looks, strict=True) if strip.wide >= _PHRASE]
    return float(np.median(sure)) if sure else 1.0


def _best_turn(colours: Array, dpi: float) -> int:
    """By how many quarters (counterclockwise) the page must be turned to be the most legible."""
    found: list[tuple[float, int]] = []
    for turns in range(4):
        sheet, strips = _found(np.ascontiguousarray(np.rot90(colours, turns)), dpi)
        phrases = sorted((one for one in strips if one.wide >= _PHRASE), key=lambda one: -one.wide)[:_SAMPLE]
        looks = recognise([_crop(sheet, strip, 0) for strip in phrases])
        found.append((_legibility(phrases, looks) if phrases else 0.0, -turns))
    return -max(found)[1]


def _unturned(turns: int, shape: tuple[int, ...]) -> Array:
    """The matrix that takes pixels of a picture turned by quarters (counterclockwise) back."""
    high, wide = shape[:2]
    ways = {
        1: [[0, -1, wide - 1], [1, 0, 0], [0, 0, 1]],
        2: [[-1, 0, wide - 1], [0, -1, high - 1], [0, 0, 1]],
        3: [[0, 1, 0], [-1, 0, high - 1], [0, 0, 1]],
    }
    return np.array(ways[turns], dtype=float)


def _read(sheet: _Sheet, strips: Sequence[_Strip], looks: Sequence[Array]) -> tuple[Word, ...]:
    alphabet = load_models().alphabet
    texts = [best_text(look, alphabet).text for look in looks]
    again = [at for at, strip in enumerate(strips) if may_be_figure(texts[at], strip.wide <= _NARROW)]
    others = dict(zip(again, recognise([_crop(sheet, strips[at], 1) for at in again]), strict=True))
    seen: list[Seen] = []
    for at, strip in enumerate(strips):
        one = two_looks(looks[at], others[at], alphabet) if at in others else first_look(looks[at], alphabet)
        seen.append(doubted(one) if strip.faint else one)
    strays = _strays(strips, seen)
    found = enumerate(zip(strips, seen, strict=True))
    return tuple(_word(sheet, strip, one) for at, (strip, one) in found if one.text.strip() and at not in strays)


def _strays(strips: Sequence[_Strip], seen: Sequence[Seen]) -> set[int]:
    """Strips that say nothing beside others that do: dirt in a cell of words, and what stands apart from a sure figure
    in its line."""
    cells: defaultdict[int, list[int]] = defaultdict(list)
    for at, strip in enumerate(strips):
        if strip.cell >= 0:
            cells[strip.cell].append(at)
    found: set[int] = set()
    for members in cells.values():
        if len(members) < 2:
            continue
        worded = any(_CHINESE.search(seen[at].text) for at in members)
        found |= {at for at in members if worded and seen[at].text == UNREAD}
        sure = [at for at in members if not seen[at].readings and seen[at].text.isdigit()]
        if len(sure) == 1:
            found |= {at for at in members if seen[at].readings and _beside(strips[at].box, strips[sure[0]].box)}
    return found


def _beside(one: PixelBox, other: PixelBox) -> bool:
    """Whether a strip stands in the line of another."""
    return min(one[3], other[3]) - max(one[1], other[1]) >= 0.5 * min(one[3] - one[1], other[3] - other[1])


def _crop(sheet: _Sheet, strip: _Strip, look: int) -> Array:
    """The strip with a margin of its own ground around it, without rules; wider, and without what is pale, in the
    second look."""
    import cv2

    x0, y0, x1, y1 = strip.box
    part = (sheet.upright.ink if strip.cell >= 0 else sheet.upright.gray)[y0:y1, x0:x1]
    ground = int(np.percentile(part, 90)) if part.size else 255
    darker = sheet.ink.contrast[y0:y1, x0:x1]
    ruled = sheet.rules.mask[y0:y1, x0:x1] > 0
    hidden = ruled | (darker < _PALE * sheet.ink.usual) if look and not strip.faint else ruled
    part = np.where(hidden, np.uint8(ground), part)
    margin = max(round(_MARGINS[look] * (y1 - y0)), 2)
    framed: Array = cv2.copyMakeBorder(part, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=ground)
    if look:
        framed = cv2.resize(framed, None, fx=_STRETCH, fy=1.0, interpolation=cv2.INTER_CUBIC)
    return framed


def _word(sheet: _Sheet, strip: _Strip, seen: Seen) -> Word:
    points = 72 / sheet.dpi
    x0, y0, x1, y1 = (round(side * points, 2) for side in strip.box)
    return Word(seen.text, (x0, y0, x1, y1), None, seen.readings)


def _in_points(back: Array, dpi: float) -> tuple[float, ...]:
    """The matrix from upright points to the page's, by rows; none where the page stood upright."""
    if np.allclose(back, np.eye(3), atol=1e-6):
        return ()
    scale = np.diag([72 / dpi, 72 / dpi, 1.0])
    return tuple(round(float(one), 9) for one in (scale @ back @ np.linalg.inv(scale)).flat)
