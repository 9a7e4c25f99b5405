"""Train the row classifier on labelled documents and write a model folder: `python -m models.train CORPUS --out DIR`.

A corpus with `rows.json` beside its gold names the row of the form that each printed row is. The rows themselves come
from the pipeline, so that what is learnt is what will be seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpora import Document, read_corpus
from corpora.matching import match_rows
from models.lessons import ROWS_FILE, Example, orders_of, save_rows
from pipeline import readers
from pipeline.classify import (
    MODEL_FORMAT,
    Features,
    RowClassifier,
    WordingLookup,
    document_features,
    forms_known,
    label_words,
)
from pipeline.datamodel import LabelledRow, Row, Source
from pipeline.forms import load_forms
from pipeline.linear import LinearEstimator
from pipeline.lines import read_blocks
from pipeline.rows import read_rows
from pipeline.tables import find_tables
from pipeline.text import label_key
from pipeline.version import __version__

THRESHOLD = 0.99
ONE_THREAD = 1  # several share vectors too short for it: ten times slower on a busy machine, and no two alike
STRENGTH = 20.0  # inverse of the regularisation, where no search says better
TOLERANCE = 1e-3  # of the gradient, at which the search for weights ends: ten steps
FINE = 3e-4  # seventeen steps, which rows that few documents have need to be sure
_MOST = 0.6  # of a wording that a worn label must keep to be taken for it
_ALONE_SHARE = 0.1  # of the rows are shown once more without their neighbours
_WORN_SHARE = 0.35  # of the rows are shown a second time with a damaged label


@dataclass(frozen=True, slots=True)
class Scores:
    """Of a classifier on labelled rows: the share named right, and of those surer than 0.99 the number wrong."""

    rows: int
    right: float
    sure: float
    sure_and_wrong: int


def read_examples(corpus: Path) -> Iterator[Example]:
    """The labelled rows of each document of a corpus that has rows.json, sorted by folder."""
    for document in read_corpus(corpus):
        if document.rows:
            yield read_example(document)


def read_example(document: Document) -> Example:
    """The labelled rows of one document that has rows.json."""
    rows = read_document_rows(document.source)
    named = list(_name_rows(rows, document))
    layout, split = (
        str(document.meta.get(key, default)) for key, default in (("layout", document.id), ("split", "train"))
    )
    return Example(document.id, layout, split, *_unzipped(named))


def read_document_rows(file: Path | Source) -> list[Row]:
    """The rows of a document as the pipeline reads them; raises UnreadableInput."""
    pages = readers.read(file if isinstance(file, Source) else readers.open_source(file))
    return read_rows(read_blocks(pages, {page.number: find_tables(page) for page in pages}))


def _unzipped(named: Sequence[tuple[Row, str]]) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    return tuple(row for row, _ in named), tuple(name for _, name in named)


def _name_rows(rows: Sequence[Row], document: Document) -> Iterator[tuple[Row, str]]:
    """Each row with the name of the printed row that it is; rows that match none are left out."""
    printed = document.rows or ()
    for ours, theirs in match_rows(rows, printed):
        yield rows[ours], printed[theirs].row


def training_set(examples: Sequence[Example], seed: int) -> tuple[list[Features], list[str], list[str]]:
    """Features, names and groups of all rows, a part of them again as archives have them: with worn labels, or alone
    between rows that nobody could read."""
    rng = random.Random(seed)  # noqa: S311 - reproducible examples, no secrets
    features: list[Features] = []
    names: list[str] = []
    groups: list[str] = []
    for example in examples:
        for rows in (example.rows, tuple(_worn(row, rng) for row in example.rows)):
            features += document_features(rows)
            names += example.names
            groups += [example.group] * len(rows)
        alone = [at for at in range(len(example.rows)) if rng.random() < _ALONE_SHARE]
        features += [document_features(example.rows[at : at + 1])[0] for at in alone]
        names += [example.names[at] for at in alone]
        groups += [example.group] * len(alone)
    return _without_repeats(features, names, groups)


def _without_repeats(
    features: list[Features], names: list[str], groups: list[str]
) -> tuple[list[Features], list[str], list[str]]:
    seen: dict[tuple[object, ...], int] = {}
    for i, (item, name) in enumerate(zip(features, names, strict=True)):
        seen.setdefault((name, *sorted(item.items())), i)
    kept = sorted(seen.values())
    return [features[i] for i in kept], [names[i] for i in kept], [groups[i] for i in kept]


def _worn(row: Row, rng: random.Random) -> Row:
    """The row with its label cut, thinned out, glued to its group, or lost, and its heads lost: what converters do; or
    with its label in fewer words: what offices do."""
    if not row.labels or rng.random() > _WORN_SHARE:
        return replace(row, heads=("",) * len(row.heads))
    label = row.labels[-1]
    harm = rng.choice(("thin", "short", "short", "cut end", "cut start", "lost", "glued", "typo"))
    if harm == "short":
        label = _shortened(label, rng)
    elif harm == "thin":
        label = "".join(char for char in label if rng.random() > 0.12)
    elif harm == "cut end":
        label = label[: max(2, int(len(label) * rng.uniform(0.5, 0.9)))]
    elif harm == "cut start":
        label = label[int(len(label) * rng.uniform(0.1, 0.5)) :]
    elif harm == "typo" and len(label) > 3:
        place = rng.randrange(len(label))
        label = label[:place] + rng.choice("的信息公开政府申请一二") + label[place + 1 :]
    elif harm == "glued":
        label = "".join(row.labels)
    if harm != "lost" and _is_anothers(label_key(label), label_key(row.labels[-1])):
        return row  # 不同意公开答复数 without its first character is the label of another row
    return replace(row, labels=() if harm == "lost" else (*row.labels[:-1], label))


def _shortened(label: str, rng: random.Random) -> str:
    """A label of half its words, some of them as their first character only."""
    parts = [word if rng.random() < 0.6 else word[0] for word in label_words(label_key(label)) if rng.random() < 0.55]
    shortened = "".join(parts)
    return shortened if len(shortened) > 3 else label


def _is_anothers(worn: str, own: str) -> bool:
    """Whether a worn label is most of a wording of another row than the one whose wording its own label bears."""
    names = _names_by_key()
    kept = [known for known in names if own.endswith(known) or known.endswith(own)]
    meant = names[max(kept, key=len)] if kept else frozenset()
    alike = [known for known in names if known.endswith(worn) and len(worn) >= _MOST * len(known)]
    return any(not names[known] <= meant for known in alike)


@lru_cache(maxsize=1)
def _names_by_key() -> dict[str, frozenset[str]]:
    names: dict[str, frozenset[str]] = {}
    for form in load_forms().values():
        for name, wordings in form.row_wordings.items():
            for key in map(label_key, wordings):
                names[key] = names.get(key, frozenset()) | {name}
    return names


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


def score(labelled: Sequence[LabelledRow], names: Sequence[str]) -> Scores:
    """How often the likeliest name is right, and how often a name above 0.99 is wrong."""
    best = [max(item.probabilities.items(), key=lambda pair: pair[1], default=("none", 0.0)) for item in labelled]
    right = [name == gold for (name, _), gold in zip(best, names, strict=True)]
    sure = [share > 0.99 for _, share in best]
    wrong = sum(s and not r for s, r in zip(sure, right, strict=True))
    count = max(len(names), 1)
    return Scores(len(names), sum(right) / count, sum(sure) / count, wrong)


def score_examples(classifier: RowClassifier | WordingLookup, examples: Sequence[Example]) -> Scores:
    """The scores of a classifier over all rows of the examples."""
    labelled = [item for example in examples for item in classifier.label(example.rows)]
    return score(labelled, [name for example in examples for name in example.names])


def save(estimator: Any, settings: dict[str, Any], card: str, folder: Path) -> None:
    """Write the model folder: model.skops, settings.json, card.md."""
    import skops.io

    folder.mkdir(parents=True, exist_ok=True)
    skops.io.dump(estimator, folder / "model.skops", compression=8)
    linear(estimator).save(folder / "weights.npz")
    save_settings(settings, folder)
    (folder / "card.md").write_text(card, encoding="utf-8")


def save_settings(settings: Mapping[str, Any], folder: Path) -> None:
    """Write settings.json."""
    (folder / "settings.json").write_text(json.dumps(settings, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


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


def data_hash(features: Sequence[Features], names: Sequence[str]) -> str:
    """A hash of what the model is trained on, the same for the same corpus and seed."""
    digest = hashlib.sha256()
    for item, name in zip(features, names, strict=True):
        digest.update(json.dumps([name, sorted(item.items())], ensure_ascii=False).encode())
    return digest.hexdigest()


def settings_of(digest: str, seed: int, threshold: float = THRESHOLD, strength: float = STRENGTH) -> dict[str, Any]:
    """What settings.json says of a model that was trained on data of this hash by this installation."""
    import sklearn

    return {
        "format": MODEL_FORMAT,
        "version": f"rows-{__version__}-{digest[:8]}",
        "threshold": threshold,
        "strength": strength,
        "seed": seed,
        "data_sha256": digest,
        "scikit_learn": sklearn.__version__,
        "forms": forms_known(),
    }


def train(corpus: Path, out: Path, seed: int) -> tuple[Scores, Scores]:
    """Train on the documents of split "train", write the model, and score it and the lookup on those of "test"."""
    examples = list(read_examples(corpus))
    known = [example for example in examples if example.split == "train"]
    unseen = [example for example in examples if example.split == "test"]
    features, names, groups = training_set(known, seed)
    estimator = fit(features, names, groups, seed)
    settings = {**settings_of(data_hash(features, names), seed), "orders": orders_of(known)}
    scores = (
        score_examples(RowClassifier(linear(estimator), settings), unseen),
        score_examples(WordingLookup(), unseen),
    )
    save(estimator, settings, _card(settings, known, unseen, names, scores), out)
    save_rows(known, out / ROWS_FILE)
    return scores


def _card(
    settings: dict[str, Any], known: Sequence[Example], unseen: Sequence[Example], names: Sequence[str], scores: Any
) -> str:
    rarest = Counter(names).most_common()[-3:]
    model, lookup = scores
    return f"""# Row classifier {settings["version"]}

