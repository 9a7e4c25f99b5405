"""The command `nianbao`: one thin module a command. What a command works with is imported when it runs, not before,
so that help comes at once."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from pipeline.commands import (
    check,
    compare,
    convert,
    evaluate,
    export,
    extract,
    forms,
    inspect,
    label,
    load,
    review,
    train,
)
from pipeline.errors import NianbaoError
from pipeline.version import __version__

app = typer.Typer(
    name="nianbao",
    help="Figures out of 政府信息公开工作年度报告: every value with its place in the source, none of them guessed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("extract")(extract.extract)
app.command("convert")(convert.convert)
app.command("inspect")(inspect.inspect)
app.command("evaluate")(evaluate.evaluate)
app.command("label")(label.label)
app.command("train")(train.train)
app.command("load")(load.load)
app.command("check")(check.check)
app.command("compare")(compare.compare)
app.command("export")(export.export)
app.command("review")(review.review)
app.command("forms")(forms.forms)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"nianbao {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", metavar="", help="Print the version and stop.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and leave with the contract's exit code; what is expected to go wrong is one sentence."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except NianbaoError as error:
        print(f"nianbao: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except Exception as bug:
        if os.environ.get("NIANBAO_DEBUG"):
            raise
        print(f"nianbao: {describe_bug(bug)}", file=sys.stderr)
        sys.exit(1)


def describe_bug(bug: Exception) -> str:
    """One sentence about an exception that nobody expected."""
    return (
        f"The program has a fault ({type(bug).__name__}: {bug}). Please report it; NIANBAO_DEBUG=1 before the same "
        "command prints where it happened."
    )
