"""What a person says about the rows of documents: one line a row, the model's guess beside an empty correction.

`report_of` makes the lines of a document, `examples_of` reads corrected ones back. The rows themselves are read from
the documents again, so that what is learnt is what will be seen; the lines only name them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from corpora import Document, read_corpus
from models.derive import derive_names
from models.heads import heads_told, year_column
from models.lessons import Example
from models.lines import LabelLine, Told
from models.train import read_document_rows
from pipeline import readers
from pipeline.bulk.archive_limits import INSIDE
from pipeline.bulk.originals import read_original
from pipeline.classify import NOT_A_FIELD
from pipeline.datamodel import Form, LabelledRow, Row, Source
from pipeline.errors import UnreadableInput, UsageError
from pipeline.extract import Model, Stages, stages
from pipeline.forms import load_forms
from pipeline.rows import without_columns
from pipeline.text import label_key

NOTE = "note"  # a remark below a table; learnt as "none"
SURE = 0.9  # a guess from here on stands where its correction is empty
_BETWEEN = " | "


@dataclass(frozen=True, slots=True)
class Lessons:
    """The documents that corrected lines teach, where in the file each of their rows stands, what was left out or
    cannot be learnt, in plain words, and the heads of columns that are none of the year's."""

    examples: tuple[Example, ...]
    places: Mapping[tuple[str, int], str]
    remarks: tuple[str, ...]
    running_totals: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def legal_labels() -> tuple[str, ...]:
    """Every label that a row may be given: the rows of all forms in their order, then none, head and note."""
    rows = dict.fromkeys(row.name for form in load_forms().values() for row in form.rows)
    return (*rows, *NOT_A_FIELD, NOTE)


def nearest_label(text: str) -> str:
    """The legal label that a text most likely means: by the wording of a form, else by its letters."""
    from difflib import SequenceMatcher

    wordings = _labels_by_wording()
    if found := wordings.get(label_key(text)):
        return found
    known = {**{name: name for name in legal_labels()}, **wordings}
    wanted = text.strip().lower()
    return known[max(known, key=lambda one: SequenceMatcher(None, one, wanted).ratio())]


@lru_cache(maxsize=1)
def _labels_by_wording() -> dict[str, str]:
    return {
        label_key(wording): name
        for form in load_forms().values()
        for name, some in form.row_wordings.items()
        for wording in some
    }


@dataclass(frozen=True, slots=True)
class Report:
    """A document as the model reads it, with a line for each row that carries figures."""

    source: Source
    made: Stages
    lines: tuple[LabelLine, ...]

    @property
    def forms(self) -> frozenset[str]:
        """The form that the document is of, or all that it may be of."""
        return frozenset([self.made.form.name] if self.made.form else load_forms())


def report_of(file: Path | Source, model: Model, document: Document | None = None, *, complete: bool = True) -> Report:
    """A document with its lines; what the gold of `document` says of its rows fills in corrections, and a guess of a
    row of the form that gold does not confirm has no confidence. Gold that is not `complete` may lack fields.

    Raises UnreadableInput for what is no readable document.
    """
    source = file if isinstance(file, Source) else readers.open_source(file)
    made = stages(source, model)
    names = derive_names(made.rows, document, made.labelled, complete=complete) if document else {}
    lines = (_line(source, place, item, made.form, names.get(place, "")) for place, item in enumerate(made.labelled))
    return Report(source, made, tuple(lines if document is None else map(_unless_refuted, lines)))


def _unless_refuted(line: LabelLine) -> LabelLine:
    return line if line.correction or line.label in NOT_A_FIELD else replace(line, confidence=0.0)


def _line(source: Source, place: int, item: LabelledRow, form: Form | None, correction: str) -> LabelLine:
    label, confidence = next(iter(item.probabilities.items()), ("none", 0.0))
    row = item.row
    return LabelLine(
        document=source.path,
        sha256=source.sha256,
        page=row.location.page,
        row=place + 1,
        text=" / ".join(_flat(part) for part in row.labels),
        cells=_BETWEEN.join(_flat(cell.text) for cell in row.cells),
        heads=_BETWEEN.join(map(_flat, row.heads)),
        label=label,
        confidence=round(confidence, 4),
        correction=correction,
        year_column=year_column(row, correction or label, form),
    )


def _flat(text: str) -> str:
    return " ".join(text.split())


def reports_of_gold(path: Path, model: Model) -> tuple[list[Report], list[str]]:
    """The labelled documents below a folder, with the labels that their gold says as corrections, and the rows that
    gold does not settle, in plain words."""
    reports = [report_of(document.source, model, document) for document in read_corpus(path)]
    open_rows = [
        f"{line.document}: row {line.row}, {line.text or '(no label)'}: {line.cells}"
        for one in reports
        for line in one.lines
        if not line.correction
    ]
    return reports, open_rows


def labelled_example(document: Document, model: Callable[[], Model] | None = None) -> Example:
    """The rows of a labelled document that its gold settles, with their names; the guesses of the `model`, asked for
    where no rows.json names them, help."""
    rows = read_document_rows(document.source)
    guesses = model().rows.label(rows) if model and document.rows is None else ()
    names = derive_names(rows, document, guesses)
    kept = sorted(names)
    group = str(document.meta.get("layout") or document.id)
    split = str(document.meta.get("split") or "train")
    return Example(document.id, group, split, tuple(rows[i] for i in kept), tuple(names[i] for i in kept))


