"""What Label Studio exports of the tasks that `label_studio.py` wrote (JSON or JSON-MIN), read back as lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.label_studio import COLUMN, KINDS, LABEL
from models.lines import LabelLine, Told
from pipeline.errors import UsageError

_MOST_BYTES = 500_000_000
_SAME = 0.3  # of the area or text that two places cover, what both must cover to be of the same row
_ROW = ("row", "text", "cells", "heads", "label", "confidence", "place")
_REMEDY = "Export the project as JSON, as Label Studio writes it."

Region = Mapping[str, Any]


def read_export(file: Path) -> tuple[list[Told], list[str]]:
    """The lines that the annotated tasks of an export say, and what was left out, in plain words.

    A submitted annotation confirms all its regions; of several for a task the one marked as ground truth counts, else a
    row about which they differ is left out, as is a row whose region was taken away. UsageError names file, task and
    remedy for what is no such export.
    """
    told: list[Told] = []
    remarks: list[str] = []
    waiting = 0
    for place, task in enumerate(_tasks(file), 1):
        number = task["id"] if isinstance(task.get("id"), int) else place
        annotations = list(_annotations(task))
        waiting += not annotations
        if annotations:
            try:
                found, more = _lines(task.get("data", task), annotations)
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
                raise UsageError(f"{file}, task {number}: it is damaged ({error!r}). {_REMEDY}") from None
            told += [Told(file, number, line, "task") for line in found]
            remarks += [f"{file}, task {number}: {remark}" for remark in more]
    if not told:
        raise UsageError(f"{file}: no task has an annotation. Submit some in Label Studio and export again as JSON.")
    if waiting:
        remarks.append(f"{file}: {waiting} tasks without a submitted annotation were left out.")
    return told, remarks


def _tasks(file: Path) -> list[dict[str, Any]]:
    if file.stat().st_size > _MOST_BYTES:
        raise UsageError(f"{file} has more than {_MOST_BYTES // 1_000_000} MB. Export fewer tasks at a time.")
    try:
        tasks = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no JSON ({error}). {_REMEDY}") from None
    if not isinstance(tasks, list) or not all(isinstance(one, dict) for one in tasks):
        raise UsageError(f"{file} is no list of tasks. {_REMEDY}")
    return tasks


def _annotations(task: Mapping[str, Any]) -> Iterator[Sequence[Region]]:
    """The regions of each submitted annotation; the ground truth's alone if there is one.

    JSON has annotations with results, JSON-MIN the values of one annotation beside the data of the task.
    """
    if "data" not in task:
        if isinstance(task.get(LABEL), list):
            yield [{"from_name": name, "value": one} for name in (LABEL, COLUMN) for one in _listed(task.get(name))]
        return
    given = [one for one in _listed(task.get("annotations")) if isinstance(one, dict) and not one.get("was_cancelled")]
    truth = [one for one in given if one.get("ground_truth")] or given
    for one in truth:
        if regions := [each for each in _listed(one.get("result")) if isinstance(each, dict)]:
            yield regions


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _lines(data: Mapping[str, Any], annotations: Sequence[Sequence[Region]]) -> tuple[list[LabelLine], list[str]]:
    """The lines of a task's rows with what the annotations say as corrections, and what no row could be found for."""
    rows = [{name: row[name] for name in _ROW} for row in data["rows"]]
    said: list[dict[int, str]] = []
    columns: dict[int, str] = {}
    remarks: list[str] = []
    for regions in annotations:
        labels, strange = _labels(regions, rows)
        said.append(labels)
        columns |= _columns(regions, rows)
        remarks += strange
    lines = []
    for place, row in enumerate(rows):
        names = {labels.get(place, "") for labels in said}
        (name,) = names if len(names) == 1 else ("",)
        if len(names) > 1:
            remarks.append(f"row {row['row']} is left out: annotations call it {', '.join(sorted(filter(None, names)))}"
                           + (" or nothing." if "" in names else "."))  # fmt: skip
        lines.append(_line(data, row, name, columns.get(place, "")))
    return lines, remarks


def _line(data: Mapping[str, Any], row: Mapping[str, Any], name: str, column: str) -> LabelLine:
    """The line of a row; without a name nobody is sure of it."""
    return LabelLine(
        document=str(data["document"]),
        sha256=str(data["sha256"]),
        page=int(data["page"]),
        row=int(row["row"]),
        text=str(row["text"]),
        cells=str(row["cells"]),
        heads=str(row["heads"]),
        label=str(row["label"]),
        confidence=float(row["confidence"]) if name else 0.0,
        correction=name,
        year_column=column,
    )


def _labels(regions: Sequence[Region], rows: Sequence[Mapping[str, Any]]) -> tuple[dict[int, str], list[str]]:
    """The label of each row that has one, "" where regions differ, and remarks about regions that are on no row."""
    found: dict[int, str] = {}
    remarks: list[str] = []
    for region in regions:
        names = _names(region)
        if region.get("from_name") != LABEL or not names:
            continue
        place = _row_at(region, rows)
        name = names[0] if len(set(names)) == 1 else ""
        if place is None:
            remarks.append(
                f"a region called {', '.join(names)} is on no row that the program reads; it teaches nothing."
            )
        else:
            found[place] = name if found.get(place, name) == name else ""
    return found, remarks


def _names(region: Region) -> list[str]:
    return [str(name) for kind in KINDS.values() for name in _listed(region["value"].get(kind))]


def _columns(regions: Sequence[Region], rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """The cell of the year for each row of which the annotation says it."""
    said = [one for one in regions if one.get("from_name") == COLUMN and one["value"].get("number") is not None]
    places = ((_row_at(one, rows), str(int(one["value"]["number"]))) for one in said)
    return {place: number for place, number in places if place is not None}


def _row_at(region: Region, rows: Sequence[Mapping[str, Any]]) -> int | None:
    """The row that a region covers best, if it covers a fair part of it; a region says by its id which of two."""
    shares = [(_shared(region["value"], row["place"]), region.get("id") == f"row{row['row']}") for row in rows]
    best = max(range(len(rows)), key=shares.__getitem__, default=None)
    return best if best is not None and shares[best][0] >= _SAME else None


def _shared(value: Mapping[str, Any], place: Sequence[float]) -> float:
    """The part of what a region and a row cover together that both cover; a text's or a page's."""
    if "start" in value:
        return _overlap((float(value["start"]), float(value["end"])), (place[0], place[1]))
    if "x" not in value:
        return 0.0
    x, y, width, height = (float(value[name]) for name in ("x", "y", "width", "height"))
    left, top, wide, high = place
    sides = _common((x, x + width), (left, left + wide)), _common((y, y + height), (top, top + high))
    both = sides[0] * sides[1]
    return both / ((width * height + wide * high - both) or 1)


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    both = _common(one, other)
    return both / ((one[1] - one[0] + other[1] - other[0] - both) or 1)


def _common(one: tuple[float, float], other: tuple[float, float]) -> float:
    return max(min(one[1], other[1]) - max(one[0], other[0]), 0.0)
