"""Damage done to tables before they are written: heads lost, tables cut by pages, what stands between cells."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from corpora.synthesis.tables import PrintedCell, PrintedTable

Tables = tuple[PrintedTable, ...]


@dataclass(frozen=True, slots=True)
class Joints:
    """What stands after a cell: `cell` with the chance `share`, else nothing; `label` after the last label of a row,
    `row` after its last cell. With `pair` every cell but one of two neighbouring columns is followed by `cell`.
    `groups` is the chance that a row says again which group it is in, as after the end of a page."""

    cell: str = ""
    share: float = 1.0
    label: str = ""
    row: str = ""
    pair: bool = False
    groups: float = 0.0


@dataclass(frozen=True, slots=True)
class Damage:
    """What befalls the tables: `heads_lost`; `cut` by a page "with" or "without" its heads again, or into "two"
    tables; `moved` where the first article of the second chapter stands after the others; `joints` where the cells of
    text run together, wholly or in part."""

    heads_lost: bool = False
    moved: bool = False
    cut: Literal["", "with", "without", "two"] = ""
    joints: Joints | None = None


def damaged(rng: random.Random, tables: Iterable[PrintedTable], damage: Damage) -> Tables:
    """The tables after the damage; rows and cells that are lost are lost to gold rows as well."""
    kept = tuple(tables)
    if damage.heads_lost:
        kept = tuple(without_rows(table, lambda name: name == "head") for table in kept)
    if damage.moved:
        kept = tuple(first_article_last(table) if table.name == "disclosure" else table for table in kept)
    if damage.cut:
        kept = tuple(part for table in kept for part in cut_by_page(rng, table, damage.cut))
    joints = damage.joints
    return kept if joints is None else tuple(_joined(rng, table, joints) for table in kept)


def without_rows(table: PrintedTable, lost: Callable[[str], bool]) -> PrintedTable:
    """The table without the rows of those names; cells that reach over them are the shorter for it."""
    places = [place for place, row in enumerate(table.rows) if not lost(row.name)]
    number = {place: count for count, place in enumerate(places)}
    cells = []
    for cell in table.cells:
        inside = [number[place] for place in range(cell.row, cell.row + cell.row_span) if place in number]
        if inside and cell.row in number:
            cells.append(replace(cell, row=inside[0], row_span=len(inside)))
    rows = tuple(table.rows[place] for place in places)
    heads = sum(place < table.head_rows for place in places)
    return replace(table, rows=rows, cells=tuple(cells), head_rows=heads)


def first_article_last(table: PrintedTable) -> PrintedTable:
    """The second chapter's table with its first article, heads and rows, below the others."""
    titles = sorted(cell.row for cell in table.cells if cell.kind == "title")
    order = [*range(titles[1], len(table.rows)), *range(titles[1])] if len(titles) > 1 else range(len(table.rows))
    place = {old: new for new, old in enumerate(order)}
    cells = sorted((replace(cell, row=place[cell.row]) for cell in table.cells), key=lambda c: (c.row, c.column))
    return replace(table, rows=tuple(table.rows[old] for old in order), cells=tuple(cells))


def cut_by_page(rng: random.Random, table: PrintedTable, how: str) -> Tables:
    """The table as the end of a page leaves it after any of its rows: cells that go on are empty there.

    The heads come again ("with") or not ("without") in one table, or there are "two" tables.
    """
    first = table.head_rows or 1
    if len(table.rows) <= first + 1:
        return (table,)
    place = rng.randrange(first + 1, len(table.rows))
    head = _strip(table, 0, table.head_rows) if how == "with" else ()
    above, below = _strip(table, 0, place), _strip(table, place, len(table.rows))
    heads = table.rows[: table.head_rows] if how == "with" else ()
    if how == "two":
        upper = replace(table, rows=table.rows[:place], cells=above)
        return upper, replace(table, rows=table.rows[place:], cells=below, head_rows=0)
    moved = [replace(cell, row=cell.row + place) for cell in head]
    moved += [replace(cell, row=cell.row + place + len(heads)) for cell in below]
    rows = (*table.rows[:place], *heads, *table.rows[place:])
    return (replace(table, rows=rows, cells=(*above, *moved)),)


def _strip(table: PrintedTable, start: int, end: int) -> tuple[PrintedCell, ...]:
    """The cells of some rows, counted from the first of these; what began above is empty here."""
    found = []
    for cell in table.cells:
        top, bottom = max(cell.row, start), min(cell.row + cell.row_span, end)
        if top < bottom:
            text = cell.text if cell.row >= start else ""
            found.append(replace(cell, text=text, row=top - start, row_span=bottom - top))
    return tuple(found)


def _joined(rng: random.Random, table: PrintedTable, joints: Joints) -> PrintedTable:
    """The table whose cells' texts end in what stands after them."""
    figures = sorted({cell.column for cell in table.cells if cell.kind == "figure"})
    tight = rng.choice(figures[:-1]) if joints.pair and len(figures) > 1 else -1
    groups = [cell for cell in table.cells if cell.kind == "label" and cell.row_span > 1]
    cells = []
    for place in range(len(table.rows)):
        row = table.at_row(place)
        again = [group.text for group in groups if group.row < place < group.row + group.row_span]
        for number, cell in enumerate(row):
            text = cell.text.strip()
            if number == 0 and again and rng.random() < joints.groups:
                text = "".join(again) + text
            cells.append(replace(cell, text=text + _after(rng, row, number, joints, tight)))
    return replace(table, cells=tuple(cells))


def _after(rng: random.Random, row: list[PrintedCell], number: int, joints: Joints, tight: int) -> str:
    cell = row[number]
    if number == len(row) - 1:
        return joints.row
    if cell.kind == "label" and row[number + 1].kind == "figure" and joints.label:
        return joints.label
    if cell.kind == "figure" and cell.column == tight:
        return ""
    return joints.cell if rng.random() < joints.share else ""
