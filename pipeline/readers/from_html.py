"""Web pages: `Page.text` is the decoded source itself, so every span points at the place in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.datamodel import Line, Location, Page, Problem, Source, Span, Table
from pipeline.errors import UnreadableInput
from pipeline.readers.cells import (
    MAX_CELLS,
    MAX_NESTING,
    MAX_SPAN,
    SpannedCell,
    join_cell,
    place_cells,
    superscript,
    table_too_large,
)
from pipeline.readers.decoding import decode
from pipeline.readers.html_elements import BLOCKS, PARTS, Hidden, step
from pipeline.readers.html_tokens import Token, attributes, tokens, unescape
from pipeline.readers.text_tables import find_line_tables

_MAX_LABEL = 100  # characters; a cell that is alone in its table and holds more frames a text
_STRUCTURE = re.compile(r"<(?:p|div|br|body|html|li|h[1-6])\b", re.IGNORECASE)
_COLLAPSED = re.compile(r"[ \t\r\n\f]+")
_LEADING = re.compile(r"(?:\s|&(?:nbsp|ensp|emsp|#160|#12288|#x3000|#xa0);?)*+", re.IGNORECASE)
_NEWLINES = re.compile(r"\r\n|[\r\n]")


def read(source: Source) -> list[Page]:
    """The document as one page without size: lines and tables in the order of the source.

    Tables that only lay out the page dissolve into the lines and tables within them. Scripts, styles, comments and
    hidden elements are left out. Raises UnreadableInput: `not_a_document`, `too_deeply_nested`.
    """
    text, problems = decode(source.data, source.path)
    builder = _Builder(text)
    for token in tokens(text):
        builder.take(token)
    blocks, found = find_line_tables(builder.finish(), text)
    return [Page(1, 0.0, 0.0, blocks=blocks, text=text, problems=(*problems, *builder.problems, *found))]


class _Piece(NamedTuple):
    """A stretch of text between tags, decoded, with its place in the source."""

    text: str
    start: int
    end: int
    raised: bool = False


_BREAK = _Piece("", -1, -1)


@dataclass(slots=True)
class _Content:
    """What a cell, or the page around all tables, holds so far. `span` is the inside of the cell's tags."""

    start: int = 0
    row_span: int = 1
    column_span: int = 1
    end: int = 0
    items: list[_Piece | Line | Table] = field(default_factory=list)


@dataclass(slots=True)
class _OpenTable:
    start: int
    groups: list[list[list[_Content]]] = field(default_factory=lambda: [[]])
    row: list[_Content] | None = None
    cell: _Content | None = None
    loose: _Content = field(default_factory=_Content)


