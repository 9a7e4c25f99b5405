"""The statutory forms as data: forms.csv, fields.csv, wordings.csv and checks.csv, read into `Form` objects.

A form, a wording or a check is added by lines in these files; no Python.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import groupby

from pipeline.datamodel import Form, FormRow, Identity
from pipeline.text import label_key

FORMS_VERSION = "1"
_SHARED_MARKER = "2019+2021"
_ENOUGH_ROWS = 3
_RUNNING_TOTAL = "running_total"


@lru_cache(maxsize=1)
def load_forms() -> Mapping[str, Form]:
    """All forms by name, newest first."""
    return {line["form"]: _form(line) for line in _table("forms.csv")}


@lru_cache(maxsize=1)
def row_wordings() -> frozenset[str]:
    """The labels of all rows of all forms, in every known wording."""
    forms = load_forms().values()
    return frozenset(wording for form in forms for some in form.row_wordings.values() for wording in some) - {""}


@lru_cache(maxsize=1)
def row_keys() -> frozenset[str]:
    """Label keys of every row of every form."""
    return frozenset(map(label_key, row_wordings()))


@lru_cache(maxsize=1)
def row_key_beginnings() -> frozenset[str]:
    """What the label key of a row may begin with, all of it included: a wrapped or cut label."""
    return frozenset(key[:end] for key in row_keys() for end in range(1, len(key) + 1))


@lru_cache(maxsize=1)
def row_key_ends() -> frozenset[str]:
    """What the label key of a row may end with, all of it included."""
    return frozenset(key[start:] for key in row_keys() for start in range(len(key)))


@lru_cache(maxsize=1)
def column_keys() -> frozenset[str]:
    """Label keys of the heads that stand directly above a column."""
    return frozenset(label_key(wording.split("/")[-1]) for wording in _column_wordings())


@lru_cache(maxsize=1)
def running_total_keys() -> frozenset[str]:
    """Label keys of heads over figures of all years together, which are no figures of the year."""
    lines = (line for line in _table("wordings.csv") if line["kind"] == "column" and line["name"] == _RUNNING_TOTAL)
    return frozenset(label_key(line["wording"]) for line in lines)


@lru_cache(maxsize=1)
def head_wordings() -> frozenset[str]:
    """Label keys of texts that stand in head rows and group cells, never beside figures of their own."""
    return frozenset(label_key(line["wording"]) for line in _table("wordings.csv") if line["kind"] in ("head", "group"))


@lru_cache(maxsize=1)
def group_keys() -> frozenset[str]:
    """Label keys of the heads that stand above several columns or above a whole table."""
    above = (part for wording in _column_wordings() for part in wording.split("/")[:-1])
    return head_wordings() | frozenset(map(label_key, above))


@lru_cache(maxsize=1)
def head_keys() -> frozenset[str]:
    """Label keys of all heads, of one column or of several."""
    return column_keys() | group_keys()


def _column_wordings() -> Iterator[str]:
    for form in load_forms().values():
        for some in form.column_wordings.values():
            yield from some


def find_form(text: str, year: int | None = None) -> Form | None:
    """The form whose marker phrases the text holds most of (at least two); None where no form is recognisable.

    Tables that the forms of 2019 and 2021 share leave the choice to the reporting year; without it there is none.
    """
    key = label_key(text)
    hits = {name: sum(marker in key for marker in form.markers) for name, form in load_forms().items()}
    best = max(hits, key=lambda name: hits[name])
    if hits[best] >= 2 and sorted(hits.values())[-2] < hits[best]:
        return load_forms()[best]
    shared = sum(marker in key for marker in _markers(_SHARED_MARKER))
    return _in_force(year) if shared >= 2 or hits[best] >= 2 else None


def find_form_by_rows(rows: Collection[str], year: int | None) -> Form | None:
    """The form of the reporting year if three of these rows are its own: excerpts have rows and no heads."""
    form = _in_force(year)
    return form if form and sum(row.name in rows for row in form.rows) >= _ENOUGH_ROWS else None


def _in_force(year: int | None) -> Form | None:
    forms = load_forms().values()
    return next((form for form in forms if year is not None and form.first_year <= year <= form.last_year), None)


@lru_cache(maxsize=8)
def _table(name: str) -> tuple[dict[str, str], ...]:
    text = files("pipeline.forms").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _form(line: Mapping[str, str]) -> Form:
    name = line["form"]
    rows = tuple(_rows(name))
    return Form(
        name=name,
        regulation=line["regulation"],
        first_year=int(line["first_year"]),
        last_year=int(line["last_year"]),
        rows=rows,
        identities=tuple(one for one in _identities(name, rows) if one.kind != "prose"),
        prose=tuple(one for one in _identities(name, rows) if one.kind == "prose"),
        markers=_markers(name),
        row_wordings=_wordings("row", name),
        column_wordings=_wordings("column", name),
    )


def _rows(form: str) -> Iterator[FormRow]:
    lines = [line for line in _table("fields.csv") if line["form"] == form]
    for name, group in groupby(lines, key=lambda line: line["row"]):
        cells = list(group)
        yield FormRow(
            name=name,
            table=cells[0]["table"],
            labels=tuple(cells[0]["label"].split("/")),
            columns=tuple(cell["column"] for cell in cells),
            fields=tuple(cell["field"] for cell in cells),
            kinds=tuple(cell["kind"] for cell in cells),
            units=tuple(cell["unit"] for cell in cells),
        )


def _markers(form: str) -> tuple[str, ...]:
    lines = (line for line in _table("wordings.csv") if line["kind"] == "marker" and line["form"] == form)
    return tuple(label_key(line["wording"]) for line in lines)


def _wordings(kind: str, form: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in _table("wordings.csv"):
        if line["kind"] == kind and line["form"] in ("", form):
            found.setdefault(line["name"], []).append(line["wording"])
    return {name: tuple(wordings) for name, wordings in found.items()}


def _identities(form: str, rows: tuple[FormRow, ...]) -> Iterator[Identity]:
    """The lines of checks.csv with `{row}` and `{column}` filled in for every row and column of their table."""
    for line in (line for line in _table("checks.csv") if line["form"] == form):
        table = [row for row in rows if row.table == line["table"]]
        names = {"{row}": [row.name for row in table], "{column}": list(table[0].columns) if table else []}
        blank = next((mark for mark in names if mark in line["id"]), None)
        for filling in names[blank] if blank else [""]:
            left, right = (
                tuple(side.replace(blank or "{row}", filling).split(" + ")) for side in (line["left"], line["right"])
            )
            yield Identity(line["id"].replace(blank or "{row}", filling), line["kind"], left, right)
