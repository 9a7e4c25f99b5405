"""A new model out of a base and new documents, judged against the old one. Here the trainer (models) meets the harness
(evaluation), which know nothing of each other."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from corpora import Document, read_corpus
from evaluation.breakdown import ranked
from evaluation.calibration import choose_threshold
from evaluation.gate import Verdict, compare
from evaluation.reading import read_documents
from evaluation.score import DocumentScore
from models import tuning
from models.cards import write_card
from models.fact_documents import write_facts
from models.label_files import read_lines
from models.label_studio_export import read_export
from models.labels import examples_of, labelled_example
from models.lessons import ROWS_FILE, Example, load_rows, merged, orders_of, save_rows
from models.lines import Told
from models.reviewed import lines_told, read_store
from models.train import FINE, THRESHOLD, data_hash, fit, linear, save, settings_of, training_set
from pipeline.errors import GateError, ModelError, UsageError
from pipeline.extract import Model, load_model, model_in_use
from pipeline.readers import open_source

CORPUS = Path(__file__).parents[2] / "corpora"
STEPS = 6
_TIMEOUT = 60.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Inputs:
    """What is learnt: the documents of the base and the new ones. `hashes` are those of the new documents' files,
    `places` say where a row of a new document was labelled, `remarks` what cannot be learnt; the `documents` of corpora
    teach their facts too; `running_totals` are the heads of columns that are none of the year's."""

    base: Sequence[Example]
    new: Sequence[Example]
    hashes: frozenset[str] = frozenset()
    places: Mapping[tuple[str, int], str] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    documents: Sequence[Document] = ()
    running_totals: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """A trained model in plain figures: every row judged by models that did not learn its layout, the doubtful labels,
    (documents or layouts learnt, share right) of the learning curve, the verdict, and what was decided."""

    settings: Mapping[str, Any]
    judged: Sequence[tuning.Judged]
    curve: Sequence[tuple[int, float]]
    known: float | None
    verdict: Verdict | None


def gather(sources: Sequence[Path | str], base: Path | None, model: Path | None = None) -> Inputs:
    """The documents that the sources (files of labels, corpora, model folders, URLs of stores) and the base give.

    Of corpora those of split "train" are learnt, and those that name no split; the guesses of `model` (None is the one
    in use) help to find which row of a document is which of its gold. Without a base the rows that the model in use was
    trained on serve, so that nothing it knows is lost.
    """
    known: list[Example] = []
    new: list[Example] = []
    hashes: set[str] = set()
    places: dict[tuple[str, int], str] = {}
    remarks: list[str] = []
    read: list[Document] = []
    guesser = cache(lambda: load_model(model))
    totals = _running_totals([base or model or model_in_use(), *sources])
    for source in sources:
        if isinstance(source, Path) and (source / ROWS_FILE).is_file():
            known += load_rows(source / ROWS_FILE)
        elif isinstance(source, Path) and source.is_dir():
            every = list(read_corpus(source))
            documents = [one for one in every if one.meta.get("split", "train") == "train"]
            if len(documents) < len(every):
                remarks.append(f"{source}: {len(every) - len(documents)} documents of other splits were not learnt.")
            new += [labelled_example(one, guesser) for one in documents]
            hashes |= {_hash(one) for one in documents}
            read += documents
        else:
            told, left_out = _told(source, guesser)
            lessons = examples_of(told, totals)
            totals |= lessons.running_totals
            new += lessons.examples
            hashes |= {one.document for one in lessons.examples}
            places |= lessons.places
            remarks += [*left_out, *lessons.remarks]
    if base is not None or not known:
        known = [*_base(base), *known]
    known, new = _once(known), _once(new)
    new = [one for one in new if one.rows]
    again = {one.document for one in new}
    known = [one for one in known if one.rows and one.document not in again]
    if not known and not new:
        raise UsageError("There is no labelled row to learn from in what was named.")
    return Inputs(known, new, frozenset(hashes), places, remarks, read, totals)


def _running_totals(folders: Sequence[Path | str]) -> frozenset[str]:
    """The heads of running totals that the models among these folders were taught, which may be of another version."""
    files = [one / "settings.json" for one in folders if isinstance(one, Path)]
    try:
        settings = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()]
        return frozenset(str(head) for one in settings for head in one.get("running_totals", ()))
    except (ValueError, AttributeError, TypeError) as error:
        named = " or ".join(str(file.parent) for file in files)
        raise ModelError(f"The settings of {named} are damaged ({error}). Name another --base.") from error


