"""Plain text and Markdown: lines and tables in order, or words with positions where columns are set with spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.datamodel import Line, Location, Page, Problem, Source, Word
from pipeline.readers.decoding import decode
from pipeline.readers.text_tables import find_line_tables

_LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_WORD = re.compile(r"\S+")
# A figure that a gap parts from what stands before it, as in `规章      2      0`.
_GAP_FIGURE = re.compile(r"(?<=\S)(?:[ \u3000]{2,}|\u3000)(?=[+-]?\d[\d,.]*(?:\s|$))")
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]"
)
_LAYOUT_LINES = 5
_LONGEST_LAYOUT_LINE = 1000
_TAB = 8


def read(source: Source) -> list[Page]:
    """The document as pages: one with `blocks`, or for text set in columns with spaces one a form feed with `words`.

    Boxes of words are columns and line numbers (x1 and bottom exclusive), not points; `Page.text` is always the whole
    decoded document, so that spans mean the same on every page. Raises UnreadableInput (`not_a_document`).
    """
    text, problems = decode(source.data, source.path)
    lines = list(_lines(text))
    if _is_layout(lines):
        return _layout_pages(text, lines, problems)
    blocks, found = find_line_tables(lines, text)
    return [Page(1, 0.0, 0.0, blocks=blocks, text=text, problems=(*problems, *found))]


def _lines(text: str) -> Iterator[Line]:
    """The lines as they stand, blank ones too, without their ends; a form feed also ends a line."""
    start = 0
    for match in _LINE_END.finditer(text):
        yield Line(text[start : match.start()], Location(1, span=(start, match.start())))
        start = match.end()
    if start < len(text):
        yield Line(text[start:], Location(1, span=(start, len(text))))


def _is_layout(lines: Sequence[Line]) -> bool:
    """Whether gaps of spaces set the tables: more lines with figures behind gaps than lines with tabs or pipes."""
    gaps = parted = 0
    for line in lines:
        if "\t" in line.text.strip() or line.text.count("|") > 1:
            parted += 1
        elif len(line.text) <= _LONGEST_LAYOUT_LINE and _GAP_FIGURE.search(line.text):
            gaps += 1
    return gaps >= _LAYOUT_LINES and gaps > parted


def _layout_pages(text: str, lines: Sequence[Line], problems: tuple[Problem, ...]) -> list[Page]:
    wide = 2 if _is_set_in_wide_columns(lines) else 1
    sheets: list[list[Line]] = [[]]
    for line in lines:
        sheets[-1].append(line)
        if line.location.span and text[line.location.span[1] : line.location.span[1] + 1] == "\f":
            sheets.append([])
    pages: list[Page] = []
    for number, sheet in enumerate((sheet for sheet in sheets if sheet), start=1):
        words = tuple(word for row, line in enumerate(sheet) for word in _words(line, row, wide))
        width = max((word.box[2] for word in words), default=0.0)
        pages.append(Page(number, width, float(len(sheet)), words, text=text, problems=() if pages else problems))
    return pages


def _words(line: Line, row: int, wide: int) -> list[Word]:
    start = line.location.span[0] if line.location.span else 0
    columns = _columns(line.text, wide)
    return [
        Word(
            match[0],
            (columns[match.start()], float(row), columns[match.end()], row + 1.0),
            (start + match.start(), start + match.end()),
        )
        for match in _WORD.finditer(line.text)
    ]


def _columns(text: str, wide: int) -> list[float]:
    """The column at which each character begins, and where the last one ends."""
    columns = [0.0]
    for character in text:
        at = columns[-1]
        if character == "\t":
            columns.append(at - at % _TAB + _TAB)
        else:
            columns.append(at + (wide if _WIDE.match(character) else 1))
    return columns


def _is_set_in_wide_columns(lines: Sequence[Line]) -> bool:
    """Whether the program that set the text counted two columns for a Chinese character, as terminals do.

    pdftotext counts one. The right count is the one that brings more figures under those of the line above.
    """
    aligned = {1: 0, 2: 0}
    above: dict[int, set[tuple[str, float]]] = {1: set(), 2: set()}
    for line in lines:
        if len(line.text) > _LONGEST_LAYOUT_LINE or not _GAP_FIGURE.search(line.text):
            continue
        for wide in aligned:
            boxes = [word.box for word in _words(line, 0, wide) if word.text[0].isdigit()]
            sides = {("starts", box[0]) for box in boxes} | {("ends", box[2]) for box in boxes}
            aligned[wide] += len(sides & above[wide])
            above[wide] = sides
    return aligned[2] > aligned[1]
