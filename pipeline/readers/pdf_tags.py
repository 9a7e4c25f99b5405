"""Tables of a tagged PDF page, from its structure tree and the words that its marked contents hold."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pipeline.datamodel import Word
from pipeline.readers import pdf_functions as pdfium

MAX_DEPTH = 60
MAX_ELEMENTS = 20_000
MAX_SPAN = 60


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
    """What one page's tree may still cost, and the words by marked content."""

    words: Mapping[int, Sequence[Word]]
    left: int = MAX_ELEMENTS


def tagged_rows(page: int, words: Sequence[Word], marks: Sequence[int]) -> list[list[list[TaggedCell]]]:
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
    walk, found = _Walk(by_mark), list[list[list[TaggedCell]]]()
    try:
        with suppress(_TooDeep):
            roots = [pdfium.structure_root(tree, index) for index in range(min(pdfium.count_roots(tree), MAX_ELEMENTS))]
            found = [_rows(walk, table) for root in roots if root for table in _tables(walk, root, 0)]
    finally:
        pdfium.close_structure(tree)
    return [rows for rows in found if rows]


def _kind(element: int) -> str:
    buffer = ctypes.create_string_buffer(32)
    length: int = pdfium.element_type(element, ctypes.addressof(buffer), 32)
    return buffer.raw[: max(length - 2, 0)].decode("utf-16-le", "replace") if length <= 32 else ""


def _children(walk: _Walk, element: int, depth: int) -> list[int]:
    count = pdfium.count_children(element)
    walk.left -= max(count, 1)
    if depth > MAX_DEPTH or walk.left < 0:
        raise _TooDeep
    children = (pdfium.element_child(element, index) for index in range(count))
    return [child for child in children if child]


def _tables(walk: _Walk, element: int, depth: int) -> list[int]:
    """The innermost Table elements: a table around tables is there for the look of the page."""
    inner = [table for child in _children(walk, element, depth) for table in _tables(walk, child, depth + 1)]
    return inner or ([element] if _kind(element) == "Table" else [])


def _rows(walk: _Walk, table: int) -> list[list[TaggedCell]]:
    rows = [[_cell(walk, cell) for cell in _of_kind(walk, row, ("TD", "TH"), 0)] for row in _row_elements(walk, table)]
    return [row for row in rows if row]


def _row_elements(walk: _Walk, table: int) -> Iterator[int]:
    return _of_kind(walk, table, ("TR",), 0)


def _of_kind(walk: _Walk, element: int, kinds: tuple[str, ...], depth: int) -> Iterator[int]:
    for child in _children(walk, element, depth):
        if _kind(child) in kinds:
            yield child
        else:
            yield from _of_kind(walk, child, kinds, depth + 1)


def _cell(walk: _Walk, cell: int) -> TaggedCell:
    words = tuple(word for mark in _marks(walk, cell, 0) for word in walk.words.get(mark, ()))
    return TaggedCell(words, _span(cell, b"RowSpan"), _span(cell, b"ColSpan"))


def _marks(walk: _Walk, element: int, depth: int) -> Iterator[int]:
    for index in range(pdfium.count_children(element)):
        mark = pdfium.child_mark(element, index)
        if mark >= 0:
            yield mark
    for child in _children(walk, element, depth):
        yield from _marks(walk, child, depth + 1)


def _span(cell: int, name: bytes) -> int:
    number = ctypes.c_float(1.0)
    for index in range(min(pdfium.count_attributes(cell), 16)):
        value = pdfium.attribute_value(pdfium.element_attribute(cell, index), name)
        if value:
            pdfium.attribute_number(value, ctypes.addressof(number))
    return int(number.value) if 1 <= number.value <= MAX_SPAN else 1
