"""Plots of an evaluation as SVG that stands inside a page: colours follow the page's light or dark scheme, text stays
text, and the same figures give the same bytes."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Stand-ins that matplotlib writes and the page's own colours replace; of the colours that the colour-blind tell apart
# (Okabe & Ito 2008) the page chooses those that show on its ground.
_INK, _GRID, _FIRST, _SECOND, _GROUND = "#010203", "#020304", "#030405", "#040506", "#050607"
_COLOURS = {
    _INK: "currentColor",
    _GRID: "var(--line)",
    _FIRST: "var(--first)",
    _SECOND: "var(--second)",
    _GROUND: "var(--ground)",
}
_STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.parse_math": False,
    "text.color": _INK,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": _INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _GRID,
    "grid.linewidth": 0.6,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
}
_NAME = 36  # characters of a name beside an axis

Row = Mapping[str, Any]


def reliability(bins: Sequence[Row]) -> str:
    """The share right (95 % interval) beside the mean confidence of each bin that holds fields, the counts below.

    Bins stand side by side, not to scale: nearly all fields lie within a thousandth of 1. "" where no bin has a field.
    """
    filled = [one for one in bins if one["count"]]
    return _svg("reliability", (7.6, 4.2), lambda figure: _reliability(figure, filled)) if filled else ""


def _reliability(figure: Any, bins: Sequence[Row]) -> None:
    top, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    places = range(len(bins))
    right = [one["right"] for one in bins]
    ends = [exact_interval(round(one["right"] * one["count"]), one["count"]) for one in bins]
    top.errorbar(places, right, yerr=_reach(right, ends), fmt="o", ms=6, capsize=3, color=_FIRST, label="share right")
    means = [one["mean"] for one in bins]
    top.plot(places, means, "D", ms=6, mfc="none", mew=1.4, color=_SECOND, label="mean confidence")
    top.set(ylim=(-0.03, 1.03), ylabel="share of fields")
    top.legend(loc="lower right")
    below.bar(places, [one["count"] for one in bins], width=0.6, color=_FIRST)
    below.set(yscale="log", ylim=(0.5, 12 * max(one["count"] for one in bins)), ylabel="fields")
    below.set_xlabel("confidence given")
    for place, one in zip(places, bins, strict=True):
        below.annotate(f"{one['count']:,}", (place, one["count"]), (0, 2), textcoords="offset points", ha="center")
    below.set_xticks(places, [f"{one['low']:g}\nto {one['high']:g}" for one in bins])
    below.set_yticks([])
    below.set_yticks([], minor=True)
    below.grid(visible=False)


def risk_coverage(points: Sequence[Row], served: float | None) -> str:
    """How many in 1,000 of the most confident fields are wrong, by the share of fields kept; `served` is the coverage
    at the threshold of acceptance. "" without points."""
    return _svg("risk", (7.6, 3.2), lambda figure: _risk(figure, points, served)) if points else ""


def _risk(figure: Any, points: Sequence[Row], served: float | None) -> None:
    axes = figure.subplots()
    wrong = [1000 * one["risk"] for one in points]
    axes.plot([one["coverage"] for one in points], wrong, color=_FIRST, lw=1.8, drawstyle="steps-pre", label="wrong")
    axes.plot([one["coverage"] for one in points], wrong, ".", color=_FIRST, ms=4)
    axes.axhline(1, color=_SECOND, lw=1.2, ls="--", label="allowed: 1 in 1,000")
    if served is not None:
        axes.axvline(served, color=_INK, lw=1, ls=":", label="accepted by the model")
    highest = 1.15 * max(1.5, *wrong)
    axes.set(xlim=(0, 1.01), ylim=(-0.02 * highest, highest))
    axes.set(xlabel="coverage: share of fields kept, most confident first", ylabel="wrong in 1,000 kept")
    axes.legend(loc="upper left")


def shares(rows: Sequence[Row]) -> str:
    """Two panels over the same names: `fields` and `reports`, each a (value, low, high), and `documents` beside the
    name. "" without rows."""
    size = (9.6, 1.0 + 0.2 * len(rows))
    return _svg("shares", size, lambda figure: _shares(figure, rows)) if rows else ""


def _shares(figure: Any, rows: Sequence[Row]) -> None:
    panels = figure.subplots(1, 2, sharey=True)
    places = range(len(rows))
    titles = ("exact fields", "exact whole reports")
    for axes, key, colour, title in zip(panels, ("fields", "reports"), (_FIRST, _SECOND), titles, strict=True):
        values = [row[key][0] for row in rows]
        ends = [row[key][1:] for row in rows]
        axes.errorbar(values, places, xerr=_reach(values, ends), fmt="o", ms=4, capsize=2, lw=1.2, color=colour)
        low = min(end[0] for end in ends)
        axes.set(title=title, xlim=(max(0.0, low - 0.05) if low > 0.5 else -0.02, 1.01), xlabel="share")
    panels[0].set_yticks(places, [f"{short(row['name'])} ({row['documents']})" for row in rows])
    panels[0].set_ylim(len(rows) - 0.4, -0.6)


def speed(rows: Sequence[Row]) -> str:
    """Exact fields against `milliseconds` a document, a point and a name for each of `rows`; "" without rows."""
    return _svg("speed", (7.6, 3.6), lambda figure: _speed(figure, rows)) if rows else ""


def _speed(figure: Any, rows: Sequence[Row]) -> None:
    from matplotlib.ticker import LogLocator

    axes = figure.subplots()
    for row in rows:
        ours = row.get("ours")
        axes.plot(row["milliseconds"], row["exact"], "D" if ours else "o", color=_FIRST if ours else _SECOND, ms=7)
        axes.annotate(short(row["name"]), (row["milliseconds"], row["exact"]), (8, 3), textcoords="offset points")
    times = [row["milliseconds"] for row in rows]
    axes.set(xscale="log", xlim=(min(times) / 1.6, max(times) * 4), ylim=(-0.03, 1.1))
    axes.set(xlabel="milliseconds a document (log scale)", ylabel="exact fields")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda _value, _place: "")


def learning(lines: Sequence[Row], mean: Sequence[float | None], steps: Sequence[int]) -> str:
    """Exact fields of unseen layouts by the number of their documents learned from: a thin line for each of `lines`
    (its `values`, one a step) and the mean. "" without lines."""
    return _svg("learning", (7.6, 3.4), lambda figure: _learning(figure, lines, mean, steps)) if lines else ""


def _learning(figure: Any, lines: Sequence[Row], mean: Sequence[float | None], steps: Sequence[int]) -> None:
    axes = figure.subplots()
    places = range(len(steps))
    for index, line in enumerate(lines):
        label = {} if index else {"label": "one layout"}
        axes.plot(places, _gaps(line["values"]), color=_SECOND, lw=0.8, alpha=0.7, marker=".", **label)
    axes.plot(places, _gaps(mean), color=_FIRST, lw=2.2, marker="o", label="together")
    known = [one for line in lines for one in line["values"] if one is not None]
    low = min(known, default=0.0)
    axes.set(ylim=(low - 0.1 * (1 - low) - 0.001, 1 + 0.06 * (1 - low) + 0.0005), ylabel="exact fields")
    axes.set_xticks(places, [str(step) for step in steps])
    axes.set_xlabel("documents of the layout learned from")
    axes.legend(loc="lower right")


def exact_interval(hits: int, among: int, sure: float = 0.95) -> tuple[float, float]:
    """The two-sided interval of a share of independent things (Clopper & Pearson 1934); (0, 1) for a share of none."""
    from scipy.stats import beta

    tail = (1 - sure) / 2
    low = float(beta.ppf(tail, hits, among - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, among - hits)) if hits < among else 1.0
    return low, high


def short(name: str) -> str:
    """A name cut to what fits beside an axis, on one line."""
    name = " ".join(name.split())
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _gaps(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _reach(values: Sequence[float], ends: Sequence[tuple[float, float]]) -> list[list[float]]:
    """How far the intervals reach below and above the values, never less than 0."""
    return [
        [max(0.0, value - low) for value, (low, _) in zip(values, ends, strict=True)],
        [max(0.0, high - value) for value, (_, high) in zip(values, ends, strict=True)],
    ]


def _svg(name: str, size: tuple[float, float], draw: Callable[[Any], None]) -> str:
    import matplotlib
    from matplotlib.figure import Figure

    out = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # the browser has fonts for what matplotlib cannot measure
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        figure.savefig(out, format="svg", transparent=True, metadata=nothing)
    return _fit_for_page(out.getvalue(), name)


def _fit_for_page(svg: str, name: str) -> str:
    """The bare <svg> element in the page's colours; groups lose their ids, which every plot would repeat."""
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{name}" ', 1)
    for stand_in, colour in _COLOURS.items():
        svg = svg.replace(stand_in, colour)
    return svg
