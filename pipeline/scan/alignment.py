"""Pages that were photographed or laid on the glass one by one, brought to one frame, so that a table that goes on over
the page has its columns at the same places."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from pipeline.datamodel import Edge, Page
from pipeline.tables.grid import find_grids

_OFF = 1.0  # points that the sides of tables may differ by without being moved
_LIKE = 1.25  # how many times wider one of two tables may be that are taken to be of one width

Span = tuple[float, float]


def aligned(pages: Sequence[Page], scanned: Collection[int]) -> list[Page]:
    """The pages, those numbered in `scanned` moved and stretched sideways so that their first table lies below the last
    table of the page before; `back` takes the move back."""
    found: list[Page] = []
    above: Span | None = None
    for page in pages:
        spans = _spans(page) if page.edges and not page.blocks else []
        if above and spans and page.number in scanned:
            page, spans = _moved(page, spans, above)
        above = spans[-1] if spans else None
        found.append(page)
    return found


def _spans(page: Page) -> list[Span]:
    """The left and right side of each grid of a page, top to bottom."""
    return [(grid.xs[0], grid.xs[-1]) for grid in find_grids(page.edges)]


def _moved(page: Page, spans: list[Span], above: Span) -> tuple[Page, list[Span]]:
    (left, right), (x0, x1) = spans[0], above
    stretch = (x1 - x0) / max(right - left, 1.0)
    shift = x0 - stretch * left
    if max(abs(left - x0), abs(right - x1)) <= _OFF or not 1 / _LIKE <= stretch <= _LIKE:
        return page, spans

    def to(x: float) -> float:
        return round(stretch * x + shift, 2)

    words = tuple(
        word._replace(box=(to(word.box[0]), word.box[1], to(word.box[2]), word.box[3])) for word in page.words
    )
    edges = tuple(Edge(to(edge.x0), edge.top, to(edge.x1), edge.bottom) for edge in page.edges)
    undone = np.array([[1 / stretch, 0.0, -shift / stretch], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    back = (np.array(page.back).reshape(3, 3) if page.back else np.eye(3)) @ undone
    moved = replace(page, words=words, edges=edges, back=tuple(round(float(one), 9) for one in back.flat))
    return moved, [(to(start), to(end)) for start, end in spans]
