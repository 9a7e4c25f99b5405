"""`python -m evaluation.benchmark --prose [PDF…] [--reports N] [--rounds N] [--json OUT]`: what reading the prose adds.

Each report is read with prose (title, chapters, paragraphs, facts, their checks) and without, in turns, each time by a
process that has forgotten its texts; the difference of the processor times is what prose adds. Without PDFs, reports of
six pages are made: the tables of the form, and the generator's prose of as many reports as it takes to fill the pages,
with twelve to sixteen sentences in a thousand characters that may state a fact (of seven published reports: 3 to 8).
What words and model take once a worker is measured apart, in a fresh process.

Accepted: the median report gains at most 25 ms. Exit code 1 where not.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from evaluation.benchmark import forgotten
from pipeline.datamodel import Source
from pipeline.extract import extract, load_model
from pipeline.prose.titles import TitleInfo
from pipeline.readers import open_source

MAX_PROSE_MS = 25.0
PAGES = 6
_ROOT = Path(__file__).parents[1]
_MOST = 40  # reports whose prose is put together
_WITH_FIGURES = 4  # of so many reports one gives its paragraphs with figures too
_FIGURE = re.compile("[0-9]")
_LAYOUTS = ("pdf-ruled", "pdf-borderless", "pdf-three-rules")
_ONCE = (
    "import time; from pipeline import extract, load_model; from pipeline.prose.fact_model import FactClassifier;"
    "from pipeline.extract import model_in_use; from pipeline.prose.segment import cut; begin = time.process_time();"
    "FactClassifier.load(model_in_use()); cut('本年度收到政府信息公开申请3件。', {});"
    "print(time.process_time() - begin)"
)


class Spent(NamedTuple):
    """Processor milliseconds of reading one report with its prose and without, and how much prose it has."""

    pages: int
    characters: int
    facts: int
    whole: float
    without: float

    @property
    def prose(self) -> float:
        return self.whole - self.without


def made_reports(count: int, seed: int) -> list[Source]:
    """So many reports of six pages; the same seed, the same reports."""
    return [_made(random.Random(f"{seed}/{number}"), number) for number in range(count)]  # noqa: S311


def _made(rng: random.Random, number: int) -> Source:
    from corpora.synthesis.agencies import draw_agency
    from corpora.synthesis.content import draw_report
    from corpora.synthesis.layouts import LAYOUTS
    from corpora.synthesis.prose import write_prose
    from corpora.synthesis.sheet import put_together
    from corpora.synthesis.statutory import print_tables

    layout = LAYOUTS[_LAYOUTS[number % len(_LAYOUTS)]]
    report = draw_report(rng, form="2021", agency=draw_agency(rng, layout.level, None))
    tables = print_tables(rng, report, layout.style)
    paragraphs = list(write_prose(rng, report).paragraphs)
    place = next(at for at, paragraph in enumerate(paragraphs) if paragraph.kind == "body")
    for more in range(_MOST):
        sheet = put_together(paragraphs, tables)
        printed = layout.render(sheet, random.Random(number))  # noqa: S311
        source = open_source(f"report-{number}.pdf", printed.data if printed else b"")
        if _pages(source) >= PAGES:
            return source
        bodies = [one for one in write_prose(rng, report).paragraphs if one.kind == "body"]
        paragraphs[place:place] = [one for one in bodies if more % _WITH_FIGURES == 0 or not _FIGURE.search(one.text)]
    raise ValueError(f"Prose of {_MOST} reports does not fill {PAGES} pages.")


def _pages(source: Source) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(source.data)
    try:
        return len(document)
    finally:
        document.close()


def measure(sources: Sequence[Source], rounds: int) -> list[Spent]:
    """What each report takes, medians over the rounds; a round before them only warms up."""
    model = load_model()
    found = []
    for source in sources:
        record = extract(source, model)
        known = TitleInfo(record.title, record.agency, record.year)
        times = [_both_ways(source, known, turn) for turn in range(rounds + 1)][1:]
        whole, without = (statistics.median(spent) * 1000 for spent in zip(*times, strict=True))
        characters = sum(len(section.text) for section in record.sections)
        found.append(Spent(record.pages, characters, len(record.facts), whole, without))
    return found


def _both_ways(source: Source, known: TitleInfo, turn: int) -> tuple[float, float]:
    """Processor seconds with prose and without; which goes first changes from turn to turn."""
    if turn % 2:
        return _timed(source), _timed_without(source, known)
    without = _timed_without(source, known)
    return _timed(source), without


def _timed(source: Source) -> float:
    model = forgotten()
    gc.collect()
    begin = time.process_time()
    extract(source, model)
    return time.process_time() - begin


def _timed_without(source: Source, known: TitleInfo) -> float:
    with _without_prose(known):
        return _timed(source)


@contextmanager
def _without_prose(known: TitleInfo) -> Iterator[None]:
    """While this lasts, `extract` reads no prose; what the title says is given, as the tables need the year."""
    whole = sys.modules["pipeline.extract"]
    nothing: dict[str, Callable[..., Any]] = {
        "read_titles": lambda *_: (known, 1), "read_paragraphs": lambda *_: [], "find_statements": lambda *_: [],
        "read_sections": lambda *_: (),
    }  # fmt: skip
    before = {name: getattr(whole, name) for name in nothing}
    try:
        for name, function in nothing.items():
            setattr(whole, name, function)
        yield
    finally:
        for name, function in before.items():
            setattr(whole, name, function)


def once_a_worker() -> float:
    """Processor seconds that a worker spends once on the words and the model of facts, in a fresh process."""
    command = [sys.executable, "-c", _ONCE]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, cwd=_ROOT)  # noqa: S603
    return float(done.stdout)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 where the limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.benchmark --prose", description="What prose adds.")
    parser.add_argument("pdf", nargs="*", type=Path, help=f"default: made reports of {PAGES} pages")
    parser.add_argument("--reports", type=int, default=6, help="made reports (default 6)")
    parser.add_argument("--rounds", type=int, default=5, help="at least 5 for figures to be quoted (default 5)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args(arguments)
    if options.reports < 1 or options.rounds < 1:
        parser.error("no reports to measure, or no rounds")
    sources = [open_source(file) for file in options.pdf] or made_reports(options.reports, options.seed)
    found, once = measure(sources, options.rounds), once_a_worker() * 1000
    median = statistics.median(one.prose for one in found)
    kept = median <= MAX_PROSE_MS
    _print(found, once, median, kept)
    if options.json:
        result = {"rounds": options.rounds, "reports": [one._asdict() for one in found], "once_a_worker_ms": once}
        result |= {"prose_ms": median, "kept": kept}
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0 if kept else 1


def _print(found: Sequence[Spent], once: float, median: float, kept: bool) -> None:
    print("pages characters facts  with ms  without  prose adds")
    for one in found:
        print(f"{one.pages:5} {one.characters:10} {one.facts:5} {one.whole:8.1f} {one.without:8.1f} {one.prose:11.1f}")
    print(
        f"Once a worker: {once:.0f} ms. Prose adds {median:.1f} ms to a report, at most {MAX_PROSE_MS:g} are allowed: "
    )
    print("limit kept" if kept else "limit NOT KEPT")


if __name__ == "__main__":
    sys.exit(main())
