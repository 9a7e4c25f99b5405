"""A record as the store and its shards keep it: JSON text beside the columns one searches by.

An entry is made where the record is, in the worker process, so that the one writer only passes text on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256 as hash_of
from typing import Any, NamedTuple

from pipeline.doubts import failed_checks, record_causes, worth

_LONGEST = 1000  # bytes of a text that one searches by; what is longer stands whole in the record. Indexes have limits


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a document ended: its status and, unless it was accepted, the causes."""

    status: str
    causes: tuple[str, ...]


class Entry(NamedTuple):
    """A row of the store: `id` is the hash of the document's bytes, or its path where these could not be read; `fields`
    counts the fields that the document has, `accepted` those of them that are accepted, `doubtful` all that are not;
    `failed` the checks that blame the reading; `worth` is what reviewing it is worth."""

    id: str
    sha256: str
    path: str
    media_type: str
    form: str | None
    agency: str | None
    year: int | None
    title: str | None
    status: str
    causes: str
    fields: int
    accepted: int
    model: str
    version: str
    record: str
    doubtful: int
    failed: int
    worth: float

    @property
    def outcome(self) -> Outcome:
        """How the document ended."""
        return Outcome(self.status, tuple(self.causes.split()))


def text_of(record: Mapping[str, Any]) -> str | None:
    """The JSON text of a record that was just read, by orjson; None where it cannot write it: it knows no numbers of
    more than 64 bits and no names of files that are not UTF-8. Numbers must be finite."""
    import orjson

    try:
        return orjson.dumps(record).decode()
    except orjson.JSONEncodeError:
        return None


def entry_of(record: Mapping[str, Any], text: str | None = None) -> Entry:
    """The entry of a record (`Record.to_dict()`), whose JSON `text` may be known. Raises ValueError where a number is
    none that JSON knows."""
    if text is None:
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    source, versions = record["source"], record["versions"]
    present = [field for field in record["fields"].values() if field["state"] != "absent"]
    return Entry(
        id=source["sha256"] or path_id(source["path"]),
        sha256=source["sha256"],
        path=_searchable(source["path"]),
        media_type=source["media_type"],
        form=_searchable(record["form"]),
        agency=_searchable(record["agency"]),
        year=record["year"],
        title=_searchable(record["title"]),
        status=record["status"],
        causes=" ".join(record_causes(record)),
        fields=len(present),
        accepted=sum(field["accepted"] for field in present),
        model=versions["model"],
        version=versions["nianbao"],
        record=_storable(text),
        doubtful=sum(not field["accepted"] for field in record["fields"].values()),
        failed=failed_checks(record),
        worth=worth(record),
    )


def path_id(path: str) -> str:
    """The id of a document whose bytes could not be read."""
    name = _storable(path)
    return f"path:{name if len(name.encode()) < _LONGEST // 2 else hash_of(name.encode()).hexdigest()}"


def _storable(text: str | None) -> Any:
    """The text with lone surrogates (names of files that are not UTF-8) as the escapes that JSON reads back."""
    if not text:
        return text
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text.replace("\0", "")


def _searchable(text: str | None) -> Any:
    return text and _storable(text).encode()[:_LONGEST].decode(errors="ignore")
