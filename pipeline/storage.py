"""The store of a conversion: one document, one row of JSON beside the columns one searches by.

SQLite by default, PostgreSQL by URL, both through SQLAlchemy Core. A document is known by the hash of its bytes;
where the bytes could not be read at all, by its path. Every save is one transaction, of a record or of a batch, so that
whatever stops the program loses nothing that was saved. A record is replaced in its row, never deleted and put in
anew: what refers to a document outlives its next conversion.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pipeline import review_tables
from pipeline.corrections import Change, Correction, corrected
from pipeline.databases import make_engine, migrate, no_store, shown_url, told
from pipeline.entries import Entry, Outcome, entry_of, path_id
from pipeline.review_tables import Reviewed, reviews

_KINDS = {"year": sa.Integer, "fields": sa.Integer, "accepted": sa.Integer}
_KEPT = [name for name in Entry._fields if name not in ("doubtful", "failed", "worth")]
_columns = [sa.Column(name, _KINDS.get(name, sa.Text), primary_key=name == "id") for name in _KEPT]
documents = sa.Table("documents", sa.MetaData(), *_columns)

# Statements are built once: building costs SQLAlchemy more than running.
_OUTCOME = sa.select(documents.c.status, documents.c.causes).where(
    documents.c.id == sa.bindparam("sha256"),
    documents.c.model == sa.bindparam("of_model"),
    documents.c.version == sa.bindparam("of_version"),
)
_RECORD = sa.select(documents.c.record).where(documents.c.id == sa.bindparam("sha256"))
_PATH = sa.select(documents.c.path).where(documents.c.id == sa.bindparam("sha256"))
_FORGET = sa.delete(documents).where(documents.c.id.in_(sa.bindparam("gone", expanding=True)))
# What failed under a path is over when the path holds other bytes; what was read of it stays, and what was corrected.
_SUPERSEDE = sa.delete(documents).where(
    documents.c.path.in_(sa.bindparam("paths", expanding=True)),
    documents.c.status == "failed",
    documents.c.id.not_in(sa.bindparam("kept", expanding=True)),
    ~sa.exists().where(review_tables.corrections.c.document == documents.c.id),
)
_ORDERS = {
    "path": (documents.c.path, documents.c.id),
    "report": (documents.c.form.nulls_first(), documents.c.year.nulls_first(), documents.c.path, documents.c.id),
}

_AT_ONCE = 200  # records that one statement saves
_AHEAD = 50  # records that are read ahead: one may take some 100 KB


class Line(NamedTuple):
    """A record as JSON text on one line, and what tells whether it is of interest."""

    text: str
    agency: str | None
    year: int | None
    status: str


class Outlined(NamedTuple):
    """What is known of a document without its record: `accepted` fields, `path` as far as one searches by it."""

    id: str
    agency: str | None
    year: int | None
    status: str
    accepted: int
    path: str


class Store:
    """An open store. Use it as a context manager, or call `close`. Every trouble with it is a StoreError."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._upsert = _upsert(engine.dialect.name)
        self._upsert_reviews = review_tables.upsert_reviews(engine.dialect.name)
        self.url = shown_url(engine)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    def outcome(self, sha256: str, model: str, version: str) -> Outcome | None:
        """How a document ended under this model and program version; None if these have not seen it."""
        with told(self.url), self._engine.connect() as connection:
            row = connection.execute(_OUTCOME, {"sha256": sha256, "of_model": model, "of_version": version}).first()
        return Outcome(row.status, tuple(row.causes.split())) if row else None

    def done(self, sha256: str, model: str, version: str) -> bool:
        """Whether the store holds a record of these bytes by this model and program version."""
        return self.outcome(sha256, model, version) is not None

    def save(self, record: Mapping[str, Any]) -> None:
        """Put a record (`Record.to_dict()`) in, in place of an earlier one of the same bytes."""
        self.save_all([record])

    def save_all(self, records: Iterable[Mapping[str, Any]]) -> int:
        """Put a batch of records in as `save` does, all of them or, where something goes wrong, none; their number."""
        return self.save_entries(map(entry_of, records))

    def save_entries(self, entries: Iterable[Entry]) -> int:
        """What `save_all` does with records that are entries already."""
        batch = sorted(entries, key=lambda entry: entry.id)  # in one order, so that programs cannot deadlock
        with told(self.url), self._engine.begin() as connection:
            for start in range(0, len(batch), _AT_ONCE):
                some = batch[start : start + _AT_ONCE]
                connection.execute(self._upsert, [{name: getattr(one, name) for name in _KEPT} for one in some])
                connection.execute(self._upsert_reviews, list(map(review_tables.review_row, some)))
                self._lay_over(connection, some)
                if read := [one.path for one in some if one.sha256]:
                    connection.execute(_SUPERSEDE, {"paths": read, "kept": [one.id for one in some]})
        return len(batch)

    def records(
        self, *, status: str | None = None, order: Literal["path", "report"] = "path"
    ) -> Iterator[dict[str, Any]]:
        """All records, or those of one status, a few in memory at a time, so that any number fits.

        They come by path, then by hash; in the order "report" by form and year before that, the unknown first.
        """
        query = sa.select(documents.c.record).order_by(*_ORDERS[order])
        if status is not None:
            query = query.where(documents.c.status == status)
        with told(self.url), self._engine.connect().execution_options(yield_per=_AHEAD) as connection:
            for row in connection.execute(query):
                yield json.loads(row.record)

    def corrected_records(
        self, *, status: str | None = None, order: Literal["path", "report"] = "path"
    ) -> Iterator[dict[str, Any]]:
        """All records as `records` gives them, with their corrections laid over; `status` is that with corrections."""
        query = sa.select(documents.c.id, documents.c.record).order_by(*_ORDERS[order])
        if status is not None:
            query = query.join(reviews, reviews.c.document == documents.c.id).where(reviews.c.status == status)
        with (
            told(self.url),
            self._engine.connect().execution_options(yield_per=_AHEAD) as connection,
            self._engine.connect() as beside,
        ):
            for rows in connection.execute(query).partitions():
                made = review_tables.standing_of(beside, [row.id for row in rows])
                beside.rollback()
                for row in rows:
                    yield corrected(json.loads(row.record), made.get(row.id, ()))

    def outline(self) -> Iterator[Outlined]:
        """All documents, without their records, by path, then by hash."""
        columns = [documents.c[name] for name in Outlined._fields]
        query = sa.select(*columns).order_by(*_ORDERS["path"])
        with told(self.url), self._engine.connect().execution_options(yield_per=1000) as connection:
            yield from (Outlined(*row) for row in connection.execute(query))

    def some(self, ids: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Documents by the ids of `outline`, each with its record, corrections laid over, in the order asked for; a few
        in memory at a time. What is no longer there is passed over."""
        asked = iter(ids)
        while batch := list(islice(asked, _AHEAD)):
            with told(self.url), self._engine.connect() as connection:
                rows = connection.execute(
                    sa.select(documents.c.id, documents.c.record).where(documents.c.id.in_(batch))
                )
                found = {row.id: row.record for row in rows}
                made = review_tables.standing_of(connection, batch)
            yield from ((one, corrected(json.loads(found[one]), made.get(one, ()))) for one in batch if one in found)

    def corrections(self, document: str | None = None) -> Iterator[Correction]:
        """All corrections ever made, or those in one document, undone ones and undoings too, oldest first."""
        query = sa.select(review_tables.corrections).order_by(review_tables.corrections.c.id)
        if document is not None:
            query = query.where(review_tables.corrections.c.document == document)
        with told(self.url), self._engine.connect().execution_options(yield_per=_AHEAD) as connection:
            yield from map(review_tables.read_correction, connection.execute(query))

    def reviewed(self, document: str) -> Reviewed | None:
        """A document (by its id, the hash of its bytes) with its corrections; None where the store has none."""
        with told(self.url), self._engine.connect() as connection:
            return _reviewed(connection, document)

    def correct(self, document: str, version: int, changes: Iterable[Change], who: str) -> Reviewed:
        """Keep what somebody who saw `version` of a document says of its fields; the document as it is then.

        Changes made in one call are undone together. Raises ConflictError where the document has another version by
        now, UsageError where the store does not have it.
        """
        return self._change(document, version, partial(review_tables.add, changes=tuple(changes)), who)

    def undo(self, document: str, version: int, who: str) -> Reviewed:
        """Take back what was last changed in a document; the document as it is then. Errors are those of `correct`,
        and UsageError where nothing is left to undo."""
        return self._change(document, version, review_tables.undo_last, who)

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """A connection to read with, as of one moment; trouble with it is a StoreError."""
        with told(self.url), self._engine.connect() as connection:
            yield connection

    def refresh_reviews(self, progress: Callable[[int, int], None] = lambda *_: None) -> int:
        """Work out what the queue shows of documents that an older program saved; how many these were."""
        unknown = sa.select(reviews.c.document).where(reviews.c.worth.is_(None))
        with self.connection() as connection:
            left = list(connection.scalars(unknown))
        for done, document in enumerate(left, 1):
            with told(self.url), self._engine.execution_options(alone=True).begin() as connection:
                found = _reviewed(connection, document)
                if found is not None:
                    review_tables.restate(connection, document, found.record, only_unknown=True)
            progress(done, len(left))
        return len(left)

    def _change(self, document: str, version: int, change: Callable[..., None], who: str) -> Reviewed:
        at = review_tables.now()
        with told(self.url), self._engine.begin() as connection:
            number = review_tables.take_version(connection, document, version)
            before = _reviewed(connection, document)
            assert before is not None
            assert before.version == number
            change(connection, before, document, who, at)
            after = _reviewed(connection, document)
            assert after is not None
            review_tables.restate(connection, document, after.record, at)
        return after

    def _lay_over(self, connection: sa.Connection, entries: Sequence[Entry]) -> None:
        """Bring the rows of what was corrected, and is now read anew, up to date."""
        made = review_tables.standing_of(connection, [one.id for one in entries])
        for entry in entries:
            if entry.id in made:
                review_tables.restate(connection, entry.id, corrected(json.loads(entry.record), made[entry.id]))

    def lines(self) -> Iterator[Line]:
        """All records by path, then by hash, as the text that the store keeps: reading it takes longer than reading
        most of what one wants to know of it."""
        order = _ORDERS["path"]
        query = sa.select(documents.c.record, documents.c.agency, documents.c.year, documents.c.status).order_by(*order)
        with told(self.url), self._engine.connect().execution_options(yield_per=_AHEAD) as connection:
            for row in connection.execute(query):
                yield Line(row.record, row.agency, row.year, row.status)

    def find(self, sha256: str) -> dict[str, Any] | None:
        """The record of the document with these bytes, if the store holds one."""
        with told(self.url), self._engine.connect() as connection:
            found = connection.scalar(_RECORD, {"sha256": sha256})
        return json.loads(found) if found else None

    def path_of(self, sha256: str) -> str | None:
        """The path under which the store knows these bytes."""
        with told(self.url), self._engine.connect() as connection:
            return connection.scalar(_PATH, {"sha256": sha256})

    def unread(self) -> set[str]:
        """The paths of what failed before its bytes could be had."""
        query = sa.select(documents.c.path).where(documents.c.sha256 == "")
        with told(self.url), self._engine.connect() as connection:
            return set(connection.scalars(query))

    def forget_unread(self, path: str) -> None:
        """Take out the failure of a path whose bytes can be had by now."""
        with told(self.url), self._engine.begin() as connection:
            connection.execute(_FORGET, {"gone": [path_id(path)]})

    def versions(self) -> dict[tuple[str, int], list[str]]:
        """The paths of reports by agency and year, where there are several of one; failures are no reports."""
        of, read = (documents.c.agency, documents.c.year), documents.c.status != "failed"
        known = read & of[0].is_not(None) & of[1].is_not(None)
        several = sa.select(*of).where(known).group_by(*of).having(sa.func.count() > 1).subquery()
        query = (
            sa.select(*of, documents.c.path)
            .join(several, (of[0] == several.c.agency) & (of[1] == several.c.year))
            .where(read)
            .order_by(*of, documents.c.path, documents.c.id)
        )
        found: dict[tuple[str, int], list[str]] = {}
        with told(self.url), self._engine.connect() as connection:
            for agency, year, path in connection.execute(query):
                found.setdefault((agency, year), []).append(path)
        return found

    def reports(self) -> list[tuple[str | None, int | None, str, int]]:
        """Form, year, status and how many documents are of these, by form and year."""
        by = (documents.c.form, documents.c.year, documents.c.status)
        query = sa.select(*by, sa.func.count()).group_by(*by)
        with told(self.url), self._engine.connect() as connection:
            rows = [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]
        return sorted(rows, key=lambda row: (row[0] or "~", row[1] or 0, row[2]))

    def counts(self) -> dict[Outcome, int]:
        """How many documents ended in which way, commonest first."""
        number = sa.func.count().label("number")
        query = sa.select(documents.c.status, documents.c.causes, number).group_by(
            documents.c.status, documents.c.causes
        )
        with told(self.url), self._engine.connect() as connection:
            rows = connection.execute(query.order_by(number.desc(), documents.c.status, documents.c.causes)).all()
        return {Outcome(row.status, tuple(row.causes.split())): row.number for row in rows}


def open_store(url: str, *, create: bool = True, busy_seconds: float = 10) -> Store:
    """The store at a URL such as `sqlite:///out/nianbao.sqlite`, made or brought up to date where needed.

    With create=False a database without a store in it is an error. Another program's lock is waited for `busy_seconds`.
    Raises UsageError where the URL is none, StoreError where the store cannot be used.
    """
    engine = make_engine(url, busy_seconds)
    shown = shown_url(engine)
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file and not create and not Path(file).is_file():
        engine.dispose()
        raise no_store(shown)
    try:
        with told(shown):
            migrate(engine, shown, create=create)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def _reviewed(connection: sa.Connection, document: str) -> Reviewed | None:
    found = connection.scalar(_RECORD, {"sha256": document})
    version = review_tables.version_of(connection, document)
    if found is None or version is None:
        return None
    predicted = json.loads(found)
    made = review_tables.corrections_of(connection, document)
    return Reviewed(corrected(predicted, made), predicted, version, made)


def _upsert(dialect: str) -> Any:
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(documents)
    replaced = {column.name: statement.excluded[column.name] for column in documents.columns if column.name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=replaced)
