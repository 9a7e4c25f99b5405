"""nianbao extract: records of documents to standard output."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def extract(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Reports: PDF, HTML, text, Markdown, DOCX.")],
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model folder instead of the built-in one.")
    ] = None,
    pretty: Annotated[bool, typer.Option("--pretty", metavar="", help="Indent the JSON, for reading.")] = False,
) -> None:
    """Print the record of each FILE, one JSON object a line.

    Exit code 0: all read; 1: a document without figures; 3: a file that cannot be read at all.
    """
    from pipeline.extract import load_model
    from pipeline.writers.to_jsonl import to_line

    loaded = load_model(model)
    codes = [0]
    for path in files:
        record, code = _record(path, loaded)
        codes.append(code)
        if record is not None:
            print(to_line(record, pretty=pretty), flush=True)
    raise typer.Exit(max(codes))


def _record(path: Path, model: Any) -> tuple[dict[str, Any] | None, int]:
    from pipeline.errors import UnreadableInput
    from pipeline.extract import extract as read

    try:
        record = read(path, model).to_dict()
    except UnreadableInput as error:
        print(f"nianbao: {error}", file=sys.stderr)
        return _unreadable(path, model, error.code, str(error)), error.exit_code
    except Exception as bug:
        from pipeline.commands import describe_bug

        if os.environ.get("NIANBAO_DEBUG"):
            raise
        print(f"nianbao: {path}: {describe_bug(bug)}", file=sys.stderr)
        return None, 1
    if record["status"] == "failed":
        print(f"nianbao: {path}: {_reason(record)}", file=sys.stderr)
    return record, int(record["status"] == "failed")


def _unreadable(path: Path, model: Any, code: str, message: str) -> dict[str, Any]:
    from pipeline.bulk.worker import Job, failed_record, versions_of

    return failed_record(Job.of(path), versions_of(model), stage="readers", code=code, message=message)


def _reason(record: dict[str, Any]) -> str:
    return next((problem["message"] for problem in record["problems"]), "no figures were found in it.")
