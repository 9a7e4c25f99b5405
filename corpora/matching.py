"""Which row that the pipeline read is which row that the corpus says is printed: for training and for scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from corpora import GoldRow
from pipeline.datamodel import Number, Row
from pipeline.text import label_key, parse_number

_SAME_LABEL = 0.9
_LIKE_LABEL = 0.25
_LOST_LABEL = 0.3  # what a lost label is worth: less than a like one, more than another one


def match_rows(rows: Sequence[Row], printed: Sequence[GoldRow]) -> list[tuple[int, int]]:
    """(index of a row, index of the printed row that it is) in order: the alignment of the two sequences that agrees
    most in figures and labels (Needleman & Wunsch 1970)."""
    ours = [(_label_of(row), _figures(parse_number(cell.text).value for cell in row.cells)) for row in rows]
    theirs = [(label_key(row.label), _figures(row.values)) for row in printed]
    gains = [[_gain(one, other) for other in theirs] for one in ours]
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i in range(len(ours) - 1, -1, -1):
        for j in range(len(theirs) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], gains[i][j] + best[i + 1][j + 1])
    return list(_path(best, gains))


def _path(best: Sequence[Sequence[float]], gains: Sequence[Sequence[float]]) -> Iterator[tuple[int, int]]:
    i = j = 0
    while i < len(best) - 1 and j < len(best[0]) - 1:
        if gains[i][j] and best[i][j] == gains[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _gain(one: tuple[str, tuple[float, ...]], other: tuple[str, tuple[float, ...]]) -> float:
    """How much speaks for two rows being the same; 0 where they cannot be."""
    likeness = _likeness(one[0], other[0]) if one[0] and other[0] else _LOST_LABEL
    same_figures = one[1] == other[1]
    if not (likeness >= _LIKE_LABEL if same_figures else likeness >= _SAME_LABEL):
        return 0.0
    return likeness + same_figures


@lru_cache(maxsize=65536)
def _likeness(one: str, other: str) -> float:
    """Twice the shared pairs of neighbouring characters over all pairs (Dice), from 0 to 1."""
    if one == other:
        return 1.0
    first, second = Counter(pairwise(one)), Counter(pairwise(other))
    return 2 * (first & second).total() / ((first.total() + second.total()) or 1)


def _label_of(row: Row) -> str:
    return label_key(row.labels[-1]) if row.labels else ""


def _figures(values: Iterable[Number | None]) -> tuple[float, ...]:
    return tuple(float(value) for value in values if value is not None)
