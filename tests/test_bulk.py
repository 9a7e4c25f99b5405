"""A whole run: what it takes in, what it leaves behind, and that a failure can be tried again."""

from __future__ import annotations

import csv
import json
import os
import shlex
import sqlite3
import time
import zipfile
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from pipeline.bulk.convert import convert
from pipeline.bulk.failures import retry_command, write_failures
from pipeline.bulk.isolation import Workers
from pipeline.bulk.saving import Saver
from pipeline.bulk.summary import Summary
from pipeline.bulk.summary_page import write_page
from pipeline.bulk.worker import Job, Limits, file_hash
from pipeline.entries import Entry, entry_of
from pipeline.errors import StoreError, UsageError
from pipeline.storage import Store, open_store
from tests import doubles
from tests.test_convert import fill, is_running, run, stored


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes(record: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in record["problems"]]


def pack(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in sorted(folder.iterdir()):
            archive.write(member, member.name)
    return path


def test_an_archive_is_converted_like_the_folder_that_was_packed(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "good", "segfault", "doubtful", "encrypted", "good")
    packed = pack(tmp_path / "in.zip", folder)
    one, other = run(folder, tmp_path / "one"), run(packed, tmp_path / "other")
    assert (one.statuses, one.causes, one.total) == (other.statuses, other.causes, other.total)
    records = {Path(record["source"]["path"]).name: record for record in stored(tmp_path / "one")}
    for record in stored(tmp_path / "other"):
        name = record["source"]["path"].removeprefix(f"{packed}!/")
        assert record["source"]["sha256"] == records[name]["source"]["sha256"]
        assert record["fields"] == records[name]["fields"]
    assert run(folder, tmp_path / "other").skipped == 5


def test_many_large_members_wait_with_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.bulk.isolation._BYTES_AHEAD", 3_000_000)
    taken: list[int] = []

    def jobs() -> Any:
        for number in range(12):
            taken.append(number)
            data = b"good " + bytes(1_000_000).replace(b"\0", b" ")
            yield Job(f"a.zip!/{number}.txt", file_hash("", data), data)

    with Workers(2, Limits(), doubles.work()) as workers:
        ahead = [len(taken) - done for done, _ in enumerate(workers.read(jobs()), 1)]
    assert len(ahead) == 12
    assert max(ahead) <= 4


def test_the_command_in_failures_csv_reads_just_those_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = fill(Path("in"), "good", "raise", "good", "hang")
    pack(Path("in/more.zip"), fill(Path("packed"), "encrypted", "good", "good", "good", "good"))
    (folder / "-odd =1.txt").write_text("encrypted 9")
    (folder / os.fsdecode(b"\xc4\xea.txt")).write_text("raise 8")
    first = run(folder, Path("out"))
    lines = table(Path("out/failures.csv"))
    assert len(lines) == 5 == first.statuses["failed"]
    assert {line["cause"] for line in lines} == {"encrypted", "timeout", "unexpected_error"}
    assert first.retry == "nianbao convert out/failures.csv --fresh --out out"
    for line in lines:
        words = shlex.split(line["retry"])
        assert words[:2] == ["nianbao", "convert"]
        assert words[3:] == ["--fresh", "--out", "out"]

    (folder / "01-raise.txt").write_text("good at last")
    (folder / "-odd =1.txt").write_text("good 10")
    seen: list[Summary] = []
    call(first.retry, monkeypatch, seen)
    again = seen[-1]
    assert (again.total, again.converted, again.statuses) == (5, 5, {"accepted": 2, "failed": 3})
    left = {Path(line["path"]).name for line in table(Path("out/failures.csv"))}
    assert {"00-encrypted.txt", "03-hang.txt"} < left
    assert "01-raise.txt" not in left

    one = next(line for line in table(Path("out/failures.csv")) if line["path"].endswith("00-encrypted.txt"))
    call(one["retry"], monkeypatch, seen)
    assert (seen[-1].total, seen[-1].converted) == (1, 1)
    capsys.readouterr()


def test_failures_are_no_formulas_and_no_options(tmp_path: Path) -> None:
    problem = {"stage": "readers", "code": "encrypted", "message": "=1+1", "location": None}
    locked = {**doubles.record("=a.pdf", b"a").to_dict(), "problems": [problem]}
    empty = {**doubles.record("-b c.pdf", b"b").to_dict(), "problems": []}
    command = retry_command("my out", "postgresql://host/db", "models/mine")
    assert write_failures([locked, empty], tmp_path / "f.csv", command) == 2
    options = "--fresh --out 'my out' --store postgresql://host/db --model models/mine"
    assert [list(line.values()) for line in table(tmp_path / "f.csv")] == [
        ["'=a.pdf", "encrypted", "'=1+1", "", "", f"nianbao convert =a.pdf {options}"],
        ["'-b c.pdf", "no_report", "No report was found in it.", "", "", f"nianbao convert './-b c.pdf' {options}"],
    ]


def call(command: str, monkeypatch: pytest.MonkeyPatch, seen: list[Summary]) -> None:
    """Run a printed command as the shell would, with the doubles and the short time limit of these tests."""
    from pipeline import commands

    def with_doubles(paths: Any, out: Any, **options: Any) -> Summary:
        settings = {"workers": 2, "timeout": 1.5, "memory_mb": 1024, "work": doubles.work()}
        seen.append(convert(paths, out, **{**options, **settings}))
        return seen[-1]

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.bulk.convert.convert", with_doubles)
        patch.setattr("sys.argv", shlex.split(command))
        with pytest.raises(SystemExit):
            commands.main()


def test_duplicates_are_converted_once_and_reported(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "good", "doubtful")
    (folder / "copy.txt").write_bytes((folder / "00-good.txt").read_bytes())
    pack(tmp_path / "z.zip", folder).rename(folder / "z.zip")
    summary = run(folder, tmp_path / "out")
    assert (summary.total, summary.converted, summary.duplicates) == (6, 2, 4)
    lines = table(tmp_path / "out/duplicates.csv")
    assert [(Path(line["path"]).name, Path(line["same_as"]).name) for line in lines] == [
        ("copy.txt", "00-good.txt"),
        ("00-good.txt", "00-good.txt"),
        ("01-doubtful.txt", "01-doubtful.txt"),
        ("copy.txt", "00-good.txt"),
    ]
    for name in ("copy.txt", "z.zip"):
        (folder / name).unlink()
    assert run(folder, tmp_path / "out").duplicates == 0
    assert not (tmp_path / "out/duplicates.csv").exists()


def test_versions_of_one_agency_and_year_are_kept_and_marked(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in (("a", "good 1 draft"), ("b", "doubtful 1"), ("c", "good 2"), ("d", "formless 2")):
        (folder / f"{name}.txt").write_text(text)
    summary = run(folder, tmp_path / "out")
    assert summary.versions == 2
    a, b, c, d = stored(tmp_path / "out")
    assert [codes(one) for one in (a, b, c, d)] == [["several_versions"], ["several_versions"], [], ["no_known_form"]]
    assert a["problems"][0]["message"] == f"One of 2 documents of 云岭1县 for 2016; the others: {folder / 'b.txt'}."
    assert [json.loads(line) for line in (tmp_path / "out/records.jsonl").read_text("utf-8").splitlines()] == [
        a,
        b,
        c,
        d,
    ]
    before = (tmp_path / "out/records.jsonl").read_bytes()
    assert run(folder, tmp_path / "out").skipped == 4
    assert (tmp_path / "out/records.jsonl").read_bytes() == before


def test_a_mark_goes_when_there_is_one_version_left(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'nianbao.sqlite'}") as store:
        two = [doubles.record(name, name.encode(), agency="甲县").to_dict() for name in ("a.txt", "b.txt")]
        store.save_all(two)
        folder = fill(tmp_path / "in", "good")
        assert run(folder, tmp_path).versions == 2
        store.save({**two[1], "agency": "乙县"})
        assert run(folder, tmp_path).versions == 0
        assert [codes(record) for record in store.records()] == [[], [], []]


def test_a_manifest_fills_and_is_followed_when_it_changes(tmp_path: Path) -> None:
    folder, manifest = fill(tmp_path / "in", "nameless", "good", "encrypted"), tmp_path / "list.csv"
    lines = "path,agency,year\nin/00-nameless.txt,甲县,{}\nin/01-good.txt,乙县,2016\nin/02-encrypted.txt,丙县,2015\n"
    manifest.write_text(lines.format(2019), encoding="utf-8")
    first = run(manifest, tmp_path / "out")
    nameless, good, locked = stored(tmp_path / "out")
    assert (nameless["agency"], nameless["year"]) == ("甲县", 2019)
    assert (good["agency"], good["year"]) == ("云岭1县", 2016)
    assert codes(good) == ["agency_differs_from_manifest"]
    assert (locked["agency"], locked["year"], codes(locked)[0]) == ("丙县", 2015, "encrypted")
    failed = table(tmp_path / "out/failures.csv")
    assert [(line["agency"], line["year"]) for line in failed] == [("丙县", "2015")]

    manifest.write_text(lines.format(2020), encoding="utf-8")
    again = run(manifest, tmp_path / "out")
    assert (again.converted, again.skipped, again.statuses) == (0, 3, first.statuses)
    assert next(iter(stored(tmp_path / "out")))["year"] == 2020
    assert run(folder, tmp_path / "out").skipped == 3
    assert next(iter(stored(tmp_path / "out")))["year"] == 2020


def test_what_can_be_read_at_last_is_no_failure_any_more(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "good", "good")
    whole = pack(tmp_path / "all.zip", folder).read_bytes()
    (tmp_path / "all.zip").write_bytes(whole[:50])
    assert run(tmp_path / "all.zip", tmp_path / "out").statuses == {"failed": 1}
    (tmp_path / "all.zip").write_bytes(whole)
    again = run(tmp_path / "all.zip", tmp_path / "out")
    assert (again.statuses, again.exit_code) == ({"accepted": 2}, 0)
    assert not (tmp_path / "out/failures.csv").exists()


def test_the_log_has_a_line_an_event(tmp_path: Path) -> None:
    folder, log = fill(tmp_path / "in", "good", "segfault"), tmp_path / "log.jsonl"
    (folder / "copy.txt").write_bytes((folder / "00-good.txt").read_bytes())
    for _ in range(2):
        run(folder, tmp_path / "out", log=log)
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert sorted(event["event"] for event in events) == sorted(
        ["start", "document", "document", "duplicate", "end", "start", "skipped", "skipped", "duplicate", "end"]
    )
    assert all(event["time"].endswith("+00:00") for event in events)
    read = {Path(event["path"]).name: event for event in events if event["event"] == "document"}
    assert (read["01-segfault.txt"]["causes"], read["01-segfault.txt"]["seconds"]) == (["crashed"], None)
    assert read["00-good.txt"]["status"] == "accepted"
    assert 0 <= read["00-good.txt"]["seconds"] < 5
    assert events[-1]["skipped"] == 2
    with pytest.raises(UsageError, match="log"):
        run(folder, tmp_path / "out", log=tmp_path)


def test_the_page_says_what_became_of_the_documents_and_trusts_no_name(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "good", "doubtful", "encrypted")
    (folder / "<script>alert(1)<").mkdir()
    (folder / "<script>alert(1)</x&y.txt").write_text("formless")
    run(folder, tmp_path / "out")
    page = (tmp_path / "out/summary.html").read_text(encoding="utf-8")
    assert "4 of 4 documents" in page
    assert '<b>2</b>failed <span class="soft">50.0 %' in page
    assert "It asks for a password." in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/x&amp;y.txt" in page
    assert "nianbao convert" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_of_a_run_without_trouble(tmp_path: Path) -> None:
    summary = Summary("sqlite:///s", total=2, converted=2, seconds=1, interrupted=True)
    summary.statuses["accepted"] = 2
    write_page(tmp_path / "s.html", summary, [(None, None, "failed", 1), ("2021", 2022, "accepted", 1)], {})
    page = (tmp_path / "s.html").read_text(encoding="utf-8")
    assert "Nothing failed" in page
    assert "Interrupted" in page
    assert "<td>no form</td><td>no year</td>" in page


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_what_a_worker_started_ends_with_it(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "parent", "good")
    summary = run(folder, tmp_path / "out", timeout=2)
    assert summary.causes == {("failed", "timeout"): 1}
    child = int((folder / "00-parent.txt.pid").read_text())
    deadline = time.monotonic() + 5
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


def test_the_writer_saves_in_batches_and_tells_its_troubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [entry_of(doubles.record(str(number), str(number).encode()).to_dict()) for number in range(500)]
    sizes: list[int] = []
    save_entries = Store.save_entries

    def slow(store: Store, batch: list[Entry]) -> int:
        sizes.append(len(batch))
        time.sleep(0.01)
        return save_entries(store, batch)

    monkeypatch.setattr(Store, "save_entries", slow)
    with open_store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        save(store, entries)
        assert sum(1 for _ in store.records()) == 500 == sum(sizes)
    assert max(sizes) <= 100
    assert len(sizes) < 60

    def broken(store: Store, batch: list[Entry]) -> int:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(Store, "save_entries", broken)
    with open_store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        with pytest.raises(StoreError, match="disk is full"):
            save(store, entries)
        with pytest.raises(StoreError, match="disk is full"):
            save(store, entries[:1])


def save(store: Store, entries: list[Entry]) -> None:
    with Saver(store, len(entries)) as saver:
        for entry in entries:
            saver.save(entry)


def test_a_slow_store_holds_the_run_up_before_much_could_be_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [entry_of(doubles.record(str(number), str(number).encode()).to_dict()) for number in range(20)]
    go_on, save_entries, handed = Event(), Store.save_entries, []
    monkeypatch.setattr(Store, "save_entries", lambda self, batch: go_on.wait() and save_entries(self, batch))
    with open_store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:

        def hand_over() -> None:
            with Saver(store, 2) as saver:
                for entry in entries:
                    saver.save(entry)
                    handed.append(entry)

        run = Thread(target=hand_over)
        run.start()
        run.join(0.3)
        assert 0 < len(handed) <= 2 * 2
        go_on.set()
        run.join(30)
        assert len(handed) == 20 == sum(1 for _ in store.records())


def test_a_store_that_is_locked_stops_the_run_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, out = fill(tmp_path / "in", *["good"] * 3), tmp_path / "out"
    run(folder, out)
    monkeypatch.setattr("pipeline.bulk.convert.open_store", lambda url: open_store(url, busy_seconds=0.1))
    other = sqlite3.connect(out / "nianbao.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError, match="locked by another program"):
            run(folder, out, fresh=True)
    finally:
        other.close()
    assert run(folder, out, fresh=True).converted == 3
