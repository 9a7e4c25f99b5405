"""nianbao convert: many documents into a store, with a progress bar and a summary by cause."""

from __future__ import annotations

import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.bulk.summary import Summary

_PLAIN_SECONDS = 10  # between lines of progress where no terminal is
_STATUSES = {"accepted": "accepted", "needs_review": "needs review", "failed": "failed"}


def convert(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH…",
            help="Reports; folders, patterns (quoted) and zip, tar or 7z archives of reports; FILE.csv, a manifest "
            "with the columns path, agency, year; - for a list of paths on standard input.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the store, records, failures and summary.")],
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="Another store than sqlite:///DIR/nianbao.sqlite.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Worker processes; as many as processors by default.")
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(metavar="S", min=0.1, help="Seconds that one document may take; 60 by default, 300 for a scan."),
    ] = None,
    memory: Annotated[
        int, typer.Option(metavar="MB", min=1024, help="Megabytes of address space a worker may use, libraries too.")
    ] = 2048,
    fresh: Annotated[
        bool, typer.Option("--fresh", metavar="", help="Read again what the store holds already.")
    ] = False,
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model folder instead of the built-in one.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Read on the workers of this Dask scheduler (tcp://HOST:8786)."),
    ] = None,
    shards: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write Parquet shards there instead of a store; see `nianbao load`."),
    ] = None,
    archive_files: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Files that one archive may hold; a million by default.")
    ] = None,
    archive_size: Annotated[
        int | None, typer.Option(metavar="MB", min=1, help="Megabytes that one file in an archive may have; 200.")
    ] = None,
    archive_ratio: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Times its size that an archive may unpack to, above 1 GB; 200."),
    ] = None,
    archive_depth: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="How deep archives may lie in archives; 3.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Add one JSON object a line to this file for each event.")
    ] = None,
) -> None:
    """Read every report of each PATH into a store; run it again to go on where it stopped.

    Exit code 0: all read; 1: some documents failed, see failures.csv; 130: interrupted, everything finished is kept.
    """
    from pipeline.bulk.archive_limits import ArchiveLimits
    from pipeline.bulk.convert import convert as run

    size = archive_size and archive_size << 20
    limits = {"members": archive_files, "member": size, "ratio": archive_ratio, "depth": archive_depth}
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a cluster's "stop" ends like Ctrl-C
    with _progress() as progress:
        summary = run(
            paths,
            out,
            store_url=store,
            workers=workers,
            timeout=timeout,
            memory_mb=memory,
            fresh=fresh,
            model_folder=model,
            log=log,
            cluster=cluster,
            shards=shards,
            archive_limits=ArchiveLimits(**{name: limit for name, limit in limits.items() if limit}),
            progress=progress,
        )
    _print_summary(summary)
    raise typer.Exit(summary.exit_code)


@contextmanager
def _progress() -> Iterator[Callable[[Summary], None]]:
    if not sys.stderr.isatty():
        yield _plain_progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[statuses]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, rate="", statuses="starting …")

        def update(summary: Summary) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:.1f}/s" if speed else ""
            bar.update(
                task, total=summary.total, completed=summary.done, rate=rate, statuses=_statuses(summary, markup=True)
            )

        yield update


def _plain_progress() -> Callable[[Summary], None]:
    begin = last = time.monotonic()

    def update(summary: Summary) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _PLAIN_SECONDS:
            return
        last = now
        rate = summary.done / (now - begin)
        left = (summary.total - summary.done) / rate if rate else 0
        said = f"{summary.done} of {summary.total} documents, {rate:.1f}/s, {_duration(left)} left; "
        print(said + _statuses(summary), file=sys.stderr, flush=True)

    return update


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _statuses(summary: Summary, *, markup: bool = False) -> str:
    colours = {"accepted": "green", "needs_review": "yellow", "failed": "red"}
    parts = [f"{summary.statuses[name]} {words}" for name, words in _STATUSES.items()]
    if markup:
        parts = [f"[{colour}]{part}[/]" for part, colour in zip(parts, colours.values(), strict=True)]
    return " · ".join(parts)


def _print_summary(summary: Summary) -> None:
    rate = f"{summary.converted / summary.seconds:.1f}" if summary.seconds else "-"
    print(f"{summary.done} of {summary.total} documents in {summary.seconds:.1f} s.")
    print(
        f"Read now: {summary.converted} ({rate}/s). Done before: {summary.skipped}. Duplicates: {summary.duplicates}."
    )
    print(f"Other files ignored: {summary.ignored}.")
    if summary.versions:
        print(f"Several versions of one agency and year: {summary.versions} documents, all kept and marked.")
    _print_causes(summary)
    print(f"{'Shards' if summary.sharded else 'Store':<10} {summary.store}")
    for path in summary.outputs:
        print(f"{path.stem.capitalize():<10} {path}")
    if summary.sharded:
        print(f"Into a store: nianbao load {shlex.quote(summary.store)} --store URL")
    if summary.retry:
        print(f"Read what failed again: {summary.retry}")
    if summary.interrupted:
        print("Interrupted: everything finished so far is kept. The same command goes on from here.")


def _print_causes(summary: Summary) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for head in ("status", "documents", "cause", "documents with it"):
        table.add_column(head, justify="right" if "documents" in head else "left")
    for status, words in _STATUSES.items():
        causes = sorted((-number, cause) for (of, cause), number in summary.causes.items() if of == status)
        first, *more = [(cause, str(-number)) for number, cause in causes] or [("", "")]
        table.add_row(words, str(summary.statuses[status]), *first)
        for line in more:
            table.add_row("", "", *line)
    Console().print(table)
