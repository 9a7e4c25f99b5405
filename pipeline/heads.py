"""Which column heads stand above the figures of a row: by their place, else by their number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.datamodel import Cell, Table
from pipeline.forms import column_keys, running_total_keys
from pipeline.text import label_key

_POSITIONAL = frozenset({"ruled", "tagged", "html", "docx", "words"})
DRAWN = frozenset({"ruled", "tagged"})  # of these a cell's box is the whole cell
_YEAR = re.compile("(?:19|20)[0-9]{2}年度?数?")


@dataclass(frozen=True, slots=True)
class Heads:
    """The head rows above the next row of figures, and the width in columns of the table that they stand in."""

    rows: tuple[tuple[Cell, ...], ...] = ()
    columns: int = 0
    paths: dict[tuple[float, float], str] = field(default_factory=dict, compare=False)  # what _path_over found


def is_running_total(head: str) -> bool:
    return head.rsplit("/", 1)[-1] in running_total_keys()


def heads_above(table: Table, figures: Sequence[Cell], heads: Heads) -> tuple[str, ...]:
    """For each figure the texts of the head cells above it, outermost first, joined by "/"."""
    if not heads.rows:
        return ("",) * len(figures)
    if table.origin in _POSITIONAL:
        drawn = table.origin in DRAWN
        paths = tuple([_path_over(cell, heads, drawn) for cell in figures])
        return paths if drawn else _counted_where_crooked(paths, heads.rows)
    leaves = _leaf_heads(heads.rows)
    spare = len(figures) - len(leaves)
    if spare < 0 and any(map(is_running_total, leaves)):  # which of the columns lost its cell?
        return ("或".join(leaves),) * len(figures)
    if len(leaves) == 1 and _names_another(heads.rows):
        return ("",) * len(figures)
    if not leaves or spare < 0 or any(cell.text.strip() for cell in figures[:spare]):
        return ("",) * len(figures)
    return ("",) * spare + leaves


def _names_another(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether an unknown head stands on the right of a known one: a figure alone may be either's."""
    return any(
        cell.text.strip() and not _is_leaf(cell.text) and cell.column > known.column
        for row in rows
        for known in row
        if _is_leaf(known.text)
        for cell in row
    )


def _counted_where_crooked(paths: tuple[str, ...], rows: Sequence[Sequence[Cell]]) -> tuple[str, ...]:
    """The paths; the heads by their number where spans that do not agree leave a figure under no head of its own."""
    if len(set(paths)) == len(paths) and all(_is_leaf(path.rsplit("/", 1)[-1]) for path in paths):
        return paths
    leaves = _leaf_heads(rows)
    return leaves if len(leaves) == len(paths) else paths


def _leaf_heads(rows: Sequence[Sequence[Cell]]) -> tuple[str, ...]:
    """The column heads of a table whose columns are only counted, from left to right, each with the groups above it.

    None at all where a head stands under another column's head: then empty cells were lost and the order with them.
    """
    leaves = [(cell, depth) for depth, row in enumerate(rows) for cell in row if _is_leaf(cell.text)]
    leaves.sort(key=lambda found: (found[0].column, found[1]))
    paths = [(*_groups(rows[:depth], cell.column), _flat(cell.text)) for cell, depth in leaves]
    if any(_is_leaf(path[-2]) for path in paths if len(path) > 1):
        return ()
    return tuple("/".join(path) for path in paths)


def _is_leaf(text: str) -> bool:
    return label_key(_flat(text)) in column_keys()


def _groups(rows: Sequence[Sequence[Cell]], column: int) -> Iterator[str]:
    """In each row the last text at or left of the column: a merged head leaves only empty cells to its right."""
    for row in rows:
        texts = [cell.text for cell in row if cell.column <= column and cell.text.strip()]
        if texts:
            yield _flat(texts[-1])


@lru_cache(maxsize=8192)
def _flat(text: str) -> str:
    """A head without blanks; a mere year (`2016年度`) is the head of the year's column."""
    flat = re.sub(r"[\s/]+", "", text)
    return "本年度" if _YEAR.fullmatch(flat) else flat


def _path_over(figure: Cell, heads: Heads, drawn: bool) -> str:
    """The path of heads above a figure, found once for each column of a block."""
    box = figure.location.box
    place = (box[0], box[2]) if drawn and box else (float(figure.column), float(figure.column_span))
    path = heads.paths.get(place)
    if path is None:
        path = heads.paths[place] = _head_path(figure, heads.rows, drawn)
    return path


def _head_path(figure: Cell, rows: Iterable[Sequence[Cell]], drawn: bool) -> str:
    """The heads above a figure: by place on paper where cells are drawn, as a page's part may have fewer columns."""
    box = figure.location.box if drawn else None
    middle = (box[0] + box[2]) / 2 if box else 0.0
    path: list[Cell] = []
    for row in rows:
        for cell in row:
            if not cell.text:
                continue
            over = cell.location.box
            above = over[0] <= middle <= over[2] if box and over else _covers(cell, figure)
            if above and cell not in path[-1:]:
                path.append(cell)
    return "/".join(filter(None, (_flat(cell.text) for cell in path)))


def _covers(head: Cell, figure: Cell) -> bool:
    middle = figure.column + (figure.column_span - 1) / 2
    return head.column <= middle < head.column + head.column_span
