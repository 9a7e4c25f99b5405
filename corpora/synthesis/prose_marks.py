"""Sentences with the facts that they state, out of text with marks for the figures; see corpora/sentences/README.md."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpora.synthesis.prose import chinese_numeral
from pipeline.datamodel import Number

FACTS = {
    "R": "requests_received", "I": "requests_carried_in", "C": "requests_concluded", "G": "requests_granted",
    "H": "requests_partially_granted", "Q": "requests_granted_or_partial", "X": "requests_refused",
    "U": "requests_unavailable", "N": "requests_not_processed", "O": "requests_other", "V": "requests_carried_out",
    "A": "review_cases", "L": "litigation_cases", "F": "fees_charged", "D": "proactive_items", "W": "website_items",
    "K": "wechat_items", "B": "weibo_items", "E": "policy_interpretations", "S": "press_conferences",
    "T": "training_sessions", "Z": "regulations_issued", "M": "normative_documents_issued",
    "J": "normative_documents_in_force",
}  # fmt: skip
SCOPES = {
    "": "this", "-y": "other year", "-r": "running", "-p": "part", "-b": "other body", "-f": "planned",
    "-a": "approximate",
}  # fmt: skip
_MARK = re.compile(
    r"<(?P<what>[A-Z]+|[#%$])(?P<said>=?0)?(?P<scope>-[a-z])?(?P<form>[*,^$])?(?:\|(?P<printed>[^|>]*)\|(?P<value>[^>]*))?>"
)
_YEAR = re.compile(r"<Y(?:([+-])([0-9]))?>")
_LARGE = frozenset("DWKB")
_FEW = frozenset("SZTALI")


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact, its value, what it is the figure of (one of SCOPES), and where the figure stands; None for a denial."""

    fact: str
    value: Number
    scope: str
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as printed with all that it states; `group` names what it was made from, `said` where denials end."""

    id: str
    group: str
    text: str
    year: int
    agency: str
    statements: tuple[Statement, ...]
    denied: tuple[int, ...] = ()


def fill_marks(rng: random.Random, text: str, *, id: str, group: str, year: int, agency: str) -> Sentence:
    """The sentence that a text with marks is, its figures drawn."""
    text = _YEAR.sub(lambda mark: str(year + int(f"{mark[1] or '+'}{mark[2] or 0}")), text)
    printed, place = "", 0
    statements: list[Statement] = []
    denied: list[int] = []
    for mark in _MARK.finditer(text):
        printed += text[place : mark.start()]
        place = mark.end()
        figure, value = _figure(rng, mark)
        span = (len(printed), len(printed) + len(figure)) if figure else None
        if mark["what"].isalpha():
            scope = SCOPES[mark["scope"] or ""]
            statements += [Statement(FACTS[letter], value, scope, span) for letter in mark["what"]]
            denied += [-1 if span else len(printed)] * len(mark["what"])
        printed += figure
    return Sentence(id, group, printed + text[place:], year, agency, tuple(statements), tuple(denied))


def _figure(rng: random.Random, mark: re.Match[str]) -> tuple[str, Number]:
    """What is printed for a mark ("" for a denial) and its value."""
    if mark["value"]:
        return mark["printed"], int(mark["value"])
    if mark["said"]:
        return ("0" if mark["said"] == "=0" else ""), 0
    if mark["what"] == "%":
        return rng.choice((f"{rng.uniform(1, 99):.1f}", f"{rng.uniform(1, 99):.2f}", str(rng.randint(1, 99)))), 0
    value = _draw(rng, mark)
    if mark["form"] == "*":
        value = rng.randint(1, 99)
        return chinese_numeral(value), value
    return (f"{value:,}" if mark["form"] == "," else str(value)), value


def _draw(rng: random.Random, mark: re.Match[str]) -> int:
    form, what = mark["form"], mark["what"][0]
    if form in (",", "^"):
        return int(10 ** rng.uniform(3.05, 4.9))
    if form == "$" or what == "$":
        return rng.randint(2, 900) * 10
    if what == "F":
        return rng.choice((rng.randint(1, 400) * 5, rng.randint(20, 3000)))
    if what in _LARGE:
        return int(10 ** rng.uniform(1.3, 4.2))
    return rng.randint(1, 15) if what in _FEW else int(10 ** rng.uniform(0, 2.8))


def write_sentences(sentences: Iterable[Sentence], file: Path) -> None:
    """Write sentences, a line of JSON each."""
    lines = (json.dumps(_plain(one), ensure_ascii=False, separators=(",", ":")) for one in sentences)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_sentences(file: Path) -> list[Sentence]:
    """The sentences of a file that `write_sentences` wrote."""
    return [_sentence(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _plain(one: Sentence) -> dict[str, Any]:
    return {**asdict(one), "statements": [[s.fact, s.value, s.scope, s.span] for s in one.statements]}


def _sentence(plain: dict[str, Any]) -> Sentence:
    stated = tuple(
        Statement(fact, value, scope, tuple(span) if span else None) for fact, value, scope, span in plain["statements"]
    )
    return Sentence(**{**plain, "statements": stated, "denied": tuple(plain["denied"])})


_NUMBER = re.compile(r"[0-9][0-9,.]*|[一二三四五六七八九十百千零两]+(?=[件条次场元篇宗起份期])")


def masked(text: str) -> str:
    """The text with one mark for every number."""
    return _NUMBER.sub("#", text)


def grams(text: str, length: int = 12) -> set[str]:
    """All runs of so many characters, numbers masked, clause marks counted in."""
    text = masked(text)
    return {text[at : at + length] for at in range(len(text) - length + 1)}


def apart_from(sentences: Iterable[Sentence], others: Iterable[Sentence], length: int = 12) -> list[Sentence]:
    """The sentences that share no run of so many characters with the others."""
    taken = set().union(*(grams(one.text, length) for one in others))
    return [one for one in sentences if taken.isdisjoint(grams(one.text, length))]


_HAND_AGENCIES = {
    "b": ("澄湖市水务局", "澄湖市体育局", "云屏县档案局", "澄湖市商务局"),
    "c": ("澄湖市", "沅浦市"),
    "x": ("云屏县", "碧桥县"),
    "t": ("云屏县石渡镇", "云屏县枣林乡", "澄湖市江畔街道办事处"),
}  # fmt: skip


def read_written(file: Path, seed: int) -> Iterator[Sentence]:
    """The sentences written by hand, in order: `agency kind TAB text` or the text alone for an office."""
    number = 0
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        kind, _, text = line.rpartition("\t")
        number += 1
        rng = random.Random(f"{seed}/{text}")  # noqa: S311 - reproducible sentences
        name = f"written-{number:03}"
        yield fill_marks(
            rng, text, id=name, group=name, year=rng.randint(2021, 2025), agency=rng.choice(_HAND_AGENCIES[kind or "b"])
        )


def split_written(
    sentences: Sequence[Sentence], seed: int, draws: Sequence[tuple[int, int]]
) -> tuple[list[Sentence], list[Sentence]]:
    """(dev, test): for development are drawn, in turn, so many of the first so many; the others are for the
    test, but for those that differ from another in their numbers only."""
    drawn: set[int] = set()
    for turn, (first, count) in enumerate(draws):
        left = [at for at in range(first) if at not in drawn]
        drawn |= set(random.Random(seed + turn).sample(left, count))  # noqa: S311 - reproducible
    dev = [one for at, one in enumerate(sentences) if at in drawn]
    seen = {masked(one.text) for one in dev}
    test = {masked(one.text): one for at, one in reversed(list(enumerate(sentences))) if at not in drawn}
    return dev, [one for key, one in reversed(test.items()) if key not in seen]
