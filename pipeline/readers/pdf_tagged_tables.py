"""Tagged rows laid out as a grid: the columns of cells that the tree leaves out are found by where words stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.datamodel import Box, Cell, Location, Table, Word
from pipeline.readers.pdf_tags import TaggedCell

_Place = tuple[TaggedCell, int, int]
_Interval = tuple[float, float]


@dataclass(slots=True)
class _Layout:
    """Cells placed so far, and the slots that spans from rows above take."""

    width: int
    placed: list[_Place]
    taken: set[tuple[int, int]]

    def free(self, row: int) -> list[int]:
        return [column for column in range(self.width) if (row, column) not in self.taken]

    def put(self, cell: TaggedCell, row: int, column: int) -> None:
        self.placed.append((cell, row, column))
        self.taken |= {(row + i, column + j) for i in range(cell.row_span) for j in range(cell.column_span)}


def tagged_table(rows: Sequence[Sequence[TaggedCell]], page: int) -> Table | None:
    """The table that the rows make, or None where its tags do not settle what stands in which column.

    A row that fills the width stands as tagged; in a row with cells left out every cell must lie over the texts of
    exactly one free column. A figure broken over two lines leaves open whether it is one or two: no table either.
    """
    layout = _lay_out(rows)
    if layout is None or any(_breaks_figure(cell.words) for row in rows for cell in row):
        return None
    boxes = [word.box for row in rows for cell in row for word in cell.words]
    if layout.width < 2 or not boxes:
        return None
    return Table("tagged", tuple(_cells(layout, len(rows), page)), Location(page, _around(boxes)))


def _lay_out(rows: Sequence[Sequence[TaggedCell]]) -> _Layout | None:
    width = _width(rows)
    intervals = _intervals(rows, width)
    layout = _Layout(width, [], set())
    for index, row in enumerate(rows):
        free = layout.free(index)
        columns = _in_order(row, free)
        if columns is None:
            columns = _by_place(row, free, intervals)
        if columns is None:
            return None
        for cell, column in zip(row, columns, strict=True):
            layout.put(cell, index, column)
    return layout


def _width(rows: Sequence[Sequence[TaggedCell]]) -> int:
    """The most columns that any row takes, with the spans from the rows above it."""
    below: dict[int, int] = defaultdict(int)
    for index, row in enumerate(rows):
        for cell in row:
            for covered in range(index, index + cell.row_span):
                below[covered] += cell.column_span
    return max((below[index] for index in range(len(rows))), default=0)


def _in_order(row: Sequence[TaggedCell], free: list[int]) -> list[int] | None:
    """The columns of a row whose cells fill all free slots, each span in one piece."""
    if sum(cell.column_span for cell in row) != len(free):
        return None
    columns: list[int] = []
    start = 0
    for cell in row:
        slots = free[start : start + cell.column_span]
        if slots[-1] - slots[0] + 1 != cell.column_span:
            return None
        columns.append(slots[0])
        start += cell.column_span
    return columns


def _by_place(row: Sequence[TaggedCell], free: list[int], intervals: Sequence[_Interval | None]) -> list[int] | None:
    columns: list[int] = []
    open_slots = set(free)
    for cell in row:
        if not cell.words:
            return None
        box = _around(word.box for word in cell.words)
        fitting = [
            column
            for column in free
            if open_slots.issuperset(range(column, column + cell.column_span))
            and _over(box, intervals[column : column + cell.column_span])
        ]
        if len(fitting) != 1 or (columns and fitting[0] <= columns[-1]):
            return None
        columns.append(fitting[0])
        open_slots -= set(range(fitting[0], fitting[0] + cell.column_span))
    return columns


def _over(box: Box, intervals: Sequence[_Interval | None]) -> bool:
    known = [interval for interval in intervals if interval]
    return bool(known) and min(i[0] for i in known) < box[2] and max(i[1] for i in known) > box[0]


def _intervals(rows: Sequence[Sequence[TaggedCell]], width: int) -> list[_Interval | None]:
    """From where to where the texts of each column reach, by the rows that fill the width."""
    layout, found = _Layout(width, [], set()), list[_Interval | None]([None] * width)
    for index, row in enumerate(rows):
        columns = _in_order(row, layout.free(index))
        for cell, column in zip(row, columns or (), strict=False):
            layout.put(cell, index, column)
            if cell.words and cell.column_span == 1:
                box = _around(word.box for word in cell.words)
                old = found[column] or (box[0], box[2])
                found[column] = (min(old[0], box[0]), max(old[1], box[2]))
    return found


def _cells(layout: _Layout, height: int, page: int) -> list[Cell]:
    cells = [
        Cell(_text(cell.words), row, column, Location(page, _around(word.box for word in cell.words)),
             min(cell.row_span, height - row), cell.column_span)
        for cell, row, column in layout.placed
        if cell.words
    ]  # fmt: skip
    blank = [(row, column) for cell, row, column in layout.placed if not cell.words]
    blank += [(row, column) for row in range(height) for column in layout.free(row)]
    cells += [Cell("", row, column, Location(page, _blank_box(cells, row, column))) for row, column in blank]
    return sorted(cells, key=lambda cell: (cell.row, cell.column))


def _blank_box(cells: Sequence[Cell], row: int, column: int) -> Box | None:
    """About where a blank cell stands: as wide as its column's texts, as tall as its row's."""
    beside = [cell.location.box for cell in cells if cell.row == row and cell.row_span == 1 and cell.location.box]
    above = [cell.location.box for cell in cells if cell.column == column and cell.column_span == 1
             and cell.location.box]  # fmt: skip
    if not beside or not above:
        return None
    across, down = _around(above), _around(beside)
    return across[0], down[1], across[2], down[3]


def _around(boxes: Iterable[Box]) -> Box:
    x0, top, x1, bottom = zip(*boxes, strict=True)
    return min(x0), min(top), max(x1), max(bottom)


def _text(words: Sequence[Word]) -> str:
    """The words in content order; a space where a gap or a line end stands between Latin letters or digits."""
    text = words[0].text
    for before, word in pairwise(words):
        gap = word.box[0] - before.box[2]
        height = min(word.box[3] - word.box[1], before.box[3] - before.box[1])
        apart = abs(gap) > 0.15 * height and (text[-1].isascii() or word.text[0].isascii())
        text += f" {word.text}" if (apart and _same_line(before, word)) or _both_latin(text, word.text) else word.text
    return text


def _both_latin(before: str, after: str) -> bool:
    return before[-1].isascii() and after[0].isascii() and before[-1].isalpha() and after[0].isalpha()


def _same_line(one: Word, other: Word) -> bool:
    return min(one.box[3], other.box[3]) > max(one.box[1], other.box[1])


def _breaks_figure(words: Sequence[Word]) -> bool:
    return any(
        before.text[-1].isdigit() and after.text[0].isdigit() and not _same_line(before, after)
        for before, after in pairwise(words)
    )