def _told(source: Path | str, guesser: Callable[[], Model]) -> tuple[list[Told], list[str]]:
    """The lines that somebody has been over in a file of labels, an export of Label Studio or a store, and what was
    left out."""
    if isinstance(source, str):
        reports, left_out = read_store(source, guesser())
        return lines_told(reports), left_out
    return read_export(source) if source.suffix.lower() == ".json" else (read_lines(source), [])


def _once(examples: Sequence[Example]) -> list[Example]:
    return list({one.document: one for one in examples}.values())


def _hash(document: Document) -> str:
    return open_source(document.source).sha256


def _base(folder: Path | None) -> list[Example]:
    chosen = folder or model_in_use()
    if (chosen / ROWS_FILE).is_file() or (chosen / "settings.json").is_file():
        return load_rows(chosen / ROWS_FILE)
    return [labelled_example(one) for one in read_corpus(chosen) if one.meta.get("split", "train") == "train"]


def frozen_documents() -> tuple[list[Document], list[Document]]:
    """(documents that the gate looks at, documents that the threshold is chosen on): of a checkout the splits test and
    dev, else the samples and none."""
    folder = next((CORPUS / name for name in ("documents", "samples") if (CORPUS / name).is_dir()), None)
    if folder is None:
        return [], []
    every = list(read_corpus(folder))
    if folder.name == "samples":
        return every, []
    return [one for one in every if one.meta.get("split") == "test"], [
        one for one in every if one.meta.get("split") == "dev"
    ]


def retrain(
    inputs: Inputs,
    out: Path,
    *,
    seed: int = 1,
    old: Path | None = None,
    frozen: Sequence[Document] = (),
    dev: Sequence[Document] = (),
    reason: str = "",
    workers: int = 2,
    say: Say = lambda _text: None,
) -> Outcome:
    """Train, judge and write a model; GateError where it is refused, with `out` as it was.

    `old` is the model to compare with (None is the one in use). A `reason` lets a model pass that is worse, and stands
    on its card; doubtful labels too.
    """
    if out.exists() and not (out / "settings.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there and is no model folder. Name another --out.")
    examples = merged(inputs.base, inputs.new)
    if len({one.group for one in examples}) < tuning.FOLDS:
        raise UsageError(f"Training needs rows of {tuning.FOLDS} layouts or documents at least. Name a --base.")
    say("Searching for the strength of the regression")
    lesson = tuning.lesson_of(examples, seed)
    strength = tuning.choose_strength(lesson, seed)
    say("Judging each document by models that did not learn its layout")
    judged = tuning.judge_rows(examples, lesson, examples, seed, strength)
    _check_labels(inputs, judged, reason)
    say("Fitting the model")
    settings, estimator = _fit(examples, seed, strength)
    settings["running_totals"] = sorted(inputs.running_totals)
    say("Measuring what more documents would bring")
    new = inputs.new or inputs.base
    curve = tuning.learning_curve(lesson, inputs.base if inputs.new else (), new, seed, strength)
    say("Reading frozen documents with the old and the new model")
    frozen = [one for one in frozen if _hash(one) not in inputs.hashes] if inputs.hashes else list(frozen)
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.absolute().parent) as place:
        draft = Path(place) / "model"
        _write(draft, settings, estimator, examples)
        settings["threshold"] = _threshold(draft, dev, workers)
        _write(draft, settings, estimator, examples)
        facts = write_facts(draft, old or model_in_use(), inputs.documents, seed, reason=reason)
        verdict = _verdict(old, draft, frozen, workers, seed)
        measured = [*_measured(verdict, frozen, dev, reason), *filter(None, [facts])]
        _pass(verdict, reason)
        (draft / "card.md").write_text(
            write_card(settings, inputs.base, inputs.new, judged, measured), encoding="utf-8"
        )
        _replace(draft, out)
    return Outcome(settings, judged, curve, _known(old, inputs.new), verdict)


def _check_labels(inputs: Inputs, judged: Sequence[tuning.Judged], reason: str) -> None:
    """GateError with the doubtful rows of the new documents where they are too many."""
    new = {one.document for one in inputs.new}
    mine = [one for one in judged if one.document in new]
    if tuning.too_doubtful(mine) and not reason:
        found = tuning.doubtful(mine)
        listed = "\n".join(f"  {describe_doubt(one, inputs.places)}" for one in found)
        raise GateError(
            f"{len(found)} of {len(mine)} new labels are contradicted by everything else that is known; look at these "
            f"first, the surest contradiction on top:\n{listed}\nMend them, or say why they are right with "
            "--accept-regressions."
        )


