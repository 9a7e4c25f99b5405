"""`python -m evaluation.scaling --folder DIR [--documents N…] [--workers N…] [--json OUT]`: what bulk conversion costs.

Makes N different PDF reports (in DIR, kept for the next time), one in fifty broken or hostile, and converts the first
100, 1,000, 10,000 of them with one worker and with two, each in a process of its own: documents per second, memory of
the parent and of the workers, size of the store. In the same run: bare pypdfium2 over the same documents (the floor),
the share of each stage, and the rivals' own extraction of tables.

`--copies-of DIR2` converts copies of the PDFs there instead, which differ in a comment.

Accepted, at the largest N: two workers at least 1.8 times as fast as one; the parent's memory within 10 % from a tenth
of the documents on; a row for each document and a cause for each failure; and a document that did not fail costs one
worker, from the file to the store, at most 2 times the floor. Exit code 1 where not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.machine import commit, machine
from evaluation.scaling_documents import copy_documents, is_broken, make_documents
from evaluation.scaling_runs import watch
from evaluation.stage_times import rival_times, stage_times

MIN_OF_TWO = 1.8
MAX_OF_FLOOR = 2.0
MAX_GROWTH = 0.10
_SAMPLE = 200  # documents of which stages are timed, half before the conversions and half after
_RIVAL_DOCUMENTS = 8

Run = Mapping[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, convert, print, write; 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.scaling", description="What bulk conversion costs.")
    parser.add_argument("--folder", type=Path, required=True, help="where the documents are made, or lie from before")
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 1000, 10_000], help="how many at a time")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="with how many workers each")
    parser.add_argument("--copies-of", type=Path, help="convert copies of the PDFs below this folder instead")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=2, help="that make the documents (default 2)")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args(arguments)
    if min(options.documents) < 1 or min(options.workers) < 1:
        parser.error("--documents and --workers are at least 1")
    begin, most = time.monotonic(), max(options.documents)
    if options.copies_of:
        paths = copy_documents(options.folder, most, options.copies_of)
        sound = paths
    else:
        paths = make_documents(options.folder, most, options.seed, options.processes)
        sound = [path for number, path in enumerate(paths) if not is_broken(number)]
    print(f"{most} documents, made or found in {time.monotonic() - begin:.0f} s", flush=True)
    result = measure(paths, sound, options.documents, options.workers)
    kept = limits(result)
    for name, good in kept.items():
        print(f"{'kept    ' if good else 'NOT KEPT'} {name}")
    more = extrapolated(result)
    print(f"{more['documents']:,.0f} such documents, {more['ms_a_document']:.1f} ms of a worker each:", end=" ")
    print(f"{more['hours']:.1f} h with {more['workers']} workers, {more['store_gb']:.0f} GB in the store")
    if options.json:
        about = {"machine": machine(), "commit": commit(), "seed": options.seed, "copies": bool(options.copies_of)}
        options.json.write_text(
            json.dumps({**about, **result, "extrapolated": more, "kept": kept}, indent=1) + "\n", encoding="utf-8"
        )
    return 0 if all(kept.values()) else 1


def measure(paths: Sequence[Path], sound: Sequence[Path], documents: Sequence[int], workers: Sequence[int]) -> Run:
    """All figures: `stages` (processor seconds a document), `runs`, and `rivals` (seconds a document)."""
    sample = list(sound[:: max(1, len(sound) // _SAMPLE)])[:_SAMPLE]
    before = _stages(sample[::2])
    runs = []
    for count in sorted(documents):
        for number in workers:
            runs.append(watch(paths[:count], number))
            _print_run(runs[-1])
    after = _stages(sample[1::2] or sample)
    stages = {name: (before.get(name, 0.0) + after.get(name, 0.0)) / 2 for name in {**before, **after}}
    _print_stages(stages)
    rivals = rival_times(sample[:_RIVAL_DOCUMENTS])
    for name, cost in rivals.items():
        print(f"{name:28} {cost if isinstance(cost, str) else _in_floors(cost, stages['floor'])}")
    return {"stages": stages, "runs": runs, "rivals": rivals}


def limits(result: Run) -> dict[str, bool]:
    """Whether each limit is kept by the runs with the most documents; those of two workers only where they ran."""
    most = max(run["documents"] for run in result["runs"])
    runs = {run["workers"]: run for run in result["runs"] if run["documents"] == most}
    kept = {"a row for each document, a cause for each failure": all(map(_complete, runs.values()))}
    flat = [max(run["parent_mb"]) / run["parent_mb"][0] <= 1 + MAX_GROWTH for run in runs.values()]
    kept["the parent's memory grows by at most 10 %"] = all(flat)
    if 1 in runs:
        cost = cost_of_report(runs[1]) / result["stages"]["floor"]
        kept[f"from file to store {cost:.2f} <= {MAX_OF_FLOOR} times the floor"] = cost <= MAX_OF_FLOOR
    if 1 in runs and 2 in runs:
        gain = runs[1]["seconds"] / runs[2]["seconds"]
        kept[f"two workers {gain:.2f} >= {MIN_OF_TWO} times one"] = gain >= MIN_OF_TWO
    return kept


def cost_of_report(run: Run) -> float:
    """Seconds from the file to the store that one worker takes for a document, those that failed left out with the time
    that they took: a bomb is no report, and the floor is not asked to read it."""
    failed = run["statuses"].get("failed", 0)
    return float((run["seconds"] - run["failed_seconds"]) / (run["documents"] - failed))


def extrapolated(result: Run, documents: int = 2_000_000) -> dict[str, float]:
    """What so many documents would cost by the largest run: `hours` on as many processors, `core_hours`, `store_gb`.
    The run's start is left out, as it does not grow with the documents."""
    run = max(result["runs"], key=lambda run: (run["documents"], run["workers"]))
    each = (run["seconds"] - run["start"]) / run["documents"]
    hours = each * documents / 3600
    gigabytes = run["store_bytes"] / run["documents"] * documents / 1e9
    return {"documents": documents, "workers": run["workers"], "ms_a_document": each * run["workers"] * 1000,
            "hours": hours, "core_hours": hours * run["workers"], "store_gb": gigabytes}  # fmt: skip


