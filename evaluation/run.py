"""`evaluate`: a model over labelled corpora, as one Evaluation whose JSON everything else is drawn from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpora import Document, read_corpus
from evaluation import calibration, store_gold
from evaluation.breakdown import (
    bounds,
    describe_wrong,
    fact_counts,
    field_counts,
    groups,
    is_wrong,
    judged,
    ranked,
)
from evaluation.intervals import Interval, bootstraps
from evaluation.machine import commit, machine
from evaluation.metrics import METRICS
from evaluation.reading import Reading, read_documents
from evaluation.row_scores import row_report
from evaluation.score import DocumentScore, parts, total
from pipeline.errors import UsageError

SCHEMA = "nianbao.evaluation/1"
SPLITS = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a model did on corpora. `readings` are the documents asked for, `dev` those that a threshold is chosen on
    (none where the corpora have no dev split); `served` is the threshold that the model accepts with."""

    corpora: tuple[str, ...]
    split: str | None
    readings: tuple[Reading, ...]
    dev: tuple[Reading, ...]
    served: float
    versions: Mapping[str, str]
    seed: int

    @property
    def scores(self) -> list[DocumentScore]:
        return [reading.score for reading in self.readings]

    def unread(self) -> list[str]:
        """For each document of which nothing could be read its name and the cause."""
        return [f"{one.document.id}: {one.problem}" for one in self.readings if one.score.unread]

    def metrics(self) -> dict[str, float | None]:
        """The value of every metric; None where there was nothing to measure."""
        given, right = judged(self.scores)
        found = {
            **total(self.scores),
            **bounds(self.scores),
            "row_labels_f1": row_report(score.rows for score in self.scores)["f1"],
            "ece": calibration.calibration_error(calibration.reliability(given, right)),
            "aurc": calibration.risk_area(*ranked(self.scores)),
        }
        return {name: found.get(name) for name in METRICS}

    def totals(self) -> dict[str, Interval]:
        """Every metric with its 95 % interval (bootstrap over documents); bounds, means and areas have none."""
        every = [parts(score) for score in self.scores]
        columns = {name: [one[name] for one in every] for name in (every[0] if every else ())}
        shares = {name: metric.kind == "share" for name, metric in METRICS.items()}
        found = bootstraps(columns, shares, seed=self.seed)
        return {name: found.get(name) or Interval(value) for name, value in self.metrics().items()}

    def to_dict(self) -> dict[str, Any]:
        """The evaluation as plain JSON values in schema nianbao.evaluation/1; what was not measured is None."""
        return {
            "schema": SCHEMA,
            "versions": dict(self.versions),
            "machine": machine(),
            "commit": commit(),
            "corpora": list(self.corpora),
            "split": self.split,
            "totals": {name: asdict(interval) for name, interval in self.totals().items()},
            "groups": groups(self.scores),
            "fields": field_counts(self.scores),
            "rows": row_report(score.rows for score in self.scores),
            "calibration": self._calibration(),
            "facts": fact_counts(self.scores),
            "wrong": [wrong for reading in self.readings for wrong in _wrong(reading)],
            "documents": [_document(reading) for reading in self.readings],
        }

    def _calibration(self) -> dict[str, Any]:
        given, right = judged(self.scores)
        ranks = ranked(self.scores)
        bins = calibration.reliability(given, right)
        return {
            "bins": [asdict(one) for one in bins],
            "ece": calibration.calibration_error(bins),
            "aurc": calibration.risk_area(*ranks),
            "risk_coverage": calibration.risk_coverage(*ranks),
            "accuracy_at": calibration.accuracy_at(*ranks),
            "threshold": self.thresholds(),
        }

    def thresholds(self) -> dict[str, Any]:
        """What the served threshold accepts, and what the one chosen on dev does there and (`verified`) on the
        documents evaluated that are not of dev; "chosen" is None without dev documents or a threshold that will do."""
        served = _acceptance(self.readings, self.served)
        chosen = calibration.choose_threshold(*ranked(reading.score for reading in self.dev)) if self.dev else None
        if chosen is None:
            return {"served": served, "chosen": None}
        others = [reading for reading in self.readings if split_of(reading.document) != "dev"]
        both = {"on_dev": _acceptance(self.dev, chosen), "verified": _acceptance(others, chosen)}
        return {"served": served, "chosen": {"threshold": chosen, "dev_documents": len(self.dev), **both}}


