"""Strips of text in a picture: the lines of a cell by its ink, the lines of free text by the detector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.scan.recogniser import text_map
from pipeline.scan.rules import contrast, ink_mask

Array = np.ndarray[Any, Any]
PixelBox = tuple[int, int, int, int]  # x0, y0, x1, y1, half open

_STRONG = 0.4  # of the usual contrast of ink: print has it, seals in gray and the reverse of the page have not
_SPECK = 0.012  # inches: ink smaller than this both ways is dirt
_SIGN = 0.035  # inches: the least that a line has one piece of; lone dots are dirt
_DIGIT = 0.065  # inches: the least height of a digit
_TEXT = 0.3  # how sure the detector must be of a pixel
_SIDE = 800  # pixels of the shorter side that the detector sees of free text
_UNCLIP = 0.45  # of a found strip's height that is put back around it
_WIDE_GAP = 1.1  # of a line's height: words further apart than this are recognised apart


class Ink(NamedTuple):
    """What is dark on a page without its rules: by how much, the pixels that are surely ink, those that may be, the
    usual contrast of ink, and the boxes of connected pieces of either."""

    contrast: Array
    strong: Array
    weak: Array
    usual: float
    pieces: Array
    faint: Array


def find_ink(gray: Array, rules: Array, dpi: float) -> Ink:
    """The ink of an upright page; `rules` are the pixels of its drawn lines."""
    import cv2

    darker = contrast(gray, dpi)
    darker[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    weak = ink_mask(darker)
    dark = darker[weak > 0]
    usual = float(np.percentile(dark, 80)) if dark.size else 255.0
    strong = ink_mask(darker, max(_STRONG * usual, 16))
    return Ink(darker, strong, weak, usual, _pieces(strong, dpi), _pieces(weak, dpi))


def _pieces(mask: Array, dpi: float) -> Array:
    """The boxes (x0, y0, x1, y1) of connected ink, specks left out."""
    import cv2

    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    x, y, wide, high, _ = stats[1:].T
    boxes: Array = np.stack([x, y, x + wide, y + high], axis=1)[np.maximum(wide, high) >= _SPECK * dpi]
    return boxes


def cell_strips(ink: Ink, box: PixelBox, dpi: float) -> list[PixelBox]:
    """The lines of surely printed ink within a cell, top to bottom; what is left of its borders does not count."""
    return _lines(_inside(ink.pieces, box, dpi), dpi)


def faint_strips(ink: Ink, box: PixelBox, dpi: float) -> list[PixelBox]:
    """The lines of ink as high as a digit in a cell where none is surely print: a cell without them is blank."""
    found = _lines(_inside(ink.faint, box, dpi), dpi)
    return [one for one in found if one[3] - one[1] >= _DIGIT * dpi]


def _inside(pieces: Array, box: PixelBox, dpi: float) -> list[PixelBox]:
    x0, y0, x1, y1 = box
    middle_x, middle_y = (pieces[:, 0] + pieces[:, 2]) / 2, (pieces[:, 1] + pieces[:, 3]) / 2
    held = pieces[(middle_x >= x0) & (middle_x < x1) & (middle_y >= y0) & (middle_y < y1)]
    least = _SPECK * dpi
    found = []
    for left, top, right, bottom in held.tolist():
        at_side = (left <= x0 + 1 or right >= x1 - 1) and right - left < least
        at_end = (top <= y0 + 1 or bottom >= y1 - 1) and bottom - top < least
        if not at_side and not at_end:
            found.append((max(left, x0), max(top, y0), min(right, x1), min(bottom, y1)))
    return found


def _lines(pieces: Sequence[PixelBox], dpi: float) -> list[PixelBox]:
    """Pieces of ink as lines; a line of dots alone is none."""
    big = [one for one in pieces if max(one[2] - one[0], one[3] - one[1]) >= _SIGN * dpi]
    lines: list[list[PixelBox]] = []
    for piece in sorted(big, key=lambda one: one[1] - one[3]):  # the tallest first
        beside = [line for line in lines if _level(_hull(line), piece)]
        lines = [line for line in lines if line not in beside]
        lines.append([piece, *(other for line in beside for other in line)])
    small = [one for one in pieces if one not in big]
    found: list[PixelBox] = []
    for line in lines:
        top, bottom = _hull(line)[1::2]
        found += _parted([*line, *(dot for dot in small if top <= (dot[1] + dot[3]) / 2 <= bottom)])
    return sorted(found, key=lambda one: (one[1], one[0]))


def _parted(line: Sequence[PixelBox]) -> list[PixelBox]:
    """The pieces of a line in one box for each run without a wide gap; a run of dots alone is none."""
    height = _hull(line)[3] - _hull(line)[1]
    runs: list[list[PixelBox]] = []
    for piece in sorted(line):
        if runs and piece[0] - max(one[2] for one in runs[-1]) <= _WIDE_GAP * height:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    boxes = map(_hull, runs)
    return [one for one in boxes if max(one[2] - one[0], one[3] - one[1]) >= 0.3 * height]


def _hull(boxes: Sequence[PixelBox]) -> PixelBox:
    """The smallest box around all."""
    x0s, y0s, x1s, y1s = zip(*boxes, strict=True)
    return (min(x0s), min(y0s), max(x1s), max(y1s))


def _level(line: PixelBox, piece: PixelBox) -> bool:
    shared = min(line[3], piece[3]) - max(line[1], piece[1])
    return shared >= 0.5 * min(line[3] - line[1], piece[3] - piece[1])


def free_strips(gray: Array, ink: Ink, box: PixelBox, dpi: float) -> list[PixelBox]:
    """The pieces of lines of text in a part of a page, by the detector, top to bottom; wide gaps part them."""
    import cv2

    x0, y0, x1, y1 = box
    if y1 - y0 < 0.08 * dpi or not ink.strong[y0:y1, x0:x1].any():
        return []
    sure = text_map(gray[y0:y1, x0:x1], _SIDE)
    ups = ((x1 - x0) / sure.shape[1], (y1 - y0) / sure.shape[0])
    _, _, stats, _ = cv2.connectedComponentsWithStats((sure > _TEXT).astype(np.uint8), connectivity=8)
    found: list[PixelBox] = []
    for x, y, width, height, area in stats[1:].tolist():
        if area < 6:
            continue
        pad = _UNCLIP * min(width, height)
        left, right = round((x - pad) * ups[0]) + x0, round((x + width + pad) * ups[0]) + x0
        top, bottom = round((y - pad) * ups[1]) + y0, round((y + height + pad) * ups[1]) + y0
        found += _inked(ink.strong, (max(left, x0), max(top, y0), min(right, x1), min(bottom, y1)))
    kept = [one for one in found if one[3] - one[1] >= _SIGN * dpi and one[2] - one[0] >= _SPECK * dpi]
    return sorted(kept, key=lambda one: (one[1], one[0]))


def _inked(mask: Array, box: PixelBox) -> Iterator[PixelBox]:
    """The box shrunk to its ink and cut at wide gaps."""
    x0, y0, x1, y1 = box
    part = mask[y0:y1, x0:x1] > 0
    rows = np.flatnonzero(part.any(axis=1))
    columns = np.flatnonzero(part.any(axis=0))
    if not len(rows):
        return
    top, bottom = y0 + int(rows[0]), y0 + int(rows[-1]) + 1
    breaks = np.flatnonzero(np.diff(columns) > _WIDE_GAP * (bottom - top))
    for first, last in zip([0, *(breaks + 1).tolist()], [*breaks.tolist(), len(columns) - 1], strict=True):
        yield (x0 + int(columns[first]), top, x0 + int(columns[last]) + 1, bottom)
