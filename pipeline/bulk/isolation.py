"""Worker processes in which one document's hang, crash or hunger for memory costs that document alone.

pebble keeps the pool: it notices a worker that died (also by its own timer, because its document took too long), ends
one that does not, and starts another in its place. Here stands how each kind of end becomes a record; `worker` is what
runs inside. The memory
limit is the operating system's limit of address space; where there is none (Windows, macOS) only time is limited. A
library that answers a lack of memory by dying is recorded as `crashed`, and what ends itself quietly as `timeout`.
"""

from __future__ import annotations

import signal
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any, NamedTuple

from pebble import ProcessExpired, ProcessPool

from pipeline.bulk.worker import (
    OUT_OF_MEMORY,
    TIMED,
    Job,
    Limits,
    Versions,
    Work,
    entry_for,
    failed_record,
    introduce,
    read_document,
    set_up,
)
from pipeline.entries import Entry
from pipeline.errors import ModelError
from pipeline.processes import worker_context

_START_SECONDS = 120  # enough for a slow disk to deliver the libraries and the model
_ATTEMPTS = 3  # how often a document is tried when the pool as a whole breaks
_GRACE = 10  # seconds after its time limit at which a worker that still lives is ended from outside
_DOCUMENTS = 2000  # that a worker reads before a new one takes its place: libraries' caches do not grow for ever
_BYTES_AHEAD = 256 << 20


class Reading(NamedTuple):
    """What became of a job: what the store keeps of it, and the seconds that reading took (None where its worker
    died)."""

    job: Job
    entry: Entry
    seconds: float | None = None


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

    def read(self, jobs: Iterable[Job]) -> Iterator[Reading]:
        """What becomes of each job, in the order in which they get ready; only a few jobs are taken ahead of need."""
        coming, again = iter(jobs), deque[tuple[Job, int]]()
        waiting: dict[Future[Any], tuple[Job, int]] = {}
        while True:
            while again:
                self._schedule(again.popleft(), waiting)
            while self._has_room(waiting) and (job := next(coming, None)):
                self._schedule((job, 1), waiting)
            if not waiting:
                return
            ready = wait(waiting, timeout=self._latest() + _START_SECONDS, return_when=FIRST_COMPLETED).done
            broken = not ready
            for future in ready:
                job, attempt = waiting.pop(future)
                reading = self._reading(future, job, attempt)
                if reading is None:
                    broken = True
                    again.append((job, attempt + 1))
                else:
                    yield reading
            if broken:
                again.extend((job, attempt + 1) for job, attempt in waiting.values())
                waiting.clear()
                self._stop()
                self._start()

    def _has_room(self, waiting: dict[Future[Any], tuple[Job, int]]) -> bool:
        """Whether another job may wait; documents out of archives wait with their bytes."""
        held = sum(len(job.data) for job, _ in waiting.values() if job.data)
        return len(waiting) < 2 * self._count + 2 and held < _BYTES_AHEAD

    def _latest(self) -> float:
        """Seconds after which a worker is ended from outside: it ends itself when its time is over, where it can."""
        longest = max(self._limits.timeout, self._limits.scan_timeout)
        return longest + _GRACE if TIMED else longest

    def _start(self) -> None:
        setup = (self._work, self._limits.memory_mb, self._scratch.name)
        context = worker_context(self._work.preload)
        self._pool = ProcessPool(self._count, _DOCUMENTS, initializer=set_up, initargs=setup, context=context)

    def _stop(self) -> None:
        if hasattr(self, "_pool"):
            self._pool.stop()
            self._pool.join()

    def _first_answer(self) -> Versions:
        try:
            versions, error = self._pool.schedule(introduce).result(timeout=_START_SECONDS)
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
            future = self._pool.schedule(read_document, args=[attempt[0], self._limits], timeout=self._latest())
        except RuntimeError:  # the pool broke since the last look
            future = Future()
            future.set_exception(BrokenProcessPool())
        waiting[future] = attempt

    def _reading(self, future: Future[Any], job: Job, attempt: int) -> Reading | None:
        """What became of a job; None where the pool broke under it and it should be tried again."""
        try:
            return Reading(job, *future.result())
        except TimeoutError:
            return self._late(job)
        except ProcessExpired as death:
            if TIMED and death.exitcode == -signal.SIGALRM:
                return self._late(job)
            if death.exitcode == OUT_OF_MEMORY:
                said = f"Reading needs more than {self._limits.memory_mb} MB of memory; allow more with --memory."
                return self._failure(job, "out_of_memory", said)
            return self._failure(job, "crashed", f"The process that read it died ({_death(death.exitcode)}).")
        except BrokenProcessPool:
            if attempt < _ATTEMPTS:
                return None
            return self._failure(job, "crashed", f"The processes that read it died {_ATTEMPTS} times.")

    def _late(self, job: Job) -> Reading:
        text, scan = self._limits.timeout, self._limits.scan_timeout
        allowed = f"{text:g} s" if text == scan else f"{text:g} s ({scan:g} s for scans)"
        return self._failure(job, "timeout", f"Reading took longer than {allowed}; allow more with --timeout.")

    def _failure(self, job: Job, code: str, message: str) -> Reading:
        record = failed_record(job, self.versions, stage="convert", code=code, message=message)
        return Reading(job, entry_for(job, record))


def _death(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"
