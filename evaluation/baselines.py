"""`python -m evaluation.baselines CORPUS [--split test] [--json OUT]`: the rivals in the same harness.

Every rival reads the same documents (table extractors the PDFs among them) and is scored by the same functions. Table
extractors are told the form, and everything that they read counts as accepted; the readings of our own pipeline carry
their own acceptance. Speed is the median of one warm reading a document inside a worker process, without the mapping
to fields. A rival that is not installed is named with the reason, one that takes longer than the limit or fails has
read nothing of that document.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from corpora import Document, read_corpus
from evaluation.machine import commit, machine
from evaluation.rival_tables import read_fields
from evaluation.rivals import RIVALS, Reading, Rival
from evaluation.run import choose_documents
from evaluation.score import DocumentScore, score_record, total
from pipeline.datamodel import Record
from pipeline.errors import NianbaoError
from pipeline.forms import load_forms
from pipeline.processes import silence

SCHEMA = "nianbao.rivals/1"
_METRICS = ("documents", "unread", "fields", "exact_fields", "exact_tables", "exact_reports", "silent", "extra")
_COLUMNS = ("exact_fields", "exact_tables", "exact_reports", "silent", "extra", "unread")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rival made of one document: `seconds` and `reading`, or only the `failure` in words."""

    seconds: float | None = None
    reading: Reading | None = None
    failure: str = ""


def read_all(rival: Rival, paths: Sequence[Path], timeout: float) -> list[Outcome]:
    """What a rival makes of each path, one after the other in a process of its own, which a timeout or a crash ends
    and another one follows; `timeout` is in seconds a document (twice that for the first one, which is read twice)."""
    context = multiprocessing.get_context("spawn")
    with ProcessPool(1, initializer=_quiet, context=context) as pool:
        return [_outcome(pool, rival, path, timeout) for path in paths]


def _quiet() -> None:
    silence(1)
    silence(2)


def _outcome(pool: Any, rival: Rival, path: Path, timeout: float) -> Outcome:
    try:
        seconds, reading = pool.schedule(_timed, args=[rival.read, path, timeout], timeout=2 * timeout).result()
    except TimeoutError:
        return Outcome(failure=f"longer than {timeout:g} s")
    except ProcessExpired as death:
        return Outcome(failure=f"its process died (exit code {death.exitcode})")
    except Exception as error:  # a rival fails with whatever its libraries raise
        return Outcome(failure=f"{type(error).__name__}: {error}"[:200])
    return Outcome(seconds, reading)


_warm: set[str] = set()


def _timed(read: Callable[[Path], Reading], path: Path, timeout: float) -> tuple[float, Reading]:
    """Seconds and result of a warm reading; a process's first document is read once before, to load and to cache."""
    if read.__name__ not in _warm:
        read(path)
        _warm.add(read.__name__)
    gc.collect()
    start = time.perf_counter()
    reading = read(path)
    seconds = time.perf_counter() - start
    if seconds > timeout:
        raise TimeoutError
    return seconds, reading


def score(document: Document, outcome: Outcome) -> DocumentScore:
    """The score of a rival on one document; where it failed nothing was read."""
    return score_record(_record(document, outcome.reading), document)


def _record(document: Document, reading: Reading | None) -> Record:
    if isinstance(reading, Record):
        return reading
    fields = read_fields(reading, load_forms()[document.form]) if reading else {}
    return Record(str(document.source), "", "application/pdf", 0, form=document.form, fields=fields)


def measure(rival: Rival, documents: Sequence[Document], timeout: float) -> dict[str, Any]:
    """One rival on documents: its version and setting, its totals, its speed and its failures; `skipped` says why it
    did not run."""
    entry = {"name": rival.name, "setting": rival.setting, "version": rival.version, "skipped": rival.missing}
    if entry["skipped"]:
        return entry
    outcomes = read_all(rival, [document.source for document in documents], timeout)
    scores = [score(document, outcome) for document, outcome in zip(documents, outcomes, strict=True)]
    failures = {document.id: one.failure for document, one in zip(documents, outcomes, strict=True) if one.failure}
    return entry | {
        "totals": _totals(scores),
        "milliseconds": _milliseconds(outcomes),
        "failures": failures,
        "layouts": {layout: _totals(some) for layout, some in _by_layout(scores).items()},
    }


