"""The description of an export: a Frictionless Data Package, so that other programs know every column and its type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.version import __version__
from pipeline.writers import DESCRIPTION, PACKAGE_NAME
from pipeline.writers.tidy import Column, Table

_TYPES = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
_KEYS = {"fields": "documents", "wide": "documents", "panel": "documents", "panel_wide": "documents"}
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}

# A table, the path or paths of its files within the folder, and the columns that stand in them.
Resource = tuple[Table, str | Sequence[str], Sequence[Column]]


def describe(folder: Path, resources: Iterable[Resource]) -> None:
    """Write the description of a folder's tables into it."""
    package = {
        "name": PACKAGE_NAME,
        "title": "Figures out of 政府信息公开工作年度报告",
        "version": __version__,
        "resources": [_resource(*one) for one in resources],
    }
    text = json.dumps(package, ensure_ascii=False, indent=2)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")


def _resource(table: Table, paths: str | Sequence[str], columns: Sequence[Column]) -> dict[str, Any]:
    kind = (paths if isinstance(paths, str) else paths[0]).rsplit(".", 1)[-1]
    schema: dict[str, Any] = {"fields": [_field(column) for column in columns], "missingValues": [""]}
    if table.name in _KEYS:
        reference = {"resource": _KEYS[table.name], "fields": ["sha256"]}
        schema["foreignKeys"] = [{"fields": ["sha256"], "reference": reference}]
    left_out = [column.name for column in table.columns if column not in columns]
    return {
        "name": table.name,
        "title": table.about,
        "path": paths if isinstance(paths, str) else list(paths),
        "format": kind,
        "mediatype": _MEDIA[kind],
        **({"profile": "tabular-data-resource", "encoding": "utf-8"} if kind == "csv" else {}),
        **({"partitionedBy": left_out} if left_out else {}),
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    title = {"title": column.title} if column.title else {}
    return {"name": column.name, "type": _TYPES[column.kind], **title, "description": column.about}
