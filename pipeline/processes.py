"""How worker processes are started, and what each does to itself before it opens what strangers wrote."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

# What reading a document loads, slowest first; a worker that takes another's place has it at once.
LIBRARIES = (
    "numpy", "rjieba", "jieba", "pipeline.extract", "pypdfium2", "pdfplumber", "pipeline.readers.from_pdf",
    "pipeline.readers.from_html", "pipeline.readers.from_text",
)  # fmt: skip
# Workers fill the machine by being many, and memory set aside for threads counts as used.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def worker_context(preload: Sequence[str] = LIBRARIES) -> Any:
    """How to start worker processes: out of a small clean one that has loaded the modules `preload`, where the system
    has that, and never as a copy of this one, whose threads would be missing in it.

    That process is started by the first call and serves the later ones, whatever they would have it load.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    use_one_thread()  # read when a process starts, or when it loads numpy
    shown = os.dup(2)
    try:
        silence(2)  # what that process has to say of workers that die is no concern of the user's
        from multiprocessing.forkserver import ensure_running

        ensure_running()
    finally:
        os.dup2(shown, 2)
        os.close(shown)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return context


def use_one_thread() -> None:
    """Numerical libraries that are loaded from here on, and processes started, use one thread."""
    os.environ.update(_ONE_THREAD)


def silence(*streams: int) -> None:
    """Nothing that a library prints may get between the lines of the command; NIANBAO_DEBUG=1 lets errors through."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in streams:
        if stream != 2 or not os.environ.get("NIANBAO_DEBUG"):
            os.dup2(nowhere, stream)
    os.close(nowhere)


def confine(memory_mb: int, scratch: str) -> None:
    """Make this process a worker: it ends with the one that started it, prints nothing, leaves its temporary files in
    the folder `scratch`, and has no more than these megabytes of address space, where the system knows such a limit."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    silence(0, 1, 2)
    tempfile.tempdir = os.environ["TMPDIR"] = scratch  # what a killed worker leaves behind goes with the run
    with suppress(ImportError, ValueError, OSError):  # no such limit here, or a lower one is set already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
