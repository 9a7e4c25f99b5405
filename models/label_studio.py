"""Rows of documents as tasks of Label Studio: page pictures with a box a row, or the text with a span a row, each with
the model's guess, and the labelling configuration. `label_studio_export.py` reads what comes out of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from models.labels import Report, legal_lines
from models.lines import LabelLine
from pipeline.datamodel import Box, Page, Row, Span
from pipeline.forms import load_forms
from pipeline.writers import whole_file

LABEL, COLUMN = "label", "year_column"  # names of the controls, which the export speaks of
PAGE, TEXT = "page", "text"  # ... and of what they are about
PICTURES = "pages"
_HTML = "text/html"
_BETWEEN = " | "
_TAGS = {PAGE: "Image", TEXT: "Text"}
_LABELS = {PAGE: "RectangleLabels", TEXT: "Labels"}
KINDS = {PAGE: "rectanglelabels", TEXT: "labels"}


def write_project(reports: Sequence[Report], out: Path, model_version: str) -> list[Path]:
    """Write the tasks and the configuration of all documents below a folder, which is made; what was written.

    Documents with page pictures make `pages.json`, `pages.xml` and `pages/*.png`, the others `texts.json`, `texts.xml`.
    """
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    of_kind: dict[str, list[Report]] = {PAGE: [], TEXT: []}
    for one in reports:
        of_kind[PAGE if any(row.location.box for row in one.made.rows) else TEXT].append(one)
    for kind, some in of_kind.items():
        if not some:
            continue
        make = _page_tasks if kind == PAGE else _text_tasks
        tasks = [task for one in some for task in make(one, out, model_version)]
        files = {".json": json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", ".xml": configuration(kind, some)}
        for suffix, content in files.items():
            written.append(out / f"{kind}s{suffix}")
            with whole_file(written[-1]) as file:
                file.write(content)
    return written


def configuration(kind: str, reports: Iterable[Report]) -> str:
    """The labelling configuration (XML): the labels of the documents' forms, then none, head and note."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Filter", name="find", toName=LABEL, minlength="0", placeholder="find a label")
    labels = ElementTree.SubElement(view, _LABELS[kind], name=LABEL, toName=kind, showInline="true")
    rows = {row.name for one in reports for form in one.forms for row in load_forms()[form].rows}
    fields = {row.name for form in load_forms().values() for row in form.rows}
    for place, (name, meaning) in enumerate(legal_lines()):
        if name in rows or name not in fields:
            ElementTree.SubElement(labels, "Label", value=name, hint=meaning, background=_colour(place))
    shown = {"name": kind, "value": "$image" if kind == PAGE else "$text"}
    ElementTree.SubElement(view, _TAGS[kind], shown | ({"zoomControl": "true"} if kind == PAGE else {}))
    about = {"name": COLUMN, "toName": kind, "perRegion": "true", "min": "1"}
    ElementTree.SubElement(view, "Number", about)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _colour(place: int) -> str:
    """A colour for each label, neighbours far apart on the wheel."""
    from colorsys import hls_to_rgb

    return "#" + "".join(f"{round(part * 255):02x}" for part in hls_to_rgb(place * 0.618 % 1, 0.45, 0.6))


def _page_tasks(report: Report, out: Path, model_version: str) -> Iterator[dict[str, Any]]:
    """A task a page that has rows, with its picture."""
    from pipeline.drawing import draw_page

    by_page: defaultdict[int, list[tuple[LabelLine, Row]]] = defaultdict(list)
    for line, row in zip(report.lines, report.made.rows, strict=True):
        by_page[row.location.page].append((line, row))
    source = report.source
    (out / PICTURES).mkdir(exist_ok=True)
    for number, found in sorted(by_page.items()):
        picture, _ = draw_page(source, number)
        name = f"{source.sha256[:16]}-{number}.png"
        picture.save(out / PICTURES / name)
        page = next(one for one in report.made.pages if one.number == number)
        placed = [(line, _percent(row.location.box, page)) for line, row in found if row.location.box]
        regions = [part for line, place in placed for part in _box_region(line, place, picture.size)]
        url = f"/data/local-files/?d={quote(out.absolute().name)}/{PICTURES}/{name}"
        yield _task(report, {"image": url, PAGE: number}, placed, regions, model_version)


