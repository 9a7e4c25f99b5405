"""What training tries out before it decides: the strength of the regression, each document judged by models that did
not learn it, and what more documents would bring. Every split keeps a layout, or a document of its own, whole."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.fit import ONE_THREAD, fit_vectors, of_features, regression, splits_of
from models.lessons import Example
from models.train import data_hash
from models.training_set import training_set
from pipeline.classify import document_features
from pipeline.datamodel import Row

STRENGTHS = (5.0, 20.0, 80.0)  # of the search
_NO_BETTER = 0.005  # mean log probability that a stronger regression must gain: each is surer than the one before
FOLDS = 3
CONTRADICTED = 0.9  # the probability of another name, from which on a label is doubtful
_HELD = 0.1  # ... if its own name has no more than this
_FEWEST = 3  # doubtful labels that refuse a training
_MOST_DOUBTFUL = 0.1  # the share of labels that may be doubtful


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its label and what models say that did not learn its document: the likeliest name, and the
    probabilities of that and of the label."""

    document: str
    group: str
    place: int
    text: str
    name: str
    likeliest: str
    likeliest_share: float
    share: float

    @property
    def right(self) -> bool:
        return self.name == self.likeliest

    @property
    def doubtful(self) -> bool:
        """Whether the label is one that everything else contradicts."""
        return self.likeliest_share >= CONTRADICTED and self.share <= _HELD and not self.right


@dataclass(frozen=True)
class Lesson:
    """Rows as vectors with their names and groups; `vectorizer` makes vectors of other rows, `digest` is a hash of what
    the rows are."""

    vectors: Any
    names: Any
    groups: Any
    vectorizer: Any
    digest: str


def lesson_of(examples: Sequence[Example], seed: int) -> Lesson:
    """The training set of the examples as vectors."""
    import numpy as np
    from sklearn.feature_extraction import DictVectorizer

    features, names, groups = training_set(examples, seed)
    vectorizer = DictVectorizer(dtype=np.float64)
    vectors = vectorizer.fit_transform(features)
    return Lesson(vectors, np.array(names), np.array(groups), vectorizer, data_hash(features, names))


def fit_lesson(lesson: Lesson, seed: int, strength: float, tolerance: float) -> Any:
    """The calibrated estimator that the whole lesson teaches, asked with features."""
    calibrated = fit_vectors(lesson.vectors, lesson.names.tolist(), lesson.groups.tolist(), seed, strength, tolerance)
    return of_features(calibrated, lesson.vectorizer)


def choose_strength(lesson: Lesson, seed: int, strengths: Sequence[float] = STRENGTHS) -> float:
    """The least strength whose held-out rows have nearly the greatest mean log probability, by a grid search over
    splits that keep groups whole."""
    from sklearn.model_selection import GridSearchCV
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    splits = list(splits_of(list(lesson.names), list(lesson.groups), seed))
    grid = {"logisticregression__C": sorted(strengths)}
    search = GridSearchCV(regression(seed), grid, scoring=_mean_log_share, cv=splits, refit=False, error_score="raise")
    with threadpool_limits(ONE_THREAD):
        search.fit(lesson.vectors, lesson.names)
    means = [float(mean) for mean in search.cv_results_["mean_test_score"]]
    return next(one for one, mean in zip(sorted(strengths), means, strict=True) if mean >= max(means) - _NO_BETTER)


def _mean_log_share(estimator: Any, vectors: Any, names: Any) -> float:
    """The mean log probability of the right names, floored at one in a million; a name not learnt has that floor."""
    import numpy as np

    return float(np.log(np.maximum(_shares(estimator, vectors, names), 1e-6)).mean())


def _shares(estimator: Any, vectors: Any, names: Any) -> Any:
    import numpy as np

    places = {name: place for place, name in enumerate(estimator.classes_)}
    table = np.hstack([estimator.predict_proba(vectors), np.zeros((len(names), 1))])
    return table[np.arange(len(names)), [places.get(name, -1) for name in names]]


def judge_rows(
    examples: Sequence[Example], lesson: Lesson, judged: Sequence[Example], seed: int, strength: float
) -> list[Judged]:
    """Each row of the `judged` examples as models see it that learnt only other groups of the `examples`."""
    import numpy as np

    found: list[Judged] = []
    for held in _folds(sorted({one.group for one in judged}), seed, FOLDS):
        estimator = _fit(lesson, ~np.isin(lesson.groups, held), seed, strength)
        found += _judge([one for one in judged if one.group in held], lesson, estimator)
    order = {one.document: place for place, one in enumerate(examples)}
    return sorted(found, key=lambda row: (order[row.document], row.place))


def _fit(lesson: Lesson, chosen: Any, seed: int, strength: float) -> Any:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(ONE_THREAD):
        return regression(seed, strength).fit(lesson.vectors[chosen], lesson.names[chosen])


def _folds(groups: Sequence[str], seed: int, count: int) -> list[list[str]]:
    order = list(groups)
    random.Random(seed).shuffle(order)  # noqa: S311 - a draw that can be repeated
    return [order[start::count] for start in range(min(count, len(order)))]


def _judge(examples: Sequence[Example], lesson: Lesson, estimator: Any) -> list[Judged]:
    """The rows of examples that have any, as an estimator of vectors sees them."""
    rows = [(one, place) for one in examples for place in range(len(one.rows))]
    if not rows:
        return []
    vectors = lesson.vectorizer.transform([seen for one in examples for seen in document_features(one.rows)])
    table = estimator.predict_proba(vectors)
    own = _shares(estimator, vectors, [one.names[place] for one, place in rows])
    best = table.argmax(axis=1)
    named = zip(estimator.classes_[best].tolist(), table.max(axis=1).tolist(), own.tolist(), strict=True)
    return [
        Judged(one.document, one.group, place, _text(one.rows[place]), one.names[place], *said)
        for (one, place), said in zip(rows, named, strict=True)
    ]


def _text(row: Row) -> str:
    return row.labels[-1] if row.labels else ""


def doubtful(judged: Sequence[Judged]) -> list[Judged]:
    """The rows whose label is contradicted, the surest contradiction first."""
    return sorted((one for one in judged if one.doubtful), key=lambda one: (-one.likeliest_share, one.share, one.place))


def too_doubtful(judged: Sequence[Judged]) -> bool:
    """Whether so many labels are contradicted that nothing should be learnt from them."""
    count = sum(one.doubtful for one in judged)
    return count >= _FEWEST and count > _MOST_DOUBTFUL * len(judged)


def learning_curve(
    lesson: Lesson, base: Sequence[Example], new: Sequence[Example], seed: int, strength: float
) -> list[tuple[int, float]]:
    """(groups of the new documents learnt, share named right of rows of a third of the new groups that none learnt);
    empty where there are fewer than two groups. The base is learnt at every step."""
    import numpy as np

    groups = _folds(sorted({one.group for one in new}), seed, 1)
    if not groups or len(groups[0]) < 2:
        return []
    held, rest = groups[0][: max(1, len(groups[0]) // 3)], groups[0][max(1, len(groups[0]) // 3) :]
    tested = [one for one in new if one.group in held]
    always = {one.group for one in base}
    curve: list[tuple[int, float]] = []
    for count in sorted({0 if always else -(-len(rest) // 4), -(-len(rest) // 2), len(rest)}):
        estimator = _fit(lesson, np.isin(lesson.groups, [*always, *rest[:count]]), seed, strength)
        rows = _judge(tested, lesson, estimator)
        curve.append((count, sum(row.right for row in rows) / max(len(rows), 1)))
    return curve
