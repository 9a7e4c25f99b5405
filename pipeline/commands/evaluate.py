"""nianbao evaluate: a model's scores against gold, as a short table, JSON and an HTML report; a gate for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from evaluation.intervals import Interval
    from evaluation.run import Evaluation

_HIDDEN = ("documents", "fields")  # said in the line above the table

_CAUSES = 5  # of documents that could not be read; all stand in the JSON


def evaluate(
    corpora: Annotated[
        list[str],
        typer.Argument(metavar="CORPUS…", help="Folders of labelled documents, or URLs of stores that were reviewed."),
    ],
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model folder instead of the built-in one.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="F", help="Write the report as one HTML file.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="F", help="Write all scores as JSON.")] = None,
    floor: Annotated[
        list[str] | None,
        typer.Option(metavar="METRIC=X", help="Exit with 6 where METRIC is worse than X; may be repeated."),
    ] = None,
    split: Annotated[
        str | None, typer.Option(metavar="SPLIT", help="Only documents of this split: train, dev or test.")
    ] = None,
    before: Annotated[
        Path | None, typer.Option(metavar="JSON", help="An earlier JSON for the HTML report to compare with.")
    ] = None,
    workers: Annotated[int, typer.Option(metavar="N", min=1, help="Worker processes.")] = 2,
    learning_curve: Annotated[
        bool,
        typer.Option(
            "--learning-curve", metavar="", help="Leave each layout out of training, then learn 0, 1, 3, 5 of it."
        ),
    ] = False,
    layout: Annotated[
        str | None,
        typer.Option(metavar="GLOB", help="With --learning-curve: only layouts of such names, left out together."),
    ] = None,
) -> None:
    """Score a model on the documents of each CORPUS against their gold; of a store against what people settled.

    Exit code 0: done; 6: a metric is worse than its --floor. METRIC is documents, unread, fields, exact_fields,
    exact_tables, exact_reports, coverage, silent, extra, silent_rate, silent_upper, silent_reports,
    silent_reports_upper, blank_zero, form, agency, year, facts, facts_silent, row_labels, row_labels_f1, columns,
    title, heads, heads_true, paragraphs_placed, paragraphs, prose_true, ece or aurc; shares go from 0 to 1, and X
    is the most allowed where less is better. With --learning-curve models are trained instead, without each layout
    and with 1, 3 and 5 of its documents, and their scores printed.
    """
    from evaluation.metrics import below, read_floor
    from evaluation.run import evaluate as run
    from pipeline.errors import GateError, UsageError

    if learning_curve:
        if any((model, html, floor, split, before)):
            raise UsageError("--learning-curve trains its own models; it goes with --json, --layout and --workers.")
        _print_learning_curve(list(map(Path, corpora)), json_file, workers, layout)
        return
    if layout:
        raise UsageError("--layout goes with --learning-curve.")
    floors = list(map(read_floor, floor or ()))
    earlier = _earlier(before)
    _check_folders(html, json_file)
    result = run(corpora, model, split=split, workers=workers)
    _print(result)
    _write(result, html, json_file, earlier)
    metrics = result.metrics()
    broken = [fault for name, least in floors for fault in below(metrics, {name: least})]
    if broken:
        raise GateError("; ".join(broken) + ".")


def _print_learning_curve(corpora: list[Path], json_file: Path | None, workers: int, layout: str | None) -> None:
    from pipeline.commands.unseen import run, summary

    _check_folders(json_file)
    found = run(corpora, workers=workers, only=layout)
    print(summary(found))
    if json_file:
        json_file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _earlier(path: Path | None) -> dict[str, Any] | None:
    """An earlier evaluation, or UsageError where the file is none."""
    from evaluation.run import SCHEMA
    from pipeline.errors import UsageError

    if path is None:
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as JSON ({error}).") from None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise UsageError(f"{path} is no evaluation of schema {SCHEMA}: write one with --json.")
    return found


def _check_folders(*files: Path | None) -> None:
    """Nobody should wait for an evaluation that cannot be written."""
    from pipeline.errors import UsageError

    for file in filter(None, files):
        if file.is_dir() or not file.absolute().parent.is_dir():
            raise UsageError(f"{file} cannot be written: its folder must be there, and it must not be a folder.")


def _write(result: Evaluation, html: Path | None, json_file: Path | None, before: dict[str, Any] | None) -> None:
    plain = result.to_dict() if html or json_file else {}
    if json_file:
        json_file.write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"JSON    {json_file}")
    if html:
        from evaluation.report import write_report

        rivals, unseen = (_committed(name, result) for name in ("rivals", "unseen"))
        write_report(plain, html, before=before, rivals=rivals, unseen=unseen)
        print(f"Report  {html}")


def _committed(name: str, result: Evaluation) -> dict[str, Any] | None:
    """The committed results of this name where they were measured on a corpus evaluated and on the same split; the
    study of unseen layouts, which has a corpus of its own, where it left out a layout that was evaluated."""
    from evaluation.floors import FLOORS

    file = FLOORS.parent / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if {one["layout"] for one in found.get("layouts", ())} & {score.layout for score in result.scores}:
        return found
    corpora = [Path(corpus).resolve().name for corpus in result.corpora]
    return found if found.get("corpus") in corpora and found.get("split") == result.split else None


def _print(result: Evaluation) -> None:
    totals = result.totals()
    counts = f"{totals['documents'].value:g} documents, {totals['fields'].value:g} gold fields"
    seconds = sum(reading.seconds for reading in result.readings)
    print(f"{counts}, {seconds:.1f} s of reading; model {result.versions['model']}.")
    lines = [(name, _shown(name, one), _interval(name, one)) for name, one in totals.items() if name not in _HIDDEN]
    _print_table(("metric", "value", "95 % interval"), [line for line in lines if line[1]])
    for cause in result.unread()[:_CAUSES]:
        print(f"Unread: {cause}")
    _print_layouts(result)
    _print_threshold(result.thresholds())


def _shown(name: str, one: Interval) -> str:
    return "" if one.value is None else _number(name, one.value)


def _interval(name: str, one: Interval) -> str:
    if one.low is None or one.high is None:
        return ""
    return f"{_number(name, one.low)} - {_number(name, one.high)}"


def _number(name: str, value: float) -> str:
    from evaluation.metrics import METRICS

    return f"{value:.3%}" if METRICS[name].kind == "share" else f"{value:g}"


def _print_layouts(result: Evaluation) -> None:
    """Regular and irregular documents apart; then the layouts that are not read to the last field, worst first."""
    from evaluation.breakdown import groups

    found = groups(result.scores)
    _print_group("kind", sorted(found["kind"].items(), reverse=True))
    layouts = found["layout"]
    faulty = {name: one for name, one in layouts.items() if _lost(one) or one["silent"] or one["extra"]}
    if not faulty:
        return
    print(f"Layouts with a wrong field ({len(faulty)} of {len(layouts)}):")
    _print_group("layout", sorted(faulty.items(), key=lambda item: (-_lost(item[1]), item[0])))


def _print_group(kind: str, group: Iterable[tuple[str, Mapping[str, float | None]]]) -> None:
    heads = (kind, "documents", "exact fields", "exact reports", "silent", "extra")
    _print_table(heads, [(name, *map(_cell, _LAYOUT, map(one.get, _LAYOUT))) for name, one in group])


_LAYOUT = ("documents", "exact_fields", "exact_reports", "silent", "extra")


def _lost(one: Mapping[str, float | None]) -> float:
    return 1 - (one["exact_fields"] if one["exact_fields"] is not None else 1.0)


def _cell(name: str, value: float | None) -> str:
    return "-" if value is None else _number(name, value)


def _print_threshold(thresholds: dict[str, Any]) -> None:
    for name, one in (("served", thresholds["served"]), *_chosen(thresholds["chosen"])):
        said = f"{one['accepted']} of {one['fields']} fields reach it, {one['wrong']} wrong"
        print(f"Threshold {one['threshold']:g} ({name}): {said}; at most {one['upper']:.3%} wrong at 95 %.")


def _chosen(chosen: dict[str, Any] | None) -> list[tuple[str, dict[str, Any]]]:
    if chosen is None:
        return []
    return [("chosen on dev", chosen["on_dev"]), ("chosen on dev, on the other documents", chosen["verified"])]


def _print_table(heads: tuple[str, ...], lines: list[tuple[str, ...]]) -> None:
    if not sys.stdout.isatty():
        print("\n".join("\t".join(line) for line in (heads, *lines)))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place else "left")
    for line in lines:
        table.add_row(*line)
    Console().print(table)
