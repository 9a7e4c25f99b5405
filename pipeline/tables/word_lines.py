"""Lines of words on a page without drawn edges: which carry figures, which are heads, and where a table may lie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import inf

from pipeline.datamodel import Page, Word
from pipeline.forms import group_keys, head_keys, row_key_beginnings, row_keys
from pipeline.headings import known_head
from pipeline.tables.cell_text import display_width, line_text, merge, text_lines
from pipeline.text import is_numeric, label_key, normalise

UNITS = frozenset({"条", "件", "次", "篇", "个", "人", "人次", "万元", "元", "项", "场", "期", "份", "件次"})
ENUMERATOR = re.compile(
    r"\s*(第[一二三四五六七八九十]+条|[(（][一二三四五六七八九十\d]{1,2}[)）]|[一二三四五六七八九十]{1,2}、|\d{1,2}\s*[.、．](?!\d))"
)
_NUMBERING = re.compile(r"\d{1,2}\s*[.、．]?|[(（][一二三四五六七八九十\d]{1,2}[)）]")
_TITLE = re.compile(
    r"\s*(第[一二三四五六七八九十]+部分|[一二三四五六七八九十]{1,2}、).*(情况|事项|问题|措施|计划).{0,16}$"
)
_PAGE_NUMBER = re.compile(r"[-－—–·]+\s*\d{1,3}\s*[-－—–·]+|第\s*\d{1,3}\s*页.*")
_BEFORE_PAGE_NUMBER = "-－—–·第"  # what a page number begins with
_BLANK_MARKS = frozenset({"/", "-", "--", "—", "——", "－", "无", "\\"})
_MAX_GAP = 6  # line heights without text that end a table
_MAX_WORDS = 200  # words in a line, above which it is no line of a table
_MAX_LINES = 600  # lines of a run, above which it is no table: no form is a third as long
_MAX_HEAD = 25  # lines that heads may take


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of words: those left of its figures, and the figures at its end (none in most lines).

    `em` is the width of a wide character. The figures of a `doubtful` line are not all of its row, or not all figures.
    """

    left: tuple[Word, ...]
    figures: tuple[Word, ...]
    em: float
    doubtful: bool = False

    @property
    def words(self) -> tuple[Word, ...]:
        return self.left + self.figures

    @property
    def middle(self) -> float:
        return sum(word.box[1] + word.box[3] for word in self.words) / (2 * len(self.words))


def read_lines(page: Page, words: Iterable[Word]) -> list[TextLine]:
    """The lines of the words from top to bottom, layout text in the columns in which its figures align best.

    Empty where no line ends in a figure.
    """
    found = list(words)
    lines = _lines(found)
    if not found or found[0].span is None:
        return lines
    by_characters = _lines([_at_character(page.text, word) for word in found])
    return by_characters if _spread(by_characters) <= _spread(lines) else lines


def _lines(words: Iterable[Word]) -> list[TextLine]:
    """The words in lines, without page numbers; none at all where no line ends in a figure: then there is no table."""
    lines = [line for line in text_lines(words) if len(line) <= _MAX_WORDS and not _is_page_number(line)]
    return [_text_line(line) for line in lines] if any(is_figure(line[-1].text) for line in lines) else []


def _is_page_number(line: Sequence[Word]) -> bool:
    return line[0].text[:1] in _BEFORE_PAGE_NUMBER and _PAGE_NUMBER.fullmatch(line_text(line)) is not None


def _at_character(text: str, word: Word) -> Word:
    """The word where its place in the line, counted in characters, puts it: pdftotext lays text out like this."""
    assert word.span is not None
    start = word.span[0] - (text.rfind("\n", 0, word.span[0]) + 1)
    return word._replace(box=(start, word.box[1], start + len(word.text), word.box[3]))


def _spread(lines: Sequence[TextLine]) -> float:
    """How far the figures of neighbouring lines with equally many figures stand from being below each other."""
    total = 0.0
    with_figures = [line for line in lines if line.figures]
    for above, below in pairwise(with_figures):
        if len(above.figures) == len(below.figures):
            for one, other in zip(above.figures, below.figures, strict=True):
                edges = [abs(one.box[0] - other.box[0]), abs(one.box[2] - other.box[2])]
                total += min(*edges, sum(edges) / 2)
    return total


def _text_line(words: Sequence[Word]) -> TextLine:
    em = _em(words)
    first = len(words)
    while first and is_figure(words[first - 1].text):
        if first < len(words) and words[first].box[0] - words[first - 1].box[2] < 0.4 * em:
            break
        first -= 1
    near = 0 < first < len(words) and words[first].box[0] - words[first - 1].box[2] < 0.6 * em
    if near and not is_row_label(line_text(words[:first])):  # prose that ends in a figure
        first = len(words)
    return TextLine(tuple(words[:first]), tuple(words[first:]), em)


def _em(words: Sequence[Word]) -> float:
    """The width of a wide character: two columns in layout text, the height of the line in points elsewhere."""
    if words[0].span is not None:
        return 2.0
    return max([word.box[3] - word.box[1] for word in words])


def is_figure(text: str) -> bool:
    """Whether a word is a number (with unit or note) or a mark that stands for an empty cell."""
    return text in _BLANK_MARKS or is_numeric(text)


