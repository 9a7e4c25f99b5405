"""Places on a page that was set upright for reading, taken back to where they stand on the page itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.datamodel import Box, Fact, Field, Location, Page

Backs = Mapping[int, tuple[float, ...]]


def backs(pages: Sequence[Page]) -> Backs:
    """For each page that was set upright the matrix (by rows) that takes its places back."""
    return {page.number: page.back for page in pages if page.back}


def fields_on_page(fields: Mapping[str, Field], back: Backs) -> dict[str, Field]:
    """The fields with their boxes on the page as it is."""
    return {name: one._replace(location=on_page(one.location, back)) for name, one in fields.items()}


def facts_on_page(facts: Mapping[str, Fact], back: Backs) -> dict[str, Fact]:
    """The facts with their boxes on the page as it is."""
    return {name: replace(one, location=on_page(one.location, back) or one.location) for name, one in facts.items()}


def on_page(place: Location | None, back: Backs) -> Location | None:
    """The place with the box that holds it on the page as it is."""
    if place is None or place.box is None or place.page not in back:
        return place
    return place._replace(box=box_on_page(place.box, back[place.page]))


def box_on_page(box: Box, matrix: Sequence[float]) -> Box:
    """The box around what a 3 × 3 matrix (by rows) makes of a box."""
    a, b, c, d, e, f, g, h, i = matrix
    x0, top, x1, bottom = box
    points = []
    for x, y in ((x0, top), (x1, top), (x0, bottom), (x1, bottom)):
        depth = g * x + h * y + i
        points.append(((a * x + b * y + c) / depth, (d * x + e * y + f) / depth))
    xs, ys = zip(*points, strict=True)
    return (round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2))
