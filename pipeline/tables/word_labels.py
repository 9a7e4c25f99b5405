"""Labels left of figures without drawn edges: those of the rows, wrapped ones joined, and those of groups of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.datamodel import Word
from pipeline.forms import group_keys
from pipeline.tables.cell_text import box_of, line_text
from pipeline.tables.word_lines import ENUMERATOR, UNITS, TextLine, is_cut_group, is_row_label, phrases
from pipeline.tables.word_wraps import Draft, Loose, Phrase, give_out
from pipeline.text import label_key


@dataclass(frozen=True, slots=True)
class Group:
    """A label of several rows, left of their own labels: its words from top to bottom."""

    phrases: tuple[Phrase, ...]

    @property
    def text(self) -> str:
        return "".join(line_text(phrase) for phrase in self.phrases)

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for phrase in self.phrases for word in phrase)


def read_labels(lines: Sequence[TextLine], upright: Sequence[Word]) -> tuple[list[Draft], list[list[Group]]]:
    """(rows with their own labels, columns of group labels from left to right) of the lines below the heads.

    `upright` are words that run down the page beside the lines: labels of groups.
    """
    starts = _label_starts(lines)
    units = [line.left[-1].box[0] for line in lines if line.figures and line.left and line.left[-1].text in UNITS]
    drafts: list[Draft] = []
    gaps: list[list[Loose]] = [[]]  # the loose phrases above the first row, between rows, below the last
    outer: list[Loose] = [((word.box[1] + word.box[3]) / 2, (word,)) for word in upright]
    for index, line in enumerate(lines):
        unit = line.left[-1:] if _has_unit(line, units) else ()
        found = phrases(line.left[: len(line.left) - len(unit)], line.em, starts)
        if line.figures:
            draft = Draft(line.middle, unit=unit, figures=line.figures, em=line.em, doubtful=line.doubtful)
            beside = found and not _is_outer(found[-1], index, lines)
            draft.label = [found.pop()] if beside else []
            drafts.append(draft)
            gaps.append([])
        elif found:
            gaps[-1].append((line.middle, found.pop()))
        outer += [(line.middle, phrase) for phrase in found]
    em = lines[0].em if lines else 1.0
    bare: list[tuple[int, Draft]] = []
    for index, gap in enumerate(gaps):
        above = drafts[index - 1] if index else None
        below = drafts[index] if index < len(drafts) else None
        outside = give_out(gap, above, below, em)
        outer += outside
        bare += [(index, Draft(loose[0], [loose[1]])) for loose in outside if _is_row(loose[1], above, below, em)]
    rows = [
        row for index, row in bare if all(is_row_label(near.text) for near in drafts[max(0, index - 1) : index + 1])
    ]
    taken = {id(phrase) for row in rows for phrase in row.label}
    outer = sorted((loose for loose in outer if id(loose[1]) not in taken), key=lambda loose: loose[0])
    return sorted(drafts + rows, key=lambda draft: draft.middle), _groups(outer, em)


def _has_unit(line: TextLine, units: Sequence[float]) -> bool:
    """Whether the last word before the figures is a unit: apart from the label, or below other units."""
    if not line.figures or not line.left or line.left[-1].text not in UNITS:
        return False
    apart = len(line.left) == 1 or line.left[-1].box[0] - line.left[-2].box[2] > line.em
    return apart or sum(abs(x0 - line.left[-1].box[0]) <= line.em for x0 in units) > 2


def _label_starts(lines: Sequence[TextLine]) -> list[float]:
    """Where numbered labels beside figures begin: a wrapped one goes on there in the next line."""
    last = [phrases(line.left, line.em)[-1] for line in lines if line.figures and line.left]
    return sorted({phrase[0].box[0] for phrase in last if ENUMERATOR.match(phrase[0].text)})


def _is_outer(phrase: Phrase, index: int, lines: Sequence[TextLine]) -> bool:
    """Whether the only words beside figures are a piece of a group's label: short, and the lines above and below
    it hold the row's label further right."""
    text = line_text(phrase)
    numbered = ENUMERATOR.match(text) and ENUMERATOR.sub("", text, count=1)
    if len(text) > 2 or numbered or is_row_label(text):
        return False
    around = [lines[near] for near in (index - 1, index + 1) if 0 <= near < len(lines)]
    return any(not line.figures and line.left[-1].box[0] > phrase[-1].box[2] for line in around)


