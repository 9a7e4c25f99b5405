"""Reports as offices number and word them: chapters in other numberings, wordings and order, titles of every form.

What stands here is set by the layouts of `chapter_layouts.py`, to try the reading of chapters on. Wordings come from
chapters.csv, some of them kept for the test alone.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from corpora.synthesis.agencies import Agency
from corpora.synthesis.content import Report
from corpora.synthesis.prose import Paragraph, Prose

Trial = Literal["dev", "test"]
NUMERALS = "一二三四五六七八九十"
_HEAD = re.compile(
    r"(?:第([一二三四五六七八九十]{1,2})(?:部分|章)[、：]?|[（(]([一二三四五六七八九十]{1,2}|\d{1,2})[）)]、?"
    r"|([一二三四五六七八九十]{1,2}|\d{1,2})[、.．])?\s*(.*)"
)
_BODIES: dict[Trial, tuple[str, ...]] = {
    "dev": ("{city}经济技术开发区管理委员会", "{city}{letter}湖区教育局", "{city}人力资源和社会保障局"),
    "test": (
        "{city}公安局交通警察支队", "国家税务总局{city}税务局", "{city}市场监督管理局{letter}江分局", "{city}气象局",
        "{city}第三人民医院",
    ),
}  # fmt: skip
_EXTRA = (("fees", "本年度没有收取任何费用。"), ("own", "安排专人负责，制度更加健全，保障更加有力。"))
_ITEM = re.compile(r"^（([一二三四五])）")
_SPOKEN = str.maketrans("0123456789", "〇一二三四五六七八九")
# How chapters are numbered, with the ways to number what stands inside them: {n} 一, {a} 1.
_NUMBERINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("{n}、", ("（{n}）", "{a}.", "（{a}）")),
    ("{n}、", ("（{n}）", "{a}、", "{a}．")),
    ("第{n}部分 ", ("{n}、", "（{n}）", "{a}.")),
    ("第{n}部分、", ("{n}、", "（{n}）")),
    ("第{n}章 ", ("{n}、", "（{n}）")),
    ("（{n}）", ("{a}.", "{a}、", "（{a}）")),
    ("{n}.", ("（{n}）", "（{a}）")),
    ("{a}.", ("（{n}）", "（{a}）")),
    ("{a}、", ("（{a}）", "（{n}）")),
    ("（{a}）", ("（{n}）", "{n}、")),
    ("", ("（{n}）", "{a}.")),
)
_USUAL = 2  # of the numberings above, which half of all reports have


class Printed(NamedTuple):
    """Varied prose with the agency as its title names it, and the title as printed, without line ends and spaces."""

    prose: Prose
    agency: str
    title: str


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A chapter under construction: what it is about and its paragraphs, the heading left out."""

    kind: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def has_table(self) -> bool:
        return any(one.kind == "tables" for one in self.paragraphs)


def vary_prose(rng: random.Random, prose: Prose, report: Report, trial: Trial, *, run_on: bool) -> Printed:
    """The report's prose with title, chapters and what stands before and after them as another office would print it.

    `run_on` text has no line ends, so that nothing in it stands over two lines.
    """
    words = _Words(rng, "older" if report.form == "pre2019" else "newer", trial)
    agency = _agency(rng, report.agency, trial)
    opening, chapters = _parted(prose.paragraphs)
    chapters = _with_own(words, _without_some(rng, chapters))
    numbering, inside = rng.choice(_NUMBERINGS[:_USUAL] if rng.random() < 0.5 else _NUMBERINGS)
    heads = _heads(words, numbering, chapters)
    run_in = bool(numbering) and rng.random() < 0.12
    broken = not run_on and not run_in and rng.random() < 0.25
    body: list[Paragraph] = []
    for chapter, head in zip(chapters, heads, strict=True):
        body += _set(rng, chapter, head, rng.choice(inside), run_in=run_in, broken=broken)
    named = rng.choice(("title", "title", "title", "title", "nameless", "yearless"))
    lost = named == "title" and rng.random() < 0.25
    title = words.pick(named).format(agency=agency, year=report.year, spoken=str(report.year).translate(_SPOKEN))
    before = [Paragraph("title", title.replace("|", "" if run_on else "\n"))]
    listed = ("目录", *heads) if numbering and not run_on and rng.random() < 0.15 else ()
    before += [Paragraph("contents", text) for text in listed]
    after = _signature(agency, report.year) if named == "nameless" or rng.random() < 0.2 else []
    printed = (*before, *([] if lost else opening), *_trapped(words, body), *after)
    text = "".join(paragraph.text for paragraph in printed)
    kept = {name: fact for name, fact in prose.facts.items() if fact[1] in text}
    return Printed(replace(prose, paragraphs=printed, facts=kept), agency, re.sub(r"[\s|]", "", title))


class _Words:
    """Wordings of chapters.csv for one form and trial."""

    def __init__(self, rng: random.Random, form: str, trial: Trial) -> None:
        self.rng, self.form, self.trial = rng, form, trial

    def pick(self, kind: str) -> str:
        return self.rng.choice(
            [
                line["text"]
                for line in _lines()
                if line["kind"] == kind
                and line["form"] in ("both", self.form)
                and line["split"] in ("both", self.trial)
            ]
        )


