"""A picture of a page to an ordinary `Page` of words and edges, so that all that comes after is as with any PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.datamodel import Box, Page, Problem, Word
from pipeline.scan.alternatives import best_text, usual_peak
from pipeline.scan.figures import CHINESE, Seen, both, doubted, first_look, is_figure, looked_at, may_be_figure, noted
from pipeline.scan.picture import without_dots
from pipeline.scan.recogniser import load_models, recognise
from pipeline.scan.rules import Rules, contrast, find_rules
from pipeline.scan.sentences import doubtful_figures, sure_figures
from pipeline.scan.straighten import Upright, straighten
from pipeline.scan.strays import stray_places, without_doubt
from pipeline.scan.strips import Ink, PixelBox, Strip, cell_strips, faint_strips, find_ink, free_strips, on_border
from pipeline.tables.grid import Grid, find_grids
from pipeline.upright import box_on_page

Array = np.ndarray[Any, Any]

_MARGINS = (0.14, 0.28, 0.2)  # of a strip's height, left free around it in each look
_PROSE, _PROSE_MARGIN = 8.0, 0.24  # times as wide as high; lines of prose are read a little smaller: that is faster
_STRETCH = (1.0, 1.25, 1.1)  # by which each look is wider
_NARROW = 0.85  # of its height: a single character so narrow is no Chinese one
_WALL = 0.012  # inches of a cell's border that are left out
_PALE = (0.0, 0.28, 0.5)  # of the contrast of the darkest ink: what has less is ground in each look
_LEGIBLE = 0.4  # share of the strips of a page that are words where it stands the right way up
_SURE_WORD, _FEWEST = 0.8, 4  # of its characters on the whole; so many words stand so by no chance
_LONG = 4  # characters: what stands on its side makes shorter words by chance
_SAMPLE = 8  # strips that tell which way up a page is
_TURNS = (0, 1, 3, 2)  # quarters, counterclockwise, in the order in which they are tried
_PHRASE, _LOWEST = 2.5, 0.07  # times as wide as high: strips of several characters; inches: print is as high


class _Sheet(NamedTuple):
    """An upright page with its rules and grids, its ink without rules, and the pixels per inch."""

    upright: Upright
    rules: Rules
    grids: list[Grid]
    ink: Ink
    dpi: float


def read_picture(colours: Array, number: int, size: tuple[float, float], problems: tuple[Problem, ...] = ()) -> Page:
    """The page that an RGB picture shows; `size` is its width and height in points. Its words are upright, and its
    `back` tells where they stand on the page."""
    dpi = colours.shape[1] / size[0] * 72
    sheet, strips, looks, back = _set_upright(colours, dpi)
    words = _read(sheet, strips, looks)
    high, wide = (round(side * 72 / dpi, 2) for side in sheet.upright.gray.shape)
    return Page(number, wide, high, words, sheet.rules.edges, problems=problems, back=_in_points(back, dpi))


def figure_crops(colours: Array, size: tuple[float, float]) -> list[tuple[Box, tuple[Array, ...]]]:
    """The surely printed figures in the cells of a page: their boxes in points on the page, upright or not, and the
    crop of each look; for fitting how far looks can be trusted."""
    dpi = colours.shape[1] / size[0] * 72
    sheet, strips, looks, back = _set_upright(colours, dpi)
    alphabet, matrix = load_models().alphabet, _in_points(back, dpi)
    found: list[tuple[Box, tuple[Array, ...]]] = []
    for strip, look in zip(strips, looks, strict=True):
        whole = strip.cell >= 0 and not strip.faint and not strip.cut
        if whole and may_be_figure(best_text(look, alphabet).text, strip.wide <= _NARROW):
            x0, y0, x1, y1 = (side * 72 / dpi for side in strip.box)
            box = (x0, y0, x1, y1)
            crops = tuple(_crop(sheet, strip, turn) for turn in range(len(_MARGINS)))
            found.append((box_on_page(box, matrix) if matrix else box, crops))
    return found


def _set_upright(colours: Array, dpi: float) -> tuple[_Sheet, list[Strip], list[Array], Array]:
    """The page turned and straightened so that it can be read, its strips with a first look at each, and the way back
    in pixels."""
    sheet, strips, known, turns = _legible(without_dots(colours), dpi)
    rest = [at for at in range(len(strips)) if at not in known]
    looks = {**known, **dict(zip(rest, recognise([_crop(sheet, strips[at], 0) for at in rest]), strict=True))}
    back = _unturned(turns, colours.shape) @ sheet.upright.back if turns else sheet.upright.back
    return sheet, strips, [looks[at] for at in range(len(strips))], back


def _legible(colours: Array, dpi: float) -> tuple[_Sheet, list[Strip], dict[int, Array], int]:
    """The page the way up on which it shows words: its sheet, its strips, what the longest of them say, and by how many
    quarters (counterclockwise) it is turned; as it stands where no other way shows more than one phrase."""
    best: tuple[_Sheet, list[Strip], dict[int, Array], int] | None = None
    most = 1
    for turns in _TURNS:
        sheet, strips = _found(np.ascontiguousarray(np.rot90(colours, turns)), dpi)
        phrases = [at for at, strip in enumerate(strips) if _is_phrase(strip, dpi)]
        sample = sorted(phrases, key=lambda at: -strips[at].wide)[:_SAMPLE]
        known = dict(zip(sample, recognise([_crop(sheet, strips[at], 0) for at in sample]), strict=True))
        sure, words = _words(list(known.values()))
        if best is None or sure > most:
            best, most = (sheet, strips, known, turns), max(sure, most)
        if sure >= _FEWEST and sure >= _LEGIBLE * words:
            break
    assert best is not None
    return best


def _is_phrase(strip: Strip, dpi: float) -> bool:
    """Whether a strip has the height of print and room for several characters."""
    return strip.wide >= _PHRASE and strip.box[3] - strip.box[1] >= _LOWEST * dpi


def _found(colours: Array, dpi: float) -> tuple[_Sheet, list[Strip]]:
    """The page set upright, and the strips of text on it."""
    upright = straighten(colours, dpi)
    rules = find_rules(contrast(upright.ink, dpi), dpi)
    sheet = _Sheet(upright, rules, find_grids(rules.edges), find_ink(upright.ink, rules.mask, dpi), dpi)
    return sheet, [*_in_cells(sheet), *_outside(sheet)]


def _in_cells(sheet: _Sheet) -> list[Strip]:
    pixels = sheet.dpi / 72
    wall = max(round(_WALL * sheet.dpi), 1)
    found: list[Strip] = []
    slots = ((grid, slot) for grid in sheet.grids for slot in grid.slots)
    for cell, (grid, slot) in enumerate(slots):
        x0, y0, x1, y1 = (round(side * pixels) for side in grid.box_of(slot))
        box = (max(x0 + wall, 0), max(y0 + wall, 0), x1 - wall, y1 - wall)
        strong = cell_strips(sheet.ink, box, sheet.dpi)
        pieces = strong or faint_strips(sheet.ink, box, sheet.dpi)
        crossed = [on_border(sheet.rules.mask, box, one, sheet.dpi) for one in pieces]
        found += [Strip(one, cell, not strong, slot[1] == 0, cut) for one, cut in zip(pieces, crossed, strict=True)]
    return found


def _outside(sheet: _Sheet) -> list[Strip]:
    """Free text, in the bands above, between and below the grids."""
    high, wide = sheet.upright.gray.shape
    pixels = sheet.dpi / 72
    bands: list[PixelBox] = []
    top = 0
    for first, last in sorted((round(grid.ys[0] * pixels), round(grid.ys[-1] * pixels)) for grid in sheet.grids):
        bands.append((0, top, wide, first))
        top = max(top, last)
    bands.append((0, top, wide, high))
    return [Strip(one) for band in bands for one in free_strips(sheet.upright.gray, sheet.ink, band, sheet.dpi)]


def _words(looks: Sequence[Array]) -> tuple[int, int]:
    """(how many strips surely say a phrase, how many are no figures)."""
    alphabet = load_models().alphabet
    read = [(best_text(look, alphabet).text, usual_peak(look)) for look in looks]
    words = [(text, peak) for text, peak in read if text and not may_be_figure(text, narrow=False)]
    return sum(len(CHINESE.findall(text)) >= _LONG and peak >= _SURE_WORD for text, peak in words), len(words)


def _unturned(turns: int, shape: tuple[int, ...]) -> Array:
    """The matrix that takes pixels of a picture turned by quarters (counterclockwise) back."""
    high, wide = shape[:2]
    ways = {
        1: [[0, -1, wide - 1], [1, 0, 0], [0, 0, 1]],
        2: [[-1, 0, wide - 1], [0, -1, high - 1], [0, 0, 1]],
        3: [[0, 1, 0], [-1, 0, high - 1], [0, 0, 1]],
    }
    return np.array(ways[turns], dtype=float)


def _read(sheet: _Sheet, strips: Sequence[Strip], looks: Sequence[Array]) -> tuple[Word, ...]:
    seen = _seen(sheet, strips, looks)
    seen = [
        doubted(one) if strip.faint or (strip.cut and is_figure(one)) else one
        for strip, one in zip(strips, seen, strict=True)
    ]
    seen = without_doubt(strips, seen, sheet.dpi)
    strays = stray_places(strips, seen, sheet.ink.peak)
    found = enumerate(zip(strips, seen, strict=True))
    return tuple(_word(sheet, strip, one) for at, (strip, one) in found if one.text.strip() and at not in strays)


def _seen(sheet: _Sheet, strips: Sequence[Strip], looks: Sequence[Array]) -> list[Seen]:
    """What each strip says, figures after two or three looks."""
    alphabet = load_models().alphabet
    texts = [best_text(look, alphabet).text for look in looks]
    seen = [first_look(look, alphabet) for look in looks]
    every = {at: [looks[at]] for at, strip in enumerate(strips) if may_be_figure(texts[at], strip.wide <= _NARROW)}
    with_notes = [at for at, strip in enumerate(strips) if strip.cell >= 0 and noted(texts[at])]
    prose = [at for at, strip in enumerate(strips) if strip.cell < 0 and at not in every]
    prose = [at for at in prose if doubtful_figures(looks[at], alphabet)]
    again = [*every, *with_notes, *prose]
    for look in (1, 2):
        for at, other in zip(again, recognise([_crop(sheet, strips[at], look) for at in again]), strict=True):
            if at in every:
                every[at].append(other)
                seen[at] = looked_at(every[at], alphabet)
            elif at in prose:
                seen[at] = seen[at]._replace(text=sure_figures(looks[at], other, alphabet))
            else:
                seen[at] = both(looks[at], other, alphabet)
        again = [at for at in again if at in every and seen[at].readings]
    return seen


def _crop(sheet: _Sheet, strip: Strip, look: int) -> Array:
    """The strip with a margin of its own ground around it, without rules; later looks are wider and without what is
    pale."""
    import cv2

    x0, y0, x1, y1 = strip.box
    part = (sheet.upright.ink if strip.cell >= 0 else sheet.upright.gray)[y0:y1, x0:x1]
    ground = int(np.percentile(part, 90)) if part.size else 255
    hidden = sheet.rules.mask[y0:y1, x0:x1] > 0
    if strip.cell >= 0 and not strip.faint:
        hidden = hidden | (sheet.ink.contrast[y0:y1, x0:x1] < _PALE[look] * sheet.ink.peak(strip.box))
    part = np.where(hidden, np.uint8(ground), part)
    phrase = strip.cell < 0 and strip.wide >= _PROSE
    margin = max(round((_PROSE_MARGIN if phrase else _MARGINS[look]) * (y1 - y0)), 2)
    framed: Array = cv2.copyMakeBorder(part, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=ground)
    if look:
        framed = cv2.resize(framed, None, fx=_STRETCH[look], fy=1.0, interpolation=cv2.INTER_CUBIC)
    return framed


def _word(sheet: _Sheet, strip: Strip, seen: Seen) -> Word:
    points = 72 / sheet.dpi
    x0, y0, x1, y1 = (round(side * points, 2) for side in strip.box)
    return Word(seen.text, (x0, y0, x1, y1), None, seen.readings)


def _in_points(back: Array, dpi: float) -> tuple[float, ...]:
    """The matrix from upright points to the page's, by rows; none where the page stood upright."""
    if np.allclose(back, np.eye(3), atol=1e-6):
        return ()
    scale = np.diag([72 / dpi, 72 / dpi, 1.0])
    return tuple(round(float(one), 9) for one in (scale @ back @ np.linalg.inv(scale)).flat)
