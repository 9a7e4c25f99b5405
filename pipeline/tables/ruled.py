"""Ruled tables: the words of a page in the cells of its drawn grids."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise

from pipeline.datamodel import Box, Cell, Location, Page, Table, Word
from pipeline.tables.cell_text import cell_text, padding, readings, split_at, text_lines
from pipeline.tables.grid import Grid, Slot, find_grids
from pipeline.text import is_numeric

# A page has hundreds of cells: made of their values by C alone.
_CELL, _LOCATION = partial(tuple.__new__, Cell), partial(tuple.__new__, Location)
_CENTRED = 3.0  # points that a centred text may stand off the centre of its cell


def ruled_tables(page: Page) -> tuple[tuple[Table, ...], list[Word]]:
    """(tables that the drawn edges of a page bound, words outside them), both top to bottom; empty cells have "".

    A grid whose edges do not part the figures of its rows (bands of shading, a frame) is no table here.
    """
    words = list(page.words)
    tables: list[Table] = []
    for grid in sorted(find_grids(page.edges), key=lambda grid: _area(grid.box)):
        inside, words = take(words, grid.box)
        if not inside:
            continue
        held = _fill(grid, inside)
        if _parts_figures(grid, held):
            tables.append(_table(page.number, grid, held))
        else:
            words += inside
    return tuple(sorted(tables, key=lambda table: (table.location.box or (0, 0))[1])), words


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def take(words: Iterable[Word], box: Box) -> tuple[list[Word], list[Word]]:
    """The words whose centres lie in the box, and the others."""
    inside: list[Word] = []
    outside: list[Word] = []
    x0, top, x1, bottom = box
    for word in words:
        left, high, right, low = word.box
        if top <= (high + low) / 2 <= bottom and x0 <= (left + right) / 2 <= x1:
            inside.append(word)
        else:
            outside.append(word)
    return inside, outside


def _fill(grid: Grid, words: Sequence[Word]) -> list[list[Word]]:
    """For each slot of the grid its words, by their centres; a word across a border between slots is cut there."""
    xs, ys, slots = grid.xs, grid.ys, grid.slots
    last_row, last_column = len(ys) - 1, len(xs) - 1
    at = _slots_at(grid)
    held: list[list[Word]] = [[] for _ in slots]
    crossing: list[tuple[int, Word]] = []
    for word in words:
        x0, top, x1, bottom = word.box
        row = bisect_right(ys, (top + bottom) / 2, 1, last_row) - 1
        place = at[row][bisect_right(xs, (x0 + x1) / 2, 1, last_column) - 1]
        _, column, _, column_span = slots[place]
        if x0 < xs[column] or x1 > xs[column + column_span]:
            crossing.append((row, word))
        else:
            held[place].append(word)
    for row, word in crossing:
        for piece in _pieces(word, xs, at[row], held):
            held[at[row][_index(xs, (piece.box[0] + piece.box[2]) / 2)]].append(piece)
    return held


def _slots_at(grid: Grid) -> list[list[int]]:
    """The index of the slot that covers each place of the lattice, by row and column."""
    at = [[0] * (len(grid.xs) - 1) for _ in grid.ys[1:]]
    for index, (row, column, row_span, column_span) in enumerate(grid.slots):
        if row_span == column_span == 1:
            at[row][column] = index
            continue
        for line in at[row : row + row_span]:
            line[column : column + column_span] = [index] * column_span
    return at


def _index(lines: Sequence[float], position: float) -> int:
    return bisect_right(lines, position, 1, len(lines) - 1) - 1


def _pieces(word: Word, xs: Sequence[float], at: Sequence[int], held: Sequence[Sequence[Word]]) -> list[Word]:
    """The word, cut at each border between cells of its row that it crosses into a cell where nothing stands beside."""
    first, last = _index(xs, word.box[0]), _index(xs, word.box[2])
    home = at[_index(xs, (word.box[0] + word.box[2]) / 2)]
    pieces = [word]
    for column in range(first + 1, last + 1):
        left, right = at[column - 1], at[column]
        if left != right and not any(_beside(word, held[place]) for place in (left, right) if place != home):
            pieces[-1:] = split_at(pieces[-1], xs[column])
    return pieces


def _beside(word: Word, others: Iterable[Word]) -> bool:
    """Whether one of the other words stands in the word's line."""
    top, bottom = word.box[1], word.box[3]
    return any(
        min(bottom, o.box[3]) - max(top, o.box[1]) > 0.5 * min(bottom - top, o.box[3] - o.box[1]) for o in others
    )


