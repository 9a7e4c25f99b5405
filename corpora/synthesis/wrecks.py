"""Markdown as PDF tools leave it: labels and figures apart, heads in pieces, rows that are tables of their own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from corpora.synthesis.prose import Paragraph
from corpora.synthesis.sheet import Sheet
from corpora.synthesis.tables import PrintedCell, PrintedTable

_CAPTIONS = {"disclosure": "表二：主动公开政府信息情况", "requests": "表三：收到和处理政府信息公开申请情况",
             "review_litigation": "表四：行政复议、行政诉讼情况", "statistics": "附表：统计表"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wreck:
    """How a table is flattened.

    `labels` says where labels of more than eleven characters go, in the `share` of rows in which they go: "before" all
    rows of their block, each "after" its row, "around" it, or "mixed" with the group's that begins there; blocks have
    so many rows as `blocks` may give. `heads` are "joined" in a line or broken in "pieces" over a line and a row.
    `totals` is the share of rows whose last figure stands in a line of its own, `notes` says whether figures with
    notes do; both leave an empty cell. `rows` is how a row is written: as a table of its own, as a line of the block's
    table, or as a line of words with blanks.
    """

    labels: Literal["before", "after", "around", "mixed", "kept"] = "before"
    share: float = 0.6
    blocks: tuple[int, ...] = (1, 1, 2, 3)
    heads: Literal["joined", "pieces"] = "joined"
    totals: float = 0.0
    notes: bool = False
    rows: Literal["tables", "lines", "words"] = "tables"
    captions: bool = False


def broken_markdown(sheet: Sheet, rng: random.Random, wreck: Wreck) -> bytes:
    """The sheet as Markdown with its tables wrecked."""
    out: list[str] = []
    for block in sheet.blocks:
        if isinstance(block, Paragraph):
            out += [block.text, ""]
        else:
            out += [*_table(block, rng, wreck), ""]
    return "\n".join(out).encode()


def _table(table: PrintedTable, rng: random.Random, wreck: Wreck) -> Iterator[str]:
    if wreck.captions:
        yield f"## {_CAPTIONS[table.name]}"
    yield from _heads([table.at_row(place) for place in range(table.head_rows)], wreck)
    place = table.head_rows
    while place < len(table.rows):
        count = rng.choice(wreck.blocks)
        rows = [table.at_row(number) for number in range(place, min(place + count, len(table.rows)))]
        place += count
        yield from _block(rows, rng, wreck)


def _heads(rows: list[list[PrintedCell]], wreck: Wreck) -> Iterator[str]:
    """The heads in a line a row, or each broken in two: what came first in lines, the rest in a row of cells."""
    texts = [[cell.text.strip() for cell in row] for row in rows]
    if wreck.heads == "joined" or not texts:
        yield from ("".join(row) for row in texts)
        return
    halves = [(text[: (len(text) + 1) // 2], text[(len(text) + 1) // 2 :]) for row in texts for text in row]
    yield "".join(first for first, _ in halves)
    yield from _piped([[rest for _, rest in halves if rest]])


def _block(rows: list[list[PrintedCell]], rng: random.Random, wreck: Wreck) -> Iterator[str]:
    """A few rows: the labels that stand before them, then the rows with what stands around each."""
    before: list[str] = []
    bare: list[tuple[list[str], list[str], list[str]]] = []
    for cells in rows:
        labels = [cell.text.strip() for cell in cells if cell.kind != "figure" and cell.text.strip()]
        figures = [cell for cell in cells if cell.kind == "figure"]
        if not figures:
            yield from (*before, *_written(bare, wreck), "".join(labels))
            before, bare = [], []
            continue
        texts, fallen = _fallen(figures, rng, wreck)
        first, kept, last = _apart(labels, rng, wreck)
        if wreck.labels == "before":
            before, first = [*before, *first], []
        bare.append((first, [*kept, *texts], [*last, *fallen]))
    yield from (*before, *_written(bare, wreck))


def _apart(labels: list[str], rng: random.Random, wreck: Wreck) -> tuple[list[str], list[str], list[str]]:
    """A row's labels in three: in lines before its figures, in its own cells, and in lines after."""
    if wreck.labels == "kept" or not labels or len(labels[-1]) <= 11 or rng.random() >= wreck.share:
        return [], labels, []
    half = rng.randint(8, len(labels[-1]) - 1)
    head, tail = labels[-1][:half], labels[-1][half:]
    if wreck.labels == "around":
        return [*labels[:-1], head], [], [tail]
    if wreck.labels == "after":
        return [], [], [*labels[:-1], head, tail]
    if wreck.labels == "mixed" and len(labels) > 1:
        group = labels[-2]
        middle = (len(group) + 1) // 2
        return [*labels[:-2], group[:middle] + head, group[middle:] + tail], [], []
    return [*labels[:-1], head, tail], [], []


def _fallen(figures: list[PrintedCell], rng: random.Random, wreck: Wreck) -> tuple[list[str], list[str]]:
    """The texts of a row's figures with empty ones where a figure fell out, and those that did."""
    texts, fallen = [cell.text for cell in figures], []
    for place, text in enumerate(texts):
        last = place == len(texts) - 1 and place > 0
        if (wreck.notes and ("（" in text or "(" in text)) or (last and rng.random() < wreck.totals):
            fallen.append(text)
            texts[place] = ""
    return texts, fallen


def _written(rows: list[tuple[list[str], list[str], list[str]]], wreck: Wreck) -> Iterator[str]:
    """The rows as the wreck writes them, with the lines before and after each."""
    begun = False
    for before, texts, after in rows:
        yield from before
        if wreck.rows == "words":
            yield " ".join(text for text in texts if text)
        elif wreck.rows == "lines" and begun and not before:
            yield "| " + " | ".join(texts) + " |"
        else:
            yield from _piped([texts])
        begun = not after
        yield from after


def _piped(rows: list[list[str]]) -> Iterator[str]:
    """Each row a Markdown table of its own."""
    for texts in rows:
        yield "| " + " | ".join(texts) + " |"
        yield "|" + "---|" * len(texts)
