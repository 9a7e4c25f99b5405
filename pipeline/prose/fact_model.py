"""The learnt reader of facts as plain arrays: which fact a figure or a denial states, and whose figure it is.

Two logistic regressions over the same features: `facts` (a fact, two joined by "+", or "none") and `scopes` ("this" for
the reporting year and body; "other year", "running", "part", "other body", "planned", "approximate"). They are trained
by `models/facts.py` with scikit-learn; serving needs neither scikit-learn nor spaCy, whose imports cost more time than
reading a report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from pipeline.errors import ModelError
from pipeline.prose.fact_features import Features

WEIGHTS_FILE, SETTINGS_FILE, CARD_FILE = FILES = "facts-weights.npz", "facts-settings.json", "facts-card.md"
MODEL_FORMAT = "nianbao.facts/1"


class Guess(NamedTuple):
    """The likeliest fact ("none" for no fact) and scope of a candidate, with their probabilities."""

    fact: str
    fact_share: float
    scope: str
    scope_share: float
    this_share: float  # that the figure is this year's and this body's


@dataclass(frozen=True, eq=False)
class FactClassifier:
    """The arrays and the thresholds; `vocabulary` numbers the features, each line of `weights` is one of them."""

    vocabulary: Mapping[str, int]
    weights: Any  # features x (facts + scopes), and a last line of zeros
    intercept: Any
    facts: tuple[str, ...]
    scopes: tuple[str, ...]
    settings: Mapping[str, Any]

    @property
    def version(self) -> str:
        return str(self.settings["version"])

    @property
    def threshold(self) -> float:
        """The probability from which on a statement that no pattern knows is accepted."""
        return float(self.settings["threshold"])

    def guess(self, rows: Sequence[Features]) -> list[Guess]:
        """A guess for each candidate, from its features; features that training did not meet count nothing."""
        if not rows:
            return []
        unknown, known = len(self.vocabulary), self.vocabulary.get
        places = np.array([known(name, unknown) for row in rows for name in row])
        starts = [0, *accumulate(map(len, rows))][:-1]
        logits = np.add.reduceat(self.weights[places], starts).astype(np.float64) + self.intercept
        cut = len(self.facts)
        facts = _shares(logits[:, :cut] * float(self.settings["fact_sharpness"]))
        scopes = _shares(logits[:, cut:] * float(self.settings["scope_sharpness"]))
        return [self._guess(fact, scope) for fact, scope in zip(facts, scopes, strict=True)]

    def _guess(self, facts: Any, scopes: Any) -> Guess:
        fact, scope = int(facts.argmax()), int(scopes.argmax())
        this = float(scopes[self.scopes.index("this")])
        return Guess(self.facts[fact], float(facts[fact]), self.scopes[scope], float(scopes[scope]), this)

    def save(self, folder: Path) -> None:
        """Write the two files of the reader of facts into a model folder."""
        names = sorted(self.vocabulary, key=lambda name: self.vocabulary[name])
        np.savez_compressed(
            folder / WEIGHTS_FILE,
            names=np.array(names),
            weights=self.weights[:-1].astype(np.float16),
            intercept=self.intercept,
            facts=np.array(self.facts),
            scopes=np.array(self.scopes),
        )
        text = json.dumps(dict(self.settings), ensure_ascii=False, indent=1) + "\n"
        (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def of(
        cls, names: Sequence[str], weights: Any, intercept: Any, classes: tuple[Sequence[str], Sequence[str]],
        settings: Mapping[str, Any],
    ) -> FactClassifier:  # fmt: skip
        """The reader with these features, weights (features x classes), intercepts, (facts, scopes) and settings."""
        padded = np.vstack([weights, np.zeros((1, weights.shape[1]))]).astype(np.float32)
        facts, scopes = (tuple(map(str, some)) for some in classes)
        vocabulary = {name: place for place, name in enumerate(names)}
        return cls(vocabulary, padded, np.asarray(intercept, np.float64), facts, scopes, dict(settings))

    @classmethod
    def load(cls, folder: Path) -> FactClassifier | None:
        """The reader in a model folder, None where there is none; ModelError where it is damaged. Runs no code."""
        if not (folder / SETTINGS_FILE).is_file():
            return None
        try:
            settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
            if settings["format"] != MODEL_FORMAT:
                raise ValueError(f"its format is {settings['format']!r}, not {MODEL_FORMAT!r}")
            with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as arrays:
                return cls.of(
                    arrays["names"].tolist(), arrays["weights"], arrays["intercept"],
                    (arrays["facts"].tolist(), arrays["scopes"].tolist()), settings,
                )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise ModelError(
                f"The reader of facts in {folder} cannot be used ({error}). Train it again with `nianbao train`, or "
                "install nianbao again."
            ) from error


def _shares(logits: Any) -> Any:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
