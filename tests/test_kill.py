"""kill -9 at any moment, fifty times: the store stays whole, and no more is lost than was in flight."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pipeline.bulk.convert import convert
from pipeline.bulk.worker import file_hash
from tests import doubles
from tests.test_convert import PROJECT, stored

KILLS, DOCUMENTS, WORKERS = 50, 500, 2
IN_FLIGHT = 2 * WORKERS + 2  # documents that are being read or handed over
# Loads everything once; then forks a conversion for each line that it gets: the folder of its store.
SERVER = """
import os, sys
import sqlalchemy.dialects.sqlite
from pipeline.bulk.convert import convert
from tests import doubles
if __name__ == "__main__":
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            convert([sys.argv[1]], line.strip(), workers=2, work=doubles.work(),
                    progress=lambda summary: print(f"{summary.done}\\n", end="", flush=True))
            os._exit(0)
        print(f"pid {pid}", flush=True)
        os.waitpid(pid, 0)
        print("over", flush=True)
"""


class Server:
    """Starts conversions of a folder and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def run_and_kill(self, out: Path, kept: int | None, seconds: float) -> int:
        """The number of documents that a conversion called done before it was killed: so many seconds after its start,
        or after it has done so many more than are kept that some are saved."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{out}\n")
        self._process.stdin.flush()
        name, pid = self._line().split()
        assert name == "pid"
        done = 0
        while kept is not None and done <= kept + IN_FLIGHT:
            done = int(self._line())
        time.sleep(seconds)
        with suppress(ProcessLookupError):  # all done by then
            os.kill(int(pid), signal.SIGKILL)
        while (line := self._line()) != "over":
            done = int(line)
        return done


@contextmanager
def serve(folder: Path, scratch: str) -> Iterator[Server]:
    command = [sys.executable, "-c", SERVER, str(folder)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": scratch},
    ) as process:
        yield Server(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")
def test_killed_fifty_times_at_any_moment_the_store_is_whole_and_little_is_lost(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out-0"
    folder.mkdir()
    for number in range(DOCUMENTS):
        (folder / f"{number:03}.txt").write_text(f"brief {number}")
    dice, kept, killed_at_work = random.Random(5), 0, 0
    # a short name: sockets lie in it, and theirs must not be long
    with tempfile.TemporaryDirectory() as scratch, serve(folder, scratch) as server:
        for number in range(KILLS):
            if kept > DOCUMENTS - 2 * IN_FLIGHT:  # too few are left to be killed at
                finished(folder, out, kept)
                out, kept = tmp_path / f"out-{number}", 0
            at_work = number % 3 == 2  # the others at any moment, while it starts too
            done = server.run_and_kill(out, kept if at_work else None, dice.uniform(0, 0.1 if at_work else 0.6))
            kept, before = whole(out), kept
            assert kept >= before
            assert done - kept <= IN_FLIGHT
            killed_at_work += before < kept < DOCUMENTS
    assert killed_at_work >= 10
    finished(folder, out, kept)


def finished(folder: Path, out: Path, kept: int) -> None:
    """A last conversion skips what is kept, does the others, and each document is in the store."""
    summary = convert([folder], out, workers=WORKERS, work=doubles.work())
    assert (summary.total, summary.skipped, summary.exit_code) == (DOCUMENTS, kept, 0)
    hashes = {str(path): file_hash(path) for path in folder.iterdir()}
    assert {record["source"]["path"]: record["source"]["sha256"] for record in stored(out)} == hashes


def whole(out: Path) -> int:
    """The number of documents in the store, after a check of the file and of every record in it."""
    file = out / "nianbao.sqlite"
    if not file.exists():
        return 0
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        begun = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'documents'").fetchone()[0]
    connection.close()
    if not begun:
        return 0
    records = stored(out)
    assert all(record["status"] == "accepted" for record in records)
    assert len({record["source"]["sha256"] for record in records}) == len(records)
    return len(records)