def examples_of(told: Sequence[Told], running_totals: frozenset[str] = frozenset()) -> Lessons:
    """What corrected lines teach; a document is a group of its own. `running_totals` are heads taught before.

    An empty correction lets the model's guess stand from 0.9 on; below that the row is left out, for nobody has said
    what it is. UsageError names file, line and remedy where a label is unknown or a line does not fit its document.
    """
    _check_labels(told)
    found = {key: _taught(key, some) for key, some in _by_document(told).items()}
    totals, remarks = heads_told([pair for taught in found.values() for pair in taught])
    examples: list[Example] = []
    places: dict[tuple[str, int], str] = {}
    for (document, sha256), taught in found.items():
        kept = [(one, row) for one, row in taught if one.line.correction or one.line.confidence >= SURE]
        if len(kept) < len(taught):
            remarks.append(_left_out(document, len(taught) - len(kept)))
        places |= {(sha256, place): one.where for place, (one, _) in enumerate(kept)}
        rows = without_columns([row for _, row in kept], totals | running_totals)
        examples.append(Example(sha256, sha256, "train", tuple(rows), tuple(_learnt(one.line) for one, _ in kept)))
    return Lessons(tuple(examples), places, tuple(remarks), totals)


def _taught(key: tuple[str, str], some: Sequence[Told]) -> list[tuple[Told, Row]]:
    """The lines of a document with their rows."""
    rows = _rows_of(*key, some[0])
    return [(one, _row_of(one, rows)) for one in some]


def _learnt(line: LabelLine) -> str:
    name = line.correction or line.label
    return "none" if name == NOTE else name


def _check_labels(told: Iterable[Told]) -> None:
    legal = frozenset(legal_labels())
    for one in told:
        name = one.line.correction or one.line.label
        if name not in legal:
            raise UsageError(
                f"{one.where}: there is no label {name!r}. The nearest one is "
                f"{nearest_label(name)!r}: write that, or `none` where the row belongs to no field; all labels stand "
                "on the sheet labels of the .xlsx."
            )


def _by_document(told: Iterable[Told]) -> dict[tuple[str, str], list[Told]]:
    found: dict[tuple[str, str], list[Told]] = {}
    for one in told:
        found.setdefault((one.line.document, one.line.sha256), []).append(one)
    return {key: sorted(some, key=lambda one: one.line.row) for key, some in found.items()}


def _rows_of(document: str, sha256: str, first: Told) -> list[Row]:
    """The rows of the document that lines speak of, looked for where they say and beside their file."""
    where = first.where
    found = _found(document, first.file.parent)
    if found is None:
        raise UsageError(f"{where}: there is no document {document}. Put it there, or beside {first.file.name}.")
    try:
        return list(read_document_rows(read_original(found, sha256)))
    except UnreadableInput as error:
        if error.code == "changed":
            said = f"{where}: {found} is not the file that was labelled. Run `nianbao label` on it again."
            raise UsageError(said) from error
        raise UsageError(f"{where}: {error}") from error


def _found(document: str, beside: Path) -> str | None:
    """Where a document, or the archive that it lies in, is: as it is named, or beside the file that names it."""
    if Path(document).is_file():
        return document
    archive, inside, member = document.partition(INSIDE)
    named = Path(archive)
    places = (one for one in (named, beside / named, beside / named.name) if one.is_file())
    return next((f"{one}{inside}{member}" for one in places), None)


def _row_of(one: Told, rows: Sequence[Row]) -> Row:
    if not 1 <= one.line.row <= len(rows) or not _same_text(one.line, rows[one.line.row - 1]):
        raise UsageError(
            f"{one.where}: row {one.line.row} of {one.line.document} is not {one.line.text!r} with "
            f"the cells {one.line.cells!r}. Leave all columns but correction and year_column as they are, or run "
            "`nianbao label` again."
        )
    return rows[one.line.row - 1]


def _same_text(line: LabelLine, row: Row) -> bool:
    """Whether a line is the row's, whatever a spreadsheet did to its blanks and signs; by its cells where the row has
    no label. The file itself is known to be the one that was labelled."""
    if row.labels:
        return _bare(line.text) == _bare("".join(row.labels))
    return not line.text.strip() and _bare(line.cells)[:6] == _bare("".join(cell.text for cell in row.cells))[:6]


def _bare(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).lstrip("0")


def _left_out(document: str, count: int) -> str:
    return f"{document}: {count} rows with an unsure guess and no correction were left out; write their label to teach."


def legal_lines() -> Iterator[tuple[str, str]]:
    """Every legal label with what the form prints there, or what the label means."""
    printed = {row.name: " / ".join(row.labels) for form in load_forms().values() for row in form.rows}
    meanings = {
        "none": "belongs to no field of any form",
        "head": "heads of columns",
        NOTE: "a remark below a table (learnt as none)",
    }
    for name in legal_labels():
        yield name, printed.get(name) or meanings[name]
