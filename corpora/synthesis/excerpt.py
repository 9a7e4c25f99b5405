"""Excerpts: reports of which only some rows came through, as pages copied in part or broken by a converter show."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from corpora.synthesis.tables import PrintedCell, PrintedTable

_KEPT = {"disclosure": 0.5, "requests": 0.25, "review_litigation": 1.0, "statistics": 0.4}


def excerpt(rng: random.Random, tables: Iterable[PrintedTable]) -> tuple[PrintedTable, ...]:
    """The tables with some of their rows, each row with its own label and its figures, mostly without heads."""
    found = (_rows_of(rng, table) for table in tables)
    return tuple(table for table in found if any(row.name not in ("head", "none") for row in table.rows))


def _rows_of(rng: random.Random, table: PrintedTable) -> PrintedTable:
    # A label that two rows share means neither without the rows around it.
    shared = ("review.corrected", "review.other", "litigation.corrected", "litigation.other")
    places = [place for place, row in enumerate(table.rows) if row.name not in ("head", "none", *shared)]
    kept = [place for place in places if rng.random() < _KEPT[table.name]] or places[:1]
    # Rows of one article share its heads, so that the heads stand and only rows of that article are kept.
    heads = [kept[0] - 1] if table.name == "disclosure" and table.rows[kept[0] - 1].name == "head" else []
    if table.name == "disclosure":
        kept = [place for place in kept if place - kept[0] == kept.index(place)]
    rows = [*heads, *kept]
    cells = [cell for number, place in enumerate(rows) for cell in _flat(table, place, number)]
    width = max(cell.column for cell in cells) + 1
    return replace(
        table,
        widths=(3.0, *(1.0,) * (width - 1)),
        rows=tuple(table.rows[place] for place in rows),
        cells=tuple(cells),
        head_rows=len(heads),
        label_columns=1,
    )


def _flat(table: PrintedTable, place: int, number: int) -> Iterable[PrintedCell]:
    """The row's own label and figures side by side, without the groups that begin in it."""
    own = [cell for cell in table.at_row(place) if cell.row_span == 1]
    for column, cell in enumerate(own):
        yield replace(cell, row=number, column=column, column_span=1)
