"""Prose: the six chapters in words from a grammar (prose.csv), with facts that agree with the tables, or do not."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from typing import Literal

from corpora.synthesis.content import Report
from corpora.synthesis.stated import fact_values
from pipeline.datamodel import Number

_SLOT = re.compile(r"\{(\w+)\}")
_OUTCOMES = ("requests_granted", "requests_partially_granted", "requests_refused", "requests_unavailable",
             "requests_not_processed", "requests_other")  # fmt: skip
_DISPUTES = ("四、政府信息公开行政复议、行政诉讼情况", "四、因政府信息公开申请行政复议、提起行政诉讼情况")
_ONCE = ("issue", "plan", "means")
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph outside tables; a "tables" paragraph has no text and marks where the tables named by it stand.

    A body may begin with the `head` of its chapter. Line ends in titles and headings are printed.
    """

    kind: Literal["title", "contents", "heading", "subheading", "body", "tables"]
    text: str
    head: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """A report's paragraphs in order and the facts they state: value and the clause as printed."""

    paragraphs: tuple[Paragraph, ...]
    facts: Mapping[str, tuple[Number, str]]
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _grammar() -> Mapping[tuple[str, str], tuple[str, ...]]:
    text = files("corpora.synthesis").joinpath("prose.csv").read_text(encoding="utf-8")
    lines = sorted(csv.DictReader(text.splitlines()), key=lambda line: (line["kind"], line["name"]))
    grouped = groupby(lines, key=lambda line: (line["kind"], line["name"]))
    return {key: tuple(line["text"] for line in group) for key, group in grouped}


class _Writer:
    """Expands the grammar for one report and keeps the facts it states."""

    def __init__(self, rng: random.Random, report: Report, disagree: bool, spaced: bool) -> None:
        self.rng, self.report, self.spaced = rng, report, spaced
        self.facts: dict[str, tuple[Number, str]] = {}
        self.used: set[str] = set()
        self.truth = fact_values(rng, report)
        self.false = rng.choice(["requests_received", "requests_concluded", "review_cases"]) if disagree else ""
        agency = report.agency
        self.slots = {"we": agency.we, "all": agency.territory, "agency": agency.name, "writer": agency.writer,
                      "year": str(report.year), "next": str(report.year + 1)}  # fmt: skip

    def write(self, symbol: str) -> str:
        """One expansion of a symbol; a text already used in this report comes again only when all are used."""
        choices = _grammar()["rule", symbol]
        text = self.rng.choice([text for text in choices if text not in self.used] or choices)
        if symbol in _ONCE:
            self.used.add(text)
        return self.fill(text)

    def several(self, symbol: str, low: int, high: int) -> str:
        choices = _grammar()["rule", symbol]
        picked = self.rng.sample(choices, min(len(choices), self.rng.randint(low, high)))
        return "".join(self.fill(text) for text in picked)

    def fill(self, text: str) -> str:
        return _SLOT.sub(lambda slot: self.slot(slot[1]), text)

    def slot(self, name: str) -> str:
        if name in self.slots:
            return self.slots[name]
        if name == "small":
            return str(self.rng.randint(1, 40))
        if name == "big":
            return str(self.rng.randint(60, 90000))
        if name == "percent":
            return f"{self.rng.uniform(1, 60):.1f}"
        return self.write(name)

    def clause(self, name: str) -> str:
        """The clause that states a fact, kept as gold; "" where the fact has no value in this report."""
        if name not in self.truth:
            return ""
        value = self.truth[name]
        if name == self.false:
            value += self.rng.choice((1, 2, 3))
        zeros = _grammar().get(("zero", name), ()) if value == 0 else ()
        if zeros and self.rng.random() < 0.8:
            text = self.fill(self.rng.choice(zeros))
        else:
            text = self.fill(self.rng.choice(_grammar()["fact", name])).replace("#", self.number(value))
        self.facts[name] = (value, text)
        return text

    def clauses(self, *names: str) -> str:
        """A sentence of the facts' clauses, without those that have no value or fall out by chance."""
        kept = [clause for name in names if self.rng.random() < 0.85 and (clause := self.clause(name))]
        return "，".join(kept) + "。" if kept else ""

    def number(self, value: Number) -> str:
        if isinstance(value, int) and 0 < value < 100 and self.rng.random() < 0.08:
            return chinese_numeral(value)
        return f" {value} " if self.spaced else str(value)


