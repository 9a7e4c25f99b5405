"""The databases that a store may live in: how each is opened and brought up to date, and what its troubles mean.

SQLite is a file, PostgreSQL a server. Both take the same steps of MIGRATIONS, and of both every trouble becomes a
StoreError that says what is the matter and what to do about it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from pipeline.errors import StoreError, UsageError

# The store's history. A step is never changed once released: add the next one. {bytewise} is the database's way of
# comparing text by its bytes, so that the order of records does not depend on the server's language; {first} puts
# what is not known before everything else, as SQLite does by itself.
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
    ("CREATE INDEX documents_by_form_and_year ON documents (form {first}, year {first}, path, id)",),
)
_DIALECT = {
    "sqlite": {"bytewise": "", "first": ""},
    "postgresql": {"bytewise": 'COLLATE "C"', "first": "NULLS FIRST"},
}
_migrations = sa.Table("migrations", sa.MetaData(), sa.Column("number", sa.Integer, primary_key=True))
_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(20190515)")  # a number of our own among the server's locks

_LOCKED = "is locked by another program: wait until that is done, or end it, and run the same command again"
_FULL = "cannot grow, the disk is full: free some space and run the same command again"
_REFUSED = "refuses this user: check user, password and rights in the URL and on the server"
_BUSY = "takes no more connections: end other programs that use it, or raise max_connections, and run this again"
_MISSING = "is not on the server: make it with `createdb`, or name another"
_STOPPED = "has stopped or is just starting: wait until the server runs, and run the same command again"
_READ_ONLY = "is read-only: allow writing to it, or name another store"
_ENCODING = "cannot hold Chinese text: make the database with ENCODING 'UTF8' TEMPLATE template0"
# What a driver says -> what is the matter and what to do about it: PostgreSQL's code first, else the first words met.
_ADVICE_BY_CODE = {
    "22P05": _ENCODING, "25006": _READ_ONLY, "28000": _REFUSED, "28P01": _REFUSED, "3D000": _MISSING,
    "40P01": _LOCKED, "42501": _REFUSED, "53100": _FULL, "53300": _BUSY,
    "55P03": _LOCKED, "57P01": _STOPPED, "57P02": _STOPPED, "57P03": _STOPPED,
}  # fmt: skip
_ADVICE_BY_WORDS = (
    ("locked", _LOCKED),
    ("disk is full", _FULL),
    ("readonly", "is read-only: allow writing to the file and its folder, or name another store"),
    ("unable to open", "cannot be opened: is the folder there, and may you write to it?"),
    ("not a database", "is not a SQLite database: name another file"),
    ("malformed", "is damaged: put a backup in its place, or move it away and convert again"),
    ("disk i/o error", "cannot be read or written, the disk reports an error: check the disk, or name another store"),
    ("authentication failed", _REFUSED),
    ("no pg_hba.conf entry", _REFUSED),
    ("too many clients", _BUSY),
    ("remaining connection slots", _BUSY),
    ("is starting up", _STOPPED),
    ("is shutting down", _STOPPED),
    ("does not exist", "is not on the server, or its user is not: make it with `createdb`, or check the URL"),
    ("connect", "cannot be reached: check host, port, user and password of the URL, and that the server runs"),
)


def make_engine(url: str, busy_seconds: float) -> sa.Engine:
    """The engine of a store's URL; nothing is opened yet. Another program's lock is waited for `busy_seconds`.

    Raises UsageError where the URL names no SQLite or PostgreSQL database, StoreError where the driver is missing.
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise UsageError(
            "That is not the URL of a store: write it like sqlite:///out/nianbao.sqlite or postgresql://host/base."
        ) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "postgresql+psycopg":
        return _postgresql(parsed, busy_seconds)
    if parsed.get_backend_name() != "sqlite":
        raise UsageError(f"A store is sqlite:///FILE or postgresql://…, not {parsed.drivername}.")
    engine = sa.create_engine(parsed, connect_args={"timeout": busy_seconds})
    sa.event.listen(engine, "connect", lambda connection, _: _prepare_sqlite(connection, busy_seconds))
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def shown_url(engine: sa.Engine) -> str:
    """The URL of an engine's database without its password, as a user would write it."""
    return engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=True)


def migrate(engine: sa.Engine, shown: str, *, create: bool = True) -> None:
    """Bring a database up to date, in one transaction; several programs may do so at once.

    Raises StoreError where it is another program's or a newer version's, or has no store and create=False.
    """
    applied = _applied(engine, shown)
    if applied == len(MIGRATIONS):
        return
    if not (applied or create):
        raise no_store(shown)
    with engine.execution_options(alone=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(_ONE_AT_A_TIME)
        connection.execute(sa.schema.CreateTable(_migrations, if_not_exists=True))
        last = connection.scalar(sa.select(sa.func.max(_migrations.c.number))) or 0
        for number, step in enumerate(MIGRATIONS[last:], last + 1):
            for statement in step:
                connection.exec_driver_sql(statement.format(**_DIALECT[engine.dialect.name]))
            connection.execute(_migrations.insert().values(number=number))


def no_store(shown: str) -> StoreError:
    return StoreError(f"There is no store at {shown}: `nianbao convert PATH --out DIR --store URL` makes one.")


@contextmanager
def told(shown: str) -> Iterator[None]:
    """Trouble of the database as a StoreError with advice; bugs of ours pass."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        said = str(error.orig).strip()
        advice = _ADVICE_BY_CODE.get(getattr(error.orig, "sqlstate", None) or "") or next(
            (advice for words, advice in _ADVICE_BY_WORDS if words in said.lower()), "cannot be used"
        )
        raise StoreError(
            f"The store {shown} {advice} ({said.splitlines()[0] if said else 'no reason given'})."
        ) from error


def _postgresql(url: sa.URL, busy_seconds: float) -> sa.Engine:
    arguments: dict[str, Any] = {"client_encoding": "utf8"}
    if "connect_timeout" not in url.query:
        arguments["connect_timeout"] = max(2, round(busy_seconds))
    try:
        engine = sa.create_engine(url, connect_args=arguments, pool_pre_ping=True)
    except ImportError as missing:
        raise StoreError(f'PostgreSQL needs a driver: pip install "nianbao[postgres]" ({missing}).') from None

    def prepare(connection: Any, _record: object) -> None:
        connection.execute(f"SET lock_timeout = {max(1, round(busy_seconds * 1000))}")
        connection.commit()

    sa.event.listen(engine, "connect", prepare)
    return engine


def _prepare_sqlite(connection: Any, busy_seconds: float) -> None:
    connection.isolation_level = None  # the driver's own BEGIN leaves DDL outside: _begin_sqlite says it instead
    until = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            break
        except sqlite3.OperationalError as error:  # SQLite itself does not wait here for others that open a new file
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("alone") else "BEGIN")


def _applied(engine: sa.Engine, shown: str) -> int:
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        filled = inspector.has_table("documents")  # asked first: another program may be making the store just now
        steps = inspector.has_table("migrations")
        alien = [column["name"] for column in inspector.get_columns("migrations")] != ["number"] if steps else None
        if alien or (filled and not steps):
            raise StoreError(f"The database {shown} belongs to another program: name another store.")
        if not steps:
            return 0
        last = connection.scalar(sa.select(sa.func.max(_migrations.c.number))) or 0
    if last > len(MIGRATIONS):
        raise StoreError(f"The store {shown} was made by a newer nianbao: install that version, or name another store.")
    return int(last)
