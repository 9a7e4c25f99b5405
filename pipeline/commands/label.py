"""nianbao label: every row of documents with the model's guess, to be corrected by hand and learnt from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.labels import LabelLine
    from pipeline.extract import Model

_SHOWN = 20  # rows that gold does not settle


def label(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Reports, or folders with gold.json.")],
    out: Annotated[Path, typer.Option(metavar="ROWS.csv|.xlsx", help="The file to write; an older one is replaced.")],
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model folder instead of the built-in one.")
    ] = None,
) -> None:
    """Write one line a row of each FILE: document, page, text, cells, the model's label with its confidence, and an
    empty column for the correction. `nianbao train` learns from the corrected file.

    An empty correction lets a label stand from a confidence of 0.9 on. In an .xlsx the corrections have a drop-down
    list. Of a folder with gold.json the corrections are filled in from its gold; rows that it does not settle are
    listed.
    """
    from models.label_files import write_lines
    from pipeline.errors import UsageError
    from pipeline.extract import load_model

    if out.suffix.lower() not in (".csv", ".xlsx") or not out.absolute().parent.is_dir():
        raise UsageError(f"{out} cannot be written: it must end in .csv or .xlsx, and its folder must be there.")
    loaded = load_model(model)
    lines: list[LabelLine] = []
    open_rows: list[str] = []
    for path in files:
        found, unsettled = _lines(path, loaded)
        lines += found
        open_rows += unsettled
    write_lines(lines, out)
    _say(lines, open_rows, out)


def _lines(path: Path, model: Model) -> tuple[list[LabelLine], list[str]]:
    from models.labels import lines_of, lines_of_gold

    if path.is_dir():
        return lines_of_gold(path, model)
    found = lines_of(path, model)
    if not found:
        print(f"nianbao: {path}: no row with figures was found in it.", file=sys.stderr)
    return found, []


def _say(lines: list[LabelLine], open_rows: list[str], out: Path) -> None:
    from models.labels import SURE

    unsure = sum(line.confidence < SURE and not line.correction for line in lines)
    documents = len({line.sha256 for line in lines})
    print(f"{len(lines)} rows of {documents} documents in {out}; {unsure} of them with a guess below {SURE:g}.")
    print("Fill in the column correction, and year_column where it is wrong; then run `nianbao train`.")
    if open_rows:
        print(f"Gold does not settle {len(open_rows)} rows:")
        print("\n".join(open_rows[:_SHOWN] + ["…"] * (len(open_rows) > _SHOWN)))
