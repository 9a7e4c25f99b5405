"""The documents that decide about a new model: seen once, in worker processes, then read with every model that asks.

What takes time in a document is what any model sees of it alike: its pages, above all those that are read by eye.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import corpora
from corpora import Document, read_corpus
from evaluation.breakdown import ranked
from evaluation.calibration import choose_threshold
from evaluation.reading import ahead
from evaluation.score import DocumentScore, score_record
from pipeline.datamodel import Record
from pipeline.errors import UnreadableInput
from pipeline.extract import Model, Seen, see, stages_of
from pipeline.processes import silence, use_one_thread

CORPUS = Path(corpora.__file__).parent
_TIMEOUT = 600.0  # seconds, of a long scan on a busy machine


@dataclass(frozen=True, slots=True)
class Sight:
    """A document with what it shows; None where it shows nothing, for the reason given."""

    document: Document
    seen: Seen | None
    problem: str = ""


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


@contextmanager
def looking(documents: Sequence[Document], workers: int) -> Iterator[Iterator[Sight]]:
    """Begin to look at documents in worker processes, and go on with something else; their sights in order."""
    with ahead(_look, documents, workers=workers, timeout=_TIMEOUT, prepare=_prepare) as outcomes:
        yield (Sight(document, *(sight or (None, problem))) for document, sight, (_, problem) in outcomes)


def _prepare() -> None:
    use_one_thread()
    silence(0, 1, 2)  # nothing that a library prints may get between the lines of the command


def _look(document: Document) -> tuple[Seen | None, str]:
    try:
        return see(document.source), ""
    except UnreadableInput as error:
        return None, str(error)
    except Exception as bug:  # a fault of the program is a document missed, not a training lost
        return None, f"{type(bug).__name__}: {bug}"


def score_with(model: Model, sight: Sight) -> DocumentScore:
    """The score of what a model makes of a document; of one that cannot be read everything is missed."""
    nothing = Record(str(sight.document.source), "", "", 0)
    if sight.seen is None:
        return score_record(nothing, sight.document)
    try:
        return score_record(stages_of(sight.seen, model).record, sight.document)
    except Exception:  # as above
        return score_record(nothing, sight.document)


def threshold_for(model: Model, sights: Sequence[Sight], least: float) -> float | None:
    """The threshold of acceptance that these documents choose for a model, `least` or above; None where none keeps
    what is accepted right. Documents of known layouts cannot say that a lower one would do for a new layout."""
    if not sights:
        return least
    chosen = choose_threshold(*ranked([score_with(model, one) for one in sights]))
    return None if chosen is None else max(chosen, least)
