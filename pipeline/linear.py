"""A linear classifier as plain arrays: what a trained scikit-learn estimator comes down to when it is served.

Loading scikit-learn and skops costs more time than reading a report; a linear model needs neither. The arrays are
exported by `models/train.py`, which also checks that they say what the estimator says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class LinearEstimator:
    """Multinomial logistic regression over named features, its logits multiplied by `sharpness` (1 / temperature)."""

    vocabulary: Mapping[str, int]
    weights: Any  # features x classes
    intercept: Any
    sharpness: float
    classes_: Any

    def predict_proba(self, features: Sequence[Mapping[str, float]]) -> Any:
        """An array rows x classes of probabilities; features that were not seen in training count nothing."""
        logits = np.array([self._logits(item) for item in features]) * self.sharpness
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def _logits(self, item: Mapping[str, float]) -> Any:
        known = [(self.vocabulary[name], value) for name, value in item.items() if name in self.vocabulary]
        if not known:
            return self.intercept
        places, values = zip(*known, strict=True)
        return self.intercept + np.array(values) @ self.weights[list(places)]

    def save(self, path: Path) -> None:
        """Write the arrays to an .npz file."""
        names = sorted(self.vocabulary, key=lambda name: self.vocabulary[name])
        np.savez_compressed(
            path,
            names=np.array(names),
            weights=self.weights.astype(np.float32),
            intercept=self.intercept,
            sharpness=np.array(self.sharpness),
            classes=np.array([str(name) for name in self.classes_]),
        )

    @classmethod
    def load(cls, path: Path) -> LinearEstimator:
        """Read the arrays of an .npz file; nothing in it is ever executed (no pickle)."""
        with np.load(path, allow_pickle=False) as arrays:
            vocabulary = {str(name): place for place, name in enumerate(arrays["names"])}
            return cls(
                vocabulary, arrays["weights"].astype(np.float64), arrays["intercept"], float(arrays["sharpness"]),
                arrays["classes"],
            )  # fmt: skip
