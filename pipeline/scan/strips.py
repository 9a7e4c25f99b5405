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
_DARK = 0.62  # of the contrast of the darkest ink in a cell: each piece of print has it somewhere
_SPECK = 0.012  # inches: ink smaller than this both ways is dirt
_SIGN = 0.035  # inches: the least that a line has one piece of; lone dots are dirt
_DIGIT = 0.065  # inches: the least height of a digit
_FIGURE, _LONGEST, _ROW = 0.2, 0.8, 3  # inches: the most height of a digit, width of a figure; things in a row
_BULGE, _BULGE_REACH = 0.014, 0.06  # inches that print on a border adds to its thickness, looked for so far beside it
_SPLIT = 0.016  # inches: a digit that a coarse fax parts has no wider gap
_TEXT = 0.3  # how sure the detector must be of a pixel
_SIDE = 800  # pixels of the shorter side that the detector sees of free text
_UNCLIP = (1.1, 0.65)  # of a found strip's height that is put back beside it, and above and below it
_WIDE_GAP = 1.1  # of a line's height: words further apart than this are recognised apart


class Strip(NamedTuple):
    """A piece of a line to recognise: its pixels, the cell that holds it (-1 for none), whether its ink is faint,
    whether it stands in the first column of a grid, and whether more of it may stand on the border of its cell."""

    box: PixelBox
    cell: int = -1
    faint: bool = False
    first: bool = False
    cut: bool = False

    @property
    def wide(self) -> float:
        x0, y0, x1, y1 = self.box
        return (x1 - x0) / max(y1 - y0, 1)


class Ink(NamedTuple):
    """What is dark on a page without its rules: by how much, the pixels that are surely ink, and those that may be."""

    contrast: Array
    strong: Array
    weak: Array

    def peak(self, box: PixelBox) -> float:
        """The contrast of the darkest ink in a box."""
        x0, y0, x1, y1 = box
        part = self.contrast[y0:y1, x0:x1]
        dark = part[self.strong[y0:y1, x0:x1] > 0]
        return float(np.percentile(dark, 90)) if dark.size else 0.0


