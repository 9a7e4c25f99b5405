"""Records against gold: pure functions, the same for every model and corpus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpora import Document
from pipeline.datamodel import Field, Number, Record


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """How one record agrees with its gold.

    `right` counts gold fields with the right figure (blank for blank) and, for fields that the source cannot settle,
    those not accepted with a wrong one; `silent` names accepted fields that are wrong, `extra` accepted figures that
    the document does not have, `flagged` wrong fields that were not accepted.
    """

    id: str
    fields: int
    right: int
    accepted: int
    silent: tuple[str, ...]
    flagged: tuple[str, ...]
    extra: tuple[str, ...]
    form_right: bool
    year_right: bool
    agency_right: bool


def score_record(record: Record, gold: Document) -> DocumentScore:
    """The score of one record against its document's gold."""
    wrong = [name for name, value in gold.values.items() if not _is_right(record.fields.get(name), value)]
    silent = [name for name in wrong if _is_accepted(record.fields.get(name))]
    flagged = [name for name in wrong if name not in silent and name not in gold.ambiguous]
    extra = [
        name
        for name, field in record.fields.items()
        if field.accepted and field.value is not None and name not in gold.values and name not in gold.ambiguous
    ]
    return DocumentScore(
        id=gold.id,
        fields=len(gold.values),
        right=len(gold.values) - len(silent) - len(flagged),
        accepted=sum(_is_accepted(record.fields.get(name)) for name in gold.values),
        silent=tuple(silent),
        flagged=tuple(flagged),
        extra=tuple(extra),
        form_right=record.form == gold.form,
        year_right=record.year == gold.year,
        agency_right=record.agency == gold.agency,
    )


def total(scores: Iterable[DocumentScore]) -> Mapping[str, float]:
    """Sums and shares over all documents, by name; "right" and "coverage" are shares of the gold fields."""
    every = list(scores)
    fields = sum(score.fields for score in every) or 1
    documents = len(every) or 1
    return {
        "documents": len(every),
        "perfect": sum(score.right == score.fields and not score.extra for score in every) / documents,
        "fields": fields,
        "right": sum(score.right for score in every) / fields,
        "silent": sum(len(score.silent) for score in every),
        "extra": sum(len(score.extra) for score in every),
        "coverage": sum(score.accepted for score in every) / fields,
        "form": sum(score.form_right for score in every) / documents,
        "year": sum(score.year_right for score in every) / documents,
        "agency": sum(score.agency_right for score in every) / documents,
    }


def _is_accepted(field: Field | None) -> bool:
    return field is not None and field.accepted


def _is_right(field: Field | None, value: Number | None) -> bool:
    if value is None:
        return field is None or (field.value is None and field.state != "unreadable")
    return field is not None and field.value is not None and abs(field.value - value) < 1e-9
