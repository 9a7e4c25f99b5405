"""The floors below which no change may fall: `python -m evaluation.floors [CORPUS…] [--write]`.

The committed floors stand in `evaluation/results/floors.json`; silent and extra figures may never rise, shares never
sink. `--write` records today's scores after a change that made them better.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from corpora import read_corpus
from evaluation.score import score_record, total
from pipeline.extract import Model, extract, load_model

FLOORS = Path(__file__).parent / "results" / "floors.json"
_AT_MOST = ("silent", "extra")
_AT_LEAST = ("right", "perfect", "coverage", "form", "year", "agency")


def measure(corpus: Path, model: Model) -> Mapping[str, float]:
    """The total scores of the program on a corpus."""
    return total(score_record(extract(document.source, model), document) for document in read_corpus(corpus))


def below(scores: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """One sentence for each floor that the scores break."""
    worse = [
        f"{name} is {scores[name]:g}, allowed is {floors[name]:g}" for name in _AT_MOST if scores[name] > floors[name]
    ]
    return worse + [
        f"{name} is {scores[name]:.4f}, the floor is {floors[name]:.4f}"
        for name in _AT_LEAST
        if scores[name] < floors[name] - 5e-5
    ]


def main() -> int:
    """Score the corpora, print a line each, and compare with the committed floors; 6 where one is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="*", type=Path, default=[Path("corpora/samples")])
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    model = load_model()
    measured = {corpus.name: dict(measure(corpus, model)) for corpus in args.corpora}
    for name, scores in measured.items():
        print(name, " ".join(f"{key} {value:.6g}" for key, value in scores.items()))
    floors: dict[str, dict[str, float]] = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    if args.write:
        FLOORS.parent.mkdir(exist_ok=True)
        FLOORS.write_text(json.dumps(floors | measured, indent=1) + "\n")
        return 0
    broken = [f"{name}: {fault}" for name, scores in measured.items() for fault in below(scores, floors[name])]
    print("\n".join(broken) or "every floor holds")
    return 6 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
