"""nianbao label: every row of documents with the model's guess, to be corrected by hand and learnt from."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.labels import Report
    from models.lines import LabelLine
    from pipeline.extract import Model

_SHOWN = 20  # rows that gold does not settle


class Target(StrEnum):
    """Where labels are corrected."""

    SHEET = "sheet"
    LABEL_STUDIO = "label-studio"


def label(
    out: Annotated[
        Path,
        typer.Option(metavar="ROWS.csv|.xlsx|DIR", help="The file to write, or the folder for Label Studio; replaced."),
    ],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="Reports, or folders with gold.json.")
    ] = None,
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="Label the documents that were corrected in this store.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model folder instead of the built-in one.")
    ] = None,
    to: Annotated[Target, typer.Option(help="Correct in a spreadsheet, or on page pictures.")] = Target.SHEET,
) -> None:
    """Write one line a row of each FILE: document, page, text, cells, the model's label with its confidence, and an
    empty column for the correction. `nianbao train` learns from the corrected file.

    An empty correction lets a label stand from a confidence of 0.9 on. In an .xlsx the corrections have a drop-down
    list. Of a folder with gold.json the corrections are filled in from its gold, of a store from the figures that
    people accepted or corrected on the review page; what these do not settle is listed. With --to label-studio the
    rows become tasks for Label Studio with page pictures, boxes and guesses.
    """
    from models.label_files import write_lines
    from models.reviewed import read_store
    from pipeline.extract import load_model

    _check(files, store, out, to)
    loaded = load_model(model)
    reports, open_rows = read_store(store, loaded) if store else ([], [])
    for path in files or ():
        found, unsettled = _reports(path, loaded)
        reports += found
        open_rows += unsettled
    lines = [line for one in reports for line in one.lines]
    if to is Target.SHEET:
        write_lines(lines, out)
        _say(lines, out, "Fill in the column correction, and year_column where it is wrong; then run `nianbao train`.")
    else:
        _to_label_studio(reports, lines, out, loaded)
    if open_rows:
        print(f"What is known of the figures does not settle {len(open_rows)} rows:")
        print("\n".join([*open_rows[:_SHOWN], *["…"] * (len(open_rows) > _SHOWN)]))


def _check(files: list[Path] | None, store: str | None, out: Path, to: Target) -> None:
    from pipeline.errors import UsageError

    if not files and not store:
        raise UsageError("There is nothing to label: name reports, or a store with --store.")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"{out} cannot be written: its folder must be there.")
    if to is Target.SHEET and out.suffix.lower() not in (".csv", ".xlsx"):
        raise UsageError(f"{out} cannot be written: it must end in .csv or .xlsx, or say --to label-studio.")
    if to is Target.LABEL_STUDIO and out.exists() and not out.is_dir():
        raise UsageError(f"{out} cannot be written: it is a file, and Label Studio takes a folder.")


def _reports(path: Path, model: Model) -> tuple[list[Report], list[str]]:
    from models.labels import report_of, reports_of_gold

    if path.is_dir():
        return reports_of_gold(path, model)
    found = report_of(path, model)
    if not found.lines:
        print(f"nianbao: {path}: no row with figures was found in it.", file=sys.stderr)
    return [found], []


def _to_label_studio(reports: Sequence[Report], lines: Sequence[LabelLine], out: Path, model: Model) -> None:
    from models.label_studio import write_project

    written = write_project(reports, out, model.version)
    _say(lines, out, "In Label Studio:")
    for tasks, settings in zip(written[::2], written[1::2], strict=True):
        print(f"  make a project, paste {settings} under Settings, Labeling Interface, Code, and import {tasks};")
    print(
        "  pictures are found where Label Studio was started with LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and\n"
        f"  LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={out.absolute().parent}, and the project has the folder\n"
        f"  {out.absolute()} as source storage of type Local files.\n"
        "Submit every page that you have been over, export as JSON, and run `nianbao train` on the export."
    )


def _say(lines: Sequence[LabelLine], out: Path, next_step: str) -> None:
    from models.labels import SURE

    unsure = sum(line.confidence < SURE and not line.correction for line in lines)
    documents = len({line.sha256 for line in lines})
    print(f"{len(lines)} rows of {documents} documents in {out}; {unsure} of them with a guess below {SURE:g}.")
    print(next_step)