class _Builder:
    """Takes the tokens of a page one by one and keeps the tables that are open."""

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._page = _Content()
        self._tables: list[_OpenTable] = []
        self._raised = 0
        self._preformatted = 0
        # Markdown with HTML tables in it: the line breaks around the tables are meant.
        self._is_markdown = not _STRUCTURE.search(text)
        self._hidden = Hidden()

    def take(self, token: Token) -> None:
        if self._hidden.covers(token):
            return
        if token.kind == "text":
            self._add_text(token)
        elif token.name in PARTS:
            self._raised = 0
            self._take_part(token)
        elif token.name in BLOCKS:
            self._raised = 0
            self._here().items.append(_BREAK)
            if token.name == "pre":
                self._preformatted = max(0, self._preformatted + step(token))
        elif token.name in ("sup", "sub"):
            self._raised = max(0, self._raised + step(token))

    def finish(self) -> list[Line | Table]:
        """All blocks of the page; open tables are closed."""
        while self._tables:
            self._close_table(len(self._text))
        if self._hidden.tables_seen:
            message = "A hidden table was left out; the report may hold more than the page shows."
            self.problems.append(Problem("readers", "hidden_table", message))
        return self._blocks(self._page)

    def _here(self) -> _Content:
        if not self._tables:
            return self._page
        return self._tables[-1].cell or self._tables[-1].loose

    def _add_text(self, token: Token) -> None:
        here = self._here()
        source = self._text[token.start : token.end]
        if self._preformatted or (self._is_markdown and not self._tables):
            self._add_lines(here, source, token.start)
        elif source.isspace():
            # Between inline tags white space parts words; elsewhere it is the indentation of the source.
            if here.items and isinstance(here.items[-1], _Piece) and here.items[-1] is not _BREAK:
                here.items.append(_Piece(" ", token.start, token.start))
        else:
            shown = unescape(_COLLAPSED.sub(" ", source))
            here.items.append(_Piece(shown, token.start, token.end, bool(self._raised)))

    def _add_lines(self, here: _Content, source: str, offset: int) -> None:
        at = 0
        for newline in [*_NEWLINES.finditer(source), None]:
            end = newline.start() if newline else len(source)
            if end > at:
                here.items.append(_Piece(unescape(source[at:end]), offset + at, offset + end, bool(self._raised)))
            if newline:
                here.items.append(_BREAK)
                at = newline.end()

    def _take_part(self, token: Token) -> None:
        if not self._tables and token.name != "table":
            self._page.items.append(_BREAK if token.name == "tr" else _Piece(" ", token.start, token.start))
            return
        if token.name == "table":
            self._take_table(token)
            return
        table = self._tables[-1]
        if token.name in ("td", "th"):
            self._end_cell(table, token.start)
            if token.kind == "open":
                self._open_cell(table, token)
            return
        self._end_cell(table, token.start)
        table.row = None
        if token.name == "tr":
            if token.kind == "open":
                table.row = []
                table.groups[-1].append(table.row)
        elif table.groups[-1]:
            table.groups.append([])

    def _take_table(self, token: Token) -> None:
        if token.kind == "close":
            if self._tables:
                self._close_table(token.start)
            return
        if self._tables and self._tables[-1].cell is None:
            self._close_table(token.start)  # as the HTML standard has it: a table cannot stand between cells
        if len(self._tables) >= MAX_NESTING:
            raise UnreadableInput(
                f"The page nests tables more than {MAX_NESTING} deep; save the report's part of the page alone.",
                code="too_deeply_nested",
            )
        self._tables.append(_OpenTable(token.start))

    def _open_cell(self, table: _OpenTable, token: Token) -> None:
        if table.row is None:
            table.row = []
            table.groups[-1].append(table.row)
        given = attributes(token.rest) if "span" in token.rest.lower() else {}
        rows, columns = self._number(given.get("rowspan"), token), self._number(given.get("colspan"), token)
        # rowspan="0" reaches to the end of the group; place_cells cuts it there.
        table.cell = _Content(token.end, rows if rows else MAX_SPAN, max(1, columns), token.end)
        table.row.append(table.cell)

    def _number(self, text: str | None, token: Token) -> int:
        match = re.match(r"\s*\+?(\d{1,9})", text or "")
        if match is None:
            return 1
        if int(match[1]) > MAX_SPAN and not any(problem.code == "span_too_large" for problem in self.problems):
            message = f"A cell spans {match[1]} rows or columns; {MAX_SPAN} were taken."
            self.problems.append(Problem("readers", "span_too_large", message, Location(span=(token.start, token.end))))
        return min(int(match[1]), MAX_SPAN)

    def _end_cell(self, table: _OpenTable, at: int) -> None:
        if table.cell is not None:
            table.cell.end = at
        table.cell = None

    def _close_table(self, at: int) -> None:
        table = self._tables.pop()
        self._end_cell(table, at)
        here = self._here()
        here.items += self._blocks(table.loose)
        contents = [cell for group in table.groups for row in group for cell in row]
        nested = any(not isinstance(item, _Piece) for cell in contents for item in cell.items)
        height = sum(len(group) for group in table.groups)
        area = sum(min(cell.row_span, height) * cell.column_span for cell in contents)
        if area > MAX_CELLS and not nested:
            self.problems.append(table_too_large(Location(span=(table.start, at))))
        filled = [cell for cell in contents if any(_visible(item) for item in cell.items)]
        if len(filled) == 1 and not nested and (len(contents) == 1 or _length(filled[0]) > _MAX_LABEL):
            # A frame around a text: its content belongs to whatever surrounds the frame.
            here.items += [_BREAK, *filled[0].items, _BREAK]
        elif nested or area > MAX_CELLS:
            here.items += [block for cell in contents for block in self._blocks(cell)]
        elif filled:
            here.items.append(self._table(table, at))

    def _table(self, table: _OpenTable, at: int) -> Table:
        groups = [[[_spanned(cell) for cell in row] for row in group] for group in table.groups]
        return Table("html", place_cells(groups), Location(1, span=(table.start, at)))

    def _blocks(self, content: _Content) -> list[Line | Table]:
        blocks: list[Line | Table] = []
        pieces: list[_Piece] = []
        for item in [*content.items, _BREAK]:
            if isinstance(item, _Piece) and item is not _BREAK:
                pieces.append(item)
                continue
            text = _joined(pieces).strip()
            if text:
                blocks.append(Line(text, Location(1, span=self._span(pieces))))
            pieces = []
            if not isinstance(item, _Piece):
                blocks.append(item)
        return blocks

    def _span(self, pieces: list[_Piece]) -> Span:
        """The stretch of the source from the first to the last character of the pieces that can be seen."""
        seen = [piece for piece in pieces if _visible(piece)]
        leading = _LEADING.match(self._text, seen[0].start, seen[0].end)
        last = self._text[seen[-1].start : seen[-1].end]
        return leading.end() if leading else seen[0].start, seen[-1].start + len(last.rstrip())


def _spanned(cell: _Content) -> SpannedCell:
    """A cell with the lines of its text joined; its place is what its tags enclose."""
    lines: list[list[_Piece]] = [[]]
    seen: list[_Piece] = []
    for item in cell.items:
        assert isinstance(item, _Piece)
        if item is _BREAK:
            lines.append([])
        else:
            lines[-1].append(item)
            if _visible(item):
                seen.append(item)
    span = (seen[0].start, seen[-1].end) if seen else (cell.start, cell.end)
    return SpannedCell(join_cell(_joined(line) for line in lines), span, cell.row_span, cell.column_span)


def _joined(pieces: list[_Piece]) -> str:
    """The text of one printed line; digits raised beside others are note marks, and stay raised."""
    mixed = len({piece.raised for piece in pieces if _visible(piece)}) > 1
    return "".join(superscript(piece.text) if mixed and piece.raised else piece.text for piece in pieces)


def _visible(item: _Piece | Line | Table) -> bool:
    return not isinstance(item, _Piece) or bool(item.text.strip())


def _length(content: _Content) -> int:
    return sum(len(item.text) for item in content.items if isinstance(item, _Piece))
