"""Columns of figures without drawn edges: where they stand, which figure is in which, and the heads above them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.datamodel import Word
from pipeline.forms import column_keys, group_keys
from pipeline.tables.cell_text import box_of, merge
from pipeline.tables.word_lines import UNITS, TextLine, gap
from pipeline.text import label_key

Extent = tuple[float, float]
_NEAR = 2.0  # characters that a figure may stand beside the middle of its column


@dataclass(frozen=True, slots=True)
class Head:
    """A head with the columns it stands above: its words from top to bottom."""

    words: tuple[Word, ...]
    first: int
    columns: int
    is_group: bool

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)


def find_columns(lines: Sequence[TextLine]) -> list[Extent]:
    """The extents of the columns of figures: where most of the lines with most figures have them, widened by others.

    Empty where they contradict each other (columns overlap).
    """
    most = max((len(line.figures) for line in lines), default=0)
    full = [line for line in lines if line.figures and len(line.figures) == most]
    if not full:
        return []
    middles = [median(_middle(line.figures[index]) for line in full) for index in range(most)]
    spaces = [right - left for left, right in pairwise(middles)]
    columns: list[Extent] = []
    for line in full:
        near = min([_NEAR * line.em, *(0.4 * space for space in spaces)])
        if spaces and any(abs(_middle(w) - m) > near for w, m in zip(line.figures, middles, strict=True)):
            continue
        extents = [(word.box[0], word.box[2]) for word in line.figures]
        columns = [_hull(pair) for pair in zip(columns, extents, strict=True)] if columns else extents
    for line in lines:
        columns = _widened(columns, line.figures) if len(line.figures) < most else columns
    apart = all(left[1] < right[0] for left, right in pairwise(columns))
    return columns if apart else []


def settle(lines: Sequence[TextLine], columns: Sequence[Extent]) -> list[TextLine]:
    """The lines below the heads, with all that stands in the columns among the figures.

    Words between figures (a note wrapped in its cell) and figures without a label directly above or below a row (a
    number wrapped in its cell) make the row doubtful: what its cells say is not known.
    """
    start = columns[0][0]
    settled: list[TextLine] = []
    for line in lines:
        inside = tuple(word for word in line.left if _middle(word) > start and word.text not in UNITS)
        outside = tuple(word for word in line.left if word not in inside)
        settled.append(TextLine(outside, inside + line.figures, line.em, bool(inside)) if inside else line)
    done: list[TextLine] = []
    for line in settled:
        if done and _is_one_row(done[-1], line):
            above = done.pop()
            line = TextLine(above.left + line.left, above.figures + line.figures, line.em, True)
        done.append(line)
    return done


def _is_one_row(above: TextLine, below: TextLine) -> bool:
    """Whether two lines of figures, one of them without a label, are nearer to each other than rows are."""
    if not above.figures or not below.figures or (above.left and below.left):
        return False
    labelled = above.left or below.left or above.doubtful or below.doubtful
    return bool(labelled) and gap(above, below) <= 1.1 * max(above.em, below.em)


def _hull(extents: Iterable[Extent]) -> Extent:
    starts, ends = zip(*extents, strict=True)
    return (min(starts), max(ends))


def _widened(columns: list[Extent], figures: Sequence[Word]) -> list[Extent]:
    for word in figures:
        extent = (word.box[0], word.box[2])
        touched = [index for index, column in enumerate(columns) if extent[0] < column[1] and column[0] < extent[1]]
        if len(touched) == 1:
            columns[touched[0]] = _hull([columns[touched[0]], extent])
    return columns


def place_figures(line: TextLine, columns: Sequence[Extent]) -> list[int] | None:
    """The column of each figure of a line; None where two readings are near each other.

    As many figures as columns stand in them in order; fewer must each lie in one column, or clearly nearest to it.
    """
    if line.doubtful:
        return None
    if len(line.figures) == len(columns):
        return list(range(len(columns)))
    placed: list[int] = []
    for word in line.figures:
        distances = sorted((_distance(word, column), index) for index, column in enumerate(columns))
        if len(distances) > 1 and distances[0][0] > 0.35 * distances[1][0]:
            return None
        placed.append(distances[0][1])
    return placed if len(set(placed)) == len(placed) else None


def _distance(word: Word, column: Extent) -> float:
    return max(0.0, column[0] - word.box[2], word.box[0] - column[1])


def is_above(word: Word, line: TextLine, columns: Sequence[Extent], labelled: bool) -> bool:
    """Whether a word of a head line stands above figures: right of the labels; all do in a table without labels."""
    if not labelled or _middle(word) > columns[0][0]:
        return True
    return label_key(word.text) in column_keys() and word.box[0] > line.left[0].box[2]


def find_heads(lines: Sequence[TextLine], columns: list[Extent], labelled: bool) -> tuple[list[Extent], list[Head]]:
    """(columns, heads): the heads above the columns, and the columns with those that only a known head shows."""
    words = [word for line in lines for word in _joined(line.left) if is_above(word, line, columns, labelled)]
    leaves = [word for word in words if not _is_group(word, columns)]
    stacks = _stacks(leaves)
    columns = _with_empty_columns(columns, stacks)
    heads = [Head(tuple(stack), place, 1, False) for stack, place in _match(stacks, columns)]
    blocks = _blocks(heads, len(columns))
    for word in words:
        if _is_group(word, columns):
            first, count = _span(word, columns, blocks)
            heads.append(Head((word,), first, count, True))
    return columns, heads


def _middle(word: Word) -> float:
    return (word.box[0] + word.box[2]) / 2


def _is_group(word: Word, columns: Sequence[Extent]) -> bool:
    key = label_key(word.text)
    if key in group_keys() or key in column_keys():
        return key in group_keys()
    return sum(word.box[0] < column[1] and column[0] < word.box[2] for column in columns) > 1


def _joined(words: Sequence[Word]) -> list[Word]:
    """The words, neighbours joined that only together are a known head (总 计)."""
    found: list[Word] = []
    for word in words:
        if (
            found
            and label_key(found[-1].text + word.text) in column_keys()
            and label_key(word.text) not in column_keys()
        ):
            found[-1] = merge([found[-1], word])
        else:
            found.append(word)
    return found


def _stacks(words: Iterable[Word]) -> list[list[Word]]:
    """Words above each other, from left to right, each stack from top to bottom."""
    stacks: list[list[Word]] = []
    for word in words:
        best = max(stacks, key=lambda stack: _shared(stack, word), default=None)
        if best is not None and _shared(best, word) > 0.3:
            best.append(word)
        else:
            stacks.append([word])
    stacks.sort(key=lambda stack: sum(map(_middle, stack)) / len(stack))
    whole: list[list[Word]] = []
    for stack in stacks:
        if whole and not _is_known(whole[-1]) and not _is_known(stack) and _is_known(whole[-1] + stack):
            whole[-1] += stack
        else:
            whole.append(stack)
    return whole


def _shared(stack: Sequence[Word], word: Word) -> float:
    x0, _, x1, _ = box_of(stack)
    return (min(x1, word.box[2]) - max(x0, word.box[0])) / max(1e-6, min(x1 - x0, word.box[2] - word.box[0]))


def _with_empty_columns(columns: list[Extent], stacks: Sequence[Sequence[Word]]) -> list[Extent]:
    """The columns and the places of known heads that stand beside all of them (nothing is printed below them).

    Only where every head is known and there are then as many heads as columns.
    """
    if not all(_is_known(stack) for stack in stacks):
        return columns
    extents = [(x0, x1) for x0, _, x1, _ in map(box_of, stacks)]
    extra = [(x0, x1) for x0, x1 in extents if all(x1 <= left or right <= x0 for left, right in columns)]
    return sorted(columns + extra) if len(columns) + len(extra) == len(stacks) else columns


def _is_known(stack: Sequence[Word]) -> bool:
    return label_key("".join(word.text for word in stack)) in column_keys()


def _match(stacks: list[list[Word]], columns: Sequence[Extent]) -> list[tuple[list[Word], int]]:
    """Stacks of heads with their columns: in order, one each, as near as can be; what is left over has no column."""
    few, many = len(stacks), len(columns)
    if few > many:
        known = [stack for stack in stacks if _is_known(stack)]
        stacks, few = known, len(known)
        if few > many:
            return []
    middles = [(column[0] + column[1]) / 2 for column in columns]
    best: list[list[tuple[float, tuple[int, ...]]]] = [[(0.0, ())] * (many + 1)]
    for index, stack in enumerate(stacks, start=1):
        x0, _, x1, _ = box_of(stack)
        row: list[tuple[float, tuple[int, ...]]] = [(float("inf"), ())] * (many + 1)
        for column in range(index, many + 1):
            cost, path = best[-1][column - 1]
            taken = (cost + abs((x0 + x1) / 2 - middles[column - 1]), (*path, column - 1))
            row[column] = min(row[column - 1], taken)
        best.append(row)
    return list(zip(stacks, best[-1][many][1], strict=False))


def _blocks(heads: Sequence[Head], columns: int) -> list[tuple[int, int]]:
    """Runs of columns whose heads repeat (结果维持 … 总计, three times): a group of columns each; else none."""
    texts = [""] * columns
    for head in heads:
        texts[head.first] = label_key(head.text)
    for size in range(2, columns // 2 + 1):
        repeats = columns % size == 0 and all(texts[i] == texts[i % size] for i in range(columns))
        if repeats and len(set(texts[:size])) == size:
            return [(first, size) for first in range(0, columns, size)]
    return []


def _span(word: Word, columns: Sequence[Extent], blocks: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """(first column, number of columns) below a group head: its block of columns, else those it overlaps."""
    middle = _middle(word)
    for first, count in blocks:
        if columns[first][0] - (word.box[2] - word.box[0]) / 2 <= middle <= columns[first + count - 1][1]:
            return first, count
    below = [index for index, column in enumerate(columns) if word.box[0] < column[1] and column[0] < word.box[2]]
    if below:
        return below[0], len(below)
    return min(range(len(columns)), key=lambda index: abs(sum(columns[index]) / 2 - middle)), 1
