"""Two compared reports as they are shown: chapters facing each other, their text in marked and plain pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.compare.common import Places
from pipeline.compare.pairs import ChapterShare, Compared
from pipeline.compare.wording import Chapter, kind_names

_PLAIN, _COMMON = -1, -2


class Piece(NamedTuple):
    """A piece of text as printed: `mark` is "", "common", "same" or "reworded"; `number` that of its passage, of which
    it is the `first` piece on its side, or a later one."""

    text: str
    mark: str = ""
    number: int | None = None
    first: bool = False


class Facing(NamedTuple):
    """A chapter of each report, or of one; the share is that of the second's."""

    title: str
    one_title: str
    one: list[Piece]
    two_title: str
    two: list[Piece]
    share: ChapterShare | None


def facing(compared: Compared) -> list[Facing]:
    """The chapters in the order of the second report, each beside the first's chapter on the same matter; then those
    that only the first has."""
    left, right = (
        _with_firsts([_pieces(chapter, number, compared, side) for number, chapter in enumerate(chapters)])
        for side, chapters in enumerate((compared.one, compared.two))
    )
    free = list(range(len(compared.one)))
    rows = []
    for number, chapter in enumerate(compared.two):
        other = next((one for one in free if _alike(compared.one[one], chapter)), None)
        if other is not None:
            free.remove(other)
        one_title, one = (compared.one[other].title, left[other]) if other is not None else ("", [])
        rows.append(Facing(_name(chapter), one_title, one, chapter.title, right[number], compared.shares[number]))
    rows += [Facing(_name(compared.one[one]), compared.one[one].title, left[one], "", [], None) for one in free]
    return rows


def shares_by_kind(compared: Compared) -> dict[str, float | None]:
    """The share of each kind of chapter in the second report; None where there is none or it says too little."""
    found: dict[str, float | None] = {}
    for kind in kind_names():
        some = [share for chapter, share in zip(compared.two, compared.shares, strict=True) if chapter.kind == kind]
        numbers = (sum(getattr(share, name) for share in some) for name in ("own", "repeated", "reworded"))
        found[kind] = ChapterShare(*numbers).share
    return found


def _alike(one: Chapter, two: Chapter) -> bool:
    return one.kind == two.kind if one.kind or two.kind else one.title == two.title


def _name(chapter: Chapter) -> str:
    return kind_names().get(chapter.kind, chapter.title) or "导言"


def _pieces(chapter: Chapter, number: int, compared: Compared, side: int) -> list[Piece]:
    """The chapter's text cut where marks begin and end."""
    classes = _classes(compared, number, side, len(chapter.wording), compared.common[side][number])
    found, end = [], 0
    for start, stop, of in _runs(classes):
        begin, close = chapter.places[start][0], chapter.places[stop - 1][1]
        if of == _PLAIN:
            continue
        found.append(Piece(chapter.text[end:begin]))
        end = close
        found.append(_piece(chapter.text[begin:close], of, compared))
    return [piece for piece in (*found, Piece(chapter.text[end:])) if piece.text]


def _with_firsts(chapters: list[list[Piece]]) -> list[list[Piece]]:
    """The pieces with the first of each passage marked."""
    seen: set[int] = set()
    for pieces in chapters:
        for at, piece in enumerate(pieces):
            if piece.number is not None and piece.number not in seen:
                seen.add(piece.number)
                pieces[at] = piece._replace(first=True)
    return chapters


def _piece(text: str, of: int, compared: Compared) -> Piece:
    if of == _COMMON:
        return Piece(text, "common")
    return Piece(text, "reworded" if compared.passages[of].reworded else "same", of)


def _classes(compared: Compared, number: int, side: int, length: int, common: Places) -> npt.NDArray[np.int64]:
    """Of each character its passage: what is repeated before what is reworded, the longest of several; everybody's
    wording keeps its own colour."""
    found = np.full(length, _PLAIN, dtype=np.int64)
    sizes = [(not one.reworded, one.end - one.start, at) for at, one in enumerate(compared.passages)]
    for *_, at in sorted(sizes):
        passage = compared.passages[at]
        places = (passage.other_chapter, passage.other_start, passage.other_end) if side == 0 else passage[:3]
        if places[0] == number:
            found[places[1] : places[2]] = at
    found[common] = _COMMON
    return found


def _runs(classes: npt.NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Stretches of one class: start, end and class."""
    if not len(classes):
        return
    cuts = [0, *(np.flatnonzero(np.diff(classes)) + 1).tolist(), len(classes)]
    for start, stop in pairwise(cuts):
        yield start, stop, int(classes[start])


def numbers_on(rows: Sequence[Facing], side: str) -> set[int]:
    """The passages that are marked somewhere on a side."""
    pieces = (piece for row in rows for piece in (row.one if side == "one" else row.two))
    return {piece.number for piece in pieces if piece.number is not None}
