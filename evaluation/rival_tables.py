"""From the bare tables of a table extractor to the fields of a form: what a skilled user would write in an afternoon.

Rows are matched to the rows of the form by the likeness of their labels to the form's wordings AND by their order, as
one alignment; figures are taken by position. Nothing is doubted: what is read is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from pipeline.datamodel import Field, Form, FormRow
from pipeline.text import is_numeric, label_key, parse_number

RawTable = Sequence[Sequence[str]]

_LABEL_AND_FIGURES = re.compile(r"(.*[^\d\s.,-])((?:\s+-?\d[\d,.]*)+)\s*", re.DOTALL)
_UNITS = frozenset({"条", "件", "次", "篇", "个", "人", "人次", "万元", "元"})
_FOUND = 0.95  # likeness of a label inside which a whole wording stands
_LEAST = 0.2  # square of the likeness below which a label speaks against a row of the form
_EXACT_COUNT = 0.2  # what it is worth that there are as many figures as columns
_NEARLY = 0.16  # worth from which on a label is believed against the order
_NO_LABEL = 0.1  # rows without a label are placed by their order alone


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a raw table that carries figures: its label texts, its cells from the first figure column on, and those
    of them whose column holds any text at all in the table."""

    labels: tuple[str, ...]
    cells: tuple[str, ...]
    used: tuple[str, ...]

    @property
    def tokens(self) -> tuple[str, ...]:
        """The figures in order, without blank cells."""
        return tuple(cell for cell in self.cells if cell)


def read_fields(tables: Iterable[RawTable], form: Form) -> dict[str, Field]:
    """The fields of a form that raw tables in document order show, every one accepted with confidence 1.

    A field is missing where no row was matched to its row, and blank where its cell is empty.
    """
    lines = [line for table in tables for line in read_lines(table)]
    found: dict[str, Field] = {}
    for line, row in align(lines, form):
        for name, text in zip(row.fields, figures(line, len(row.fields)) or (), strict=True):
            number = parse_number(text)
            found[name] = Field(name, number.value, number.state, text, 1.0, number.state != "unreadable")
    return found


def read_lines(table: RawTable) -> Iterator[Line]:
    """The rows with figures of a raw table; rows that the extractor merged into one are taken apart again."""
    used = frozenset(column for row in table for column, cell in enumerate(row) if cell.strip())
    for row in map(_parted, table):
        labels, start = _split(row)
        if any(cell.strip() for cell in row[start:]):
            for cells in _unmerged(row[start:]):
                kept = tuple(cell for column, cell in enumerate(cells, start) if column in used)
                yield Line(labels, cells, kept)


def _parted(row: Sequence[str]) -> Sequence[str]:
    """A row whose label and first figures stand in one cell, with these figures in the cell after it."""
    for column, text in enumerate(row):
        if found := _LABEL_AND_FIGURES.fullmatch(text):
            return [*row[:column], found[1], " ".join(found[2].split()), *row[column + 1 :]]
    return row


