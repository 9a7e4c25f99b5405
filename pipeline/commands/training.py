"""A new model out of a base and new documents, judged against the old one. Here the trainer (models) meets the harness
(evaluation), which know nothing of each other."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpora import Document
from evaluation.frozen import Sight, looking, score_with, threshold_for
from evaluation.gate import Verdict, compare
from evaluation.score import DocumentScore
from models import tuning
from models.cards import write_card
from models.fact_documents import write_facts
from models.fit import FINE, linear
from models.inputs import Inputs, file_hash
from models.lessons import ROWS_FILE, Example, merged, orders_of, save_rows
from models.train import THRESHOLD, save, save_settings, score_examples, settings_of
from pipeline.classify import RowClassifier
from pipeline.errors import GateError, ModelError, UsageError
from pipeline.extract import Model, load_model, model_in_use
from pipeline.linear import LinearEstimator
from pipeline.processes import use_one_thread, worker_context

STEPS = 6
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """A trained model in plain figures: every row judged by models that did not learn its layout, the doubtful labels,
    (documents or layouts learnt, share right) of the learning curve, the verdict, and what was decided."""

    settings: Mapping[str, Any]
    judged: Sequence[tuning.Judged]
    curve: Sequence[tuple[int, float]]
    known: float | None
    verdict: Verdict | None


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
    on its card; doubtful labels too. Frozen documents are looked at, and facts learnt, while rows are.
    """
    if out.exists() and not (out / "settings.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there and is no model folder. Name another --out.")
    examples = merged(inputs.base, inputs.new)
    if len({one.group for one in examples}) < tuning.FOLDS:
        raise UsageError(f"Training needs rows of {tuning.FOLDS} layouts or documents at least. Name a --base.")
    frozen = [one for one in frozen if file_hash(one) not in inputs.hashes] if inputs.hashes else list(frozen)
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.absolute().parent) as place:
        draft = Path(place) / "model"
        draft.mkdir()
        alone = workers < 2 or not inputs.documents
        taught = (draft, old or model_in_use(), inputs.documents, seed, reason)
        with looking([*dev, *frozen], max(1, workers - 1)) as sights, _aside(alone, write_facts, *taught) as facts:
            lesson = tuning.lesson_of(examples, seed)
            say("Searching for the strength of the regression")
            strength = tuning.choose_strength(lesson, seed)
            say("Judging each document by models that did not learn its layout")
            judged = tuning.judge_rows(examples, lesson, examples, seed, strength)
            _check_labels(inputs, judged, reason)
            say("Fitting the model")
            settings = _fit(examples, lesson, seed, strength, draft)
            settings["running_totals"] = sorted(inputs.running_totals)
            say("Measuring what more documents would bring")
            new = inputs.new or inputs.base
            curve = tuning.learning_curve(lesson, inputs.base if inputs.new else (), new, seed, strength)
            say("Reading frozen documents with the old and the new model")
            settings["threshold"] = _threshold(draft, settings, [next(sights) for _ in dev])
            save_settings(settings, draft)
            verdict, unseen = _verdict(old, draft, settings, sights, seed)
            said = facts()
        measured = [*_measured(verdict, unseen, len(dev), reason), *filter(None, [said])]
        _pass(verdict, reason)
        (draft / "card.md").write_text(
            write_card(settings, inputs.base, inputs.new, judged, measured), encoding="utf-8"
        )
        _replace(draft, out)
    return Outcome(settings, judged, curve, _known(old, inputs.new), verdict)


@contextmanager
def _aside(later: bool, work: Callable[..., Any], *told: Any) -> Iterator[Callable[[], Any]]:
    """Begin work in a process of its own, or do it `later`, when what it gives is asked for with what comes back. Left
    by an error, the process is ended."""
    if later:
        yield lambda: work(*told)
        return
    from pebble import ProcessPool

    with ProcessPool(1, initializer=use_one_thread, context=worker_context()) as pool:
        try:
            yield pool.schedule(work, args=told).result
        except BaseException:
            pool.stop()
            raise


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


def _fit(examples: Sequence[Example], lesson: tuning.Lesson, seed: int, strength: float, draft: Path) -> dict[str, Any]:
    """Fit the model and write all of it but its card; its settings."""
    estimator = tuning.fit_lesson(lesson, seed, strength, FINE)
    settings = settings_of(lesson.digest, seed, strength=strength)
    settings |= {"sharpness": linear(estimator).sharpness, "orders": orders_of(examples)}
    save(estimator, settings, "", draft)
    save_rows(examples, draft / ROWS_FILE)
    return settings


def _served(folder: Path, settings: Mapping[str, Any]) -> Model:
    """A draft as it will be served, but for its facts, which decide nothing about fields."""
    return Model(RowClassifier(LinearEstimator.load(folder / "weights.npz"), dict(settings)))


def _threshold(draft: Path, settings: Mapping[str, Any], dev: Sequence[Sight]) -> float:
    """The threshold chosen on dev documents, never below the one that is proven in use: dev shows no new layout."""
    chosen = threshold_for(_served(draft, settings), dev, THRESHOLD)
    if chosen is None:
        raise GateError("No threshold keeps the accepted fields of the dev documents right; see their labels.")
    return chosen


def _verdict(
    old: Path | None, draft: Path, settings: Mapping[str, Any], sights: Iterator[Sight], seed: int
) -> tuple[Verdict | None, list[Sight]]:
    """What is to be said of both models, None where there is nothing to look at, and the documents that nobody could
    see. An old model that cannot be used any more has read nothing wrong."""
    new = _served(draft, settings)
    try:
        known = Model(RowClassifier.load(old or model_in_use()))
    except ModelError:
        known = None
    before: list[DocumentScore] = []
    after: list[DocumentScore] = []
    unseen: list[Sight] = []
    for sight in sights:
        after.append(score_with(new, sight))
        before.append(score_with(known, sight) if known else _nothing_wrong(after[-1]))
        unseen += [sight] * (sight.seen is None)
    return (compare(before, after, seed=seed) if after else None), unseen


def _nothing_wrong(score: DocumentScore) -> DocumentScore:
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


def _measured(verdict: Verdict | None, unseen: Sequence[Sight], dev: int, reason: str) -> list[str]:
    lines = [f"Threshold chosen on {dev} dev documents, never below {THRESHOLD:g}."]
    if verdict is not None:
        one = verdict.total
        lines.append(
            f"On {one.documents} frozen documents: exact fields {one.after:.3%} (old model {one.before:.3%}), accepted "
            f"{one.accepted_after:.3%} ({one.accepted_before:.3%}), new silent errors {len(verdict.silent)}."
        )
    if unseen:
        named = ", ".join(one.document.id for one in unseen[:5])
        lines.append(f"{len(unseen)} of them could not be read, and say nothing: {named} ({unseen[0].problem}).")
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
    try:
        return score_examples(load_model(old).rows, new).right if new else None
    except ModelError:
        return None
