"""The drawn lines of a picture: long thin runs of ink, level and upright."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pipeline.datamodel import Edge

Array = np.ndarray[Any, Any]

_BLOCK, _DARKER = 0.2, 18  # inches about a pixel, and gray levels that ink is darker than the mean of them
_LEVEL, _UPRIGHT = 0.30, 0.17  # inches: shortest runs
_THICK = 0.06  # inches


class Rules(NamedTuple):
    """The edges in points, and the pixels that they cover."""

    edges: tuple[Edge, ...]
    mask: Array


def ink_mask(gray: Array, dpi: float) -> Array:
    """Which pixels (255) are darker than what is about them."""
    import cv2

    block = round(_BLOCK * dpi) | 1
    mask: Array = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, _DARKER)
    return mask


def find_rules(mask: Array, dpi: float) -> Rules:
    """The drawn lines of a mask of ink."""
    level, across = _runs(mask, dpi, round(_LEVEL * dpi), flat=True)
    upright, along = _runs(mask, dpi, round(_UPRIGHT * dpi), flat=False)
    points = 72 / dpi
    edges = [Edge(x * points, (y + h / 2) * points, (x + w) * points, (y + h / 2) * points) for x, y, w, h in level]
    edges += [Edge((x + w / 2) * points, y * points, (x + w / 2) * points, (y + h) * points) for x, y, w, h in upright]
    rounded = tuple(Edge(*(round(side, 2) for side in edge)) for edge in edges)
    return Rules(rounded, across | along)


def _runs(mask: Array, dpi: float, shortest: int, *, flat: bool) -> tuple[list[tuple[int, int, int, int]], Array]:
    """Boxes (x, y, width, height) of the long runs in one direction, and their pixels."""
    import cv2

    across = (1, 3) if flat else (3, 1)
    along = (shortest, 1) if flat else (1, shortest)
    joined = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_RECT, across))
    runs = cv2.morphologyEx(joined, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, along))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    thickness = stats[:, 3 if flat else 2]
    kept = thickness <= _THICK * dpi
    kept[0] = False
    runs = np.where(kept[labels], np.uint8(255), np.uint8(0))
    return [tuple(map(int, stats[one, :4])) for one in np.flatnonzero(kept)], runs  # type: ignore[misc]
