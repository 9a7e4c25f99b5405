"""Tables of pages without a grid (rules across only, shading, no rules, layout text): rows of words as cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.datamodel import Cell, Location, Page, Table, Word
from pipeline.forms import head_keys
from pipeline.tables.cell_text import box_of, line_text, readings
from pipeline.tables.word_columns import Extent, Head, find_columns, find_heads, is_above, place_figures, settle
from pipeline.tables.word_labels import Group, read_labels, rows_of_groups
from pipeline.tables.word_lines import (
    ENUMERATOR,
    TextLine,
    find_regions,
    is_figure,
    is_row_label,
    known_heads,
    read_lines,
)
from pipeline.tables.word_wraps import Draft
from pipeline.text import label_key

_DOUBTFUL = "\ufffd"  # before figures whose columns are not known; no number begins with it
_MANY = 7  # figures side by side that no running text has


class _Place(NamedTuple):
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1


def word_tables(page: Page, words: Iterable[Word]) -> tuple[Table, ...]:
    """The tables that lines of words make by their positions alone, top to bottom, with origin "words".

    A column without a figure in some row has an empty cell there; figures whose columns cannot be told stand together
    in one cell over all columns, after a replacement character, so that no reader of numbers takes them for one.
    Running text with numbers is no table: a table shows a head or row of a form, a row of seven figures, or three
    rows of two.
    """
    upright, level = _by_direction(words)
    if not any(map(is_figure, [word.text for word in level])):
        return ()
    tables = (_table(page, region, upright) for region in find_regions(read_lines(page, level)))
    return tuple(table for table in tables if table is not None)


def _by_direction(words: Iterable[Word]) -> tuple[list[Word], list[Word]]:
    """(words that run down or up the page, words that run across)."""
    upright: list[Word] = []
    level: list[Word] = []
    for word in words:
        x0, top, x1, bottom = word.box
        (upright if len(word.text) > 1 and bottom - top > 1.5 * (x1 - x0) else level).append(word)
    return upright, level


def _table(page: Page, region: Sequence[TextLine], upright: Sequence[Word]) -> Table | None:
    columns = find_columns(region)
    if not columns:
        return None
    first = _first_row(region, columns)
    head_lines, body = region[:first], region[first:]
    labelled = any(line.left for line in body)
    columns, heads = find_heads(head_lines, columns, labelled)
    top, bottom = body[0].middle, body[-1].middle
    beside = [word for word in upright if word.box[1] < bottom and word.box[3] > top and word.box[2] < columns[0][0]]
    rows, group_columns = read_labels(settle(body, columns), beside)
    rows = [row for row in rows if row.label or len(row.figures) > 1 or _is_only_figure(row, columns, heads)]
    if not rows or not _is_form(rows, heads, len(columns)):
        return None
    cells = _cells(
        page, _corner(head_lines, columns, labelled), columns, heads, rows, rows_of_groups(group_columns, rows)
    )
    return Table("words", cells, _hull(page, cells))


def _first_row(region: Sequence[TextLine], columns: Sequence[Extent]) -> int:
    """The index of the line at which the first row begins: its figures, or the label above them."""
    first = next(index for index, line in enumerate(region) if line.figures)
    start = first
    for index in range(first - 1, -1, -1):
        line = region[index]
        if (
            line.words[-1].box[2] > columns[0][0]
            or known_heads(line)
            or line.middle < region[first].middle - 4 * line.em
        ):
            break
        if ENUMERATOR.match(line_text(line.left)) or (start == index + 1 and not region[first].left):
            start = index
    return start


def _is_only_figure(row: Draft, columns: Sequence[Extent], heads: Sequence[Head]) -> bool:
    """Whether a figure without a label stands below the head of a table of one column (a page number does not)."""
    if not row.figures or not heads or len(columns) > 1:
        return False
    x0, _, x1, _ = row.figures[0].box
    return any(x0 < head.words[0].box[2] and head.words[0].box[0] < x1 for head in heads)


def _is_form(rows: Sequence[Draft], heads: Sequence[Head], columns: int) -> bool:
    heads_known = any(label_key(head.text) in head_keys() for head in heads)
    if heads_known or any(is_row_label(row.text) for row in rows):
        return True
    if any(len(row.figures) >= _MANY for row in rows):
        return True
    return columns > 1 and sum(len(row.figures) > 1 for row in rows) > 2


def _cells(
    page: Page,
    corner: Sequence[Word],
    columns: Sequence[Extent],
    heads: Sequence[Head],
    rows: Sequence[Draft],
    groups: Sequence[Sequence[tuple[Group, int, int]]],
) -> tuple[Cell, ...]:
    has_units = any(row.unit for row in rows)
    labels = len(groups) + any(row.label for row in rows)  # columns of labels, units not counted
    figures_at = labels + has_units
    found = _head_cells(page, corner, heads, figures_at)
    top = max((cell.row + 1 for cell in found), default=0)
    for column, members in enumerate(groups):
        for group, first, count in members:
            found.append(_cell(page, group.text, group.words, _Place(top + first, column, count)))
    covered = {(cell.row + down, cell.column) for cell in found for down in range(cell.row_span)}
    for index, row in enumerate(rows, start=top):
        start = max((column + 1 for column in range(len(groups)) if (index, column) in covered), default=0)
        words = [word for phrase in row.label for word in phrase]
        if start < labels:
            found.append(_cell(page, row.text, words, _Place(index, start, 1, labels - start), row.figures))
        if has_units:
            found.append(_cell(page, "".join(w.text for w in row.unit), row.unit, _Place(index, figures_at - 1), words))
        found += _figure_cells(page, row, columns, index, figures_at)
    return tuple(sorted(found, key=lambda cell: (cell.row, cell.column)))


def _corner(lines: Sequence[TextLine], columns: Sequence[Extent], labelled: bool) -> list[Word]:
    """The words of the head above the labels."""
    return [word for line in lines for word in line.left if not is_above(word, line, columns, labelled)]


def _head_cells(page: Page, corner: Sequence[Word], heads: Sequence[Head], figures_at: int) -> list[Cell]:
    """Group heads in a row of the table for each line they stand in, the heads of columns in the row below them."""
    groups = sorted((head for head in heads if head.is_group), key=lambda head: head.words[0].box[1])
    levels = sorted({head.words[0].box[1] for head in groups})
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for head in heads:
        row = levels.index(head.words[0].box[1]) if head.is_group else len(levels)
        place = [(row, column) for column in range(head.first, head.first + head.columns)]
        if not taken & set(place):
            taken |= set(place)
            cells.append(_cell(page, head.text, head.words, _Place(row, figures_at + head.first, 1, head.columns)))
    if corner and figures_at:
        cells.append(_cell(page, "".join(w.text for w in corner), corner, _Place(0, 0, len(levels) + 1, figures_at)))
    return cells


def _figure_cells(page: Page, row: Draft, columns: Sequence[Extent], index: int, figures_at: int) -> list[Cell]:
    label = [word for phrase in row.label for word in phrase]
    placed = place_figures(TextLine((), row.figures, row.em, row.doubtful), columns)
    if placed is None:
        text = _DOUBTFUL + line_text(row.figures)
        return [_cell(page, text, row.figures, _Place(index, figures_at, 1, len(columns)))]
    at = dict(zip(placed, row.figures, strict=True))
    cells = []
    for column in range(len(columns)):
        words = (at[column],) if column in at else ()
        text = words[0].text if words else ""
        cells.append(_cell(page, text, words, _Place(index, figures_at + column), label))
    return cells


def _cell(page: Page, text: str, words: Sequence[Word], place: _Place, beside: Sequence[Word] = ()) -> Cell:
    """A cell at the place of its words; an empty one at that of the words beside it."""
    location = _location(page, words or beside)
    return Cell(text, place.row, place.column, location, place.row_span, place.column_span, readings(words))


def _location(page: Page, words: Sequence[Word]) -> Location:
    spans = [word.span for word in words if word.span]
    if spans:
        return Location(page.number, None, (min(span[0] for span in spans), max(span[1] for span in spans)))
    return Location(page.number, box_of(words) if words else None)


def _hull(page: Page, cells: Sequence[Cell]) -> Location:
    boxes = [cell.location.box for cell in cells if cell.location.box]
    spans = [cell.location.span for cell in cells if cell.location.span]
    if spans:
        return Location(page.number, None, (min(span[0] for span in spans), max(span[1] for span in spans)))
    x0s, tops, x1s, bottoms = zip(*boxes, strict=True)
    return Location(page.number, (min(x0s), min(tops), max(x1s), max(bottoms)))
