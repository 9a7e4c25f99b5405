"""Worker processes in which one document's hang, crash or hunger for memory costs that document alone.

pebble keeps the pool: it ends a worker whose document takes too long, notices one that died, and starts another in
its place. Here stand the limits, what a worker does, and how each kind of end becomes a record. The memory limit is
the operating system's limit of address space; where there is none (Windows, macOS) only time is limited.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import stat
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from pipeline.datamodel import Problem, Record
from pipeline.errors import ModelError, NianbaoError, UnreadableInput
from pipeline.version import __version__

Versions = dict[str, str]
_OUT_OF_MEMORY = 86  # exit code of a worker that gives up; any number that nothing else uses
_START_SECONDS = 120  # enough for a slow disk to deliver the libraries and the model
_ATTEMPTS = 3  # how often a document is tried when the pool as a whole breaks
_DOCUMENTS = 500  # that a worker reads before a new one takes its place: libraries' caches do not grow for ever
# What reading a document loads, slowest first; a worker that takes another's place has it at once.
_LIBRARIES = (
    "skops.io", "sklearn.linear_model", "sklearn.calibration", "spacy", "spacy.lang.zh", "rjieba", "pipeline.extract",
    "pypdfium2", "pipeline.readers.from_pdf", "pipeline.readers.from_html", "pipeline.readers.from_text",
)  # fmt: skip
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may use: seconds of time and megabytes (2**20 bytes) of address space."""

    timeout: float = 60
    memory_mb: int = 2048


@dataclass(frozen=True, slots=True)
class Job:
    """A document to read: its path, and the hash of its bytes as it was found."""

    path: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Job:
        """The job for a file; its hash is "" where the file cannot be read."""
        try:
            return cls(str(path), file_hash(path))
        except OSError:
            return cls(str(path), "")


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's bytes. Raises OSError, also for what is not a regular file."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        os.listdir(path)  # says why it could not be listed
    if not stat.S_ISREG(mode):
        raise OSError("it is not a regular file")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions_of(model: Any) -> Versions:
    """The `versions` of records that this program makes with a model."""
    from pipeline.forms import FORMS_VERSION

    return {"nianbao": __version__, "model": model.version, "forms": FORMS_VERSION}


@dataclass(frozen=True, slots=True)
class Work:
    """What workers do: functions of a module, so that they can be named across processes."""

    extract: Callable[[str, Any], Record]
    load_model: Callable[[str | None], Any]
    model_folder: str | None = None
    preload: tuple[str, ...] = ()


def default_work(model_folder: str | None = None) -> Work:
    """The program's own extract and load_model."""
    return Work(_extract, _load_model, model_folder, _LIBRARIES)


def failed_record(job: Job, versions: Mapping[str, str], *, stage: str, code: str, message: str) -> dict[str, Any]:
    """The record of a document of which nothing could be read, with the cause as its one problem."""
    problem = Problem(stage, code, message)
    return Record(job.path, job.sha256, "", 0, problems=(problem,), versions=versions).to_dict()


