"""Tables of a page: those that its reader knows, else its ruled grids, else rows of words."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.datamodel import Page, Table
from pipeline.tables.ruled import ruled_tables, take
from pipeline.tables.word_rows import word_tables


def find_tables(page: Page) -> tuple[Table, ...]:
    """The tables of a page, top to bottom; a table that a page break cuts comes as one table a page.

    Cells that hold nothing have the text "". A table that the reader knows is taken as it is, but a tagged one with
    fewer filled cells than the grid drawn at its place gives way to the grid. Word rows are sought only among words
    outside all other tables.
    """
    known = tuple(block for block in page.blocks if isinstance(block, Table))
    if known and any(table.origin != "tagged" for table in known):
        return known
    ruled, loose = ruled_tables(page)
    if known:
        ruled = _better(known, ruled)
        loose = list(page.words)
        for table in ruled:
            if table.location.box:
                _, loose = take(loose, table.location.box)
    return tuple(sorted((*ruled, *word_tables(page, loose)), key=_top))


def _top(table: Table) -> float:
    return table.location.box[1] if table.location.box else float((table.location.span or (0, 0))[0])


def _better(tagged: Sequence[Table], ruled: Sequence[Table]) -> tuple[Table, ...]:
    """The tagged tables, those replaced that have fewer filled cells than the grids drawn at their place."""
    chosen: list[Table] = []
    for table in tagged:
        rivals = [grid for grid in ruled if _overlap(table, grid)]
        chosen += rivals if _filled(rivals) > _filled([table]) else [table]
    chosen += [grid for grid in ruled if not any(_overlap(grid, table) for table in tagged)]
    once = [table for index, table in enumerate(chosen) if table not in chosen[:index]]
    return tuple(sorted(once, key=_top))


def _filled(tables: Sequence[Table]) -> int:
    return sum(bool(cell.text.strip()) for table in tables for cell in table.cells)


def _overlap(one: Table, other: Table) -> bool:
    a, b = one.location.box, other.location.box
    return bool(a and b and min(a[3], b[3]) - max(a[1], b[1]) > 1 and min(a[2], b[2]) - max(a[0], b[0]) > 1)
