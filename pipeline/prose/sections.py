"""Chapters of the report: heads in whatever numbering, tables cut out, paragraphs joined over lines and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import NamedTuple

from pipeline.datamodel import Line, Location, Section, Table
from pipeline.headings import UNNUMBERED, Mark, ends_as_title, follows, marks, style_of
from pipeline.prose.paragraphs import TABLE_TEXT, Paragraph, compact, paragraph_of, read_paragraphs
from pipeline.prose.table_pieces import is_piece, is_row
from pipeline.prose.titles import TitleInfo, count_reports, find_reports, read_title

__all__ = ["TitleInfo", "count_reports", "find_reports", "read_sections", "read_title"]

_FIGURES = re.compile(r"(?:(?<!\S)[0-9,.]+(?:\s+|$)){3}")  # three figures side by side: a row, never prose
_MARKDOWN = re.compile(r"\s*#{1,6}\s*")
_BELOW = re.compile("统计指标|指标名称")
_LONGEST = 40  # characters of a caption
_SECOND_LINE = 25  # characters of what a head goes on with


class _Head(NamedTuple):
    number: str
    title: str
    location: Location
    kind: str = ""


class _Text(NamedTuple):
    """A paragraph in compact text, tables that ran into it blanked out, with its heads in any numbering."""

    paragraph: Paragraph
    text: str
    offsets: Sequence[int]
    marks: Sequence[Mark]


def read_sections(
    blocks: Sequence[Line | Table], paragraphs: Sequence[Paragraph | Table] | None = None, title: str | None = None
) -> tuple[Section, ...]:
    """The chapters in order of the document, each with its prose, paragraphs apart by line breaks.

    What stands before the first chapter is a section without number and title. Numbers may restart; a table of
    contents is dropped. `paragraphs` are those of the blocks, if they were read before; the document's `title` is a
    paragraph by itself.
    """
    if paragraphs is None or any(isinstance(block, Line) and _has_figures(block.text) for block in blocks):
        paragraphs = read_paragraphs([_row_or_line(block) for block in blocks])
    texts = _with_broken_heads(_texts(paragraphs))
    style = style_of([mark for text in texts if text for mark in text.marks])
    sections: list[Section] = []
    head = _Head("", "", Location())
    prose: list[str] = []
    for text in _without_pieces(texts, style):
        for piece in _pieces(text, style, head.number):
            if isinstance(piece, str):
                prose += [piece] if piece else []
            elif piece.kind and piece.kind == head.kind and not piece.number and not prose:
                prose.append(piece.title)  # a caption in the wording of the chapter it begins
            else:
                sections.append(_section(head, prose))
                head, prose = piece, []
    sections.append(_section(head, prose))
    sections[0] = replace(sections[0], text=_title_apart(sections[0].text, title))
    return tuple(_without_contents(sections))


def _title_apart(text: str, title: str | None) -> str:
    """What stands before the first chapter, the title in a line of its own also where text goes on behind it."""
    short, offsets = compact(text)
    wanted = compact(title or "")[0]
    if not wanted or not short.startswith(wanted) or len(short) == len(wanted):
        return text
    place = offsets[len(wanted)]
    return f"{text[:place].rstrip()}\n{text[place:].lstrip()}"


def _row_or_line(block: Line | Table) -> Line | Table:
    """The block, or a table without cells for a line that is a row of figures."""
    return Table("lines", (), block.location) if isinstance(block, Line) and _has_figures(block.text) else block


def _has_figures(text: str) -> bool:
    """Whether three figures stand side by side; most lines hold no three pieces at all."""
    return len(text.split(None, 2)) == 3 and _FIGURES.search(text) is not None


def _section(head: _Head, texts: list[str]) -> Section:
    return Section(head.number, head.title, "\n".join(texts), head.location if head.title else None)


def _texts(paragraphs: Iterable[Paragraph | Table]) -> list[_Text | None]:
    """The paragraphs with their heads, None for a table. Below the first table rows may be worded like chapters."""
    found: list[_Text | None] = []
    tables = False
    for block in paragraphs:
        tables = tables or isinstance(block, Table) or (len(block.text) < _LONGEST and bool(_BELOW.search(block.text)))
        found.append(_text(block, tables) if isinstance(block, Paragraph) else None)
    return found


def _text(paragraph: Paragraph, tables: bool) -> _Text:
    text, offsets = compact(paragraph.text)
    text = TABLE_TEXT.sub(lambda found: "\0" * len(found.group()), text)
    heads = [mark for mark in marks(text) if (mark.kind and not tables) or not is_row(text[slice(*mark.title)])]
    return _Text(paragraph, text, offsets, heads)


def _with_broken_heads(texts: Sequence[_Text | None]) -> list[_Text | None]:
    """The paragraphs with every head whole that is printed over two lines."""
    found: list[_Text | None] = []
    for text in texts:
        whole = _one_head(found[-1], text) if found and found[-1] and text else None
        if whole:
            found[-1] = whole
        else:
            found.append(text)
    return found


def _one_head(first: _Text, second: _Text) -> _Text | None:
    """Two short paragraphs that are one head: together they are a known title, or the first has no end of a title."""
    numbered = [mark for mark in first.marks if mark.style != UNNUMBERED]
    if len(second.text) > _SECOND_LINE or any(mark.style != UNNUMBERED for mark in second.marks):
        return None
    if not numbered[-1].whole if numbered else len(first.text) > _SECOND_LINE:
        return None
    together = _text(paragraph_of((*first.paragraph.lines, *second.paragraph.lines)), False)
    mark = together.marks[0] if together.marks and together.marks[0].whole else None
    if mark is None or mark.head[1] < len(together.text.rstrip("。:")):
        return None
    broken = bool(numbered) and not ends_as_title(first.text) and ends_as_title(second.text)
    return together if mark.kind or broken else None


def _without_pieces(texts: Sequence[_Text | None], style: int) -> Iterator[_Text]:
    """The paragraphs without pieces of tables: short lines in the forms' wording, without a break beside a table."""
    for short, group in groupby(texts, lambda text: text is None or _may_be_piece(text, style)):
        members = list(group)
        beside = short and None in members
        yield from (text for text in members if text and not (beside and is_piece(text.text)))