def _split(row: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The texts of the label and where the figures begin: they are the run of cells on the right without words."""
    start = len(row)
    while start and _is_figure(row[start - 1]):
        start -= 1
    return tuple(text for text in row[:start] if text.strip() and label_key(text) not in _UNITS), start


@lru_cache(maxsize=4096)
def _is_figure(text: str) -> bool:
    """Whether a cell holds nothing, one number, or only numbers (of columns or rows that ran together)."""
    flat = re.sub(r"\s+", "", text)
    return parse_number(flat).state != "unreadable" or all(is_numeric(part) for part in text.split())


def _unmerged(cells: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """One or several rows of figures: line by line where all figures have as many lines, else lines are wraps."""
    lines = [cell.split("\n") if cell.strip() else [] for cell in cells]
    counts = {len(one) for one in lines if one}
    if len(counts) == 1 and sum(map(bool, lines)) > 1 and counts != {1}:
        for at in range(counts.pop()):
            yield tuple(one[at].strip() if one else "" for one in lines)
        return
    yield tuple(re.sub(r"\s*\n\s*", "", cell).strip() for cell in cells)


def figures(line: Line, columns: int) -> tuple[str, ...] | None:
    """The cells of a row for a form row with so many columns, None where the row cannot have been that.

    As many figures as columns are these columns in order. Fewer are taken by place, from the right; columns that ran
    together are parted at their spaces; the one column of older tables is the first, a running total may follow.
    """
    tokens = line.tokens
    if columns == 1:
        return tokens[:1] or None
    if len(tokens) == columns:
        return tokens
    parts = tuple(part for token in tokens for part in token.split())
    if len(parts) == columns:
        return parts
    if len(parts) > len(tokens):
        return None  # columns ran together, and nobody knows which
    cells = line.used if len(line.used) >= columns else line.cells
    return cells[-columns:] if len(tokens) < columns <= len(cells) else None


def align(lines: Sequence[Line], form: Form) -> list[tuple[Line, FormRow]]:
    """The pairs of document row and form row, in the order of both, whose likeness sums up highest; then, in whatever
    order, what is left on both sides and has nearly the same wording."""
    rows = form.rows
    worths = [_worths(line, form) for line in lines]
    best = [[0.0] * (len(rows) + 1) for _ in range(len(lines) + 1)]
    for i, j in product(range(len(lines)), range(len(rows))):
        best[i + 1][j + 1] = max(best[i][j + 1], best[i + 1][j], best[i][j] + worths[i][j])
    found = list(_traced(best))[::-1]
    lonely = [i for i in range(len(lines)) if lines[i].labels and i not in {line for line, _ in found}]
    free = [j for j in range(len(rows)) if j not in {row for _, row in found}]
    return [(lines[i], rows[j]) for i, j in (*found, *_alike(lonely, free, worths))]


def _alike(lonely: Sequence[int], free: Sequence[int], worths: Sequence[Sequence[float]]) -> Iterator[tuple[int, int]]:
    """Pairs of rows with nearly the same wording, the best first, each row once."""
    pairs = ((worths[i][j], i, j) for i in lonely for j in free)
    ones, others = set(lonely), set(free)
    for _, i, j in sorted((pair for pair in pairs if pair[0] >= _NEARLY), reverse=True):
        if i in ones and j in others:
            yield i, j
            ones.remove(i)
            others.remove(j)


def _traced(best: Sequence[Sequence[float]]) -> Iterator[tuple[int, int]]:
    """The pairs (document row, form row) on the best path through a table of sums, the last one first."""
    i, j = len(best) - 1, len(best[0]) - 1
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            yield i, j


def _worths(line: Line, form: Form) -> list[float]:
    """What it is worth to take a line for each row of the form; a row's wording to the letter is no other row's."""
    if not line.labels:
        return [_worth(line, row, _NO_LABEL) for row in form.rows]
    texts = {line.labels[-1], "".join(line.labels)}
    closest = [max(_likenesses(texts, row, form)) for row in form.rows]
    least = 1.0 if max(closest) == 1.0 else 0.0
    # squared: two half-likenesses weigh less than a whole one
    alike = [one**2 - _LEAST if one >= least else -1.0 for one in closest]
    return [_worth(line, row, one) for row, one in zip(form.rows, alike, strict=True)]


def _likenesses(texts: Iterable[str], row: FormRow, form: Form) -> Iterator[float]:
    for wording in (row.labels[-1], *form.row_wordings.get(row.name, ())):
        yield from (likeness(text, wording) for text in texts)


def _worth(line: Line, row: FormRow, alike: float) -> float:
    if figures(line, len(row.fields)) is None:
        return -1.0
    return alike + (_EXACT_COUNT if len(line.tokens) == len(row.fields) else 0.0)


@lru_cache(maxsize=65536)
def likeness(text: str, wording: str) -> float:
    """How alike a label is to a wording, from 0 to 1: shared pairs of characters, or the wording found inside."""
    one, other = _bare(text), _bare(wording)
    if one == other:
        return 1.0
    if len(other) > 3 and other in one:
        return _FOUND
    left, right = _pairs(one), _pairs(other)
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _bare(text: str) -> str:
    return re.sub(r"^(其中)?\d*", "", label_key(text))


@lru_cache(maxsize=16384)
def _pairs(key: str) -> frozenset[str]:
    return frozenset(key[at : at + 2] for at in range(len(key) - 1))
