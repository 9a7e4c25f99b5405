"""Comparisons as HTML pages: reports side by side with what is repeated marked, and the index of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.compare.index import Found, Similar
from pipeline.compare.layout import facing, numbers_on, shares_by_kind
from pipeline.compare.pairs import Compared
from pipeline.compare.wording import RUN, kind_names
from pipeline.html_page import render
from pipeline.shelf import Report
from pipeline.writers import whole_file


class Pair(NamedTuple):
    """Two reports and what the second repeats of the first."""

    one: Report
    two: Report
    compared: Compared


def write_pairs(path: Path, title: str, pairs: Sequence[Pair], shown: int, bodies: int) -> None:
    """Write pairs as one page: the shares of all of them by chapter, and the first `shown` side by side.

    `bodies` is the number of bodies by which common wording was told.
    """
    _write(
        path,
        "pairs.html",
        title=title,
        pairs=[_pair(number, pair, number <= shown) for number, pair in enumerate(pairs, 1)],
        kinds=kind_names(),
        run=RUN,
        bodies=bodies,
    )


def write_index(path: Path, found: Found, threshold: float, pages: Mapping[Similar, str]) -> None:
    """Write the index of a store: the pairs above the threshold, those of two bodies and those of one body's years.
    `pages` are the pages of pairs, as links from the index."""
    lists = [
        ("bodies", "Between two bodies", "不同机关之间", found.bodies, found.numbers["bodies"]),
        ("years", "Between two years of one body", "同一机关相邻年度", found.years, found.numbers["years"]),
    ]
    bodies = found.common.bodies if found.common else 0
    _write(path, "index.html", lists=lists, found=found, threshold=threshold, pages=pages, bodies=bodies, run=RUN)


def _pair(number: int, pair: Pair, shown: bool) -> dict[str, Any]:
    rows = facing(pair.compared) if shown else []
    return {
        "number": number,
        "one": pair.one,
        "two": pair.two,
        "total": pair.compared.total,
        "shares": shares_by_kind(pair.compared),
        "rows": rows,
        "linked": numbers_on(rows, "one") & numbers_on(rows, "two"),
    }


def _write(path: Path, template: str, **values: Any) -> None:
    with whole_file(path) as file:
        file.write(render("pipeline.compare", template, **values))
