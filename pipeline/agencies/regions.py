"""Regions at the front of an agency's name: every way to read them, and the one spelling that each is known by.

Which names recur was counted in a list of divisions of the country (that of the package cpca 0.5.5, 3,133 counties and
districts): only districts do, so that a city, county, banner or prefecture needs no region above it to be known.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

Reading = tuple[tuple[str, ...], str]  # regions from the outermost to the innermost, and what follows them
LEVELS = ("province", "city", "county", "township")
_LONGEST = 24  # characters of a region's name
_ENDS = (
    ("province", "特别行政区"), ("province", "自治区"), ("province", "省"), ("city", "自治州"), ("city", "地区"),
    ("city", "盟"), ("city", "市"), ("county", "自治县"), ("county", "自治旗"), ("county", "市"), ("county", "县"),
    ("county", "区"), ("county", "旗"), ("township", "街道"), ("township", "苏木"), ("township", "镇"),
    ("township", "乡"),
)  # fmt: skip
_LEAST = {"市": 2, "盟": 2, "地区": 2, "自治州": 2}  # characters before an end, else 1
_NO_STEM = frozenset("全本各我该某两外跨")  # 全县 is no name
_INNER = "省市县区旗州盟镇乡"
_COMPASS = ("市中", "市北", "市南")  # districts whose name begins like the end of another
_UNIQUE = ("省", "自治区", "市", "州", "盟", "县", "旗", "特别行政区", "兵团")  # one place in the country each
_NAMELESS = re.compile(
    "(?:高新|经开|开发|新|(?:经济|旅游|综合保税|保税|工业园|产业园|园|示范|度假)(?:技术)?(?:开发|度假|示范)?|.)区"
)
_SHORT_ZONES = (("高新技术产业开发区", "高新区"), ("高新技术开发区", "高新区"), ("经济技术开发区", "经开区"))


@lru_cache(maxsize=8)
def known(kind: str) -> frozenset[str]:
    """The names of `regions.csv` of one kind: "prefecture" (short names), "city" (one that looks like none), "shared"
    (districts of several cities), "province" (cities that are one), "nationality"."""
    text = files("pipeline.agencies").joinpath("regions.csv").read_text(encoding="utf-8")
    return frozenset(line["name"] for line in csv.DictReader(text.splitlines()) if line["is"] == kind)


def readings(text: str, above: int = -1) -> Iterator[Reading]:
    """Every way to take regions off the front of a name, those with the shortest first region first, none last."""
    for end in range(2, min(len(text), _LONGEST) + 1):
        for rank in _ranks(text[:end]):
            if rank > above:
                rest = text[end:]
                for inner, after in readings(rest, rank):
                    yield (text[:end], *inner), after
                break
    yield (), text


def _ranks(name: str) -> tuple[int, ...]:
    """The levels that a text may have as a region's name, highest first; none where it is no such name."""
    if name in known("province"):
        return (0,)
    if name in known("prefecture"):
        return (1,)
    if name in known("city"):
        return 1, 2
    found = []
    for level, end in _ENDS:
        stem = name.removesuffix(end)
        if stem != name and _is_stem(stem, end):
            found.append(LEVELS.index(level))
    return tuple(found)


def _is_stem(stem: str, end: str) -> bool:
    if len(stem) < _LEAST.get(end, 1) or stem in _NO_STEM or (stem[0] in "市县区" and not stem.startswith(_COMPASS)):
        return False
    if end == "市" and stem[2:].endswith("城"):  # 中心城市 is no name; 盐城市 is
        return False
    return len(stem) == 2 or stem[-1] not in _INNER or (end, stem[-1]) == ("市", "镇")


def level_of(regions: tuple[str, ...]) -> str:
    """The level of the innermost region; a city below a city is a county."""
    if not regions:
        return ""
    above = -1
    for name in regions:
        above = next(rank for rank in _ranks(name) if rank > above)
    return LEVELS[above]


@lru_cache(maxsize=65536)
def short_region(name: str) -> str:
    """A region's name as it is known by: 湘西土家族苗族自治州 is 湘西州, 高新技术产业开发区 is 高新区."""
    for long, short in _SHORT_ZONES:
        if name.endswith(long):
            return name.removesuffix(long) + short
    return _nationalities().sub("", name).replace("自治", "") if _nationalities().search(name) else name


@lru_cache(maxsize=1)
def _nationalities() -> re.Pattern[str]:
    names = sorted(known("nationality"), key=len, reverse=True)
    long = "|".join(name for name in names if len(name) > 1)
    return re.compile(f"(?<=..)(?:(?:{'|'.join(names)}|各)族|{long})+(?=自治[州县旗]$)")


def home(regions: tuple[str, ...]) -> tuple[str, ...]:
    """The regions that tell the innermost from all others of its name: those from the innermost unique one on."""
    names = tuple(map(short_region, regions))
    for start in range(len(names) - 1, -1, -1):
        if names[start].endswith(_UNIQUE):
            return names[start:]
    return names


def doubt_of(regions: tuple[str, ...]) -> str:
    """Why the regions, as `home` gives them, may stand for several places; "" where they do not."""
    if not regions:
        return "the name says no region"
    first = regions[0]
    if first.endswith(_UNIQUE):
        return ""
    if first in known("shared") or _NAMELESS.fullmatch(first):
        return f"there may be several {first}"
    return "" if first.endswith("区") else f"the name does not say in which county {first} lies"
