"""`python -m evaluation.benchmark [PDF…] [--rounds N] [--json OUT]`: how fast PDFs are read, side by side.

Four ways over the same bytes in one process, in interleaved rounds, medians: the floor (bare pypdfium2 reads every
character with its box and every path with its points), pdfplumber `open` + `extract_tables`, the PDF reader alone,
and the whole of `extract`. Then cold starts in fresh processes, and peak memory over many conversions.

The whole of `extract` is timed twice: of a document new to the process, and again in the same round.

Accepted: extract (again) at most 2 times the floor, at least 4 times faster than pdfplumber. Exit code 1 where not.
`--scans [SCAN…]` measures the reading of scans instead (evaluation/scan_benchmark.py), `--prose [PDF…]` what reading
the prose adds (evaluation/prose_benchmark.py).
"""

from __future__ import annotations

import argparse
import ctypes
import functools
import gc
import importlib
import io
import json
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2.raw as pdfium

from pipeline.datamodel import Record, Source
from pipeline.extract import Model, extract, load_model
from pipeline.readers import open_source
from pipeline.readers.from_pdf import read

MAX_OF_FLOOR = 2.0
MIN_OVER_PLUMBER = 4.0
MAX_HELP_SECONDS = 0.4
MAX_COLD_SECONDS = 2.5
_Remembering = functools._lru_cache_wrapper
_WAYS = ("new", "floor", "pdfplumber", "reader", "extract")
_READ_BEFORE = 24  # other documents that the process has read before: as in the middle of a run, if a short one
_AT_MOST = 24  # documents, spread evenly over the corpora, that are measured unless others are named
_KEEPS_TEXTS = 256  # caches of at least so many entries hold texts of documents, smaller ones tables of the forms
_ROOT = Path(__file__).parents[1]
_FOLDERS = ("corpora/samples", "corpora/documents")


def read_floor(data: bytes) -> int:
    """Read every character with its box and every path with its points by bare pypdfium2; how many there were."""
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    seen = sum(_floor_of_page(document, index) for index in range(pdfium.FPDF_GetPageCount(document)))
    pdfium.FPDF_CloseDocument(document)
    return seen


def _floor_of_page(document: Any, index: int) -> int:
    page = pdfium.FPDF_LoadPage(document, index)
    text = pdfium.FPDFText_LoadPage(page)
    count = pdfium.FPDFText_CountChars(text)
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    for character in range(count):
        pdfium.FPDFText_GetUnicode(text, character)
        pdfium.FPDFText_GetCharBox(text, character, left, right, bottom, top)
    paths = _floor_of_paths(page)
    pdfium.FPDFText_ClosePage(text)
    pdfium.FPDF_ClosePage(page)
    return int(count + paths)


def _floor_of_paths(page: Any) -> int:
    x, y = ctypes.c_float(), ctypes.c_float()
    paths = 0
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        thing = pdfium.FPDFPage_GetObject(page, index)
        if pdfium.FPDFPageObj_GetType(thing) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        paths += 1
        for number in range(pdfium.FPDFPath_CountSegments(thing)):
            pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFPath_GetPathSegment(thing, number), x, y)
    return paths


def _read_by_plumber(data: bytes) -> int:
    with pdfplumber.open(io.BytesIO(data)) as document:
        return sum(len(page.extract_tables()) for page in document.pages)


def measure(sources: Sequence[Source], rounds: int) -> dict[str, dict[str, float]]:
    """Median seconds of each way for each document, by the document's name; every way runs once a round.

    "new" is `extract` of a document that the process has not read before: it has forgotten all texts that it
    remembers and read the other documents. "extract" is the same again, as in plain rounds.
    """
    names = ["/".join(Path(source.path).parts[-2:]) for source in sources]
    seconds = [{name: [0.0] * rounds for name in _WAYS} for _ in sources]
    for turn in range(rounds + 1):  # the first one only warms up
        for place, source in enumerate(sources):
            others = [*sources[place + 1 :], *sources[:place]][:_READ_BEFORE]
            for way, spent in _one_round(source, others).items():
                seconds[place][way][turn - 1] = spent
    medians = [{way: statistics.median(times) for way, times in one.items()} for one in seconds]
    return dict(zip(names, medians, strict=True))


def _one_round(source: Source, others: Sequence[Source]) -> dict[str, float]:
    model = forgotten()
    for other in others:
        extract(other, model)
    ways: dict[str, Callable[[], object]] = {
        "new": lambda: extract(source, model),
        "floor": lambda: read_floor(source.data),
        "pdfplumber": lambda: _read_by_plumber(source.data),
        "reader": lambda: read(source),
        "extract": lambda: extract(source, model),
    }
    seconds = {}
    for name, way in ways.items():
        gc.collect()  # each way pays for its own garbage, not for that of the one before
        start = time.perf_counter()
        way()
        seconds[name] = time.perf_counter() - start
    return seconds


def forgotten() -> Model:
    """A model just loaded, in a process that remembers no text: what it knows of labels is cleared."""
    for thing in gc.get_objects():
        if isinstance(thing, _Remembering) and str(thing.__module__).startswith("pipeline"):
            size = thing.cache_parameters()["maxsize"]
            if size is not None and size >= _KEEPS_TEXTS:
                thing.cache_clear()
    return load_model()


