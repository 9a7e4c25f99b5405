"""The floors below which no change may fall: `python -m evaluation.floors [CORPUS…] [--write]`.

The committed floors stand in `evaluation/results/floors.json`: of each corpus the metrics of all its documents and of
each layout by itself, so that no layout gets worse behind the others. Counts of wrong figures may never rise, shares
never sink, and no layout may vanish. `--write` records today's scores after a change that made them better.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluation.breakdown import groups
from evaluation.metrics import below
from evaluation.run import Evaluation, evaluate

FLOORS = Path(__file__).parent / "results" / "floors.json"
CORPORA = (Path("corpora/samples"), Path("corpora/documents"))
HELD = (
    "documents", "unread", "exact_fields", "exact_tables", "exact_reports", "coverage", "silent", "extra", "form",
    "agency", "year", "facts", "facts_silent", "row_labels", "columns",
    "title", "heads", "heads_true", "paragraphs_placed", "paragraphs", "prose_true",
)  # fmt: skip
_SHOWN = 30
Scores = Mapping[str, float | None]


def scores_of(evaluation: Evaluation) -> dict[str, Any]:
    """What is held to floors: {"all": the metrics, "layouts": the metrics of each}; those not measured are left out."""
    layouts = groups(evaluation.scores)["layout"]
    return {
        "all": _held(evaluation.metrics()),
        "layouts": {name: _held(scores) for name, scores in layouts.items()},
    }


def _held(scores: Scores) -> dict[str, float]:
    return {name: round(value, 6) for name in HELD if (value := scores.get(name)) is not None}


def faults(scores: Mapping[str, Any], floors: Mapping[str, Any]) -> list[str]:
    """One sentence for each floor of a corpus that its scores break, in all or in one layout."""
    found = below(scores["all"], floors["all"])
    for layout, floor in floors["layouts"].items():
        if layout not in scores["layouts"]:
            found.append(f"layout {layout} has no document any more")
            continue
        found += [f"layout {layout}: {fault}" for fault in below(scores["layouts"][layout], floor)]
    return found


def main(arguments: list[str] | None = None) -> int:
    """Score the corpora, print a line each, and compare with the committed floors; 6 where one is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="*", type=Path, help="default: those of corpora/samples and corpora/documents")
    parser.add_argument("--write", action="store_true", help="record today's scores as the floors")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args(arguments)
    corpora = args.corpora or [corpus for corpus in CORPORA if corpus.is_dir()]
    measured = {corpus.name: _measure(corpus, args.workers) for corpus in corpora}
    floors: dict[str, dict[str, Any]] = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    if args.write:
        FLOORS.parent.mkdir(exist_ok=True)
        FLOORS.write_text(_lines(floors | measured), encoding="utf-8")
        return 0
    broken = [f"{name}: {fault}" for name in measured for fault in _faults(measured[name], floors.get(name))]
    print("\n".join(_cut(broken)) or "every floor holds")
    return 6 if broken else 0


def _measure(corpus: Path, workers: int) -> dict[str, Any]:
    """The scores of a corpus, printed with what could not be read."""
    evaluation = evaluate([corpus], workers=workers)
    scores = scores_of(evaluation)
    print(corpus.name, " ".join(f"{key} {value:.6g}" for key, value in scores["all"].items()))
    print(
        "\n".join(_cut([f"unread: {cause}" for cause in evaluation.unread()])), end="\n" * bool(scores["all"]["unread"])
    )
    return scores


def _lines(floors: Mapping[str, Mapping[str, Any]]) -> str:
    """The floors as JSON with a line for each layout, so that a change of one is seen as a change of one line."""
    corpora = []
    for name, floor in floors.items():
        layouts = ",\n".join(f"   {json.dumps(one)}: {json.dumps(held)}" for one, held in floor["layouts"].items())
        corpora.append(
            f' {json.dumps(name)}: {{\n  "all": {json.dumps(floor["all"])},\n  "layouts": {{\n{layouts}\n  }}\n }}'
        )
    return "{\n" + ",\n".join(corpora) + "\n}\n"


def _faults(scores: Mapping[str, Any], floors: Mapping[str, Any] | None) -> list[str]:
    return ["it has no floors yet: write them with --write"] if floors is None else faults(scores, floors)


def _cut(sentences: list[str]) -> list[str]:
    more = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], f"… and {more} more"] if more > 0 else sentences


if __name__ == "__main__":
    sys.exit(main())
