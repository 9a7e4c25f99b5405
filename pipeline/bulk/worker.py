"""What a worker process does: one document at a time, with one model, within its limits, and in silence."""

from __future__ import annotations

import gc
import hashlib
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.bulk.manifest import NOTHING, Known, with_known
from pipeline.datamodel import Problem, Record
from pipeline.entries import Entry, entry_of, text_of
from pipeline.errors import ModelError, NianbaoError, UnreadableInput
from pipeline.processes import LIBRARIES, confine
from pipeline.readers.patience import listening
from pipeline.version import __version__

Versions = dict[str, str]
_PIECE = 64 << 10  # bytes: most reports are one or two; hashlib.file_digest would clear 256 KB for each
OUT_OF_MEMORY = 86  # exit code of a worker that gives up; any number that nothing else uses
TIMED = hasattr(signal, "setitimer")  # whether a worker is ended by the kernel when its time is over
_STARVED = ("bad_alloc", "Insufficient memory", "Failed to allocate")  # how libraries in C say so


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may use: seconds of time, more where it is a scan, and megabytes (2**20 bytes) of address
    space."""

    timeout: float = 60
    scan_timeout: float = 300
    memory_mb: int = 2048


@dataclass(frozen=True, slots=True)
class Job:
    """A document to read: its path, the hash of its bytes as it was found, the bytes where they lie in an archive, and
    what is known of it."""

    path: str
    sha256: str
    data: bytes | None = None
    known: Known = NOTHING

    @classmethod
    def of(cls, path: Path) -> Job:
        """The job for a file; its hash is "" where the file cannot be read."""
        try:
            return cls(str(path), file_hash(path))
        except OSError:
            return cls(str(path), "")


def file_hash(path: str | Path, data: bytes | None = None) -> str:
    """The SHA-256 of a file's bytes, or of `data`. Raises OSError, also for what is not a regular file."""
    if data is not None:
        return hashlib.sha256(data).hexdigest()
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        os.listdir(path)  # says why it could not be listed
    if not stat.S_ISREG(mode):
        raise OSError("it is not a regular file")
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def versions_of(model: Any) -> Versions:
    """The `versions` of records that this program makes with a model."""
    from pipeline.forms import FORMS_VERSION

    return {"nianbao": __version__, "model": model.version, "forms": FORMS_VERSION}


@dataclass(frozen=True, slots=True)
class Work:
    """What workers do: functions of a module, so that they can be named across processes.

    `extract` gets a path, the model and, where the document lies in an archive, its bytes.
    """

    extract: Callable[[str, Any, bytes | None], Record]
    load_model: Callable[[str | None], Any]
    model_folder: str | None = None
    preload: tuple[str, ...] = LIBRARIES


def default_work(model_folder: str | None = None) -> Work:
    """The program's own extract and load_model."""
    return Work(_extract, _load_model, model_folder)


def failed_record(job: Job, versions: Mapping[str, str], *, stage: str, code: str, message: str) -> dict[str, Any]:
    """The record of a document of which nothing could be read, with the cause as its one problem."""
    problem = Problem(stage, code, message)
    return Record(job.path, job.sha256, "", 0, problems=(problem,), versions=versions).to_dict()


def entry_for(job: Job, record: dict[str, Any]) -> Entry:
    """What the store keeps of a job's record, with what was known of the document beforehand."""
    known = record if job.known == NOTHING else with_known(record, job.known)
    return entry_of(known, text_of(known))


def _extract(path: str, model: Any, data: bytes | None) -> Record:
    from pipeline.extract import extract
    from pipeline.readers import open_source

    return extract(path if data is None else open_source(path, data), model)


def _load_model(folder: str | None) -> Any:
    from pipeline.extract import load_model

    return load_model(folder)


# A worker keeps its model here, because a pool hands a task nothing else to keep.
_kept: dict[str, Any] = {"error": ModelError("This worker has no model."), "versions": {}}


def set_up(work: Work, memory_mb: int, scratch: str) -> None:
    """Make this process a worker; what is wrong with the model is kept for `introduce` to tell."""
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a hang in C would never come to a handler in Python
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    confine(memory_mb, scratch)
    try:
        model = work.load_model(work.model_folder)
        _seldom_collect()
        _kept.update(error=None, model=model, versions=versions_of(model), extract=work.extract)
    except (NianbaoError, MemoryError) as error:
        starved = MemoryError in map(type, (error, error.__cause__, error.__context__))
        said = f"{memory_mb} MB is too little to load the model: give more with --memory."
        _kept["error"] = ModelError(said) if starved else error


def _seldom_collect() -> None:
    """The garbage collector passes over what is loaded by now, and looks at what documents leave once in a few of them:
    nearly all of that is freed without it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def introduce() -> tuple[Versions, NianbaoError | None]:
    """The versions that this worker's records carry, or why it has no model."""
    return _kept["versions"], _kept["error"]


def read_document(job: Job, limits: Limits) -> tuple[Entry, float]:
    """What the store keeps of a document, whatever reading it raises, and the seconds that it took."""
    begin = time.perf_counter()
    with _in_time(limits):
        entry = entry_for(job, _read(job))
    return entry, time.perf_counter() - begin


def _read(job: Job) -> dict[str, Any]:
    versions = _kept["versions"]
    try:
        record: Record = _kept["extract"](job.path, _kept["model"], job.data)
        return record.to_dict()
    except UnreadableInput as error:
        return failed_record(job, versions, stage="readers", code=error.code, message=str(error))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # a new process is surer than a heap that has been full
    except BaseException as bug:
        if any(words in str(bug) for words in _STARVED):
            os._exit(OUT_OF_MEMORY)
        said = f"The program has a fault ({type(bug).__name__}: {str(bug)[:300]}); please report it with the document."
        return failed_record(job, versions, stage="convert", code="unexpected_error", message=said)


@contextmanager
def _in_time(limits: Limits) -> Iterator[None]:
    """The kernel ends this process when the time is over: a hang in C would hear nothing else, and it does so too where
    the program itself was killed."""
    if not TIMED:
        yield
        return
    begin = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, limits.timeout)

    def allow_more() -> None:
        left = limits.scan_timeout - (time.monotonic() - begin)
        signal.setitimer(signal.ITIMER_REAL, max(left, 0.001))  # 0 would stop the timer

    try:
        with listening(allow_more):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
