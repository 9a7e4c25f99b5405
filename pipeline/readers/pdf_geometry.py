"""Where things stand on a PDF page as a reader sees it: origin at the top left, y downwards, rotation undone."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np

from pipeline.readers import pdf_functions as pdfium
from pipeline.readers.pdf_functions import Array, Handle

_Bounds = ctypes.c_float * 4  # kept: ctypes makes a new type at each `*`, which takes longer than the question


@dataclass(frozen=True, slots=True)
class View:
    """The visible part of a page (crop box within media box, y upwards) and its rotation in clockwise quarters."""

    left: float
    bottom: float
    right: float
    top: float
    quarters: int

    @property
    def width(self) -> float:
        return self.top - self.bottom if self.quarters % 2 else self.right - self.left

    @property
    def height(self) -> float:
        return self.right - self.left if self.quarters % 2 else self.top - self.bottom

    def show(self, boxes: Array) -> Array:
        """Rows (left, bottom, right, top) of the PDF as rows (x0, top, x1, bottom) of the page as it is shown."""
        x0, y0, x1, y1 = (boxes[:, column] for column in range(4))
        if self.quarters == 1:
            sides = y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left
        elif self.quarters == 2:
            sides = self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom
        elif self.quarters == 3:
            sides = self.top - y1, self.right - x1, self.top - y0, self.right - x0
        else:
            sides = x0 - self.left, self.top - y1, x1 - self.left, self.top - y0
        shown = np.empty(boxes.shape)
        for column, side in enumerate(sides):
            shown[:, column] = side
        return shown

    def holds(self, boxes: Array) -> Array:
        """Which of the shown boxes have their centre on the page."""
        x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
        inside: Array = (x >= 0) & (x <= self.width) & (y >= 0) & (y <= self.height)
        return inside


def view_of(page: Handle) -> View:
    """The view of a loaded page; A4 where the file gives no usable size."""
    bounds = _Bounds()
    pdfium.page_bounds(page, ctypes.byref(bounds))
    left, top, right, bottom = bounds
    if not (0 < right - left < 1e5 and 0 < top - bottom < 1e5):
        left, bottom, right, top = 0.0, 0.0, 595.0, 842.0
    return View(left, bottom, right, top, pdfium.page_rotation(page) % 4)


def multiply(first: Array, then: Array) -> Array:
    """The matrices (a, b, c, d, e, f), one a row, that apply each of `first` and then the one matrix `then`."""
    a, b, c, d, e, f = first.T.astype(np.float64)
    m, n, o, p, q, r = then
    return np.stack([a * m + b * o, a * n + b * p, c * m + d * o, c * n + d * p, e * m + f * o + q,
                     e * n + f * p + r], axis=1)  # fmt: skip


def move_points(points: Array, matrices: Array) -> Array:
    """Points (x, y) as the matrix of the same row makes them."""
    a, b, c, d, e, f = matrices.T
    x, y = points.T
    return np.stack([a * x + c * y + e, b * x + d * y + f], axis=1)


def move_boxes(boxes: Array, matrix: Array) -> Array:
    """Boxes (left, bottom, right, top) around what the matrix makes of them."""
    a, b, c, d, e, f = matrix
    corners = [(boxes[:, i], boxes[:, j]) for i in (0, 2) for j in (1, 3)]
    x = np.stack([a * u + c * v + e for u, v in corners])
    y = np.stack([b * u + d * v + f for u, v in corners])
    return np.stack([x.min(axis=0), y.min(axis=0), x.max(axis=0), y.max(axis=0)], axis=1)
