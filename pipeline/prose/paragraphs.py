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
    rf"\s*(?:第?{_NUMERAL}{{1,3}}(?:、|[.．]|部分|章)|[(（]{_NUMERAL}{{1,3}}[)）]|\d{{1,2}}(?:、|[.．](?!\d))|[|#])"
)
_HEAD = re.compile(  # a chapter's head on a line of its own, however wide
    rf"\s*(?:第{_NUMERAL}部分|{_NUMERAL}[、.．]|[(（]{_NUMERAL}[)）])[^。；;，,]{{0,28}}(?:情况|事项|措施|概述|问题|附表)\s*$"
)
_ENDS_SENTENCE = re.compile(r"[。；;：:！!？?”」]\s*$")
_RUNS_ON = re.compile(r"[，,、（(《“—]\s*$")
# Tables that a text source runs together with its prose, up to the chapter after them (on compact text).
TABLE_TEXT = re.compile(
    r"(?:第二十条第|[(]本列数据的勾稽|行政复议行政诉讼结果|(?:指标名称|统计指标)(?:计量)?单位).*?"
    r"(?=(?:第?[一二三四五六七八九](?:部分|章|[、.)])|[1-9][.、)])[^0-9。]{0,26}(?:诉讼|申请的?情况|问题|不足|报告|改进)|$)"
)
_INDENT = 1.2  # in heights of a line: less is flush left, more is the first line of a paragraph
_SHORT = 8  # characters of lines that say nothing of margins
_SOME = 8  # long lines of a page that tell its right margin
_FAR = 4.0  # heights from line to line, above which something stands between
_GAP = 1.3  # of the usual step from line to line: more parts paragraphs
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
                yield paragraph_of(pending)
                pending = []
            pending.append(block)
            continue
        if pending:
            yield paragraph_of(pending)
            pending = []
        if isinstance(block, Table):
            yield block
    if pending:
        yield paragraph_of(pending)


def paragraph_of(lines: Sequence[Line]) -> Paragraph:
    """The lines as one paragraph."""
    texts = [line.text.strip() for line in lines]
    starts = tuple(accumulate(map(len, texts[:-1]), initial=0))
    return Paragraph("".join(texts), starts, tuple(lines))


@dataclass(frozen=True, slots=True)
class _Margins:
    """How a document's lines stand: where the text column of each page begins and ends (points) and how far it is from
    line to line within paragraphs (`pitch`, in heights of a line); how wide a full line of a text source is, and from
    which column on its lines begin paragraphs (beyond all where they do not)."""

    left: dict[int, float]
    right: dict[int, float]
    pitch: float
    columns: int
    indent: float


def _margins(lines: list[Line]) -> _Margins:
    left: dict[int, float] = {}
    rights: dict[int, list[float]] = {}
    steps: list[float] = []
    texts: list[Line] = []
    middle = 0.0
    for line in lines:
        page, box = line.location.page, line.location.box
        if box is None or not _on_paper(box):
            texts.append(line)
            continue
        step = (box[1] + box[3]) / 2 - middle
        middle += step
        steps.append(step / max(1.0, box[3] - box[1]))
        if len(line.text.strip()) > _SHORT:
            left[page] = min(box[0], left.get(page, inf))
            rights.setdefault(page, []).append(box[2])
    full = _full_width([_columns(line.text) for line in texts if "  " not in line.text.strip()])
    indent = _indent([_lead(line) for line in texts if _columns(line.text) > 0.5 * full])
    return _Margins(left, _right_margins(rights), _usual(steps), full, indent)


def _right_margins(rights: dict[int, list[float]]) -> dict[int, float]:
    """Where the longest line of each page ends; on pages of few lines, which may all be short, that of most pages."""
    full = [max(ends) for ends in rights.values() if len(ends) >= _SOME]
    usual = max(full or map(max, rights.values()), default=0.0)
    return {page: max(ends) if len(ends) >= _SOME else max(usual, *ends) for page, ends in rights.items()}


def _usual(steps: list[float]) -> float:
    """The step from line to line that a fifth of the lines do not exceed; beyond all where there are few lines."""
    down = sorted(step for step in steps if 0 < step < _FAR)
    return down[len(down) // 5] if len(down) >= _SOME else inf


def _full_width(widths: list[int]) -> int:
    """The width at which a text source breaks its lines; beyond all lines where it does not break them at one."""
    wide = Counter(width for width in widths if width > 30)
    near = {full: sum(wide[full - short] for short in range(6)) for full in list(wide)}
    full = max(near, key=lambda width: (near[width], width), default=0)
    wider = sum(count for width, count in wide.items() if width > 1.1 * full)
    return full if near.get(full, 0) >= max(3, wide.total() / 3, 10 * wider) else 10**6


def _indent(leads: list[float]) -> float:
    """The column from which on lines begin paragraphs, where some do and others stand at the margin."""
    margin = min(leads, default=0.0)
    begun = sum(margin + 2 <= lead <= margin + 8 for lead in leads)
    return margin + 2 if begun >= 2 and sum(lead < margin + 2 for lead in leads) >= 2 else inf


def _continues(above: Line, line: Line, margins: _Margins) -> bool:
    ended = _ENDS_SENTENCE.search(above.text) is not None
    item = _NEW_ITEM.match(line.text) is not None
    if item and (ended or _HEAD.match(above.text) or _HEAD.match(line.text)):
        return False
    if _on_paper(above.location.box) and _on_paper(line.location.box):
        return _continues_on_page(above.location, line.location, margins, ended)
    full = 0.85 <= _columns(above.text) / margins.columns <= 1.1
    if margins.indent < inf and (full or not item):
        return _lead(line) < margins.indent and (full or (not ended and _RUNS_ON.search(above.text) is not None))
    if item or ended or _HEAD.match(above.text):
        return False
    return full or _RUNS_ON.search(above.text) is not None


def _continues_on_page(above: Location, place: Location, margins: _Margins, ended: bool) -> bool:
    """A full line above and no indent: the same paragraph, but for a wider gap after the end of a sentence."""
    over, box = above.box or (0, 0, 0, 0), place.box or (0, 0, 0, 0)
    height = max(1.0, over[3] - over[1])
    taller = max(height, box[3] - box[1])
    step = (box[1] + box[3] - over[1] - over[3]) / 2
    if place.page == above.page and (
        box[1] - over[3] > 2.5 * height or (ended and step > _GAP * margins.pitch * taller)
    ):
        return False
    full = over[2] >= margins.right.get(above.page, over[2]) - _SLACK * height
    flush = box[0] <= margins.left.get(place.page, box[0]) + _INDENT * height
    return full and flush


def _lead(line: Line) -> float:
    """The column of a text source in which a line begins."""
    if line.location.box:
        return line.location.box[0]
    lead = line.text[: len(line.text) - len(line.text.lstrip())]
    return sum(map(_WIDTHS.__getitem__, lead))


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
