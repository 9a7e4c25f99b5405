"""Which row of the form a row of a document is: one feature function and a trained scikit-learn estimator.

Training lives in `models/fit.py` and uses the same `row_features`. A model folder holds `model.skops` (stock
estimators only, so that loading runs no code of the model's), `weights.npz` (the same model as plain arrays, where it
is linear), `settings.json` and `card.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipeline.datamodel import LabelledRow, Row
from pipeline.errors import ModelError
from pipeline.forms import load_forms
from pipeline.linear import LinearEstimator, Part
from pipeline.text import label_key

MODEL_FORMAT = "nianbao.rows/1"
NOT_A_FIELD = ("none", "head")
_LEAST = 0.001
_LONG_WORDING = 6  # characters, from which on a wording is no accident inside another
_CHAPTER = re.compile(r"\s*[一二三四五六七八九十]{1,2}\s*[、.．]")
_TRUSTED = ("sklearn.calibration._TemperatureScaling", "sklearn.calibration._CalibratedClassifier")

Features = dict[str, float]


def document_features(rows: Sequence[Row]) -> list[Features]:
    """One feature dict a row of a document, in order: its label, its groups, its shape and its neighbours."""
    return [dict((*label, *place)) for label, place in document_parts(rows)]


def document_parts(rows: Sequence[Row]) -> list[tuple[Part, Part]]:
    """The features of each row of a document in two parts: of its label alone, and of its place in the document."""
    labels = ["", *(_own_label(row) for row in rows), ""]
    found: list[tuple[Part, Part]] = []
    chapter = ""
    for i, row in enumerate(rows):
        chapter = next((label_key(label) for label in reversed(row.labels) if _CHAPTER.match(label)), chapter)
        place = place_features(
            min(len(row.cells), 16), row.labels[:-1], row.section, row.heads, tuple(labels[i : i + 3]), chapter
        )
        found.append((label_features(labels[i + 1]), place))
    return found


@lru_cache(maxsize=4096)  # the forms are printed alike from report to report
def place_features(
    cells: int, groups: tuple[str, ...], section: str, heads: tuple[str, ...], labels: tuple[str, ...], chapter: str
) -> Part:
    """The features of a row but for its own label. `labels` are the label keys of the row before, of the row and of the
    row after ("" at the ends), `chapter` is that of the last label so far that a Chinese numeral counts
    (`四、行政复议数量`)."""
    previous, own, following = labels
    features = {f"cells={cells}": 1.0, "no label": float(not own)}
    for group in groups:
        features[f"group={label_key(group)}"] = 1.0
    features[f"section={label_key(section)[:14]}"] = 1.0
    features.update(_head_features(heads))
    features[f"previous={previous}"] = 1.0
    features[f"following={following}"] = 1.0
    features[f"chapter={chapter}"] = 1.0
    return tuple(features.items())


@lru_cache(maxsize=1024)
def _head_features(heads: tuple[str, ...]) -> Part:
    keys = dict.fromkeys(label_key(part) for path in heads for part in path.split("/")[-2:])
    return tuple((f"head={key}", 0.5) for key in keys)


@lru_cache(maxsize=8192)
def label_features(label: str) -> Part:
    """Features of a label key alone: itself whole, its words, and its runs of one to three characters."""
    grams = {f"gram={label[i : i + n]}": 0.5 for n in (1, 2, 3) for i in range(len(label) - n + 1)}
    words = {f"word={word}": 0.5 for word in label_words(label)}
    return (("label=" + label, 1.0), *grams.items(), *words.items())


@lru_cache(maxsize=8192)
def wordings_in(label: str) -> frozenset[str]:
    """The row names whose wording stands in a label key; more than one where labels of several rows ran together."""
    return frozenset(_names_by_wording()[found] for found in _any_wording().findall(label))


@lru_cache(maxsize=1)
def _names_by_wording() -> dict[str, str]:
    wordings = {
        label_key(wording): name
        for form in load_forms().values()
        for name, some in form.row_wordings.items()
        for wording in some
    }
    return {wording: name for wording, name in wordings.items() if len(wording) >= _LONG_WORDING}


@lru_cache(maxsize=1)
def _any_wording() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _names_by_wording()), key=len, reverse=True)))


@lru_cache(maxsize=8192)
def label_words(label: str) -> tuple[str, ...]:
    """The words of a label key as jieba cuts it with a dictionary of nothing but the forms' wording."""
    return tuple(_segmenter().cut(label, HMM=False))


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    """jieba with the forms' own vocabulary: its big dictionary takes longer to load than a report to read."""
    import jieba

    cutter = jieba.Tokenizer()
    cutter.FREQ, cutter.total = {}, 0
    cutter.initialized = True
    for word in _vocabulary():
        cutter.add_word(word, 1000)
    return cutter


def _vocabulary() -> Iterator[str]:
    text = files("pipeline.forms").joinpath("words.txt").read_text(encoding="utf-8")
    yield from text.split()


def _own_label(row: Row) -> str:
    return label_key(row.labels[-1]) if row.labels else ""


def _best(row: Row, found: list[tuple[float, str]]) -> dict[str, float]:
    several = wordings_in(_own_label(row))
    if len(several) > 1:  # labels of neighbours run together: nobody can say whose figures these are
        return {"none": 0.5, **{name: 0.5 / len(several) for name in sorted(several)}}
    return {name: share for share, name in sorted(found, key=lambda pair: (-pair[0], pair[1]))}