def _is_row(phrase: Phrase, above: Draft | None, below: Draft | None, em: float) -> bool:
    """Whether a phrase without figures may be a row by itself: a row of a form whose cells are empty.

    The rows about it must be rows of a form too, else its figures may stand beside another label.
    """
    neighbours = [draft.extent for draft in (above, below) if draft is not None and draft.extent]
    in_column = any(abs(phrase[0].box[0] - extent[0]) <= 0.6 * em for extent in neighbours)
    text = line_text(phrase)
    return in_column and is_row_label(text) and label_key(text) not in group_keys() and not is_cut_group(text)


def _groups(loose: Sequence[Loose], em: float) -> list[list[Group]]:
    """Phrases left of the rows' own labels in columns, and in each column the groups from top to bottom."""
    columns: list[list[Loose]] = []
    for one in sorted(loose, key=lambda one: one[1][0].box[0]):
        if columns and one[1][0].box[0] < max(phrase[-1].box[2] for _, phrase in columns[-1]) - 0.1 * em:
            columns[-1].append(one)
        else:
            columns.append([one])
    return [_stacked(sorted(column, key=lambda one: one[0]), em) for column in columns]


def _stacked(column: Sequence[Loose], em: float) -> list[Group]:
    groups: list[list[Phrase]] = []
    last = 0.0
    for middle, phrase in column:
        scale = em if phrase[0].span is not None else 1.0
        apart = (middle - last) * scale > 5 * em
        if not groups or apart or ENUMERATOR.match(line_text(phrase)) or _is_whole(groups[-1]):
            groups.append([])
        groups[-1].append(phrase)
        last = middle
    return [Group(tuple(group)) for group in groups]


def _is_whole(group: Sequence[Phrase]) -> bool:
    return label_key("".join(line_text(phrase) for phrase in group)) in group_keys()


def rows_of_groups(columns: Sequence[Sequence[Group]], rows: Sequence[Draft]) -> list[list[tuple[Group, int, int]]]:
    """For each column of groups: (group, first row, number of rows), by the numbering of the rows' own labels.

    A run of rows ends where a label stands in the groups' own column and, for the innermost groups, where the numbering
    begins again at 1. A group that shares its run with another takes the rows nearest to it.
    """
    placed = []
    for index, groups in enumerate(columns):
        right = max(box_of(group.words)[2] for group in groups)
        innermost = index == len(columns) - 1
        placed.append(_place(groups, _runs(rows, right, innermost), rows))
    return placed


def _runs(rows: Sequence[Draft], right: float, innermost: bool) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for index, row in enumerate(rows):
        extent = row.extent
        under = extent is None or extent[0] >= right - 0.1
        restart = innermost and ENUMERATOR.match(row.text) and row.text.lstrip().startswith("1")
        if not under or (restart and runs[-1]):
            runs.append([])
        if under:
            runs[-1].append(index)
    return [run for run in runs if run]


def _place(
    groups: Sequence[Group], runs: Sequence[Sequence[int]], rows: Sequence[Draft]
) -> list[tuple[Group, int, int]]:
    owners: dict[int, list[Group]] = {}
    for group in groups:
        _, top, _, bottom = box_of(group.words)
        middle = (top + bottom) / 2
        best = min(range(len(runs)), key=lambda index: _outside(middle, runs[index], rows), default=None)
        if best is not None:
            owners.setdefault(best, []).append(group)
    found = []
    for run, sharing in owners.items():
        parts: dict[int, list[int]] = {}
        for index in runs[run]:
            nearest = min(range(len(sharing)), key=lambda one: abs(_centre(sharing[one]) - rows[index].middle))
            parts.setdefault(nearest, []).append(index)
        found += [(sharing[one], part[0], len(part)) for one, part in sorted(parts.items())]
    return found


def _centre(group: Group) -> float:
    _, top, _, bottom = box_of(group.words)
    return (top + bottom) / 2


def _outside(middle: float, run: Sequence[int], rows: Sequence[Draft]) -> float:
    """How far a group's centre lies from the middle of a run of rows; inside the run less than from any other."""
    top, bottom = rows[run[0]].middle, rows[run[-1]].middle
    away = max(0.0, top - middle, middle - bottom)
    return away * 1000 + abs(middle - (top + bottom) / 2)
