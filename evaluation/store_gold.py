"""A store in which people corrected documents, as gold: what they looked at, and nobody needs to look at any more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from corpora import Document
from pipeline.bulk.archive_limits import INSIDE
from pipeline.bulk.originals import read_original
from pipeline.corrections import is_settled
from pipeline.errors import UnreadableInput
from pipeline.storage import open_store


def is_store(corpus: str | Path) -> bool:
    """Whether what a user names is the URL of a store."""
    return "://" in str(corpus)


def shown(corpus: str | Path) -> str:
    """A corpus by its name; a store without its password."""
    if not is_store(corpus):
        return str(corpus)
    import sqlalchemy as sa

    return sa.make_url(str(corpus)).render_as_string(hide_password=True)


def read_gold(url: str) -> Iterator[Document]:
    """The documents of a store that a person corrected or confirmed something in and all of whose fields are accepted.

    Fields that nobody touched count as they were read and accepted, form, year and agency as they were read. What a
    person found unreadable is ambiguous. Facts and row labels are not gold. Raises UnreadableInput where there is no
    such document, or where the file of one has changed (one that is gone is a document that cannot be read).
    """
    found = 0
    with open_store(url, create=False) as store:
        ids = dict.fromkeys(one.document for one in store.corrections())
        for name, record in store.some(ids):
            touched = any("corrected" in field for field in record["fields"].values())
            if touched and is_settled(record) and record["form"] and record["year"]:
                found += 1
                yield _document(name, record)
    if not found:
        said = f"No document of {shown(url)} was corrected and is settled: `nianbao review --store URL` does both."
        raise UnreadableInput(said, code="no_corpus")


def _document(name: str, record: Mapping[str, Any]) -> Document:
    fields = record["fields"]
    return Document(
        id=name,
        source=_file(record["source"]["path"], name),
        form=record["form"],
        year=record["year"],
        agency=record["agency"],
        values={field: one["value"] for field, one in fields.items() if one["state"] in ("printed", "blank")},
        ambiguous=frozenset(field for field, one in fields.items() if one["state"] == "unreadable"),
        meta={"layout": "reviewed"},
    )


def _file(path: str, sha256: str) -> Path:
    """The file of a document; of one within an archive a copy, which stays until the program ends."""
    try:
        source = read_original(path, sha256)
    except UnreadableInput as trouble:
        if trouble.code != "missing_file":
            raise
        return Path(path)
    if INSIDE not in path or Path(path).is_file():
        return Path(path)
    copy = Path(_unpacked().name) / (sha256 + PurePosixPath(path).suffix[:10])
    copy.write_bytes(source.data)
    return copy


@lru_cache(maxsize=1)
def _unpacked() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="nianbao-gold-")
