"""Paragraphs out of printed lines: wraps joined across lines and pages, every character still traceable."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import inf

from pipeline.datamodel import Box, Line, Location, Table

_NUMERAL = "[一二三四五六七八九十]"
_NEW_ITEM = re.compile(
    rf"\s*(?:第?{_NUMERAL}{{1,3}}(?:、|[.．]|部分)|[(（]{_NUMERAL}{{1,3}}[)）]|\d{{1,2}}(?:、|[.．](?!\d))|[|#])"
)
_HEAD = re.compile(  # a chapter's head on a line of its own, however wide
    rf"\s*(?:第{_NUMERAL}部分|{_NUMERAL}[、.．]|[(（]{_NUMERAL}[)）])[^。；;，,]{{2,28}}(?:情况|事项|措施|概述|问题|附表)\s*$"
)
_ENDS_SENTENCE = re.compile(r"[。；;：:！!？?”」]\s*$")
_RUNS_ON = re.compile(r"[，,、（(《“—]\s*$")
# Tables that a text source runs together with its prose, up to the chapter after them (on compact text).
TABLE_TEXT = re.compile(
    r"(?:第二十条第|[(]本列数据的勾稽|行政复议行政诉讼结果|指标名称计量单位).*?"
    r"(?=[一二三四五六]、[^0-9。]{0,22}(?:行政诉讼|申请情况|问题|其他需要|改进)|$)"
)
_INDENT = 1.2  # in heights of a line: less is flush left, more is the first line of a paragraph
_SLACK = 2.5  # in heights of a line: how far short of the margin a full line may end


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose that belongs together. `starts` are the offsets into `text` at which the printed `lines` begin."""

    text: str
    starts: tuple[int, ...]
    lines: tuple[Line, ...]

    def locate(self, start: int, end: int) -> Location:
        """The place of text[start:end]: its page, and either the box of its printed lines or its span there.

        A stretch over two pages is given by its part on the first.
        """
        first = bisect_right(self.starts, start) - 1
        last = max(first, bisect_right(self.starts, max(start, end - 1)) - 1)
        page = self.lines[first].location.page
        places = [line.location for line in self.lines[first : last + 1] if line.location.page == page]
        boxes = [place.box for place in places if place.box]
        if boxes:
            return Location(page, box=_union(boxes))
        return Location(page, span=self._span(first, start, first + len(places) - 1, end))

    def _span(self, first: int, start: int, final: int, end: int) -> tuple[int, int] | None:
        opening, closing = self._in_source(first, start), self._in_source(final, end)
        return (opening[0], closing[1]) if opening and closing else None

    def _in_source(self, index: int, offset: int) -> tuple[int, int] | None:
        """The offset's place in the source, twice; the whole line's ends where reading has changed its length."""
        line = self.lines[index]
        if line.location.span is None:
            return None
        begin, end = line.location.span
        if end - begin != len(line.text):
            return begin, end
        lead = len(line.text) - len(line.text.lstrip())
        place = min(end, begin + lead + max(0, offset - self.starts[index]))
        return place, place


def read_paragraphs(blocks: Sequence[Line | Table]) -> tuple[Paragraph | Table, ...]:
    """The document's paragraphs and tables in reading order; lines of white space only part paragraphs."""
    return tuple(_join(blocks))


def _join(blocks: Sequence[Line | Table]) -> Iterator[Paragraph | Table]:
    margins = _margins([block for block in blocks if isinstance(block, Line)])
    pending: list[Line] = []
    for block in blocks:
        if isinstance(block, Line) and block.text.strip():
            if pending and not _continues(pending[-1], block, margins):
                yield _paragraph(pending)
                pending = []
            pending.append(block)
            continue
        if pending:
            yield _paragraph(pending)
            pending = []
        if isinstance(block, Table):
            yield block
    if pending:
        yield _paragraph(pending)


def _paragraph(lines: list[Line]) -> Paragraph:
    texts = [line.text.strip() for line in lines]
    starts = tuple(accumulate(map(len, texts[:-1]), initial=0))
    return Paragraph("".join(texts), starts, tuple(lines))


