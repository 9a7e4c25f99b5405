"""Bulk conversion: whatever a document does to its reader, the others are read, and each failure has its cause."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.bulk.convert import convert
from pipeline.bulk.inputs import find_documents
from pipeline.bulk.isolation import Workers
from pipeline.bulk.summary import Summary
from pipeline.bulk.worker import Job, Limits
from pipeline.errors import ModelError, StoreError, UnreadableInput, UsageError
from pipeline.storage import open_store
from tests import doubles

HOSTILE = (
    "good", "hang", "eat", "segfault", "raise", "encrypted", "print", "exit", "doubtful", "formless", "segfault",
    "spin", "devour", "bad-alloc",
)  # fmt: skip
PROJECT = Path(__file__).parents[1]


def fill(folder: Path, *words: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, word in enumerate(words):
        (folder / f"{number:02}-{word}.txt").write_text(f"{word} {number}", encoding="utf-8")
    return folder


def run(folder: Path, out: Path, **options: Any) -> Summary:
    settings: dict[str, Any] = {"workers": 2, "timeout": 1.5, "memory_mb": 1024, "work": doubles.work(), **options}
    return convert([folder], out, **settings)


def stored(out: Path) -> list[dict[str, Any]]:
    with open_store(f"sqlite:///{out / 'nianbao.sqlite'}", create=False) as store:
        return list(store.records())


def names(out: Path) -> list[str]:
    return [Path(record["source"]["path"]).name for record in stored(out)]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    folder = fill(tmp_path_factory.mktemp("hostile") / "in", *HOSTILE)
    return folder, run(folder, folder.parent / "out")


def test_each_hostile_document_costs_itself_alone(hostile: tuple[Path, Summary]) -> None:
    folder, summary = hostile
    causes = {
        Path(r["source"]["path"]).name[3:-4]: [p["code"] for p in r["problems"]] for r in stored(folder.parent / "out")
    }
    assert causes == {
        "good": [],
        "hang": ["timeout"],
        "spin": ["timeout"],
        "eat": ["out_of_memory"],
        "devour": ["out_of_memory"],
        "bad-alloc": ["out_of_memory"],
        "segfault": ["crashed"],
        "raise": ["unexpected_error"],
        "encrypted": ["encrypted"],
        "print": [],
        "exit": ["unexpected_error"],
        "doubtful": [],
        "formless": ["no_known_form"],
    }
    assert (summary.total, summary.converted, summary.done) == (14, 14, 14)
    assert summary.statuses == {"accepted": 2, "needs_review": 1, "failed": 11}
    assert summary.causes["failed", "crashed"] == 2
    assert summary.causes["needs_review", "doubtful_field"] == 1
    assert summary.exit_code == 1


def test_failures_say_what_happened_and_with_which_limit(hostile: tuple[Path, Summary]) -> None:
    folder, _ = hostile
    with (folder.parent / "out/failures.csv").open(encoding="utf-8", newline="") as file:
        said = {Path(line["path"]).name[3:-4]: line["message"] for line in csv.DictReader(file)}
    assert said["hang"] == "Reading took longer than 1.5 s; allow more with --timeout."
    assert said["eat"] == "Reading needs more than 1024 MB of memory; allow more with --memory."
    assert said["segfault"] == "The process that read it died (SIGSEGV)."
    assert "RuntimeError: a fault of the double" in said["raise"]
    assert said["encrypted"] == "It asks for a password."
    assert len(said) == 10


def test_a_failed_record_knows_its_bytes_and_who_tried(hostile: tuple[Path, Summary]) -> None:
    folder, _ = hostile
    records = stored(folder.parent / "out")
    crashed = next(record for record in records if record["problems"] and record["problems"][0]["code"] == "crashed")
    assert len(crashed["source"]["sha256"]) == 64
    assert crashed["versions"] == next(record for record in records if not record["problems"])["versions"]


def test_the_result_does_not_depend_on_the_number_of_workers(hostile: tuple[Path, Summary], tmp_path: Path) -> None:
    folder, _ = hostile
    run(folder, tmp_path, workers=1)
    assert (tmp_path / "records.jsonl").read_bytes() == (folder.parent / "out/records.jsonl").read_bytes()
    mine, theirs = (
        (out / "failures.csv").read_text(encoding="utf-8").replace(str(out), "OUT")
        for out in (tmp_path, folder.parent / "out")
    )
    assert mine == theirs


def test_a_second_run_reads_only_what_is_new_or_changed(tmp_path: Path) -> None:
    folder, out = fill(tmp_path / "in", "good", "raise", "good"), tmp_path / "out"
    run(folder, out)
    (folder / "00-good.txt").write_text("good changed")
    (folder / "new.txt").write_text("doubtful")
    again = run(folder, out)
    assert (again.converted, again.skipped, again.done) == (2, 2, 4)
    assert again.statuses == {"accepted": 2, "needs_review": 1, "failed": 1}
    assert again.exit_code == 1


def test_fresh_or_another_model_read_again(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "good")
    assert run(folder, tmp_path / "out").converted == 1
    assert run(folder, tmp_path / "out").skipped == 1
    assert run(folder, tmp_path / "out", fresh=True).converted == 1
    assert run(folder, tmp_path / "out", work=doubles.work("double/2")).converted == 1
    assert len(stored(tmp_path / "out")) == 1


def test_the_same_bytes_are_read_once_even_when_fresh(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "good")
    (folder / "copy.txt").write_bytes((folder / "00-good.txt").read_bytes())
    for summary in (run(folder, tmp_path / "out"), run(folder, tmp_path / "out", fresh=True)):
        assert (summary.converted, summary.duplicates, summary.done, summary.total) == (1, 1, 2, 2)
    assert names(tmp_path / "out") == ["00-good.txt"]


def test_a_file_that_cannot_be_opened_is_a_failure_and_is_tried_again(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "good")
    gone = tmp_path / "gone.txt"
    gone.symlink_to(tmp_path / "nowhere.txt")
    first = convert([folder, gone], tmp_path / "out", work=doubles.work(), workers=1)
    assert (first.statuses, first.converted) == ({"accepted": 1, "failed": 1}, 2)
    assert "No such file" in (tmp_path / "out/failures.csv").read_text()
    (tmp_path / "nowhere.txt").write_text("good at last")
    second = convert([folder, gone], tmp_path / "out", work=doubles.work(), workers=1)
    assert (second.statuses, second.converted, second.skipped) == ({"accepted": 2}, 1, 1)
    assert not (tmp_path / "out/failures.csv").exists()


def test_names_that_are_not_utf8_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xc4\xea\xb1\xa8.txt")).write_text("good")
    summary = run(folder, tmp_path / "out")
    assert summary.statuses == {"accepted": 1}
    line = json.loads((tmp_path / "out/records.jsonl").read_text(encoding="utf-8"))
    assert os.fsencode(line["source"]["path"]).endswith(b"\xc4\xea\xb1\xa8.txt")


def test_progress_comes_after_every_document(tmp_path: Path) -> None:
    seen: list[int] = []
    run(fill(tmp_path / "in", *["good"] * 5), tmp_path / "out", progress=lambda summary: seen.append(summary.done))
    assert seen[0] == 0
    assert seen[-1] == 5
    assert set(seen) == {0, 1, 2, 3, 4, 5}


def test_only_a_few_jobs_are_taken_ahead_of_need() -> None:
    taken: list[int] = []

    def jobs() -> Iterator[Job]:
        for number in range(40):
            taken.append(number)
            yield Job(str(PROJECT / "LICENSE"), "0" * 64)

    with Workers(1, Limits(), doubles.work()) as workers:
        ahead = [len(taken) - done for done, _ in enumerate(workers.read(jobs()), 1)]
    assert len(ahead) == 40
    assert max(ahead) <= 4


def test_a_pool_that_breaks_is_replaced_and_loses_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", *["good"] * 6)
    with Workers(1, Limits(timeout=5), doubles.work()) as workers:
        records = workers.read(Job.of(path) for path in sorted(folder.iterdir()))
        first = next(records)
        workers._pool._context.status = isolation_error()
        rest = list(records)
    assert len({reading.job.path for reading in (first, *rest)}) == 6
    assert {reading.entry.status for reading in rest} == {"accepted"}


def isolation_error() -> Any:
    from pebble.pool.base_pool import PoolStatus

    return PoolStatus.ERROR


def test_model_and_limits_are_checked_before_any_document(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "good")
    with pytest.raises(ModelError, match="no model in missing"):
        run(folder, tmp_path / "out", work=doubles.work("missing"))
    with pytest.raises(ModelError, match="1024 MB is too little"):
        run(folder, tmp_path / "out", work=doubles.work("large"))
    for wrong in ({"workers": 0}, {"timeout": 0}, {"memory_mb": 0}):
        with pytest.raises(UsageError):
            run(folder, tmp_path / "out", **wrong)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        run(folder, tmp_path / "file" / "out")
    with pytest.raises(StoreError):
        run(folder, tmp_path / "out", store_url="sqlite:////nowhere/store.sqlite")


def test_paths_that_hold_no_document_are_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"no file or folder .*typo"):
        run(tmp_path / "typo", tmp_path / "out")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/gold.json").write_text("{}")
    with pytest.raises(UnreadableInput, match=r"no document in .*1 other files"):
        run(tmp_path / "in", tmp_path / "out")


def test_what_is_a_document(tmp_path: Path) -> None:
    wanted = ["a/source.pdf", "a/深/r.HTM", "b.docx", "c.wps", "index.html", "report"]
    others = ["ORIGIN.md", "README.txt", "gold.json", ".hidden.pdf", ".git/x.txt", "INDEX.md", "LICENSE", "photo.gif"]
    for name in wanted + others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"%PDF-1.7" if name == "report" else b"text")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in find_documents([tmp_path])] == wanted
    assert list(find_documents([tmp_path / "ORIGIN.md", tmp_path / "a"])) == [
        tmp_path / "ORIGIN.md",
        tmp_path / "a/source.pdf",
        tmp_path / "a/深/r.HTM",
    ]


SCRIPT = """
import sys
from pipeline.bulk.convert import convert
from tests import doubles
if __name__ == "__main__":
    def tell(summary):
        print(summary.done, flush=True)
    summary = convert([sys.argv[1]], sys.argv[2], workers=2, work=doubles.work(), progress=tell)
    sys.exit(summary.exit_code)
