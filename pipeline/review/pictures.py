"""Pages and texts of documents, made by worker processes with limits of time and memory, and kept for a while.

pebble keeps the pool, as for bulk conversion: a document that hangs or kills its worker costs its own picture alone.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from threading import Lock
from typing import Any

from pebble import ProcessExpired, ProcessPool

from pipeline.errors import NianbaoError, UnreadableInput
from pipeline.processes import worker_context
from pipeline.review import sources

_WORKERS = 2
_TASKS = 300  # that a worker does before a new one takes its place
_SECONDS = 30.0  # LibreOffice, which reads .doc, may take half of it to start
_MEMORY_MB = 2048
_KEPT_BYTES = 48 << 20  # of pictures
_KEPT_VIEWS = 32
_LIBRARIES = ("PIL.Image", "pypdfium2", "pipeline.review.sources")

Draw = Callable[[str, str, int, int], bytes]
View = Callable[[str, str], dict[str, Any]]


class Pictures:
    """What is shown of documents. A context manager: leaving it ends the workers. Safe to share between threads.

    `draw` and `view` are functions of a module, which workers call.
    """

    def __init__(
        self,
        *,
        seconds: float = _SECONDS,
        memory_mb: int = _MEMORY_MB,
        draw: Draw = sources.draw,
        view: View = sources.view,
    ) -> None:
        self._seconds, self._memory_mb, self._draw, self._view = seconds, memory_mb, draw, view
        self._lock = Lock()
        self._pool: Any = None
        self._drawn: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._viewed: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def __enter__(self) -> Pictures:
        self._scratch = tempfile.TemporaryDirectory(prefix="nianbao-", ignore_cleanup_errors=True)
        with self._lock:
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._stop()
        self._scratch.cleanup()

    def page(self, path: str, sha256: str, number: int, width: int) -> bytes:
        """A page as a PNG. Raises UnreadableInput where the document is gone or another by now, or takes too long or
        too much; NianbaoError where it has no such page."""
        key = (sha256, number, width)
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
        made: bytes = self._run(self._draw, path, sha256, number, width)
        with self._lock:
            self._drawn[key] = made
            while len(self._drawn) > 1 and sum(map(len, self._drawn.values())) > _KEPT_BYTES:
                self._drawn.popitem(last=False)
        return made

    def view(self, path: str, sha256: str) -> dict[str, Any]:
        """What the left side shows of a document, or {"kind": "missing", "message"} where there is nothing to show."""
        with self._lock:
            if sha256 in self._viewed:
                self._viewed.move_to_end(sha256)
                return self._viewed[sha256]
        try:
            made: dict[str, Any] = self._run(self._view, path, sha256)
        except NianbaoError as trouble:
            return {"kind": "missing", "message": str(trouble)}
        with self._lock:
            self._viewed[sha256] = made
            while len(self._viewed) > _KEPT_VIEWS:
                self._viewed.popitem(last=False)
        return made

    def _run(self, task: Callable[..., Any], path: str, *more: Any) -> Any:
        try:
            return self._scheduled(task, path, *more).result()
        except TimeoutError:
            raise UnreadableInput(f"{path} takes longer than {self._seconds:g} s to show.", code="timeout") from None
        except MemoryError:
            said = f"{path} needs more than {self._memory_mb} MB of memory to show."
            raise UnreadableInput(said, code="out_of_memory") from None
        except (ProcessExpired, BrokenProcessPool):
            raise UnreadableInput(f"The process that should show {path} died of it.", code="crashed") from None
        except NianbaoError:
            raise
        except Exception as bug:  # libraries let many kinds escape on hostile documents
            said = f"{path} cannot be shown ({type(bug).__name__}: {str(bug)[:200]})."
            raise UnreadableInput(said, code="damaged") from None

    def _scheduled(self, task: Callable[..., Any], *arguments: Any) -> Any:
        with self._lock:
            try:
                return self._pool.schedule(task, args=arguments, timeout=self._seconds)
            except RuntimeError:  # the pool broke since the last look: another one
                self._stop()
                self._start()
                return self._pool.schedule(task, args=arguments, timeout=self._seconds)

    def _start(self) -> None:
        setup, context = (self._memory_mb, self._scratch.name), worker_context(_LIBRARIES)
        self._pool = ProcessPool(_WORKERS, _TASKS, initializer=sources.set_up, initargs=setup, context=context)
        self._pool.schedule(_nothing)  # so that the processes are there before the first page is asked for

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None


def _nothing() -> None:
    pass
