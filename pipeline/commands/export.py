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
    names: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Which agency a name as printed means, in columns name and agency."),
    ] = None,
) -> None:
    """Write all records of a store, with what was corrected in them, for other programs.

    Files are by path, workbooks and Parquet by form and year. `agency_key` joins the reports of one body over spellings
    and years; what may be one body and is not joined stands in the table doubtful_links, and is settled by --names.
    """
    from pipeline.agencies.lists import read_settled
    from pipeline.storage import open_store
    from pipeline.writers import write
    from pipeline.writers.linking import with_settled

    settled = read_settled(names) if names and to != "jsonl" else {}
    with open_store(store, create=False) as opened:
        records = opened.corrected_records(order="report" if to in ("xlsx", "parquet") else "path")
        number = write(with_settled(records, settled), to, out)
    print(f"{number} records in {out}")
