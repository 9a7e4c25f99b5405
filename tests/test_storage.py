"""The store keeps records exactly, says what is the matter in one sentence, and loses nothing that was saved."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import databases, storage
from pipeline.bulk.worker import Job, failed_record
from pipeline.doubts import record_causes, worth
from pipeline.entries import Outcome, entry_of
from pipeline.errors import StoreError, UsageError
from pipeline.storage import Store, open_store
from pipeline.version import __version__
from tests import doubles, postgres
from tests.conftest import url_of

VERSIONS = {"nianbao": __version__, "model": "double/1", "forms": "1"}


def good(path: str, data: bytes = b"a", **changes: Any) -> dict[str, Any]:
    return doubles.record(path, data).to_dict() | changes


def test_a_record_comes_back_as_it_was_with_its_columns_beside(store: Store) -> None:
    record = good("a.txt")
    store.save(record)
    assert json.dumps(list(store.records())) == json.dumps([record])
    columns = "form, agency, year, status, causes, fields, accepted, model, version"
    assert rows_of(store, f"SELECT {columns} FROM documents") == [
        ("pre2019", "云岭市", 2016, "accepted", "", 2, 2, "double/1", __version__)
    ]


def rows_of(store: Store, statement: str) -> list[tuple[Any, ...]]:
    with store._engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


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


def test_a_batch_is_saved_whole_and_its_last_record_of_the_same_bytes_counts(store: Store) -> None:
    failure = failed_record(Job("7.txt", ""), VERSIONS, stage="readers", code="unreadable_input", message="No.")
    store.save(failure)
    many = [good(f"{number}.txt", str(number).encode()) for number in range(450)]
    assert store.save_all([*many, good("0.txt", b"0", title="again")]) == 451
    assert store.counts() == {Outcome("accepted", ()): 450}
    assert next(store.records())["title"] == "again"
    assert store.save_all([]) == 0


def test_a_batch_with_a_record_that_cannot_be_saved_leaves_nothing(store: Store) -> None:
    broken = good("b.txt", b"b")
    broken["fields"]["staff.full_time"]["value"] = float("nan")
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.save_all([*(good(f"{number}.txt", str(number).encode()) for number in range(300)), broken])
    assert store.counts() == {}


def test_records_come_by_form_and_year_with_the_unknown_first(store: Store) -> None:
    for form, year, path in [("pre2019", 2016, "a"), ("2021", 2022, "b"), ("2021", None, "c"), (None, None, "d")]:
        store.save(good(path, path.encode(), form=form, year=year))
    store.save(good("aa", b"aa", form="2021", year=2022))
    assert [one["source"]["path"] for one in store.records(order="report")] == ["d", "c", "aa", "b", "a"]


def test_reading_in_either_order_sorts_nothing(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        for order in storage._ORDERS.values():
            query = sa.select(storage.documents.c.record).order_by(*order)
            plan = rows_of(store, f"EXPLAIN QUERY PLAN {query.compile(store._engine)}")
            assert "USING INDEX" in plan[0][-1]
            assert len(plan) == 1, plan  # a sort would be a second line


def test_names_longer_than_an_index_takes_are_kept_whole_in_the_record(store: Store) -> None:
    long = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(1300))  # 3,900 bytes that do not compress
    record = good(long, agency=long, title=long)
    failure = failed_record(Job(long, ""), VERSIONS, stage="readers", code="unreadable_input", message="No.")
    other = failed_record(Job(f"{long}.pdf", ""), VERSIONS, stage="readers", code="unreadable_input", message="No.")
    store.save_all([failure, other, failure])
    assert store.counts() == {Outcome("failed", ("unreadable_input",)): 2}
    store.forget_unread(f"{long}.pdf")
    assert list(store.records()) == [failure]
    store.save(record)
    assert list(store.records()) == [record]


def test_a_new_conversion_keeps_what_refers_to_the_document(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    step = ("CREATE TABLE notes (said TEXT, document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE)",)
    monkeypatch.setattr(databases, "MIGRATIONS", (*databases.MIGRATIONS, step))
    record = good("a.txt")
    with open_store(url) as store:
        store.save(record)
        with store._engine.begin() as connection:
            connection.exec_driver_sql(f"INSERT INTO notes VALUES ('seen', '{record['source']['sha256']}')")
        store.save(record | {"title": "read anew"})
        assert rows_of(store, "SELECT said, title FROM notes JOIN documents ON document = id") == [
            ("seen", "read anew")
        ]


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


def test_sqlite_is_set_up_for_crashes_and_keys(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store, store._engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
    assert pragmas == ["wal", 1]


def test_a_store_of_the_first_version_is_brought_up_to_date(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(databases, "MIGRATIONS", databases.MIGRATIONS[:1])
        with open_store(url) as before, before._engine.begin() as connection:
            entry = entry_of(good("a.txt"))
            values = {name: getattr(entry, name) for name in storage.documents.columns.keys()}  # noqa: SIM118
            connection.execute(storage.documents.insert(), values)
    with open_store(url) as after:
        assert list(after.records(order="report")) == [good("a.txt")]
        assert rows_of(after, "SELECT number FROM migrations ORDER BY number") == [(1,), (2,), (3,)]
        assert rows_of(after, "SELECT version, path, agency, worth FROM reviews") == [(0, "a.txt", "云岭市", None)]
        assert (after.refresh_reviews(), after.refresh_reviews()) == (1, 0)
        assert rows_of(after, "SELECT worth FROM reviews") == [(worth(good("a.txt")),)]


def test_a_step_that_fails_leaves_the_store_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(url) as before:
        before.save(good("a.txt"))
    with monkeypatch.context() as patch:
        steps = (*databases.MIGRATIONS, ("CREATE TABLE notes (id INTEGER)", "CREATE nonsense"))
        patch.setattr(databases, "MIGRATIONS", steps)
        with pytest.raises(StoreError):
            open_store(url)
    with open_store(url) as after:
        assert not sa.inspect(after._engine).has_table("notes")
        assert len(list(after.records())) == 1


def test_programs_that_open_a_new_store_at_once_make_it_once(url: str) -> None:
    errors: list[BaseException] = []

    def opened() -> None:
        try:
            with open_store(url) as store:
                store.save(good("a.txt"))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=opened) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with open_store(url, create=False) as store:
        assert len(list(store.records())) == 1


def test_programs_that_save_the_same_documents_at_once_do_not_wait_for_each_other_for_ever(url: str) -> None:
    records = [good(f"{number}.txt", str(number).encode()) for number in range(60)]
    errors: list[BaseException] = []

    def save(order: list[dict[str, Any]]) -> None:
        try:
            with open_store(url) as store:
                for _ in range(8):
                    store.save_all(order)
        except BaseException as error:
            errors.append(error)

    with open_store(url) as store:
        store.save_all(records)
        threads = [threading.Thread(target=save, args=[order]) for order in (records, records[::-1], records[30:])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert store.counts() == {Outcome("accepted", ()): 60}


def test_a_store_of_a_newer_version_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(url):
        pass
    monkeypatch.setattr(databases, "MIGRATIONS", ())
    with pytest.raises(StoreError, match="newer nianbao"):
        open_store(url)


def test_what_is_no_database_is_refused_and_untouched(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    file.write_text("年报" * 500)
    with pytest.raises(StoreError, match="not a SQLite database"):
        open_store(url_of(tmp_path))
    assert file.read_text() == "年报" * 500


@pytest.mark.parametrize("table", ["documents (name TEXT)", "migrations (id INTEGER, applied TEXT)"])
def test_a_database_of_another_program_is_refused_and_untouched(url: str, table: str) -> None:
    engine = databases.make_engine(url, 1)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {table}")
    with pytest.raises(StoreError, match="another program"):
        open_store(url)
    assert sa.inspect(engine).get_table_names() == [table.split()[0]]
    engine.dispose()


def test_a_locked_store_is_told_and_keeps_what_it_has(url: str) -> None:
    with open_store(url, busy_seconds=0.1) as store:
        store.save(good("a.txt"))
        other = databases.make_engine(url, 1)
        with other.execution_options(alone=True).connect() as connection:
            if other.dialect.name == "postgresql":
                connection.exec_driver_sql("LOCK TABLE documents IN EXCLUSIVE MODE")
            else:
                connection.exec_driver_sql("SELECT 1")
            with pytest.raises(StoreError, match="locked by another program"):
                store.save(good("b.txt", b"b"))
        other.dispose()
        store.save(good("b.txt", b"b"))
        assert len(list(store.records())) == 2


def test_a_full_disk_is_told_and_what_was_saved_stays(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        store.save(good("a.txt"))
        sa.event.listen(store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 20").close())
        with pytest.raises(StoreError, match="disk is full"):
            store.save(good("b.txt", b"b", title="x" * 200_000))
        assert [record["source"]["path"] for record in store.records()] == ["a.txt"]


def test_a_full_disk_of_a_server_is_told_and_what_was_saved_stays(server: postgres.Server, base: str) -> None:
    """The server says what it says where it cannot extend a file; a trigger stands for the disk."""
    with open_store(server.url(base)) as store:
        store.save(good("a.txt"))
        server.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
            "'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
            base,
        )
        server.execute("CREATE TRIGGER t BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION full_disk()", base)
        with pytest.raises(StoreError, match=r"disk is full: free some space .*\(could not extend file"):
            store.save_all([good("b.txt", b"b"), good("c.txt", b"c")])
        server.execute("DROP TRIGGER t ON documents", base)
        assert [record["source"]["path"] for record in store.records()] == ["a.txt"]


def test_a_read_only_store_can_be_read(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        store.save(good("a.txt"))
    with open_store(f"sqlite:///file:{tmp_path / 'store.sqlite'}?mode=ro&uri=true") as store:
        assert len(list(store.records())) == 1
        with pytest.raises(StoreError, match="read-only"):
            store.save(good("b.txt", b"b"))


def test_a_store_on_a_standby_or_read_only_server_can_be_read(server: postgres.Server, base: str) -> None:
    with open_store(server.url(base)) as store:
        store.save(good("a.txt"))
    server.execute(f"ALTER DATABASE {base} SET default_transaction_read_only = on")
    with open_store(server.url(base)) as store:
        assert len(list(store.records())) == 1
        with pytest.raises(StoreError, match="read-only"):
            store.save(good("b.txt", b"b"))


def test_a_connection_that_the_server_dropped_is_made_anew(server: postgres.Server, base: str) -> None:
    with open_store(server.url(base)) as store:
        store.save(good("a.txt"))
        drop = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{base}'"
        server.execute(drop)
        store.save(good("b.txt", b"b"))
        reading = store.records()
        next(reading)
        reading.close()
        assert len(list(store.records())) == 2


def test_a_server_that_stops_is_told(tmp_path: Path) -> None:
    if reason := postgres.why_not():
        pytest.skip(reason)
    with postgres.server() as other:
        store = open_store(other.url(other.new_database()), busy_seconds=1)
        store.save(good("a.txt"))
        other.control("-m", "fast", "stop")
        with pytest.raises(StoreError, match="cannot be reached"):
            store.save(good("b.txt", b"b"))
        other.control("start")
        store.save(good("b.txt", b"b"))
        assert len(list(store.records())) == 2
        store.close()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("CREATE ROLE guarded LOGIN PASSWORD 'right'", "refuses this user"),
        ("CREATE ROLE stranger LOGIN", "refuses this user"),
    ],
)
def test_a_server_that_refuses_is_told(server: postgres.Server, base: str, setting: str, said: str) -> None:
    name = setting.split()[2]
    server.execute(f"DROP ROLE IF EXISTS {name}")
    server.execute(setting)
    with pytest.raises(StoreError, match=said) as caught:
        open_store(server.url(base, f"{name}:secret"))
    assert "secret" not in str(caught.value)


def test_a_server_s_other_troubles_are_told(server: postgres.Server) -> None:
    with pytest.raises(StoreError, match="createdb"):
        open_store(server.url("nowhere"))
    with pytest.raises(StoreError, match="make it with `createdb`, or check the URL"):
        open_store(server.url("postgres", "nobody_of_that_name"))
    latin = server.new_database("ENCODING 'LATIN1' TEMPLATE template0")
    with open_store(server.url(latin)) as store, pytest.raises(StoreError, match="ENCODING 'UTF8'"):
        store.save(good("a.txt"))


def test_records_stream_from_a_server(server: postgres.Server, base: str) -> None:
    """The server keeps what is not yet read: a client that had all of it would not wait for the next fetch."""
    with open_store(server.url(base)) as store:
        store.save_all(good(f"{number:04}.txt", str(number).encode()) for number in range(500))
        fetched: list[str] = []
        sa.event.listen(store._engine, "before_cursor_execute", lambda *given: fetched.append(type(given[1]).__name__))
        reading = store.records()
        assert next(reading)["source"]["path"] == "0000.txt"
        assert fetched == ["ServerCursor"]
        assert len(list(reading)) == 499


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("out/nianbao.sqlite", UsageError, "sqlite:///out/nianbao.sqlite"),
        ("mysql://host/base", UsageError, "postgresql://"),
        ("postgresql+asyncpg://host/base", UsageError, "postgresql://"),
        ("postgresql://host:port/base", UsageError, "postgresql://"),
        ("sqlite:////nowhere/at/all/store.sqlite", StoreError, "cannot be opened"),
        ("postgresql://user:secret@127.0.0.1:1/base", StoreError, "cannot be reached|needs a driver"),
        ("postgres://user:secret@/base?host=/nowhere", StoreError, "cannot be reached|needs a driver"),
    ],
)
def test_a_store_that_cannot_be_reached_is_told(url: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        open_store(url, busy_seconds=1)
    assert "secret" not in str(caught.value)


def test_a_store_names_itself_as_its_user_would(url: str) -> None:
    with open_store(url) as store:
        assert store.url == url
    with pytest.raises(StoreError, match=r"The store postgresql://user:\*\*\*@127\.0\.0\.1:1/base|needs a driver"):
        open_store("postgresql://user:secret@127.0.0.1:1/base", busy_seconds=1)


def test_a_missing_driver_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r'pip install "nianbao\[postgres\]"'):
        open_store("postgresql://127.0.0.1/base")


def test_a_missing_store_is_not_made_where_one_is_expected(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        open_store(url, create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_a_store_is_left_empty(server: postgres.Server, base: str) -> None:
    with pytest.raises(StoreError, match="no store"):
        open_store(server.url(base), create=False)
    with open_store(server.url(base)) as store:
        assert store.counts() == {}