@lru_cache(maxsize=1)
def _lines() -> Sequence[dict[str, str]]:
    text = files("corpora.synthesis").joinpath("chapters.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    """What a chapter is about, by its title."""
    return {line["text"]: line["kind"] for line in reversed(_lines())}


def gold_chapters(blocks: Sequence[object], *, run_on: bool) -> list[dict[str, Any]]:
    """The chapters of a sheet's blocks in order, each with number, title, kind and paragraphs as printed; what stands
    before the first is of the kind "introduction". Paragraphs that run on are one up to a table."""
    found: list[dict[str, Any]] = [{"number": "", "title": "", "kind": "introduction", "paragraphs": []}]
    begun = False
    for paragraph in blocks:
        if not isinstance(paragraph, Paragraph):
            begun = False
            continue
        text = paragraph.text.replace("\n", "")
        head = text if paragraph.kind == "heading" else paragraph.head
        if head:
            number, title = split_head(head)
            kind = _kinds().get(title, "own")
            found.append({"number": number, "title": title, "kind": kind, "paragraphs": []})
            begun = False
        if paragraph.kind in ("body", "subheading") and (body := text[len(paragraph.head) :].strip()):
            texts = found[-1]["paragraphs"]
            texts[len(texts) - begun :] = ["".join((*texts[len(texts) - begun :], body))]
            begun = run_on
    return found if found[0]["paragraphs"] else found[1:]


def split_head(head: str) -> tuple[str, str]:
    """The number of a head, "" where it has none, and its title."""
    match = _HEAD.fullmatch(head)
    assert match is not None  # every text ends in a title
    return match[1] or match[2] or match[3] or "", match[4].rstrip("。：　 ")


def _parted(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[_Chapter]]:
    """What stands before the first chapter, without the title, and the chapters."""
    places = [place for place, one in enumerate(paragraphs) if one.kind == "heading"]
    ends = [*places[1:], len(paragraphs)]
    chapters = [
        _Chapter(_kinds()[split_head(paragraphs[start].text)[1]], tuple(paragraphs[start + 1 : end]))
        for start, end in zip(places, ends, strict=True)
    ]
    return [one for one in paragraphs[: places[0]] if one.kind != "title"], chapters


def _without_some(rng: random.Random, chapters: list[_Chapter]) -> list[_Chapter]:
    """Now and then chapters are missing; those with a table stay."""
    if rng.random() < 0.7:
        return chapters
    free = [chapter for chapter in chapters if not chapter.has_table]
    missing = rng.sample(free, rng.randint(1, len(free) - 1))
    return [chapter for chapter in chapters if chapter not in missing]


def _with_own(words: _Words, chapters: list[_Chapter]) -> list[_Chapter]:
    """Now and then there is a chapter more: on fees, or one of the office's own."""
    rng = words.rng
    if rng.random() < 0.8:
        return chapters
    kind, text = rng.choice(_EXTRA)
    place = rng.randint(1, len(chapters) - 1)
    return [*chapters[:place], _Chapter(kind, (Paragraph("body", text),)), *chapters[place:]]


def _heads(words: _Words, numbering: str, chapters: Sequence[_Chapter]) -> list[str]:
    """A head for each chapter; now and then the numbers begin anew on the way, or some number is skipped."""
    rng = words.rng
    again = rng.randrange(1, len(chapters)) if numbering and rng.random() < 0.15 else -1
    skipped = rng.randrange(1, len(chapters)) if numbering and rng.random() < 0.1 else -1
    heads, number = [], 0
    for place, chapter in enumerate(chapters):
        number = 1 if place == again else number + 1 + (place == skipped)
        heads.append(_numbered(numbering, number) + words.pick(chapter.kind))
    return heads


def _numbered(numbering: str, number: int) -> str:
    return numbering.format(n=NUMERALS[number - 1], a=number)


def _set(
    rng: random.Random, chapter: _Chapter, head: str, inside: str, *, run_in: bool, broken: bool
) -> Iterator[Paragraph]:
    """A chapter's head and paragraphs: the head on a line, `broken` over two, or before its first text (`run_in`)."""
    rest = [_renumbered(paragraph, inside) for paragraph in chapter.paragraphs]
    if run_in and rest and rest[0].kind == "body":
        head += rng.choice("。：")
        yield Paragraph("body", head + rest[0].text, head)
        yield from rest[1:]
        return
    if broken and len(head) > 14:
        place = rng.randint(len(head) // 2, len(head) - 3)
        head = head[:place] + "\n" + head[place:]
    yield Paragraph("heading", head)
    yield from rest


def _renumbered(paragraph: Paragraph, inside: str) -> Paragraph:
    """The paragraph with its item numbered as the items of this report are."""
    match = _ITEM.match(paragraph.text) if paragraph.kind != "tables" else None
    if match is None:
        return paragraph
    return replace(paragraph, text=_numbered(inside, NUMERALS.index(match[1]) + 1) + paragraph.text[match.end() :])


def _trapped(words: _Words, body: list[Paragraph]) -> list[Paragraph]:
    """Now and then a sentence that speaks of chapters, or numbers what are none, at the end of a paragraph."""
    if words.rng.random() < 0.6:
        return body
    place = words.rng.choice([at for at, one in enumerate(body) if one.kind == "body"])
    return [*body[:place], replace(body[place], text=body[place].text + words.pick("trap")), *body[place + 1 :]]


def _signature(agency: str, year: int) -> list[Paragraph]:
    return [Paragraph("body", agency), Paragraph("body", f"{year + 1}年1月20日")]


def _agency(rng: random.Random, agency: Agency, trial: Trial) -> str:
    """The agency's name as its title gives it: whole, with what kind of body it is, or one of several parts."""
    name, city = agency.name, agency.name[:2] + "市"
    if rng.random() < 0.25:
        return rng.choice(_BODIES[trial]).format(city=city, letter=name[1])
    if agency.level in ("city", "county"):
        return name + rng.choice(("", "人民政府", "人民政府办公室"))
    if agency.level == "township":
        return name + ("办事处" if name.endswith("街道") else rng.choice(("", "人民政府")))
    return name
