"""`python -m corpora.synthesis.prose_sentences --out corpora/sentences`: sentences to learn facts from, and the split
of those written by hand. What is learnt, those for development too, shares no run of twelve characters (numbers masked)
with what is tested."""

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
    apart_from,
    fill_marks,
    grams,
    masked,
    read_written,
    split_written,
    write_sentences,
)

DEV = ((813, 200), (813, 120), (931, 120))  # (of the first so many written, so many for development) in turn
SEED, COUNT = 1, 6_000  # of the sentences that the shipped reader of facts learnt
_SLOT = re.compile(r"\{([A-Za-z][A-Za-z0-9]*(?:\++|[+-][0-9])?)\}")
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
_WIDE = {"bureau": ("全市", "全县", "全市各级各部门", "我市", "全区", "全市行政机关"),
         "township": ("全县", "全市", "全区", "县直部门", "全县各级"),
         "county": ("全市", "全省", "各乡镇", "县直各部门分别"),
         "city": ("全省", "各县区", "全国", "市直单位")}  # fmt: skip
_OWN = {"bureau": ("我局", "本局", "我委", "本部门", "我单位", "全局"),
        "township": ("全镇", "我镇", "我乡", "本街道", "镇政府", "辖区"),
        "county": ("全县", "全区", "县政府", "全县各级行政机关", "我县", "县政府办公室代表县政府"),
        "city": ("全市", "市政府", "全市行政机关", "我市", "全市各级各部门", "市、县两级")}  # fmt: skip
_SCOPED = (
    ("of-other-year", "-y", 8), ("of-running", "-r", 7), ("of-part", "-p", 6), ("of-planned", "-f", 5),
    ("of-others", "-b", 5),
)  # fmt: skip
_LETTERS = "RRRICGHQQXUNOVALFDDWKBESTZMJ"
_DENIED_LETTERS = "RRAALLFFIVSTZMJXUNOHB"
# Frames for any fact: @ is its letter, {n@} what is counted, {v@} what is done with it, {u@} its unit.
_OF_THIS = ("{Y}年", "{Y}年", "今年", "本年", "本年度", "{Y}年度")
_NEAR = (("近", ""), ("约", ""), ("", "余"), ("", "多"), ("超过", ""), ("逾", ""), ("达到约", ""), ("", "几"))


@lru_cache(maxsize=1)
def _grammar() -> Mapping[str, Sequence[str]]:
    text = files("corpora.synthesis").joinpath("prose_sentences.txt").read_text(encoding="utf-8")
    rules = (line.split(" = ", 1) if " = " in line else (line.rstrip(" ="), "") for line in text.splitlines())
    return {name: body.split(" / ") for name, body in rules if name and not name.startswith("#")}


def _rule(name: str) -> Sequence[str]:
    return _grammar()[name]


