"""What is measured: every metric with its meaning, which way is better, and the floors it may be held to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from pipeline.errors import UsageError

_TOLERANCE = 5e-7  # floors are written with six decimals


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: a count of things, or a share from 0 to 1; `better` says which way, `says` what it means."""

    kind: Literal["count", "share"]
    better: Literal["high", "low"]
    says: str


METRICS: Mapping[str, Metric] = {
    "documents": Metric("count", "high", "documents scored"),
    "unread": Metric("count", "low", "documents of which nothing could be read; all their gold fields are missed"),
    "fields": Metric("count", "high", "gold fields, blank ones too"),
    "exact_fields": Metric("share", "high", "gold fields with the right figure, blank for blank"),
    "exact_tables": Metric("share", "high", "tables with every gold field right and no accepted figure too many"),
    "exact_reports": Metric("share", "high", "reports with every gold field right and no accepted figure too many"),
    "coverage": Metric("share", "high", "gold fields that were accepted"),
    "silent": Metric("count", "low", "accepted gold fields that are wrong"),
    "extra": Metric("count", "low", "accepted figures that the document does not have"),
    "silent_rate": Metric("share", "low", "silent and extra among all accepted figures"),
    "silent_upper": Metric("share", "low", "upper 95 % bound of silent_rate (Clopper-Pearson, fields as independent)"),
    "silent_reports": Metric("share", "low", "reports with a silent or extra figure"),
    "silent_reports_upper": Metric("share", "low", "upper 95 % bound of silent_reports (Clopper-Pearson)"),
    "blank_zero": Metric("share", "low", "gold blanks read as 0 and gold zeros read as blank"),
    "form": Metric("share", "high", "reports whose form was recognised"),
    "agency": Metric("share", "high", "reports with the right agency"),
    "year": Metric("share", "high", "reports with the right year"),
    "facts": Metric("share", "high", "gold facts with the right figure"),
    "facts_silent": Metric("count", "low", "accepted facts that are wrong or that gold does not have"),
    "row_labels": Metric("share", "high", "printed rows of the form that the classifier named right"),
    "row_labels_f1": Metric("share", "high", "mean over row names of F1 (precision and recall of the classifier)"),
    "columns": Metric("share", "high", "printed rows (of unlike figures) whose every figure got its column"),
    "title": Metric("share", "high", "reports with the right title, of those whose prose is labelled"),
    "heads": Metric("share", "high", "printed chapters found by number and title"),
    "heads_true": Metric("share", "high", "chapters found that are printed so"),
    "paragraphs_placed": Metric("share", "high", "paragraphs whose text stands whole in their own chapter"),
    "paragraphs": Metric("share", "high", "paragraphs that are one of their own chapter, neither cut nor joined"),
    "prose_true": Metric("share", "high", "paragraphs found below heads that are printed so: no rows of tables"),
    "ece": Metric("share", "low", "expected calibration error of the confidences of fields"),
    "aurc": Metric("share", "low", "area under the risk-coverage curve of fields"),
}


def read_floor(text: str) -> tuple[str, float]:
    """The metric and the number of a `METRIC=X`; UsageError for an unknown metric or what cannot be its value."""
    name, _, given = text.partition("=")
    name = name.strip()
    if name not in METRICS:
        near = get_close_matches(name, METRICS, 1, 0.4)
        meant = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"There is no metric {name!r}: {meant}Known are {', '.join(METRICS)}.")
    try:
        value = float(given)
    except ValueError:
        raise UsageError(f"The floor {text!r} needs a number after the =, like exact_fields=0.999.") from None
    if not math.isfinite(value) or value < 0 or (METRICS[name].kind == "share" and value > 1):
        bounds = "from 0 to 1" if METRICS[name].kind == "share" else "not below 0"
        raise UsageError(f"The floor {text!r} cannot be: {name} is a {METRICS[name].kind} {bounds}.")
    return name, value


def below(scores: Mapping[str, float | None], floors: Mapping[str, float]) -> list[str]:
    """One sentence for each floor that the scores break; where less is better, the floor is the most allowed.

    A metric that could not be measured breaks its floor.
    """
    return [sentence for name, floor in floors.items() if (sentence := _fault(name, scores.get(name), floor))]


def _fault(name: str, score: float | None, floor: float) -> str:
    if score is None:
        return f"{name} could not be measured, its floor is {floor:g}"
    if METRICS[name].better == "low":
        return f"{name} is {score:.6g}, allowed is {floor:.6g}" if score > floor + _TOLERANCE else ""
    return f"{name} is {score:.6g}, the floor is {floor:.6g}" if score < floor - _TOLERANCE else ""


def ratios(parts: Sequence[Mapping[str, tuple[float, float]]]) -> dict[str, float | None]:
    """Metrics out of the (top, bottom) of each document: the sum of the tops for a count, that over the sum of the
    bottoms for a share; None for a share of nothing."""
    sums: dict[str, tuple[float, float]] = {}
    for one in parts:
        for name, (top, bottom) in one.items():
            before = sums.get(name, (0.0, 0.0))
            sums[name] = before[0] + top, before[1] + bottom
    return {name: _ratio(METRICS[name], *pair) for name, pair in sums.items()}


def _ratio(metric: Metric, top: float, bottom: float) -> float | None:
    if metric.kind == "count":
        return top
    return top / bottom if bottom else None
