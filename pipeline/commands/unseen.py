"""`python -m pipeline.commands.unseen CORPUS… --json F`: leave every layout out of training, then add some of it.

Here the study (evaluation) meets the trainer (models), which know nothing of each other. The committed results,
`evaluation/results/unseen.json`, are of a corpus with documents enough for every step, and of this command:

    python -m corpora.synthesis --out generated-21 --seed 21 --count 12
    python -m pipeline.commands.unseen generated-21 --known 3 --seed 1 --json evaluation/results/unseen.json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def run(
    corpora: Sequence[Path],
    *,
    known: int = 2,
    scored: int = 3,
    seed: int = 0,
    workers: int = 2,
    only: str | None = None,
) -> dict[str, Any]:
    """The study over the documents of the corpora as plain JSON values; its progress goes to standard error."""
    from corpora import read_corpus
    from evaluation.unseen import study
    from models.refit import fitter

    start = time.monotonic()
    documents = [one for corpus in corpora for one in read_corpus(corpus)]
    names = [corpus.resolve().name for corpus in corpora]
    setting: dict[str, Any] = {"known": known, "scored": scored, "seed": seed, "workers": workers, "only": only}
    found = study(documents, fitter, corpora=names, **setting, progress=_show)
    return {**found.to_dict(), "minutes": round((time.monotonic() - start) / 60, 1)}


def _show(done: int, among: int) -> None:
    ahead, end = ("\r", "\n" * (done == among)) if sys.stderr.isatty() else ("", "\n")
    print(f"{ahead}{done} of {among} trainings", end=end, file=sys.stderr, flush=True)


def summary(found: Mapping[str, Any]) -> str:
    """The totals as lines of tab-separated text, one a kind of layouts and a step."""
    shown = ("layouts", "documents", "exact_fields", "exact_reports", "coverage", "silent", "extra", "row_labels_f1")
    lines = ["\t".join(("layouts of kind", "learnt from", *shown))]
    for step, kinds in (*found["totals"].items(), ("0, every layout", found["zero_shot"])):
        lines += ["\t".join((kind, step, *(_cell(name, one[name]) for name in shown))) for kind, one in kinds.items()]
    return "\n".join(lines)


def _cell(name: str, value: float | None) -> str:
    from evaluation.metrics import METRICS

    if value is None:
        return "-"
    return f"{value:.3%}" if name in METRICS and METRICS[name].kind == "share" else f"{value:g}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study, print its totals and write its JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.commands.unseen",
        description="Leave every layout out of training, then learn from 1, 3 and 5 of its documents.",
    )
    parser.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS")
    parser.add_argument("--json", type=Path, metavar="F")
    parser.add_argument("--known", type=int, default=2, metavar="N", help="documents learnt of every other layout")
    parser.add_argument("--scored", type=int, default=3, metavar="N", help="documents scored of every layout")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--layout", metavar="GLOB", help="only layouts of such names, left out together")
    args = parser.parse_args(arguments)
    setting = {"known": args.known, "scored": args.scored, "seed": args.seed, "workers": args.workers}
    found = run(args.corpora, **setting, only=args.layout)
    print(summary(found))
    if args.json:
        args.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
