"""Sheets as text: tabs, Markdown, one cell a line, run together, and what `pdftotext -layout` makes of a PDF."""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from corpora.synthesis.prose import Paragraph
from corpora.synthesis.sheet import Sheet, grid
from corpora.synthesis.tables import PrintedTable


def tabs(
    sheet: Sheet, rng: random.Random, *, lost: float = 0.0, collapsed: bool = False, encoding: str = "utf-8"
) -> bytes:
    """Cells joined by tabs, as a table pasted from Word; merged cells leave empty cells.

    `lost` is the share of rows that lose their leading empty cells; `collapsed` drops the empty cells of column spans.
    """

    def lines(table: PrintedTable) -> Iterator[str]:
        for texts in _collapsed_rows(table) if collapsed else _rows(table):
            bare = [text.strip() for text in texts]
            leading = next((place for place, text in enumerate(bare) if text), 0)
            if leading and rng.random() < lost:
                bare = bare[leading:] + [""] * leading
            yield "\t".join(bare)

    return _write(sheet, lines, encoding=encoding)


def pipes(sheet: Sheet, rng: random.Random, *, chapters: bool = True) -> bytes:  # noqa: ARG001
    """Markdown tables; chapter titles as headings."""

    def lines(table: PrintedTable) -> Iterator[str]:
        for place, texts in enumerate(_rows(table)):
            yield "| " + " | ".join(text.strip() for text in texts) + " |"
            if place == 0:
                yield "|" + "---|" * len(texts)

    return _write(sheet, lines, marks={"title": "# ", "heading": "## " if chapters else "", "subheading": "### "})


def cell_a_line(sheet: Sheet, rng: random.Random, *, blank_lines: bool = False) -> bytes:  # noqa: ARG001
    """Every cell on a line of its own; `blank_lines` keeps empty cells as empty lines, else they are lost."""

    def lines(table: PrintedTable) -> Iterator[str]:
        for place in range(len(table.rows)):
            texts = [cell.text.strip() for cell in table.at_row(place)]
            yield from (texts if blank_lines else [text for text in texts if text])

    return _write(sheet, lines)


def folded(sheet: Sheet, rng: random.Random, *, width: int, indent: str = "　　") -> bytes:  # noqa: ARG001
    """Paragraphs in lines of at most so many columns and without empty lines, as old editors and mails set text."""
    out: list[str] = []
    for block in sheet.blocks:
        if isinstance(block, Paragraph):
            for text in block.text.split("\n"):
                out += _fold(("" if block.kind == "title" else indent) + text, width)
        else:
            out += ["\t".join(text.strip() for text in texts) for texts in _rows(block)]
    return ("\n".join(out) + "\n").encode()


def _fold(text: str, width: int) -> Iterator[str]:
    line = ""
    for character in text:
        if _width(line + character) > width and character not in "，。、；：）":
            yield line
            line = ""
        line += character
    yield line


def run_together(sheet: Sheet, rng: random.Random, *, lines: bool = False) -> bytes:  # noqa: ARG001
    """All cells of a table with nothing between but what their texts end in, and the paragraphs too, which with
    `lines` keep a line each, and so does a table."""
    end = "\n" if lines else ""
    texts: list[str] = []
    for block in sheet.blocks:
        if isinstance(block, Paragraph):
            texts.append(block.text + (end or (" " if block.kind == "title" else "")))
        else:
            cells = (cell for place in range(len(block.rows)) for cell in block.at_row(place))
            texts.append("".join(cell.text for cell in cells).rstrip("\n") + end)
    return ("".join(texts).rstrip("\n") + "\n").encode()


def spaces(sheet: Sheet, rng: random.Random, *, gap: int = 2) -> bytes:  # noqa: ARG001
    """Columns kept apart by runs of spaces only, each as wide as its widest text."""

    def lines(table: PrintedTable) -> Iterator[str]:
        rows = [[text.strip() for text in texts] for texts in _rows(table)]
        single = [cell for cell in table.cells if cell.column_span == 1]
        widths = [
            max((_width(c.text.strip()) for c in single if c.column == n), default=2) for n in range(len(rows[0]))
        ]
        for texts in rows:
            line = ""
            for text, start in zip(texts, _starts(widths, gap), strict=True):
                line = line + " " * max(gap if line and text else 0, start - _width(line)) + text if text else line
            yield line.rstrip()

    return _write(sheet, lines)


def layout_of(pdf: bytes) -> bytes | None:
    """What `pdftotext -layout` reads from a PDF; None where the tool is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "source.pdf")
        file.write_bytes(pdf)
        try:
            command = ["pdftotext", "-layout", "-enc", "UTF-8", str(file), "-"]
            done = subprocess.run(command, capture_output=True, timeout=60, check=True)  # noqa: S603
        except FileNotFoundError:
            return None
    return done.stdout


def _write(
    sheet: Sheet,
    lines: Callable[[PrintedTable], Iterator[str]],
    *,
    marks: dict[str, str] | None = None,
    encoding: str = "utf-8",
) -> bytes:
    out: list[str] = []
    for block in sheet.blocks:
        if isinstance(block, Paragraph):
            out += [(marks or {}).get(block.kind, "") + block.text, ""]
        else:
            out += [*lines(block), ""]
    return "\n".join(out).encode(encoding)


def _rows(table: PrintedTable) -> list[list[str]]:
    return [[cell.text if cell else "" for cell in row] for row in grid(table)]


def _collapsed_rows(table: PrintedTable) -> Iterator[list[str]]:
    """Rows whose column spans are one cell, with empty cells only where a cell above reaches down."""
    covered: set[tuple[int, int]] = set()
    for cell in table.cells:
        covered |= {(cell.row + down, cell.column) for down in range(1, cell.row_span)}
    for number, row in enumerate(grid(table)):
        yield [cell.text if cell else "" for place, cell in enumerate(row) if cell or (number, place) in covered]


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _starts(widths: list[int], gap: int) -> list[int]:
    return [sum(widths[:place]) + gap * place for place in range(len(widths))]
