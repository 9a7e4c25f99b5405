"""A folder of shards in the place of a store: what lies in it is done, what is saved is added to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.bulk.shards import FAILED, READ, SHARD_SIZE, Indexed, read_index, read_shard, shard_files, write_shard
from pipeline.entries import Entry, Outcome, path_id
from pipeline.errors import UsageError


class _Fate(NamedTuple):
    """What became of a document; documents that share one share the object, as there may be millions."""

    status: str
    causes: str
    model: str
    version: str
    form: str | None
    year: int | None


class ShardFolder:
    """The shards of a folder, and what is added to them; a context manager that writes what is left when it ends.

    It keeps some 200 bytes a document in memory. Raises UsageError where the folder cannot be made, UnreadableInput
    where one of its shards is damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.url = str(folder)
        self._fates: dict[bytes, _Fate] = {}
        self._shared: dict[_Fate, _Fate] = {}
        self._waiting: dict[bool, list[Entry]] = {False: [], True: []}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"The folder {folder} cannot be made: {error.strerror}.") from None
        for indexed in self._indexed():
            self._note(indexed)

    def __enter__(self) -> ShardFolder:
        return self

    def __exit__(self, *_: object) -> None:
        for entries in self._waiting.values():
            write_shard(self.folder, entries)
            entries.clear()

    def save(self, entry: Entry) -> None:
        """Add an entry; one without its record lies in a shard already, which another machine wrote."""
        self._note(entry)
        if not entry.record:
            return
        waiting = self._waiting[entry.status == "failed"]
        waiting.append(entry)
        if len(waiting) == SHARD_SIZE:
            write_shard(self.folder, waiting)
            waiting.clear()

    def outcome(self, sha256: str, model: str, version: str) -> Outcome | None:
        """How a document ended under this model and program version; None if these have not seen it."""
        fate = self._fates.get(_key(sha256))
        if fate is None or (fate.model, fate.version) != (model, version):
            return None
        return Outcome(fate.status, tuple(fate.causes.split()))

    def unread(self) -> set[str]:
        """Nothing: what failed before its bytes could be had is tried each time, and `failures` knows what was read."""
        return set()

    def forget_unread(self, path: str) -> None:
        """Nothing, see `unread`."""

    def find(self, sha256: str) -> None:
        """None: a record that lies in a shard stays as it is."""

    def failures(self) -> list[dict[str, Any]]:
        """The records of all documents that failed and were not read since, by path."""
        texts = (text for path in shard_files(self.folder, FAILED) for some in read_shard(path) for text in some)
        failed = {_id(record): record for record in map(json.loads, texts)}
        unread = {record["source"]["path"] for record in failed.values() if not record["source"]["sha256"]}
        read = {indexed.path for indexed in self._indexed(READ) if indexed.path in unread} if unread else set()
        still = [
            record
            for name, record in failed.items()
            if record["source"]["path"] not in read and self._fates[_key(name)].status == "failed"
        ]
        return sorted(still, key=lambda record: str(record["source"]["path"]))

    def paths_of(self, wanted: Set[str]) -> dict[str, str]:
        """The paths under which these hashes lie in shards."""
        return {indexed.id: indexed.path for indexed in self._indexed() if indexed.id in wanted}

    def reports(self) -> list[tuple[str | None, int | None, str, int]]:
        """Form, year, status and how many documents are of these, by form and year."""
        counted = Counter((fate.form, fate.year, fate.status) for fate in self._fates.values())
        rows = [(*of, number) for of, number in counted.items()]
        return sorted(rows, key=lambda row: (row[0] or "~", row[1] or 0, row[2]))

    def _indexed(self, kind: str = "") -> Iterator[Indexed]:
        return (indexed for path in shard_files(self.folder, kind) for indexed in read_index(path))

    def _note(self, of: Entry | Indexed) -> None:
        fate = _Fate(of.status, of.causes, of.model, of.version, of.form, of.year)
        before = self._fates.get(_key(of.id))
        if not (before and fails_after_reading(fate, before)):
            self._fates[_key(of.id)] = self._shared.setdefault(fate, fate)


def fails_after_reading(now: Any, before: Any) -> bool:
    """Whether a failure would take the place of what the same program and model have read of the same bytes."""
    same = (now.model, now.version) == (before.model, before.version)
    return bool(same and now.status == "failed" and before.status != "failed")


def _id(record: Mapping[str, Any]) -> str:
    return record["source"]["sha256"] or path_id(record["source"]["path"])


def _key(of: str) -> bytes:
    return bytes.fromhex(of) if len(of) == 64 and not of.startswith("path:") else of.encode("utf-8", "replace")
