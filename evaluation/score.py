"""Records against gold: pure functions, the same for every model, every rival and every corpus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from corpora import Document
from evaluation.chapter_scores import ChapterScore, score_chapters
from evaluation.metrics import ratios
from evaluation.row_scores import RowScore
from pipeline.datamodel import Field, Number, Record
from pipeline.forms import load_forms

Outcome = Literal["right", "silent", "flagged", "extra", "open"]
Parts = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class FieldScore:
    """One field against gold.

    `outcome` is "right" (blank for blank, too), "silent" (accepted and wrong), "flagged" (wrong, not accepted),
    "extra" (a figure that the document does not have) or "open" (the source cannot settle it, and nothing was
    accepted, which is right). `gold` is None for blank and for extra; `field` is None where the record has none.
    """

    name: str
    table: str
    gold: Number | None
    field: Field | None
    outcome: Outcome

    @property
    def accepted(self) -> bool:
        return self.field is not None and self.field.accepted

    @property
    def confidence(self) -> float:
        return self.field.confidence if self.field is not None else 0.0


@dataclass(frozen=True, slots=True)
class FactScore:
    """One fact against gold: "right", "silent" (accepted, and wrong or not in gold) or "missed" (all else)."""

    name: str
    gold: tuple[Number, ...]
    value: Number | None
    outcome: Literal["right", "silent", "missed"]


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """How one record agrees with its gold. `right` counts fields that are right or rightly left open.

    `kind` is "irregular" for text that converters have wrecked, as the corpus says, else "regular".
    """

    id: str
    layout: str
    form: str
    format: str
    agency: str
    cells: tuple[FieldScore, ...]
    facts: tuple[FactScore, ...]
    form_right: bool
    year_right: bool
    agency_right: bool
    rows: RowScore | None = None
    chapters: ChapterScore | None = None
    unread: bool = False
    kind: str = "regular"

    @property
    def fields(self) -> int:
        """Number of gold fields."""
        return sum(cell.outcome != "extra" for cell in self.cells)

    @property
    def right(self) -> int:
        return sum(cell.outcome in ("right", "open") for cell in self.cells)

    @property
    def accepted(self) -> int:
        """Number of gold fields that are accepted."""
        return sum(cell.accepted for cell in self.cells if cell.outcome != "extra")

    @property
    def silent(self) -> tuple[str, ...]:
        """Names of accepted gold fields that are wrong."""
        return tuple(cell.name for cell in self.cells if cell.outcome == "silent")

    @property
    def flagged(self) -> tuple[str, ...]:
        """Names of wrong gold fields that are not accepted."""
        return tuple(cell.name for cell in self.cells if cell.outcome == "flagged")

    @property
    def extra(self) -> tuple[str, ...]:
        """Names of accepted figures that the document does not have."""
        return tuple(cell.name for cell in self.cells if cell.outcome == "extra" and cell.accepted)

    @property
    def exact(self) -> bool:
        """Whether every gold field is right and no figure was accepted that is not there."""
        return self.right == self.fields and not self.extra


def score_record(record: Record, gold: Document, rows: RowScore | None = None) -> DocumentScore:
    """The score of one record against its document's gold.

    A record without any field says nothing: all gold is missed then, also the blank cells.
    """
    cells = [*_gold_cells(record, gold), *_extra_cells(record, gold)]
    return DocumentScore(
        id=gold.id,
        layout=str(gold.meta.get("layout") or gold.id),
        form=gold.form,
        format=gold.source.suffix[1:],
        agency=gold.agency or "",
        cells=tuple(cells),
        facts=tuple(_fact_scores(record, gold)),
        form_right=record.form == gold.form,
        year_right=record.year == gold.year,
        agency_right=record.agency == gold.agency,
        rows=rows,
        chapters=score_chapters(record, gold),
        unread=not record.fields,
        kind="irregular" if gold.meta.get("irregular") else "regular",
    )


def _gold_cells(record: Record, gold: Document) -> Iterable[FieldScore]:
    tables = tables_of(gold.form)
    for name, value in gold.values.items():
        field = record.fields.get(name)
        outcome: Outcome = "flagged"
        if record.fields and _is_right(field, value):
            outcome = "right"
        elif field is not None and field.accepted:
            outcome = "silent"
        if name in gold.ambiguous and not (field and field.accepted):
            outcome = "open"
        yield FieldScore(name, tables[name], value, field, outcome)


def _extra_cells(record: Record, gold: Document) -> Iterable[FieldScore]:
    tables = tables_of(gold.form)
    for name, field in record.fields.items():
        if field.value is not None and name not in gold.values and name not in gold.ambiguous:
            yield FieldScore(name, tables.get(name, "of another form"), None, field, "extra")


def _is_right(field: Field | None, value: Number | None) -> bool:
    if value is None:
        return field is None or (field.value is None and field.state != "unreadable")
    return field is not None and _same(field.value, value)


def _same(one: Number | None, other: Number | None) -> bool:
    return one is not None and other is not None and abs(one - other) < 1e-9


def _fact_scores(record: Record, gold: Document) -> Iterable[FactScore]:
    """Facts that gold calls uncertain are left out; where gold gives several `values`, each is right.

    Documents without any fact in gold keep none, so figures found in their prose count neither way.
    """
    for name, entry in gold.facts.items():
        if not entry.get("uncertain"):
            yield _fact_score(name, tuple(entry.get("values") or (entry["value"],)), record)
    for name in record.facts:
        if gold.facts and name not in gold.facts:
            yield _fact_score(name, (), record)


def _fact_score(name: str, gold: tuple[Number, ...], record: Record) -> FactScore:
    found = record.facts.get(name)
    if found is None:
        return FactScore(name, gold, None, "missed")
    if any(_same(found.value, value) for value in gold):
        return FactScore(name, gold, found.value, "right")
    return FactScore(name, gold, found.value, "silent" if found.accepted else "missed")


@lru_cache(maxsize=8)
def tables_of(form: str) -> Mapping[str, str]:
    """The table of each field of a form, by the field's name."""
    return {name: row.table for row in load_forms()[form].rows for name in row.fields}


