"""An agency's name taken apart: its region, what kind of body it is, its duty, and the key where spellings meet."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from pipeline.agencies.regions import doubt_of, home, level_of, readings, short_region
from pipeline.text import normalise

_LONGEST = 60  # characters; nothing longer is taken apart
_GOVERNMENT = ("人民政府", "政府", "")
_TOWNSHIP = ("街道办事处", "办事处", "街道办", "办", "人民政府", "政府", "")
_OFFICE = ("人民政府办公室", "人民政府办公厅", "政府办公室", "政府办公厅", "政府办")
_ZONE = ("管理委员会", "管委会", "党工委管委会")
_ENDS = {
    "委员会": "委员会",
    "委": "委员会",
    "局": "局",
    "厅": "厅",
    "办公室": "办公室",
    "办": "办公室",
    "部": "部",
    "中心": "中心",
}
_NOTE = re.compile(r"\([^()]*\)$")
_SECOND_NAME = re.compile(r"(?<!分)(?:局|办公室|委员会)\)$")
_NATIONAL = re.compile("国家|国务院|中国|中华人民共和国|全国")
_JOINTS = re.compile("[和与及暨、.]")
_NOISE = re.compile(r"[\s\"'《》<>,;:!?_|*#]+")
_OF_THE_STATE = re.compile("^国家税务总局(?=.)")
_OF_THE_GOVERNMENT = re.compile("人民政府(?=.*(?:街道办事处|街道办|街道)$)|(?<=[省市县区旗州盟])人民政府(?!办公|$)")
_OWN = {"省": "province", "市": "", "州": "city", "盟": "city", "县": "county", "区": "county", "旗": "county"}
_OF_A_COUNTY = ("镇", "乡", "街道", "苏木")
_LEAST = 2  # characters of a duty
_KINDS = ((r"(?:局|委员会|厅)$", "department"), (r"(?:院|校|学|公司|集团|馆|站|所|中心)$", "institution"))


@dataclass(frozen=True, slots=True)
class Agency:
    """A name as its rules read it. Equal keys stand for one body, unless `doubtful` says why they may not.

    `region` goes from the outermost region that is needed to tell it from others to the innermost; `level` is
    "province", "city", "county", "township" or "" (not said). `kind` is "government", "government_office",
    "department", "institution" or "other". `duty` is what a body sees to (财政), `ending` what it is (局).
    """

    name: str
    region: tuple[str, ...]
    level: str
    kind: str
    duty: str
    ending: str
    doubtful: str

    @property
    def key(self) -> str:
        """What all spellings of one body share."""
        return "/".join(self.region) + "|" + self.body

    @property
    def body(self) -> str:
        return self.duty + self.ending


@lru_cache(maxsize=65536)
def normalised(name: str) -> Agency:
    """The agency of a name as printed; never an error. What the rules do not know stays as it is written."""
    text = _plain(name)
    if len(text) > _LONGEST:
        return Agency(name, (), "", "other", text, "", "the name is too long to be one")
    text, note = _without_note(text)
    regions, rest = max(readings(text), key=_worth)
    level, region = level_of(regions), home(regions) if _is_known(rest, regions) else tuple(map(short_region, regions))
    doubt = doubt_of(region)
    if not regions and rest[:1] in _OWN and (_known_body(rest[1:]) or rest[1:] in _OFFICE):
        level, region, rest = _OWN[rest[0]], (rest[0],), rest[1:]
    elif not regions and (_NATIONAL.match(rest) or (rest.endswith("部") and _known_body(rest))):
        level, doubt = "nation", ""
    kind, duty, ending, unclear = _body(rest, level)
    duty, ending = _renamed().get((duty, ending), (duty, ending))
    return Agency(name, region, level, kind, duty, ending + note, doubt or unclear)


def _without_note(text: str) -> tuple[str, str]:
    """A name and what brackets behind it say: (汇总) and (本级) are two reports; a second name says nothing."""
    match = _NOTE.search(text)
    if match is None:
        return text, ""
    return text[: match.start()], "" if _SECOND_NAME.search(match.group()) else match.group()


def _plain(name: str) -> str:
    text = _NOISE.sub("", normalise(name))
    return _OF_THE_GOVERNMENT.sub("", _OF_THE_STATE.sub("", text))


def _is_known(rest: str, regions: tuple[str, ...]) -> bool:
    """Whether the rules know a body. What they do not know may hold words like 城市, which look like regions."""
    return _worth((regions, rest))[0] == 2


def _worth(reading: tuple[tuple[str, ...], str]) -> tuple[int, int, int]:
    """How well a reading explains a name: a body that the rules know, the longer the better, before any other."""
    regions, rest = reading
    if rest[:1] and rest[0] in "市县区旗州省" and regions:
        return (0, 0, 0) if not _known_body(rest) else (2, len(rest), len(regions))
    if (regions and rest in (*_GOVERNMENT, *_OFFICE, *_ZONE)) or (regions and rest in _TOWNSHIP):
        return 2, len(rest), len(regions)
    if _known_body(rest):
        return 2, len(rest), len(regions)
    return 1, 0, sum(not name.endswith(_OF_A_COUNTY) for name in regions)


def _body(rest: str, level: str) -> tuple[str, str, str, str]:
    """Kind, duty, ending, and what is doubtful of them."""
    if level and rest in (_TOWNSHIP if level == "township" else (*_GOVERNMENT, *_ZONE)):
        return "government", "", "政府", ""
    if rest in _OFFICE:
        return "government_office", "政府", "办公室", ""
    stem, ending = _parted(rest)
    duty, doubt = _duty(stem)
    if stem != rest and doubt:
        return "department", duty, ending, doubt
    kind = next((kind for pattern, kind in _KINDS if re.search(pattern, duty + ending)), "other")
    return kind, duty, ending, doubt


def _parted(rest: str) -> tuple[str, str]:
    """What a body sees to and what it is: the longest ending that the rules know."""
    for end in sorted(_ENDS, key=len, reverse=True):
        stem = rest.removesuffix(end)
        if stem != rest and (len(stem) >= _LEAST or stem in _duties()):
            return stem, _ENDS[end]
    return rest, ""


def _duty(stem: str) -> tuple[str, str]:
    """The full wording of a duty and what is doubtful of it: an abbreviation may stand for several."""
    plain = _JOINTS.sub("", stem)
    found = _duties().get(plain, ((plain, True),))
    if len(found) == 1 and found[0][1]:
        return found[0][0], ""
    return plain, f"{plain} may be short for {' or '.join(duty for duty, _ in found)}"


def duties_of(wording: str) -> tuple[str, ...]:
    """The duties that a wording may stand for, in full; itself where the rules do not know it."""
    return tuple(duty for duty, _ in _duties().get(_JOINTS.sub("", wording), ((wording, True),)))


def _known_body(rest: str) -> bool:
    stem, ending = _parted(rest)
    return bool(ending) and _JOINTS.sub("", stem) in _duties()


class Renaming(NamedTuple):
    """A line of `renamed.csv`: duty and ending of the old body and of the new one."""

    old: tuple[str, str]
    new: tuple[str, str]
    last_year: int
    certain: bool
    why: str


@lru_cache(maxsize=1)
def renamings() -> tuple[Renaming, ...]:
    """The bodies that were renamed or made of others, as the rules know them."""
    return tuple(
        Renaming(
            _parted(line["old"]), _parted(line["new"]), int(line["last_year"]), line["certain"] == "yes", line["why"]
        )
        for line in _table("renamed.csv")
    )


@lru_cache(maxsize=1)
def _renamed() -> dict[tuple[str, str], tuple[str, str]]:
    return {one.old: one.new for one in renamings() if one.certain}


def _table(name: str) -> list[dict[str, str]]:
    text = files("pipeline.agencies").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def _duties() -> dict[str, tuple[tuple[str, bool], ...]]:
    """For each wording of `bodies.csv` the duties that it may stand for, and whether that is certain."""
    found: dict[str, tuple[tuple[str, bool], ...]] = {}
    lines = _table("bodies.csv")
    for line in lines:
        found[line["duty"]] = ((line["duty"], True),)
    for line in lines:
        for column, certain in (("short", True), ("doubtful_short", False)):
            for wording in line[column].split():
                found[wording] = (*found.get(wording, ()), (line["duty"], certain))
    return found
