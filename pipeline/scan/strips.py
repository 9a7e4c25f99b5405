"""Strips of text in a picture: the lines of a cell by its ink, the lines of free text by the detector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.scan.recogniser import text_map

Array = np.ndarray[Any, Any]
PixelBox = tuple[int, int, int, int]  # x0, y0, x1, y1, half open

_SPECK = 0.012  # inches: ink smaller than this both ways is dirt
_TEXT = 0.3  # how sure the detector must be of a pixel
_SIDE = 800  # pixels of the shorter side that the detector sees of free text
_UNCLIP = 0.45  # of a found strip's height that is put back around it
_WIDE_GAP = 1.1  # of a line's height: words further apart than this are recognised apart


class Strip(NamedTuple):
    """A piece of a line of text: the box of its ink in pixels."""

    box: PixelBox


def cell_strips(ink: Array, box: PixelBox, dpi: float) -> list[PixelBox]:
    """The lines of ink within a cell, top to bottom, each by the box of its ink; specks and what is left of rules at
    the borders do not count."""
    kept = components(ink, box, dpi)
    lines: list[list[PixelBox]] = []
    for piece in sorted(kept, key=lambda one: (one[1] + one[3], one[0])):
        if lines and _level(lines[-1], piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return merge_lines([hull(line) for line in lines])


def components(ink: Array, box: PixelBox, dpi: float) -> list[PixelBox]:
    """The boxes of connected ink in a cell that are no specks and no remains of rules."""
    import cv2

    x0, y0, x1, y1 = box
    part = ink[y0:y1, x0:x1]
    if part.size == 0 or not part.any():
        return []
    _, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    found = []
    least = _SPECK * dpi
    for x, y, width, height, _ in stats[1:].tolist():
        at_side = x <= 1 or x + width >= x1 - x0 - 1
        at_end = y <= 1 or y + height >= y1 - y0 - 1
        if max(width, height) < least or (at_side and width < least) or (at_end and height < least):
            continue
        found.append((x0 + x, y0 + y, x0 + x + width, y0 + y + height))
    return found


def hull(boxes: Sequence[PixelBox]) -> PixelBox:
    """The smallest box around all."""
    x0s, y0s, x1s, y1s = zip(*boxes, strict=True)
    return (min(x0s), min(y0s), max(x1s), max(y1s))


def _level(line: Sequence[PixelBox], piece: PixelBox) -> bool:
    top, bottom = min(one[1] for one in line), max(one[3] for one in line)
    shared = min(bottom, piece[3]) - max(top, piece[1])
    return shared >= 0.5 * min(bottom - top, piece[3] - piece[1])


def merge_lines(lines: list[PixelBox]) -> list[PixelBox]:
    """Lines that overlap in height (the dots and strokes of one line of characters) as one."""
    merged: list[PixelBox] = []
    for line in sorted(lines, key=lambda one: one[1]):
        if merged and _level([merged[-1]], line):
            merged[-1] = hull([merged[-1], line])
        else:
            merged.append(line)
    return merged


def free_strips(gray: Array, ink: Array, box: PixelBox, dpi: float) -> list[PixelBox]:
    """The pieces of lines of text in a part of a page, by the detector, top to bottom; wide gaps part them."""
    import cv2

    x0, y0, x1, y1 = box
    if y1 - y0 < 0.08 * dpi or not ink[y0:y1, x0:x1].any():
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
        found += _inked(ink, (max(left, x0), max(top, y0), min(right, x1), min(bottom, y1)))
    return sorted(found, key=lambda one: (one[1], one[0]))


def _inked(ink: Array, box: PixelBox) -> Iterator[PixelBox]:
    """The box shrunk to its ink and cut at wide gaps."""
    x0, y0, x1, y1 = box
    part = ink[y0:y1, x0:x1] > 0
    rows = np.flatnonzero(part.any(axis=1))
    columns = np.flatnonzero(part.any(axis=0))
    if not len(rows):
        return
    top, bottom = y0 + int(rows[0]), y0 + int(rows[-1]) + 1
    breaks = np.flatnonzero(np.diff(columns) > _WIDE_GAP * (bottom - top))
    for first, last in zip([0, *(breaks + 1).tolist()], [*breaks.tolist(), len(columns) - 1], strict=True):
        yield (x0 + int(columns[first]), top, x0 + int(columns[last]) + 1, bottom)
