"""Key figures over the years, a small plot for each figure of each agency, with what stands out marked.

The points are worked out here and drawn as SVG by the template: nothing of a report is ever markup.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from pipeline.storage import Store
from pipeline.writers.panel import panel_cells, variables

AGENCIES = 12  # on a page
FACTOR, SLACK = 4, 20  # an outlier is so many times away from the other years' median, and at least so much
FIGURES = ("requests.received.total", "requests.granted.total", "disclosure.normative_documents.issued", "review.total")
_FEWEST = 3  # points of which one may be called an outlier
WIDTH, HEIGHT, _TOP, _BELOW, _SIDE = 180, 84, 18, 14, 12


class Point(NamedTuple):
    """A figure of a year: its place in the plot, and what is to be said of it."""

    x: float
    y: float
    year: int
    value: float
    accepted: bool
    outlier: bool
    document: str


class Plot(NamedTuple):
    """A figure of an agency over the years, years and figures in its own measure."""

    label: str
    points: Sequence[Point]
    path: str
    first: int
    last: int
    highest: float


class Plotted(NamedTuple):
    """The plots of an agency, one for each of FIGURES that its reports print."""

    agency: str
    plots: Sequence[Plot]
    outliers: int


def plotted(store: Store, agencies: Mapping[str, Sequence[str]]) -> list[Plotted]:
    """The plots of agencies, by the ids of their reports, corrections laid over."""
    labels = {one.name: one.label for one in variables() if one.name in FIGURES}
    found = []
    for agency, ids in agencies.items():
        figures: defaultdict[str, list[tuple[int, float, bool, str]]] = defaultdict(list)
        for document, record in store.some(ids):
            for cell in panel_cells(record):
                if cell.variable in labels and cell.value is not None:
                    figures[cell.variable].append((record["year"], cell.value, cell.accepted, document))
        plots = [_plot(labels[name], sorted(figures[name])) for name in FIGURES if figures[name]]
        found.append(Plotted(agency, plots, sum(point.outlier for plot in plots for point in plot.points)))
    return found


def _plot(label: str, figures: Sequence[tuple[int, float, bool, str]]) -> Plot:
    years = [year for year, *_ in figures]
    first, last = min(years), max(years)
    highest = max(value for _, value, *_ in figures)
    stands_out = outliers([value for _, value, *_ in figures])
    points = [
        Point(_across(year, first, last), _down(value, highest), year, value, accepted, out, document)
        for (year, value, accepted, document), out in zip(figures, stands_out, strict=True)
    ]
    return Plot(label, points, " ".join(f"{one.x:g},{one.y:g}" for one in points), first, last, highest)


def outliers(values: Sequence[float]) -> list[bool]:
    """Which of the values is more than FACTOR times away from the median of the others, and by at least SLACK; none
    where there are fewer than three."""
    if len(values) < _FEWEST:
        return [False] * len(values)
    found = []
    for at, value in enumerate(values):
        middle = median([*values[:at], *values[at + 1 :]])
        far = value > FACTOR * middle or value * FACTOR < middle
        found.append(far and abs(value - middle) >= SLACK)
    return found


def _across(year: int, first: int, last: int) -> float:
    return round(_SIDE + (WIDTH - 2 * _SIDE) * ((year - first) / (last - first) if last > first else 0.5), 1)


def _down(value: float, highest: float) -> float:
    share = value / highest if highest > 0 else 0.0
    return round(HEIGHT - _BELOW - (HEIGHT - _TOP - _BELOW) * max(0.0, share), 1)


def size() -> dict[str, Any]:
    """The measures of a plot, for the template."""
    return {"width": WIDTH, "height": HEIGHT, "floor": HEIGHT - _BELOW}
