"""Words of a PDF page: visible characters joined where no gap, turn, raise or upright edge comes between them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import repeat

import numpy as np

from pipeline.datamodel import Edge, Word
from pipeline.readers.pdf_characters import Characters
from pipeline.readers.pdf_functions import Array

_WORD = partial(tuple.__new__, Word)  # a page has hundreds: made of their values by C alone
_GAP = 0.3
_BACK = 0.5
_SHIFT = 0.35
_SMALL = 0.9
_RAISED = 0.12
_NOTE_SMALL = 0.9
_NOTE_REACH = 0.3
_CIRCLED = {str(number): chr(0x2460 + number - 1) for number in range(1, 21)} | {"0": "\u24ea"}


def read_words(characters: Characters, starts: Array) -> tuple[Word, ...]:
    """Words in content order; turned runs read along their own direction and keep the box they have on the page.

    A small raised number beside another word is a note mark and comes out circled (`1` as ①, `12` as ⑫), so that
    nobody takes it for a digit. `starts` are those of `word_starts`.
    """
    if not len(starts):
        return ()
    text = characters.codes.astype("<u4").tobytes().decode("utf-32-le")
    lows = np.minimum.reduceat(characters.boxes[:, :2], starts, axis=0)
    highs = np.maximum.reduceat(characters.boxes[:, 2:], starts, axis=0)
    boxes = np.concatenate([lows, highs], axis=1).round(2)
    ends = [*starts.tolist()[1:], len(text)]
    texts = [text[start:end] for start, end in zip(starts.tolist(), ends, strict=True)]
    _circle_notes(texts, boxes)
    places = zip(*boxes.T.tolist(), strict=True)
    return tuple(map(_WORD, zip(texts, places, repeat(None), repeat(()), strict=False)))


def word_starts(characters: Characters, edges: Sequence[Edge], marks: Array | None = None) -> Array:
    """Index of the first character of each word; `marks` (marked content of a tagged page) also part words."""
    if not len(characters.codes):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(_breaks(characters, edges, marks))


def _breaks(characters: Characters, edges: Sequence[Edge], marks: Array | None) -> Array:
    """Whether each character begins a word."""
    frames = _frames(characters)
    breaks = characters.after_gap.copy()
    before, after = frames[:-1], frames[1:]
    height = np.minimum(before[:, 3] - before[:, 1], after[:, 3] - after[:, 1])
    gap = after[:, 0] - before[:, 2]
    middle = np.abs(after[:, 1] + after[:, 3] - before[:, 1] - before[:, 3]) / 2
    breaks[1:] |= (gap > _GAP * height) | (gap < -_BACK * height) | (middle > _SHIFT * height)
    breaks[1:] |= characters.quarters[1:] != characters.quarters[:-1]
    breaks[1:] |= _raised(characters.codes, frames)
    if marks is not None:
        breaks[1:] |= marks[1:] != marks[:-1]
    joined = ~breaks[1:] & (gap > 0.05 * height) & (characters.quarters[1:] == 0)
    breaks[1:] |= _parted(joined, characters.codes, frames, height, edges)
    breaks[0] = True
    return breaks


def _frames(characters: Characters) -> Array:
    """The boxes turned so that every run reads from left to right, lines downwards."""
    x0, y0, x1, y1 = (characters.boxes[:, column] for column in range(4))
    if not characters.quarters.any():
        return characters.boxes
    choices = [
        (x0, -y1, -x1, y0),
        (y0, x0, -y1, -x1),
        (x1, -y0, -x0, y1),
        (y1, x1, -y0, -x0),
    ]
    frames: Array = np.stack([np.choose(characters.quarters, choice) for choice in choices], axis=1)
    return frames


def _raised(codes: Array, frames: Array) -> Array:
    """Pairs of neighbours, one a digit, on two baselines: a number and its note mark.

    Loose boxes of two fonts may end at two heights on one baseline, so a pair of one size counts only as two digits.
    """
    height = frames[:, 3] - frames[:, 1]
    digit = (codes >= 0x30) & (codes <= 0x39)
    larger = np.maximum(height[1:], height[:-1])
    uneven = np.minimum(height[1:], height[:-1]) <= _SMALL * larger
    shift = np.abs(frames[1:, 3] - frames[:-1, 3])
    one: Array = (digit[1:] | digit[:-1]) & uneven & (shift >= 0.08 * larger)
    both: Array = digit[1:] & digit[:-1] & (shift >= _RAISED * larger)
    return one | both


def _parted(joined: Array, codes: Array, frames: Array, height: Array, edges: Sequence[Edge]) -> Array:
    """Those of the joined pairs, one a digit, in whose small gap an upright edge stands: two tight cells."""
    digit = (codes >= 0x30) & (codes <= 0x39)
    parted: Array = joined & (digit[1:] | digit[:-1])
    pairs = np.flatnonzero(parted)
    if not len(pairs):
        return parted
    uprights = np.array([(edge.x0, edge.top, edge.bottom) for edge in edges if edge.x0 == edge.x1])
    if not len(uprights):
        return np.zeros_like(parted)
    left, right = frames[pairs, 2][:, None], frames[pairs + 1, 0][:, None]
    slack = 0.15 * height[pairs][:, None]
    y = ((frames[pairs, 1] + frames[pairs, 3]) / 2)[:, None]
    x, top, bottom = uprights.T
    crossed: Array = (x >= left - slack) & (x <= right + slack) & (top <= y) & (y <= bottom)
    parted[pairs] = crossed.any(axis=1)
    return parted


def _circle_notes(texts: list[str], boxes: Array) -> None:
    """Circle numbers right behind the word drawn before them, higher than it and smaller (or tight behind a digit)."""
    if len(texts) < 2:
        return
    before, after = boxes[:-1], boxes[1:]
    height, size = before[:, 3] - before[:, 1], after[:, 3] - after[:, 1]
    gap = after[:, 0] - before[:, 2]
    raised = before[:, 3] - after[:, 3]
    middle = (after[:, 1] + after[:, 3]) / 2
    behind = (np.abs(gap) <= _NOTE_REACH * height) & (raised >= _RAISED * height)
    behind &= (before[:, 1] < middle) & (middle < before[:, 3])
    for base in np.flatnonzero(behind).tolist():
        note = texts[base + 1]
        small = size[base] <= _NOTE_SMALL * height[base]
        tight = texts[base][-1] in "0123456789" and gap[base] <= 0.1 * height[base]
        if (small or tight) and len(note) <= 3 and note.isascii() and note.isdigit():
            texts[base + 1] = _CIRCLED.get(note) or "".join(_CIRCLED[digit] for digit in note)
