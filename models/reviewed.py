"""What corrections in a store teach: the rows of corrected documents, named by the figures that people settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corpora import Document
from models.labels import Report, report_of
from models.lines import Told
from pipeline.bulk.originals import read_original
from pipeline.corrections import is_settled, not_undone
from pipeline.errors import NianbaoError, UsageError
from pipeline.extract import Model
from pipeline.storage import open_store


def is_store(source: str) -> bool:
    """Whether what a user names is the URL of a store."""
    return "://" in source


def read_store(url: str, model: Model) -> tuple[list[Report], list[str]]:
    """The corrected documents of a store as the model reads them, with the labels that their figures say as
    corrections, and in plain words what cannot be derived: documents whose file is gone, rows that no figure settles.

    Figures are those that are accepted, and those that a person typed. UsageError where nobody corrected anything.
    """
    reports: list[Report] = []
    open_rows: list[str] = []
    with open_store(url, create=False) as store:
        made = not_undone(store.corrections())
        ids = dict.fromkeys(one.document for one in made)
        for name, record in store.some(ids):
            corrected = sorted({one.field for one in made if one.document == name})
            try:
                report = _report(name, record, model)
            except (NianbaoError, OSError) as error:
                open_rows.append(f"{record['source']['path']}: {error}")
                continue
            reports.append(report)
            open_rows += _unsettled(report, corrected)
    if not reports and not open_rows:
        raise UsageError(f"Nobody has corrected anything in {url}. Run `nianbao review --store {url}` first.")
    return reports, open_rows


def _report(name: str, record: Mapping[str, Any], model: Model) -> Report:
    source = read_original(record["source"]["path"], name)
    return report_of(source, model, _document(name, record), complete=is_settled(record))


def _document(name: str, record: Mapping[str, Any]) -> Document:
    """A record as gold: the figures that are accepted, and those that a person typed even where a sum speaks against
    them: what is misread beside them breaks it as well."""
    known = {field: one for field, one in record["fields"].items() if one["accepted"] or "corrected" in one}
    values = {field: one["value"] for field, one in known.items() if one["state"] in ("printed", "blank")}
    path = Path(record["source"]["path"])
    return Document(name, path, str(record["form"]), int(record["year"] or 0), record["agency"], values)


def _unsettled(report: Report, corrected: list[str]) -> Iterator[str]:
    """The corrected fields of whose row no row of the document is known, in plain words."""
    form = report.made.form
    named = {line.correction for line in report.lines}
    for row in form.rows if form else ():
        fields = [name for name in corrected if name in row.fields]
        if fields and row.name not in named:
            known = ", ".join(fields)
            yield f"{report.source.path}: which row {row.name} is cannot be told from {known}; label it by hand."


def lines_told(reports: list[Report]) -> list[Told]:
    """The lines of documents as if somebody had been over them, each known by its document and row."""
    return [Told(Path(one.source.path), line.row, line, "row") for one in reports for line in one.lines]