def _totals(scores: Iterable[DocumentScore]) -> dict[str, float | None]:
    totals = total(scores)
    return {metric: totals[metric] for metric in _METRICS}


def _milliseconds(outcomes: Iterable[Outcome]) -> float | None:
    times = [one.seconds for one in outcomes if one.seconds is not None]
    return round(1000 * statistics.median(times), 1) if times else None


def _by_layout(scores: Sequence[DocumentScore]) -> Mapping[str, list[DocumentScore]]:
    layouts = sorted({one.layout for one in scores})
    return {layout: [one for one in scores if one.layout == layout] for layout in layouts}


def compare(
    corpus: Path, split: str | None, timeout: float, rivals: Sequence[Rival] = RIVALS
) -> Iterator[tuple[str, dict[str, Any]]]:
    """("pdf" or "all formats", what `measure` says) for each rival: all of them on the PDFs of a split, those that
    read every format also on all its documents. UnreadableInput or UsageError where there is nothing to read."""
    documents = choose_documents(list(read_corpus(corpus)), split, None)
    pdfs = [document for document in documents if document.source.suffix == ".pdf"]
    for rival in rivals if pdfs else ():
        yield "pdf", measure(rival, pdfs, timeout)
    for rival in rivals:
        if not rival.only:
            yield "all formats", measure(rival, documents, timeout)


def line(entry: Mapping[str, Any]) -> str:
    """One line of the printed table."""
    if entry["skipped"]:
        return f"{entry['name']:20} skipped: {entry['skipped']}"
    totals, milliseconds = entry["totals"], entry["milliseconds"]
    shares = "".join(f"{totals[name]:9.2%}" for name in _COLUMNS[:3])
    counts = "".join(f"{totals[name]:9g}" for name in _COLUMNS[3:])
    speed = f"{milliseconds:10.1f}" if milliseconds is not None else f"{'-':>10}"
    return f"{entry['name']:20}{shares}{counts}{len(entry['failures']):9}{speed}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write; the exit code of the error where the corpus cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.baselines", description="Rivals in the same harness.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", help="only documents of this split (train, dev, test)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds a document (default 60)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these rivals")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args(arguments)
    chosen = [rival for rival in RIVALS if options.only is None or rival.name in options.only]
    if not chosen:
        parser.error(f"no such rival; known are {', '.join(rival.name for rival in RIVALS)}")
    try:
        groups = _print_table(compare(options.corpus, options.split, options.timeout, chosen))
    except NianbaoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.json:
        about = {"corpus": options.corpus.name, "split": options.split, "timeout": options.timeout}
        options.json.write_text(to_json(about, groups), encoding="utf-8")
    return 0


def to_json(about: Mapping[str, Any], groups: Mapping[str, Any]) -> str:
    """The results with what they were measured on; `load` is how busy the machine was (1.0 is one processor)."""
    busy = {"load": round(os.getloadavg()[1], 1)} if hasattr(os, "getloadavg") else {}
    head = {"schema": SCHEMA, "commit": commit(), "machine": machine() | busy}
    return json.dumps({**head, **about, "groups": groups}, ensure_ascii=False, indent=1) + "\n"


def _print_table(entries: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for group, entry in entries:
        if group not in groups:
            heads = "   fields   tables  reports   silent    extra   unread   failed ms/document"
            print(f"{group:20}{heads}")
        groups.setdefault(group, []).append(entry)
        print(line(entry), flush=True)
    return groups


if __name__ == "__main__":
    sys.exit(main())
