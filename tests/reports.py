"""Records of reports that never were: figures by field, each with a place, checked as the extraction checks them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from pipeline.checks import check_fields, check_prose
from pipeline.datamodel import Fact, Field, Location, Number, Record, Section
from pipeline.forms import load_forms
from pipeline.version import __version__

COLUMNS = (
    "natural_person", "business", "research", "public_interest", "legal_service", "other_organisation", "total"
)  # fmt: skip


def row(name: str, *figures: Number) -> dict[str, Number]:
    """A row of the applications' table by its first figures, the rest 0, and its total."""
    parts = [*figures, *[0] * (6 - len(figures))]
    return {f"{name}.{column}": figure for column, figure in zip(COLUMNS, [*parts, sum(parts)], strict=True)}


def report(
    agency: str | None,
    year: int | None,
    values: Mapping[str, Number | None] | None = None,
    *,
    form: str = "2021",
    path: str | None = None,
    doubtful: Collection[str] = (),
    facts: Mapping[str, Number] | None = None,
    sections: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A record of the figures given, None for blank cells; what is not given is not there. Fields of `doubtful` are
    not accepted. Figures stand at x0 = 100, one line of ten points each."""
    path = path or f"{agency}-{year}.pdf"
    fields = {
        name: Field(
            name, value, "blank" if value is None else "printed", "" if value is None else str(value),
            0.6 if name in doubtful else 0.999, name not in doubtful,
            Location(2, (100.0, 10.0 * at, 120.0, 10.0 * at + 8)),
        )
        for at, (name, value) in enumerate((values or {"disclosure.fees.amount": 0}).items())
    }  # fmt: skip
    stated = {
        name: Fact(name, value, f"{name} {value} 件", 0.99, True, Location(1, (50.0, 50.0, 90.0, 58.0)))
        for name, value in (facts or {}).items()
    }
    of = load_forms()[form]
    record = Record(
        path=path,
        sha256=hashlib.sha256(path.encode()).hexdigest(),
        media_type="application/pdf",
        pages=3,
        form=form,
        agency=agency,
        year=year,
        title=f"{agency}{year}年政府信息公开工作年度报告",
        fields=fields,
        facts=stated,
        sections=tuple(Section("", title, text) for title, text in (sections or {}).items()),
        checks=(*check_fields(of, fields), *check_prose(of, fields, stated)),
        versions={"nianbao": __version__, "model": "double/1", "forms": "1"},
    )
    return record.to_dict()
