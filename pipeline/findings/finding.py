"""A finding: two figures that ought to be one, where each stands, and how sure it is that they were read rightly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import prod
from typing import Any, Literal, NamedTuple

from pipeline.datamodel import Number
from pipeline.writers.panel import field_rows

Kind = Literal["cross_year", "levels", "versions", "sum", "balance", "prose"]
Record = Mapping[str, Any]
Blame = Literal["reading", "report"]
KINDS: dict[str, tuple[str, str]] = {
    "cross_year": ("between two years", "跨年度"),
    "levels": ("between a region and its departments", "跨层级"),
    "versions": ("between two documents of one report", "不同版本"),
    "prose": ("between prose and tables", "文表不符"),
    "balance": ("within a table: what came in and what became of it", "收支勾稽"),
    "sum": ("within a table: a total and its parts", "合计"),
}


class Place(NamedTuple):
    """Where a figure stands. `box` and `span` are those of the record; `sign` is -1 for what is taken away."""

    path: str
    year: int | None
    field: str
    label: str
    value: Number | None
    state: str
    confidence: float
    accepted: bool
    page: int | None
    box: tuple[float, ...] | None
    span: tuple[int, ...] | None
    sign: int = 1


class Finding(NamedTuple):
    """Two figures that differ. `agency` is as printed; `other` names the other report where there is one.

    `blames` is "report" where every figure was read with certainty, "reading" where one was not, and None where both
    are certain and yet nobody is to blame for sure (`note` says why). `sure` is the probability that all of them were
    read rightly. `holder` is the document to which the finding belongs, by the id that the store knows it by.
    """

    kind: Kind
    check: str
    agency: str
    year: int | None
    other: str
    left: Number
    right: Number
    left_places: tuple[Place, ...]
    right_places: tuple[Place, ...]
    blames: Blame | None
    sure: float
    sentence: str
    note: str = ""
    suspects: tuple[str, ...] = ()

    @property
    def difference(self) -> Number:
        """Right less left; exact where both are whole."""
        return tidy_number(self.right - self.left)

    def to_check(self) -> dict[str, Any]:
        """The finding as a check of a record (schema nianbao.record/1), which knows sums but no levels or versions."""
        return {
            "id": self.check,
            "kind": "sum" if self.kind in ("levels", "versions") else self.kind,
            "holds": False,
            "left": self.left,
            "right": self.right,
            "fields": list(dict.fromkeys(place.field for place in (*self.left_places, *self.right_places))),
            "suspects": list(self.suspects),
            "blames": self.blames,
        }


def place_of(record: Record, name: str, sign: int = 1) -> Place:
    """Where a field of a record stands; a field that it does not have stands nowhere."""
    return _place(record, name, record["fields"].get(name), field_label(record["form"], name), sign)


def fact_place(record: Record, name: str) -> Place:
    """Where a fact of a record stands; its label is what the prose says."""
    fact = record["facts"][name]
    return _place(record, name, {**fact, "state": "printed"}, fact["text"], 1)


def blamed(places: Iterable[Place]) -> Blame:
    """Whom a difference between certain figures accuses: the report only where all of them are accepted."""
    return "report" if all(place.accepted for place in places) else "reading"


def sureness(places: Iterable[Place]) -> float:
    """The probability that all figures were read rightly."""
    return round(prod(place.confidence for place in places), 4)


def total(places: Sequence[Place]) -> Number | None:
    """The sum of figures; a blank counts as nothing. None where one cannot be read or none is printed."""
    if any(place.state in ("unreadable", "absent") for place in places) or not any(
        place.state == "printed" for place in places
    ):
        return None
    return tidy_number(sum(place.sign * place.value for place in places if place.value is not None))


def tidy_number(value: Number) -> Number:
    """A number without what binary fractions leave behind, whole where it is."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


@lru_cache(maxsize=4096)
def field_label(form: str | None, name: str) -> str:
    """The label of a field as its form prints it, with the head of its column."""
    return next(
        (
            f"{row['label'].split('/')[-1]}·{row['head']}"
            for row in field_rows()
            if row["form"] == form and row["field"] == name
        ),
        name,
    )


def _place(record: Record, name: str, cell: Mapping[str, Any] | None, label: str, sign: int) -> Place:
    path, year = record["source"]["path"], record["year"]
    if cell is None:
        return Place(path, year, name, label, None, "absent", 0.0, False, None, None, None, sign)
    where = cell["location"] or {"page": None, "box": None, "span": None}
    box, span = (tuple(where[name]) if where[name] else None for name in ("box", "span"))
    return Place(
        path, year, name, label, cell["value"], cell["state"], cell["confidence"], cell["accepted"],
        where["page"], box, span, sign,
    )  # fmt: skip
