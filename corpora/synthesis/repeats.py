"""Where the pages of a PDF that another program set say a table's heads again."""

from __future__ import annotations

import re

import pypdfium2

from corpora.synthesis.sheet import Sheet
from corpora.synthesis.tables import PrintedTable


def repeated_heads(pdf: bytes, sheet: Sheet) -> tuple[tuple[int, int], ...]:
    """The number of the table and of the row before which its heads stand again, for every page that repeats some."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [_bare(page.get_textpage().get_text_bounded()) for page in document]
    document.close()
    found = []
    for number, table in enumerate(sheet.tables):
        head = _bare("".join(cell.text for cell in table.at_row(0)))
        shown = [page[page.index(head) + len(head) :] for page in pages if head in page] if table.head_rows else []
        found += [(number, row) for page in shown[1:] for row in _first_row(table, page)]
    return tuple(found)


def _first_row(table: PrintedTable, page: str) -> list[int]:
    """The row of the form whose label the page shows first, in a list; none where it shows no label."""
    places = [
        (page.index(label), number)
        for number, row in enumerate(table.rows)
        if row.name not in ("head", "none") and (label := _bare(row.label)[:8]) and label in page
    ]
    return [min(places)[1]] if places else []


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)
