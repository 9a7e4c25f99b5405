"""Tables of a tagged PDF page, from its structure tree and the words that its marked contents hold."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from pipeline.datamodel import Word
from pipeline.readers import pdf_functions as pdfium
from pipeline.readers.pdf_functions import Handle

MAX_DEPTH = 60
MAX_ELEMENTS = 20_000
MAX_SPAN = 60
_TEXT_KINDS = frozenset({"P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "Span", "Figure", "Link"})


@dataclass(frozen=True, slots=True)
class TaggedCell:
    """A TD or TH with the words of its marked contents and its spans."""

    words: tuple[Word, ...]
    row_span: int = 1
    column_span: int = 1


class _TooDeep(Exception):
    """The tree is deeper or larger than that of any report: it is not used."""


@dataclass(slots=True)
class _Walk:
    """The tables found so far, as rows of cells, and how many elements may still be visited."""

    words: Mapping[int, Sequence[Word]]
    tables: list[list[list[TaggedCell]]]
    left: int = MAX_ELEMENTS
    name: ctypes.Array[ctypes.c_char] = field(default_factory=lambda: ctypes.create_string_buffer(32))


def tagged_rows(page: Handle, words: Sequence[Word], marks: Sequence[int]) -> list[list[list[TaggedCell]]]:
    """The rows of each table that the page's structure tree holds, innermost tables only; none where it is absurd.

    `marks` gives each word's marked content. Cells of which the page holds nothing are missing: browsers leave empty
    cells out of the tree, and a cell that spans a page break belongs to its first page.
    """
    by_mark: dict[int, list[Word]] = defaultdict(list)
    for word, mark in zip(words, marks, strict=True):
        by_mark[mark].append(word)
    tree = pdfium.load_structure(page)
    if not tree:
        return []
    walk = _Walk(by_mark, [])
    try:
        for index in range(min(pdfium.count_roots(tree), MAX_ELEMENTS)):
            root = pdfium.structure_root(tree, index)
            if root:
                _visit(walk, root, None, 0)
    except _TooDeep:
        return []
    finally:
        pdfium.close_structure(tree)
    return walk.tables


def _visit(walk: _Walk, element: Handle, rows: list[list[TaggedCell]] | None, depth: int) -> None:
    """Go through an element outside cells; `rows` are those of the table around it."""
    kind = _kind(walk, element)
    if kind in ("TD", "TH") and rows:
        rows[-1].append(_cell(walk, element, depth))
    elif kind == "Table":
        _visit_table(walk, element, depth)
    elif kind not in _TEXT_KINDS:
        if kind == "TR" and rows is not None:
            rows.append([])
        for child in _children(walk, element, depth):
            _visit(walk, child, rows, depth + 1)


def _visit_table(walk: _Walk, element: Handle, depth: int) -> None:
    """Keep the rows of a table, unless tables stand in it: then it is there for the look of the page."""
    before, rows = len(walk.tables), list[list[TaggedCell]]()
    for child in _children(walk, element, depth):
        _visit(walk, child, rows, depth + 1)
    rows = [row for row in rows if row]
    if rows and len(walk.tables) == before:
        walk.tables.append(rows)


def _cell(walk: _Walk, element: Handle, depth: int) -> TaggedCell:
    marks = list(_marks(walk, element, depth))
    words = tuple(word for mark in marks for word in walk.words.get(mark, ()))
    rows, columns = _spans(element)
    return TaggedCell(words, rows, columns)


def _marks(walk: _Walk, element: Handle, depth: int) -> Iterator[int]:
    """The marked contents under an element of a cell in order; tables in the cell are kept as tables."""
    count = _count(walk, element, depth)
    for index in range(count):
        child = pdfium.element_child(element, index)
        if child:
            if pdfium.count_children(child) and _kind(walk, child) == "Table":
                _visit_table(walk, child, depth + 1)
            yield from _marks(walk, child, depth + 1)
        elif (mark := pdfium.child_mark(element, index)) >= 0:
            yield mark


def _children(walk: _Walk, element: Handle, depth: int) -> list[Handle]:
    children = map(pdfium.element_child, repeat(element), range(_count(walk, element, depth)))
    return [child for child in children if child]


def _count(walk: _Walk, element: Handle, depth: int) -> int:
    count: int = pdfium.count_children(element)
    walk.left -= max(count, 1)
    if depth > MAX_DEPTH or walk.left < 0:
        raise _TooDeep
    return count


def _kind(walk: _Walk, element: Handle) -> str:
    length: int = pdfium.element_type(element, ctypes.byref(walk.name), 32)
    return walk.name.raw[: length - 2 : 2].decode("latin-1") if 2 < length <= 32 else ""


def _spans(element: Handle) -> tuple[int, int]:
    """Rows and columns that a cell spans; 1 where its attributes say nothing or nonsense."""
    number, spans = ctypes.c_float(), [1, 1]
    for index in range(min(pdfium.count_attributes(element), 16)):
        attribute = pdfium.element_attribute(element, index)
        for place, name in enumerate((b"RowSpan", b"ColSpan")):
            value = pdfium.attribute_value(attribute, name)
            if value and pdfium.attribute_number(value, ctypes.byref(number)) and 1 <= number.value <= MAX_SPAN:
                spans[place] = int(number.value)
    return spans[0], spans[1]
