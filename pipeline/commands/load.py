"""nianbao load: shards of records, from one machine or many, into a store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.bulk.load import Loaded


def load(
    shards: Annotated[
        list[Path], typer.Argument(metavar="SHARDS…", help="Folders that `nianbao convert --shards` wrote, or files.")
    ],
    store: Annotated[str, typer.Option(metavar="URL", help="The store, like sqlite:///out/nianbao.sqlite.")],
) -> None:
    """Bring shards into a store; doing it again changes nothing.

    Exit code 0: all loaded; 1: some shards were damaged, each is named; 3: none could be read.
    """
    from pipeline.bulk.load import load as run

    loaded = run(shards, store, progress=_show if sys.stderr.isatty() else lambda _: None)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for trouble in loaded.troubles:
        print(f"nianbao: {trouble}", file=sys.stderr)
    print(f"{loaded.records} records of {loaded.shards} shards in {loaded.store}")
    if loaded.versions:
        print(f"Several versions of one agency and year: {loaded.versions} documents, all kept and marked.")
    raise typer.Exit((1 if loaded.records else 3) if loaded.troubles else 0)


def _show(loaded: Loaded) -> None:
    read = loaded.shards + len(loaded.troubles)
    print(f"\r{read} of {loaded.total} shards, {loaded.records} records", end="", file=sys.stderr, flush=True)
