"""Shards hold what a store holds, whoever wrote them and however often; loading them loses and doubles nothing."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="shards need the extra `parquet`")

from pipeline.bulk.load import load
from pipeline.bulk.shards import read_index, read_shard, shard_files, write_shard
from pipeline.bulk.summary import Summary
from pipeline.bulk.worker import Job, failed_record
from pipeline.entries import Entry, entry_of
from pipeline.errors import UnreadableInput, UsageError
from pipeline.storage import open_store
from tests import doubles
from tests.test_bulk import pack
from tests.test_convert import fill, run, stored

WORDS = ("good", "segfault", "doubtful", "formless", "good", "encrypted", "good")


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'nianbao.sqlite'}"


def entry(number: int, model: str = "double/1", path: str | None = None) -> Entry:
    return entry_of(doubles.record(path or f"{number:03}.txt", str(number).encode(), model).to_dict())


def failure(number: int, model: str = "double/1") -> Entry:
    job = Job(f"{number:03}.txt", entry(number).sha256)
    versions = {**doubles.record("", b"").to_dict()["versions"], "model": model}
    return entry_of(failed_record(job, versions, stage="convert", code="timeout", message="It took too long."))


def later(path: Path | None, seconds: int) -> None:
    """Make a shard look as if it had been written so many seconds later."""
    assert path is not None
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime + seconds))


def test_a_shard_keeps_records_to_the_byte(tmp_path: Path) -> None:
    entries = [entry(number) for number in range(120)] + [entry(500, path="caf\udce9\0.txt")]
    path = write_shard(tmp_path, entries)
    assert path is not None
    by_id = sorted(entries, key=lambda one: one.id)
    groups = list(read_shard(path))
    assert [text for texts in groups for text in texts] == [one.record for one in by_id]
    assert [len(texts) for texts in groups] == [50, 50, 21]
    first = next(read_index(path))
    assert tuple(first) == tuple(getattr(by_id[0], name) for name in first._fields)


def test_the_same_documents_are_the_same_file_and_others_another(tmp_path: Path) -> None:
    one = write_shard(tmp_path, [entry(1), entry(2)])
    again = write_shard(tmp_path, [entry(2), entry(1)])
    other = write_shard(tmp_path, [entry(2), entry(3)])
    assert one == again != other
    assert shard_files(tmp_path) == [one, other]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert write_shard(tmp_path, []) is None


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_shard_that_was_touched_is_refused(tmp_path: Path, place: float) -> None:
    path = write_shard(tmp_path, [entry(number) for number in range(60)])
    assert path is not None
    data = bytearray(path.read_bytes())
    for at in range(int(len(data) * place), int(len(data) * place) + 8):
        data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UnreadableInput, match="damaged"):
        print(list(read_shard(path)), list(read_index(path)))
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(UnreadableInput, match="damaged"):
        list(read_shard(path))


def test_other_parquet_is_no_shard(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"record": ["{}"]}), tmp_path / "shard-x.parquet")
    with pytest.raises(UnreadableInput, match="no shard of this program"):
        list(read_shard(tmp_path / "shard-x.parquet"))


@pytest.fixture(scope="module")
def sharded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    folder = tmp_path_factory.mktemp("sharded")
    fill(folder / "in", *WORDS)
    (folder / "in/same.txt").write_text("good 0")
    pack(folder / "more.zip", fill(folder / "packed", *["good"] * 3)).rename(folder / "in/more.zip")
    return folder, run(folder / "in", folder / "out", shards=folder / "shards")


def test_a_run_into_shards_then_loaded_is_a_run_into_a_store(sharded: tuple[Path, Summary], tmp_path: Path) -> None:
    folder, summary = sharded
    direct = run(folder / "in", tmp_path)
    assert (summary.statuses, summary.causes) == (direct.statuses, direct.causes)
    assert (summary.converted, summary.duplicates) == (9, 2)
    loaded = load([folder / "shards"], f"sqlite:///{tmp_path / 'loaded.sqlite'}")
    assert (loaded.records, loaded.shards, loaded.troubles) == (9, 2, [])
    with open_store(f"sqlite:///{tmp_path / 'loaded.sqlite'}") as store:
        assert list(store.records()) == stored(tmp_path)
        again = load([folder / "shards"], f"sqlite:///{tmp_path / 'loaded.sqlite'}")
        assert (again.records, again.versions) == (9, loaded.versions)
        assert list(store.records()) == stored(tmp_path)


def test_what_a_run_into_shards_leaves_beside_them(sharded: tuple[Path, Summary]) -> None:
    folder, summary = sharded
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "duplicates.csv", "failures.csv", "summary.html",
    ]  # fmt: skip
    with (folder / "out/failures.csv").open(encoding="utf-8", newline="") as file:
        failures = list(csv.DictReader(file))
    assert [line["cause"] for line in failures] == ["crashed", "no_known_form", "encrypted"]
    assert f"--shards {folder / 'shards'}" in failures[0]["retry"]
    with (folder / "out/duplicates.csv").open(encoding="utf-8", newline="") as file:
        assert {Path(line["same_as"]).name for line in csv.DictReader(file)} >= {"00-good.txt"}
    assert (summary.store, summary.sharded) == (str(folder / "shards"), True)
    page = (folder / "out/summary.html").read_text(encoding="utf-8")
    assert "looked for when the shards are loaded" in page
    assert "What the shards hold" in page


def test_a_second_run_reads_what_the_shards_do_not_hold(sharded: tuple[Path, Summary], tmp_path: Path) -> None:
    shards, words = tmp_path / "shards", ["good", "raise", "good"]
    folder = fill(tmp_path / "in", *words)
    assert run(folder, tmp_path / "out", shards=shards).converted == 3
    (folder / "new.txt").write_text("good 77")
    (folder / "01-raise.txt").write_text("good 78")
    second = run(folder, tmp_path / "out", shards=shards)
    assert (second.converted, second.skipped, second.statuses["failed"]) == (2, 2, 0)
    assert run(folder, tmp_path / "out", shards=shards, fresh=True).converted == 4
    load([shards], url_of(tmp_path))
    assert [(Path(r["source"]["path"]).name, r["status"]) for r in stored(tmp_path)] == [
        ("00-good.txt", "accepted"), ("01-raise.txt", "accepted"), ("02-good.txt", "accepted"), ("new.txt", "accepted"),
    ]  # fmt: skip


def test_the_shard_written_last_wins_but_no_failure_over_a_reading(tmp_path: Path) -> None:
    shards = tmp_path / "shards"
    shards.mkdir()
    later(write_shard(shards, [entry(1), entry(2)]), -100)
    later(write_shard(shards, [failure(1), failure(3)]), 0)
    later(write_shard(shards, [failure(2, "double/2")]), 0)
    later(write_shard(shards, [entry(3)]), 100)
    load([shards], url_of(tmp_path))
    found = {record["source"]["path"]: (record["status"], record["versions"]["model"]) for record in stored(tmp_path)}
    assert found == {
        "001.txt": ("accepted", "double/1"),
        "002.txt": ("failed", "double/2"),
        "003.txt": ("accepted", "double/1"),
    }


def test_a_damaged_shard_is_told_and_the_others_are_loaded(tmp_path: Path) -> None:
    broken = write_shard(tmp_path, [entry(1)])
    write_shard(tmp_path, [entry(2), entry(3)])
    assert broken is not None
    broken.write_bytes(b"PAR1 and no more")
    loaded = load([tmp_path], url_of(tmp_path))
    assert (loaded.records, loaded.shards, loaded.total) == (2, 1, 2)
    assert [broken.name in str(trouble) for trouble in loaded.troubles] == [True]


@pytest.mark.parametrize("text", ["[]", "{", '{"source": {}}', "null", entry(1).record.replace("0.9877", "NaN")])
def test_what_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    write_shard(tmp_path, [entry(1)._replace(record=text)])
    loaded = load([tmp_path], url_of(tmp_path))
    assert (loaded.records, [trouble.code for trouble in loaded.troubles]) == (0, ["damaged"])


def test_nothing_to_load_and_two_places_are_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no file or folder"):
        load([tmp_path / "missing"], url_of(tmp_path))
    with pytest.raises(UnreadableInput, match="no shard in"):
        load([tmp_path], url_of(tmp_path))
    with pytest.raises(UsageError, match="leave --store out"):
        run(fill(tmp_path / "in", "good"), tmp_path / "out", shards=tmp_path / "s", store_url=url_of(tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be made"):
        run(tmp_path / "in", tmp_path / "out", shards=tmp_path / "file")


def test_an_interruption_keeps_what_was_read(tmp_path: Path) -> None:
    def stop(summary: Summary) -> None:
        if summary.done == 5:
            raise KeyboardInterrupt

    folder, shards = fill(tmp_path / "in", *["good"] * 12), tmp_path / "shards"
    first = run(folder, tmp_path / "out", shards=shards, progress=stop)
    assert (first.interrupted, first.converted) == (True, 5)
    second = run(folder, tmp_path / "out", shards=shards)
    assert (second.skipped, second.converted) == (5, 7)


def test_a_load_that_is_stopped_is_mended_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.storage import Store

    for start in (0, 100):
        write_shard(tmp_path, [entry(number) for number in range(start, start + 100)])
    save, calls = Store.save_entries, [0]

    def stopping(store: Store, entries: Any) -> int:
        calls[0] += 1
        if calls[0] == 3:
            raise KeyboardInterrupt
        return save(store, entries)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "save_entries", stopping)
        with pytest.raises(KeyboardInterrupt):
            load([tmp_path], url_of(tmp_path))
    assert len(stored(tmp_path)) == 100
    assert load([tmp_path], url_of(tmp_path)).records == 200
    assert len({json.dumps(record) for record in stored(tmp_path)}) == 200


@pytest.mark.parametrize(("broken", "code"), [([], 0), ([0], 1), ([0, 1], 3)])
def test_the_command_says_what_it_loaded(
    broken: list[int], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline import commands

    shards = [write_shard(tmp_path, [entry(number)]) for number in range(2)]
    for place in broken:
        shard = shards[place]
        assert shard is not None
        shard.write_bytes(b"PAR1")
    monkeypatch.setattr("sys.argv", ["nianbao", "load", str(tmp_path), "--store", url_of(tmp_path)])
    with pytest.raises(SystemExit) as left:
        commands.main()
    said = capsys.readouterr()
    assert (left.value.code or 0) == code
    assert said.err.count("is damaged, or no shard") == len(broken)
    assert said.out.startswith(f"{2 - len(broken)} records of {2 - len(broken)} shards in sqlite:///")
