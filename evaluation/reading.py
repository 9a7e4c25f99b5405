"""Documents read in worker processes, each one scored where it was read: what hangs or dies costs itself alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpora import Document
from evaluation.score import DocumentScore, score_record
from pipeline.datamodel import Record
from pipeline.errors import UnreadableInput
from pipeline.processes import silence, use_one_thread, worker_context

_kept: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """A document's score, the seconds that reading took, and why it could not be read ("" where it could)."""

    document: Document
    score: DocumentScore
    seconds: float
    problem: str = ""


def read_document(document: Document, model: Any) -> Reading:
    """The reading of one document in this process; what cannot be read is scored as nothing read."""
    from evaluation.row_scores import score_rows
    from pipeline.extract import stages

    start = time.perf_counter()
    try:
        made = stages(document.source, model)
    except UnreadableInput as error:
        return _unread(document, time.perf_counter() - start, str(error))
    except Exception as bug:  # a fault of the program is a document missed, not an evaluation lost
        return _unread(document, time.perf_counter() - start, f"{type(bug).__name__}: {bug}")
    seconds = time.perf_counter() - start
    score = score_record(made.record, document, score_rows(made.labelled, document))
    return Reading(document, score, seconds, "" if made.record.fields else _reason(made.record))


def read_documents(
    documents: Sequence[Document],
    model_folder: str | Path | None,
    *,
    workers: int,
    timeout: float,
    read: Callable[[Document, Any], Reading] = read_document,
) -> Iterator[Reading]:
    """The reading of each document in the order given. Of one that cannot be read, takes longer than `timeout`
    seconds or kills its process every gold field is missed. The model must be known to load; `read` is a function of
    a module, which worker processes call with it."""
    folder = str(model_folder) if model_folder else None
    begun = ahead(_read_here, documents, workers=workers, timeout=timeout, prepare=_set_up, told=(folder, read))
    with begun as outcomes:
        for document, reading, (seconds, problem) in outcomes:
            yield replace(reading, document=document) if reading else _unread(document, seconds, problem)


@contextmanager
def ahead(
    work: Callable[[Document], Any],
    documents: Sequence[Document],
    *,
    workers: int,
    timeout: float,
    prepare: Callable[..., None],
    told: tuple[Any, ...] = (),
) -> Iterator[Iterator[tuple[Document, Any, tuple[float, str]]]]:
    """Begin work on documents in worker processes that `prepare(*told)` has set up, and go on with something else.

    What it gives are the documents in their order, what came out of each (None where nothing did), and then the
    seconds that were lost and why. All functions must be of a module. Left by an error, the workers are ended.
    """
    from pebble import ProcessPool

    with ProcessPool(max(1, workers), initializer=prepare, initargs=told, context=worker_context()) as pool:
        try:
            waiting = [(one, pool.schedule(work, args=(one,), timeout=timeout)) for one in documents]
            yield ((one, *_outcome(future, timeout)) for one, future in waiting)
        except BaseException:
            pool.stop()
            raise


def _outcome(future: Any, timeout: float) -> tuple[Any, tuple[float, str]]:
    from concurrent.futures import TimeoutError as Late

    from pebble import ProcessExpired

    try:
        return future.result(), (0.0, "")
    except Late:
        return None, (timeout, f"reading took longer than {timeout:g} s")
    except ProcessExpired as death:
        return None, (0.0, f"the process that read it died ({death.exitcode})")


def _unread(document: Document, seconds: float, problem: str) -> Reading:
    from evaluation.row_scores import score_rows

    nothing = Record(str(document.source), "", "", 0)
    return Reading(document, score_record(nothing, document, score_rows((), document)), seconds, problem)


def _reason(record: Record) -> str:
    return next((problem.message for problem in record.problems), "no figures were found in it")


def _set_up(model_folder: str | None, read: Callable[[Document, Any], Reading]) -> None:
    use_one_thread()
    from pipeline.extract import load_model

    silence(0, 1, 2)  # nothing that a library prints may get between the lines of the command
    _kept.update(model=load_model(model_folder), read=read)


def _read_here(document: Document) -> Reading:
    reading: Reading = _kept["read"](document, _kept["model"])
    return reading