def _may_be_piece(text: _Text, style: int) -> bool:
    return not text.text.endswith("。") and not any(mark.style == style or mark.kind for mark in text.marks)


def _pieces(text: _Text, style: int, number: str) -> Iterator[_Head | str]:
    """The heads and texts of a paragraph: one of either, or both in turn where heads stand inside the text. Inside it
    a title that is not known is one only where its number is the next."""
    place = 0
    for mark in text.marks:
        if mark.style == style and (mark.kind or not mark.head[0] or follows(mark.number, number)):
            number = mark.number
            yield _prose(text, place, mark.head[0])
            yield _Head(mark.number, _printed(text, *mark.title), _locate(text, *mark.head), mark.kind)
            place = mark.head[1]
    yield _prose(text, place, len(text.text))


def _printed(text: _Text, start: int, end: int) -> str:
    """The paragraph's own text for text[start:end]."""
    return text.paragraph.text[text.offsets[start] : text.offsets[end - 1] + 1].strip() if start < end else ""


def _locate(text: _Text, start: int, end: int) -> Location:
    return text.paragraph.locate(text.offsets[start], text.offsets[end - 1] + 1)


def _prose(text: _Text, start: int, end: int) -> str:
    """The paragraph's printed text for text[start:end], without what belongs to a table."""
    piece = text.text[start:end].lstrip("。:") if start else text.text[:end]
    start = end - len(piece)
    if not piece.strip("\0") or is_row(piece):
        return ""
    if "\0" in piece:
        kept = [place for place in range(start, end) if text.text[place] != "\0"]
        return "".join(_printed(text, first, last + 1) for first, last in _stretches(kept)).strip()
    printed = _printed(text, start, end)
    return _MARKDOWN.sub("", printed, count=1) if printed.startswith("#") else printed


def _stretches(places: list[int]) -> Iterator[tuple[int, int]]:
    first = places[0]
    for before, after in pairwise([*places, -1]):
        if after != before + 1:
            yield first, before
            first = after


def _without_contents(sections: Sequence[Section]) -> Iterator[Section]:
    """The sections without an empty introduction and without a table of contents: the chapters before the last one
    whose title comes again. The introduction below such a table is read as the last entry's text."""
    keys = [section.number + "".join(section.title.split()) for section in sections]
    last = {key: index for index, key in enumerate(keys)}
    listed = [at for at, one in enumerate(sections) if one.title and last[keys[at]] > at]
    if listed and listed[-1] == len(listed):
        before = "\n".join(section.text for section in sections[: len(listed) + 1] if section.text)
        sections = [replace(sections[0], text=before), *sections[len(listed) + 1 :]]
    yield from (section for section in sections if section.text or section.title)
