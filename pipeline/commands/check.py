"""nianbao check: what does not fit together in the reports of a store, as a table or a page for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def check(
    store: Annotated[str, typer.Option(metavar="URL", help="The store, like sqlite:///out/nianbao.sqlite.")],
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="The findings: .csv or .xlsx, a line each; .html, a page to read with the surest of each kind.",
        ),
    ],
    hierarchy: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="Who belongs to whom, in columns parent and child: the region's figures are held against their sum.",
        ),
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="Which agency a name as printed means, in columns name and agency: settles doubtful links.",
        ),
    ] = None,
    doubtful: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Also write the names that may be of one body and were not joined."),
    ] = None,
    write: Annotated[
        bool,
        typer.Option(
            "--write", metavar="", help="Also put the checks across years into the store's records (kind cross_year)."
        ),
    ] = False,
) -> None:
    """Hold the reports of a store against each other: year against year (结转, 现行有效), region against departments,
    prose against tables, totals against parts; with both figures, where each stands, and who is to blame.

    Only figures that were read with certainty accuse a report. Reports are compared over years where their agency's
    name leaves no doubt who is meant; of several documents of one report the one with most accepted figures counts.
    """
    from pipeline.agencies.lists import read_hierarchy, read_settled
    from pipeline.findings import Tally, check_store, write_findings
    from pipeline.findings.to_table import write_links
    from pipeline.findings.write_back import write_back
    from pipeline.storage import open_store

    families = read_hierarchy(hierarchy) if hierarchy else {}
    settled = read_settled(names) if names else {}
    tally = Tally()
    with open_store(store, create=False) as opened:
        number = write_findings(check_store(opened, families, settled, tally), out, tally)
        written = write_back(opened, settled) if write else 0
    if doubtful:
        write_links(tally.doubtful, doubtful)
    print(f"Findings in {out}: {number}. Documents: {tally.documents}, of bodies known for sure: {tally.bodies}.")
    print(f"Compared: neighbouring years {tally.neighbours}, regions with their departments {tally.regions}.")
    if tally.unmatched:
        print(f"Bodies of the hierarchy without a report: {len(tally.unmatched)}, like {_spelt(tally.unmatched[0])}.")
    if tally.doubtful:
        print(f"Doubtful links between agencies, not made: {len(tally.doubtful)}; --doubtful FILE.csv lists them.")
    if write:
        print(f"Records with new checks across years: {written}.")


def _spelt(key: str) -> str:
    """A body's key as a reader writes its name."""
    return key.replace("/", "").replace("|", "")
