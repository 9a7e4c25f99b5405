"""The immutable things that the stages hand on, from a file's bytes to the finished record.

Coordinates everywhere: PDF points, origin at the top left of the page, y downwards; pages count from 1. Sources
without pages (text, HTML, DOCX) have one page, and a place in them is a half-open span of character offsets into
that page's `text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Box = tuple[float, float, float, float]
Span = tuple[int, int]
State = Literal["printed", "blank", "absent", "unreadable"]
Status = Literal["accepted", "needs_review", "failed"]
Number = int | float


@dataclass(frozen=True, slots=True)
class Source:
    """One input document: its bytes, where they came from, and what they are."""

    path: str
    data: bytes
    sha256: str
    media_type: str


class Location(NamedTuple):
    """A place in the source: a page with a box (PDF, scan) or with a span (text, HTML, DOCX)."""

    page: int = 1
    box: Box | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Expected trouble as data: which stage met it, a stable code, one sentence of advice, and the place."""

    stage: str
    code: str
    message: str
    location: Location | None = None


class Word(NamedTuple):
    """A run of characters without a gap. `box` is (x0, top, x1, bottom); `span` is None in PDFs. `readings` are the
    texts that a picture of it may show, likeliest first, where `text` is not sure."""

    text: str
    box: Box
    span: Span | None = None
    readings: tuple[str, ...] = ()


class Edge(NamedTuple):
    """A drawn line, horizontal (top == bottom) or vertical (x0 == x1)."""

    x0: float
    top: float
    x1: float
    bottom: float


class Line(NamedTuple):
    """A line of text outside tables, as it stands in the source (not normalised)."""

    text: str
    location: Location


class Cell(NamedTuple):
    """A cell of a table: its text as printed ("" where empty) and its 0-based place in the grid. `readings` are the
    texts that it may have, likeliest first, where a picture leaves a choice."""

    text: str
    row: int
    column: int
    location: Location
    row_span: int = 1
    column_span: int = 1
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells. `origin` says how the grid is known: "tagged" (structure tree), "ruled" (drawn edges), "words"
    (positions only), "html", "docx", "tabs", "pipes", "spaces", "lines" (one cell a line). Columns of the last four are
    cell counts, not positions: a lost empty cell shifts them. "run": the cells of a row ran together into one."""

    origin: str
    cells: tuple[Cell, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Page:
    """One page as its reader saw it. Readers that see positions (PDF) give `words` and `edges`; readers whose source
    already has an order and tables (text, HTML, DOCX, tagged PDF) give `blocks` as well or instead. A page read from a
    slanted picture is set upright; `back` is then the 3 × 3 matrix, by rows, that takes its places to the page's."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = ()
    edges: tuple[Edge, ...] = ()
    blocks: tuple[Line | Table, ...] = ()
    text: str = ""
    problems: tuple[Problem, ...] = ()
    back: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table that may carry figures.

    `labels` are the texts to its left from the outermost group to its own label; `cells` are the cells right of
    them in order, blank ones too; `heads` is, for each cell, the column head above it ("" where there is none).
    """

    table: int
    index: int
    origin: str
    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    heads: tuple[str, ...]
    location: Location
    section: str = ""


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """A row with the classifier's probability for each row name it may be (those above 0.001, best first)."""

    row: Row
    probabilities: Mapping[str, float]


