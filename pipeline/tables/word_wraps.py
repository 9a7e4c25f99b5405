"""Labels wrapped over several lines beside one line of figures: which loose phrases go on, begin or are no label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from pipeline.datamodel import Word
from pipeline.forms import group_keys
from pipeline.tables.cell_text import line_text
from pipeline.tables.word_lines import ENUMERATOR, begins_row_label, is_cut_group, is_row_label
from pipeline.text import label_key

Phrase = tuple[Word, ...]
Loose = tuple[float, Phrase]  # the height of a line's middle, and its last phrase
Reading = tuple[tuple[int, ...], tuple[int, ...]]  # indices of phrases of the label above, of the one below
_NO_LABEL = -5.0
_MOST_PHRASES = 12  # phrases between two rows that may still be labels
_MOST_DROPPED = 5  # phrases between two rows up to which every selection is tried


@dataclass(slots=True)
class Draft:
    """A row while it is put together: its label from top to bottom, its unit, its figures, its height on the page."""

    middle: float
    label: list[Phrase] = field(default_factory=list)
    unit: Phrase = ()
    figures: tuple[Word, ...] = ()
    em: float = 1.0
    doubtful: bool = False

    @property
    def text(self) -> str:
        return "".join(line_text(phrase) for phrase in self.label)

    @property
    def extent(self) -> tuple[float, float] | None:
        if not self.label:
            return None
        return (min(p[0].box[0] for p in self.label), max(p[-1].box[2] for p in self.label))


def give_out(gap: Sequence[Loose], above: Draft | None, below: Draft | None, em: float) -> list[Loose]:
    """Gives the phrases between two rows to the labels they continue or begin; returns those that are neither's."""
    loose = [one for one in gap if label_key(line_text(one[1])) not in group_keys()]
    mine = [one for one in loose if any(same_column(one[1], draft, em) for draft in (above, below) if draft)]
    if below is not None and _numbered(below.text):  # what is numbered above a numbered label is not its beginning
        mine = [one for one in mine if not _numbered(line_text(one[1]))]
    if len(mine) > _MOST_PHRASES:
        return list(gap)
    best = max(_readings(len(mine)), key=lambda reading: _worth_of_reading(mine, reading, above, below))
    if _worth_of_reading(mine, best, above, below) <= _NO_LABEL:
        return list(gap)
    upper, lower = ([mine[index] for index in part] for part in best)
    if above is not None:
        above.label += [phrase for _, phrase in upper]
    if below is not None:
        below.label = [phrase for _, phrase in lower] + below.label
    return [one for one in gap if one not in upper and one not in lower]


def _readings(count: int) -> list[Reading]:
    """The ways to share phrases out: some to the label above, later ones to the label below, and some to neither."""
    every = tuple(range(count))
    if count > _MOST_DROPPED:
        return [(every[:cut], every[cut:]) for cut in range(count + 1)]
    kept = [part for size in range(count + 1) for part in combinations(every, size)]
    return [(part[:cut], part[cut:]) for part in kept for cut in range(len(part) + 1)]


def _worth_of_reading(mine: Sequence[Loose], reading: Reading, above: Draft | None, below: Draft | None) -> float:
    upper, lower = ([mine[index] for index in part] for part in reading)
    return _worth(upper, lower, above, below) - 0.3 * (len(mine) - len(upper) - len(lower))


def same_column(phrase: Phrase, draft: Draft, em: float) -> bool:
    """Whether a phrase stands below or above a row's label (or anywhere, where the row has none beside its figures)."""
    extent = draft.extent
    if extent is None:
        return True
    x0, x1 = phrase[0].box[0], phrase[-1].box[2]
    shared = min(x1, extent[1]) - max(x0, extent[0])
    indented = 0.6 if len(line_text(phrase)) == 1 else 2.1  # a single character may be one of a vertical label
    return abs(x0 - extent[0]) <= indented * em or (shared >= 0.7 * (x1 - x0) and x0 > extent[0] - 1.6 * em)


def _numbered(text: str) -> bool:
    return ENUMERATOR.match(text) is not None


def _worth(upper: Sequence[Loose], lower: Sequence[Loose], above: Draft | None, below: Draft | None) -> float:
    """How well phrases go on the label above and begin the one below; _NO_LABEL and less is no label at all."""
    if (upper and above is None) or (lower and below is None):
        return 2 * _NO_LABEL
    upper_texts = [line_text(phrase) for _, phrase in upper]
    lower_texts = [line_text(phrase) for _, phrase in lower]
    worth = 2 * _NO_LABEL * sum(map(_numbered, [*upper_texts, *lower_texts[1:]]))
    if above is not None and upper:
        worth += _worth_of([above.text, *upper_texts], above.text) - _way(upper, above)
        worth -= 2 * _NO_LABEL * (not above.label and _numbered(upper_texts[0]))
    if below is not None and lower:
        worth += _worth_of([*lower_texts, below.text], below.text) - _way(lower, below)
        worth += 2 * _NO_LABEL * _numbered(below.text) + 0.5 * _numbered(lower_texts[0])
    return worth


def _way(phrases: Iterable[Loose], draft: Draft) -> float:
    """A small price for distance, so that with nothing else to go by a phrase joins the nearer row."""
    return sum(0.01 * abs(middle - draft.middle) / draft.em for middle, _ in phrases)


def _worth_of(parts: Iterable[str], alone: str) -> float:
    """Points for a label of a form, or the beginning of one; a whole label is not continued."""
    text = "".join(parts)
    if is_row_label(text) and not is_cut_group(text):
        return 2.0
    if is_row_label(alone):
        return _NO_LABEL - 1
    return 0.5 if begins_row_label(text) else 0.0
