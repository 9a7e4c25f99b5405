"""The manifest of a corpus: which documents it holds, how each was made, and the hash of each source."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from corpora import Document, read_corpus
from pipeline.errors import UnreadableInput

MANIFEST = "manifest.csv"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the manifest; `sha256` is that of the source file, `labels` that of its gold and all other labels in
    order of their names. Layouts of one family are alike; `irregular` is "yes" where a converter wrecked the text."""

    id: str
    sha256: str
    form: str
    layout: str
    format: str
    agency: str
    split: str
    family: str
    irregular: str
    labels: str


def write_manifest(folder: str | Path) -> Path:
    """The path of the manifest written for the documents of the corpus, in order of their ids."""
    path = Path(folder) / MANIFEST
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Entry)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(_entry(document)) for document in read_corpus(folder))
    return path


def read_manifest(folder: str | Path) -> list[Entry]:
    """The lines of the corpus's manifest; UnreadableInput where there is none or its columns are not an Entry's."""
    path = Path(folder) / MANIFEST
    try:
        lines = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        return [Entry(**line) for line in lines]
    except FileNotFoundError:
        raise UnreadableInput(f"{folder} holds no {MANIFEST}; write it anew.", code="no_manifest") from None
    except (TypeError, UnicodeDecodeError):
        names = ", ".join(field.name for field in fields(Entry))
        raise UnreadableInput(f"{path} must have the columns {names} in UTF-8.", code="malformed_manifest") from None


def verify(folder: str | Path) -> list[str]:
    """What differs between the corpus and its manifest, a sentence for each difference; nothing where all agree."""
    listed = {entry.id: entry for entry in read_manifest(folder)}
    found = {document.id: _entry(document) for document in read_corpus(folder)}
    missing = [f"{name} is listed and not there" for name in sorted(set(listed) - set(found))]
    extra = [f"{name} is there and not listed" for name in sorted(set(found) - set(listed))]
    changed = [
        f"{name} has another {field.name} than the manifest says"
        for name in sorted(set(listed) & set(found))
        for field in fields(Entry)
        if getattr(listed[name], field.name) != getattr(found[name], field.name)
    ]
    return [*missing, *extra, *changed]


def _entry(document: Document) -> Entry:
    meta = document.meta
    return Entry(
        id=document.id,
        sha256=_hash([document.source]),
        form=document.form,
        layout=str(meta.get("layout", "")),
        format=document.source.suffix[1:],
        agency=document.agency or "",
        split=str(meta.get("split", "")),
        family=str(meta.get("family", "")),
        irregular="yes" if meta.get("irregular") else "",
        labels=_hash(sorted(document.source.parent.glob("*.json"))),
    )


def _hash(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