def describe_doubt(one: tuning.Judged, places: Mapping[tuple[str, int], str]) -> str:
    """A doubtful row in one line: where it was labelled, as what, and what models make of it that did not learn it."""
    where = places.get((one.document, one.place), f"{one.document}, labelled row {one.place + 1}")
    return f"{where}: {one.text!r} is called {one.name}; others say {one.likeliest} ({one.likeliest_share:.3f})"


def _fit(examples: Sequence[Example], seed: int, strength: float) -> tuple[dict[str, Any], Any]:
    features, names, groups = training_set(examples, seed)
    estimator = fit(features, names, groups, seed, strength, FINE)
    settings = settings_of(data_hash(features, names), seed, strength=strength)
    return {**settings, "sharpness": linear(estimator).sharpness, "orders": orders_of(examples)}, estimator


def _write(folder: Path, settings: dict[str, Any], estimator: Any, examples: Sequence[Example]) -> None:
    save(estimator, settings, "", folder)
    save_rows(examples, folder / ROWS_FILE)


def _threshold(folder: Path, dev: Sequence[Document], workers: int) -> float:
    """The threshold chosen on dev documents, never below the one that is proven in use: dev shows no new layout."""
    if not dev:
        return THRESHOLD
    chosen = choose_threshold(*ranked(_scores(dev, folder, workers)))
    if chosen is None:
        raise GateError("No threshold keeps the accepted fields of the dev documents right; see their labels.")
    return max(chosen, THRESHOLD)


def _scores(documents: Sequence[Document], folder: Path | None, workers: int) -> list[DocumentScore]:
    return [one.score for one in read_documents(documents, folder, workers=workers, timeout=_TIMEOUT)]


def _verdict(old: Path | None, new: Path, frozen: Sequence[Document], workers: int, seed: int) -> Verdict | None:
    """None where there is nothing to look at. An old model that cannot be used any more has read nothing wrong."""
    if not frozen:
        return None
    after = _scores(frozen, new, workers)
    try:
        load_model(old)
    except ModelError:
        return compare([_nothing_wrong(one) for one in after], after, seed=seed)
    return compare(_scores(frozen, old, workers), after, seed=seed)


def _nothing_wrong(score: DocumentScore) -> DocumentScore:
    from dataclasses import replace

    return replace(score, cells=tuple(one for one in score.cells if one.outcome not in ("silent", "extra")))


def _pass(verdict: Verdict | None, reason: str) -> None:
    if reason:
        return
    if verdict is None:
        raise GateError(
            "There is no labelled document to compare the old and the new model on. Say why the new one may be taken "
            "all the same with --accept-regressions."
        )
    if verdict.reasons:
        shown = "\n".join(f"  {one}" for one in verdict.reasons[:20])
        raise GateError(
            f"The new model is refused and the old one left as it was:\n{shown}\nLook at the labels, or say why this "
            "may be with --accept-regressions."
        )


def _measured(verdict: Verdict | None, frozen: Sequence[Document], dev: Sequence[Document], reason: str) -> list[str]:
    lines = [f"Threshold chosen on {len(dev)} dev documents, never below {THRESHOLD:g}."]
    if verdict is not None:
        one = verdict.total
        lines.append(
            f"On {len(frozen)} frozen documents: exact fields {one.after:.3%} (old model {one.before:.3%}), accepted "
            f"{one.accepted_after:.3%} ({one.accepted_before:.3%}), new silent errors {len(verdict.silent)}."
        )
    if reason:
        worse = "; ".join(verdict.reasons) if verdict and verdict.reasons else "none"
        lines.append(f"Regressions accepted, for: {' '.join(reason.split())}. What got worse: {worse}.")
    return lines


def _replace(draft: Path, out: Path) -> None:
    """Put the draft in the place of `out`, whose old content goes only when the new one is there."""
    if not out.exists():
        os.replace(draft, out)
        return
    aside = draft.with_name("old")
    os.replace(out, aside)
    os.replace(draft, out)
    shutil.rmtree(aside)


def _known(old: Path | None, new: Sequence[Example]) -> float | None:
    """The share of rows of the new documents that the old model names right; None without one or the other."""
    from models.train import score_examples

    try:
        return score_examples(load_model(old).rows, new).right if new else None
    except ModelError:
        return None
