"""`python -m evaluation.sentences corpora/sentences/test.jsonl [--json OUT]`: facts of sentences, fact by fact.

Each sentence is read as a document of its own, by the patterns alone and by the model. Gold is what a sentence states
for the reporting year and body: of the accepted facts those are right that gold has with that value (precision), and of
gold those are found that are accepted (recall). Last year's, running, approximate, partial or other bodies' figures are
gold for nothing: who accepts one is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from corpora.synthesis.prose_marks import Sentence, read_sentences
from pipeline.datamodel import Fact, Line, Location, Number
from pipeline.extract import default_model_folder
from pipeline.prose.fact_model import FactClassifier
from pipeline.prose.facts import read_facts

MIN_PRECISION, MIN_RECALL = 0.98, 0.95
_SURE = 0.05  # of both ends of an interval together


@dataclass(frozen=True, slots=True)
class Miss:
    """An accepted fact that gold does not have ("wrong"), or one of gold that was not accepted ("missed")."""

    kind: str
    sentence: str
    text: str
    fact: str
    gold: tuple[Number, ...]
    read: Number | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one fact: accepted and right, accepted and wrong, in gold and not accepted."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        return self.right / (self.right + self.missed) if self.right + self.missed else None

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


@dataclass(frozen=True)
class Result:
    """The tally of every fact that was stated or accepted, and what went wrong."""

    tallies: Mapping[str, Tally]
    misses: Sequence[Miss]

    @property
    def total(self) -> Tally:
        return sum(self.tallies.values(), Tally())


def gold_of(sentence: Sentence) -> dict[str, set[Number]]:
    """The values that the sentence states for the reporting year and body, by fact."""
    found: dict[str, set[Number]] = {}
    for one in sentence.statements:
        if one.scope == "this":
            found.setdefault(one.fact, set()).add(one.value)
    return found


def read_sentence(sentence: Sentence, model: FactClassifier | None) -> dict[str, Fact]:
    """The facts of a sentence as a document of its own."""
    line = Line(sentence.text, Location(1, span=(0, len(sentence.text))))
    return read_facts([line], sentence.year, sentence.agency, model=model)


def score(sentences: Sequence[Sentence], read: Callable[[Sentence], Mapping[str, Fact]]) -> Result:
    """How a way of reading does on sentences. Two different values of gold for one fact must not be accepted."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    misses: list[Miss] = []
    for sentence in sentences:
        gold, found = gold_of(sentence), read(sentence)
        accepted = {name: fact.value for name, fact in found.items() if fact.accepted}
        for name in sorted({*gold, *accepted}):
            values, value = tuple(sorted(gold.get(name, ()))), accepted.get(name)
            right = len(values) == 1 and value == values[0]
            wrong = value is not None and not right
            missed = len(values) == 1 and not right
            tallies[name] += Tally(int(right), int(wrong), int(missed))
            misses += [
                Miss(kind, sentence.id, sentence.text, name, values, value)
                for kind, is_so in (("wrong", wrong), ("missed", missed))
                if is_so
            ]
    return Result(dict(sorted(tallies.items())), misses)


def interval(hits: int, count: int) -> tuple[float, float]:
    """The exact binomial interval (Clopper and Pearson 1934) of 95 % around hits / count; (0, 1) of nothing."""
    from scipy.stats import beta

    low = float(beta.ppf(_SURE / 2, hits, count - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - _SURE / 2, hits + 1, count - hits)) if hits < count else 1.0
    return low, high


def as_json(result: Result) -> dict[str, Any]:
    """The figures of a result, each with its interval."""
    return {"all": _figures(result.total), "facts": {name: _figures(one) for name, one in result.tallies.items()}}


def _figures(one: Tally) -> dict[str, Any]:
    return {
        "right": one.right, "wrong": one.wrong, "missed": one.missed,
        "precision": one.precision, "precision_interval": interval(one.right, one.right + one.wrong),
        "recall": one.recall, "recall_interval": interval(one.right, one.right + one.missed),
    }  # fmt: skip


def table(patterns: Result, model: Result) -> str:
    """Precision and recall of both ways, fact by fact, with the 95 % interval of the model's."""
    head = f"{'fact':28} {'gold':>5}  {'patterns alone':^17}  {'model':^17}  {'95 % interval of the model':^32}"
    lines = [
        head,
        f"{'':28} {'':>5}  {'precision  recall':^17}  {'precision  recall':^17}  {'precision':^16}{'recall':^16}",
    ]
    names = sorted({*patterns.tallies, *model.tallies})
    pairs = [(name, patterns.tallies.get(name, Tally()), model.tallies.get(name, Tally())) for name in names]
    for name, one, two in [*pairs, ("all", patterns.total, model.total)]:
        sides = "  ".join(f"{_share(side.precision):>9}  {_share(side.recall):>6}" for side in (one, two))
        low = interval(two.right, two.right + two.wrong), interval(two.right, two.right + two.missed)
        spans = "".join(f"{_share(a) + '–' + _share(b):^16}" for a, b in low)
        lines.append(f"{name:28} {two.right + two.missed:5}  {sides}  {spans}")
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def below(result: Result) -> list[str]:
    """The facts that do not keep the precision and recall that are asked for."""
    return [
        name
        for name, one in result.tallies.items()
        if (one.precision is not None and one.precision < MIN_PRECISION)
        or (one.recall is not None and one.recall < MIN_RECALL)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print and write; 1 where the model as a whole keeps the limits not."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.sentences", description="Facts of single sentences.")
    parser.add_argument("sentences", type=Path)
    parser.add_argument("--model", type=Path, help="a model folder (default: the one that ships)")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--misses", action="store_true", help="list what the model reads wrong or misses")
    options = parser.parse_args(arguments)
    sentences = read_sentences(options.sentences)
    reader = FactClassifier.load(options.model or default_model_folder())
    if reader is None:
        parser.error("the model folder holds no reader of facts")
    patterns, model = (score(sentences, partial(read_sentence, model=way)) for way in (None, reader))
    print(f"{len(sentences)} sentences, model {reader.version}\n{table(patterns, model)}")
    print(f"facts below {MIN_PRECISION:.0%} precision or {MIN_RECALL:.0%} recall: {', '.join(below(model)) or 'none'}")
    if options.misses:
        print(
            "\n".join(f"{one.kind:6} {one.fact:28} gold {one.gold} read {one.read}: {one.text}" for one in model.misses)
        )
    if options.json:
        plain = {"sentences": len(sentences), "model": reader.version, "file": options.sentences.name}
        plain |= {"patterns": as_json(patterns), "with_model": as_json(model)}
        options.json.write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    total = model.total
    return 0 if (total.precision or 0) >= MIN_PRECISION and (total.recall or 0) >= MIN_RECALL else 1


if __name__ == "__main__":
    sys.exit(main())
