"""Chapters of the report: heads in whatever numbering, tables cut out, paragraphs joined over lines and pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.datamodel import Line, Location, Section, Table
from pipeline.forms import head_wordings, load_forms
from pipeline.prose.paragraphs import TABLE_TEXT, Paragraph, compact, read_paragraphs
from pipeline.prose.titles import TitleInfo, count_reports, find_reports, read_title
from pipeline.text import label_key, normalise

__all__ = ["TitleInfo", "count_reports", "find_reports", "read_sections", "read_title"]

_NUMERAL = "一二三四五六七八九十"
_LONGEST_HEAD = 40
_STYLES = (  # from the clearest to the one that is also used inside chapters
    re.compile(rf"^第([{_NUMERAL}]{{1,2}})(?:部分|章)[、:.]?"),
    re.compile(rf"^(?:#+)?([{_NUMERAL}]{{1,2}})[、.]"),
    re.compile(rf"^\(([{_NUMERAL}]{{1,2}})\)、?"),
)
_TITLES = (
    "总体情况|总体概况|基本情况|概述|附表|依申请公开(?:政府)?信息(?:办理)?(?:的)?情况|主动公开(?:政府|政务)?信息(?:的)?情况|(?:收到和处理|收到及处理)?政府信息公开申请(?:的)?(?:情况|办理情况)|"
    "(?:因)?政府信息公开(?:工作)?(?:被申请|被提起|申请|引起的)*行政复议[、,和及与]*(?:被?提起)?(?:的)?行政诉讼(?:的)?(?:情况)?|"
    "(?:政府信息公开工作)?存在的?(?:主要)?(?:问题|不足)(?:[及和与、](?:下一步)?(?:改进|整改)(?:情况|措施|意见)?)?|其他(?:需要|需|应当)?报告的?(?:有关)?事项"
)
_INLINE = re.compile(rf"(?<![{_NUMERAL}(第])(?:第([{_NUMERAL}])部分|([{_NUMERAL}])[、.])((?:{_TITLES}))")
_NUMBERED = re.compile(f"[{_NUMERAL}](?:部分|[、.])")  # what every match of the one above holds
_FIGURES = re.compile(r"(?:(?<!\S)[0-9,.]+(?:\s+|$)){3}")  # three figures side by side: a row, never prose
_DIGITS = re.compile("[0-9.]+")
_ROW_START = re.compile(
    "(?:本年新收|上年结转|本年度办理结|结转下年度)"
)  # numbered rows, which pieces of tables begin with
_ROW_END = re.compile(r"(?:[0-9]|件|条|次|万元)\s*$")  # a title ends in no figure and no unit
_REPORTED = re.compile("(?:见|本报告|全文|报告)[^。]{0,12}$")


@dataclass(frozen=True, slots=True)
class _Head:
    number: str
    title: str
    location: Location


def read_sections(
    blocks: Sequence[Line | Table], paragraphs: Sequence[Paragraph | Table] | None = None
) -> tuple[Section, ...]:
    """The chapters in order of the document, each with its prose, paragraphs apart by line breaks.

    What stands before the first chapter is a section without number and title. Numbers may restart; a table of
    contents (chapters without any text) is dropped. Pieces of labels that a reader left outside its tables stay.
    `paragraphs` are those of the blocks, if they were read before.
    """
    lines = [block for block in blocks if isinstance(block, Table) or not _has_figures(block.text)]
    if paragraphs is None or len(lines) < len(blocks):
        paragraphs = read_paragraphs(lines)
    prose = [block for block in paragraphs if isinstance(block, Paragraph)]
    style = _style(prose)
    sections: list[Section] = []
    head = _Head("", "", Location())
    texts: list[str] = []
    for paragraph in prose:
        for piece in _pieces(paragraph, style):
            if isinstance(piece, _Head):
                sections.append(_section(head, texts))
                head, texts = piece, []
            elif piece:
                texts.append(piece)
    sections.append(_section(head, texts))
    return tuple(_without_contents(sections))


def _has_figures(text: str) -> bool:
    """Whether three figures stand side by side; most lines hold no three pieces at all."""
    return len(text.split(None, 2)) == 3 and _FIGURES.search(text) is not None


def _section(head: _Head, texts: list[str]) -> Section:
    return Section(head.number, head.title, "\n".join(texts), head.location if head.title else None)


def _style(paragraphs: list[Paragraph]) -> re.Pattern[str]:
    """The clearest numbering that at least three lines have; （一） counts only where nothing clearer does."""
    heads = [compact(paragraph.text[:60])[0] for paragraph in paragraphs]
    for style in _STYLES:
        if sum(bool(style.match(head)) and not _is_row(style.sub("", head)) for head in heads) >= 3:
            return style
    return _STYLES[1]


def _pieces(paragraph: Paragraph, style: re.Pattern[str]) -> Iterator[_Head | str]:
    """The heads and texts of a paragraph: one of either, or both in turn where heads stand inside the text."""
    text, offsets = compact(paragraph.text)
    match = style.match(text)
    if match and _is_head(text, match.end()):
        title = paragraph.text[offsets[match.end()] :].strip() if match.end() < len(text) else ""
        yield _Head(match.group(1), title, paragraph.locate(0, len(paragraph.text)))
        return
    text = TABLE_TEXT.sub(lambda found: "\0" * len(found.group()), text)
    place = 0
    for found in _INLINE.finditer(text) if _NUMBERED.search(text) else ():
        if _REPORTED.search(text[max(0, found.start() - 20) : found.start()]):
            continue
        yield _prose(paragraph, text, offsets, place, found.start())
        location = paragraph.locate(offsets[found.start()], offsets[found.end() - 1] + 1)
        yield _Head(found.group(1) or found.group(2), found.group(3), location)
        place = found.end()
    yield _prose(paragraph, text, offsets, place, len(text))


def _is_head(text: str, start: int) -> bool:
    """Whether a numbered line is a chapter's head: short, no sentence, no row of a table."""
    title = text[start:]
    short = len(text) <= _LONGEST_HEAD and "。" not in text
    return short and not _ROW_END.search(title) and not _is_row(title)


