"""What the readers share: how the pieces of a cell's text are joined, and how spanned cells find their grid places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pipeline.datamodel import Cell, Line, Location, Problem, Span, Table

MAX_SPAN = 100
MAX_CELLS = 20_000
MAX_NESTING = 20

Texts = list[tuple[str, Span]]  # the cells of a row that are placed by counting

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BLANKS = re.compile(r"\s+")


def superscript(text: str) -> str:
    """The text with its digits raised, so that the note mark in 3<sup>1</sup> never becomes the figure 31."""
    return text.translate(_SUPERSCRIPT)


def join_cell(parts: Iterable[str]) -> str:
    """A cell's text from its printed lines: wrapped words run together, but a figure never touches the next line's.

    Two numbers one above the other stay two numbers, parted by a line break.
    """
    joined = ""
    for part in filter(None, (_BLANKS.sub(" ", part).strip() for part in parts)):
        apart = joined[-1:].isdigit() and (part[0].isdigit() or part[0] in ".,-+")
        apart = apart or (joined[-1:] in (".", ",", "，") and joined[-2:-1].isdigit() and part[0].isdigit())
        joined += ("\n" if apart else "") + part
    return joined


@dataclass(frozen=True, slots=True)
class SpannedCell:
    """A cell as its source declares it, before it has a place in the grid."""

    text: str
    span: Span
    row_span: int = 1
    column_span: int = 1


def place_cells(groups: Sequence[Sequence[Sequence[SpannedCell]]]) -> tuple[Cell, ...]:
    """The cells of a table, given as groups (thead, tbody …) of rows, at their places in the grid.

    The algorithm of the HTML standard, except that a cell declared over one that reaches down from above is cut
    short, so that no two cells cover the same place. Row spans end with their group.
    """
    cells: list[Cell] = []
    top = 0
    for group in groups:
        taken: dict[int, int] = {}  # column -> first row below the cell that reaches down through it
        for index, row in enumerate(group, start=top):
            column = 0
            for cell in row:
                while taken.get(column, 0) > index:
                    column += 1
                width = _free_width(taken, index, column, cell.column_span)
                height = min(cell.row_span, top + len(group) - index)
                cells.append(Cell(cell.text, index, column, Location(1, span=cell.span), height, width))
                taken.update(dict.fromkeys(range(column, column + width), index + height))
                column += cell.column_span
        top += len(group)
    return tuple(cells)


def _free_width(taken: dict[int, int], row: int, column: int, width: int) -> int:
    for offset in range(1, width):
        if taken.get(column + offset, 0) > row:
            return offset
    return width


def table_too_large(place: Location | None = None) -> Problem:
    """The problem to record where a table beyond MAX_CELLS is left as lines."""
    message = f"A table of more than {MAX_CELLS} cells was read as lines; give the report alone if it is in there."
    return Problem("readers", "table_too_large", message, place)


def placer(line: Line, source: str) -> Callable[[int, int], Span]:
    """Tells the place in the source of line.text[start:end]; the line's own where its text is not the source's."""
    begin, stop = line.location.span or (0, 0)
    if stop - begin != len(line.text) or not source.startswith(line.text, begin):
        return lambda _start, _end: (begin, stop)
    return lambda start, end: (begin + start, begin + end)


def make_table(origin: str, rows: Sequence[Texts]) -> Table:
    """A table whose cells stand where counting puts them."""
    cells = tuple(
        Cell(text, row, column, Location(1, span=span))
        for row, texts in enumerate(rows)
        for column, (text, span) in enumerate(texts)
    )
    spans = [cell.location.span for cell in cells if cell.location.span]
    return Table(origin, cells, Location(1, span=(min(s[0] for s in spans), max(s[1] for s in spans))))
