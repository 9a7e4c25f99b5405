"""Documents and records made by hand for tests of the evaluation; the form is that of 2016 unless another is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpora import Document, GoldRow
from pipeline.datamodel import Fact, Field, Location, Number, Record


def gold(values: Mapping[str, Number | None], name: str = "one", form: str = "pre2019", **more: Any) -> Document:
    given = {"meta": {"layout": "plain"}, "agency": "云岭市", **more}
    return Document(name, Path(f"{name}/source.txt"), form, 2016, values=values, **given)


def field(
    name: str, value: Number | None, confidence: float = 0.999, accepted: bool = True, state: str | None = None
) -> Field:
    found: Any = state or ("blank" if value is None else "printed")
    return Field(
        name, value, found, "" if value is None else str(value), confidence, accepted, Location(1, None, (3, 5))
    )


def record(*fields: Field, facts: Mapping[str, tuple[Number, bool]] | None = None, **more: Any) -> Record:
    found = {name: Fact(name, value, "", 0.9, taken, Location()) for name, (value, taken) in (facts or {}).items()}
    given = {"form": "pre2019", "agency": "云岭市", "year": 2016, **more}
    return Record("source.txt", "", "text/plain", 1, fields={one.name: one for one in fields}, facts=found, **given)


def row(name: str, label: str, *values: Number | None) -> GoldRow:
    return GoldRow(name, label, values)
