"""Shards: records as Parquet files that many machines write side by side, for `nianbao load` to bring into a store.

A shard is named by what it holds, so that the same documents read again by another machine make the same file, and it
takes its place whole or not at all. What failed lies in shards of its own: it is found without reading the rest.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.entries import Entry
from pipeline.errors import UnreadableInput, UsageError
from pipeline.writers import whole_path

READ, FAILED = "shard", "failed"  # how names of shards begin
SHARD_SIZE = 200  # documents: some 10 MB of text, half a megabyte of file
_KIND = b"nianbao.shard/1"
_NUMBERS = ("year",)
_GROUP = 50  # documents that are packed, and read, together
_MOST = 256 << 20  # bytes that so many documents may unpack to


class Indexed(NamedTuple):
    """What stands beside a record in a shard, as in an `Entry`."""

    id: str
    path: str
    form: str | None
    year: int | None
    status: str
    causes: str
    model: str
    version: str


def write_shard(folder: Path, entries: Sequence[Entry]) -> Path | None:
    """The file that holds these entries, all of which were read or all of which failed; None where there are none.

    Raises UsageError or StoreError where it cannot be written, UsageError without pyarrow.
    """
    if not entries:
        return None
    arrow, parquet = _arrow()
    ordered = sorted(entries, key=lambda entry: entry.id)
    path = folder / f"{FAILED if ordered[0].status == 'failed' else READ}-{_name(ordered)}.parquet"
    names = (*Indexed._fields, "record")
    fields = [arrow.field(name, arrow.int64() if name in _NUMBERS else arrow.string()) for name in names]
    schema = arrow.schema(fields, metadata={"kind": _KIND})
    columns = [
        arrow.array([getattr(entry, name) for entry in ordered], field.type)
        for name, field in zip(names, fields, strict=True)
    ]
    with whole_path(path) as draft, draft.open("wb") as file:
        parquet.write_table(
            arrow.Table.from_arrays(columns, schema=schema), file, row_group_size=_GROUP, compression="zstd",
            write_statistics=False, write_page_checksum=True,
        )  # fmt: skip
        file.flush()
        os.fsync(file.fileno())
    return path


def shard_files(folder: Path, kind: str = "") -> list[Path]:
    """The shards of a folder, or those of one kind, in the order in which they were written."""
    found = [path for path in folder.glob("*.parquet") if path.name.startswith(kind or (READ, FAILED))]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def read_shard(path: Path) -> Iterator[list[str]]:
    """The records of a shard as JSON text, a few at a time. Raises UnreadableInput where it is damaged or none."""
    for rows in _groups(path, ["record"]):
        yield [row["record"] for row in rows]


def read_index(path: Path) -> Iterator[Indexed]:
    """What stands beside the records of a shard. Raises UnreadableInput where it is damaged or none."""
    for rows in _groups(path, list(Indexed._fields)):
        yield from (Indexed(**row) for row in rows)


def _groups(path: Path, columns: list[str]) -> Iterator[list[dict[str, Any]]]:
    _, parquet = _arrow()
    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            if (file.schema_arrow.metadata or {}).get(b"kind") != _KIND:
                raise UnreadableInput(f"{path} is no shard of this program.", code="no_shard")
            for number in range(file.num_row_groups):
                if file.metadata.row_group(number).total_byte_size > _MOST:
                    raise UnreadableInput(f"{path} holds more than a shard may.", code="too_large")
                yield file.read_row_group(number, columns).to_pylist()
    except UnreadableInput:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:  # what pyarrow raises is of these
        said = " ".join(str(error).split())[:200]
        raise UnreadableInput(f"{path} is damaged, or no shard ({said}).", code="damaged") from None


def _name(entries: Sequence[Entry]) -> str:
    content = hashlib.sha256()
    for entry in entries:
        content.update(f"{entry.id}\n{entry.record}\n".encode())
    return content.hexdigest()[:32]


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UsageError('Shards need pyarrow: pip install "nianbao[parquet]".') from None
    return pyarrow, pyarrow.parquet