def write_prose(rng: random.Random, report: Report, *, disagree: bool = False) -> Prose:
    """The report's paragraphs. With `disagree` one fact of the prose differs from its table."""
    writer = _Writer(rng, report, disagree, spaced=rng.random() < 0.35)
    title = rng.choice(
        ("{}{}年政府信息公开工作年度报告", "{}{}年度政府信息公开工作年度报告", "{} {} 年政府信息公开工作年度报告")
    )
    opening = [
        Paragraph("title", title.format(report.agency.name, report.year)),
        Paragraph("body", writer.write("opening")),
    ]
    chapters = _older_chapters(writer) if report.form == "pre2019" else _chapters(writer)
    agrees = writer.false not in writer.facts
    notes = () if agrees else (f"the prose gives {writer.false} as {writer.facts[writer.false][0]}; the tables differ",)
    return Prose((*opening, *chapters), writer.facts, notes)


def _chapters(writer: _Writer) -> list[Paragraph]:
    rng = writer.rng
    parts = [
        ("主动公开", _active(writer)),
        ("依申请公开", _on_request(writer)),
        ("政府信息管理", writer.several("manage", 1, 3) + writer.clauses("normative_documents_in_force")),
        ("平台建设", _platforms(writer)),
        ("监督保障", writer.several("guard", 1, 3) + writer.clauses("training_sessions")),
    ]
    if rng.random() < 0.3:
        rng.shuffle(parts)
    head = rng.choice(("（{}）{}情况。", "（{}）{}。", "（{}）{}"))
    found = [Paragraph("heading", "一、总体情况"), Paragraph("body", writer.several("lead", 1, 2))]
    for number, (name, text) in zip("一二三四五", parts, strict=True):
        joined = head.endswith("。")
        if not joined:
            found.append(Paragraph("subheading", head.format(number, name)))
        found.append(Paragraph("body", head.format(number, name) + text if joined else text))
    return [
        *found,
        Paragraph("heading", "二、主动公开政府信息情况"),
        Paragraph("tables", "disclosure"),
        Paragraph("heading", "三、收到和处理政府信息公开申请情况"),
        Paragraph("tables", "requests"),
        Paragraph("heading", rng.choice(_DISPUTES)),
        Paragraph("tables", "review_litigation"),
        Paragraph("heading", "五、存在的主要问题及改进情况"),
        Paragraph("body", writer.write("problem")),
        Paragraph("body", writer.several("improve", 1, 2)),
        Paragraph("heading", "六、其他需要报告的事项"),
        Paragraph("body", (writer.clause("fees_charged") + "。" if rng.random() < 0.8 else "") + writer.write("other")),
    ]  # fmt: skip


def _older_chapters(writer: _Writer) -> list[Paragraph]:
    first = writer.several("lead", 1, 2) + writer.several("guard", 1, 2) + writer.clauses("training_sessions")
    disputes = writer.clauses("review_cases", "litigation_cases")
    return [
        Paragraph("heading", "一、概述"),
        Paragraph("body", first),
        Paragraph("heading", "二、主动公开政府信息情况"),
        Paragraph("body", _active(writer) + _platforms(writer)),
        Paragraph("heading", "三、依申请公开政府信息情况"),
        Paragraph("body", _on_request(writer, disputes=False)),
        Paragraph("heading", _DISPUTES[1]),
        Paragraph("body", disputes or "本年度情况见附表。"),
        Paragraph("heading", "五、存在的主要问题和改进措施"),
        Paragraph("body", writer.write("problem") + writer.several("improve", 1, 1)),
        Paragraph("heading", "六、附表"),
        Paragraph("subheading", "政府信息公开情况统计表"),
        Paragraph("body", f"（{writer.report.year}年度）"),
        Paragraph("tables", "statistics"),
    ]  # fmt: skip


def _active(writer: _Writer) -> str:
    first = writer.clauses("proactive_items")
    named = writer.clauses("regulations_issued", "normative_documents_issued")
    return (
        first + writer.several("active", 1, 3) + named + writer.clauses("policy_interpretations", "press_conferences")
    )


def _platforms(writer: _Writer) -> str:
    return writer.several("platform", 1, 3) + writer.clauses("website_items", "wechat_items", "weibo_items")


def _on_request(writer: _Writer, disputes: bool = True) -> str:
    text = writer.clauses("requests_received", "requests_carried_in")
    if writer.truth.get("requests_concluded"):
        text += writer.clauses("requests_concluded", *_outcome_names(writer.rng), "requests_carried_out")
        text += writer.several("request", 1, 2)
    return text + (writer.clauses("review_cases", "litigation_cases") if disputes else "")


def _outcome_names(rng: random.Random) -> tuple[str, ...]:
    choice = rng.random()
    if choice < 0.4:
        return ()
    return _OUTCOMES if choice < 0.75 else ("requests_granted_or_partial", *_OUTCOMES[2:])


def chinese_numeral(value: int) -> str:
    """A whole number from 1 to 99 as prose writes it: 十二, 二十, 三十五."""
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones else "")
