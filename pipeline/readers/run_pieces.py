"""Runs of digits in a text, and the labels of the forms that stand before them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.forms import column_keys, group_keys, head_keys, row_keys, running_total_keys
from pipeline.text import label_key

RUN = re.compile(
    r"(?:[-/] ?){0,20}\d(?:[\d \-/+]|[.,](?= ?\d)|无(?= ?[\d/\-])|\((?:其中|包括|不?含|另)[^()]{0,40}\))*(?:万?元)?"
    r"|(?:/ ?)+"
)
_DATE = re.compile(
    r"(?:19|20)\d\d ?([-/.]) ?(?:0?[1-9]|1[0-2]) ?\1 ?(?:0?[1-9]|[12]\d|3[01])(?!\d)(?: *\d{1,2}(?::\d\d){1,2})?"
)
_ITEM = re.compile(r" ?[.、)](?! ?\d)")
_NUMBER = re.compile(r"(?:\(|\(?\d{1,2} ?[.、)]) ?\Z")
_MEASURED = re.compile(r"\s*[件条次个篇场期份项人万年月日号%家名起宗类批:时分余多,;]")
_UNITS = ("条", "件", "次", "篇", "个", "人次", "人", "万元", "元", "项", "场", "期", "份")
LONGEST_LABEL = 60  # characters of a key
_LOOK_BACK = 200  # characters before a run in which its label is sought
BARE_HEADS = 5  # heads directly before a run that is a row without a label
_BARE_RUN = 15  # characters of the one row that has no label


class Piece(NamedTuple):
    """A run and the text before it, as places in the normalised line."""

    start: int  # of the text before the run
    label: int  # where the label of the row begins in it; `run` where the row has none
    run: int
    end: int
    named: bool  # whether the label is one of the forms', or the heads of a row without label stand before the run


def read_pieces(text: str) -> list[Piece]:
    """The runs of a text with what stands before them; a number that a measure follows is prose, a date no run."""
    pieces: list[Piece] = []
    start, dated = 0, 0
    for match in RUN.finditer(text):
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
            pieces.append(Piece(start, label, match.start(), end, named))
            start = end
    return pieces


def _without_item(text: str, match: re.Match[str]) -> int:
    """Where a run ends: before the digit that counts the next label (`0000000|2.其他`, `0000000|2其他`)."""
    end = match.start() + len(match[0].rstrip())
    if not text[end - 1].isdigit():
        return end
    if _ITEM.match(text, end) or _is_counted(label_key(text[end - 1 : end + 2 * LONGEST_LABEL])):
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
    for length in range(min(len(key), LONGEST_LABEL), 1, -1):
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
    while heads < BARE_HEADS and (head := next((one for one in column_keys() if key.endswith(one)), "")):
        key = key[: -len(head)]
        heads += 1
    return heads >= BARE_HEADS


def _known_from_left(key: str) -> int:
    """How much of a key, from its beginning, is wording of heads, groups and labels."""
    at = 0
    while word := wordings().match(key, at):
        at = word.end()
    return at


@lru_cache(maxsize=1)
def wordings() -> re.Pattern[str]:
    """Any of the forms' wordings, the longest that fits."""
    return re.compile("|".join(map(re.escape, sorted(row_keys() | head_keys(), key=lambda key: (-len(key), key)))))
