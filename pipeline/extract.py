"""The only module that knows every stage: a document in, a record out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipeline import readers
from pipeline.align import align
from pipeline.checks import check_prose
from pipeline.classify import RowClassifier
from pipeline.datamodel import Cell, Check, Field, Form, LabelledRow, Line, Page, Problem, Record, Row, Source, Table
from pipeline.forms import FORMS_VERSION, find_form, find_form_by_rows
from pipeline.judge import judge
from pipeline.lines import read_blocks
from pipeline.prose.fact_model import FactClassifier
from pipeline.prose.facts import find_contradictions, find_statements, settle_facts
from pipeline.prose.paragraphs import read_paragraphs
from pipeline.prose.sections import read_sections
from pipeline.prose.titles import read_titles
from pipeline.rows import read_rows, stray_figures, without_columns
from pipeline.tables import find_tables
from pipeline.upright import backs, facts_on_page, fields_on_page
from pipeline.version import __version__


@dataclass(frozen=True)
class Model:
    """What was learnt: loaded once, never changed, safe to share between calls."""

    rows: RowClassifier
    facts: FactClassifier | None = None  # a model folder without a reader of facts leaves them to the patterns

    @property
    def version(self) -> str:
        return self.rows.version if self.facts is None else f"{self.rows.version} {self.facts.version}"


def load_model(folder: str | Path | None = None) -> Model:
    """The model in a folder, else in the one that NIANBAO_MODEL names, else the one that comes with the program;
    ModelError where it cannot be used."""
    place = Path(folder) if folder else model_in_use()
    return Model(RowClassifier.load(place), FactClassifier.load(place))


def model_in_use() -> Path:
    """The model folder that NIANBAO_MODEL names, else the one that comes with the program."""
    return Path(os.environ.get("NIANBAO_MODEL") or default_model_folder())


def default_model_folder() -> Path:
    """Where the model that comes with the program lies."""
    return Path(str(files("models"))) / "default"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a document shows before any model is asked: its pages, their tables by page, and both in reading order."""

    source: Source
    pages: Sequence[Page]
    tables: Mapping[int, Sequence[Table]]
    blocks: Sequence[Line | Table]


@dataclass(frozen=True, slots=True)
class Stages:
    """Every intermediate result of one document, in the order in which the stages made them."""

    pages: Sequence[Page]
    tables: Mapping[int, Sequence[Table]]
    blocks: Sequence[Line | Table]
    rows: Sequence[Row]
    labelled: Sequence[LabelledRow]
    form: Form | None
    record: Record


def extract(source: str | Path | bytes | Source, model: Model, *, media_type: str | None = None) -> Record:
    """The record of one document: every figure as printed, with its place, its confidence and the checks over it.

    `source` is a path, the bytes of a document, or a Source. Raises UnreadableInput for what is no readable document;
    all other trouble stands in `problems`.
    """
    return stages(source, model, media_type=media_type).record


def stages(source: str | Path | bytes | Source, model: Model, *, media_type: str | None = None) -> Stages:
    """Like `extract`, with what every stage made, for `inspect` and for training."""
    return stages_of(see(source, media_type=media_type), model)


def see(source: str | Path | bytes | Source, *, media_type: str | None = None) -> Seen:
    """What a document shows to any model; raises UnreadableInput."""
    document = _open(source, media_type)
    pages = readers.read(document)
    tables = {page.number: find_tables(page) for page in pages}
    return Seen(document, pages, tables, read_blocks(pages, tables))


