"""Tables to rows: which cells are labels, which are figures, and which column head stands above each figure.

A table broken by a page, or repeated heads, or a row and even a label cut in two by the page, come out as if the
paper had no end. Nothing here knows what a row means; that is the classifier's work.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter

from pipeline.datamodel import Cell, Line, Location, Row, Table
from pipeline.forms import (
    column_keys,
    head_keys,
    row_key_beginnings,
    row_key_ends,
    row_keys,
    running_total_keys,
)
from pipeline.heads import DRAWN, Heads, heads_above, is_running_total
from pipeline.text import label_key, parse_number

_SECTION = re.compile(r"\s*(第?[一二三四五六七八九十]{1,2}\s*(部分|[、.．]))")
_UNITS = frozenset({"条", "件", "次", "篇", "个", "人", "人次", "万元", "元", "项", "场", "期", "份"})
_NUMBER = re.compile("[0-9]{1,2}|[一二三四五六七八九十]{1,2}")
_MAX_LABEL_CELLS = 6
_MOST_STRAYS, _LONGEST_STRAY = 40, 40
_RUN_BEGINS = frozenset("0123456789+-/")

Cells = tuple[Cell, ...]


def read_rows(blocks: Sequence[Line | Table]) -> list[Row]:
    """The rows of all tables in document order that carry figures or are blank rows of a statutory form."""
    rows: list[Row] = []
    heads = Heads()
    section, between = "", ""
    for number, block in enumerate(blocks):
        if isinstance(block, Line):
            section = block.text.strip() if _SECTION.match(block.text) else section
            between += block.text.strip()
            continue
        continues = bool(rows) and not between
        if not continues:
            heads = Heads()
        found, heads = _rows_of(block, number, section, heads)
        rows += _joined(rows, found) if continues else found
        between = ""
    return [row for row in rows if _is_filled(row) or _is_row_key(_own_key(row))]


def without_columns(rows: Sequence[Row], totals: frozenset[str]) -> list[Row]:
    """The rows without their figures under these heads of running totals, which a model was taught.

    A figure without a head in a table that has such a column may be of either: it is put under both heads.
    """
    heads = {
        row.table: row.heads for row in rows if len(row.heads) > 1 and any(_leaf(head) in totals for head in row.heads)
    }
    return [_without(row, totals, heads[row.table]) if row.table in heads else row for row in rows]


def _without(row: Row, totals: frozenset[str], heads: Sequence[str]) -> Row:
    kept = [place for place, head in enumerate(row.heads) if _leaf(head) not in totals]
    if 0 < len(kept) < len(row.heads):
        cells, above = tuple([row.cells[place] for place in kept]), tuple([row.heads[place] for place in kept])
        return replace(row, cells=cells, heads=above)
    if any(row.heads):
        return row
    either = "或".join([*(head for head in heads if _leaf(head) not in totals), min(running_total_keys())])
    return replace(row, heads=(either,) * len(row.heads))


def _leaf(head: str) -> str:
    return label_key(head.rsplit("/", 1)[-1])


def stray_figures(blocks: Sequence[Line | Table]) -> list[Cell]:
    """The figures that stand alone on a line between two tables, as one that fell out of its row does."""
    tables = [place for place, block in enumerate(blocks) if isinstance(block, Table)]
    between = blocks[tables[0] : tables[-1]] if tables else ()
    lines = (block for block in between if isinstance(block, Line) and block.location.span)
    return [Cell(line.text.strip(), 0, 0, line.location) for line in lines if _is_stray(line.text)][:_MOST_STRAYS]


def _is_stray(text: str) -> bool:
    return len(text) <= _LONGEST_STRAY and text.strip()[:1].isdigit() and parse_number(text).state == "printed"


def _rows_of(table: Table, number: int, section: str, heads: Heads) -> tuple[list[Row], Heads]:
    grid = _grid(table)
    columns = max((cell.column + cell.column_span for cell in table.cells), default=0)
    if heads.columns != columns and table.origin not in DRAWN:
        heads = Heads(columns=columns)
    rows: list[Row] = []
    fresh = True  # the rows of figures above end the head block: the next head row starts a new one
    for index, cells in grid:
        labels, figures = _split_run(cells) if table.origin == "run" else _split(cells, index)
        if _is_row(labels, figures):
            rows.append(_row(table, number, index, section, labels, figures, heads))
            fresh = True
        elif _is_head(cells):
            heads = Heads(((() if fresh else heads.rows) + (cells,)), columns)
            fresh = False
    return rows, heads


def _is_row(labels: Sequence[Cell], figures: Sequence[Cell]) -> bool:
    """Whether a line of a table carries figures, or is a blank row (or a cut piece of one) of a form."""
    if any(cell.text.strip() for cell in figures):
        return True
    blank = bool(figures and labels) and not _names_columns(labels)
    return blank and _is_part_of_label(label_key(labels[-1].text))


def _grid(table: Table) -> list[tuple[int, tuple[Cell, ...]]]:
    """For each row index all the cells that cover it, from left to right."""
    covering: defaultdict[int, list[Cell]] = defaultdict(list)
    for cell in table.cells:
        covering[cell.row].append(cell)
        for row in range(cell.row + 1, cell.row + cell.row_span):
            covering[row].append(cell)
    return [(row, tuple(sorted(cells, key=attrgetter("column")))) for row, cells in sorted(covering.items())]


def _split(cells: Sequence[Cell], index: int) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """(label cells, figure cells): the figures are the run of cells on the right that hold no words."""
    start = len(cells)
    while start and _may_be_figure(cells[start - 1], index):
        start -= 1
    labels = [cell for cell in cells[:start] if cell.text.strip()]
    if labels and label_key(labels[-1].text) in _UNITS:
        labels.pop()  # the column 单位 of the older form stands between a label and its figure
    return tuple(labels), tuple(cells[start:])


def _split_run(cells: tuple[Cell, ...]) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """(label cells, the run): a head row has no run."""
    return (cells[:-1], cells[-1:]) if not cells[-1].text or cells[-1].text[0] in _RUN_BEGINS else (cells, ())


def _may_be_figure(cell: Cell, index: int) -> bool:
    return cell.row == index and (bool(cell.readings) or _reads_as_figure(cell.text))


@lru_cache(maxsize=4096)
def _reads_as_figure(text: str) -> bool:
    """Whether a cell with this text may hold a figure: nothing, a number, or what could be one."""
    if not text.strip():
        return True
    if (key := label_key(text)) in row_keys() or key in head_keys():
        return False
    parsed = parse_number(text)
    return parsed.state != "unreadable" or (bool(parsed.candidates) and not _wordy(text))


def _wordy(text: str) -> bool:
    """Whether a text is a label that happens to hold digits (`1.属于国家秘密`) and not a figure in odd clothes."""
    letters = sum(char.isalpha() and not char.isascii() for char in text)
    digits = sum(char.isdigit() for char in text)
    return (letters > 3 and letters > 2 * digits) or bool(re.match(r"\s*[(（]?\d?[)）.、．]\s*\D", text))


def _is_head(cells: Iterable[Cell]) -> bool:
    keys = [label_key(cell.text) for cell in cells if cell.text.strip()]
    return bool(keys) and (any(key in head_keys() for key in keys) or not any(map(_is_row_key, keys)))


def _names_columns(labels: Sequence[Cell]) -> bool:
    """Whether a row without figures holds column heads: one of them, 其他, is the label of a row as well."""
    return sum(label_key(cell.text) in column_keys() for cell in labels) > 1


def _is_row_key(key: str) -> bool:
    return key in row_keys() or _without_number(key) in row_keys()


def _without_number(key: str) -> str:
    """A label's key without the number before it, which comes and goes."""
    return _NUMBER.sub("", key, count=1) if _NUMBER.match(key) else key


