"""Word documents: paragraphs and tables in order; `Page.text` is put together here, a paragraph or table row a line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from pipeline.datamodel import Cell, Line, Location, Page, Problem, Source, Table
from pipeline.errors import UnreadableInput
from pipeline.readers.cells import MAX_CELLS, MAX_NESTING, MAX_SPAN, join_cell, superscript, table_too_large
from pipeline.readers.text_tables import find_line_tables

MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 5_000
_SMALL = 20 * 1024 * 1024  # bytes; below this no ratio is suspicious

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VALUE = f"{_W}val"
# Old text, field codes and the second rendering of text boxes; notes and comments stand in parts of their own.
_LEFT_OUT = frozenset(
    {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "sdtPr", "rt")}
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
_CHARACTERS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
_HOLDERS = frozenset(f"{_W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))


def read(source: Source) -> list[Page]:
    """The document as one page without size; spans index the text put together here.

    Insertions count, tracked deletions and hidden text do not; automatic numbering, headers, footers and notes are
    not read. Raises UnreadableInput: `zip_bomb`, `damaged`, `too_deeply_nested`.
    """
    _refuse_bombs(source)
    problems: list[Problem] = []
    text, placed = _assemble(_blocks(_body(source), 0, problems))
    found, more = find_line_tables(placed, text)
    return [Page(1, 0.0, 0.0, blocks=found, text=text, problems=(*problems, *more))]


@dataclass(slots=True)
class _Run:
    """A stretch of a paragraph; raised text beside other text is a note mark."""

    text: str
    raised: bool = False


@dataclass(slots=True)
class _Cell:
    text: str
    row: int
    column: int
    width: int
    height: int = 1


@dataclass(slots=True)
class _Grid:
    cells: list[_Cell] = field(default_factory=list)


_Block = str | _Grid


def _refuse_bombs(source: Source) -> None:
    """Unpacks everything once, piece by piece, because the sizes that an archive declares may be lies."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            members = archive.infolist()
            limit = min(MAX_UNPACKED, max(_SMALL, MAX_RATIO * len(source.data)))
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > limit:
                raise _bomb(source)
            for member in members:
                with archive.open(member) as file:
                    while piece := file.read(1 << 20):
                        limit -= len(piece)
                        if limit < 0:
                            raise _bomb(source)
    except UnreadableInput:
        raise
    except Exception as error:  # zipfile and its decompressors raise many kinds
        raise _damaged(source, error) from error


def _body(source: Source) -> etree._Element:
    # python-docx finds the document's part and parses with entities off; it raises all kinds on damaged packages.
    from docx import Document

    try:
        return Document(io.BytesIO(source.data)).element.body
    except Exception as error:
        raise _damaged(source, error) from error


def _bomb(source: Source) -> UnreadableInput:
    return UnreadableInput(
        f"{source.path} unpacks to more than a report can hold; save its text as a new document.", code="zip_bomb"
    )


def _damaged(source: Source, error: Exception) -> UnreadableInput:
    return UnreadableInput(
        f"{source.path} is a damaged Word document ({type(error).__name__}); open and save it again in Word or WPS.",
        code="damaged",
    )


def _blocks(parent: Iterable[etree._Element], depth: int, problems: list[Problem]) -> Iterator[_Block]:
    """Paragraphs (as text) and tables of a body, a cell or a text box, in order."""
    if depth > MAX_NESTING:
        raise UnreadableInput(
            f"The document nests tables or text boxes more than {MAX_NESTING} deep; save the report's part alone.",
            code="too_deeply_nested",
        )
    for element in parent:
        if element.tag == f"{_W}p":
            boxes: list[etree._Element] = []
            yield _text(element, boxes)
            for box in boxes:
                yield from _blocks(box, depth + 1, problems)
        elif element.tag == f"{_W}tbl":
            yield from _table(element, depth, problems)
        elif element.tag in _HOLDERS:
            yield from _blocks(element, depth, problems)


def _text(paragraph: etree._Element, boxes: list[etree._Element]) -> str:
    """A paragraph's text; the text boxes anchored in it are put aside."""
    runs: list[_Run] = []
    _collect(paragraph, runs, boxes)
    mixed = len({run.raised for run in runs if run.text.strip()}) > 1
    return "".join(superscript(run.text) if mixed and run.raised else run.text for run in runs)


