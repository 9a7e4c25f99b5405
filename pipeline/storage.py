"""The store of a conversion: one document, one row of JSON beside the columns one searches by.

SQLite by default, PostgreSQL by URL, both through SQLAlchemy Core. A document is known by the hash of its bytes;
where the bytes could not be read at all, by its path. Every save is a transaction of its own, so that whatever stops
the program loses nothing that was saved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.errors import StoreError, UsageError

# The store's history. A step is never changed once released: add the next one. {bytewise} is the database's way of
# comparing text by its bytes, so that the order of records does not depend on the server's language.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE documents (
            id TEXT {bytewise} PRIMARY KEY,
            sha256 TEXT NOT NULL,
            path TEXT {bytewise} NOT NULL,
            media_type TEXT NOT NULL,
            form TEXT,
            agency TEXT,
            year INTEGER,
            title TEXT,
            status TEXT NOT NULL,
            causes TEXT NOT NULL,
            fields INTEGER NOT NULL,
            accepted INTEGER NOT NULL,
            model TEXT NOT NULL,
            version TEXT NOT NULL,
            record TEXT NOT NULL
        )""",
        "CREATE INDEX documents_by_path ON documents (path, id)",
        "CREATE INDEX documents_by_report ON documents (form, agency, year)",
        "CREATE INDEX documents_by_status ON documents (status, causes)",
    ),
)

_COLUMNS = "id sha256 path media_type form agency title status causes model version record"
documents = sa.Table(
    "documents",
    sa.MetaData(),
    *(sa.Column(name, sa.Text, primary_key=name == "id") for name in _COLUMNS.split()),
    *(sa.Column(name, sa.Integer) for name in ("year", "fields", "accepted")),
)
_migrations = sa.Table("migrations", sa.MetaData(), sa.Column("number", sa.Integer, primary_key=True))

# Statements are built once: building costs SQLAlchemy more than running.
_OUTCOME = sa.select(documents.c.status, documents.c.causes).where(
    documents.c.id == sa.bindparam("sha256"),
    documents.c.model == sa.bindparam("of_model"),
    documents.c.version == sa.bindparam("of_version"),
)
_FORGET = sa.delete(documents).where(documents.c.id == sa.bindparam("gone"))

# What a driver says -> what is the matter and what to do about it.
_ADVICE = (
    ("locked", "is locked by another program: wait until that is done, or end it, and run the same command again"),
    ("disk is full", "cannot grow, the disk is full: free some space and run the same command again"),
    ("readonly", "is read-only: allow writing to the file and its folder, or name another store"),
    ("unable to open", "cannot be opened: is the folder there, and may you write to it?"),
    ("not a database", "is not a SQLite database: name another file"),
    ("malformed", "is damaged: put a backup in its place, or move it away and convert again"),
    ("disk i/o error", "cannot be read or written, the disk reports an error: check the disk, or name another store"),
    ("connect", "cannot be reached: check host, port, user and password of the URL, and that the server runs"),
)
_DOUBTS = {"doubtful_field": False, "missing_row": True}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a document ended: its status and, unless it was accepted, the causes."""

    status: str
    causes: tuple[str, ...]


class Store:
    """An open store. Use it as a context manager, or call `close`. Every trouble with it is a StoreError."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._upsert = _upsert(engine.dialect.name)
        self.url = engine.url.render_as_string(hide_password=True)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    def outcome(self, sha256: str, model: str, version: str) -> Outcome | None:
        """How a document ended under this model and program version; None if these have not seen it."""
        with _told(self.url), self._engine.connect() as connection:
            row = connection.execute(_OUTCOME, {"sha256": sha256, "of_model": model, "of_version": version}).first()
        return Outcome(row.status, tuple(row.causes.split())) if row else None

    def done(self, sha256: str, model: str, version: str) -> bool:
        """Whether the store holds a record of these bytes by this model and program version."""
        return self.outcome(sha256, model, version) is not None

    def save(self, record: Mapping[str, Any]) -> None:
        """Put a record (`Record.to_dict()`) in, in place of an earlier one of the same bytes."""
        row = _row(record)
        with _told(self.url), self._engine.begin() as connection:
            connection.execute(self._upsert, row)
            if record["source"]["sha256"]:  # the file can be read now: its earlier failure by path is over
                connection.execute(_FORGET, {"gone": _path_id(row["path"])})

    def records(self, *, status: str | None = None) -> Iterator[dict[str, Any]]:
        """All records, or those of one status, by path, then by hash; one at a time, so that any number fits."""
        query = sa.select(documents.c.record).order_by(documents.c.path, documents.c.id)
        if status is not None:
            query = query.where(documents.c.status == status)
        with _told(self.url), self._engine.connect().execution_options(yield_per=200) as connection:
            for row in connection.execute(query):
                yield json.loads(row.record)

    def counts(self) -> dict[Outcome, int]:
        """How many documents ended in which way, commonest first."""
        number = sa.func.count().label("number")
        query = sa.select(documents.c.status, documents.c.causes, number).group_by(
            documents.c.status, documents.c.causes
        )
        with _told(self.url), self._engine.connect() as connection:
            rows = connection.execute(query.order_by(number.desc(), documents.c.status, documents.c.causes)).all()
        return {Outcome(row.status, tuple(row.causes.split())): row.number for row in rows}


