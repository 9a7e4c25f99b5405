"""How far a score can be trusted: bootstrap over documents, exact binomial bounds. Every draw comes from a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Pairs = Sequence[tuple[float, float]]
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % interval; the ends are None where nothing could be drawn."""

    value: float | None
    low: float | None = None
    high: float | None = None


def draw_weights(documents: int, seed: int, draws: int = DRAWS) -> Any:
    """An array (draws x documents): how often each document comes in each sample drawn with replacement."""
    import numpy as np

    return np.random.default_rng(seed).multinomial(documents, [1 / documents] * documents, size=draws)


def bootstrap(pairs: Pairs, *, seed: int, share: bool = True, draws: int = DRAWS) -> Interval:
    """The sum of the tops (over the sum of the bottoms, for a share) of all documents with the 2.5th and 97.5th
    percentile of samples of as many documents drawn with replacement (Efron & Tibshirani 1993).

    Fields of one document go wrong together, so documents are drawn, never fields. Where no document is wrong the
    interval is a point: ask `upper_bound` what may still be wrong.
    """
    import numpy as np

    if not pairs:
        return Interval(None)
    tops, bottoms = np.array(pairs, dtype=float).T
    weights = draw_weights(len(pairs), seed, draws)
    over = bottoms if share else None
    value = _ratio(tops.sum(), None if over is None else over.sum())
    drawn = _ratio(weights @ tops, None if over is None else weights @ over)
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not len(drawn):
        return Interval(None)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))


def _ratio(tops: Any, bottoms: Any) -> Any:
    import numpy as np

    if bottoms is None:
        return np.asarray(tops)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(tops) / np.asarray(bottoms)


def upper_bound(wrong: int, among: int, *, sure: float = 0.95) -> float:
    """The greatest share of wrong that leaves a chance of 1 - `sure` of seeing so few wrong (Clopper & Pearson 1934).

    One-sided; with nothing wrong among n it is about 3 / n. 1.0 where nothing was looked at.
    """
    from scipy.stats import beta

    if not 0 <= wrong <= among:
        raise ValueError(f"{wrong} wrong among {among} cannot be")
    return 1.0 if wrong == among else float(beta.ppf(sure, wrong + 1, among - wrong))


def paired_bootstrap(before: Pairs, after: Pairs, *, seed: int, draws: int = DRAWS) -> Interval:
    """The share after less the share before, over the same documents in the same order, with its 95 % interval.

    An interval all below 0 says that the change makes things worse beyond the luck of the documents.
    """
    import numpy as np

    if len(before) != len(after):
        raise ValueError(f"{len(before)} documents before and {len(after)} after are not the same documents")
    if not before:
        return Interval(None)
    weights = draw_weights(len(before), seed, draws)
    (tops, bottoms), (new_tops, new_bottoms) = np.array(before, dtype=float).T, np.array(after, dtype=float).T
    value = _ratio(new_tops.sum(), new_bottoms.sum()) - _ratio(tops.sum(), bottoms.sum())
    drawn = _ratio(weights @ new_tops, weights @ new_bottoms) - _ratio(weights @ tops, weights @ bottoms)
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not len(drawn):
        return Interval(None)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))


def intervals(
    parts: Sequence[Mapping[str, tuple[float, float]]], shares: Mapping[str, bool], *, seed: int
) -> dict[str, Interval]:
    """The bootstrap interval of each metric over the parts of documents; `shares` says which metrics are shares."""
    return {
        name: bootstrap([one[name] for one in parts], seed=seed, share=share)
        for name, share in shares.items()
        if parts and name in parts[0]
    }
