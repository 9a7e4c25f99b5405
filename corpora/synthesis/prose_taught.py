"""The sentences of prose_taught*.txt: written by several hands to be learnt from, each drawn several times with other
figures and words. Neighbouring lines are a group: they word things alike, so that they are held out together."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files

from corpora.synthesis.agencies import draw_agency
from corpora.synthesis.prose_marks import Sentence, fill_marks, grams, masked
from corpora.synthesis.prose_sentences import Speaker, varied

FILES = ("prose_taught.txt", "prose_taught_1.txt", "prose_taught_2.txt", "prose_taught_3.txt")  # an author each
VARIANTS = 3  # of each line that are drawn
_TRIES = 4  # draws for each of them
_ALIKE = 4  # neighbouring lines that are a group
_LEVELS = {"b": "bureau", "c": "city", "x": "county", "t": "township"}
_REQUEST = re.compile(r"(?<![息务{|])公开申请(?![|}])")
_REQUESTS = ("公开申请", "信息公开申请", "政府信息公开申请", "依申请公开申请", "要求公开政府信息的申请")
# What speaks of another time or body, or a part, takes no lead.
_OTHERWISE = re.compile(r"-[a-z]|[0-9]?[半上去近前明下]|其中|截[至止]|自|\{Y[+-]|部门|市、|各|所属|下属")
_OWN_TIME = re.compile("^(?:[{]Y|<Y|全年|年|本|今|当|其|以上|上述|另|余|还有|按|从)")
_YEAR = re.compile(r"\{(Y(?:[+-][0-9])?)\}")
_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")


def taught_lines() -> Iterator[tuple[str, str, str]]:
    """(group, kind of agency, text with marks) of each line, author after author."""
    for author, name in enumerate(FILES):
        text = files("corpora.synthesis").joinpath(name).read_text(encoding="utf-8")
        yield from _lines(f"taught-{author}", text)


def _lines(author: str, text: str) -> Iterator[tuple[str, str, str]]:
    block = place = 0
    for line in text.splitlines():
        if not line or line.startswith("#"):
            block, place = block + 1, 0
            continue
        kind, _, said = line.rpartition("\t")
        yield f"{author}-{block}-{place // _ALIKE}", kind or "b", said
        place += 1


def draw_taught(seed: int, apart: Sequence[Sentence] = (), variants: int = VARIANTS) -> list[Sentence]:
    """Each line so many times, fewer where it allows no more; none shares a run of twelve characters with `apart`."""
    taken = set().union(*(grams(one.text) for one in apart)) if apart else set()
    return [
        one
        for number, (group, kind, text) in enumerate(taught_lines())
        for one in _drawn(random.Random(f"{seed}/{text}"), number, group, kind, text, taken, variants)  # noqa: S311
    ]


def _drawn(
    rng: random.Random, number: int, group: str, kind: str, text: str, taken: set[str], variants: int
) -> list[Sentence]:
    found: dict[str, Sentence] = {}
    for _ in range(variants * _TRIES):
        if len(found) == variants:
            break
        speaker = Speaker(rng, draw_agency(rng, _LEVELS[kind]))
        filled = varied(rng, _reworded(speaker, text, alone=not found))
        one = fill_marks(
            rng, filled, id=f"taught-{number:04}-{len(found)}", group=group, year=speaker.year,
            agency=speaker.agency.name,
        )  # fmt: skip
        if taken.isdisjoint(grams(one.text)):
            found.setdefault(masked(one.text), one)
    return list(found.values())


def _reworded(speaker: Speaker, text: str, *, alone: bool) -> str:
    """The text with words chosen, and unless `alone` sometimes with a lead, or beside what else is said."""
    rng = speaker.rng
    said = speaker.fill(_CHOICE.sub(lambda some: rng.choice(some[1].split("|")), _YEAR.sub(r"<\1>", text)))
    if alone:
        return said
    said = _REQUEST.sub(lambda _: rng.choice(_REQUESTS), said)
    if _OTHERWISE.search(text):
        return said
    if rng.random() < 0.5 and not _OWN_TIME.match(text):
        said = speaker.lead() + said
    if rng.random() < 0.35:
        said = said.rstrip("。") + rng.choice("，；") + speaker.frame() + "。"
    return said