def open_store(url: str, *, create: bool = True, busy_seconds: float = 10) -> Store:
    """The store at a URL such as `sqlite:///out/nianbao.sqlite`, made or brought up to date where needed.

    With create=False a missing SQLite file is an error. Another program's lock is waited for `busy_seconds`.
    Raises UsageError where the URL is none, StoreError where the store cannot be used.
    """
    engine = _engine(url, busy_seconds)
    shown = engine.url.render_as_string(hide_password=True)
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file and not create and not Path(file).is_file():
        engine.dispose()
        raise StoreError(f"There is no store at {shown}: `nianbao convert PATH --out DIR` makes one.")
    try:
        with _told(shown):
            _migrate(engine, shown)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def record_causes(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a record is not accepted: the codes of its problems, and what else holds it back.

    That is `failed_check` (a check blames the reading), `doubtful_field`, `missing_row` (a row was not found that may
    be there), or `no_report` where a failure has no other name.
    """
    if record["status"] == "accepted":
        return ()
    codes = dict.fromkeys(problem["code"] for problem in record["problems"])
    if record["status"] == "needs_review":
        if any(check["holds"] is False and check["blames"] == "reading" for check in record["checks"]):
            codes["failed_check"] = None
        doubted = {field["state"] == "absent" for field in record["fields"].values() if not field["accepted"]}
        codes.update((code, None) for code, absent in _DOUBTS.items() if absent in doubted)
    return tuple(codes) or ("no_report",)


def _engine(url: str, busy_seconds: float) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise UsageError(f"{url} is not the URL of a store: write it like sqlite:///out/nianbao.sqlite.") from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(f"A store is sqlite:///FILE or postgresql://…, not {parsed.drivername}.")
    try:
        if parsed.get_backend_name() == "postgresql":
            return sa.create_engine(parsed, connect_args={"connect_timeout": max(2, round(busy_seconds))})
        engine = sa.create_engine(parsed, connect_args={"timeout": busy_seconds})
    except ModuleNotFoundError as missing:
        raise StoreError(f"PostgreSQL needs a driver: pip install psycopg[binary] ({missing}).") from None
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN leaves DDL outside: _begin_sqlite says it instead
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("alone") else "BEGIN")


def _upsert(dialect: str) -> Any:
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(documents)
    replaced = {column.name: statement.excluded[column.name] for column in documents.columns if column.name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=replaced)


def _migrate(engine: sa.Engine, shown: str) -> None:
    if _applied(engine, shown) == len(MIGRATIONS):
        return
    bytewise = 'COLLATE "C"' if engine.dialect.name == "postgresql" else ""
    with engine.execution_options(alone=True).begin() as connection:
        connection.execute(sa.schema.CreateTable(_migrations, if_not_exists=True))
        last = connection.scalar(sa.select(sa.func.max(_migrations.c.number))) or 0
        for number, step in enumerate(MIGRATIONS[last:], last + 1):
            for statement in step:
                connection.exec_driver_sql(statement.format(bytewise=bytewise))
            connection.execute(_migrations.insert().values(number=number))


def _applied(engine: sa.Engine, shown: str) -> int:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("migrations"):
            if sa.inspect(connection).has_table("documents"):
                raise StoreError(f"The database {shown} belongs to another program: name another store.")
            return 0
        last = connection.scalar(sa.select(sa.func.max(_migrations.c.number))) or 0
    if last > len(MIGRATIONS):
        raise StoreError(f"The store {shown} was made by a newer nianbao: install that version, or name another store.")
    return int(last)


@contextmanager
def _told(shown: str) -> Iterator[None]:
    """Trouble of the database as a StoreError with advice; bugs of ours pass."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        said = str(error.orig).strip()
        advice = next((advice for words, advice in _ADVICE if words in said.lower()), "cannot be used")
        raise StoreError(
            f"The store {shown} {advice} ({said.splitlines()[0] if said else 'no reason given'})."
        ) from error


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    source, versions = record["source"], record["versions"]
    present = [field for field in record["fields"].values() if field["state"] != "absent"]
    path = _storable(source["path"])
    return {
        "id": source["sha256"] or _path_id(path),
        "sha256": source["sha256"],
        "path": path,
        "media_type": source["media_type"],
        **{name: _storable(record[name]) for name in ("form", "agency", "title")},
        "year": record["year"],
        "status": record["status"],
        "causes": " ".join(record_causes(record)),
        "fields": len(present),
        "accepted": sum(field["accepted"] for field in present),
        "model": versions["model"],
        "version": versions["nianbao"],
        "record": _storable(json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)),
    }


def _storable(text: str | None) -> Any:
    """The text with lone surrogates (names of files that are not UTF-8) as the escapes that JSON reads back."""
    return text and text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "")


def _path_id(path: str) -> str:
    return f"path:{path}"
