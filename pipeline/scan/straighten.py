"""A page's picture set upright: its slant and the camera's perspective found by its lines and undone, the way back
kept."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pipeline.scan.picture import cleaned
from pipeline.scan.rules import contrast, ink_mask
from pipeline.scan.segments import Segment, long_runs

Array = np.ndarray[Any, Any]

_COARSE = np.arange(-5.0, 5.01, 0.5)
_FINE = np.arange(-0.5, 0.51, 0.1)
_FINEST = np.arange(-0.1, 0.11, 0.02)
_SMALL = 560  # pixels across, for finding the slant
_LONG = 1.0  # inches of a drawn line that tells the perspective
_LEVEL = 0.0012  # slope below which lines are level enough


class Upright(NamedTuple):
    """A page as it should stand: `gray` as it looks, `ink` without coloured seals (both light ground, dark text), and
    the 3 × 3 matrix that takes its pixels back to those of the picture it was made from."""

    gray: Array
    ink: Array
    back: Array


def straighten(colours: Array, dpi: float) -> Upright:
    """The upright page of an RGB picture."""
    gray, ink = cleaned(colours)
    matrix = _rotation(gray.shape, slant(ink))
    rectified = _rectified(_moved(ink, matrix), dpi)
    if rectified is not None:
        matrix = rectified @ matrix
    if np.allclose(matrix, np.eye(3), atol=1e-6):
        return Upright(gray, ink, np.eye(3))
    moved = _moved(gray, matrix)
    return Upright(moved, moved if ink is gray else _moved(ink, matrix), np.linalg.inv(matrix))


def _moved(picture: Array, matrix: Array) -> Array:
    import cv2

    size = (picture.shape[1], picture.shape[0])
    moved: Array = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR, borderValue=255)
    return moved


def slant(gray: Array) -> float:
    """By how many degrees the page must be turned (counterclockwise) for its lines to lie level."""
    import cv2

    scale = min(_SMALL / gray.shape[1], 1.0)
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    dark = 255 - small
    dark[dark < 40] = 0
    angle = 0.0
    for steps in (_COARSE, _FINE, _FINEST):
        angle = max((angle + step for step in steps.tolist()), key=lambda one: (_sharpness(dark, one), -abs(one)))
    return round(angle, 3)


def _sharpness(dark: Array, angle: float) -> float:
    """How much the ink of neighbouring rows differs once the page is turned: most where lines lie level."""
    import cv2

    turned = cv2.warpAffine(dark, _rotation(dark.shape, angle)[:2], (dark.shape[1], dark.shape[0]))
    rows = cv2.reduce(turned, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F)[:, 0]
    return float(((rows[1:] - rows[:-1]) ** 2).sum())


def _rotation(shape: tuple[int, ...], angle: float) -> Array:
    import cv2

    turn = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), angle, 1.0)
    matrix: Array = np.vstack([turn, [0.0, 0.0, 1.0]])
    return matrix


def _rectified(ink: Array, dpi: float) -> Array | None:
    """The matrix that makes the drawn lines level and upright; None where they are, or where there are too few.

    Lines of one direction meet in a vanishing point; the matrix sends both points to infinity (Hartley and Zisserman,
    Multiple View Geometry, 2.7).
    """
    mask = ink_mask(contrast(ink, dpi))
    level = [one for one in long_runs(mask, dpi, flat=True) if one.length >= _LONG * dpi]
    upright = [one for one in long_runs(mask, dpi, flat=False) if one.length >= _LONG * dpi]
    level, upright = _consistent(level), _consistent(upright)
    if len(level) < 3 or len(upright) < 3:
        return None
    if max(abs(one.slope) for one in (*level, *upright)) < _LEVEL:
        return None
    high, wide = ink.shape
    unit = np.array([[2 / wide, 0, -1], [0, 2 / wide, -high / wide], [0, 0, 1]])
    across, along = (_vanishing(lines, unit) for lines in (level, upright))
    horizon = np.cross(across, along)
    if abs(horizon[2]) < 1e-9:
        return None
    project = np.array([[1, 0, 0], [0, 1, 0], horizon / horizon[2]])
    right, down = (project @ across)[:2], (project @ along)[:2]
    right, down = right / np.linalg.norm(right) * np.sign(right[0]), down / np.linalg.norm(down) * np.sign(down[1])
    shape = np.eye(3)
    shape[:2, :2] = np.linalg.inv(np.stack([right, down], axis=1))
    matrix = np.linalg.inv(unit) @ shape @ project @ unit
    unified: Array = matrix / matrix[2, 2]
    return unified


def _consistent(lines: list[Segment]) -> list[Segment]:
    """The lines whose slopes go with where they stand, as those of one plane do; a stroke of a pen does not."""
    for _ in range(3):
        if len(lines) < 4:
            return lines
        place = np.array([one.place for one in lines])
        slope = np.array([one.slope for one in lines])
        fit = np.polyfit(place, slope, 1)
        off = np.abs(slope - np.polyval(fit, place))
        limit = max(2.5 * float(np.median(off)), 0.0015)
        if (off <= limit).all():
            return lines
        lines = [one for one, far in zip(lines, off.tolist(), strict=True) if far <= limit]
    return lines


def _vanishing(lines: list[Segment], unit: Array) -> Array:
    """The point nearest to all the lines, in units; long lines count more."""
    rows = []
    for one in lines:
        ends = [unit @ np.array([x, y, 1.0]) for x, y in (one.start, one.end)]
        line = np.cross(*ends)
        rows.append(line / np.linalg.norm(line[:2]) * one.length)
    point: Array = np.linalg.svd(np.array(rows))[2][-1]
    return point
