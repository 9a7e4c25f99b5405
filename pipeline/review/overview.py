"""How far reviewing has come, what holds reports back, who settles how fast, and figures over the years."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

import sqlalchemy as sa

from pipeline.review.small_multiples import AGENCIES, FACTOR, SLACK, Plotted, plotted
from pipeline.review_tables import corrections, reviews
from pipeline.storage import Store, documents

_CAUSES = 12  # that are shown
_DAYS = 30  # of reviewing that are shown
_PAUSE = 120.0  # seconds between two cells that are no work any more
_KINDS = {"text/html": "s_html", "application/pdf": "s_pdf", "text/plain": "s_text", "text/markdown": "s_text"}


class Share(NamedTuple):
    """What the reading made of a group of reports: how many there are, how many were accepted or failed, and cells."""

    name: str
    reports: int
    accepted: int
    failed: int
    fields: int
    fields_accepted: int


class Pace(NamedTuple):
    """What somebody settled on a day, and the median of seconds a cell; None where nothing tells."""

    day: str
    who: str
    cells: int
    seconds: float | None


class Overview(NamedTuple):
    """All that the overview shows. `reports` and `cells` are numbers by name; `groups` are tables of shares by column
    of the page; a cause has what it held back at first and what it still does."""

    reports: Mapping[str, int]
    cells: Mapping[str, int]
    groups: Sequence[Sequence[tuple[str, Sequence[Share]]]]
    paces: Sequence[Pace]
    causes: Sequence[tuple[str, int, int]]
    plots: Sequence[Plotted]
    agency: str
    page: int
    pages: int
    factor: int
    slack: int


def overview(store: Store, agency: str, page: int, t: Mapping[str, str]) -> Overview:
    """The overview of a store; of its plots a page (from 1), of agencies whose name holds `agency`."""
    with store.connection() as connection:
        known = connection.execute(_KNOWN).all()
        paces = _paces(connection)
        reports, cells = _progress(connection)
        waiting = _held(connection.execute(_WAITING).all())
        held = _held(connection.execute(_HELD).all())
        agencies = _agencies(connection, agency)
    pages = max(1, -(-len(agencies) // AGENCIES))
    page = min(max(1, page), pages)
    shown = dict(agencies[(page - 1) * AGENCIES : page * AGENCIES])
    groups = [[(f"o_by_{name}", _shares(known, name, t)) for name in names] for names in (("form", "kind"), ("year",))]
    causes = [(cause, number, waiting[cause]) for cause, number in held.most_common(_CAUSES)]
    plots = plotted(store, shown)
    return Overview(reports, cells, groups, paces, causes, plots, agency, page, pages, FACTOR, SLACK)


_D, _R = documents.c, reviews.c
_KNOWN = sa.select(
    _D.form, _D.year, _D.media_type.label("kind"), _D.status, sa.func.count().label("reports"),
    sa.func.sum(_D.fields).label("fields"), sa.func.sum(_D.accepted).label("accepted"),
).group_by(_D.form, _D.year, _D.media_type, _D.status)  # fmt: skip
_HELD = sa.select(_D.causes, sa.func.count().label("reports")).group_by(_D.causes)
_WAITING = sa.select(_R.causes, sa.func.count().label("reports")).where(_R.doubtful > 0).group_by(_R.causes)


def _progress(connection: sa.Connection) -> tuple[dict[str, int], dict[str, int]]:
    """Reports and cells by what became of them."""
    settled = (_R.corrected > 0) & (_R.doubtful == 0) & (_R.status != "failed")
    read = (_R.corrected == 0) & (_R.status == "accepted")
    kinds = {"read": read, "hand": settled, "failed": _R.status == "failed"}
    counts = [sa.func.sum(sa.case((one, 1), else_=0)).label(name) for name, one in kinds.items()]
    sums = [sa.func.sum(_R[name]).label(name) for name in ("accepted", "corrected", "doubtful")]
    row = connection.execute(sa.select(sa.func.count().label("all"), *counts, *sums).select_from(reviews)).one()
    told = {name: int(value or 0) for name, value in row._mapping.items()}
    reports = {"o_by_reading": told["read"], "o_by_hand": told["hand"]}
    reports["o_left"] = told["all"] - told["read"] - told["hand"] - told["failed"]
    cells = {"o_by_reading": max(0, told["accepted"] - told["corrected"]), "o_by_hand": told["corrected"]}
    return reports | {"o_failed": told["failed"]}, cells | {"o_left": told["doubtful"]}


def _shares(known: Iterable[Any], by: str, t: Mapping[str, str]) -> list[Share]:
    found: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    for row in known:
        name = _kind(row.kind) if by == "kind" else getattr(row, by)
        found[name].update({"reports": row.reports, row.status: row.reports})
        found[name].update({"fields": row.fields or 0, "cells": row.accepted or 0})
    return [
        Share(_name(by, name, t), one["reports"], one["accepted"], one["failed"], one["fields"], one["cells"])
        for name, one in sorted(found.items(), key=lambda item: str(item[0] or ""), reverse=by == "year")
    ]


def _kind(media_type: str) -> str:
    return _KINDS.get(media_type, "s_picture" if media_type.startswith("image/") else "s_word")


def _name(by: str, name: Any, t: Mapping[str, str]) -> str:
    if name is None:
        return t["o_unknown"]
    return str(name) if by == "year" else t.get(name if by == "kind" else f"form_{name}", name)


def _held(rows: Iterable[Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found.update(dict.fromkeys(row.causes.split(), row.reports))
    return found


def _paces(connection: sa.Connection) -> list[Pace]:
    """What each person settled on each of the last days, newest first."""
    since = (datetime.now(UTC) - timedelta(days=_DAYS)).isoformat(timespec="seconds")
    c = corrections.c
    query = (
        sa.select(c.who, c.at, sa.func.count().label("cells"))
        .where(c.at >= since, c.action != "undo", c.undone_by.is_(None))
        .group_by(c.who, c.at, c.document, c.version)
        .order_by(c.who, c.at)
    )
    steps: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        steps[row.at[:10], row.who].append(row)
    days = sorted(steps, key=lambda key: (key[0], key[1]), reverse=True)
    return [Pace(*key, sum(row.cells for row in steps[key]), _seconds(steps[key])) for key in days]


def _seconds(rows: Sequence[Any]) -> float | None:
    """The median of seconds a cell, of each cell those since the same person's last one; pauses left out."""
    times = [datetime.fromisoformat(row.at) for row in rows]
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    each = [gap / row.cells for gap, row in zip(gaps, rows[1:], strict=True) for _ in range(row.cells) if gap <= _PAUSE]
    return median(each) if each else None


def _agencies(connection: sa.Connection, part: str) -> list[tuple[str, list[str]]]:
    """Agencies with reports of several years and the ids of these, those with most years first."""
    known = _R.agency.is_not(None) & _R.year.is_not(None) & (_R.status != "failed")
    if part:
        known &= _R.agency.contains(part, autoescape=True)
    years = sa.func.count(_R.year.distinct())
    query = sa.select(_R.agency).where(known).group_by(_R.agency).having(years > 1).order_by(years.desc(), _R.agency)
    found: dict[str, list[str]] = {agency: [] for agency in connection.scalars(query)}
    for document, agency in connection.execute(sa.select(_R.document, _R.agency).where(known)):
        if agency in found:
            found[agency].append(document)
    return list(found.items())