"""


def begin(folder: Path, out: Path) -> subprocess.Popen[str]:
    """A conversion in a process of its own that has stored at least three documents."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), str(out)], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= 3:
            break
    while process.poll() is None and len(stored(out)) < 3:  # what is told as done may be on its way to the store
        time.sleep(0.02)
    return process


def children(pid: int) -> set[int]:
    """The process ids of all descendants, as /proc tells."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, left = set(), {pid}
    while left:
        left = {child for child, parent in parents.items() if parent in left}
        found |= left
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_kill_9_leaves_a_whole_store_and_no_process_and_the_next_run_goes_on(tmp_path: Path) -> None:
    folder, out = fill(tmp_path / "in", *["slow"] * 14), tmp_path / "out"
    process = begin(folder, out)
    workers = children(process.pid)
    process.kill()
    process.communicate()
    kept = len(stored(out))
    assert 3 <= kept < 14
    again = run(folder, out)
    assert (again.skipped, again.converted, again.exit_code) == (kept, 14 - kept, 0)
    assert len(names(out)) == 14
    deadline = time.monotonic() + 5
    while (alive := {pid for pid in workers if is_running(pid)}) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_ctrl_c_ends_with_130_and_keeps_what_is_done(tmp_path: Path) -> None:
    folder, out = fill(tmp_path / "in", *["slow"] * 14), tmp_path / "out"
    process = begin(folder, out)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert 3 <= len(stored(out)) < 14


COMMAND = """
import sys
import pipeline.bulk.convert
from pipeline.commands import main
from tests import doubles
if __name__ == "__main__":
    pipeline.bulk.convert.default_work = doubles.work
    sys.argv = ["nianbao", "convert", *sys.argv[1:]]
    main()
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_ctrl_c_at_a_terminal_reaches_all_processes_and_ends_with_a_summary(tmp_path: Path) -> None:
    folder, out, log = fill(tmp_path / "in", *["slow"] * 14), tmp_path / "out", tmp_path / "log.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(folder), "--out", str(out), "--log", str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (log.exists() and log.read_text().count('"document"') >= 3):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    said, trouble = process.communicate(timeout=30)
    assert (process.returncode, trouble) == (130, "")
    assert "of 14 documents" in said
    assert "Interrupted: everything finished so far is kept." in said
    assert "Interrupted" in (out / "summary.html").read_text(encoding="utf-8")
    assert json.loads(log.read_text().splitlines()[-1])["interrupted"] is True
    assert 3 <= len(stored(out)) < 14


