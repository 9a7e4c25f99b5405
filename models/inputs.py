"""What a training learns from: files of labels, corpora, stores of corrected records and model folders, on top of a
base."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from corpora import Document, read_corpus
from models.label_files import read_lines
from models.label_studio_export import read_export
from models.labels import examples_of, labelled_example
from models.lessons import ROWS_FILE, Example, load_rows
from models.lines import Told
from models.reviewed import lines_told, read_store
from pipeline.errors import ModelError, UsageError
from pipeline.extract import Model, load_model, model_in_use
from pipeline.readers import open_source


@dataclass(frozen=True)
class Inputs:
    """What is learnt: the documents of the base and the new ones. `hashes` are those of the new documents' files,
    `places` say where a row of a new document was labelled, `remarks` what cannot be learnt; the `documents` of corpora
    teach their facts too; `running_totals` are the heads of columns that are none of the year's."""

    base: Sequence[Example]
    new: Sequence[Example]
    hashes: frozenset[str] = frozenset()
    places: Mapping[tuple[str, int], str] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    documents: Sequence[Document] = ()
    running_totals: frozenset[str] = frozenset()


def gather(sources: Sequence[Path | str], base: Path | None, model: Path | None = None) -> Inputs:
    """The documents that the sources (files of labels, corpora, model folders, URLs of stores) and the base give.

    Of corpora those of split "train" are learnt, and those that name no split; the guesses of `model` (None is the one
    in use) help to find which row of a document is which of its gold. Without a base the rows that the model in use was
    trained on serve, so that nothing it knows is lost.
    """
    known: list[Example] = []
    new: list[Example] = []
    hashes: set[str] = set()
    places: dict[tuple[str, int], str] = {}
    remarks: list[str] = []
    read: list[Document] = []
    guesser = cache(lambda: load_model(model))
    totals = _running_totals([base or model or model_in_use(), *sources])
    for source in sources:
        if isinstance(source, Path) and (source / ROWS_FILE).is_file():
            known += load_rows(source / ROWS_FILE)
        elif isinstance(source, Path) and source.is_dir():
            every = list(read_corpus(source))
            documents = [one for one in every if one.meta.get("split", "train") == "train"]
            if len(documents) < len(every):
                remarks.append(f"{source}: {len(every) - len(documents)} documents of other splits were not learnt.")
            new += [labelled_example(one, guesser) for one in documents]
            hashes |= {file_hash(one) for one in documents}
            read += documents
        else:
            told, left_out = _told(source, guesser)
            lessons = examples_of(told, totals)
            totals |= lessons.running_totals
            new += lessons.examples
            hashes |= {one.document for one in lessons.examples}
            places |= lessons.places
            remarks += [*left_out, *lessons.remarks]
    if base is not None or not known:
        known = [*_base(base), *known]
    known, new = _once(known), _once(new)
    new = [one for one in new if one.rows]
    again = {one.document for one in new}
    known = [one for one in known if one.rows and one.document not in again]
    if not known and not new:
        raise UsageError("There is no labelled row to learn from in what was named.")
    return Inputs(known, new, frozenset(hashes), places, remarks, read, totals)


def _running_totals(folders: Sequence[Path | str]) -> frozenset[str]:
    """The heads of running totals that the models among these folders were taught, which may be of another version."""
    files = [one / "settings.json" for one in folders if isinstance(one, Path)]
    try:
        settings = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()]
        return frozenset(str(head) for one in settings for head in one.get("running_totals", ()))
    except (ValueError, AttributeError, TypeError) as error:
        named = " or ".join(str(file.parent) for file in files)
        raise ModelError(f"The settings of {named} are damaged ({error}). Name another --base.") from error


def _told(source: Path | str, guesser: Callable[[], Model]) -> tuple[list[Told], list[str]]:
    """The lines that somebody has been over in a file of labels, an export of Label Studio or a store, and what was
    left out."""
    if isinstance(source, str):
        reports, left_out = read_store(source, guesser())
        return lines_told(reports), left_out
    return read_export(source) if source.suffix.lower() == ".json" else (read_lines(source), [])


def _once(examples: Sequence[Example]) -> list[Example]:
    return list({one.document: one for one in examples}.values())


def file_hash(document: Document) -> str:
    """The SHA-256 of the file of a document."""
    return open_source(document.source).sha256


def _base(folder: Path | None) -> list[Example]:
    chosen = folder or model_in_use()
    if (chosen / ROWS_FILE).is_file() or (chosen / "settings.json").is_file():
        return load_rows(chosen / ROWS_FILE)
    return [labelled_example(one) for one in read_corpus(chosen) if one.meta.get("split", "train") == "train"]
