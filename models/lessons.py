"""Labelled rows as training takes them, and the file of them that a model folder carries.

The file (`rows.jsonl.xz`, some 60 KB) holds a document a line: its id, layout and split, and of each row what the
features are made of. So a user who has no corpus has what the model was trained on, and can add to it.
"""

from __future__ import annotations

import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.datamodel import Cell, Location, Row
from pipeline.errors import ModelError
from pipeline.forms import load_forms

ROWS_FILE = "rows.jsonl.xz"
_MOST_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Example:
    """A document's rows as the pipeline reads them with the name of each; a layout (`group`) is never cut in two."""

    document: str
    group: str
    split: str
    rows: tuple[Row, ...]
    names: tuple[str, ...]


def save_rows(examples: Sequence[Example], file: Path) -> None:
    """Write the rows of documents; the same rows give the same bytes."""
    text = "".join(json.dumps(_plain(one), ensure_ascii=False, separators=(",", ":")) + "\n" for one in examples)
    file.write_bytes(lzma.compress(text.encode("utf-8"), preset=6))


def load_rows(file: Path) -> list[Example]:
    """The rows of documents in a file that `save_rows` wrote; ModelError where it is missing or damaged.

    Places of rows on their pages are not kept.
    """
    try:
        with lzma.open(file) as packed:
            data = packed.read(_MOST_BYTES)
        return [_example(json.loads(line)) for line in data.decode("utf-8").splitlines()]
    except FileNotFoundError:
        raise ModelError(
            f"{file.parent} does not hold the rows that its model was trained on ({file.name}). Name a corpus or "
            "another model folder with --base."
        ) from None
    except (OSError, EOFError, lzma.LZMAError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelError(f"{file} is damaged ({error}). Install the model again or name another --base.") from error


def _plain(one: Example) -> dict[str, Any]:
    return {
        "document": one.document,
        "group": one.group,
        "split": one.split,
        "rows": [_plain_row(row, name) for row, name in zip(one.rows, one.names, strict=True)],
    }


def _plain_row(row: Row, name: str) -> list[Any]:
    cells = [cell.text for cell in row.cells]
    return [name, row.table, row.index, row.origin, list(row.labels), cells, list(row.heads), row.section]


def _example(plain: dict[str, Any]) -> Example:
    pairs = list(map(_row, plain["rows"]))
    rows, names = tuple(row for row, _ in pairs), tuple(name for _, name in pairs)
    return Example(str(plain["document"]), str(plain["group"]), str(plain["split"]), rows, names)


def _row(plain: Sequence[Any]) -> tuple[Row, str]:
    name, table, index, origin, labels, texts, heads, section = plain
    cells = tuple(Cell(str(text), int(index), place, Location()) for place, text in enumerate(texts))
    row = Row(int(table), int(index), origin, _texts(labels), cells, _texts(heads), Location(), str(section))
    return row, str(name)


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(map(str, values))


def merged(base: Sequence[Example], new: Sequence[Example]) -> list[Example]:
    """The base and the new documents; one that is in both is taken from the new."""
    again = {one.document for one in new}
    return [*(one for one in base if one.document not in again), *new]


def orders_of(examples: Sequence[Example]) -> list[list[str]]:
    """Pairs of rows that follow one another in most documents of some layout though not in their form, sorted; "" is
    before the first row. Rows that belong to no field are passed over."""
    pairs: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    documents = Counter(one.group for one in examples)
    for one in examples:
        pairs[one.group].update(set(_order(one.names)))
    found = {pair for group, some in pairs.items() for pair, count in some.items() if 2 * count > documents[group]}
    return sorted(map(list, found))


def _order(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    places = _places(names)
    kept = [name for name in names if name in places]
    for before, after in zip(["", *kept], kept, strict=False):
        if places[after] != places.get(before, -1) + 1 and before != after:
            yield before, after


def _places(names: Sequence[str]) -> dict[str, int]:
    """The places of rows in the form that has most of these names."""
    forms = [{row.name: place for place, row in enumerate(form.rows)} for form in load_forms().values()]
    return max(forms, key=lambda places: sum(name in places for name in names))