def find_ink(gray: Array, rules: Array, dpi: float) -> Ink:
    """The ink of an upright page; `rules` are the pixels of its drawn lines."""
    import cv2

    darker = contrast(gray, dpi)
    darker[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    weak = ink_mask(darker)
    dark = darker[weak > 0]
    usual = float(np.percentile(dark, 80)) if dark.size else 255.0
    return Ink(darker, ink_mask(darker, max(_STRONG * usual, 16)), weak)


def cell_strips(ink: Ink, box: PixelBox, dpi: float) -> list[PixelBox]:
    """The lines of print within a cell, top to bottom: pieces about as dark as the darkest there, and not what is left
    of borders. A gray seal over print is paler than the print."""
    return _lines(_pieces(ink, ink.strong, box, dpi, _DARK * ink.peak(box)), dpi)


def faint_strips(ink: Ink, box: PixelBox, dpi: float) -> list[PixelBox]:
    """The lines of ink as high as a digit in a cell where none is surely print: a cell without them is blank."""
    found = _lines(_pieces(ink, ink.weak, box, dpi, 0.0), dpi)
    return [one for one in found if one[3] - one[1] >= _DIGIT * dpi]


def _pieces(ink: Ink, mask: Array, box: PixelBox, dpi: float, darkest: float) -> list[PixelBox]:
    """The boxes of connected ink in a cell with at least so dark a place; specks and what is left of borders go."""
    import cv2

    x0, y0, x1, y1 = box
    part = mask[y0:y1, x0:x1]
    if not part.any():
        return []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    peaks = np.zeros(len(stats), dtype=np.uint8)
    np.maximum.at(peaks, labels.ravel(), ink.contrast[y0:y1, x0:x1].ravel())
    least = _SPECK * dpi
    found = []
    for (x, y, wide, high, _), peak in zip(stats[1:].tolist(), peaks[1:].tolist(), strict=True):
        at_side = (x <= 1 or x + wide >= x1 - x0 - 1) and wide < least
        at_end = (y <= 1 or y + high >= y1 - y0 - 1) and high < least
        if peak >= darkest and max(wide, high) >= least and not at_side and not at_end:
            found.append((x0 + x, y0 + y, x0 + x + wide, y0 + y + high))
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
    for line in _mended(lines, dpi):
        top, bottom = _hull(line)[1::2]
        found += _parted([*line, *(dot for dot in small if top <= (dot[1] + dot[3]) / 2 <= bottom)])
    return sorted(found, key=lambda one: (one[1], one[0]))


def _mended(lines: Sequence[list[PixelBox]], dpi: float) -> list[list[PixelBox]]:
    """The lines, a foot or head of a digit that a fax of few lines parted from it put back."""
    found: list[list[PixelBox]] = []
    for line in sorted(lines, key=_hull):
        box = _hull(line)
        for place, other in enumerate(found):
            if _are_one(_hull(other), box, dpi):
                found[place] = [*other, *line]
                break
        else:
            found.append(line)
    return found


def _are_one(one: PixelBox, other: PixelBox, dpi: float) -> bool:
    """Whether the lower of two lines stands close below or above the other, within its width, and both together are no
    higher than a digit."""
    above, below = sorted((one, other), key=lambda box: box[1])
    flat, tall = sorted((one, other), key=lambda box: box[3] - box[1])
    slack = _SPECK * dpi
    return (
        -1 <= below[1] - above[3] <= _SPLIT * dpi
        and below[3] - above[1] <= _FIGURE * dpi
        and flat[3] - flat[1] < _DIGIT * dpi
        and tall[0] - slack <= flat[0]
        and flat[2] <= tall[2] + slack
    )


def on_border(rules: Array, cell: PixelBox, strip: PixelBox, dpi: float) -> bool:
    """Whether the border beside a strip is thicker than elsewhere along the cell, as where a digit stands on it: that
    digit is taken for a part of the border."""
    x0, y0, x1, y1 = cell
    reach, high = round(_BULGE_REACH * dpi), strip[3] - strip[1]
    for side, gap in ((x0, strip[0] - x0), (x1, x1 - strip[2])):
        if gap <= high:
            wide = (rules[y0:y1, max(side - reach, 0) : side + reach] > 0).sum(axis=1)
            if wide.size and wide[strip[1] - y0 : strip[3] - y0].max() - np.median(wide) >= _BULGE * dpi:
                return True
    return False


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
        wide, high = (share * min(width, height) for share in _UNCLIP)
        left, right = round((x - wide) * ups[0]) + x0, round((x + width + wide) * ups[0]) + x0
        top, bottom = round((y - high) * ups[1]) + y0, round((y + height + high) * ups[1]) + y0
        found += _inked(ink.strong, (max(left, x0), max(top, y0), min(right, x1), min(bottom, y1)))
    kept = [one for one in found if one[3] - one[1] >= _SIGN * dpi and one[2] - one[0] >= _SPECK * dpi]
    for missed in _missed(ink, box, kept, dpi):
        parts = [one for one in kept if _overlap(one, missed)]
        if parts and _hull([*parts, missed])[3] - missed[1] > 3 * _DIGIT * dpi:
            continue  # a mark in a line of prose
        kept = [*(one for one in kept if one not in parts), _hull([*parts, missed])]
    return sorted(kept, key=lambda one: (one[1], one[0]))


def _overlap(one: PixelBox, other: PixelBox) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(one[1], other[1])


def _missed(ink: Ink, box: PixelBox, found: Sequence[PixelBox], dpi: float) -> list[PixelBox]:
    """Print of the size of digits that the detector did not see: it passes over digits that stand alone."""
    left = ink.strong.copy()
    for x0, y0, x1, y1 in found:
        left[y0:y1, x0:x1] = 0
    lines = _lines(_pieces(ink, left, box, dpi, 0.0), dpi)
    digits = [one for one in lines if _DIGIT * dpi <= one[3] - one[1] <= 3 * _DIGIT * dpi]
    return [one for one in digits if one[2] - one[0] <= 5 * (one[3] - one[1])]


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
