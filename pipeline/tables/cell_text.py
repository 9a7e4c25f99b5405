"""Words into the text of the cell that holds them: lines, wraps, numbers wrapped in a narrow cell, glued words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from pipeline.datamodel import Box, Word

_FIGURE = re.compile(r"[\d.,]")
_NOTED = re.compile(r"[\d.,]+[(（]")  # the beginning of a figure with a note
_NUMERIC = re.compile(r"[\d.,\s-]+")
_UNREAD = "\ufffd"  # some figure that cannot be read
_PADDING = 5.4  # points: the widest padding in common use (Word's default); a wider one is not counted


def text_lines(words: Iterable[Word]) -> list[list[Word]]:
    """Words in lines from top to bottom, each line from left to right.

    Words whose middles are level are a line, and so is a flat one (a point, a dash) with what stands beside it.
    """
    lines: list[list[Word]] = []
    low = high = 0.0
    for word in sorted(words, key=_reading_order):
        _, top, _, bottom = word.box
        if lines and _level(low, high, top, bottom):
            lines[-1].append(word)
            low, high = (low if low <= top else top), (high if high >= bottom else bottom)
        else:
            lines.append([word])
            low, high = top, bottom
    for line in lines:
        if len(line) > 1:
            line.sort(key=_start)
    return lines


def _reading_order(word: Word) -> tuple[float, float]:
    x0, top, _, bottom = word.box
    return (top + bottom, x0)


def _start(word: Word) -> float:
    return word.box[0]


def _level(low: float, high: float, top: float, bottom: float) -> bool:
    shorter, taller = high - low, bottom - top
    if taller < shorter:
        shorter, taller = taller, shorter
    shared = (high if high <= bottom else bottom) - (low if low >= top else top)
    apart = abs(low + high - top - bottom) / 2
    return shared >= 0.6 * shorter and (apart <= 0.4 * shorter or shorter < 0.5 * taller)


def line_text(line: Sequence[Word]) -> str:
    """The words of a line as one text: a space where a gap stands beside a digit or Latin letter."""
    text = line[0].text
    if len(line) == 1:
        return text
    for before, word in pairwise(line):
        gap = word.box[0] - before.box[2]
        height = min(word.box[3] - word.box[1], before.box[3] - before.box[1])
        wide = gap > 0.15 * height and (text[-1:].isascii() or word.text[:1].isascii())
        text += f" {word.text}" if wide else word.text
    return text


def merge(words: Sequence[Word]) -> Word:
    """Words of one line as one word."""
    if len(words) == 1:
        return words[0]
    spans = [word.span for word in words if word.span]
    span = (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None
    return words[0]._replace(text=line_text(words), box=box_of(words), span=span)


def box_of(words: Sequence[Word]) -> Box:
    """The smallest box that holds the words."""
    if len(words) == 1:
        return words[0].box
    x0s, tops, x1s, bottoms = zip(*(word.box for word in words), strict=True)
    return (min(x0s), min(tops), max(x1s), max(bottoms))


def padding(gaps: Iterable[float]) -> float:
    """The padding of a table's cells, from the free space left of its texts (points)."""
    return min((gap for gap in gaps if gap > 0), default=0.0) if gaps else _PADDING


def cell_text(words: Sequence[Word], width: float, pad: float) -> str:
    """The text of a cell `width` points wide: wrapped lines joined, but two figures on two lines stay on two lines.

    A figure goes on in the next line only where its line fills the cell, so that no further digit would have fitted.
    """
    if len(words) == 1:
        return words[0].text
    if not words:
        return ""
    lines = text_lines(words)
    text = line_text(lines[0])
    for above, line in pairwise(lines):
        following = line_text(line)
        if _FIGURE.match(text[-1:]) and _FIGURE.match(following[:1]):
            joint = "" if _fills(above, width, pad) else "\n"
        else:
            joint = " " if text[-1:].isascii() and text[-1:].isalpha() and following[:1].isalpha() else ""
        text += joint + following
    return text


def readings(words: Sequence[Word]) -> tuple[str, ...]:
    """The texts that a cell may have; none where its words are sure, or are those of a label. A figure with a note is
    as sure as the word that it begins."""
    if len(words) == 1:
        return words[0].readings
    if not any(word.readings for word in words):
        return ()
    first = text_lines(words)[0][0]
    doubtful = all(one.text.isascii() or one.readings for one in words)
    return (_UNREAD,) if doubtful or (first.readings and _NOTED.match(first.text)) else ()


def _fills(line: Sequence[Word], width: float, pad: float) -> bool:
    """Whether a line leaves no room for one more digit, between the paddings of its cell."""
    used = line[-1].box[2] - line[0].box[0]
    digit = used / max(1.0, sum(display_width(word.text) for word in line))
    return width - used - 2 * min(pad, _PADDING) < digit


def display_width(text: str) -> int:
    """Columns a text takes in a fixed-width print: 2 for wide characters, 1 for others."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def split_at(word: Word, border: float) -> list[Word]:
    """A word that lies across a border between cells as the words on either side; whole where it only overflows.

    Only figures are cut off: words that run on over a border are a label that overflows. Characters are placed by their
    print width. A border that falls inside a character is no place to cut: the word
    stays whole, and where the characters about it are digits a space marks the likeliest place, so that no reader of
    numbers takes them for one number.
    """
    x0, top, x1, bottom = word.box
    unit = (x1 - x0) / max(1, display_width(word.text))
    cuts = ((x0 + unit * display_width(word.text[:index]), index) for index in range(1, len(word.text)))
    place, at = min(cuts, key=lambda cut: abs(cut[0] - border), default=(x0, 0))
    left, right = word.text[:at], word.text[at:]
    if not left or not right:
        return [word]
    narrower = unit * min(display_width(left[-1]), display_width(right[0]))
    if not _NUMERIC.fullmatch(left) and not _NUMERIC.fullmatch(right):
        return [word]
    if abs(place - border) <= 0.3 * narrower:
        return [Word(left, (x0, top, place, bottom), word.span), Word(right, (place, top, x1, bottom), word.span)]
    inside = border - x0 > narrower and x1 - border > narrower
    if inside and _FIGURE.match(left[-1]) and _FIGURE.match(right[0]):
        return [Word(f"{left} {right}", word.box, word.span)]
    return [word]
