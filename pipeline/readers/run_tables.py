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
from pipeline.forms import column_keys, group_keys, head_keys, row_keys, running_total_keys
from pipeline.readers.cells import Texts, make_table, placer
from pipeline.text import label_key, normalise

_RUN = re.compile(
    r"(?:[-/] ?){0,20}\d(?:[\d \-/+]|[.,](?= ?\d)|无(?= ?[\d/\-])|\((?:其中|包括|不?含|另)[^()]{0,40}\))*(?:万?元)?"
    r"|(?:/ ?)+"
)
_YEAR = re.compile(r"(?:(?:19|20)\d\d年度?|本?年度)数?\Z")
_DATE = re.compile(
    r"(?:19|20)\d\d ?([-/.]) ?(?:0?[1-9]|1[0-2]) ?\1 ?(?:0?[1-9]|[12]\d|3[01])(?!\d)(?: *\d{1,2}(?::\d\d){1,2})?"
)
_ITEM = re.compile(r" ?[.、)](?! ?\d)")
_NUMBER = re.compile(r"(?:\(|\(?\d{1,2} ?[.、)]) ?\Z")
_MEASURED = re.compile(r"\s*[件条次个篇场期份项人万年月日号%家名起宗类批:时分余多,;]")
_PROSE = re.compile("[.;!?,](?!\\d)")
_CHINESE_DIGIT = re.compile(r"[\u4e00-\u9fff)）”\"]\s?[\d/]")
_UNITS = ("条", "件", "次", "篇", "个", "人次", "人", "万元", "元", "项", "场", "期", "份")
_LONGEST_LABEL = 60  # characters of a key
_LOOK_BACK = 200  # characters before a run in which its label is sought
_LONGEST_BETWEEN = 160  # characters of a key: heads, a chapter's title and a label
_LONGEST_LINE = 200_000
_BARE_HEADS = 5  # heads directly before a run that is a row without a label
_BARE_RUN = 15  # characters of the one row that has no label
_FEWEST_ROWS = 2
_MANY_TABS = 3
_MOST_UNKNOWN = 45  # characters between two rows that are no wording of the forms: worn heads, a chapter's title


class _Piece(NamedTuple):
    """A run and the text before it, as places in the normalised line."""

    start: int  # of the text before the run
    label: int  # where the label of the row begins in it; `run` where the row has none
    run: int
    end: int
    named: bool  # whether the label is one of the forms', or the heads of a row without label stand before the run


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
    tables = list(_stretches(_pieces(plain.text), plain.text))
    if not tables:
        return [], at
    return list(_parted(lines[at:end], plain, tables)), end


def _may_hold_runs(text: str) -> bool:
    if len(text) > _LONGEST_LINE or not _CHINESE_DIGIT.search(text):
        return False
    return sum(piece.named for piece in _pieces(normalise(text))) >= 1