def _collect(element: etree._Element, runs: list[_Run], boxes: list[etree._Element], raised: bool = False) -> None:
    for child in element:
        if child.tag in _LEFT_OUT or not isinstance(child.tag, str):
            continue
        if child.tag == f"{_W}txbxContent":
            boxes.append(child)
        elif child.tag == f"{_W}t":
            runs.append(_Run(child.text or "", raised))
        elif child.tag in _CHARACTERS:
            runs.append(_Run(_CHARACTERS[child.tag]))
        elif child.tag == f"{_W}r":
            if not _is_on(child, "vanish"):
                _collect(child, runs, boxes, _value(child, f"{_W}rPr/{_W}vertAlign") in ("superscript", "subscript"))
        else:
            _collect(child, runs, boxes, raised)


def _table(table: etree._Element, depth: int, problems: list[Problem]) -> Iterator[_Block]:
    """The table; or its cells' lines and tables where it only lays out others, frames a text, or is too large."""
    grid = _Grid()
    contents: list[list[_Block]] = []
    reaching: dict[int, _Cell] = {}  # column -> the cell that vertical merging may continue
    for index, row in enumerate(_rows(table)):
        column = int(_number(row, f"{_W}trPr/{_W}gridBefore", 0))
        below: dict[int, _Cell] = {}
        for cell in _cells(row):
            width = max(1, int(_number(cell, f"{_W}tcPr/{_W}gridSpan", 1)))
            above = reaching.get(column)
            if _continues(cell, "vMerge") and above is not None and above.width == width:
                above.height = index - above.row + 1
                below[column] = above
            elif _continues(cell, "hMerge") and grid.cells and grid.cells[-1].row == index:
                grid.cells[-1].width += width
            else:
                content = list(_blocks(cell, depth + 1, problems))
                contents.append(content)
                lines = (line for block in content if isinstance(block, str) for line in block.split("\n"))
                below[column] = _Cell(join_cell(lines), index, column, width)
                grid.cells.append(below[column])
            column += width
        reaching = below
    if sum(cell.width * cell.height for cell in grid.cells) > MAX_CELLS:
        problems.append(table_too_large())
    elif not any(isinstance(block, _Grid) for content in contents for block in content) and len(contents) > 1:
        yield grid
        return
    for content in contents:
        yield from content


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for element in table:
        if element.tag in _HOLDERS:
            yield from _rows(element)
        elif element.tag == f"{_W}tr" and not any(
            element.find(f"{_W}trPr/{_W}{gone}") is not None for gone in ("del", "hidden")
        ):
            yield element


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for element in row:
        if element.tag in _HOLDERS:
            yield from _cells(element)
        elif element.tag == f"{_W}tc" and element.find(f"{_W}tcPr/{_W}cellDel") is None:
            yield element


def _continues(cell: etree._Element, kind: str) -> bool:
    merge = cell.find(f"{_W}tcPr/{_W}{kind}")
    return merge is not None and merge.get(_VALUE, "continue") == "continue"


def _value(element: etree._Element, path: str) -> str | None:
    found = element.find(path)
    return None if found is None else found.get(_VALUE)


def _number(element: etree._Element, path: str, default: int) -> int:
    text = (_value(element, path) or "").strip()
    return min(int(text[:9]), MAX_SPAN) if text.isascii() and text.isdigit() else default


def _is_on(run: etree._Element, name: str) -> bool:
    found = run.find(f"{_W}rPr/{_W}{name}")
    return found is not None and found.get(_VALUE, "1") not in ("0", "false", "off")


def _assemble(blocks: Iterable[_Block]) -> tuple[str, list[Line | Table]]:
    """The document's text, and the blocks placed in it: text[start:end] is exactly a line's or a cell's text."""
    parts: list[str] = []
    placed: list[Line | Table] = []
    length = 0

    def put(text: str, after: str) -> Location:
        nonlocal length
        start = length
        parts.extend((text, after))
        length += len(text) + len(after)
        return Location(1, span=(start, start + len(text)))

    for block in blocks:
        if isinstance(block, str):
            placed += [Line(line, put(line, "\n")) for line in block.split("\n")]
            continue
        begin = length
        last = len(block.cells) - 1
        cells = []
        for number, cell in enumerate(block.cells):
            ends_row = number == last or block.cells[number + 1].row != cell.row
            place = put(cell.text, "\n" if ends_row else "\t")
            cells.append(Cell(cell.text, cell.row, cell.column, place, cell.height, cell.width))
        placed.append(Table("docx", tuple(cells), Location(1, span=(begin, length))))
    return "".join(parts), placed
