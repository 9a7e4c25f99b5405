"""Corpora: folders of labelled reports, one document a folder, as `read_corpus` hands them out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.datamodel import Number
from pipeline.errors import UnreadableInput
from pipeline.forms import load_forms


@dataclass(frozen=True, slots=True)
class GoldRow:
    """One printed table row: `row` is the row's name in its form, "head" or "none"; blank cells are None."""

    row: str
    label: str
    values: tuple[Number | None, ...]


@dataclass(frozen=True, slots=True)
class GoldChapter:
    """One printed chapter: number and title as printed ("" for what stands before the first), what it is about, and its
    paragraphs without tables."""

    number: str
    title: str
    kind: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One labelled report. `values` holds None for a blank cell and no key for an absent one; `facts` holds the
    spans of prose as written in facts.json; `ambiguous` names the fields that the source alone cannot settle;
    `rows` is None where no row labels are kept, `chapters` and `title` where the prose is not labelled; `meta` says how
    the document was made or chosen."""

    id: str
    source: Path
    form: str
    year: int
    agency: str | None
    values: Mapping[str, Number | None]
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()
    rows: tuple[GoldRow, ...] | None = None
    title: str | None = None
    chapters: tuple[GoldChapter, ...] | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


def read_corpus(folder: str | Path) -> Iterator[Document]:
    """The documents of a corpus in order of their folders' names; a folder with a gold.json is a document.

    Raises UnreadableInput where the folder is missing, holds no document, or a document's labels are malformed.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UnreadableInput(f"{root} is not a folder; a corpus is a folder of document folders.", code="no_corpus")
    found = sorted(root.rglob("gold.json"))
    if not found:
        raise UnreadableInput(f"{root} holds no gold.json, so there is no labelled document in it.", code="no_corpus")
    for gold in found:
        yield _document(root, gold)


def _document(root: Path, gold_file: Path) -> Document:
    folder = gold_file.parent
    gold = _mapping(gold_file)
    form, year = gold.get("form"), gold.get("year")
    if not isinstance(form, str) or form not in load_forms():
        raise _malformed(gold_file, f"its form is {form!r}; known are {', '.join(load_forms())}")
    if not isinstance(year, int) or isinstance(year, bool):
        raise _malformed(gold_file, f"its year is {year!r}, not a whole number")
    title, chapters = _chapters(folder / "chapters.json")
    return Document(
        id=folder.relative_to(root).as_posix() if folder != root else folder.name,
        source=_source(folder),
        form=form,
        year=year,
        agency=_text_or_none(gold_file, "agency", gold.get("agency")),
        values=_values(gold_file, form, gold.get("values")),
        notes=_texts(gold_file, "notes", gold.get("notes", [])),
        facts=_facts(folder / "facts.json"),
        ambiguous=_ambiguous(folder / "ambiguous.json", form),
        rows=_rows(folder / "rows.json"),
        title=title,
        chapters=chapters,
        meta=_mapping(folder / "meta.json") if (folder / "meta.json").exists() else {},
    )


def _source(folder: Path) -> Path:
    sources = sorted(path for path in folder.glob("source.*") if path.is_file())
    if len(sources) != 1:
        found = ", ".join(path.name for path in sources) or "none"
        raise UnreadableInput(f"{folder} must hold one source.<extension>; found {found}.", code="malformed_gold")
    return sources[0]


def _values(file: Path, form: str, values: object) -> dict[str, Number | None]:
    if not isinstance(values, dict):
        raise _malformed(file, "it has no object named values")
    known = frozenset(load_forms()[form].fields)
    for name, value in values.items():
        if name not in known:
            raise _malformed(file, f"form {form} has no field {name}")
        if not _is_number_or_none(value):
            raise _malformed(file, f"the value of {name} is {value!r}, neither number nor null")
    return values


def _facts(file: Path) -> Mapping[str, Mapping[str, Any]]:
    if not file.exists():
        return {}
    facts = _mapping(file).get("facts")
    if not isinstance(facts, dict) or not all(isinstance(fact, dict) for fact in facts.values()):
        raise _malformed(file, "it has no object named facts whose entries are objects")
    return facts


def _ambiguous(file: Path, form: str) -> frozenset[str]:
    if not file.exists():
        return frozenset()
    names = _texts(file, "ambiguous_fields", _mapping(file).get("ambiguous_fields"))
    unknown = set(names) - set(load_forms()[form].fields)
    if unknown:
        raise _malformed(file, f"form {form} has no field {min(unknown)}")
    return frozenset(names)


def _rows(file: Path) -> tuple[GoldRow, ...] | None:
    if not file.exists():
        return None
    rows = _json(file)
    if not isinstance(rows, list):
        raise _malformed(file, "it is not a list of rows")
    return tuple(_row(file, number, row) for number, row in enumerate(rows, 1))


def _row(file: Path, number: int, row: object) -> GoldRow:
    if not isinstance(row, dict):
        raise _malformed(file, f"row {number} is not an object")
    name, label, values = row.get("row"), row.get("label"), row.get("values")
    if not isinstance(name, str) or not isinstance(label, str) or not isinstance(values, list):
        raise _malformed(file, f"row {number} needs the texts row and label and the list values")
    if not all(_is_number_or_none(value) for value in values):
        raise _malformed(file, f"row {number} holds a value that is neither number nor null")
    return GoldRow(name, label, tuple(values))


def _chapters(file: Path) -> tuple[str | None, tuple[GoldChapter, ...] | None]:
    """The title and the chapters of a chapters.json, or neither."""
    if not file.exists():
        return None, None
    content = _mapping(file)
    chapters = content.get("chapters")
    if not isinstance(chapters, list):
        raise _malformed(file, "it has no list named chapters")
    title = _text_or_none(file, "title", content.get("title"))
    return title, tuple(_chapter(file, number, chapter) for number, chapter in enumerate(chapters, 1))


def _chapter(file: Path, number: int, chapter: object) -> GoldChapter:
    if not isinstance(chapter, dict):
        raise _malformed(file, f"chapter {number} is not an object")
    number_printed, title, kind = (chapter.get(name) for name in ("number", "title", "kind"))
    if not (isinstance(number_printed, str) and isinstance(title, str) and isinstance(kind, str)):
        raise _malformed(file, f"chapter {number} needs the texts number, title and kind")
    return GoldChapter(number_printed, title, kind, _texts(file, "paragraphs", chapter.get("paragraphs")))


def _is_number_or_none(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _texts(file: Path, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _malformed(file, f"{name} is not a list of texts")
    return tuple(value)


def _text_or_none(file: Path, name: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise _malformed(file, f"its {name} is {value!r}, neither text nor null")


def _mapping(file: Path) -> dict[str, Any]:
    content = _json(file)
    if not isinstance(content, dict):
        raise _malformed(file, "it is not a JSON object")
    return content


def _json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _malformed(file, f"it is not JSON in UTF-8 ({error})") from None
    except OSError as error:
        raise _malformed(file, f"it cannot be read ({error.strerror})") from None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number")


def _malformed(file: Path, what: str) -> UnreadableInput:
    return UnreadableInput(
        f"{file} is malformed: {what}. Mend the file or leave the document out.", code="malformed_gold"
    )
