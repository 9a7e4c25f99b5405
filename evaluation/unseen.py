"""How documents of a layout are read that training never met, and after 1, 3 and 5 of its documents were added.

One family of layouts after the other is left out of training (zero-shot), so that no sibling gives a held-out layout
away; then documents of the one layout come in, from other agencies than the documents that are scored. The same
documents are scored at every step. The trainer is an argument: what learns is no business of what measures.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from corpora import Document
from evaluation.breakdown import describe_wrong, is_wrong
from evaluation.machine import commit, machine
from evaluation.reading import read_document
from evaluation.row_scores import row_report
from evaluation.run import split_of
from evaluation.score import DocumentScore, total
from pipeline.classify import RowClassifier
from pipeline.errors import UsageError
from pipeline.processes import use_one_thread, worker_context

SCHEMA = "nianbao.unseen/1"
STEPS = (0, 1, 3, 5)  # documents of the layout in training
_METRICS = (
    "documents", "unread", "fields", "exact_fields", "exact_reports", "coverage", "silent", "extra", "row_labels",
    "row_labels_f1",
)  # fmt: skip
_PROMISED = ("html", "md", "pdf", "txt")  # formats of regular layouts: text-layer PDF, HTML, delimited text

Fit = Callable[[Sequence[Document]], RowClassifier]
Trainer = Callable[[Sequence[Document], int], Fit]
Scores = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout to be left out: the documents to score, those to learn from step by step, and what else is learnt: at
    every step the same documents of other families. None of what is learnt is of an agency whose report is scored."""

    name: str
    family: str
    irregular: bool
    scored: tuple[Document, ...]
    lessons: tuple[Document, ...]
    others: tuple[Document, ...]

    @property
    def complete(self) -> bool:
        """Whether there are documents enough for the last step."""
        return len(self.lessons) >= STEPS[-1]