def stages_of(seen: Seen, model: Model) -> Stages:
    """The stages of a document that was seen already, so that several models may be asked of it."""
    document, pages, tables, blocks = seen.source, seen.pages, seen.tables, seen.blocks
    rows = without_columns(read_rows(blocks), model.rows.running_totals)
    labelled = model.rows.label(rows)
    title, reports = read_titles(blocks, document.path)
    form = _find_form(blocks, labelled, title.year)
    problems = [problem for page in pages for problem in page.problems]
    paragraphs = read_paragraphs(blocks)
    statements = find_statements(blocks, title.year, title.agency, paragraphs, model.facts)
    facts = settle_facts(statements)
    problems += find_contradictions(statements)
    fields, checks = _figures(labelled, stray_figures(blocks), form, model, problems, reports)
    prose = check_prose(form, fields, facts) if form else ()
    turned = backs(pages)
    record = Record(
        path=document.path,
        sha256=document.sha256,
        media_type=document.media_type,
        pages=len(pages),
        form=form.name if form else None,
        agency=title.agency,
        year=title.year,
        title=title.title,
        fields=fields_on_page(fields, turned) if turned else fields,
        facts=facts_on_page(facts, turned) if turned else facts,
        sections=read_sections(blocks, paragraphs, title.title),
        checks=(*checks, *prose),
        problems=tuple(problems),
        versions={"nianbao": __version__, "model": model.version, "forms": FORMS_VERSION},
    )
    return Stages(pages, tables, blocks, rows, labelled, form, record)


def _open(source: str | Path | bytes | Source, media_type: str | None) -> Source:
    if isinstance(source, Source):
        return source
    if isinstance(source, bytes):
        return readers.open_source("-", source, media_type)
    return readers.open_source(source, None, media_type)


def _find_form(blocks: Sequence[Line | Table], labelled: Sequence[LabelledRow], year: int | None) -> Form | None:
    """The form that the tables show, else the whole text, where tables were not found, else the rows."""
    tables = [block for block in blocks if isinstance(block, Table)]
    by_text = find_form(_all_text(tables), year) or find_form(_all_text(blocks), year)
    return by_text or find_form_by_rows(_sure_names(labelled), year)


def _all_text(blocks: Sequence[Line | Table]) -> str:
    return "\n".join(
        block.text if isinstance(block, Line) else "\n".join(cell.text for cell in block.cells) for block in blocks
    )


def _sure_names(labelled: Sequence[LabelledRow]) -> set[str]:
    return {name for item in labelled for name, share in item.probabilities.items() if share >= _SURE_NAME}


def _figures(
    labelled: Sequence[LabelledRow],
    strays: Sequence[Cell],
    form: Form | None,
    model: Model,
    problems: list[Problem],
    reports: int,
) -> tuple[dict[str, Field], tuple[Check, ...]]:
    """The fields and checks of a document; nothing is accepted where the document as a whole is in doubt."""
    if form is None:
        problems.append(_NO_FORM)
        return {}, ()
    threshold = _threshold(model, problems, reports)
    read, trouble = align(labelled, form, threshold, strays, model.rows.orders)
    problems += trouble
    fields, checks = judge(read, form, labelled)
    if not any(field.state in ("printed", "blank") for field in fields.values()):
        problems.append(_NO_FIGURES)
    return fields, checks


def _threshold(model: Model, problems: list[Problem], reports: int) -> float:
    if reports > 1:
        problems.append(_several(reports))
    doubtful = _DOUBTFUL & {problem.code for problem in problems}
    return _NEVER if doubtful else model.rows.threshold


_NEVER = 1.1
_SURE_NAME = 0.9
_DOUBTFUL = frozenset({"several_reports", "untrusted_text", "broken_characters", "page_too_complex", "damaged_page"})
_NO_FORM = Problem(
    "forms",
    "no_known_form",
    "No statutory table of a known form (2021, 2019, pre2019) was recognised; see `nianbao forms` and `nianbao inspect "
    "FILE --stage rows`.",
)
_NO_FIGURES = Problem(
    "align",
    "no_rows_read",
    "The wording of the form is there, but no row of figures could be read; see `nianbao inspect FILE --stage rows`.",
)


def _several(count: int) -> Problem:
    message = f"The file seems to hold {count} reports; nothing is accepted. Split it and convert the parts."
    return Problem("sections", "several_reports", message)