def _complete(run: Run) -> bool:
    rows, failed = sum(run["statuses"].values()), run["statuses"].get("failed", 0)
    causes = sum(run["failed_by_cause"].values())
    return bool(rows + run["duplicates"] == run["documents"] and causes >= failed)


def _stages(paths: Sequence[Path]) -> dict[str, float]:
    """In a process of its own, so that nothing has been read before."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_stages_here, list(paths)).result()


def _stages_here(paths: list[Path]) -> dict[str, float]:
    from pipeline.extract import load_model
    from pipeline.readers import open_source

    return stage_times([open_source(path) for path in paths], load_model())


def _print_run(run: Run) -> None:
    count, seconds, workers, memory = run["documents"], run["seconds"], run["workers"], run["parent_mb"]
    causes = ", ".join(f"{number} {cause}" for cause, number in sorted(run["failed_by_cause"].items()))
    each = {name: run[name] / count * 1000 for name in ("seconds", "reading_seconds", "parent_seconds")}
    print(f"{count:7} documents, {workers} workers: {seconds:.1f} s, {count / seconds:.1f}/s")
    print(f"        of this before the first document {run['start']:.1f} s, after the last {run['end']:.1f} s")
    print(
        f"        a document: {each['seconds'] * workers:.1f} ms of a worker, {each['reading_seconds']:.1f} reading;"
        f" {each['parent_seconds']:.1f} ms of the parent; {run['store_bytes'] / count / 1024:.1f} KB in the store"
    )
    print(
        f"        parent {memory[0]:.0f} to {memory[-1]:.0f} MB, peak {run['parent_peak_mb']:.0f};"
        f" workers {run['worker_peak_mb']:.0f} MB"
    )
    print(f"        {run['statuses']}; failed: {causes or 'none'}", flush=True)  # fmt: skip


def _print_stages(stages: Mapping[str, float]) -> None:
    for name, cost in sorted(stages.items(), key=lambda item: -item[1]):
        print(f"{name:28} {_in_floors(cost, stages['floor'])}")


def _in_floors(cost: float, floor: float) -> str:
    return f"{cost * 1000:8.2f} ms, {cost / floor:5.2f} times the floor"


if __name__ == "__main__":
    sys.exit(main())
