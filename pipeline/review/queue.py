"""What waits for a person, in the order of what looking at it is worth, and how to find a report among it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import sqlalchemy as sa

from pipeline.review_tables import reviews
from pipeline.storage import Store, documents

PAGE = 50
_NAMES = ("status", "form", "year", "agency", "cause", "q")
_LONGEST = 200  # characters of a filter
_MANY_AGENCIES = 300
_OF = reviews.c
_OPEN = (_OF.status == "needs_review") & (_OF.doubtful > 0)
STATUSES: Mapping[str, sa.ColumnElement[bool]] = {
    "open": _OPEN,
    "settled": (_OF.corrected > 0) & (_OF.doubtful == 0),
    "accepted": _OF.status == "accepted",
    "failed": _OF.status == "failed",
    "any": sa.true(),
}
_ORDER = (sa.func.coalesce(_OF.worth, 0.0).desc(), _OF.document)


class Filters(NamedTuple):
    """What a queue is narrowed to; "" where anything may be. `q` are words that all stand in a report."""

    status: str = "open"
    form: str = ""
    year: str = ""
    agency: str = ""
    cause: str = ""
    q: str = ""

    def address(self, **changed: object) -> str:
        """The filters as the query of an address, "" for those that narrow nothing."""
        said = self._asdict() | {name: str(value) for name, value in changed.items()}
        return urlencode(
            [(name, value) for name, value in said.items() if value and (name, value) != ("status", "open")]
        )


class QueuePage(NamedTuple):
    """A page (from 1) of what was found, and how much there is of it: reports, and cells that wait in them."""

    rows: Sequence[Any]
    page: int
    pages: int
    reports: int
    cells: int


class Choices(NamedTuple):
    """What there is to choose from in the filters."""

    forms: list[str]
    years: list[int]
    agencies: list[str]
    causes: list[str]


def read_filters(query: Mapping[str, str]) -> Filters:
    """The filters in the query of an address; what makes no sense there narrows nothing."""
    given = {name: query.get(name, "").strip()[:_LONGEST] for name in _NAMES}
    status = given.pop("status")
    given["year"] = given["year"] if given["year"].isascii() and given["year"].isdigit() else ""
    return Filters(status if status in STATUSES else "open", **given)


def find(store: Store, filters: Filters, page: int = 1) -> QueuePage:
    """A page of the reports that the filters let through, those first that are worth most; a page beyond the last is
    the last."""
    wanted = _wanted(filters)
    counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(_OF.doubtful), 0)).select_from(reviews)
    with store.connection() as connection:
        number, cells = connection.execute(counted.where(wanted)).one()
        pages = max(1, -(-number // PAGE))
        page = min(max(page, 1), pages)
        query = sa.select(reviews).where(wanted).order_by(*_ORDER).limit(PAGE).offset((page - 1) * PAGE)
        rows = connection.execute(query).all() if number else []
    return QueuePage(rows, page, pages, number, cells)


def about(store: Store, document: str) -> Any | None:
    """The row of a document in the queue; None where the store has no such document."""
    with store.connection() as connection:
        return connection.execute(sa.select(reviews).where(_OF.document == document)).first()


def next_document(store: Store, row: Any, filters: Filters) -> str | None:
    """The report that comes after one in the queue; at its end the first; None where no other waits."""
    worth = sa.func.coalesce(_OF.worth, 0.0)
    own = row.worth or 0.0
    after = (worth < own) | ((worth == own) & (_OF.document > row.document))
    query = sa.select(_OF.document).where(_wanted(filters), _OF.document != row.document).order_by(*_ORDER).limit(1)
    with store.connection() as connection:
        found = connection.scalar(query.where(after)) or connection.scalar(query)
    return str(found) if found else None


def choices(store: Store) -> Choices:
    """The forms, years, agencies (those of most reports) and causes that the store has."""
    with store.connection() as connection:

        def distinct(column: sa.ColumnElement[Any]) -> list[Any]:
            return [value for value in connection.scalars(sa.select(column).distinct()) if value is not None]

        agencies = (
            sa.select(_OF.agency)
            .where(_OF.agency.is_not(None), _OPEN)
            .group_by(_OF.agency)
            .order_by(sa.func.count().desc(), _OF.agency)
            .limit(_MANY_AGENCIES)
        )
        causes = {cause for some in distinct(_OF.causes) for cause in some.split()}
        forms, years = distinct(_OF.form), distinct(_OF.year)
        return Choices(sorted(forms), sorted(years, reverse=True), list(connection.scalars(agencies)), sorted(causes))


def _wanted(filters: Filters) -> sa.ColumnElement[bool]:
    conditions: list[sa.ColumnElement[bool]] = [STATUSES[filters.status]]
    if filters.form:
        conditions.append(_OF.form == filters.form)
    if filters.year:
        conditions.append(_OF.year == min(int(filters.year), 9999))
    if filters.agency:
        conditions.append(_OF.agency.contains(filters.agency, autoescape=True))
    if filters.cause:
        conditions.append((" " + _OF.causes + " ").contains(f" {filters.cause} ", autoescape=True))
    conditions += [_mentions(word) for word in filters.q.split()]
    return sa.and_(*conditions)


def _mentions(word: str) -> sa.ColumnElement[bool]:
    """Whether a report's title, agency or path holds a word, or its prose a Chinese one: a record's own words and its
    figures are ASCII, and stand in every record."""
    named = (_OF.title, _OF.agency, _OF.path)
    found = [sa.func.coalesce(column, "").contains(word, autoescape=True) for column in named]
    if not word.isascii():
        said = documents.c.record.contains(word, autoescape=True)
        found.append(sa.exists().where(documents.c.id == _OF.document, said))
    return sa.or_(*found)
