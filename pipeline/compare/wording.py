"""The wording of a report's chapters: figures and the body's own names masked, white space and punctuation left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.agencies import normalised
from pipeline.text import normalise

RUN = 13  # characters in a row that two texts share before they count as repeated
_LONGEST = 200_000  # characters of a chapter; no report writes more, and more is not compared
_FIGURE, _NAME = "#", "@"
_FIGURES = re.compile(
    r"[0-9０-９]+(?:[.,，．][0-9０-９]+)*[%％]?|"
    r"[〇零一二三四五六七八九十百千万亿两]+(?=[余多]?[件条次篇个项期场份人名家起宗元])"
)
_SELF = "[我本](?:机关|单位|部门|街道|[局委厅办省市区县旗州盟镇乡])"
_TERRITORY = "全[省市县区镇乡州盟旗]"
_KEPT = re.compile(r"[\u3400-\u9fff#@]")  # no letters: those are addresses of web pages
_NO_SENTENCE = re.compile(r"^[^。\n]+$", re.MULTILINE)  # titles, dates and links above the first chapter
_KINDS = (
    ("overview", "总体情况", "总体|概况|概述|基本情况"),
    ("disclosure", "主动公开", "主动公开"),
    ("requests", "依申请公开", "申请"),
    ("disputes", "行政复议、行政诉讼", "复议|诉讼"),
    ("problems", "问题与改进", "问题|不足|改进|整改|打算|计划"),
    ("others", "其他事项", "其他|其它"),
)

Hashes = npt.NDArray[np.uint64]


class Chapter(NamedTuple):
    """A chapter: what it is about ("" where its title does not say), its title, its text as printed, and its wording:
    the characters that count, each with its place in the text."""

    kind: str
    title: str
    text: str
    wording: str
    places: tuple[tuple[int, int], ...]


def chapters(record: Mapping[str, Any], name: str | None = None) -> list[Chapter]:
    """The chapters of a record (`Record.to_dict()`) that hold any prose. `name` is its agency's, if not as printed."""
    own = _own_names(name or record["agency"] or "")
    return [_chapter(section, own) for section in record["sections"] if section["text"].strip()]


def kind_of(title: str) -> str:
    """What a chapter is about by its title; "" where that is not known."""
    litigated = re.search("复议|诉讼", title)
    return "disputes" if litigated else next((kind for kind, _, words in _KINDS if re.search(words, title)), "")


def kind_names() -> dict[str, str]:
    """The Chinese name of each kind of chapter, in the order of the form."""
    return {kind: name for kind, name, _ in _KINDS}


def hashes(wording: str) -> Hashes:
    """A hash of each run of RUN characters, by where it begins; none where the wording is shorter."""
    codes = np.frombuffer(wording.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    number = len(codes) - RUN + 1
    if number < 1:
        return np.empty(0, dtype=np.uint64)
    total: Hashes = np.zeros(number, dtype=np.uint64)
    for offset in range(RUN):
        total = total * _BASE + codes[offset : offset + number]
    total ^= total >> np.uint64(29)
    total *= _MIX
    return total ^ (total >> np.uint64(32))


_BASE, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def _chapter(section: Mapping[str, Any], own: re.Pattern[str]) -> Chapter:
    text = section["text"][:_LONGEST]
    left_out = [] if section["title"] else [match.span() for match in _NO_SENTENCE.finditer(text)]
    wording, places = _masked(text, own, left_out)
    return Chapter(kind_of(section["title"]), section["title"], text, wording, places)


def _masked(
    text: str, own: re.Pattern[str], left_out: list[tuple[int, int]]
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The characters of a text that count, and where each stands; a figure or a name is one character."""
    masks = [(span, "") for span in left_out]
    masks += [(match.span(), _NAME) for match in own.finditer(text)]
    masks += [(match.span(), _FIGURE) for match in _FIGURES.finditer(text)]
    wording: list[str] = []
    places: list[tuple[int, int]] = []
    end = 0
    for (start, stop), mask in [*sorted(masks, key=lambda one: (one[0][0], -one[0][1])), ((len(text), len(text)), "")]:
        if start < end:
            continue
        for place in range(end, start):
            if _KEPT.match(text[place]):
                wording.append(text[place])
                places.append((place, place + 1))
        if mask:
            wording.append(mask)
            places.append((start, stop))
        end = stop
    return "".join(wording), tuple(places)


@lru_cache(maxsize=4096)
def _own_names(name: str) -> re.Pattern[str]:
    """What a body calls itself and its place: other bodies that take its text over change these."""
    agency = normalised(name)
    regions = [region for region in agency.region if len(region) > 1]
    names = {name, normalise(name), *regions, *(f"{region}人民政府" for region in regions)}
    names |= {name.partition(region)[2] for region in regions if len(name.partition(region)[2]) > len("财政局")}
    own = sorted(map(re.escape, names - {""}), key=len, reverse=True)
    return re.compile("|".join([*own, _SELF, _TERRITORY]))
