"""Features and names in, a calibrated estimator out, and the arrays that it comes down to."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.classify import Features
from pipeline.linear import LinearEstimator

ONE_THREAD = 1  # several share vectors too short for it: ten times slower on a busy machine, and no two alike
STRENGTH = 20.0  # inverse of the regularisation, where no search says better
TOLERANCE = 1e-3  # of the gradient, at which the search for weights ends: ten steps
FINE = 3e-4  # seventeen steps, which rows that few documents have need to be sure


def fit(
    features: Sequence[Features],
    names: Sequence[str],
    groups: Sequence[str],
    seed: int,
    strength: float = STRENGTH,
    tolerance: float = TOLERANCE,
) -> Any:
    """A calibrated estimator: features to a vector, multinomial logistic regression, temperature scaling by group.

    Scaling may only make it less sure than the regression, never surer.
    """
    import numpy as np
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer(dtype=np.float64)
    vectors = vectorizer.fit_transform(features)
    return of_features(fit_vectors(vectors, names, groups, seed, strength, tolerance), vectorizer)


def fit_vectors(
    vectors: Any,
    names: Sequence[str],
    groups: Sequence[str],
    seed: int,
    strength: float = STRENGTH,
    tolerance: float = TOLERANCE,
) -> Any:
    """Like `fit`, of features that are a vector a row already."""
    import numpy as np
    from sklearn.calibration import CalibratedClassifierCV
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    splits = list(splits_of(names, groups, seed))
    estimator = regression(seed, strength, tolerance)
    calibrated = CalibratedClassifierCV(estimator, method="temperature", cv=splits, ensemble=False)
    with threadpool_limits(ONE_THREAD):
        calibrated.fit(vectors, np.array(names))
    scaling = calibrated.calibrated_classifiers_[0].calibrators[0]
    scaling.beta_ = min(float(scaling.beta_), 1.0)  # on few or easy rows the best temperature is no temperature at all
    return calibrated


def of_features(calibrated: Any, vectorizer: Any) -> Any:
    """An estimator that was fitted to vectors, asked with the features that its vectorizer takes."""
    from sklearn.pipeline import make_pipeline

    inner = calibrated.calibrated_classifiers_[0]
    inner.estimator = make_pipeline(vectorizer, *(step for _, step in inner.estimator.steps))
    return calibrated


def regression(seed: int, strength: float = STRENGTH, tolerance: float = TOLERANCE) -> Any:
    """The estimator before calibration, not fitted: rare features dropped, then logistic regression."""
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(
        VarianceThreshold(2e-4), LogisticRegression(C=strength, max_iter=300, tol=tolerance, random_state=seed)
    )


def splits_of(names: Sequence[str], groups: Sequence[str], seed: int) -> Iterator[tuple[list[int], Any]]:
    """Three times the rows to fit to and those to scale with, by group; a name that only rows of the second part have
    lends its first row to the first, since a regression that does not know all names cannot be scaled."""
    from sklearn.model_selection import StratifiedGroupKFold

    first = {name: row for row, name in reversed(list(enumerate(names)))}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")  # rare names are in few documents
        folds = list(StratifiedGroupKFold(n_splits=3, shuffle=True, random_state=seed).split(names, names, groups))
    for fitted, scaled in folds:
        known = {names[row] for row in fitted}
        yield [*fitted.tolist(), *(row for name, row in first.items() if name not in known)], scaled


def linear(estimator: Any, vectorizer: Any = None) -> LinearEstimator:
    """The arrays that the fitted estimator comes down to; features that selection dropped are left out.

    `vectorizer` is what made the vectors where the estimator was fitted to vectors.
    """
    calibrated = estimator.calibrated_classifiers_[0]
    *before, selection, regression = (step for _, step in calibrated.estimator.steps)
    names = (vectorizer or before[0]).get_feature_names_out()[selection.get_support()]
    return LinearEstimator.of(
        [str(name) for name in names],
        regression.coef_.T,
        regression.intercept_,
        float(calibrated.calibrators[0].beta_),
        estimator.classes_,
    )
