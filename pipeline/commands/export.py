"""nianbao export: the records of a store as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def export(
    store: Annotated[str, typer.Option(metavar="URL", help="The store, like sqlite:///out/nianbao.sqlite.")],
    to: Annotated[
        Literal["csv", "xlsx", "parquet", "jsonl"],
        typer.Option(
            help="csv: a line a field, or all tables where PATH is a folder; xlsx: a workbook with a sheet a table; "
            "parquet: a folder of all tables, the large ones by form and year; jsonl: a record a line."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="PATH",
            help="The file to write, or the folder (parquet; csv where PATH has no suffix); an older one is replaced.",
        ),
    ],
) -> None:
    """Write all records of a store, with what was corrected in them, for other programs.

    Files are by path, workbooks and Parquet by form and year.
    """
    from pipeline.storage import open_store
    from pipeline.writers import write

    with open_store(store, create=False) as opened:
        number = write(opened.corrected_records(order="report" if to in ("xlsx", "parquet") else "path"), to, out)
    print(f"{number} records in {out}")
