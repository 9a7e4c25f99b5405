"""The tables of reviewing: every correction ever made, and what a queue shows of each document with all of them.

A document has a version that grows with each correction and with each conversion that reads it otherwise. Who corrects
says which version he saw; where it is another by now, nothing is written. Every function here works within a
transaction of the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.corrections import Change, Correction, Shown, corrected, not_undone, settle, shown
from pipeline.entries import Entry, entry_of
from pipeline.errors import ConflictError, UsageError
from pipeline.forms import load_forms

_CORRECTION = "document field at who action before after predicted"
_REVIEW_TEXTS = "path title agency form media_type status causes reviewed_at"
_REVIEW_NUMBERS = "version year fields accepted doubtful failed corrected"
_META = sa.MetaData()
corrections = sa.Table(
    "corrections",
    _META,
    sa.Column("id", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text) for name in _CORRECTION.split()),
    *(sa.Column(name, sa.Integer) for name in ("version", "undone_by")),
)
reviews = sa.Table(
    "reviews",
    _META,
    sa.Column("document", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in _REVIEW_TEXTS.split()),
    *(sa.Column(name, sa.Integer) for name in _REVIEW_NUMBERS.split()),
    sa.Column("worth", sa.Float),
)
_OF = sa.select(corrections).where(corrections.c.document == sa.bindparam("wanted")).order_by(corrections.c.id)
_OF_MANY = (
    sa.select(corrections)
    .where(corrections.c.document.in_(sa.bindparam("wanted", expanding=True)), corrections.c.undone_by.is_(None))
    .order_by(corrections.c.id)
)
_VERSION = sa.select(reviews.c.version).where(reviews.c.document == sa.bindparam("wanted"))
_NEXT = (
    sa.update(reviews)
    .where(reviews.c.document == sa.bindparam("wanted"), reviews.c.version == sa.bindparam("seen"))
    .values(version=reviews.c.version + 1)
)
_RESTATE = sa.update(reviews).where(reviews.c.document == sa.bindparam("wanted"))
_LAST = sa.select(corrections).where(corrections.c.document == sa.bindparam("wanted")).order_by(
    corrections.c.id.desc()
).limit(1)  # fmt: skip
_STATED = ("status", "causes", "fields", "accepted", "doubtful", "failed", "worth")
_SAME = (*_STATED, "path", "title", "agency", "form", "year", "media_type")


class Reviewed(NamedTuple):
    """A document as it is shown: its record with corrections laid over, the record as it was read, its version, and
    all corrections ever made in it."""

    record: dict[str, Any]
    predicted: dict[str, Any]
    version: int
    corrections: tuple[Correction, ...]


def upsert_reviews(dialect: str) -> Any:
    """The statement that brings rows of `review_row` in; a document that is read again gets a version."""
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(reviews)
    kept = ("document", "version", "reviewed_at")
    replaced = {column.name: statement.excluded[column.name] for column in reviews.columns if column.name not in kept}
    return statement.on_conflict_do_update(
        index_elements=["document"], set_=replaced | {"version": reviews.c.version + 1}
    )


def review_row(entry: Entry) -> dict[str, Any]:
    """The row of a document that nobody corrected."""
    same = {name: getattr(entry, name) for name in _SAME}
    return {"document": entry.id, "version": 0, "corrected": 0, "reviewed_at": None} | same


def state(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a queue shows of a record with its corrections."""
    entry = entry_of(record)
    corrected = sum("corrected" in field for field in record["fields"].values())
    return {name: getattr(entry, name) for name in _STATED} | {"corrected": corrected}


def corrections_of(connection: sa.Connection, document: str) -> tuple[Correction, ...]:
    """All corrections of a document, undone ones and undoings too, oldest first."""
    return tuple(map(read_correction, connection.execute(_OF, {"wanted": document})))


def standing_of(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[Correction]]:
    """The corrections that were not undone, of several documents."""
    found: dict[str, list[Correction]] = {}
    for row in connection.execute(_OF_MANY, {"wanted": list(ids)}):
        found.setdefault(row.document, []).append(read_correction(row))
    return found


def read_correction(row: Any) -> Correction:
    plain = row._asdict()
    return Correction(**plain | {name: json.loads(plain[name]) for name in ("before", "after", "predicted")})


def version_of(connection: sa.Connection, document: str) -> int | None:
    return connection.scalar(_VERSION, {"wanted": document})


def take_version(connection: sa.Connection, document: str, seen: int) -> int:
    """Make the next version of a document for whoever saw `seen`, and lock it until the transaction ends.

    Raises UsageError where the store has no such document, ConflictError where somebody was quicker.
    """
    if connection.execute(_NEXT, {"wanted": document, "seen": seen}).rowcount:
        return seen + 1
    now = version_of(connection, document)
    if now is None:
        raise UsageError("The store has no such document.")
    last = connection.execute(_LAST, {"wanted": document}).first()
    if last is not None and last.version == now:
        said = f"{last.who} changed this document at {last.at}, after you opened it: look again, nothing was changed."
        raise ConflictError(said, by=last.who, at=last.at, version=now)
    said = "This document was read anew after you opened it: look again, nothing was changed."
    raise ConflictError(said, by="", at="", version=now)


def add(
    connection: sa.Connection, before: Reviewed, document: str, who: str, at: str, *, changes: Iterable[Change]
) -> None:
    """Keep changes as corrections of the version that `take_version` made; UsageError where the form of the document
    has no such field."""
    form = load_forms().get(before.record["form"])
    for one in changes:
        if form is None or one.field not in form.fields:
            raise UsageError(f"The form of this document has no field {one.field!r}.")
        was = shown(before.record, one.field)
        _insert(connection, _row(before, document, who, at, one.field, one.action, was, settle(was, one)))


def undo_last(connection: sa.Connection, before: Reviewed, document: str, who: str, at: str) -> None:
    """Undo what was changed together last; UsageError where nothing is left to undo."""
    left = not_undone(before.corrections)
    if not left:
        raise UsageError("There is nothing left to undo in this document.")
    last = max(one.version for one in left)
    without = corrected(before.predicted, (one for one in left if one.version < last))
    for one in (one for one in left if one.version == last):
        was, then = shown(before.record, one.field), shown(without, one.field)
        number = _insert(connection, _row(before, document, who, at, one.field, "undo", was, then))
        connection.execute(sa.update(corrections).where(corrections.c.id == one.id).values(undone_by=number))


def restate(
    connection: sa.Connection,
    document: str,
    record: Mapping[str, Any],
    at: str | None = None,
    *,
    only_unknown: bool = False,
) -> None:
    """Bring a document's row up to date with its record as corrected, or only where it was not worked out yet."""
    values = state(record) | ({"reviewed_at": at} if at else {})
    statement = _RESTATE.where(reviews.c.worth.is_(None)) if only_unknown else _RESTATE
    connection.execute(statement.values(**values), {"wanted": document})


def now() -> str:
    """This moment as it is kept: ISO 8601, UTC, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _row(
    before: Reviewed, document: str, who: str, at: str, field: str, action: str, was: Shown, then: Shown
) -> dict[str, Any]:
    texts = {"before": was, "after": then, "predicted": shown(before.predicted, field)}
    return {
        "document": document,
        "version": before.version,
        "field": field,
        "at": at,
        "who": who,
        "action": action,
        **{name: json.dumps(one) for name, one in texts.items()},
    }


def _insert(connection: sa.Connection, row: Mapping[str, Any]) -> int:
    return int(connection.execute(corrections.insert().values(**row).returning(corrections.c.id)).scalar_one())
