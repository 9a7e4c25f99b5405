"""A page's picture set upright: its slant found and undone, coloured seals faded, and the way back kept."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

_COARSE = np.arange(-5.0, 5.01, 0.5)
_FINE = np.arange(-0.5, 0.51, 0.1)
_FINEST = np.arange(-0.1, 0.11, 0.02)
_SMALL = 560  # pixels across, for finding the slant


class Upright(NamedTuple):
    """A page as it should stand: `gray` as it looks, `ink` without coloured seals (both light ground, dark text), and
    the 3 × 3 matrix that takes its pixels back to those of the picture it was made from."""

    gray: Array
    ink: Array
    back: Array


def straighten(colours: Array) -> Upright:
    """The upright page of an RGB picture."""
    import cv2

    gray = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)
    ink = without_seals(colours, gray)
    matrix = _rotation(gray.shape, slant(ink))
    size = (gray.shape[1], gray.shape[0])

    def turned(picture: Array) -> Array:
        moved: Array = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR, borderValue=255)
        return moved

    if np.allclose(matrix, np.eye(3)):
        return Upright(gray, ink, np.eye(3))
    return Upright(turned(gray), turned(ink), np.linalg.inv(matrix))


def without_seals(colours: Array, gray: Array) -> Array:
    """The picture in gray where coloured ink is as light as the channel that does not see it; black stays black."""
    most = colours.max(axis=2)
    least = colours.min(axis=2)
    coloured = (most.astype(np.int16) - least) > 60
    ink: Array = np.where(coloured, most, gray)
    return ink


def slant(gray: Array) -> float:
    """By how many degrees the page must be turned (counterclockwise) for its lines to lie level."""
    import cv2

    scale = min(_SMALL / gray.shape[1], 1.0)
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    dark = 255 - small
    dark[dark < 50] = 0
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