def _row(
    table: Table, number: int, index: int, section: str, labels: Sequence[Cell], figures: Sequence[Cell], heads: Heads
) -> Row:
    cells, above = _without_running_totals(tuple(figures), heads_above(table, figures, heads))
    return Row(
        table=number,
        index=index,
        origin=table.origin,
        labels=tuple([cell.text.strip() for cell in labels[-_MAX_LABEL_CELLS:]]),
        cells=cells,
        heads=above,
        location=_hull([cell.location for cell in (*labels[-1:], *figures[:1], *figures[-1:])]),
        section=section,
    )


def _without_running_totals(cells: Cells, heads: tuple[str, ...]) -> tuple[Cells, tuple[str, ...]]:
    """The figures of the year with their heads: a column 历年累计 beside them is left out."""
    kept = _columns_of_the_year(heads)
    if len(kept) == len(heads):
        return cells, heads
    return tuple([cells[place] for place in kept]), tuple([heads[place] for place in kept])


@lru_cache(maxsize=1024)
def _columns_of_the_year(heads: tuple[str, ...]) -> tuple[int, ...]:
    """The places of the heads that are none of a running total; all of them where there is no other."""
    kept = tuple(place for place, head in enumerate(heads) if not is_running_total(head))
    return kept or tuple(range(len(heads)))


def _joined(before: Sequence[Row], found: list[Row]) -> list[Row]:
    """The rows of a table's continuation, without the first one where it is the rest of the last row before it."""
    if not found or not _cut_in_two(before[-1], found[0]):
        return found
    assert isinstance(before, list)
    before[-1] = _merged(before[-1], found[0])
    return found[1:]


def _cut_in_two(upper: Row, lower: Row) -> bool:
    parts = [_own_key(upper), _own_key(lower)]
    if len(upper.cells) != len(lower.cells) or "" in parts or "".join(parts) not in row_keys():
        return False
    return not (_is_filled(upper) and _is_filled(lower))


def _is_filled(row: Row) -> bool:
    return any(cell.text.strip() for cell in row.cells)


def _own_key(row: Row) -> str:
    return label_key(row.labels[-1]) if row.labels else ""


@lru_cache(maxsize=4096)
def _is_part_of_label(key: str) -> bool:
    """Whether a label is one of the forms' or the beginning or the end of one, as a page break leaves it."""
    cut = len(key) > 3 and (key in row_key_beginnings() or key in row_key_ends())
    return cut or _is_row_key(key)


def _merged(upper: Row, lower: Row) -> Row:
    filled = upper if _is_filled(upper) else lower
    label = upper.labels[-1] + lower.labels[-1]
    return replace(filled, labels=(*upper.labels[:-1], label), heads=upper.heads)


def _hull(locations: Sequence[Location]) -> Location:
    """The smallest place on the first location's page that holds them all."""
    page = locations[0].page if locations else 1
    boxes = [place.box for place in locations if place.box and place.page == page]
    spans = [place.span for place in locations if place.span and place.page == page]
    box = None
    if boxes:
        x0s, tops, x1s, bottoms = zip(*boxes, strict=True)
        box = (min(x0s), min(tops), max(x1s), max(bottoms))
    span = (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None
    return Location(page, box, span)