@dataclass(frozen=True, slots=True)
class Round:
    """One training: what is learnt, and what of each layout is read with it after so many of its documents."""

    step: int
    lessons: tuple[Document, ...]
    layouts: tuple[Layout, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """The scores of each layout's documents by step; a step for which there were too few documents is left out."""

    corpora: tuple[str, ...]
    seed: int
    known: int
    layouts: tuple[tuple[Layout, Mapping[int, tuple[DocumentScore, ...]]], ...]

    def to_dict(self) -> dict[str, Any]:
        """The study as plain JSON values in schema nianbao.unseen/1.

        `totals` are over the layouts that have documents for every step, so that steps compare; `zero_shot` is over
        all layouts. `wrong` lists the wrong fields of regular layouts at step 0.
        """
        complete = [(layout, shots) for layout, shots in self.layouts if layout.complete]
        return {
            "schema": SCHEMA,
            "machine": machine(),
            "commit": commit(),
            "corpora": list(self.corpora),
            "seed": self.seed,
            "steps": list(STEPS),
            "known_documents_a_layout": self.known,
            "layouts": [_describe(layout, shots) for layout, shots in self.layouts],
            "totals": {str(step): _by_kind(complete, step) for step in STEPS},
            "zero_shot": _by_kind(self.layouts, 0),
            "wrong": [
                _plain(score, cell)
                for layout, shots in self.layouts
                if not layout.irregular
                for score in shots[0]
                for cell in score.cells
                if is_wrong(cell)
            ],
        }


def study(
    documents: Sequence[Document],
    trainer: Trainer,
    *,
    corpora: Sequence[str] = (),
    known: int = 2,
    scored: int = 3,
    seed: int = 0,
    workers: int = 2,
    only: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Study:
    """Leave every layout of the documents out once, train anew for each step, and score the whole pipeline.

    Learnt are documents of split "train" alone, `known` a layout; scored are at most `scored` documents a layout, of
    other splits where there are any. With `only` (`*-provincial`) the layouts of such names alone are left out, and all
    together. `trainer(documents, seed)` gives a function that fits a classifier to some of the
    documents; it must be a function of a module, for worker processes call it. UsageError for too few layouts.
    """
    layouts = plan(documents, known=known, scored=scored, seed=seed, only=only)
    rounds = rounds_of(layouts)
    found: dict[str, dict[int, tuple[DocumentScore, ...]]] = defaultdict(dict)
    for done, (one, scores) in enumerate(_in_workers(rounds, trainer, seed, workers), 1):
        for layout, some in zip(one.layouts, scores, strict=True):
            found[layout.name][one.step] = some
        progress(done, len(rounds))
    return Study(tuple(corpora), seed, known, tuple((layout, found[layout.name]) for layout in layouts))


def plan(documents: Sequence[Document], *, known: int, scored: int, seed: int, only: str | None = None) -> list[Layout]:
    """What is scored and learnt for each layout that has documents in split "train", sorted by name; layouts whose
    names are like `only` are one family, and are all that is planned."""
    by_layout: defaultdict[str, list[Document]] = defaultdict(list)
    for document in sorted(documents, key=lambda one: one.id):
        if document.rows and document.meta.get("layout"):
            by_layout[str(document.meta["layout"])].append(document)
    wanted = [name for name in sorted(by_layout) if only is None or fnmatchcase(name, only)]
    drawn = {name: _draw(some, name, scored if name in wanted else 0, seed) for name, some in sorted(by_layout.items())}
    drawn = {name: (some, rest) for name, (some, rest) in drawn.items() if rest}
    chosen = [name for name in wanted if name in drawn]
    families = {name: only if only and name in chosen else _family(by_layout[name][0]) for name in drawn}
    if only and not chosen:
        raise UsageError(
            f"No layout with documents to learn from is named like {only}; known are {', '.join(by_layout)}."
        )
    if len(set(families.values())) < 2:
        raise UsageError("Leaving layouts out needs documents of two families of layouts with row labels at least.")
    return [_layout(name, drawn, families, known) for name in chosen]


def _draw(some: Sequence[Document], name: str, scored: int, seed: int) -> tuple[list[Document], list[Document]]:
    """Documents to score, and documents of split "train" left to learn from, of one layout."""
    order = list(some)
    random.Random(f"{seed}/{name}").shuffle(order)  # noqa: S311 - a draw that can be repeated
    order.sort(key=lambda one: split_of(one) == "train")  # documents of other splits are scored first
    taught = [one for one in order[scored:] if split_of(one) == "train"]
    return (order[:scored], taught) if any(split_of(one) == "train" for one in order) else ([], [])


def _layout(
    name: str,
    drawn: Mapping[str, tuple[Sequence[Document], Sequence[Document]]],
    families: Mapping[str, str],
    known: int,
) -> Layout:
    siblings = {other for other, family in families.items() if family == families[name]}
    agencies = {one.agency for sibling in siblings for one in drawn[sibling][0]}
    others = [
        one
        for other, (_, rest) in drawn.items()
        if other not in siblings
        for one in [one for one in rest if one.agency not in agencies][:known]
    ]
    scored, rest = drawn[name]
    lessons = [one for one in rest if one.agency not in agencies][: STEPS[-1]]
    irregular = bool(scored[0].meta.get("irregular"))
    return Layout(name, families[name], irregular, tuple(scored), tuple(lessons), tuple(others))


def _family(document: Document) -> str:
    return str(document.meta.get("family") or document.meta["layout"])


def rounds_of(layouts: Sequence[Layout]) -> list[Round]:
    """Every training that the study needs: one a family at step 0, one a layout at each later step."""
    families: defaultdict[str, list[Layout]] = defaultdict(list)
    for layout in layouts:
        families[layout.family].append(layout)
    first = [Round(0, some[0].others, tuple(some)) for some in families.values()]
    later = [
        Round(step, (*layout.others, *layout.lessons[:step]), (layout,))
        for layout in layouts
        for step in STEPS[1:]
        if len(layout.lessons) >= step
    ]
    return [*first, *later]


def _in_workers(
    rounds: Sequence[Round], trainer: Trainer, seed: int, workers: int
) -> Iterable[tuple[Round, list[tuple[DocumentScore, ...]]]]:
    """Each round with the scores of its layouts, in the order given; trained and read in worker processes."""
    from pebble import ProcessPool

    taught = list({str(one.source): one for turn in rounds for one in turn.lessons}.values())
    setting = (trainer, taught, seed)
    with ProcessPool(max(1, workers), initializer=_set_up, initargs=setting, context=worker_context()) as pool:
        waiting = [(turn, pool.schedule(_play, args=(turn,))) for turn in rounds]
        try:
            for turn, future in waiting:
                yield turn, future.result()
        except BaseException:
            pool.stop()
            raise


_kept: dict[str, Fit] = {}


def _set_up(trainer: Trainer, documents: Sequence[Document], seed: int) -> None:
    use_one_thread()
    _kept["fit"] = trainer(documents, seed)


def _play(turn: Round) -> list[tuple[DocumentScore, ...]]:
    from pipeline.extract import Model

    model = Model(_kept["fit"](turn.lessons))
    return [tuple(read_document(one, model).score for one in layout.scored) for layout in turn.layouts]


def _describe(layout: Layout, shots: Mapping[int, Sequence[DocumentScore]]) -> dict[str, Any]:
    return {
        "layout": layout.name,
        "family": layout.family,
        "format": _format(layout),
        "irregular": layout.irregular,
        "documents": len(layout.scored),
        "shots": {str(step): metrics(shots[step]) if step in shots else None for step in STEPS},
    }


def _format(layout: Layout) -> str:
    return layout.scored[0].source.suffix[1:]


def metrics(scores: Sequence[DocumentScore]) -> dict[str, float | None]:
    """The metrics of the study over documents, as `evaluation.metrics` explains them; None for a share of nothing."""
    found: Scores = {**total(scores), "row_labels_f1": row_report(score.rows for score in scores)["f1"]}
    return {name: found.get(name) for name in _METRICS}


def _by_kind(
    layouts: Iterable[tuple[Layout, Mapping[int, Sequence[DocumentScore]]]], step: int
) -> dict[str, dict[str, float | None]]:
    """The metrics over all layouts, and over the regular, the irregular and the promised ones apart."""
    every = list(layouts)
    regular = [one for one in every if not one[0].irregular]
    kinds = {
        "all": every,
        "regular": regular,
        "irregular": [one for one in every if one[0].irregular],
        "regular_pdf_html_text": [one for one in regular if _format(one[0]) in _PROMISED],
    }
    return {kind: _sum(some, step) for kind, some in kinds.items()}


def _sum(layouts: Sequence[tuple[Layout, Mapping[int, Sequence[DocumentScore]]]], step: int) -> dict[str, float | None]:
    return {"layouts": len(layouts), **metrics([score for _, shots in layouts for score in shots[step]])}


def _plain(score: DocumentScore, cell: Any) -> dict[str, Any]:
    """A wrong field without the path of its source, which lies where the study was run."""
    found = describe_wrong(score, cell, "")
    left_out = ("source", "location", "because")
    return {name: value for name, value in found.items() if name not in left_out}
