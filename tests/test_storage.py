"""The store keeps records exactly, says what is the matter in one sentence, and loses nothing that was saved."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from pipeline import storage
from pipeline.errors import StoreError, UsageError
from pipeline.storage import Outcome, Store, open_store, record_causes
from pipeline.version import __version__
from pipeline.worker import Job, failed_record
from tests import doubles

VERSIONS = {"nianbao": __version__, "model": "double/1", "forms": "1"}


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.sqlite'}"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(url_of(tmp_path)) as opened:
        yield opened


def good(path: str, data: bytes = b"a", **changes: Any) -> dict[str, Any]:
    return doubles.record(path, data).to_dict() | changes


def test_a_record_comes_back_as_it_was_with_its_columns_beside(store: Store, tmp_path: Path) -> None:
    record = good("a.txt")
    store.save(record)
    assert json.dumps(list(store.records())) == json.dumps([record])
    with sqlite3.connect(tmp_path / "store.sqlite") as raw:
        columns = "form, agency, year, status, causes, fields, accepted, model, version"
        assert raw.execute(f"SELECT {columns} FROM documents").fetchall() == [
            ("pre2019", "云岭市", 2016, "accepted", "", 2, 2, "double/1", __version__)
        ]


def test_the_same_bytes_take_one_row_and_the_last_record_counts(store: Store) -> None:
    store.save(good("a.txt", title="one"))
    store.save(good("a.txt", title="two"))
    assert [record["title"] for record in store.records()] == ["two"]


def test_done_means_these_bytes_by_this_model_and_this_version(store: Store) -> None:
    record = good("a.txt")
    store.save(record)
    sha256 = record["source"]["sha256"]
    assert store.done(sha256, "double/1", __version__)
    assert not store.done(sha256, "double/2", __version__)
    assert not store.done(sha256, "double/1", "99")
    assert not store.done("0" * 64, "double/1", __version__)


def test_records_come_by_path_whatever_the_order_of_saving(store: Store) -> None:
    for path in ("b.txt", "云.txt", "B.txt", "a.txt"):
        store.save(good(path, path.encode()))
    assert [record["source"]["path"] for record in store.records()] == ["B.txt", "a.txt", "b.txt", "云.txt"]


def test_a_file_that_could_not_be_opened_is_kept_by_path_until_it_can(store: Store) -> None:
    failure = failed_record(Job("a.txt", ""), VERSIONS, stage="readers", code="unreadable_input", message="No.")
    store.save(failure)
    store.save(failure)
    assert store.counts() == {Outcome("failed", ("unreadable_input",)): 1}
    store.save(good("a.txt"))
    assert store.counts() == {Outcome("accepted", ()): 1}


def test_counts_and_failures(store: Store) -> None:
    for number in range(3):
        data = str(number).encode()
        store.save(doubles.record(f"{number}.txt", data, word="formless" if number else "doubtful").to_dict())
    assert list(store.counts().items()) == [
        (Outcome("failed", ("no_known_form",)), 2),
        (Outcome("needs_review", ("doubtful_field",)), 1),
    ]
    assert [record["source"]["path"] for record in store.records(status="failed")] == ["1.txt", "2.txt"]


def test_causes_name_checks_and_fields_that_hold_a_record_back() -> None:
    check = {"id": "sum", "kind": "sum", "holds": False, "blames": "reading"}
    record = good("a.txt", status="needs_review", checks=[check])
    assert record_causes(record) == ("failed_check",)
    record["fields"]["staff.other"]["accepted"] = False
    assert record_causes(record) == ("failed_check", "missing_row")
    record["fields"]["staff.part_time"]["accepted"] = False
    assert record_causes(record) == ("failed_check", "doubtful_field", "missing_row")
    assert record_causes(good("a.txt")) == ()
    assert record_causes(good("a.txt", status="failed")) == ("no_report",)


TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
VALUES = st.none() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=TEXT, raw=TEXT, title=st.none() | TEXT, value=VALUES, data=st.binary(max_size=8))
def test_store_read_store_gives_the_same_json(
    store: Store, path: str, raw: str, title: str | None, value: Any, data: bytes
) -> None:
    record = good(path, data, title=title)
    record["fields"]["staff.full_time"] |= {"value": value, "raw": raw}
    store.save(record)
    once = next(one for one in store.records() if one["source"]["sha256"] == record["source"]["sha256"])
    store.save(once)
    twice = next(one for one in store.records() if one["source"]["sha256"] == record["source"]["sha256"])
    assert json.dumps(record) == json.dumps(once) == json.dumps(twice)


def test_sqlite_is_set_up_for_crashes_and_keys(store: Store, tmp_path: Path) -> None:
    with store._engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
    assert pragmas == ["wal", 1]


def test_an_older_store_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(url_of(tmp_path)) as before:
        before.save(good("a.txt"))
    step = ("CREATE TABLE notes (id INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES documents)",)
    monkeypatch.setattr(storage, "MIGRATIONS", (*storage.MIGRATIONS, step))
    with open_store(url_of(tmp_path)) as after:
        assert len(list(after.records())) == 1
        assert sa.inspect(after._engine).has_table("notes")


def test_a_step_that_fails_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(url_of(tmp_path)) as before:
        before.save(good("a.txt"))
    with monkeypatch.context() as patch:
        patch.setattr(
            storage, "MIGRATIONS", (*storage.MIGRATIONS, ("CREATE TABLE notes (id INTEGER)", "CREATE nonsense"))
        )
        with pytest.raises(StoreError):
            open_store(url_of(tmp_path))
    with open_store(url_of(tmp_path)) as after:
        assert not sa.inspect(after._engine).has_table("notes")
        assert len(list(after.records())) == 1


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(url_of(tmp_path)):
        pass
    monkeypatch.setattr(storage, "MIGRATIONS", ())
    with pytest.raises(StoreError, match="newer nianbao"):
        open_store(url_of(tmp_path))


def test_what_is_no_database_of_ours_is_refused_and_untouched(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    file.write_text("年报" * 500)
    with pytest.raises(StoreError, match="not a SQLite database"):
        open_store(url_of(tmp_path))
    assert file.read_text() == "年报" * 500
    file.unlink()
    with sqlite3.connect(file) as raw:
        raw.execute("CREATE TABLE documents (name TEXT)")
    with pytest.raises(StoreError, match="another program"):
        open_store(url_of(tmp_path))


def test_a_locked_store_is_told_and_keeps_what_it_has(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path), busy_seconds=0.1) as store:
        store.save(good("a.txt"))
        other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"):
            store.save(good("b.txt", b"b"))
        other.execute("ROLLBACK")
        other.close()
        store.save(good("b.txt", b"b"))
        assert len(list(store.records())) == 2


def test_a_full_disk_is_told_and_what_was_saved_stays(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        store.save(good("a.txt"))
        sa.event.listen(store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 20").close())
        with pytest.raises(StoreError, match="disk is full"):
            store.save(good("b.txt", b"b", title="x" * 200_000))
        assert [record["source"]["path"] for record in store.records()] == ["a.txt"]


def test_a_read_only_store_can_be_read(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        store.save(good("a.txt"))
    with open_store(f"sqlite:///file:{tmp_path / 'store.sqlite'}?mode=ro&uri=true") as store:
        assert len(list(store.records())) == 1
        with pytest.raises(StoreError, match="read-only"):
            store.save(good("b.txt", b"b"))


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("out/nianbao.sqlite", UsageError, "sqlite:///out/nianbao.sqlite"),
        ("mysql://host/base", UsageError, "postgresql://"),
        ("sqlite:////nowhere/at/all/store.sqlite", StoreError, "cannot be opened"),
        ("postgresql://user:secret@127.0.0.1:1/base", StoreError, "cannot be reached|needs a driver"),
    ],
)
def test_a_store_that_cannot_be_reached_is_told(url: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        open_store(url, busy_seconds=1)
    assert "secret" not in str(caught.value)


def test_postgresql_understands_what_a_save_says() -> None:
    said = str(storage._upsert("postgresql").compile(dialect=postgresql.dialect()))
    assert said.startswith("INSERT INTO documents")
    assert "ON CONFLICT (id) DO UPDATE SET" in said
    assert "id = excluded.id" not in said


def test_a_missing_store_is_not_made_where_one_is_expected(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        open_store(url_of(tmp_path), create=False)
    assert list(tmp_path.iterdir()) == []
