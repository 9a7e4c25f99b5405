"""nianbao compare: how much of a report's prose stands in another one too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def compare(
    store: Annotated[str, typer.Option(metavar="URL", help="The store, like sqlite:///out/nianbao.sqlite.")],
    out: Annotated[Path, typer.Option(metavar="FILE.html", help="The page to write.")],
    agency: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Compare this agency's years with each other; without it, all reports of the store."
        ),
    ] = None,
    others: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="NAME", help="Compare the agency with this one, year by year; may come again."),
    ] = None,
    threshold: Annotated[
        float, typer.Option(metavar="SHARE", min=0.05, max=1, help="Least repeated share of a pair in the index.")
    ] = 0.5,
    pages: Annotated[
        int, typer.Option(metavar="N", min=0, max=1000, help="Pairs of the index that get a page side by side.")
    ] = 25,
    names: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Which agency a name as printed means, in columns name and agency."),
    ] = None,
) -> None:
    """Show how much of each chapter's prose is repeated, between a body's years and between bodies: side by side in
    HTML with the passages marked, or an index of all pairs of a store above a threshold.

    Figures and own names count as equal; what the regulation words, and what most bodies of the store write, counts for
    nothing.
    """
    from pipeline.agencies.lists import read_settled
    from pipeline.compare.store import compare_agency, compare_all
    from pipeline.errors import UsageError
    from pipeline.storage import open_store

    if out.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{out} is no .html: name the page by it.")
    if others and not agency:
        raise UsageError("--with needs --agency: which agency is to be compared with these?")
    settled = read_settled(names) if names else {}
    with open_store(store, create=False) as opened:
        if agency:
            print(f"{compare_agency(opened, agency, others or [], out, settled)} pairs in {out}")
            return
        found = compare_all(opened, out, threshold, pages, settled)
    print(f"{found.members} reports, pairs that share {threshold:.0%} or more in {out}:")
    print(f"{found.numbers['bodies']} of two bodies, {found.numbers['years']} of one body's neighbouring years.")
