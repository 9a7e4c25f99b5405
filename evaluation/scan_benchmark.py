"""`python -m evaluation.scan_benchmark SCAN… [--rounds N] [--json OUT]`: how fast scans are read, in what memory.

Two ways over the same file in one process, in interleaved rounds, medians: the whole of `extract`, and RapidOCR with
its own defaults over every page (rendered at 200 dpi, rendering included). Both use the same number of threads. Then
each file is read in a process of its own, whose peak memory is that of a worker.

Accepted: extract at most 0.6 times RapidOCR over all files, peak memory below 1,500 MB. Exit code 1 where not, or
where the extra is missing.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.extract import extract, load_model
from pipeline.readers import open_source

MAX_OF_RAPIDOCR = 0.6
MAX_WORKER_MB = 1500
_DPI = 200
_ROOT = Path(__file__).parents[1]
_FOLDER = _ROOT / "tests" / "scans"
_WORKER = "import sys; from pipeline import extract, load_model; extract(sys.argv[1], load_model())"

Picture = np.ndarray[Any, Any]


def pages_of(data: bytes) -> list[Picture]:
    """The pages of a PDF at 200 dpi, or the pictures of an image file, as RGB."""
    if data.startswith(b"%PDF"):
        import pypdfium2

        document = pypdfium2.PdfDocument(data)
        try:
            found = [page.render(scale=_DPI / 72, rev_byteorder=True).to_numpy()[..., :3].copy() for page in document]
        finally:
            document.close()
        return found
    from PIL import Image, ImageSequence

    with Image.open(io.BytesIO(data)) as image:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]


def rapidocr_reader(threads: int) -> Callable[[bytes], int]:
    """A function that reads all pages of a file by RapidOCR, loaded once; it gives the number of lines read."""
    import logging

    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": threads, "Global.log_level": "error"})

    def read(data: bytes) -> int:
        return sum(len(engine(page[..., ::-1]).txts or ()) for page in pages_of(data))

    return read


def measure(files: Sequence[Path], rounds: int, threads: int) -> dict[str, dict[str, float]]:
    """Median seconds of "extract" and "rapidocr" and the number of "pages" of each file; a round before them only
    warms up, on the first file."""
    model, rival = load_model(), rapidocr_reader(threads)
    sources = {str(file): open_source(file) for file in files}
    first = next(iter(sources.values()))
    ways: dict[str, Callable[[Any], object]] = {
        "extract": lambda source: extract(source, model),
        "rapidocr": lambda source: rival(source.data),
    }
    for run in ways.values():
        run(first)
    seconds = {name: {way: [0.0] * rounds for way in ways} for name in sources}
    for turn in range(rounds):
        for name, source in sources.items():
            for way, run in ways.items():
                gc.collect()
                start = time.perf_counter()
                run(source)
                seconds[name][way][turn] = time.perf_counter() - start
    return {
        name: {
            **{way: statistics.median(spent) for way, spent in of.items()},
            "pages": len(pages_of(sources[name].data)),
        }
        for name, of in seconds.items()
    }


def peak_memory(file: Path, threads: int) -> float:
    """Peak resident megabytes of a fresh process that reads the file."""
    environment = {**os.environ, "NIANBAO_THREADS": str(threads)}
    command = [sys.executable, "-c", _WORKER, str(file.resolve())]
    child = subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"Reading {file} ended with exit code {child.returncode}.")
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def report(times: Mapping[str, Mapping[str, float]], memory: Mapping[str, float]) -> float:
    """Print seconds, ratio and memory of each file; the ratio over all of them together."""
    print(f"{'scan':48} {'pages':>5} {'extract':>8} {'rapidocr':>8} {'ratio':>6} {'peak MB':>8}")
    for name, one in times.items():
        shown = "/".join(Path(name).parts[-2:])[-48:]
        ratio = one["extract"] / one["rapidocr"]
        figures = f"{one['pages']:5.0f} {one['extract']:8.2f} {one['rapidocr']:8.2f} {ratio:6.2f} {memory[name]:8.0f}"
        print(f"{shown:48} {figures}")
    ratio = sum(one["extract"] for one in times.values()) / sum(one["rapidocr"] for one in times.values())
    print(f"all: extract is {ratio:.2f} times RapidOCR over all pages; peak memory {max(memory.values()):.0f} MB")
    return ratio


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 where a limit is not kept or the extra is missing."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.scan_benchmark", description="How fast scans are read.")
    parser.add_argument("scan", nargs="*", type=Path, help="default: the scans of tests/scans")
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="default: all cores")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args(arguments)
    files = options.scan or sorted(_FOLDER.glob("*/source.*"))
    if not files or options.rounds < 1:
        parser.error("no scans to measure, or no rounds")
    if not _installed():
        print("scans need the extra: pip install 'nianbao[scan]'", file=sys.stderr)
        return 1
    os.environ["NIANBAO_THREADS"] = str(options.threads)
    times = measure(files, options.rounds, options.threads)
    memory = {str(file): peak_memory(file, options.threads) for file in files}
    ratio = report(times, memory)
    kept = {
        f"extract <= {MAX_OF_RAPIDOCR} x RapidOCR": ratio <= MAX_OF_RAPIDOCR,
        f"worker < {MAX_WORKER_MB} MB": max(memory.values()) < MAX_WORKER_MB,
    }
    print("limits: " + ", ".join(f"{name} {'kept' if good else 'NOT KEPT'}" for name, good in kept.items()))
    if options.json:
        result = {"rounds": options.rounds, "threads": options.threads, "seconds": times, "peak_mb": memory}
        options.json.write_text(json.dumps({**result, "ratio": ratio, "kept": kept}, indent=1) + "\n", "utf-8")
    return 0 if all(kept.values()) else 1


def _installed() -> bool:
    from pipeline.scan import is_installed

    return is_installed()


if __name__ == "__main__":
    sys.exit(main())
