"""Tables whose cells ran together: the labels of a form in turns with runs of digits, and nothing between them.

`（一）予以公开220000022（二）部分公开…` becomes rows such as （一）予以公开 | 220000022, in a table of
origin "run".
Where a run is to be cut is not asked here. Only the statutory wording tells such text from prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.datamodel import Line, Location, Span, Table
from pipeline.forms import head_keys, row_keys, running_total_keys
from pipeline.headings import known_head
from pipeline.prose.paragraphs import compact
from pipeline.prose.table_pieces import is_row
from pipeline.readers.cells import Texts, make_table, placer
from pipeline.readers.run_pieces import BARE_HEADS, LONGEST_LABEL, RUN, Piece, read_pieces, wordings
from pipeline.text import label_key, normalise

_YEAR = re.compile(r"(?:(?:19|20)\d\d年度?|本?年度)数?\Z")
_PROSE = re.compile("[.;!?,](?!\\d)")
_CHINESE_DIGIT = re.compile(r"[\u4e00-\u9fff)）”\"]\s?[\d/]")
_LONGEST_BETWEEN = 160  # characters of a key: heads, a chapter's title and a label
_LONGEST_LINE = 200_000
_FEWEST_ROWS = 2
_MANY_TABS = 3
_MOST_UNKNOWN = 45  # characters between two rows that are no wording of the forms: worn heads, a chapter's title


class _Plain(NamedTuple):
    """A text in normalised characters, each with its place in the source."""

    text: str
    places: tuple[Span, ...]
    lines: tuple[int, ...]  # where each line begins, and the end

    def span(self, start: int, end: int) -> Span:
        return self.places[start][0], self.places[max(start, end - 1)][1]


def find_runs(lines: list[Line], at: int, source: str) -> tuple[list[Line | Table], int]:
    """The lines from `at` on whose cells ran together as tables of origin "run", with the prose around them.

    A row has its label and one cell: the run with its blanks. At least two rows of the forms, or the heads of a row
    without a label, make a table.
    """
    if not (_may_hold_runs(lines[at].text) or _names_running_total(lines[at].text)):
        return [], at
    end = at + 1
    while end < len(lines) and _goes_on(lines[end].text) and not _is_another_row(lines[end - 1].text, lines[end].text):
        end += 1
    plain = _plain(lines[at:end], source)
    tables = list(_stretches(read_pieces(plain.text), plain.text))
    if not tables:
        return [], at
    return list(_parted(lines[at:end], plain, tables)), end


def _may_hold_runs(text: str) -> bool:
    if len(text) > _LONGEST_LINE or not _CHINESE_DIGIT.search(text):
        return False
    return sum(piece.named for piece in read_pieces(normalise(text))) >= 1


def _names_running_total(text: str) -> bool:
    """Whether a line ends in the heads of a year and of its running total."""
    return (
        text.rstrip().endswith(tuple(running_total_keys())) and _years_in(label_key(text[-LONGEST_LABEL:])) is not None
    )


def _years_in(key: str) -> tuple[int, int] | None:
    """Where in a key the head of a year begins and ends that the head of its running total, the last one, follows."""
    last = next((head for head in running_total_keys() if key.endswith(head)), "")
    year = _YEAR.search(key[: len(key) - len(last)]) if last else None
    return year.span() if year else None


def _goes_on(text: str) -> bool:
    """Whether a line may belong to the table that the lines above began: blank, a row, heads, or a chapter's title.
    Lines with many tabs are rows of a table whose cells did not run together."""
    return text.count("\t") < _MANY_TABS and (
        _may_hold_runs(text) or _is_bare(text) or (len(text) <= _LONGEST_BETWEEN and not _PROSE.search(normalise(text)))
    )


def _is_another_row(above: str, text: str) -> bool:
    """Whether a line holds the parted figures of a row whose label stands elsewhere, below a row that has its own."""
    return len(text.split()) >= BARE_HEADS and _is_bare(text) and above.rstrip()[-1:].isdigit()


def _is_bare(text: str) -> bool:
    return len(text.strip()) > BARE_HEADS and RUN.fullmatch(normalise(text).strip()) is not None


def _plain(lines: Sequence[Line], source: str) -> _Plain:
    """The lines as one text, a blank between them."""
    text: list[str] = []
    places: list[Span] = []
    begins = [0]
    for line in lines:
        place = placer(line, source)
        for at, character in enumerate(line.text):
            kept = normalise(character).replace("\t", " ")
            text.append(kept)
            places += [place(at, at + 1)] * len(kept)
        text.append(" ")
        places.append(place(len(line.text), len(line.text)))
        begins.append(len(places))
    return _Plain("".join(text), tuple(places), tuple(begins))


def _stretches(pieces: Sequence[Piece], text: str) -> Iterator[list[Piece]]:
    """The pieces that follow each other as rows of tables do, each from its first known row to its last."""
    stretch: list[Piece] = []
    for piece in pieces:
        if stretch and not _adjoins(text, piece):
            yield from _known_part(stretch, text)
            stretch = []
        stretch.append(piece)
    yield from _known_part(stretch, text)


def _adjoins(text: str, piece: Piece) -> bool:
    """Whether only heads, or little else, stand between a run and the label of the next."""
    between = text[piece.start : piece.label]
    if len(label_key(text[piece.start : piece.run])) > _LONGEST_BETWEEN:
        return False
    unknown = _unknown(label_key(between) + ("" if piece.named else label_key(text[piece.label : piece.run])))
    return len(unknown) <= _MOST_UNKNOWN and (not unknown or not _PROSE.search(between))


@lru_cache(maxsize=1024)
def _unknown(key: str) -> str:
    """The characters of a key that no wording of the forms covers."""
    return wordings().sub("", key)


def _known_part(stretch: Sequence[Piece], text: str) -> Iterator[list[Piece]]:
    """From the first known row to the last; to the end where heads of a year and of a running total stand above."""
    named = [place for place, piece in enumerate(stretch) if piece.named]
    if named and _heads_at(text, stretch[named[0]]):
        yield list(_of_years(stretch[named[0] :], text))
        return
    if len(named) >= _FEWEST_ROWS or any(stretch[place].label == stretch[place].run for place in named):
        yield list(stretch[named[0] : named[-1] + 1])


def _of_years(stretch: Sequence[Piece], text: str) -> Iterator[Piece]:
    """The rows of a table of the year and of all years, in which provinces have wordings of their own: all that stands
    between two runs is the label, unless the heads are repeated."""
    for piece in stretch:
        yield piece if _heads_at(text, piece) else piece._replace(label=piece.start)


def _chapters(plain: _Plain, pieces: Sequence[Piece]) -> Iterator[Line]:
    """The heads of chapters that stand between the rows of a table: prose that follows it belongs to the last."""
    for piece in pieces[1:]:
        between, places = compact(plain.text[piece.start : piece.run])
        head = known_head(between)
        if head is not None and not is_row(between[slice(*head.title)]):
            start, end = piece.start + places[0], piece.start + places[head.head[1] - 1] + 1
            yield Line(plain.text[start:end], Location(1, span=plain.span(start, end)))


def _parted(lines: Sequence[Line], plain: _Plain, tables: Sequence[Sequence[Piece]]) -> Iterator[Line | Table]:
    """The tables and, as they are, the lines around them."""
    at = 0
    for pieces in tables:
        heads, start = _heads_before(plain, pieces[0])
        yield from _between(lines, plain, at, start)
        yield make_table("run", [*heads, *_rows(plain, pieces)])
        yield from _chapters(plain, pieces)
        at = pieces[-1].end
    yield from _between(lines, plain, at, len(plain.text))


def _heads_before(plain: _Plain, piece: Piece) -> tuple[list[Texts], int]:
    """The heads directly above the first row where one of them is that of a running total, so that every run holds
    two figures; and where they begin."""
    borders = _heads_at(plain.text, piece)
    if not borders:
        return [], piece.label
    return [[_cell(plain, start, end) for start, end in pairwise(borders)]], borders[0]


def _heads_at(text: str, piece: Piece) -> list[int]:
    """Where the heads of a year and of its running total begin and end, directly before a label; else nothing."""
    key, places = _key_between(text, max(piece.start, piece.label - LONGEST_LABEL), piece.label)
    year = _years_in(key)
    return [places[year[0]], places[year[1]], piece.label] if year else []


def _between(lines: Sequence[Line], plain: _Plain, start: int, end: int) -> Iterator[Line]:
    """The lines, or their parts, that stand between two places."""
    for line, begin, stop in zip(lines, plain.lines[:-1], plain.lines[1:], strict=True):
        first, last = max(begin, start), min(stop - 1, end)
        if (first, last) == (begin, stop - 1):
            yield line
        elif first < last and plain.text[first:last].strip():
            span = plain.span(first, last)
            own = line.location.span or span
            exact = own[1] - own[0] == len(line.text)
            yield Line(line.text[span[0] - own[0] : span[1] - own[0]] if exact else line.text, Location(1, span=span))


def _rows(plain: _Plain, pieces: Sequence[Piece]) -> Iterator[Texts]:
    for number, piece in enumerate(pieces):
        if number:
            yield from _rows_between(plain, piece)
        label = [_cell(plain, piece.label, piece.run)] if piece.label < piece.run else []
        yield [*label, _cell(plain, piece.run, piece.end)]


def _rows_between(plain: _Plain, piece: Piece) -> Iterator[Texts]:
    """What stands between a run and the next row's label: heads, and labels of rows that print nothing."""
    key, places = _key_between(plain.text, piece.start, piece.label)
    heads: Texts = []
    for part in re.finditer(f"{wordings().pattern}|.", key):
        word = part[0]
        cell = _cell(plain, places[part.start()], places[part.end() - 1] + 1)
        if word in row_keys() and word not in head_keys():
            yield from [heads] if heads else []
            heads = []
            yield [cell, ("", (cell[1][1], cell[1][1]))]
        else:
            heads.append(cell)
    yield from [heads] if heads else []


def _key_between(text: str, start: int, end: int) -> tuple[str, list[int]]:
    """The label key of a stretch of text, and where each of its characters stands."""
    keys = [(character, at) for at in range(start, end) for character in label_key(text[at])]
    return "".join(character for character, _ in keys), [at for _, at in keys]


def _cell(plain: _Plain, start: int, end: int) -> tuple[str, Span]:
    text = plain.text[start:end]
    start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
    return text.strip(), plain.span(start, end)
