"""Several documents of one agency and year: all are kept, and each says which others there are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.bulk.saving import BATCH
from pipeline.storage import Store
from pipeline.writers.to_jsonl import to_line

CODE = "several_versions"
_NAMED = 3  # other versions that a record names


def marked_lines(store: Store) -> Iterator[tuple[str, bool]]:
    """All records of a store by path, a line of JSON each, with the mark of several versions where there are some and
    without it where there are no more, and whether they are marked; what is changed by that is saved."""
    several, changed = store.versions(), []
    for text, agency, year, status in store.lines():
        shared = status != "failed" and (agency, year) in several
        if not shared and CODE not in text:
            yield text, False
            continue
        record = json.loads(text)
        marked = _marked(record, several)
        if marked is not record:
            changed.append(marked)
        if len(changed) == BATCH:
            store.save_all(changed)
            changed = []
        yield to_line(marked), shared
    store.save_all(changed)


def _marked(record: dict[str, Any], several: Mapping[tuple[str, int], list[str]]) -> dict[str, Any]:
    paths = several.get((record["agency"], record["year"]), []) if record["status"] != "failed" else []
    wanted = [_mark(record, paths)] if paths else []
    if wanted == [problem for problem in record["problems"] if problem["code"] == CODE]:
        return record
    others = [problem for problem in record["problems"] if problem["code"] != CODE]
    return {**record, "problems": others + wanted}


def _mark(record: Mapping[str, Any], paths: list[str]) -> dict[str, Any]:
    others = list(paths)
    if record["source"]["path"] in others:
        others.remove(record["source"]["path"])
    named = ", ".join(others[:_NAMED]) + (" …" if len(others) > _NAMED else "")
    said = f"One of {len(paths)} documents of {record['agency']} for {record['year']}; the others: {named}."
    return {"stage": "convert", "code": CODE, "message": said, "location": None}
