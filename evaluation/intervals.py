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


def draw_weights(documents: int, seed: int) -> Any:
    """An array (draws x documents): how often each document comes in each sample drawn with replacement."""
    import numpy as np

    return np.random.default_rng(seed).multinomial(documents, [1 / documents] * documents, size=DRAWS)


def bootstrap(pairs: Pairs, *, seed: int, share: bool = True) -> Interval:
    """The sum of the tops (over the sum of the bottoms, for a share) of all documents with the 2.5th and 97.5th
    percentile of samples of as many documents drawn with replacement (Efron & Tibshirani 1993).

    Fields of one document go wrong together, so documents are drawn, never fields. Where no document is wrong the
    interval is a point: ask `upper_bound` what may still be wrong.
    """
    return _interval(pairs, share, draw_weights(len(pairs), seed)) if pairs else Interval(None)


def bootstraps(columns: Mapping[str, Pairs], shares: Mapping[str, bool], *, seed: int) -> dict[str, Interval]:
    """`bootstrap` of several columns over the same documents, which are drawn once; `shares` says which are shares."""
    count = len(next(iter(columns.values()), ()))
    if not count:
        return {name: Interval(None) for name in columns}
    weights = draw_weights(count, seed)
    return {name: _interval(pairs, shares[name], weights) for name, pairs in columns.items()}


def _interval(pairs: Pairs, share: bool, weights: Any) -> Interval:
    import numpy as np

    tops, bottoms = np.array(pairs, dtype=float).T
    if not share:
        return _around(tops.sum(), weights @ tops)
    return _around(_ratio(tops.sum(), bottoms.sum()), _ratio(weights @ tops, weights @ bottoms))


def _around(value: Any, drawn: Any) -> Interval:
    """The value with the percentiles of what was drawn; samples in which there was nothing to measure are left out."""
    import numpy as np

    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not len(drawn):
        return Interval(None)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))


def _ratio(tops: Any, bottoms: Any) -> Any:
    import numpy as np

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


def paired_bootstrap(before: Pairs, after: Pairs, *, seed: int) -> Interval:
    """The share after less the share before, over the same documents in the same order, with its 95 % interval.

    An interval all below 0 says that the change makes things worse beyond the luck of the documents.
    """
    import numpy as np

    if len(before) != len(after):
        raise ValueError(f"{len(before)} documents before and {len(after)} after are not the same documents")
    if not before:
        return Interval(None)
    weights = draw_weights(len(before), seed)
    (tops, bottoms), (new_tops, new_bottoms) = np.array(before, dtype=float).T, np.array(after, dtype=float).T
    value = _ratio(new_tops.sum(), new_bottoms.sum()) - _ratio(tops.sum(), bottoms.sum())
    return _around(value, _ratio(weights @ new_tops, weights @ new_bottoms) - _ratio(weights @ tops, weights @ bottoms))