def evaluate(
    corpora: Sequence[str | Path],
    model_folder: str | Path | None = None,
    *,
    split: str | None = None,
    layouts: Collection[str] | None = None,
    workers: int = 2,
    seed: int = 0,
    timeout: float = 600,
) -> Evaluation:
    """The scores of a model (by default the one that ships) on the documents of corpora, or of a split or of some
    layouts of them; a corpus is a folder, or the URL of a store that people corrected. Where all splits or "test" are
    asked for, the documents of "dev" are read as well, to choose a threshold on. `seed` is that of the bootstrap.

    Documents that cannot be read count as missed. Raises UnreadableInput for what is no corpus, ModelError, UsageError.
    """
    from pipeline.bulk.worker import versions_of
    from pipeline.extract import load_model

    found_in = {document.source.resolve(): document for corpus in corpora for document in _documents(corpus)}
    every = list(found_in.values())  # a folder that is named twice counts once
    chosen = choose_documents(every, split, layouts)
    dev = [one for one in every if split_of(one) == "dev"] if split in (None, "test") and layouts is None else []
    model = load_model(model_folder)
    sources = {one.source for one in chosen}
    wanted = chosen + [one for one in dev if one.source not in sources]
    found = list(read_documents(wanted, model_folder, workers=workers, timeout=timeout))
    dev_sources = {one.source for one in dev}
    return Evaluation(
        corpora=tuple(map(store_gold.shown, corpora)),
        split=split,
        readings=tuple(found[: len(chosen)]),
        dev=tuple(reading for reading in found if reading.document.source in dev_sources),
        served=model.rows.threshold,
        versions=versions_of(model),
        seed=seed,
    )


def _documents(corpus: str | Path) -> Iterable[Document]:
    return store_gold.read_gold(str(corpus)) if store_gold.is_store(corpus) else read_corpus(corpus)


def choose_documents(
    documents: Sequence[Document], split: str | None, layouts: Collection[str] | None
) -> list[Document]:
    """The documents of a split and of some layouts (None is all); UsageError where none is left."""
    if split is not None and split not in SPLITS:
        raise UsageError(f"There is no split {split!r}: choose one of {', '.join(SPLITS)}.")
    chosen = [
        one
        for one in documents
        if (split is None or split_of(one) == split) and (layouts is None or one.meta.get("layout") in layouts)
    ]
    if not chosen:
        wanted = " and ".join(_asked(split, layouts))
        raise UsageError(f"None of the {len(documents)} documents is of {wanted}; see their meta.json.")
    return chosen


def _asked(split: str | None, layouts: Collection[str] | None) -> Iterable[str]:
    if split is not None:
        yield f"split {split}"
    if layouts is not None:
        yield f"layouts {', '.join(sorted(layouts)) or '(none)'}"


def split_of(document: Document) -> str:
    """The split that a document belongs to; "" where its corpus does not say."""
    return str(document.meta.get("split", ""))


def _acceptance(readings: Iterable[Reading], threshold: float) -> dict[str, Any]:
    found = calibration.acceptance(*ranked(reading.score for reading in readings), threshold)
    return {**asdict(found), "coverage": found.coverage, "kept": found.kept}


def _wrong(reading: Reading) -> list[dict[str, Any]]:
    source = str(reading.document.source)
    return [describe_wrong(reading.score, cell, source) for cell in reading.score.cells if is_wrong(cell)]


def _document(reading: Reading) -> dict[str, Any]:
    score = reading.score
    return {
        "id": score.id,
        "source": str(reading.document.source),
        "layout": score.layout,
        "form": score.form,
        "format": score.format,
        "kind": score.kind,
        "agency": score.agency,
        "split": split_of(reading.document),
        "fields": score.fields,
        "right": score.right,
        "accepted": score.accepted,
        "silent": len(score.silent),
        "flagged": len(score.flagged),
        "extra": len(score.extra),
        "exact": score.exact,
        "form_right": score.form_right,
        "year_right": score.year_right,
        "agency_right": score.agency_right,
        "seconds": round(reading.seconds, 4),
        "problem": reading.problem,
    }
