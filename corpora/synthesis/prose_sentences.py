"""`python -m corpora.synthesis.prose_sentences --out corpora/sentences`: sentences to learn facts from, and the split
of those written by hand. What is learnt shares no run of twelve characters (numbers masked) with what is tested."""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from corpora.synthesis.agencies import Agency, draw_agency
from corpora.synthesis.prose_marks import (
    Sentence,
    fill_marks,
    grams,
    masked,
    read_written,
    split_written,
    write_sentences,
)

DEV = 200
_SLOT = re.compile(r"\{([A-Za-z][A-Za-z0-9]*(?:[+-][0-9])?)\}")
_FIGURE = re.compile(r"<((?!Y)[A-Z]+)(0)?>")
# Clauses that come together: an order to draw from, and what may stand between them.
_THEMES: Sequence[tuple[int, Sequence[str], Sequence[str]]] = (
    (6, ("R", "R", "R", "R1", "I", "C", "V"), ("R1", "C1", "none", "denials", "change")),
    (3, ("R", "I", "C", "G", "H", "X", "U", "N", "O", "V"), ("X1", "U1", "N1", "O1", "none")),
    (4, ("C", "G", "H", "X", "U", "N", "O", "V"), ("X1", "U1", "N1", "O1", "C1", "none")),
    (3, ("Q", "X", "U", "N", "O"), ("X1", "U1", "N1", "O1")),
    (2, ("G", "H", "X", "U", "N", "O"), ()),
    (3, ("R0", "I0", "V0", "AL0", "F0", "XU0", "R0"), ("denials", "none")),
    (3, ("I", "R", "V", "V0", "I0"), ("none",)),
    (4, ("A", "L", "AL", "A0", "L0", "AL0"), ("ALx", "none")),
    (2, ("R", "A", "L"), ("ALx", "none")),
    (4, ("F", "F0", "F"), ("Fx", "none", "denials")),
    (3, ("D", "D", "D1"), ("D1", "none", "change")),
    (4, ("W", "W1", "KB", "K", "B"), ("W1", "KBx", "none")),
    (4, ("K", "B", "KB", "W", "KB0"), ("KBx", "none", "change")),
    (4, ("E", "S", "E"), ("E1", "S1", "none", "change")),
    (3, ("S", "S0", "S"), ("S1", "none")),
    (3, ("T", "T", "T0"), ("T1", "none")),
    (4, ("Z", "M", "J", "MJ", "Z0", "M0"), ("Z1", "M1", "none")),
    (3, ("M", "J", "MJ", "J", "J0"), ("M1", "none")),
    (2, ("D", "R", "C", "A0", "F0", "E", "T"), ("none",)),
    (2, ("none", "none", "none", "denials", "ALx", "Fx", "D1", "M1", "T1", "S1", "KBx", "Z1"), ("none",)),
)  # fmt: skip
_THIS = (
    "", "", "", "", "{Y}年，", "{Y}年，{we}", "{Y}年度，", "全年", "全年，{we}", "本年度，", "本年度{we}", "一年来，",
    "报告期内，", "年内", "{we}", "{we}全年", "今年，", "当年", "{Y}年全年", "全年累计", "本年度累计", "{Y}年共",
    "据统计，{Y}年", "{we}{Y}年度", "{Y}年1月1日至12月31日，", "本机关", "{we}{Y}年", "在{Y}年里，", "过去一年，",
    "截至{Y}年12月31日，{we}本年度", "从数据看，", "数据显示，", "在依申请公开方面，", "工作中，", "一是",
)  # fmt: skip
_OTHER_YEAR = (
    "{Y-1}年，", "上年度，", "去年", "上年同期，", "{Y-2}年度，", "{Y-1}年度全年", "相比之下，{Y-1}年", "而{Y-1}年",
    "上一年度{we}", "{Y-1}年{we}", "同期，", "前年，", "{Y-3}年，",
)  # fmt: skip
_RUNNING = (
    "截至目前，累计", "自{Y-3}年以来，累计", "历年累计", "截至{Y}年底，累计", "近三年来，", "迄今已", "条例施行以来，",
    "{Y-2}年至{Y}年，", "自成立以来，", "截至目前，", "截止{Y}年12月，累计", "五年来累计", "自开展此项工作以来，",
    "{Y-4}年以来，{we}",
)  # fmt: skip
_PART = (
    "上半年，", "第一季度，", "1至6月，", "{Y}年3月，", "下半年", "前三季度，", "{Y}年1—9月，", "每季度", "10月份，",
    "一季度，", "{Y}年上半年，{we}", "第四季度", "每月", "年初",
)  # fmt: skip
_PLANNED = (
    "下一步，计划", "{Y+1}年，拟", "{Y+1}年将", "明年力争", "下一年度预计", "预计", "争取", "{Y+1}年，{we}计划", "今后将",
    "下年度目标：", "来年，",
)  # fmt: skip
_OTHERS = (
    "{other}", "指导各镇街", "下属单位", "各科室", "局属事业单位", "全系统", "{other}{Y}年", "各县（市、区）", "各部门",
    "据{other}通报，", "督促相关单位", "12个镇街", "所属单位", "兄弟单位",
)  # fmt: skip
_WIDE = {"bureau": ("全市", "全县", "全市各级各部门", "我市", "全区", "全市行政机关"),
         "township": ("全县", "全市", "全区", "县直部门", "全县各级"),
         "county": ("全市", "全省", "各乡镇", "县直各部门分别"), "city": ("全省", "各县区", "全国", "市直单位")}  # fmt: skip
