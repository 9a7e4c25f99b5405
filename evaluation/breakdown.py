"""Scores taken apart: by form, format, layout, agency and table, by field, by fact, and every wrong field by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from evaluation.intervals import upper_bound
from evaluation.metrics import ratios
from evaluation.score import DocumentScore, FieldScore, cell_parts, parts, total

_BOUNDED = {"silent": "silent_rate", "silent_reports": "silent_reports"}


def bounds(scores: Sequence[DocumentScore]) -> dict[str, float]:
    """Upper 95 % bounds of the silent rate over fields, and of the share of reports with a silent or extra figure."""
    every = [parts(score) for score in scores]
    return {f"{name}_upper": _upper([one[of] for one in every]) for name, of in _BOUNDED.items()}


def _upper(pairs: Iterable[tuple[float, float]]) -> float:
    wrong, among = (sum(side) for side in zip((0, 0), *pairs, strict=True))
    return upper_bound(int(wrong), int(among))


def judged(scores: Iterable[DocumentScore]) -> tuple[list[float], list[bool]]:
    """(confidence, whether right) of every field that states something: of those with a confidence above 0.

    Fields that the source cannot settle are left out: what is right there is to accept nothing.
    """
    cells = [cell for cell in _settled(scores) if cell.confidence > 0]
    return [cell.confidence for cell in cells], [cell.outcome == "right" for cell in cells]


def ranked(scores: Iterable[DocumentScore]) -> tuple[list[float], list[bool]]:
    """(confidence, whether right) of every gold field and every figure too many; 0 where nothing was stated."""
    cells = list(_settled(scores))
    return [cell.confidence for cell in cells], [cell.outcome == "right" for cell in cells]


def _settled(scores: Iterable[DocumentScore]) -> Iterable[FieldScore]:
    return (cell for score in scores for cell in score.cells if cell.outcome != "open")


def groups(scores: Sequence[DocumentScore]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Metrics by form, format, kind, layout and agency of the documents, and those of fields by table; names sorted."""
    by_document = {
        kind: {name: total(some) for name, some in _grouped((str(getattr(score, kind)), score) for score in scores)}
        for kind in ("form", "format", "kind", "layout", "agency")
    }
    return {**by_document, "table": by_table(scores)}


def by_table(scores: Iterable[DocumentScore]) -> dict[str, dict[str, float | None]]:
    """The metrics of fields for each table of the forms (`2021 requests`)."""
    pieces = (
        (f"{score.form} {table}", cell_parts(cells))
        for score in scores
        for table, cells in _grouped((cell.table, cell) for cell in score.cells)
    )
    return {name: ratios(some) for name, some in _grouped(pieces)}


def _grouped(pairs: Iterable[tuple[str, Any]]) -> list[tuple[str, list[Any]]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for name, thing in pairs:
        found[name].append(thing)
    return sorted(found.items())


def field_counts(scores: Iterable[DocumentScore]) -> dict[str, dict[str, int]]:
    """For each field how many documents have it in gold, and in how many it is right, and silent (extra ones too)."""
    return {
        name: {
            "gold": sum(cell.outcome != "extra" for cell in cells),
            "right": sum(cell.outcome in ("right", "open") for cell in cells),
            "silent": sum(cell.accepted and cell.outcome in ("silent", "extra") for cell in cells),
        }
        for name, cells in _grouped((cell.name, cell) for score in scores for cell in score.cells)
    }


def fact_counts(scores: Sequence[DocumentScore]) -> dict[str, Any]:
    """Counts of facts over all documents and by name, and every fact that is not right."""
    every = [fact for score in scores for fact in score.facts]
    return {
        **_fact_tally(every),
        "names": {name: _fact_tally(some) for name, some in _grouped((fact.name, fact) for fact in every)},
        "wrong": [
            {
                "document": score.id,
                "fact": fact.name,
                "gold": list(fact.gold),
                "value": fact.value,
                "kind": fact.outcome,
            }
            for score in scores
            for fact in score.facts
            if fact.outcome == "silent" or (fact.outcome == "missed" and fact.gold)
        ],
    }


def _fact_tally(facts: Sequence[Any]) -> dict[str, int]:
    return {
        "gold": sum(bool(fact.gold) for fact in facts),
        "right": sum(fact.outcome == "right" for fact in facts),
        "silent": sum(fact.outcome == "silent" for fact in facts),
    }


def is_wrong(cell: FieldScore) -> bool:
    """Whether somebody should see the field: wrong in any way, or accepted and not in gold."""
    return cell.outcome in ("silent", "flagged") or (cell.outcome == "extra" and cell.accepted)


def describe_wrong(score: DocumentScore, cell: FieldScore, source: str) -> dict[str, Any]:
    """A wrong field as plain JSON values, with all that the record says of it; `location` is None for no place."""
    field = cell.field
    place = field.location if field else None
    return {
        "document": score.id,
        "source": source,
        "layout": score.layout,
        "field": cell.name,
        "kind": cell.outcome,
        "gold": cell.gold,
        "value": field.value if field else None,
        "state": field.state if field else "absent",
        "confidence": round(cell.confidence, 6),
        "accepted": cell.accepted,
        "raw": field.raw if field else "",
        "location": {"page": place.page, "box": place.box, "span": place.span} if place else None,
        "candidates": list(field.candidates) if field else [],
        "because": list(field.because) if field else [],
    }
