"""`python -m evaluation.scaling_runs LIST OUT WORKERS`: one conversion, watched: its time, memory, and store.

A process of its own, so that its memory is that of a conversion and nothing else. Prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.bulk.convert import convert
from pipeline.bulk.summary import Summary

_SAMPLES = 10


def watch(paths: Sequence[Path], workers: int, timeout: float = 3600) -> dict[str, Any]:
    """What converting the documents cost: `seconds`, of these `start` before the first document was done and `end`
    after the last; `parent_seconds` of the parent's processor time, `reading_seconds` within the workers, and of these
    `failed_seconds` for documents that failed; `parent_mb`
    after each tenth, `parent_peak_mb` and `worker_peak_mb`; the store's bytes; how many ended how, and why."""
    with tempfile.TemporaryDirectory(prefix="nianbao-scaling-") as name:
        listed = Path(name) / "list.txt"
        listed.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
        command = [sys.executable, "-m", "evaluation.scaling_runs", str(listed), str(Path(name) / "out"), str(workers)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=timeout)  # noqa: S603
    result: dict[str, Any] = json.loads(done.stdout)
    return result


class _Watch:
    """Notes memory after each tenth of the documents, and when the first and the last were done."""

    def __init__(self) -> None:
        self.parent: list[float] = []
        self.worker, self.first, self.last = 0.0, 0.0, 0.0
        self._begin = time.monotonic()

    def look(self, summary: Summary) -> None:
        if not summary.done:
            return
        self.first = self.first or time.monotonic() - self._begin
        if summary.done == summary.total:
            self.last = time.monotonic() - self._begin
        if summary.done * _SAMPLES >= summary.total * (len(self.parent) + 1):
            self.parent.append(round(_megabytes("self", "VmRSS"), 1))
            self.worker = max(self.worker, *(_megabytes(one, "VmHWM") for one in _workers()), 0.0)


def _workers() -> list[str]:
    """The processes below the one that forks the workers."""
    found, left = [], _children("self")
    while left:
        one = left.pop()
        inner = _children(one)
        found += inner
        left += inner
    return found


def _children(process: str) -> list[str]:
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        return [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def _megabytes(process: str, name: str) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), 0.0)


def main(listed: str, out: str, workers: str) -> None:
    """Convert what is listed and print what it cost."""
    watch, log = _Watch(), Path(out).with_suffix(".log")
    with open(listed, "rb") as stdin:
        summary = convert(["-"], out, workers=int(workers), stdin=stdin, log=log, progress=watch.look)
    used = resource.getrusage(resource.RUSAGE_SELF)
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    read = [event for event in events if event["event"] == "document"]
    result = {
        "documents": summary.total,
        "workers": int(workers),
        "seconds": summary.seconds,
        "start": watch.first,
        "end": summary.seconds - watch.last,
        "parent_seconds": used.ru_utime + used.ru_stime,
        "reading_seconds": sum(event["seconds"] or 0.0 for event in read),
        "failed_seconds": sum(event["seconds"] or 0.0 for event in read if event["status"] == "failed"),
        "parent_mb": watch.parent,
        "parent_peak_mb": used.ru_maxrss / 1024,
        "worker_peak_mb": watch.worker,
        "store_bytes": sum(path.stat().st_size for path in Path(out).glob("nianbao.sqlite*")),
        "statuses": dict(summary.statuses),
        "failed_by_cause": {cause: number for (status, cause), number in summary.causes.items() if status == "failed"},
        "duplicates": summary.duplicates,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
