"""The ways in which a run of figures can be cut into the cells of its row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.datamodel import Number

Cut = tuple[Number | None, ...]
_NOTE = re.compile(r"[（(][^（()）]*[）)]")
_AMOUNT = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?")
_COUNT = re.compile(r"0|[1-9]\d*")
_UNIT = re.compile(r"万元|元|")
_NOTHING = ("/", "—", "无")


class TooMany(Exception):
    """More cuts than anybody will look at: what the run says stays open."""


@dataclass(frozen=True, slots=True)
class Run:
    """What stands between two labels: the text with its blanks, which part cells, the kind of every cell ("count",
    "change" or "amount"), and the lengths of the blocks whose last cell is the sum of those before it."""

    text: str
    kinds: tuple[str, ...]
    blocks: tuple[int, ...] = ()


def cuts(run: Run, limit: int, *, sums: bool = True) -> list[Cut]:
    """All ways to cut the run so that every cell prints something, without leading zeros, and with `sums` so that
    every block adds up; raises TooMany beyond `limit`."""
    found: list[Cut] = []
    for cut in _from(run, 0, (), _ends(run) if sums else {}, [limit * 50]):
        found.append(cut)
        if len(found) > limit:
            raise TooMany
    return found


def _ends(run: Run) -> dict[int, int]:
    """The place of every block's last cell, with the place of its first."""
    ends, start = {}, 0
    for length in run.blocks:
        ends[start + length - 1] = start
        start += length
    return ends


def _from(run: Run, at: int, cells: Cut, ends: dict[int, int], steps: list[int]) -> Iterator[Cut]:
    """The cuts that begin with these cells and go on at the place in the text; `steps` is what may still be tried."""
    steps[0] -= 1
    if steps[0] < 0:
        raise TooMany
    while at < len(run.text) and run.text[at].isspace():
        at += 1
    place = len(cells)
    if place == len(run.kinds):
        if at == len(run.text):
            yield cells
        return
    if len(run.text) - at < len(run.kinds) - place + _still(cells, place, ends):
        return
    total = sum(cell or 0 for cell in cells[ends[place] :]) if place in ends else None
    for value, after in _tokens(run, at, run.kinds[place]):
        if total is None or value == total:
            yield from _from(run, after, (*cells, value), ends, steps)


def _still(cells: Cut, place: int, ends: dict[int, int]) -> int:
    """How many digits more than one the total of the present block has at least, by the cells before it."""
    start = next((first for last, first in ends.items() if first <= place <= last), place)
    return len(str(sum(int(cell or 0) for cell in cells[start:]))) - 1


def _tokens(run: Run, at: int, kind: str) -> Iterator[tuple[Number | None, int]]:
    """What a cell of the kind may print at the place: its value, and where the text goes on."""
    text = run.text
    if text[at] in _NOTHING:
        yield None, at + 1
        return
    sign = text[at] if kind == "change" and text[at] in "+-" else ""
    start = at + len(sign)
    longest = (_AMOUNT if kind == "amount" else _COUNT).match(text, start)
    for end in range(start + 1, longest.end() + 1 if longest else 0):
        figure = text[start:end]
        if figure[-1] != "." and not (sign and figure == "0"):
            value = float(figure) if "." in figure else int(figure)
            yield (-value if sign == "-" else value), _after(text, end, kind)


def _after(text: str, end: int, kind: str) -> int:
    """Where a cell ends whose figure ends there: after its unit and its note, which never stand alone."""
    unit = _UNIT.match(text, end) if kind == "amount" else None
    end = unit.end() if unit else end
    note = _NOTE.match(text, end)
    return note.end() if note else end
