"""nianbao inspect: what a stage made of a document, as JSON or drawn on the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from pipeline.datamodel import Field, LabelledRow, Page, Word

_CHARACTER = 3.0  # points that a character of a label takes in the picture


class Stage(StrEnum):
    """The stages in the order of the flow."""

    pages = "pages"
    words = "words"
    tables = "tables"
    lines = "lines"
    rows = "rows"
    labelled = "labelled"
    fields = "fields"
    checks = "checks"
    sections = "sections"
    facts = "facts"


_UPRIGHT = frozenset({Stage.pages, Stage.words, Stage.tables, Stage.lines, Stage.rows, Stage.labelled})


class Words(NamedTuple):
    """The words of a page."""

    number: int
    words: tuple[Word, ...]


def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A report.")],
    stage: Annotated[Stage, typer.Option(help="The stage whose result to show.")],
    page: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only what stands on page N.")] = None,
    image: Annotated[Path | None, typer.Option(metavar="OUT.png", help="Draw it on the page instead.")] = None,
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model folder instead of the built-in one.")
    ] = None,
) -> None:
    """Show what one stage made of FILE: as JSON, or with --image drawn on the picture of page N (1 by default)."""
    from pipeline.extract import load_model, stages

    made = stages(file, load_model(model))
    result = _results(made)[stage]
    if image is not None:
        read = next((one for one in made.pages if one.number == (page or 1)), None)
        _draw(file, result, page or 1, image, read if stage in _UPRIGHT else None)
        print(f"Page {page or 1} with its {stage} is in {image}")
        return
    shown = result if page is None else _on_page(result, page)
    print(json.dumps(_plain(shown), ensure_ascii=False, indent=2))


def _results(made: Any) -> dict[str, Any]:
    record = made.record
    return {
        Stage.pages: made.pages,
        Stage.words: [Words(one.number, one.words) for one in made.pages],
        Stage.tables: [table for tables in made.tables.values() for table in tables],
        Stage.lines: made.blocks,
        Stage.rows: made.rows,
        Stage.labelled: made.labelled,
        Stage.fields: list(record.fields.values()),
        Stage.checks: record.checks,
        Stage.sections: record.sections,
        Stage.facts: list(record.facts.values()),
    }


def _on_page(result: Iterable[Any], page: int) -> list[Any]:
    return [thing for thing in result if _page(thing) in (page, None)]


def _page(thing: Any) -> int | None:
    """The page a thing stands on; None for what has no place (checks)."""
    if isinstance(thing, Page | Words):
        return thing.number
    place = getattr(thing.row if isinstance(thing, LabelledRow) else thing, "location", None)
    return place.page if place is not None else None


def _plain(thing: Any) -> Any:
    """Records, mappings and sequences as what JSON knows, in their own order; numbers to four places."""
    if is_dataclass(thing):
        return {one.name: _plain(getattr(thing, one.name)) for one in fields(thing)}
    if hasattr(thing, "_asdict"):
        thing = thing._asdict()
    if isinstance(thing, Mapping):
        return {str(key): _plain(value) for key, value in thing.items()}
    if isinstance(thing, float):
        return round(thing, 4)
    if isinstance(thing, str | int | None):
        return thing
    return [_plain(one) for one in thing]


def _draw(file: Path, result: Iterable[Any], page: int, image: Path, read: Page | None) -> None:
    from pipeline.drawing import Shape, draw_stage
    from pipeline.errors import UsageError
    from pipeline.readers import open_source

    shapes = [Shape(*shape) for thing in _on_page(result, page) for shape in _shapes(thing, page)]
    if not shapes:
        raise UsageError(
            f"There is nothing of this stage with a place on page {page} of {file} (only PDFs and pictures have boxes)."
        )
    draw_stage(open_source(file), page, shapes, image, read)


def _shapes(thing: Any, page: int) -> Iterator[tuple[Any, str, str]]:
    """(box, label, kind) of everything in a stage's result that can be drawn on a page."""
    if isinstance(thing, Words):
        yield from ((word.box, word.text + ("?" if word.readings else ""), "word") for word in thing.words)
        return
    if isinstance(thing, Page):
        yield from ((word.box, "", "word") for word in thing.words)
        yield from (((edge.x0, edge.top, edge.x1, edge.bottom), "", "edge") for edge in thing.edges)
        return
    label = _label(thing)
    if isinstance(thing, LabelledRow):
        thing = thing.row
    kind = type(thing).__name__.lower()
    place = getattr(thing, "location", None)
    if isinstance(thing, Field) and place is not None and place.box is not None:
        label = _short_label(thing, place.box[2] - place.box[0])
    if place is not None and place.page == page and place.box is not None:
        yield place.box, label, kind
    for cell in getattr(thing, "cells", ()):
        yield from _shapes(cell, page)


def _label(thing: Any) -> str:
    if isinstance(thing, LabelledRow) and thing.probabilities:
        name, probability = next(iter(thing.probabilities.items()))
        return f"{name} {probability:.2f}"
    return "/".join(thing.labels) if hasattr(thing, "labels") else ""


def _short_label(field: Field, width: float) -> str:
    """As much of a field's name as fits its box before what was read; `?` where somebody needs to look."""
    read = f"{field.value if field.state == 'printed' else field.state}{'' if field.accepted else ' ?'}"
    names = (f"{field.name} = ", f"{field.name.rpartition('.')[2]} = ")
    return next((name for name in names if len(name + read) * _CHARACTER <= width), "") + read