class Field(NamedTuple):
    """One figure of the form, as printed, with its place and the reasons to believe it.

    `value` is None unless `state` is "printed". `raw` is the cell's text. `candidates` are the readings that stay
    possible when the state is "unreadable". `because` names the checks that chose between readings.
    """

    name: str
    value: Number | None
    state: State
    raw: str = ""
    confidence: float = 0.0
    accepted: bool = False
    location: Location | None = None
    candidates: tuple[Number, ...] = ()
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure that the prose states."""

    name: str
    value: Number
    text: str
    confidence: float
    accepted: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the report: its number as printed ("一", "" where there is none), title and prose."""

    number: str
    title: str
    text: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One identity held against the printed figures. `holds` is None where a figure is missing."""

    id: str
    kind: str
    holds: bool | None
    left: Number | None
    right: Number | None
    fields: tuple[str, ...]
    suspects: tuple[str, ...] = ()
    blames: Literal["reading", "report"] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Everything read from one document, in the shape of schema nianbao.record/1."""

    path: str
    sha256: str
    media_type: str
    pages: int
    form: str | None = None
    agency: str | None = None
    year: int | None = None
    title: str | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    checks: tuple[Check, ...] = ()
    problems: tuple[Problem, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """failed: no form, or no field that was read; accepted: nobody needs to look; needs_review: somebody does.

        A row that was not found and may yet be there (absent, not accepted) is a reason to look.
        """
        if self.form is None or not any(one.state in ("printed", "blank") for one in self.fields.values()):
            return "failed"
        doubted = any(not one.accepted for one in self.fields.values())
        misread = any(check.holds is False and check.blames == "reading" for check in self.checks)
        return "needs_review" if doubted or misread else "accepted"

    def to_dict(self) -> dict[str, Any]:
        """The record as plain JSON values in the shape and key order of schema nianbao.record/1."""
        return {
            "schema": "nianbao.record/1",
            "source": {"path": self.path, "sha256": self.sha256, "media_type": self.media_type, "pages": self.pages},
            "form": self.form,
            "agency": self.agency,
            "year": self.year,
            "title": self.title,
            "status": self.status,
            "fields": {name: _plain_field(one) for name, one in self.fields.items()},
            "facts": {name: _plain_fact(one) for name, one in self.facts.items()},
            "sections": [{"number": one.number, "title": one.title, "text": one.text} for one in self.sections],
            "checks": [plain_check(one) for one in self.checks],
            "problems": [
                {"stage": one.stage, "code": one.code, "message": one.message, "location": _plain_place(one.location)}
                for one in self.problems
            ],
            "versions": {name: self.versions.get(name, "") for name in ("nianbao", "model", "forms")},
        }


def _plain_field(one: Field) -> dict[str, Any]:
    return {
        "value": one.value,
        "state": one.state,
        "raw": one.raw,
        "confidence": round(one.confidence, 4),
        "accepted": one.accepted,
        "location": _plain_place(one.location),
        "candidates": list(one.candidates),
        "because": list(one.because),
    }


def _plain_fact(one: Fact) -> dict[str, Any]:
    return {
        "value": one.value,
        "text": one.text,
        "confidence": round(one.confidence, 4),
        "accepted": one.accepted,
        "location": _plain_place(one.location),
    }


def plain_check(one: Check) -> dict[str, Any]:
    """A check as plain JSON values, as it stands in a record."""
    return {
        "id": one.id,
        "kind": one.kind,
        "holds": one.holds,
        "left": one.left,
        "right": one.right,
        "fields": list(one.fields),
        "suspects": list(one.suspects),
        "blames": one.blames,
    }


def _plain_place(place: Location | None) -> dict[str, Any] | None:
    if place is None:
        return None
    if place.box is None:
        return {"page": place.page, "box": None, "span": list(place.span) if place.span else None}
    x0, top, x1, bottom = place.box
    box = [round(x0, 2), round(top, 2), round(x1, 2), round(bottom, 2)]
    return {"page": place.page, "box": box, "span": list(place.span) if place.span else None}


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of a statutory form: its name, its label with the groups above it, and the field of each column."""

    name: str
    table: str
    labels: tuple[str, ...]
    columns: tuple[str, ...]
    fields: tuple[str, ...]
    kinds: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """An equation that the form's regulation prints or implies: the sum of `left` equals the sum of `right`.

    In one of kind "prose", `left` is a fact and `right` the fields whose sum it states.
    """

    id: str
    kind: str
    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return self.left + self.right


@dataclass(frozen=True, slots=True)
class Form:
    """A version of the statutory tables, in force for the reporting years first_year to last_year."""

    name: str
    regulation: str
    first_year: int
    last_year: int
    rows: tuple[FormRow, ...]
    identities: tuple[Identity, ...]
    prose: tuple[Identity, ...]
    markers: tuple[str, ...]
    row_wordings: Mapping[str, tuple[str, ...]]
    column_wordings: Mapping[str, tuple[str, ...]]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of all fields in the form's order."""
        return tuple(name for row in self.rows for name in row.fields)