def _names_running_total(text: str) -> bool:
    """Whether a line ends in the heads of a year and of its running total."""
    return (
        text.rstrip().endswith(tuple(running_total_keys())) and _years_in(label_key(text[-_LONGEST_LABEL:])) is not None
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
    return len(text.split()) >= _BARE_HEADS and _is_bare(text) and above.rstrip()[-1:].isdigit()


def _is_bare(text: str) -> bool:
    return len(text.strip()) > _BARE_HEADS and _RUN.fullmatch(normalise(text).strip()) is not None


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


def _pieces(text: str) -> list[_Piece]:
    """The runs of a text with what stands before them; a number that a measure follows is prose, a date no run."""
    pieces: list[_Piece] = []
    start, dated = 0, 0
    for match in _RUN.finditer(text):
        end = _without_item(text, match)
        if end == match.start():  # an item's number, part of the label that follows
            continue
        date = _DATE.match(text, match.start())
        dated = date.end() if date and date.end() >= end else dated
        if end <= dated or (_MEASURED.match(text, end) and not text[match.start() : end].endswith("元")):
            continue
        long = len(text[match.start() : end].replace(" ", "")) >= _BARE_RUN
        label, named = _label_at(text, start, match.start(), bare=long)
        if named or any(map(str.isdigit, match[0])):  # a stroke may also stand between two words
            pieces.append(_Piece(start, label, match.start(), end, named))
            start = end
    return pieces


def _without_item(text: str, match: re.Match[str]) -> int:
    """Where a run ends: before the digit that counts the next label (`0000000|2.其他`, `0000000|2其他`)."""
    end = match.start() + len(match[0].rstrip())
    if not text[end - 1].isdigit():
        return end
    if _ITEM.match(text, end) or _is_counted(label_key(text[end - 1 : end + 2 * _LONGEST_LABEL])):
        return match.start() + len(text[match.start() : end - 1].rstrip())
    return end


@lru_cache(maxsize=4096)
def _is_counted(key: str) -> bool:
    """Whether a key begins with a label of the forms that is counted, its number first, and without that number with
    none that is longer: the 3 of `153其他情形数` is a digit of 153, though 3其他 is a label of another form."""
    counted = max((len(known) for known in _counted_keys() if key.startswith(known)), default=0)
    return counted > 1 and not any(key.startswith(known, 1) for known in row_keys() if len(known) >= counted)


@lru_cache(maxsize=1)
def _counted_keys() -> tuple[str, ...]:
    return tuple(sorted(key for key in row_keys() if key[:1].isdigit()))


def _label_at(text: str, start: int, run: int, *, bare: bool) -> tuple[int, bool]:
    """Where the label before a run begins, and whether it is known: the longest wording of a row that ends there,
    else what no head and no group covers. A run of many digits may be `bare`, with nothing but heads before it."""
    start = max(start, run - _LOOK_BACK)
    keys = [(character, at) for at in range(start, run) for character in label_key(text[at])]
    key = _without_unit("".join(character for character, _ in keys))
    if _ends_in_heads(key):
        return run, True
    for length in range(min(len(key), _LONGEST_LABEL), 1, -1):
        if key[-length:] in row_keys():
            return _with_number(text, start, keys[len(key) - length][1]), True
    if bare and any(head in key for head in _groups()):
        return run, True
    if total := max((key.rfind(head) + len(head) for head in running_total_keys() if head in key), default=0):
        return (_with_number(text, start, keys[total][1]), True) if total < len(key) else (run, False)
    known = _known_from_left(key)
    return (_with_number(text, start, keys[known][1]), False) if known < len(key) else (run, False)


def _with_number(text: str, start: int, label: int) -> int:
    """Where a label begins, with its number or the bracket that its number opens with."""
    number = _NUMBER.search(text[start:label])
    return start + number.start() if number else label


def _without_unit(key: str) -> str:
    """A key without the cell 单位 of the older form between a label and its figure."""
    if key in row_keys():
        return key
    unit = next(
        (unit for unit in _UNITS if key.endswith(unit) and any(map(key[: -len(unit)].endswith, _numbered()))), ""
    )
    return key[: len(key) - len(unit)]


@lru_cache(maxsize=1)
def _numbered() -> tuple[str, ...]:
    return tuple(key for key in row_keys() if len(key) > 3)


@lru_cache(maxsize=1)
def _groups() -> tuple[str, ...]:
    """Heads over several columns, by which a table is known even where the heads of its columns are lost."""
    return tuple(sorted(key for key in group_keys() if len(key) > 3 and key not in row_keys()))


def _ends_in_heads(key: str) -> bool:
    """Whether a key ends in the heads of several columns one after the other, so that no label stands there."""
    heads = 0
    while heads < _BARE_HEADS and (head := next((one for one in column_keys() if key.endswith(one)), "")):
        key = key[: -len(head)]
        heads += 1
    return heads >= _BARE_HEADS


def _known_from_left(key: str) -> int:
    """How much of a key, from its beginning, is wording of heads, groups and labels."""
    at = 0
    while word := _words().match(key, at):
        at = word.end()
    return at


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    """Any of the forms' wordings, the longest that fits."""
    return re.compile("|".join(map(re.escape, sorted(row_keys() | head_keys(), key=lambda key: (-len(key), key)))))


def _stretches(pieces: Sequence[_Piece], text: str) -> Iterator[list[_Piece]]:
    """The pieces that follow each other as rows of tables do, each from its first known row to its last."""
    stretch: list[_Piece] = []
    for piece in pieces:
        if stretch and not _adjoins(text, piece):
            yield from _known_part(stretch, text)
            stretch = []
        stretch.append(piece)
    yield from _known_part(stretch, text)


def _adjoins(text: str, piece: _Piece) -> bool:
    """Whether only heads, or little else, stand between a run and the label of the next."""
    between = text[piece.start : piece.label]
    if len(label_key(text[piece.start : piece.run])) > _LONGEST_BETWEEN:
        return False
    unknown = _unknown(label_key(between) + ("" if piece.named else label_key(text[piece.label : piece.run])))
    return len(unknown) <= _MOST_UNKNOWN and (not unknown or not _PROSE.search(between))


@lru_cache(maxsize=1024)
def _unknown(key: str) -> str:
    """The characters of a key that no wording of the forms covers."""
    return _words().sub("", key)


def _known_part(stretch: Sequence[_Piece], text: str) -> Iterator[list[_Piece]]:
    """From the first known row to the last; to the end where heads of a year and of a running total stand above."""
    named = [place for place, piece in enumerate(stretch) if piece.named]
    if named and _heads_at(text, stretch[named[0]]):
        yield list(_of_years(stretch[named[0] :], text))
        return
    if len(named) >= _FEWEST_ROWS or any(stretch[place].label == stretch[place].run for place in named):
        yield list(stretch[named[0] : named[-1] + 1])


def _of_years(stretch: Sequence[_Piece], text: str) -> Iterator[_Piece]:
    """The rows of a table of the year and of all years, in which provinces have wordings of their own: all that stands
    between two runs is the label, unless the heads are repeated."""
    for piece in stretch:
        yield piece if _heads_at(text, piece) else piece._replace(label=piece.start)


def _parted(lines: Sequence[Line], plain: _Plain, tables: Sequence[Sequence[_Piece]]) -> Iterator[Line | Table]:
    """The tables and, as they are, the lines around them."""
    at = 0
    for pieces in tables:
        heads, start = _heads_before(plain, pieces[0])
        yield from _between(lines, plain, at, start)
        yield make_table("run", [*heads, *_rows(plain, pieces)])
        at = pieces[-1].end
    yield from _between(lines, plain, at, len(plain.text))


def _heads_before(plain: _Plain, piece: _Piece) -> tuple[list[Texts], int]:
    """The heads directly above the first row where one of them is that of a running total, so that every run holds
    two figures; and where they begin."""
    borders = _heads_at(plain.text, piece)
    if not borders:
        return [], piece.label
    return [[_cell(plain, start, end) for start, end in pairwise(borders)]], borders[0]


def _heads_at(text: str, piece: _Piece) -> list[int]:
    """Where the heads of a year and of its running total begin and end, directly before a label; else nothing."""
    key, places = _key_between(text, max(piece.start, piece.label - _LONGEST_LABEL), piece.label)
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


def _rows(plain: _Plain, pieces: Sequence[_Piece]) -> Iterator[Texts]:
    for number, piece in enumerate(pieces):
        if number:
            yield from _rows_between(plain, piece)
        label = [_cell(plain, piece.label, piece.run)] if piece.label < piece.run else []
        yield [*label, _cell(plain, piece.run, piece.end)]


def _rows_between(plain: _Plain, piece: _Piece) -> Iterator[Texts]:
    """What stands between a run and the next row's label: heads, and labels of rows that print nothing."""
    key, places = _key_between(plain.text, piece.start, piece.label)
    heads: Texts = []
    for part in re.finditer(f"{_words().pattern}|.", key):
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