_OWN = {"bureau": ("我局", "本局", "我委", "本部门", "我单位", "全局"),
        "township": ("全镇", "我镇", "我乡", "本街道", "镇政府", "辖区"),
        "county": ("全县", "全区", "县政府", "全县各级行政机关", "我县", "县政府办公室代表县政府"),
        "city": ("全市", "市政府", "全市行政机关", "我市", "全市各级各部门", "市、县两级")}  # fmt: skip
_SCOPED = (
    (_OTHER_YEAR, "-y", 8), (_RUNNING, "-r", 7), (_PART, "-p", 6), (_PLANNED, "-f", 5), (_OTHERS, "-b", 5),
)  # fmt: skip
_TAILS = (
    "，占<%>%", "，同比下降<%>%", "，较上年增加<#>{u}", "，比{Y-1}年减少<#>{u}", "，均已办理", "，与上年持平", "，办结率100%",
    "，为{Y-1}年的<%>%", "，占总数的<%>%", "，增长率<%>%", "，人均<#>{u}", "（{Y-1}年为<#>{u}）", "，较去年多<#>{u}",
)  # fmt: skip
_NEAR = (("近", ""), ("约", ""), ("", "余"), ("", "多"), ("超过", ""), ("逾", ""), ("达到约", ""), ("", "几"))


@lru_cache(maxsize=1)
def _grammar() -> Mapping[str, Sequence[str]]:
    text = files("corpora.synthesis").joinpath("prose_sentences.txt").read_text(encoding="utf-8")
    rules = (line.split(" = ", 1) if " = " in line else (line.rstrip(" ="), "") for line in text.splitlines())
    return {name: body.split(" / ") for name, body in rules if name and not name.startswith("#")}


