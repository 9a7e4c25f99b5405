"""What the left of the document page shows: page sizes for what is drawn, or the text in pieces that know their place.

A piece is [text, start, end]: what to show, and the characters of the reader's text that it stands for. Either there
are as many of these as the text has, or the piece is shown whole (an entity, white space that collapses).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.datamodel import Cell, Line, Source, Table

Piece = tuple[str, int, int]
MAX_TEXT = 400_000  # characters shown; a report has some 20,000
_DRAWN = ("application/pdf", "image/")
_MARKED_UP = "text/html"
_PLAIN = ("text/plain", "text/markdown")
_DECLARED = ("html", "docx")
_TAG_OR_ENTITY = re.compile(r"<[^<>]{0,4000}>|&#?\w{1,32};")


def source_view(source: Source) -> dict[str, Any]:
    """The source as plain JSON: {"kind": "pages", "pages": [{"width", "height"}]} in points for what is drawn, else
    {"kind": "text", "blocks": […], "cut": whether it was too long to show whole}.

    A block is {"text": pieces, "plain": whether its white space counts} or {"rows": [[{"text", "rows", "columns"}]]}.
    Raises UnreadableInput where the reader does.
    """
    if source.media_type.startswith(_DRAWN):
        return {"kind": "pages", "pages": list(_sizes(source))}
    from pipeline.readers import read
    from pipeline.readers.decoding import decode

    if source.media_type in _PLAIN:
        return _plain(decode(source.data, source.path)[0])
    page = read(source)[0]
    if not page.blocks:
        return _plain(page.text)
    shown = list(_shown(page.blocks))
    blocks = list(_blocks(shown, page.text, source.media_type == _MARKED_UP))
    return {"kind": "text", "blocks": blocks, "cut": len(shown) < len(page.blocks)}


def _plain(text: str) -> dict[str, Any]:
    shown = text[:MAX_TEXT]
    block = {"text": [(shown, 0, len(shown))], "plain": True}
    return {"kind": "text", "blocks": [block], "cut": len(shown) < len(text)}


def _sizes(source: Source) -> Iterator[dict[str, float]]:
    """Width and height of each page in points."""
    if source.media_type != "application/pdf":
        from pipeline.readers.from_scan import page_sizes

        yield from ({"width": round(width, 2), "height": round(height, 2)} for width, height in page_sizes(source))
        return
    import pypdfium2

    document = pypdfium2.PdfDocument(source.data)
    try:
        for number in range(len(document)):
            width, height = document.get_page_size(number)
            yield {"width": round(width, 2), "height": round(height, 2)}
    finally:
        document.close()


def _shown(blocks: Sequence[Line | Table]) -> Iterator[Line | Table]:
    """The blocks from the first on until their text is too long to show."""
    left = MAX_TEXT
    for block in blocks:
        left -= len(block.text) if isinstance(block, Line) else sum(len(cell.text) for cell in block.cells)
        if left < 0:
            return
        yield block


def _blocks(blocks: Sequence[Line | Table], text: str, marked_up: bool) -> Iterator[dict[str, Any]]:
    """Declared tables as tables; lines, and tables that only their text declares, as text, each character once."""
    at = 0
    for block in blocks:
        if isinstance(block, Table) and block.origin in _DECLARED:
            yield {"rows": _rows(block, text, marked_up)}
        elif block.location.span is not None:
            start, end = max(at, block.location.span[0]), block.location.span[1]
            if pieces := _pieces(text, start, end, marked_up):
                yield {"text": pieces, "plain": isinstance(block, Table)}
        at = max(at, block.location.span[1] if block.location.span else 0)


def _rows(table: Table, text: str, marked_up: bool) -> list[list[dict[str, Any]]]:
    rows: dict[int, list[Cell]] = {}
    for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
        rows.setdefault(cell.row, []).append(cell)
    return [[_cell(cell, text, marked_up) for cell in cells] for cells in rows.values()]


def _cell(cell: Cell, text: str, marked_up: bool) -> dict[str, Any]:
    span = cell.location.span
    pieces = _pieces(text, *span, marked_up) if span else [(cell.text, -1, -1)]
    return {"text": pieces, "rows": cell.row_span, "columns": cell.column_span}


def _pieces(text: str, start: int, end: int, marked_up: bool) -> list[Piece]:
    """What stands at a place of the reader's text, without its tags and with its entities read."""
    if start >= end:
        return []
    if not marked_up:
        return [(text[start:end], start, end)]
    found: list[Piece] = []
    at = start
    for match in _TAG_OR_ENTITY.finditer(text, start, end):
        if match.start() > at:
            found.append((text[at : match.start()], at, match.start()))
        if match[0].startswith("&"):
            found.append((html.unescape(match[0]), match.start(), match.end()))
        at = match.end()
    if at < end:
        found.append((text[at:end], at, end))
    return found
