"""nianbao export: the records of a store as a file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def export(
    store: Annotated[str, typer.Option(metavar="URL", help="The store, like sqlite:///out/nianbao.sqlite.")],
    to: Annotated[Literal["csv", "jsonl"], typer.Option(help="csv: a line a field; jsonl: a record a line.")],
    out: Annotated[Path, typer.Option(metavar="PATH", help="The file to write; an older one is replaced.")],
) -> None:
    """Write all records of a store to a file, ordered by path."""
    from pipeline.storage import open_store
    from pipeline.writers import write

    with open_store(store, create=False) as opened:
        number = write(opened.records(), to, out)
    print(f"{number} records in {out}")