class Workers:
    """A pool of `count` worker processes, used as a context manager; leaving it ends all of them at once."""

    def __init__(self, count: int, limits: Limits, work: Work) -> None:
        self._count, self._limits, self._work = count, limits, work
        self.versions: Versions = {}

    def __enter__(self) -> Workers:
        self._scratch = tempfile.TemporaryDirectory(prefix="nianbao-", ignore_cleanup_errors=True)
        try:
            self._start()
            self.versions = self._first_answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._scratch.cleanup()

    def records(self, jobs: Iterable[Job]) -> Iterator[dict[str, Any]]:
        """A record for each job, in the order in which they get ready; only a few jobs are taken ahead of need."""
        coming, again = iter(jobs), deque[tuple[Job, int]]()
        waiting: dict[Future[Any], tuple[Job, int]] = {}
        while True:
            while again:
                self._schedule(again.popleft(), waiting)
            for job in islice(coming, 2 * self._count + 2 - len(waiting)):
                self._schedule((job, 1), waiting)
            if not waiting:
                return
            ready = wait(waiting, timeout=self._limits.timeout + _START_SECONDS, return_when=FIRST_COMPLETED).done
            broken = not ready
            for future in ready:
                job, attempt = waiting.pop(future)
                record = self._record(future, job, attempt)
                if record is None:
                    broken = True
                    again.append((job, attempt + 1))
                else:
                    yield record
            if broken:
                again.extend((job, attempt + 1) for job, attempt in waiting.values())
                waiting.clear()
                self._stop()
                self._start()

    def _start(self) -> None:
        setup = (self._work, self._limits.memory_mb, self._scratch.name)
        context = _context(self._work)
        self._pool = ProcessPool(self._count, _DOCUMENTS, initializer=_set_up, initargs=setup, context=context)

    def _stop(self) -> None:
        if hasattr(self, "_pool"):
            self._pool.stop()
            self._pool.join()

    def _first_answer(self) -> Versions:
        try:
            versions, error = self._pool.schedule(_introduce).result(timeout=_START_SECONDS)
        except (ProcessExpired, BrokenProcessPool, TimeoutError) as trouble:
            raise ModelError(
                f"The worker processes do not start ({trouble}): give them more than {self._limits.memory_mb} MB "
                "with --memory, or see whether `nianbao extract` works alone."
            ) from None
        if error is not None:
            raise error
        return dict(versions)

    def _schedule(self, attempt: tuple[Job, int], waiting: dict[Future[Any], tuple[Job, int]]) -> None:
        try:
            future = self._pool.schedule(_read, args=[attempt[0]], timeout=self._limits.timeout)
        except RuntimeError:  # the pool broke since the last look
            future = Future()
            future.set_exception(BrokenProcessPool())
        waiting[future] = attempt

    def _record(self, future: Future[Any], job: Job, attempt: int) -> dict[str, Any] | None:
        """What became of a job; None where the pool broke under it and it should be tried again."""
        try:
            answer: dict[str, Any] = future.result()
            return answer
        except TimeoutError:
            said = f"Reading took longer than {self._limits.timeout:g} s; allow more with --timeout."
            return self._failure(job, "timeout", said)
        except ProcessExpired as death:
            if death.exitcode == _OUT_OF_MEMORY:
                said = f"Reading needs more than {self._limits.memory_mb} MB of memory; allow more with --memory."
                return self._failure(job, "out_of_memory", said)
            return self._failure(job, "crashed", f"The process that read it died ({_death(death.exitcode)}).")
        except BrokenProcessPool:
            if attempt < _ATTEMPTS:
                return None
            return self._failure(job, "crashed", f"The processes that read it died {_ATTEMPTS} times.")

    def _failure(self, job: Job, code: str, message: str) -> dict[str, Any]:
        return failed_record(job, self.versions, stage="convert", code=code, message=message)


def _context(work: Work) -> Any:
    """Processes started from a small clean one that has the libraries loaded already, where the system has that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(work.preload))
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))  # read by numpy when it is loaded; the workers fill the machine
    shown = os.dup(2)
    try:
        _silence(2)  # what that process has to say of workers that die is no concern of the user's
        from multiprocessing.forkserver import ensure_running

        ensure_running()
    finally:
        os.dup2(shown, 2)
        os.close(shown)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return context


def _death(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _extract(path: str, model: Any) -> Record:
    from pipeline.extract import extract

    return extract(path, model)


def _load_model(folder: str | None) -> Any:
    from pipeline.extract import load_model

    return load_model(folder)


# What follows runs in the workers. A worker keeps its model here, because a pool hands a task nothing else to keep.
_kept: dict[str, Any] = {"error": ModelError("This worker has no model."), "versions": {}}


def _set_up(work: Work, memory_mb: int, scratch: str) -> None:
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a hang in C would never come to a handler in Python
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _silence(0, 1, 2)
    tempfile.tempdir = os.environ["TMPDIR"] = scratch  # what a killed worker leaves behind goes with the run
    _limit_memory(memory_mb)
    try:
        model = work.load_model(work.model_folder)
        _kept.update(error=None, model=model, versions=versions_of(model), extract=work.extract)
    except (NianbaoError, MemoryError) as error:
        starved = MemoryError in map(type, (error, error.__cause__, error.__context__))
        said = f"{memory_mb} MB is too little to load the model: give more with --memory."
        _kept["error"] = ModelError(said) if starved else error


def _introduce() -> tuple[Versions, NianbaoError | None]:
    return _kept["versions"], _kept["error"]


def _read(job: Job) -> dict[str, Any]:
    """The record of a document, whatever reading it raises."""
    versions = _kept["versions"]
    try:
        record: Record = _kept["extract"](job.path, _kept["model"])
        return record.to_dict()
    except UnreadableInput as error:
        return failed_record(job, versions, stage="readers", code=error.code, message=str(error))
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)  # a new process is surer than a heap that has been full
    except BaseException as bug:
        said = f"The program has a fault ({type(bug).__name__}: {str(bug)[:300]}); please report it with the document."
        return failed_record(job, versions, stage="convert", code="unexpected_error", message=said)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _silence(*streams: int) -> None:
    """Nothing that a library prints may get between the lines of the command; NIANBAO_DEBUG=1 lets errors through."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in streams:
        if stream != 2 or not os.environ.get("NIANBAO_DEBUG"):
            os.dup2(nowhere, stream)
    os.close(nowhere)


def _limit_memory(memory_mb: int) -> None:
    with suppress(ImportError, ValueError, OSError):  # no such limit here, or a lower one is set already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
