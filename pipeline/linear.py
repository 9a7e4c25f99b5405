"""A linear classifier as plain arrays: what a trained scikit-learn estimator comes down to when it is served.

Loading scikit-learn and skops costs more time than reading a report; a linear model needs neither. The arrays are
exported by `models/fit.py`; a test checks that they say what the estimator says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

Part = tuple[tuple[str, float], ...]
_REMEMBERED = 8192


@dataclass(frozen=True, eq=False)
class LinearEstimator:
    """Multinomial logistic regression over named features, its logits multiplied by `sharpness` (1 / temperature)."""

    vocabulary: Mapping[str, int]
    weights: Any  # features x classes, and a last line of zeros
    intercept: Any
    sharpness: float
    classes_: Any
    _sums: dict[Part, Any] = field(default_factory=dict, repr=False)

    def predict_proba(self, rows: Sequence[tuple[Part, Part]]) -> Any:
        """An array rows x classes of probabilities; features that were not seen in training count nothing.

        A row comes as the features of its label and those of its place in the document; neither may be empty. Reports
        share both, and the sums of their weights are remembered.
        """
        logits = self.intercept + self._remembered_sums([label for label, _ in rows])
        logits += self._remembered_sums([place for _, place in rows])
        shares = np.exp((logits - logits.max(axis=1, keepdims=True)) * self.sharpness)
        return shares / shares.sum(axis=1, keepdims=True)

    def _remembered_sums(self, parts: Sequence[Part]) -> Any:
        sums = list(map(self._sums.get, parts))
        new = list(dict.fromkeys(part for part, found in zip(parts, sums, strict=True) if found is None))
        if new:
            fresh = dict(zip(new, self._sums_of(new), strict=True))
            sums = [fresh[part] if found is None else found for part, found in zip(parts, sums, strict=True)]
            if len(self._sums) > _REMEMBERED:
                self._sums.clear()
            self._sums.update(fresh)
        return np.array(sums)

    def _sums_of(self, parts: Sequence[Part]) -> Any:
        """For each part the sum of the weights of its known features, all in one go."""
        unknown = len(self.vocabulary)  # the line of zeros
        known = self.vocabulary.get
        places = [known(name, unknown) for part in parts for name, _ in part]
        values = np.array([value for part in parts for _, value in part], dtype=np.float32)
        starts = [0, *accumulate(map(len, parts))][:-1]
        return np.add.reduceat(self.weights[places] * values[:, None], starts)

    def save(self, path: Path) -> None:
        """Write the arrays to an .npz file."""
        names = sorted(self.vocabulary, key=lambda name: self.vocabulary[name])
        np.savez_compressed(
            path,
            names=np.array(names),
            weights=self.weights[:-1].astype(np.float32),
            intercept=self.intercept,
            sharpness=np.array(self.sharpness),
            classes=np.array([str(name) for name in self.classes_]),
        )

    @classmethod
    def load(cls, path: Path) -> LinearEstimator:
        """Read the arrays of an .npz file; nothing in it is ever executed (no pickle)."""
        with np.load(path, allow_pickle=False) as arrays:
            names = arrays["names"].tolist()
            return cls.of(
                names, arrays["weights"], arrays["intercept"], float(arrays["sharpness"]), arrays["classes"].tolist()
            )

    @classmethod
    def of(cls, names: Sequence[str], weights: Any, intercept: Any, sharpness: float, classes: Any) -> LinearEstimator:
        """The estimator with these feature names, weights (features x classes), intercepts and class names."""
        padded = np.vstack([weights, np.zeros((1, weights.shape[1]))]).astype(np.float32)
        return cls({name: place for place, name in enumerate(names)}, padded, intercept, sharpness, classes)