class _Speaker:
    """Makes sentences of one agency and year."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.agency: Agency = draw_agency(rng)
        self.year = rng.randint(2015, 2025)
        self.slots = {
            "we": rng.choice((*_OWN[self.agency.level], self.agency.we, self.agency.name, "本机关", "本单位")),
            "other": draw_agency(rng).name, "Y": "<Y>", "u": "件",
        }  # fmt: skip

    def fill(self, text: str) -> str:
        return _SLOT.sub(self._slot, text)

    def _slot(self, slot: re.Match[str]) -> str:
        name = slot[1]
        if name[0] == "Y" and name != "Y":
            return f"<{name}>"
        if name == "change":
            return f"数量比上年{self.rng.choice(('增加', '减少', '增长', '下降'))}<#>件"
        return self.slots[name] if name in self.slots else self.fill(self.rng.choice(_grammar()[name]))

    def clauses(self) -> list[str]:
        """Clauses that may stand in one sentence, in order."""
        rng = self.rng
        _, order, asides = rng.choices(_THEMES, weights=[theme[0] for theme in _THEMES])[0]
        count = min(len(order), rng.choice((1, 1, 1, 2, 2, 3, 4, 6)))
        found = []
        for place in sorted(rng.sample(range(len(order)), count)):
            if asides and rng.random() < 0.18:
                found.append(self.fill("{" + rng.choice(asides) + "}"))
            found.append(self.fill("{" + order[place] + "}"))
        return found

    def sentence(self) -> str:
        """A sentence with its marks: of this year and body, or of something else, or first one and then the other."""
        drawn = self.rng.random()
        if drawn < 0.62:
            return self._ended(self._this())
        if drawn < 0.70:
            return self._ended(self._approximate())
        if drawn < 0.74 and self.agency.level in _WIDE:
            return self._ended(self._wide())
        lead, scope = self._other()
        other = rescoped(lead + self._joined(self.clauses()), scope)
        if drawn < 0.84 and scope == "-y":
            return self._ended(f"{other}{self.rng.choice('，；')}{self.fill('{Y}年')}{self._joined(self.clauses())}")
        if drawn < 0.88:
            return self._ended(f"{self._this()}{self.rng.choice('；，')}{other}")
        return self._ended(other)

    def _this(self) -> str:
        own = self.rng.choice(_OWN[self.agency.level]) if self.rng.random() < 0.3 else ""
        return self.fill(self.rng.choice(_THIS)) + own + self._joined(self.clauses())

    def _other(self) -> tuple[str, str]:
        leads, scope, _ = self.rng.choices(_SCOPED, weights=[one[2] for one in _SCOPED])[0]
        return self.fill(self.rng.choice(leads)), scope

    def _wide(self) -> str:
        return rescoped(self.rng.choice(_WIDE[self.agency.level]) + self._joined(self.clauses()), "-b")

    def _approximate(self) -> str:
        return _FIGURE.sub(self._nearly, self._this())

    def _nearly(self, mark: re.Match[str]) -> str:
        if mark[2] or self.rng.random() < 0.4:
            return mark.group()
        before, after = self.rng.choice(_NEAR)
        return f"{before}<{mark[1]}-a>{after}"

    def _joined(self, clauses: Sequence[str]) -> str:
        rng = self.rng
        text = ""
        joint = rng.choice(("，", "，", "，", "、", "；"))
        for clause in clauses:
            tail = self.fill(rng.choice(_TAILS)) if rng.random() < 0.12 and "<" in clause else ""
            text += (joint if text else "") + clause + tail
        return text

    def _ended(self, text: str) -> str:
        return text + self.rng.choice("。。。。；")


def rescoped(text: str, scope: str) -> str:
    """The text with the marks of facts turned into marks of that scope."""
    return _FIGURE.sub(lambda mark: f"<{mark[1]}{mark[2] or ''}{scope}>", text)


def _varied(rng: random.Random, text: str) -> str:
    """Some figures as Chinese numerals, some with separators, some zero."""

    def form(mark: re.Match[str]) -> str:
        if mark[2] or len(mark[1]) > 1:
            return mark.group()
        return f"<{mark[1]}{rng.choices(('', '*', ',', '=0'), weights=(80, 8, 6, 6))[0]}>"

    return _FIGURE.sub(form, text)


def draw_sentences(seed: int, count: int, apart: Sequence[Sentence] = ()) -> list[Sentence]:
    """So many different sentences that share no run of twelve characters with those `apart`."""
    taken = set().union(*(grams(one.text) for one in apart)) if apart else set()
    found: dict[str, Sentence] = {}
    number = 0
    while len(found) < count:
        rng = random.Random(f"{seed}/{number}")  # noqa: S311 - reproducible sentences
        number += 1
        speaker = _Speaker(rng)
        text = _varied(rng, speaker.sentence())
        one = fill_marks(
            rng, text, id=f"train-{number:05}", group=f"train-{number // 20}", year=speaker.year,
            agency=speaker.agency.name,
        )  # fmt: skip
        key = masked(one.text)
        if key not in found and taken.isdisjoint(grams(one.text)):
            found[key] = one
    return list(found.values())


def main(arguments: Sequence[str] | None = None) -> None:
    """Write train.jsonl, dev.jsonl and test.jsonl."""
    parser = argparse.ArgumentParser(prog="python -m corpora.synthesis.prose_sentences")
    parser.add_argument("--out", type=Path, required=True, help="the folder that holds written.txt")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=6000)
    options = parser.parse_args(arguments)
    written = list(read_written(options.out / "written.txt", options.seed))
    dev, test = split_written(written, options.seed, DEV)
    write_sentences(draw_sentences(options.seed, options.count, written), options.out / "train.jsonl")
    write_sentences(dev, options.out / "dev.jsonl")
    write_sentences(test, options.out / "test.jsonl")
    print(f"{options.count} sentences to learn from, {len(dev)} for development, {len(test)} for the test")


if __name__ == "__main__":
    main()