def _parts_figures(grid: Grid, held: Sequence[Sequence[Word]]) -> bool:
    """Whether no more than one cell in ten with figures holds several figures side by side or below each other."""
    mixed = 0
    for (_, column, _, column_span), words in zip(grid.slots, held, strict=True):
        if len(words) > 1 and _holds_figure(words):
            mixed += _holds_several(words, grid.xs[column + column_span] - grid.xs[column])
    return not mixed or mixed * 10 <= sum(map(_holds_figure, held))


def _holds_figure(words: Iterable[Word]) -> bool:
    return any(_is_figure(word) for word in words)


def _is_figure(word: Word) -> bool:
    """Whether a word is surely a figure: a piece of a seal or of a fold on a picture is one in doubt."""
    return not word.readings and is_numeric(word.text)


def _holds_several(words: Sequence[Word], width: float) -> bool:
    """Whether figures stand further apart in a line than words do, or in several lines with half the width free."""
    lines = text_lines(words)
    for line in lines:
        figures = [word for word in line if _is_figure(word)]
        height = line[0].box[3] - line[0].box[1]
        if any(b.box[0] - a.box[2] > height for a, b in pairwise(figures)):
            return True
    stacked = [line[0].box for line in lines if len(line) == 1 and _is_figure(line[0])]
    return len(stacked) > 1 and all(x1 - x0 < width / 2 for x0, _, x1, _ in stacked)


def _table(page: int, grid: Grid, held: Sequence[Sequence[Word]]) -> Table:
    xs, ys = grid.xs, grid.ys
    texts = _texts(grid, held)
    cells: list[Cell] = []
    for text, words, slot in zip(texts, held, _without_stray_rules(grid, held, texts), strict=True):
        if slot is not None:
            row, column, row_span, column_span = slot
            place = _LOCATION((page, (xs[column], ys[row], xs[column + column_span], ys[row + row_span]), None))
            cells.append(_CELL((text, row, column, place, row_span, column_span, readings(words) if words else ())))
    return Table("ruled", tuple(cells), Location(page, grid.box))


def _texts(grid: Grid, held: Sequence[Sequence[Word]]) -> list[str]:
    """For each slot of the grid the text that its words make."""
    xs = grid.xs
    pad = padding([_left(words) - xs[slot[1]] for slot, words in zip(grid.slots, held, strict=True) if words])
    texts = [words[0].text if words else "" for words in held]
    for index, words in enumerate(held):
        if len(words) > 1:
            _, column, _, column_span = grid.slots[index]
            texts[index] = cell_text(words, xs[column + column_span] - xs[column], pad)
    return texts


def _left(words: Sequence[Word]) -> float:
    return words[0].box[0] if len(words) == 1 else min([word.box[0] for word in words])


def _without_stray_rules(grid: Grid, held: Sequence[Sequence[Word]], texts: Sequence[str]) -> list[Slot | None]:
    """For each slot the slot that its cell covers: an empty head cell goes to its neighbour, and None is in its place.

    A rule through a head cell cuts an empty cell off it; the text, centred over both, tells that they were one.
    """
    slots = grid.slots
    first_figures = next((slots[index][0] for index, text in enumerate(texts) if is_numeric(text)), len(grid.ys))
    wide: list[Slot | None] = list(slots)
    for at, (left, right) in enumerate(pairwise(slots)):
        if left[0] >= first_figures:  # slots are in order
            break
        same_row = left[0] == right[0] and left[2] == right[2] and left[1] + left[3] == right[1]
        if not same_row or left[0] + left[2] > first_figures or bool(texts[at]) == bool(texts[at + 1]):
            continue
        full, empty = (at, at + 1) if texts[at] else (at + 1, at)
        if wide[empty] is None or wide[full] != slots[full]:  # its other neighbour has it already
            continue
        union = (left[0], left[1], left[2], left[3] + right[3])
        off = _off_centre(held[full], grid.box_of(slots[full]))
        if _off_centre(held[full], grid.box_of(union)) <= _CENTRED < off - 6:
            wide[full], wide[empty] = union, None
    return wide


def _off_centre(words: Sequence[Word], box: Box) -> float:
    middle = (min(word.box[0] for word in words) + max(word.box[2] for word in words)) / 2
    return abs(middle - (box[0] + box[2]) / 2)
