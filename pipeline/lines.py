"""The document in reading order: lines of text and tables, without page numbers and running heads."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from pipeline.datamodel import Box, Line, Location, Page, Table, Word

_MARGIN = 0.12  # of the page's height, at the top and at the bottom: where running heads and feet stand
_SAME_PLACE = 4.0  # points
_WIDE_GAP = 1.2  # of the line's height: between Chinese words only such a gap is a space
_DASHES = "-–—―－─·•.~"
_DECORATED = re.compile(
    rf"[{_DASHES}]+(\d{{1,3}})[{_DASHES}]+|第(\d{{1,3}})页(?:[,，/]?(?:共|/)?\d{{1,3}}页)?|(\d{{1,3}})[/／]\d{{1,3}}"
    r"|page(\d{1,3})(?:of\d{1,3})?",
    re.IGNORECASE,
)
_BARE = re.compile(r"\d{1,3}")
_FIGURE = re.compile(r"\d+(?:[.,，]\d+)*")
_UNREAD = "\ufffd"


class _Placed(NamedTuple):
    """A line with its page's height, to tell margins from the body."""

    line: Line
    box: Box
    height: float

    @property
    def margin(self) -> str:
        """ "top" or "bottom" where the line stands in a margin, else ""."""
        if self.box[3] < _MARGIN * self.height:
            return "top"
        return "bottom" if self.box[1] > (1 - _MARGIN) * self.height else ""


def read_blocks(pages: Sequence[Page], tables: Mapping[int, Sequence[Table]]) -> list[Line | Table]:
    """Lines and tables of all pages in reading order; `tables` are those to use, by page number.

    Pages with words give the lines that their words outside the tables make, top to bottom, each table at its top;
    other pages give their blocks as they are. Text stays as printed. Dropped are page numbers and whatever stands in
    the margin at the same place of most pages. Text in two columns is read across, not column by column.
    """
    placed = {page.number: _lines_of(page, tables.get(page.number, ())) for page in pages if page.words}
    dropped = _page_numbers(placed) | _running_heads(placed)
    blocks: list[Line | Table] = []
    for page in pages:
        if not page.words:
            blocks += page.blocks or tables.get(page.number, ())
            continue
        kept = [item.line for item in placed[page.number] if id(item) not in dropped]
        blocks += sorted([*kept, *tables.get(page.number, ())], key=partial(_top, page))
    return blocks


def _top(page: Page, block: Line | Table) -> float:
    """Where a block begins on its page: that of a text's table is the top of its first word."""
    if block.location.box:
        return block.location.box[1]
    start = block.location.span[0] if block.location.span else 0
    return next((word.box[1] for word in page.words if word.span and word.span[0] >= start), 0.0)


def _lines_of(page: Page, tables: Iterable[Table]) -> list[_Placed]:
    free: Sequence[Word] = page.words
    for table in tables:
        if table.location.box:
            free = _outside(table.location.box, free)
        elif table.location.span:
            start, end = table.location.span
            free = [word for word in free if not (word.span and start <= word.span[0] < end)]
    return [_line(page, words) for words in _side_by_side(free)]


def _outside(box: Box, words: Iterable[Word]) -> list[Word]:
    """The words whose middles lie outside a box."""
    left, high, right, low = box
    free: list[Word] = []
    for word in words:
        x0, top, x1, bottom = word.box
        if not (high <= (top + bottom) / 2 <= low and left <= (x0 + x1) / 2 <= right):
            free.append(word)
    return free


def _side_by_side(words: Iterable[Word]) -> list[list[Word]]:
    """Words whose middle lies within the height of the line's tallest word, or the other way round."""
    lines: list[list[Word]] = []
    top = bottom = 0.0  # of the line's tallest word
    for word in sorted(words, key=_reading_order):
        _, high, _, low = word.box
        if lines and _level(high, low, top, bottom):
            lines[-1].append(word)
            if low - high > bottom - top:
                top, bottom = high, low
        else:
            lines.append([word])
            top, bottom = high, low
    return lines


def _reading_order(word: Word) -> tuple[float, float]:
    x0, top, _, bottom = word.box
    return (top + bottom, x0)


def _level(top: float, bottom: float, other_top: float, other_bottom: float) -> bool:
    if bottom - top <= other_bottom - other_top:
        top, bottom, other_top, other_bottom = other_top, other_bottom, top, bottom
    if not top < (other_top + other_bottom) / 2 < bottom:  # the taller one holds the other's middle
        return False
    shared = (bottom if bottom < other_bottom else other_bottom) - (top if top > other_top else other_top)
    return shared >= 0.5 * (other_bottom - other_top)


def _line(page: Page, words: list[Word]) -> _Placed:
    text, box = words[0].text, words[0].box
    if len(words) > 1:
        words.sort(key=_start)
        text = _sure_text(words[0])
        for before, word in pairwise(words):
            text += _between(before, word) + _sure_text(word)
        x0s, tops, x1s, bottoms = zip(*[word.box for word in words], strict=True)
        box = (x0s[0], min(tops), max(x1s), max(bottoms))
    return _Placed(Line(text, Location(page.number, box)), box, page.height)


def _sure_text(word: Word) -> str:
    """What a word says in a line, without the figures that a picture leaves in doubt: prose has no other readings."""
    return _FIGURE.sub(_UNREAD, word.text) if word.readings else word.text


def _start(word: Word) -> float:
    return word.box[0]


def _between(before: Word, after: Word) -> str:
    """A space where the reader of the page would see one; justified Chinese text has gaps that are none."""
    height = max(before.box[3] - before.box[1], after.box[3] - after.box[1])
    gap = after.box[0] - before.box[2]
    if gap <= 0.1 * height:
        return ""
    chinese = _is_chinese(before.text[-1]) + _is_chinese(after.text[0])
    return " " if gap > (0.1, 0.5, _WIDE_GAP)[chinese] * height else ""


def _is_chinese(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef"


def _page_numbers(placed: Mapping[int, list[_Placed]]) -> set[int]:
    """Lines in a margin that say a page number: between dashes, `第3页`, `3/5`; bare where the counting agrees."""
    bare: list[tuple[int, _Placed]] = []
    found: set[int] = set()
    for number, lines in placed.items():
        for item in (item for item in lines if item.margin):
            text = re.sub(r"\s+", "", item.line.text)
            if _DECORATED.fullmatch(text):
                found.add(id(item))
            elif _BARE.fullmatch(text) and item in (lines[0], lines[-1]):
                bare.append((int(text) - number, item))
    ahead = Counter(offset for offset, _ in bare)
    return found | {id(item) for offset, item in bare if offset == 0 or ahead[offset] > 1}


def _running_heads(placed: Mapping[int, list[_Placed]]) -> set[int]:
    """Lines that stand in a margin of more than half of the pages (at least two) at the same height."""
    groups: dict[tuple[str, str], list[tuple[int, _Placed]]] = defaultdict(list)
    for number, lines in placed.items():
        for item in lines:
            if item.margin:
                groups[item.margin, re.sub(r"[\d\s]+", "", item.line.text)].append((number, item))
    found: set[int] = set()
    for (_, text), items in groups.items():
        tops = sorted(item.box[1] for _, item in items)
        usual = tops[len(tops) // 2]
        same = [(number, item) for number, item in items if abs(item.box[1] - usual) <= _SAME_PLACE]
        on_pages = {number for number, _ in same}
        if text and len(on_pages) >= 2 and len(on_pages) > len(placed) / 2:
            found |= {id(item) for _, item in same}
    return found