Says which row of the statutory forms a row of a report is, from its label, groups, shape and neighbours.

- Trained on {len(known)} generated documents ({len({example.group for example in known})} layouts),
  {len(names)} different rows with {len(set(names))} names.
- Rarest names: {", ".join(f"{name} ({count})" for name, count in rarest)}.
- Kept out for testing: {len(unseen)} documents, among them whole layouts:
  {", ".join(sorted(_unseen_layouts(known, unseen)))}.
- On their {model.rows} rows: {model.right:.2%} right, {model.sure:.2%} surer than 0.99, of those {model.sure_and_wrong}
  wrong;  the exact-label lookup {lookup.right:.2%} right.
- Seed {settings["seed"]}, data sha256 {settings["data_sha256"][:16]}…, scikit-learn {settings["scikit_learn"]}.
- Made of stock scikit-learn parts, saved with skops: loading it runs no code of the model's.
- Limits: trained on generated documents only; a wording it has not met gets a low probability and is not accepted.
"""


def _unseen_layouts(known: Sequence[Example], unseen: Sequence[Example]) -> set[str]:
    return {example.group for example in unseen} - {example.group for example in known}


def main() -> int:
    """Command line of the trainer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    model, lookup = train(args.corpus, args.out, args.seed)
    print(f"held-out documents: {model.rows} rows, model {model.right:.4%} right, lookup {lookup.right:.4%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