def total(scores: Iterable[DocumentScore]) -> dict[str, float | None]:
    """Counts and shares over all documents by metric, as `metrics.METRICS` explains them; None for a share of nothing.

    No document gives no metric at all.
    """
    return ratios([parts(score) for score in scores])


def parts(score: DocumentScore) -> Parts:
    """What a document adds to each metric: (what counts, out of how many)."""
    rows = score.rows or RowScore()
    right_facts = sum(fact.outcome == "right" for fact in score.facts)
    return {
        "documents": (1, 1),
        "unread": (score.unread, 1),
        **cell_parts(score.cells),
        "exact_reports": (score.exact, 1),
        "silent_reports": (bool(score.silent or score.extra), 1),
        "form": (score.form_right, 1),
        "agency": (score.agency_right, 1),
        "year": (score.year_right, 1),
        "facts": (right_facts, sum(bool(fact.gold) for fact in score.facts)),
        "facts_silent": (sum(fact.outcome == "silent" for fact in score.facts), 1),
        "row_labels": (rows.right, rows.printed),
        "columns": (rows.columns_right, rows.columns),
        **chapter_parts(score.chapters),
    }


def chapter_parts(score: ChapterScore | None) -> Parts:
    """What the prose of a document adds to each metric; nothing where it is not labelled."""
    if score is None:
        return dict.fromkeys(("title", "heads", "heads_true", "paragraphs_placed", "paragraphs", "prose_true"), (0, 0))
    return {
        "title": (score.title_right, 1),
        "heads": (score.heads_right, len(score.heads)),
        "heads_true": (score.heads_right, score.read),
        "paragraphs_placed": (score.placed, score.paragraphs),
        "paragraphs": (score.whole, score.paragraphs),
        "prose_true": (score.true, score.lines),
    }


def cell_parts(cells: Sequence[FieldScore]) -> Parts:
    """What fields alone add to each metric; `cells` may be those of one document or of one of its tables."""
    gold = [cell for cell in cells if cell.outcome != "extra"]
    extra = sum(cell.outcome == "extra" and cell.accepted for cell in cells)
    silent = sum(cell.outcome == "silent" for cell in cells)
    accepted = sum(cell.accepted for cell in gold)
    spoilt = {cell.table: _spoils(cell) for cell in sorted(cells, key=_spoils)}
    settled = [cell for cell in gold if not cell.gold and cell.outcome != "open"]
    return {
        "fields": (len(gold), len(gold)),
        "exact_fields": (sum(cell.outcome in ("right", "open") for cell in gold), len(gold)),
        "exact_tables": (sum(not bad for bad in spoilt.values()), len(spoilt)),
        "coverage": (accepted, len(gold)),
        "silent": (silent, len(gold)),
        "extra": (extra, len(gold)),
        "silent_rate": (silent + extra, accepted + extra),
        "blank_zero": (sum(map(_is_confused, settled)), len(settled)),
    }


def _spoils(cell: FieldScore) -> bool:
    """Whether a field keeps its table from being exact."""
    return cell.accepted if cell.outcome == "extra" else cell.outcome in ("silent", "flagged")


def _is_confused(cell: FieldScore) -> bool:
    """Whether a gold blank was read as 0 or a gold 0 as blank."""
    if cell.field is None or cell.outcome in ("right", "open"):
        return False
    return cell.field.value == 0 if cell.gold is None else cell.field.state == "blank"