LAST_RESORT = """
import re, pipeline.bulk.worker
with pipeline.bulk.worker._in_time(pipeline.bulk.worker.Limits(0.2, 0.2)):
    re.match("(a+)+$", "a" * 64 + "b")
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers of the system")
def test_a_scan_may_take_longer_but_not_for_ever(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "slow", "scan", "scan-hang", "hang", "good")
    with Workers(2, Limits(timeout=0.5, scan_timeout=1.5), doubles.work()) as workers:
        readings = list(workers.read(Job.of(path) for path in sorted(folder.iterdir())))
    entries = {Path(reading.job.path).stem[3:]: reading.entry for reading in readings}
    assert {word: (entry.status, entry.causes) for word, entry in entries.items()} == {
        "slow": ("accepted", ""),
        "scan": ("accepted", ""),
        "scan-hang": ("failed", "timeout"),
        "hang": ("failed", "timeout"),
        "good": ("accepted", ""),
    }
    assert "longer than 0.5 s (1.5 s for scans); allow more with --timeout" in entries["scan-hang"].record


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers of the system")
def test_a_worker_that_nobody_ends_any_more_ends_by_itself() -> None:
    ended = subprocess.run([sys.executable, "-c", LAST_RESORT], cwd=PROJECT, timeout=30)
    assert ended.returncode == -signal.SIGALRM


def test_the_program_s_own_reader_and_model_work_in_workers(tmp_path: Path) -> None:
    sample = next(iter(sorted((PROJECT / "corpora/samples").glob("*/source.md"))))
    first = convert([sample], tmp_path, workers=1)
    assert (first.converted, first.statuses["failed"]) == (1, 0)
    again = convert([sample], tmp_path, workers=1)
    assert (again.converted, again.skipped) == (0, 1)
