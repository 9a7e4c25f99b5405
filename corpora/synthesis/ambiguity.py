"""Which figures a run of digits leaves open: rows whose digits can be cut in more ways than one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from corpora.synthesis.tables import PrintedCell, PrintedTable

_MANY = 2


def ambiguous_fields(tables: Iterable[PrintedTable]) -> dict[str, object]:
    """The content of ambiguous.json for a source whose cells run together with nothing between.

    A row counts as open where its own digits and its own sums allow more than one cut; sums down the columns may
    settle some of these all the same, so this names too many rather than too few.
    """
    names: list[str] = []
    for table in tables:
        for place in range(len(table.rows)):
            cells = [cell for cell in table.at_row(place) if cell.kind == "figure"]
            if cells and not _settled(cells):
                names += [cell.field for cell in cells if cell.field]
    method = (
        "cells run together; a field is listed where the digits of its row and the sums of that row allow several cuts"
    )
    return {"ambiguous_fields": names, "method": method}


def _settled(cells: list[PrintedCell]) -> bool:
    texts = [cell.text for cell in cells]
    run = "".join(texts)
    if len(cells) == 1:
        return True
    if not run.isdigit() or any(not text for text in texts):
        return False
    if len(cells) == 15:
        return len(_dispute_cuts(run)) < _MANY
    return len(list(zip(_cuts(run, len(cells), sums=len(cells) == 7), range(_MANY), strict=False))) < _MANY


def _cuts(run: str, parts: int, *, sums: bool) -> Iterator[tuple[int, ...]]:
    """The ways to cut the run into whole numbers without leading zeros; with `sums` the last is the sum of the rest."""
    if parts == 1:
        if run and (run == "0" or run[0] != "0"):
            yield (int(run),)
        return
    for length in range(1, len(run) - parts + 2):
        if length > 1 and run[0] == "0":
            break
        for rest in _cuts(run[length:], parts - 1, sums=False):
            if not sums or int(run[:length]) + sum(rest[:-1]) == rest[-1]:
                yield (int(run[:length]), *rest)


def _dispute_cuts(run: str) -> list[tuple[int, ...]]:
    """The cuts of table four: three blocks of five whose last is the sum of the four before; two at most."""

    @cache
    def blocks(text: str, left: int) -> tuple[tuple[int, ...], ...]:
        if left == 0:
            return () if text else ((),)
        found: list[tuple[int, ...]] = []
        for end in range(5, len(text) - 5 * (left - 1) + 1):
            for block in _cuts(text[:end], 5, sums=True):
                found += [block + rest for rest in blocks(text[end:], left - 1)]
                if len(found) >= _MANY:
                    return tuple(found[:_MANY])
        return tuple(found)

    return list(blocks(run, 3))
