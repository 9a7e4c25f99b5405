"""Whether confidences keep their word: reliability, risk against coverage, and the threshold of acceptance.

Confidences and `right` are two sequences of the same length, one entry a field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from evaluation.intervals import upper_bound

# Finer towards 1, where acceptance is decided; equal steps would put nearly every field into one bin.
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0)
# The thresholds that may be chosen. Below 0.95 nothing is accepted, however good dev looks: dev shows no new layout.
THRESHOLDS = (0.95, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.998, 0.999, 0.9995)
MOST_WRONG = 0.001
COVERAGES = (80, 90, 95, 100)
_CURVE_POINTS = 200


@dataclass(frozen=True, slots=True)
class Bin:
    """Fields with a confidence from `low` to below `high` (the last bin holds 1 too): their mean confidence and the
    share that is right, both None in an empty bin, and how many they are."""

    low: float
    high: float
    mean: float | None
    right: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a threshold accepts: of `fields` those `accepted`, of these the `wrong`, and the upper 95 % bound of the
    wrong share."""

    threshold: float
    fields: int
    accepted: int
    wrong: int
    upper: float

    @property
    def coverage(self) -> float | None:
        return self.accepted / self.fields if self.fields else None

    @property
    def kept(self) -> bool:
        """Whether at most 1 accepted field in 1,000 was wrong."""
        return self.wrong <= MOST_WRONG * self.accepted


def reliability(confidences: Sequence[float], right: Sequence[bool], edges: Sequence[float] = EDGES) -> list[Bin]:
    """The bins of a reliability diagram (Niculescu-Mizil & Caruana 2005), lowest first."""
    import numpy as np

    given, hits = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    places = np.clip(np.searchsorted(edges, given, side="right") - 1, 0, len(edges) - 2)
    bins: list[Bin] = []
    for place, (low, high) in enumerate(pairwise(edges)):
        inside = places == place
        count = int(inside.sum())
        mean, share = (float(some[inside].mean()) if count else None for some in (given, hits))
        bins.append(Bin(low, high, mean, share, count))
    return bins


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Expected calibration error: the mean over fields of how far their bin's share right is from its mean
    confidence (Naeini, Cooper & Hauskrecht 2015); None without fields."""
    count = sum(one.count for one in bins)
    gaps = (one.count * abs(one.mean - one.right) for one in bins if one.mean is not None and one.right is not None)
    return sum(gaps) / count if count else None


def wrong_by_rank(confidences: Sequence[float], right: Sequence[bool]) -> tuple[Any, Any]:
    """(confidences from the highest down, how many of the first k are wrong for k from 1): among fields of one
    confidence the wrong ones are spread evenly, so that their order does not matter."""
    import numpy as np

    given, wrong = np.asarray(confidences, dtype=float), 1.0 - np.asarray(right, dtype=float)
    levels, places, counts = np.unique(-given, return_inverse=True, return_counts=True)
    shares = np.bincount(places, weights=wrong, minlength=len(levels)) / np.maximum(counts, 1)
    return -np.repeat(levels, counts), np.cumsum(np.repeat(shares, counts))


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[dict[str, float]]:
    """The share wrong (`risk`) among the most confident fields for each threshold that occurs, from the highest down
    (El-Yaniv & Wiener 2010); at most about 200 points."""
    import numpy as np

    ordered, wrong = wrong_by_rank(confidences, right)
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) if len(ordered) else np.array([], dtype=int)
    kept = ends if len(ends) <= _CURVE_POINTS else ends[np.linspace(0, len(ends) - 1, _CURVE_POINTS).astype(int)]
    return [
        {
            "coverage": (end + 1) / len(ordered),
            "risk": float(wrong[end]) / (end + 1),
            "threshold": float(ordered[end]),
        }
        for end in kept.tolist()
    ]


def risk_area(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Area under the risk-coverage curve: the mean over k of the share wrong among the k most confident (Geifman,
    Uziel & El-Yaniv 2019); None without fields."""
    import numpy as np

    _, wrong = wrong_by_rank(confidences, right)
    return float((wrong / np.arange(1, len(wrong) + 1)).mean()) if len(wrong) else None


def accuracy_at(
    confidences: Sequence[float], right: Sequence[bool], coverages: Sequence[int] = COVERAGES
) -> dict[str, float | None]:
    """The share right among the most confident fields, for coverages in per cent."""
    _, wrong = wrong_by_rank(confidences, right)
    found: dict[str, float | None] = {}
    for coverage in coverages:
        count = -(-len(wrong) * coverage // 100)
        found[str(coverage)] = 1 - float(wrong[count - 1]) / count if count else None
    return found


def acceptance(confidences: Sequence[float], right: Sequence[bool], threshold: float) -> Acceptance:
    """What accepting every field with at least this confidence would have accepted."""
    hits = [good for given, good in zip(confidences, right, strict=True) if given >= threshold]
    wrong = len(hits) - sum(hits)
    return Acceptance(threshold, len(confidences), len(hits), wrong, upper_bound(wrong, len(hits)))


def choose_threshold(
    confidences: Sequence[float],
    right: Sequence[bool],
    *,
    most_wrong: float = MOST_WRONG,
    sure: float = 0.95,
    thresholds: Sequence[float] = THRESHOLDS,
) -> float | None:
    """The lowest of `thresholds` at and above which at most `most_wrong` of the fields are wrong; None where none is.

    Where data allow, "at most" is proven: the Clopper-Pearson bound of the wrong share, at a certainty of `sure`
    shared among all thresholds that are tried (Bonferroni, as in Geifman & El-Yaniv 2017), must not exceed
    `most_wrong`; with nothing wrong, nine thresholds and 1 in 1,000 that takes some 5,200 accepted fields. Where
    nothing can be proven because too few fields are accepted for it, the threshold must lie above every wrong field's
    confidence; with no field at all there is none. Every higher threshold has to keep the share as well.
    The bound takes fields as independent, which those of one document are not: verify it on other documents.
    """
    enough = (1 - sure) / max(len(thresholds), 1)
    chosen: float | None = None
    for threshold in sorted(thresholds, reverse=True):
        found = acceptance(confidences, right, threshold)
        if not found.accepted:
            continue
        provable = upper_bound(0, found.accepted, sure=1 - enough) <= most_wrong
        proven = upper_bound(found.wrong, found.accepted, sure=1 - enough) <= most_wrong
        if not (proven if provable else found.wrong == 0):
            break
        chosen = threshold
    return chosen