@dataclass(frozen=True, slots=True)
class _Margins:
    """Where the text column begins and ends on each page (points), and how wide a full line of a text source is."""

    left: dict[int, float]
    right: dict[int, float]
    columns: int


def _margins(lines: list[Line]) -> _Margins:
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    widths: list[int] = []
    for line in lines:
        page, box, text = line.location.page, line.location.box, line.text.strip()
        if box and len(text) > 8:
            if box[0] < left.get(page, inf):
                left[page] = box[0]
            if box[2] > right.get(page, -inf):
                right[page] = box[2]
        if not _on_paper(box) and "  " not in text:
            widths.append(_columns(text))
    return _Margins(left, right, _full_width(widths))


def _full_width(widths: list[int]) -> int:
    """The width at which a text source breaks its lines; beyond all lines where it does not break them at one."""
    wide = Counter(width for width in widths if width > 30)
    near = {full: sum(wide[full - short] for short in range(6)) for full in list(wide)}
    full = max(near, key=lambda width: (near[width], width), default=0)
    return full if near.get(full, 0) >= max(3, wide.total() / 3) else 10**6


def _continues(above: Line, line: Line, margins: _Margins) -> bool:
    if _NEW_ITEM.match(line.text):
        return False
    if _on_paper(above.location.box) and _on_paper(line.location.box):
        return _continues_on_page(above.location, line.location, margins)
    if _ENDS_SENTENCE.search(above.text) or _HEAD.match(above.text):
        return False
    return bool(_RUNS_ON.search(above.text)) or 0.85 <= _columns(above.text) / margins.columns <= 1.1


def _continues_on_page(above: Location, place: Location, margins: _Margins) -> bool:
    """A full line above and no indent: the same paragraph, whatever the punctuation."""
    over, box = above.box or (0, 0, 0, 0), place.box or (0, 0, 0, 0)
    height = max(1.0, over[3] - over[1])
    if place.page == above.page and box[1] - over[3] > 2.5 * height:
        return False
    full = over[2] >= margins.right.get(above.page, over[2]) - _SLACK * height
    flush = box[0] <= margins.left.get(place.page, box[0]) + _INDENT * height
    return full and flush


def _on_paper(box: Box | None) -> bool:
    """Whether a box is in points; the boxes of a text in columns count characters, one to a line."""
    return box is not None and box[3] - box[1] > 2


def _columns(text: str) -> int:
    """The width of a text on a terminal: two columns for a wide character."""
    return sum(map(_WIDTHS.__getitem__, text.strip()))


class _Widths(dict[str, int]):
    """The columns that each character takes on a terminal, learnt when it is first met."""

    def __missing__(self, character: str) -> int:
        return self.setdefault(character, 2 if unicodedata.east_asian_width(character) in "WF" else 1)


_WIDTHS = _Widths()


def _union(boxes: list[Box]) -> Box:
    x0, tops, x1, bottoms = zip(*boxes, strict=True)
    return min(x0), min(tops), max(x1), max(bottoms)


class _Folding(dict[int, str]):
    """A table for str.translate that learns what each character folds to when it first meets it."""

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, _fold(chr(code)))


def _fold(character: str) -> str:
    if character.isspace() or unicodedata.category(character) in ("Cc", "Cf"):
        return ""
    folded = unicodedata.normalize("NFKC", character)
    # ² must not become 2, and a Chinese comma must not join 12，345 to one figure.
    stays = unicodedata.category(character) == "No" or character == "，"
    return character if stays or len(folded) != 1 else folded


_FOLDING = _Folding()


@lru_cache(maxsize=512)  # title, facts and chapters of one document ask for the same lines
def compact(text: str) -> tuple[str, Sequence[int]]:
    """The text with one form for each character, and for each character its old offset.

    White space, control and invisible characters are left out.
    """
    folded = text.translate(_FOLDING)
    if len(folded) == len(text):
        return folded, range(len(text))
    return folded, tuple(offset for offset, character in enumerate(text) if _FOLDING[ord(character)])