def phrases(line: Sequence[Word], em: float, starts: Sequence[float] = ()) -> list[tuple[Word, ...]]:
    """Words that belong together: apart by less than a character, or a numbering and what it numbers.

    A numbering (1. （一） 一、) begins a new phrase, and so does a word at one of the `starts`, or a whole label.
    """
    found: list[list[Word]] = []
    for word in line:
        if found and _goes_on(found[-1], word, em, starts):
            found[-1].append(word)
        else:
            found.append([word])
    return [tuple(phrase) for phrase in found]


def _goes_on(phrase: Sequence[Word], word: Word, em: float, starts: Sequence[float]) -> bool:
    gap = word.box[0] - phrase[-1].box[2]
    text = line_text(phrase)
    if ENUMERATOR.match(word.text):
        return False
    if _NUMBERING.fullmatch(text):
        return gap < 2 * em
    at_start = any(abs(word.box[0] - start) < 0.05 * em for start in starts)
    whole = is_row_label(word.text) and not is_row_label(text + word.text)
    return gap < 0.6 * em and not at_start and not whole


def bare_key(text: str) -> str:
    """The label key of a text without its numbering."""
    return label_key(ENUMERATOR.sub("", text, count=1))


@lru_cache(maxsize=4096)
def is_row_label(text: str) -> bool:
    """Whether a text is the label of a row of a form, with or without its numbering."""
    return label_key(text) in row_keys() or bare_key(text) in row_keys()


def is_cut_group(text: str) -> bool:
    """Whether a text that looks like a row's label may be the first piece of a group's: （六）其他 above 处理."""
    return text.lstrip()[:1] in "(（" and len(bare_key(text)) <= 3


@lru_cache(maxsize=4096)
def begins_row_label(text: str) -> bool:
    """Whether a text is the beginning of the label of a row of a form, or all of it."""
    return any(len(key) > 3 and key in row_key_beginnings() for key in (label_key(text), bare_key(text)))


def known_heads(line: TextLine) -> list[Word]:
    """The words of a line, those close together as one, that the forms have as heads of columns or groups."""
    keys = head_keys()
    known = [word for word in line.left if label_key(word.text) in keys]
    if known or len(line.left) < 2:
        return known
    return [word for word in map(merge, phrases(line.left, line.em)) if label_key(word.text) in keys]


def find_regions(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Runs of lines that may be one table each: broken at prose, titles, wide gaps and new heads below figures."""
    if not any(line.figures for line in lines):
        return []
    unbroken = [line for line in lines if not line.figures and len(phrases(line.left, 2 * line.em)) == 1]
    widest = max((line.words[-1].box[2] - line.words[0].box[0] for line in unbroken), default=0.0)
    regions: list[list[TextLine]] = []
    current: list[TextLine] = []
    start = inf  # where the leftmost column of figures begins in the current run
    for line in lines:
        prose = _is_prose(line, widest)
        far = bool(current) and gap(current[-1], line) > _MAX_GAP * line.em
        if prose or far or _begins_table(line, start):
            regions.append(current)
            current, start = [], inf
        if not prose:
            current.append(line)
        if line.figures:
            start = min(start, line.figures[0].box[0])
    regions.append(current)
    trimmed = [_trimmed(region) for region in regions if any(line.figures for line in region)]
    return [region for region in trimmed if len(region) <= _MAX_LINES]


def gap(above: TextLine, below: TextLine) -> float:
    """The distance of two lines; a line of layout text counts as one em."""
    scale = below.em if below.words[0].span is not None else 1.0
    return (below.middle - above.middle) * scale


def _is_prose(line: TextLine, widest: float) -> bool:
    """Whether a line is a chapter title or running text: unbroken, and as long as the page allows or a sentence."""
    if line.figures:
        return False
    text = line_text(line.left)
    chapter = _TITLE.match(text) or known_head("".join(normalise(text).split()))
    if chapter and label_key(text) not in row_keys() | group_keys():
        return True
    if known_heads(line) or len(phrases(line.left, 2 * line.em)) > 1 or begins_row_label(text):
        return False
    width = line.words[-1].box[2] - line.words[0].box[0]
    return "。" in text or (display_width(text) > 40 and width > 0.8 * widest)


def _begins_table(line: TextLine, start: float) -> bool:
    """Whether a line below figures holds heads: two known ones, a title, or one above the figures' columns."""
    if line.figures or start == inf:
        return False
    heads = known_heads(line)
    return len(heads) > 1 or any(word.box[2] > start or word.text.startswith("第") for word in heads)


def _trimmed(region: list[TextLine]) -> list[TextLine]:
    """The region from its first head or the label above its first figures to the lines just below its last."""
    with_figures = [index for index, line in enumerate(region) if line.figures]
    first, last = with_figures[0], with_figures[-1]
    start = first
    for index in range(first - 1, max(-1, first - _MAX_HEAD), -1):
        if known_heads(region[index]) or ENUMERATOR.match(region[index].words[0].text):
            start = index
    end = last + 1
    while end < len(region) and gap(region[end - 1], region[end]) < 2 * region[end].em:
        end += 1
    return region[start:end]
