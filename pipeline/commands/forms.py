"""nianbao forms: the statutory forms and their fields."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.datamodel import Form

_FORM_HEADS = ("form", "years", "fields", "regulation")
_FIELD_HEADS = ("field", "label", "column", "kind", "unit")


def forms(
    form: Annotated[str | None, typer.Argument(metavar="FORM", help="A form, to list its fields.")] = None,
) -> None:
    """List the forms, or the fields of one FORM with their labels; tab-separated where the output is no terminal."""
    from pipeline.errors import UsageError
    from pipeline.forms import load_forms

    known = load_forms()
    if form is None:
        _print(_FORM_HEADS, ((one.name, _years(one), str(len(one.fields)), one.regulation) for one in known.values()))
    elif form in known:
        _print(_FIELD_HEADS, _fields(known[form]))
    else:
        raise UsageError(f"There is no form {form}: choose one of {', '.join(known)}.")


def _years(form: Form) -> str:
    first = form.first_year if form.first_year > 1900 else ""
    return f"{first}-{form.last_year if form.last_year < 2900 else ''}"


def _fields(form: Form) -> Iterable[tuple[str, ...]]:
    for row in form.rows:
        for name, column, kind, unit in zip(row.fields, row.columns, row.kinds, row.units, strict=True):
            yield name, "/".join(row.labels), column, kind, unit


def _print(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    if not sys.stdout.isatty():
        for line in (heads, *lines):
            print("\t".join(line))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*heads, box=box.SIMPLE_HEAD)
    for line in lines:
        table.add_row(*line)
    Console().print(table)
