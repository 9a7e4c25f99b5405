"""`python -m evaluation.chapters [CORPUS…] [--trial dev|test] [--seed N] [--count N] [--faults N] [--json OUT]`: how
the prose is read: title, agency, year, chapters and their paragraphs.

Without a corpus the trial's layouts are made first, `count` documents of each: reports whose chapters and titles are
worded, numbered and broken in every way (corpora/synthesis/chapters.py). Layouts and some wordings of "test" are never
mended on. Heads count where number and title are as printed, paragraphs where they stand whole in their chapter.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.breakdown import groups
from evaluation.run import Evaluation, evaluate
from evaluation.score import DocumentScore

SHOWN = (
    "documents", "title", "agency", "year", "heads", "heads_true", "paragraphs_placed", "paragraphs", "prose_true",
)  # fmt: skip
_SEED, _COUNT = 1009, 6


def figures(evaluation: Evaluation) -> dict[str, Any]:
    """What is measured of prose: over all documents, by layout, and the share of heads found by kind of chapter."""
    layouts = groups(evaluation.scores)["layout"]
    return {
        "all": _shown(evaluation.metrics()),
        "layouts": {name: _shown(scores) for name, scores in layouts.items()},
        "kinds": heads_by_kind(evaluation.scores),
    }


def heads_by_kind(scores: Sequence[DocumentScore]) -> dict[str, tuple[int, int]]:
    """For each kind of chapter how many of its heads were found, and how many are printed."""
    heads = [head for score in scores if score.chapters for head in score.chapters.heads]
    printed, found = Counter(head.kind for head in heads), Counter(head.kind for head in heads if head.right)
    return {kind: (found[kind], printed[kind]) for kind in sorted(printed)}


def _shown(scores: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: scores.get(name) for name in SHOWN}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the documents and print the scores; 0."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.chapters", description="How well prose is read.")
    parser.add_argument("corpora", nargs="*", type=Path, help="default: the documents of --trial, made anew")
    parser.add_argument("--trial", choices=("dev", "test"), default="test")
    parser.add_argument("--seed", type=int, default=_SEED)
    parser.add_argument("--count", type=int, default=_COUNT, help="documents of each layout")
    parser.add_argument("--faults", type=int, default=0, help="also print so many faults of each document")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        evaluation = evaluate(options.corpora or [_made(Path(folder), options)])
    measured = figures(evaluation)
    _print(measured)
    for score in evaluation.scores:
        for fault in _faults(score)[: options.faults]:
            print(f"{score.id}: {fault}")
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _made(folder: Path, options: argparse.Namespace) -> Path:
    from corpora.synthesis import generate
    from corpora.synthesis.chapter_layouts import CHAPTERED

    layouts = [layout.name for layout in CHAPTERED.values() if layout.chapters == options.trial]
    generate(folder, options.seed, options.count, layouts)
    return folder


def _faults(score: DocumentScore) -> tuple[str, ...]:
    wrong = [f"{name} is wrong" for name in ("agency", "year") if not getattr(score, f"{name}_right")]
    return (*wrong, *(score.chapters.faults if score.chapters else ()))


def _print(measured: Mapping[str, Any]) -> None:
    print(f"{'':44}" + " ".join(f"{name.removeprefix('paragraphs_'):>10}" for name in SHOWN))
    for name, scores in (*measured["layouts"].items(), ("all", measured["all"])):
        cells = ("-" if value is None else f"{value:.4g}" for value in map(scores.get, SHOWN))
        print(f"{name:44}" + " ".join(f"{cell:>10}" for cell in cells))
    print("heads found: " + ", ".join(f"{kind} {found}/{all_}" for kind, (found, all_) in measured["kinds"].items()))


if __name__ == "__main__":
    sys.exit(main())
