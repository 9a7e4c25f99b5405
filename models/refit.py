"""The same training over and over on different choices of documents: what leaving layouts out needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpora import Document
from models.fit import fit_vectors, linear
from models.lessons import Example, orders_of
from models.train import THRESHOLD, read_example
from models.training_set import training_set
from pipeline.classify import MODEL_FORMAT, Features, RowClassifier


@dataclass
class _Rows:
    """All different rows of all documents, with the name of each; `numbers` finds a row again."""

    features: list[Features] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: dict[tuple[object, ...], int] = field(default_factory=dict)

    def add(self, features: Features, name: str) -> int:
        """The number of the row, which is new or was met before."""
        key = (name, *sorted(features.items()))
        if key not in self.numbers:
            self.numbers[key] = len(self.features)
            self.features.append(features)
            self.names.append(name)
        return self.numbers[key]


def fitter(documents: Sequence[Document], seed: int) -> Callable[[Sequence[Document]], RowClassifier]:
    """A function that fits a classifier to some of these documents; all are read and made vectors once, here.

    What it fits is what `models.fit.fit` fits to the training sets of those documents one after the other. Documents
    without row labels teach nothing. The same documents in the same order and the same seed give the same weights.
    """
    from sklearn.feature_extraction import DictVectorizer

    rows = _Rows()
    lessons: dict[str, tuple[Example, list[int]]] = {}
    for place, document in enumerate(documents):
        if document.rows:
            example = read_example(document)
            features, names, _ = training_set([example], seed + place)
            lessons[str(document.source)] = (example, list(map(rows.add, features, names)))
    vectorizer = DictVectorizer()
    vectors = vectorizer.fit_transform(rows.features)

    def fit_to(some: Sequence[Document]) -> RowClassifier:
        taught = [lessons[str(document.source)] for document in some if document.rows]
        return _fit(rows, vectors, vectorizer, taught, seed)

    return fit_to


def _fit(
    rows: _Rows, vectors: Any, vectorizer: Any, lessons: Sequence[tuple[Example, list[int]]], seed: int
) -> RowClassifier:
    groups: dict[int, str] = {}  # of a row that several layouts have, that of the first
    for example, numbers in lessons:
        for number in numbers:
            groups.setdefault(number, example.group)
    chosen = list(groups)
    names = [rows.names[number] for number in chosen]
    estimator = fit_vectors(vectors[chosen], names, [groups[number] for number in chosen], seed)
    orders = orders_of([example for example, _ in lessons])
    settings = {
        "format": MODEL_FORMAT, "version": "rows-refit", "threshold": THRESHOLD, "seed": seed, "orders": orders,
    }  # fmt: skip
    return RowClassifier(linear(estimator, vectorizer), settings)