def _percent(box: Box, page: Page) -> tuple[float, ...]:
    """A box as Label Studio has it: left, top, width and height in percent of the page."""
    x0, top, x1, bottom = box
    left, right = (min(max(100 * side / (page.width or 1), 0), 100) for side in (x0, x1))
    upper, lower = (min(max(100 * side / (page.height or 1), 0), 100) for side in (top, bottom))
    return tuple(round(one, 4) for one in (left, upper, right - left, lower - upper))


def _text_tasks(report: Report, out: Path, model_version: str) -> Iterator[dict[str, Any]]:  # noqa: ARG001 - no pictures
    """One task: the text of the document, of a web page its rows, whose source nobody can read."""
    if not report.lines:
        return
    spans = [row.location.span for row in report.made.rows]
    if report.made.record.media_type != _HTML and None not in spans:
        text = report.made.pages[0].text
        placed = [(line, span) for line, span in zip(report.lines, spans, strict=True) if span]
    else:
        text, placed = _written_out(report.lines)
    regions = [part for line, (start, end) in placed for part in _text_region(line, (start, end), text[start:end])]
    yield _task(report, {TEXT: text, PAGE: 1}, placed, regions, model_version)


def _written_out(lines: Iterable[LabelLine]) -> tuple[str, list[tuple[LabelLine, Span]]]:
    """Rows one below the other, the heads of their columns where these change, and the place of each."""
    text, heads = "", ""
    placed: list[tuple[LabelLine, Span]] = []
    for line in lines:
        if line.heads != heads:
            text, heads = f"{text}\n[{line.heads}]\n", line.heads
        shown = f"{line.text}: {line.cells}"
        placed.append((line, (len(text), len(text) + len(shown))))
        text += shown + "\n"
    return text, placed


def _task(
    report: Report,
    data: Mapping[str, Any],
    placed: Sequence[tuple[LabelLine, Sequence[float]]],
    regions: Sequence[Mapping[str, Any]],
    model_version: str,
) -> dict[str, Any]:
    """A task with what is needed to know its rows again; its score is that of the row that most needs a look."""
    rows = [
        {name: getattr(line, name) for name in ("row", "text", "cells", "heads", "label", "confidence")}
        | {"place": list(place)}
        for line, place in placed
    ]
    score = min((line.confidence for line, _ in placed if not line.correction), default=1.0)
    prediction = {"model_version": model_version, "score": score, "result": list(regions)}
    known = {"document": report.source.path, "sha256": report.source.sha256, "rows": rows}
    return {"data": {**data, **known}, "predictions": [prediction]}


def _box_region(line: LabelLine, place: Sequence[float], size: tuple[int, int]) -> Iterator[dict[str, Any]]:
    box = dict(zip(("x", "y", "width", "height"), place, strict=True))
    shape = {"original_width": size[0], "original_height": size[1], "image_rotation": 0}
    yield from _region(line, PAGE, {**box, "rotation": 0}, shape)


def _text_region(line: LabelLine, span: Span, text: str) -> Iterator[dict[str, Any]]:
    yield from _region(line, TEXT, {"start": span[0], "end": span[1], "text": text}, {})


def _region(line: LabelLine, kind: str, place: Mapping[str, Any], shape: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The region of a row, and which of its cells is the year's where that is known and there is a choice."""
    name = line.correction or line.label
    common = {"id": f"row{line.row}", "to_name": kind, "origin": "prediction", **shape}
    said = {"value": {**place, KINDS[kind]: [name]}, "score": 1.0 if line.correction else line.confidence}
    yield {**common, "from_name": LABEL, "type": KINDS[kind], **said, "meta": {"text": [line.cells]}}
    if line.year_column.isdigit():
        yield {**common, "from_name": COLUMN, "type": "number", "value": {**place, "number": int(line.year_column)}}