class RowClassifier:
    """A trained estimator with its settings; immutable once loaded and safe to share between calls.

    `classes_` are row names of the forms and `none`, `head` for rows that belong to no field.
    """

    def __init__(self, estimator: Any, settings: dict[str, Any]) -> None:
        self.estimator = estimator
        self.settings = settings
        self.classes_ = [str(name) for name in estimator.classes_]

    @property
    def version(self) -> str:
        return str(self.settings["version"])

    @property
    def threshold(self) -> float:
        """The confidence from which on a field is accepted."""
        return float(self.settings["threshold"])

    @cached_property
    def orders(self) -> frozenset[tuple[str, str]]:
        """Rows that follow one another in layouts that were taught, though not in their form."""
        return frozenset((str(before), str(after)) for before, after in self.settings.get("orders", ()))

    @cached_property
    def running_totals(self) -> frozenset[str]:
        """Keys of heads over figures of several years, which were taught beside those that the forms know."""
        return frozenset(map(str, self.settings.get("running_totals", ())))

    def label(self, rows: Sequence[Row]) -> list[LabelledRow]:
        """Each row with its calibrated probabilities, those below 0.001 left out."""
        if not rows:
            return []
        table = self.estimator.predict_proba(document_parts(rows))
        likely: list[list[tuple[float, str]]] = [[] for _ in rows]
        for row, name in zip(*(places.tolist() for places in (table >= _LEAST).nonzero()), strict=True):
            likely[row].append((float(table[row, name]), self.classes_[name]))
        return [LabelledRow(row, _best(row, found)) for row, found in zip(rows, likely, strict=True)]

    @classmethod
    def load(cls, folder: Path) -> RowClassifier:
        """The model in a folder; ModelError (exit code 4) where it is missing, damaged or of another version."""
        settings = _settings(folder)
        _check_forms(folder, settings)
        try:
            estimator = _linear(folder) or _stock(folder, settings)
        except ModelError:
            raise
        except Exception as error:  # numpy and skops meet damage with whatever their parts raise
            raise ModelError(f"The model in {folder} cannot be loaded ({error}). Train or install it again.") from error
        return cls(estimator, settings)


def _linear(folder: Path) -> LinearEstimator | None:
    path = folder / "weights.npz"
    return LinearEstimator.load(path) if path.is_file() else None


def _stock(folder: Path, settings: dict[str, Any]) -> Stock:
    """The scikit-learn estimator of a folder without arrays: it means the same only to the version that made it."""
    import skops.io
    from sklearn import __version__ as installed

    made = str(settings.get("scikit_learn", ""))
    if made.split(".")[:2] != installed.split(".")[:2]:
        raise ModelError(
            f"The model in {folder} was trained by scikit-learn {made or '?'}, here is {installed}. {_retrain(folder)}"
        )
    return Stock(skops.io.load(folder / "model.skops", trusted=list(_TRUSTED)))


class Stock:
    """A scikit-learn estimator over feature dicts, asked like a LinearEstimator."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator
        self.classes_ = estimator.classes_

    def predict_proba(self, rows: Sequence[tuple[Part, Part]]) -> Any:
        """An array rows x classes of probabilities."""
        return self._estimator.predict_proba([dict((*label, *place)) for label, place in rows])


class WordingLookup:
    """The baseline that the classifier must beat: a row is what the form's wording says to the letter."""

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}
        for form in load_forms().values():
            for name, wordings in form.row_wordings.items():
                for wording in wordings:
                    self._names.setdefault(label_key(wording), set()).add(name)

    def label(self, rows: Sequence[Row]) -> list[LabelledRow]:
        """Each row with equal probabilities for the names of its wording, `none` where the wording is unknown."""
        return [LabelledRow(row, self._names_of(row)) for row in rows]

    def _names_of(self, row: Row) -> dict[str, float]:
        names = sorted(self._names.get(_own_label(row), {"none"})) if row.labels else ["none"]
        return dict.fromkeys(names, 1 / len(names))


def forms_known() -> dict[str, str]:
    """Each form with a hash of its rows' names: what a model must have been trained for."""
    return {
        name: sha256("\n".join(row.name for row in form.rows).encode()).hexdigest()[:16]
        for name, form in load_forms().items()
    }


def _check_forms(folder: Path, settings: dict[str, Any]) -> None:
    """ModelError where the model was trained for other forms; models that do not say so are taken as they are."""
    forms = settings.get("forms")
    if forms is not None and forms != forms_known():
        raise ModelError(f"The model in {folder} was trained for another set of forms. {_retrain(folder)}")


def _retrain(folder: Path) -> str:
    return f"Train it again: nianbao train {folder} --out {folder}"


def _settings(folder: Path) -> dict[str, Any]:
    path = folder / "settings.json"
    if not path.is_file():
        raise ModelError(
            f"There is no model in {folder}: settings.json is missing. Name a folder made by `nianbao train`."
        )
    try:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is damaged: {error}") from error
    if settings.get("format") != MODEL_FORMAT:
        raise ModelError(
            f"The model in {folder} has format {settings.get('format')}, this program reads {MODEL_FORMAT}."
        )
    return settings
