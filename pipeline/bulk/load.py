"""Shards into a store: as often as one likes, from any number of machines, each document once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.bulk.shard_folder import fails_after_reading
from pipeline.bulk.shards import read_shard, shard_files
from pipeline.bulk.versions import marked_lines
from pipeline.entries import Entry, entry_of
from pipeline.errors import UnreadableInput
from pipeline.storage import Store, open_store


@dataclass
class Loaded:
    """What was brought in so far: `records` of `shards` (of `total`), and why a shard could not be read. A document
    that lies in several shards counts in each; `versions` are documents whose agency and year have several."""

    store: str
    total: int = 0
    shards: int = 0
    records: int = 0
    versions: int = 0
    troubles: list[UnreadableInput] = field(default_factory=list)


def load(paths: Sequence[str | Path], store_url: str, progress: Callable[[Loaded], None] = lambda _: None) -> Loaded:
    """Bring shards (files, or folders of them) into a store, a few records in memory at a time.

    A document that the store or several shards hold gets the record of the shard that was written last, but a failure
    never takes the place of what the same program and model read. Doing it again changes nothing; corrections stay.
    Shards that are damaged are told in `troubles`, and what could be read of them is in.

    Raises UnreadableInput where a path is missing or there is no shard at all, StoreError, UsageError.
    """
    shards = _shards([Path(path) for path in paths])
    with open_store(store_url) as store:
        loaded = Loaded(store.url, len(shards))
        for shard in shards:
            try:
                for texts in read_shard(shard):
                    store.save_entries(_to_save(texts, shard, store))
                    loaded.records += len(texts)
                loaded.shards += 1
            except UnreadableInput as trouble:
                loaded.troubles.append(trouble)
            progress(loaded)
        loaded.versions = sum(marked for _, marked in marked_lines(store))
    return loaded


def _shards(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise UnreadableInput(f"There is no file or folder {path}.", code="missing_input")
        inside = shard_files(path) if path.is_dir() else [path]
        if not inside:
            raise UnreadableInput(f"There is no shard in {path}.", code="no_documents")
        found.update(dict.fromkeys(inside))
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _to_save(texts: Iterable[str], shard: Path, store: Store) -> list[Entry]:
    """The entries of a shard's records without failures where the store has more."""
    return [entry for entry in _entries(texts, shard) if entry.status != "failed" or not _is_read(entry, store)]


def _is_read(entry: Entry, store: Store) -> bool:
    before = store.outcome(entry.id, entry.model, entry.version)
    return before is not None and fails_after_reading(entry, entry._replace(status=before.status))


def _entries(texts: Iterable[str], shard: Path) -> Iterator[Entry]:
    for text in texts:
        try:
            yield entry_of(json.loads(text, parse_constant=_no_number), text)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"{shard} holds what is no record ({type(error).__name__}: {str(error)[:100]})."
            raise UnreadableInput(said, code="damaged") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