def _prose(paragraph: Paragraph, text: str, offsets: Sequence[int], start: int, end: int) -> str:
    """The paragraph's printed text for text[start:end], without what belongs to a table."""
    piece = text[start:end]
    if not piece.strip("\0") or _is_row(piece):
        return ""
    if "\0" not in piece:
        return paragraph.text[offsets[start] : offsets[end - 1] + 1].strip()
    kept = [place for place in range(start, end) if text[place] != "\0"]
    runs: list[str] = []
    for first, last in _stretches(kept):
        runs.append(paragraph.text[offsets[first] : offsets[last] + 1])
    return "".join(runs).strip()


def _stretches(places: list[int]) -> Iterator[tuple[int, int]]:
    first = places[0]
    for before, after in zip(places, [*places[1:], -1], strict=True):
        if after != before + 1:
            yield first, before
            first = after


def _is_row(text: str) -> bool:
    """Whether a line is a piece of a form's table that the reader could not put into one."""
    key = _DIGITS.sub("", label_key(text))
    if not key:
        return bool(re.search(r"[0-9]", normalise(text)))
    if _ROW_START.match(key):
        return len(key) <= 60
    return (
        key in _row_texts()
        or key.lstrip(_NUMERAL) in _row_texts()
        or (len(key) <= 60 and any(mark in key for mark in ("本年新收政府信息公开申请", "勾稽关系")))
    )


@lru_cache(maxsize=1)
def _row_texts() -> frozenset[str]:
    rows = [row for form in load_forms().values() for row in form.rows]
    labels = {label_key(label).lstrip(_NUMERAL) for row in rows for label in row.labels}
    wordings = {
        label_key(wording)
        for form in load_forms().values()
        for known in (*form.row_wordings.values(), *form.column_wordings.values())
        for wording in known
    }
    return head_wordings() | labels | wordings


def _without_contents(sections: list[Section]) -> Iterator[Section]:
    """The sections without an empty introduction and without chapters of no text whose title comes again."""
    last = {(section.number, section.title): index for index, section in enumerate(sections)}
    for index, section in enumerate(sections):
        again = last[section.number, section.title] > index
        if section.text or (section.title and not again):
            yield section
