"""A report put together: its paragraphs and tables in reading order, ready for a renderer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from corpora.synthesis.chapters import NUMERALS
from corpora.synthesis.prose import Paragraph
from corpora.synthesis.tables import PrintedCell, PrintedTable


@dataclass(frozen=True, slots=True)
class Sheet:
    """The blocks of one report in reading order."""

    blocks: tuple[Paragraph | PrintedTable, ...]

    @property
    def title(self) -> str:
        title = next(block.text for block in self.blocks if isinstance(block, Paragraph) and block.kind == "title")
        return title.replace("\n", "")

    @property
    def tables(self) -> tuple[PrintedTable, ...]:
        return tuple(block for block in self.blocks if isinstance(block, PrintedTable))


@dataclass(frozen=True, slots=True)
class Printed:
    """A source as bytes, and the table rows that stand in it beside those of the sheet.

    `before` and `after` are a web page's own, each its label and figures; `repeats` are the places where a page says
    a table's heads again: the table's number, and the row before which they stand.
    """

    data: bytes
    before: tuple[tuple[str, tuple[int, ...]], ...] = ()
    after: tuple[tuple[str, tuple[int, ...]], ...] = ()
    repeats: tuple[tuple[int, int], ...] = ()


def restarted(sheet: Sheet) -> Sheet:
    """The sheet whose chapters are numbered from 一 again where the first chapter with a table begins."""
    blocks, number, found = list(sheet.blocks), -1, []
    for place, block in enumerate(blocks):
        if isinstance(block, Paragraph) and block.kind == "heading":
            tables = place + 1 < len(blocks) and isinstance(blocks[place + 1], PrintedTable)
            number = number + 1 if tables or number >= 0 else number
            found.append(place)
            if number >= 0:
                blocks[place] = replace(block, text=NUMERALS[number] + block.text[1:])
    return Sheet(tuple(blocks))


def put_together(paragraphs: Iterable[Paragraph], tables: Iterable[PrintedTable]) -> Sheet:
    """The paragraphs with the tables where their marks stand."""
    kept = tuple(tables)
    blocks: list[Paragraph | PrintedTable] = []
    for paragraph in paragraphs:
        if paragraph.kind == "tables":
            blocks.extend(table for table in kept if table.name == paragraph.text)
        else:
            blocks.append(paragraph)
    return Sheet(tuple(blocks))


def grid(table: PrintedTable) -> list[list[PrintedCell | None]]:
    """The table as rows of equal length: a cell where it begins, None where it is only continued."""
    rows: list[list[PrintedCell | None]] = [[None] * len(table.widths) for _ in table.rows]
    for cell in table.cells:
        rows[cell.row][cell.column] = cell
    return rows
