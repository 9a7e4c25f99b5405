"""The same conversion on a Dask cluster of real processes, one of which is killed in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.bulk.convert import convert
from pipeline.bulk.load import load
from pipeline.bulk.shards import READ, read_index, shard_files
from pipeline.bulk.summary import Summary
from pipeline.entries import Entry
from pipeline.errors import ModelError, UsageError
from pipeline.storage import Store
from tests import doubles
from tests.test_bulk import pack
from tests.test_convert import PROJECT, fill, stored

pytest.importorskip("distributed", reason="clusters need the extra `cluster`")


def start(*words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "DASK_DISTRIBUTED__DASHBOARD__LINK": ""}
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Machines:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        from distributed import Client

        file = folder / "scheduler.json"
        self.scheduler = start(
            "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file), "--host", "127.0.0.1"
        )
        self._options = ("--scheduler-file", str(file), "--no-nanny", "--nthreads", "1", "--no-dashboard")
        self._options += ("--local-directory", str(folder))
        self.workers = [start("worker", *self._options) for _ in range(2)]
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        with Client(scheduler_file=str(file), timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
            self.address: str = client.scheduler.address

    def kill(self) -> None:
        """One worker dies, as when its machine does; another comes for it."""
        self.workers[0].kill()
        assert self.workers.pop(0).wait(10) != 0
        self.workers.append(start("worker", *self._options))

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    made = Machines(tmp_path_factory.mktemp("dask"))
    yield made
    made.stop()


def run(folder: Path, out: Path, address: str, **options: Any) -> Summary:
    settings: dict[str, Any] = {"timeout": 3, "memory_mb": 2048, "work": doubles.work(), **options}
    return convert([folder], out, cluster=address, **settings)


def test_a_cluster_gives_what_one_machine_gives(machines: Machines, tmp_path: Path) -> None:
    words = ("good", "hang", "segfault", "raise", "encrypted", "doubtful", "good")
    folder = fill(tmp_path / "in", *words)
    pack(tmp_path / "more.zip", fill(tmp_path / "packed", *["good"] * 30)).rename(folder / "more.zip")
    away = run(folder, tmp_path / "away", machines.address)
    here = convert([folder], tmp_path / "here", timeout=3, workers=2, work=doubles.work())
    assert (away.statuses, away.causes, away.total) == (here.statuses, here.causes, here.total)
    assert (tmp_path / "away/records.jsonl").read_bytes() == (tmp_path / "here/records.jsonl").read_bytes()
    assert run(folder, tmp_path / "away", machines.address).skipped == here.converted


def test_a_model_that_is_missing_there_is_told_here(machines: Machines, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model in missing"):
        run(fill(tmp_path / "in", "good"), tmp_path / "out", machines.address, work=doubles.work("missing"))


def test_no_scheduler_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.bulk.cluster._SECONDS", 1)
    with pytest.raises(UsageError, match="no Dask scheduler"):
        run(fill(tmp_path / "in", "good"), tmp_path / "out", "tcp://127.0.0.1:9")


def test_a_machine_that_dies_in_the_middle_costs_nothing(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, saved = fill(tmp_path / "in", *["slow"] * 40), Counter[str]()
    save_entries = Store.save_entries

    def count(store: Store, batch: list[Entry]) -> int:
        saved.update(entry.path for entry in batch)
        return save_entries(store, batch)

    def kill(summary: Summary) -> None:
        if summary.done == 12:
            machines.kill()

    monkeypatch.setattr(Store, "save_entries", count)
    summary = run(folder, tmp_path / "out", machines.address, progress=kill)
    assert (summary.total, summary.converted, summary.statuses) == (40, 40, {"accepted": 40})
    assert (len(saved), set(saved.values())) == (40, {1})
    assert len({record["source"]["sha256"] for record in stored(tmp_path / "out")}) == 40


def test_a_cluster_writes_shards_and_a_machine_that_dies_costs_nothing(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow", reason="shards need the extra `parquet`")
    monkeypatch.setattr("pipeline.bulk.cluster.SHARD_SIZE", 4)
    folder, shards = fill(tmp_path / "in", *["slow"] * 20, "raise", "segfault", "good"), tmp_path / "shards"
    killed: list[int] = []

    def kill(summary: Summary) -> None:
        if summary.done >= 4 and not killed:
            machines.kill()
            killed.append(summary.done)

    summary = run(folder, tmp_path / "out", machines.address, progress=kill, shards=shards)
    assert killed
    assert (summary.total, summary.converted) == (23, 23)
    assert (summary.statuses, summary.causes["failed", "crashed"]) == ({"accepted": 21, "failed": 2}, 1)
    assert sum(1 for path in shard_files(shards, READ) for _ in read_index(path)) == 21
    load([shards], f"sqlite:///{tmp_path / 'out/nianbao.sqlite'}")
    here = convert([folder], tmp_path / "here", timeout=3, workers=2, work=doubles.work())
    assert (here.statuses, stored(tmp_path / "here")) == (summary.statuses, stored(tmp_path / "out"))
    assert run(folder, tmp_path / "out", machines.address, shards=shards).skipped == 23


def test_a_folder_that_machines_do_not_share_is_told(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow", reason="shards need the extra `parquet`")
    is_file = Path.is_file
    monkeypatch.setattr(Path, "is_file", lambda path: path.suffix != ".parquet" and is_file(path))
    with pytest.raises(UsageError, match="not the same folder on every machine"):
        run(fill(tmp_path / "in", "good"), tmp_path / "out", machines.address, shards=tmp_path / "shards")