def cold_starts(file: Path, rounds: int) -> dict[str, float]:
    """Median seconds of `nianbao --help` and of extracting one file, each in a fresh process."""
    program = [sys.executable, "-c", "import sys; from pipeline.commands import main; sys.exit(main())"]
    runs = {"help": [*program, "--help"], "extract": [*program, "extract", str(file)]}
    return {name: statistics.median(_timed(command) for _ in range(rounds)) for name, command in runs.items()}


def _timed(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=_ROOT)  # noqa: S603
    return time.perf_counter() - start


def memory_growth(sources: Sequence[Source], documents: int) -> dict[str, float]:
    """Resident megabytes after reading a tenth of the documents and after all of them, and the difference."""
    model = load_model()
    early = 0.0
    for index in range(documents):
        extract(sources[index % len(sources)], model)
        if index == max(documents // 10, len(sources)) - 1:
            early = _resident()
    late = _resident()
    return {"documents": documents, "early_mb": early, "late_mb": late, "growth_mb": late - early}


def _resident() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def report(times: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Print milliseconds and ratios of each document; the ratios over all documents together."""
    heads = ("floor", "plumber", "reader", "extract", "new")
    columns = " ".join(f"{head:>8}" for head in heads)
    print(f"{'document':44} {columns}  reader/floor extract/floor new/floor plumber/extract")
    for name, one in times.items():
        _print_line(Path(name).parent.name + "/" + Path(name).name, one)
    total = {way: sum(one[way] for one in times.values()) for way in _WAYS}
    _print_line("all", total)
    return {
        "reader_of_floor": total["reader"] / total["floor"],
        "extract_of_floor": total["extract"] / total["floor"],
        "new_of_floor": total["new"] / total["floor"],
        "pdfplumber_of_extract": total["pdfplumber"] / total["extract"],
    }


def _print_line(name: str, one: Mapping[str, float]) -> None:
    figures = " ".join(f"{one[way] * 1000:8.1f}" for way in ("floor", "pdfplumber", "reader", "extract", "new"))
    reader, again, new = (one[way] / one["floor"] for way in ("reader", "extract", "new"))
    plumber = one["pdfplumber"] / one["extract"]
    print(f"{name[-44:]:44} {figures}  {reader:12.2f} {again:13.2f} {new:9.2f} {plumber:15.1f}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 where a limit is not kept. `--scans` or `--prose` first runs that benchmark instead."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in ("--scans", "--prose"):
        other: Any = importlib.import_module(f"evaluation.{arguments[0][2:].removesuffix('s')}_benchmark")
        return int(other.main(arguments[1:]))
    parser = argparse.ArgumentParser(prog="python -m evaluation.benchmark", description="How fast PDFs are read.")
    parser.add_argument("pdf", nargs="*", type=Path, help="default: the PDFs of corpora/samples and corpora/documents")
    parser.add_argument("--rounds", type=int, default=5, help="at least 5 for figures to be quoted (default 5)")
    parser.add_argument("--documents", type=int, default=100, help="conversions of the memory check (default 100)")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args(arguments)
    files = options.pdf or _spread([path for folder in _FOLDERS for path in (_ROOT / folder).glob("*/source.pdf")])
    if not files or options.rounds < 1:
        parser.error("no PDFs to measure, or no rounds")
    sources = _read_once([open_source(file) for file in files])
    times = measure(sources, options.rounds)
    ratios = report(times)
    cold = cold_starts(min(files, key=lambda file: file.stat().st_size), options.rounds)
    memory = memory_growth(sources, options.documents)
    kept = _kept(ratios, cold)
    print(f"cold start: help {cold['help']:.2f} s, one file {cold['extract']:.2f} s; memory: {memory}")
    print("limits: " + ", ".join(f"{name} {'kept' if good else 'NOT KEPT'}" for name, good in kept.items()))
    if options.json:
        result = {"rounds": options.rounds, "seconds": times, "ratios": ratios, "cold": cold, "memory": memory}
        options.json.write_text(json.dumps({**result, "kept": kept}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0 if all(kept.values()) else 1


def _spread(files: Sequence[Path]) -> list[Path]:
    """At most so many of the files, evenly over their order by name."""
    step = max(1, -(-len(files) // _AT_MOST))
    return sorted(files)[::step]


def _read_once(sources: Sequence[Source]) -> list[Source]:
    """Without the documents whose text no engine can be trusted with: a second engine reads them after pdfium.

    A process of its own looks which they are: what it loads for them would count as this one's memory.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        trusted = apart.submit(_trusted, sources).result()
    if len(trusted) < len(sources):
        print(f"left out, as a second engine reads them too: {len(sources) - len(trusted)} documents")
    return trusted


def _trusted(sources: Sequence[Source]) -> list[Source]:
    model = load_model()
    return [source for source in sources if not _is_read_twice(extract(source, model))]


def _is_read_twice(record: Record) -> bool:
    return any(
        problem.code in ("untrusted_text", "text_layer_distrusted", "broken_characters") for problem in record.problems
    )


def _kept(ratios: Mapping[str, float], cold: Mapping[str, float]) -> dict[str, bool]:
    return {
        f"extract <= {MAX_OF_FLOOR} x floor": ratios["extract_of_floor"] <= MAX_OF_FLOOR,
        f"extract >= {MIN_OVER_PLUMBER} x faster than pdfplumber": ratios["pdfplumber_of_extract"] >= MIN_OVER_PLUMBER,
        f"help < {MAX_HELP_SECONDS} s": cold["help"] < MAX_HELP_SECONDS,
        f"one file < {MAX_COLD_SECONDS} s": cold["extract"] < MAX_COLD_SECONDS,
    }


if __name__ == "__main__":
    sys.exit(main())
