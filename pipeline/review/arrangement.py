"""The tables of a form as they are printed: rows of cells with their spans, the form's Chinese labels, and beside each
row and below each column the identities that it must satisfy.

Everything comes from `pipeline/forms/*.csv`; a table or column that `headings.csv` does not name has its own name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from pipeline.datamodel import Form, FormRow, Identity
from pipeline.forms import load_forms
from pipeline.review.heads import (
    Cell,
    field_head,
    field_lines,
    head_cell,
    head_path,
    heading,
    merged_heads,
    merged_labels,
    title_of,
)

Line = dict[str, Any]
_WHOLE = 1  # identities over one row stand beside it, those over one column below it


def arrangement(form: str | None) -> dict[str, Any]:
    """The tables of a form as plain JSON: `tables`, `identities` and `labels`; all empty where no form was found.

    A table has a `name`, a `title` in Chinese and English and `lines`, each with its `row` (None for heads) and
    `cells`. A cell has `text` and `head` ("column", "row", "group", "section", "corner", "unit"), or a `field`, or
    `checks` (ids of identities), with `rows` and `columns` as its spans where these are not 1, and `indent` where it is
    indented. An identity has `id`, `kind`, `left` and `right`: fields, or on the left of kind "prose" a fact. `labels`
    has the `row`, `column`, `unit` and `kind` of each field.
    """
    known = load_forms().get(form or "")
    return _arranged(known.name) if known else {"tables": [], "identities": [], "labels": {}}


@lru_cache(maxsize=8)
def _arranged(name: str) -> dict[str, Any]:
    form = load_forms()[name]
    tables = [_table(form, table, list(rows)) for table, rows in groupby(form.rows, key=lambda row: row.table)]
    return {
        "tables": tables,
        "identities": [_identity(one) for one in (*form.identities, *form.prose)],
        "labels": {line["field"]: _label(line) for line in field_lines(name).values()},
    }


def _identity(one: Identity) -> dict[str, Any]:
    return {"id": one.id, "kind": one.kind, "left": list(one.left), "right": list(one.right)}


def _label(line: Mapping[str, str]) -> dict[str, str]:
    return {"row": line["label"], "column": line["head"], "unit": line["unit"], "kind": line["kind"]}


def _table(form: Form, name: str, rows: Sequence[FormRow]) -> dict[str, Any]:
    lines = list(_single_row(form, rows[0])) if len(rows) == 1 else list(_of_rows(form, name, rows))
    return {"name": name, "title": title_of(form.name, name), "lines": lines}


def _of_rows(form: Form, name: str, rows: Sequence[FormRow]) -> Iterator[Line]:
    """A table of several rows: indented where rows have rows below them, in blocks with a head each where heads differ,
    else one block with groups merged at its left."""
    parts = [row.labels for row in rows]
    if any(one != other and one == other[: len(one)] for one in parts for other in parts):
        yield from _indented(form, name, rows)
        return
    heads = {row.columns for row in rows}
    if len(heads) == 1:
        yield from _block(form, name, rows, skip=0)
        return
    width = max(map(len, heads))
    for section, group in groupby(rows, key=lambda row: row.labels[0]):
        block = list(group)
        labels = max(len(row.labels) for row in block) - 1
        yield _line(None, [head_cell(section, "section", columns=width + labels)])
        yield from _block(form, name, block, skip=1, width=width)


def _block(form: Form, name: str, rows: Sequence[FormRow], *, skip: int, width: int = 0) -> Iterator[Line]:
    """Heads, rows with the labels from the `skip`th on merged where they repeat, and a line for identities of columns.

    The last column is as wide as the table of `width` columns needs.
    """
    depth = max(len(row.labels) for row in rows) - skip
    columns = rows[0].columns
    spare = max(width - len(columns), 0)
    heads = merged_heads([head_path(form.name, name, column, field) for column, field in _pairs(rows[0])], spare)
    corner = head_cell(heading(form.name, name, "*"), "corner", rows=len(heads), columns=depth)
    for number, cells in enumerate(heads):
        yield _line(None, [*([] if number else [corner]), *cells, *_checks_head(len(heads), number)])
    labels = merged_labels([row.labels[skip:] for row in rows], depth)
    below = _column_checks(form, rows)
    for row, cells in zip(rows, labels, strict=True):
        yield _line(row.name, [*cells, *_figures(row, spare), _checks(_row_checks(form, row, below))])
    if below:
        feet = [_checks(below.get(column, [])) for column in columns]
        yield _line(None, [head_cell("", "corner", columns=depth), *feet, _checks([])])


def _indented(form: Form, name: str, rows: Sequence[FormRow]) -> Iterator[Line]:
    """A list of figures with their units: groups that are no rows themselves have a line of their own."""
    head = field_head(form.name, rows[0].fields[0])
    texts = [heading(form.name, name, "*"), "单位", head]
    yield _line(
        None, [*(head_cell(text, "corner" if not at else "column") for at, text in enumerate(texts)), _checks([])]
    )
    said: list[str] = []
    for row in rows:
        groups = row.labels[:-1]
        said = said[: _alike(said, groups)]
        for depth in range(len(said), len(groups)):
            yield _line(None, [head_cell(groups[depth], "section", columns=3, indent=depth)])
        label = head_cell(row.labels[-1], "row", indent=len(groups))
        yield _line(
            row.name, [label, head_cell(row.units[0], "unit"), *_figures(row, 0), _checks(_row_checks(form, row, {}))]
        )
        said = [*said, *groups[len(said) :], row.labels[-1]]


def _alike(said: Sequence[str], groups: Sequence[str]) -> int:
    """How many of the groups were said already; one may be said again cut short, by its number alone."""
    pairs = enumerate(zip(said, groups, strict=False))
    return next((at for at, (before, now) in pairs if not before.startswith(now)), min(len(said), len(groups)))


def _single_row(form: Form, row: FormRow) -> Iterator[Line]:
    """A table of one row: no labels at the left, everything is said above."""
    lines = field_lines(form.name)
    paths = [(*lines[name]["label"].split("/"), lines[name]["head"]) for name in row.fields]
    heads = merged_heads(paths, 0)
    for number, cells in enumerate(heads):
        yield _line(None, [*cells, *_checks_head(len(heads), number)])
    yield _line(row.name, [*_figures(row, 0), _checks(_row_checks(form, row, {}))])


def _column_checks(form: Form, rows: Sequence[FormRow]) -> dict[str, list[str]]:
    """The identities over several rows of one column, by column; none where the block has but one column."""
    if len(rows[0].columns) == 1:
        return {}
    place = {name: column for row in rows for column, name in _pairs(row)}
    found: dict[str, list[str]] = {}
    for one in form.identities:
        columns = {place.get(name) for name in one.fields}
        if len(columns) == _WHOLE and None not in columns and not any(set(one.fields) <= set(r.fields) for r in rows):
            found.setdefault(str(columns.pop()), []).append(one.id)
    return found


def _row_checks(form: Form, row: FormRow, below: Mapping[str, Sequence[str]]) -> list[str]:
    """The identities that stand beside a row: their result is in it, and they stand below no column."""
    placed = {name for names in below.values() for name in names}
    return [one.id for one in form.identities if one.right[-1] in row.fields and one.id not in placed]


def _figures(row: FormRow, spare: int) -> list[Cell]:
    cells: list[Cell] = [{"field": name} for name in row.fields]
    if spare:
        cells[-1]["columns"] = spare + 1
    return cells


def _pairs(row: FormRow) -> Iterable[tuple[str, str]]:
    return zip(row.columns, row.fields, strict=True)


def _checks_head(depth: int, number: int) -> list[Cell]:
    return [] if number else [{"checks": [], "rows": depth}]


def _checks(ids: Sequence[str]) -> Cell:
    return {"checks": list(ids)}


def _line(row: str | None, cells: Sequence[Cell]) -> Line:
    return {"row": row, "cells": list(cells)}