class Speaker:
    """Makes sentences of one agency and year."""

    def __init__(self, rng: random.Random, agency: Agency | None = None) -> None:
        self.rng = rng
        self.agency = agency or draw_agency(rng)
        self.year = rng.randint(2015, 2025)
        self.slots = {
            "we": rng.choice((*_OWN[self.agency.level], self.agency.we, self.agency.name, "本机关", "本单位")),
            "other": draw_agency(rng).name, "Y": "<Y>", "u": "件",
        }  # fmt: skip

    def fill(self, text: str) -> str:
        return _SLOT.sub(self._slot, text)

    def _slot(self, slot: re.Match[str]) -> str:
        name = slot[1]
        if name[0] == "Y" and len(name) > 1:
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
        kind = self.rng.random()
        if kind < 0.33:
            return self._ended(self._framed())
        if kind < 0.6:
            return self._ended(self._more())
        if kind < 0.68:
            return self._ended(self._plain())
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

    def _framed(self) -> str:
        """A sentence in a frame that suits every fact, or two of them."""
        rng = self.rng
        drawn = rng.random()
        text = (
            self.fill(rng.choice(_rule("together")))
            if drawn < 0.25
            else self._denial()
            if drawn < 0.45
            else self.frame()
        )
        if rng.random() < 0.25:
            text += rng.choice("，；，") + (self._denial() if rng.random() < 0.3 else self.frame())
        lead = self.fill(rng.choice(_rule("of-this"))) if rng.random() < 0.35 and not text.startswith("<Y") else ""
        if rng.random() < 0.06:
            leads, scope, _ = rng.choices(_SCOPED, weights=[one[2] for one in _SCOPED])[0]
            return rescoped(self.fill(rng.choice(_rule(leads))) + text, scope)
        return lead + text

    def lead(self) -> str:
        """What a sentence about this year and body may begin with."""
        return self.fill(self.rng.choice(_rule("of-this")))

    def frame(self) -> str:
        """What any fact may be said with."""
        frame = self.rng.choice(_rule("frames"))
        letter = self.rng.choice(_LETTERS.replace("I", "") if "@-y" in frame else _LETTERS)
        return self.fill(frame.replace("{Y}年", self.rng.choice(_OF_THIS)).replace("@", letter))

    def _plain(self) -> str:
        """What states nothing, sometimes before or after what states a fact."""
        rng = self.rng
        text = self._joined([self.fill("{plain}") for _ in range(rng.choice((1, 1, 2, 3)))])
        if rng.random() < 0.4:
            parts = [text, self.frame()]
            rng.shuffle(parts)
            text = rng.choice("，；").join(parts)
        return (self.fill(rng.choice(_rule("of-this"))) if rng.random() < 0.4 else "") + text

    def _more(self) -> str:
        """One to three of the rarer clauses, with or without a lead."""
        rng = self.rng
        lead = self.fill(rng.choice(_rule("of-this"))) if rng.random() < 0.5 else ""
        text = self._joined(
            [
                self.fill(
                    rng.choice(
                        ("{more}", "{more}", "{more2}", "{more2}", "{short}", "{note}", "{W3}", "{fourth}", "{fourth}")
                    )
                )
                for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))
            ]
        )
        if rng.random() < 0.1:
            leads, scope, _ = rng.choices(_SCOPED[1:], weights=[one[2] for one in _SCOPED[1:]])[0]
            return rescoped(self.fill(rng.choice(_rule(leads))) + text, scope)
        return lead + text

    def _denial(self) -> str:
        letter = self.rng.choice(_DENIED_LETTERS)
        return self.fill(
            self.rng.choice((*_rule("denying"), *2 * tuple(_grammar().get(f"denying-{letter}", ())))).replace(
                "@", letter
            )
        )

    def _this(self) -> str:
        own = self.rng.choice(_OWN[self.agency.level]) if self.rng.random() < 0.3 else ""
        return self.fill(self.rng.choice(_rule("of-this"))) + own + self._joined(self.clauses())

    def _other(self) -> tuple[str, str]:
        leads, scope, _ = self.rng.choices(_SCOPED, weights=[one[2] for one in _SCOPED])[0]
        return self.fill(self.rng.choice(_rule(leads))), scope

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
            tail = self.fill(rng.choice(_rule("tails"))) if rng.random() < 0.12 and "<" in clause else ""
            text += (joint if text else "") + clause + tail
        return text

    def _ended(self, text: str) -> str:
        return text + self.rng.choice("。。。。；")


def rescoped(text: str, scope: str) -> str:
    """The text with the marks of facts turned into marks of that scope."""
    return _FIGURE.sub(lambda mark: f"<{mark[1]}{mark[2] or ''}{scope}>", text)


def varied(rng: random.Random, text: str) -> str:
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
        speaker = Speaker(rng)
        text = varied(rng, speaker.sentence())
        one = fill_marks(
            rng, text, id=f"train-{number:05}", group=f"train-{number // 20}", year=speaker.year,
            agency=speaker.agency.name,
        )  # fmt: skip
        key = masked(one.text)
        if key not in found and taken.isdisjoint(grams(one.text)):
            found[key] = one
    return list(found.values())


def main(arguments: Sequence[str] | None = None) -> None:
    """Write train.jsonl, dev.jsonl, test.jsonl and anew.jsonl, which a later author wrote for a test."""
    from corpora.synthesis.prose_taught import draw_taught

    parser = argparse.ArgumentParser(prog="python -m corpora.synthesis.prose_sentences")
    parser.add_argument("--out", type=Path, required=True, help="the folder of written.txt and written_anew.txt")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args(arguments)
    written = list(read_written(options.out / "written.txt", options.seed))
    dev, test = split_written(written, options.seed, DEV)
    anew = list(read_written(options.out / "written_anew.txt", options.seed))
    tests = [*test, *anew]
    by_hand = [*draw_taught(options.seed, tests), *apart_from(dev, tests)]
    write_sentences([*draw_sentences(options.seed, options.count, tests), *by_hand], options.out / "train.jsonl")
    write_sentences(dev, options.out / "dev.jsonl")
    write_sentences(test, options.out / "test.jsonl")
    write_sentences(anew, options.out / "anew.jsonl")
    print(
        f"{options.count} sentences of the grammar and {len(by_hand)} written by hand to learn from, {len(dev)} for "
        f"development, {len(test)} and {len(anew)} for the tests"
    )


if __name__ == "__main__":
    main()
