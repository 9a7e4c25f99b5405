"""Agencies that do not exist: invented place names joined with the offices and townships that places have."""

from __future__ import annotations

import random
from dataclasses import dataclass

_PLACES = (
    "云岭", "青禾", "临溪", "望霁", "澄岚", "雁汀", "砚溪", "霁川", "岚浦", "汀禾", "松霁", "翠砚", "苇川",
    "璞溪", "鹿汀", "棠浦", "梧汀", "芷川", "蘅溪", "皓岭", "泠川", "栎川", "榆汀", "槐浦", "鹭溪", "筠川",
    "萤湖", "霜溪", "珩川", "荻浦", "黛溪", "朔岚", "桐霁", "菱汀", "杉浦", "曦川", "琅溪", "绛岭", "蓼洲",
    "漪川", "霏岭", "薇岭", "榧川", "澹浦", "岑浦", "葭溪", "砥溪",
)  # fmt: skip
_TOWNS = (
    "石桥头", "双槐", "柳堰", "上杏", "北窑", "东渡口", "榆树沟", "白鹭", "竹坪", "金水湾", "老泉", "南圩",
    "枫林渡", "三叉河", "马鞍坳", "桂花坪",
)  # fmt: skip
_OFFICES = (
    "财政局", "教育局", "自然资源和规划局", "卫生健康委员会", "市场监督管理局", "交通运输局", "农业农村局",
    "水利局", "民政局", "司法局", "发展和改革委员会", "生态环境局", "住房和城乡建设局",
    "人力资源和社会保障局", "应急管理局", "统计局", "文化和旅游局", "科学技术局", "审计局", "公安局",
    "税务局", "城市管理局",
)  # fmt: skip
LEVELS = ("township", "bureau", "county", "city")
_SPLITS = ("train", "train", "train", "train", "dev", "train", "train", "test")


@dataclass(frozen=True, slots=True)
class Agency:
    """An invented agency: its name as titles give it, its size, and the words its prose uses for itself."""

    name: str
    level: str
    we: str
    territory: str
    writer: str


def split_of(agency: str) -> str:
    """The split of an agency, which is that of its place (the first two characters): "train", "dev" or "test"."""
    return _SPLITS[sum(map(ord, agency[:2])) % len(_SPLITS)]


def draw_agency(rng: random.Random, level: str | None = None, split: str | None = None) -> Agency:
    """An invented agency of the level (one of LEVELS), or of any; with `split` only of the places in that split."""
    level = level or rng.choice(LEVELS)
    place = rng.choice([place for place in _PLACES if split in (None, split_of(place))])
    if level == "city":
        return name_agency(f"{place}市", level)
    if level == "county":
        return name_agency(place + rng.choice("县区"), level)
    if level == "bureau":
        return name_agency(place + rng.choice("市市县区") + rng.choice(_OFFICES), level)
    return name_agency(place + rng.choice("县区") + rng.choice(_TOWNS) + rng.choice(("镇", "镇", "乡", "街道")), level)


def name_agency(name: str, level: str) -> Agency:
    """The agency of that name and level, with the words that its prose uses for itself and its territory."""
    last = name[-1]
    if level == "bureau":
        return Agency(name, level, {"会": "我委", "局": "我局"}[last], f"全{name[2]}", f"{name}办公室")
    if level in ("city", "county"):
        return Agency(name, level, f"我{last}", f"全{last}", f"{name}人民政府办公室")
    we, all_of_it = ("本街道", "辖区") if last == "道" else (f"我{last}", f"全{last}")
    return Agency(name, level, we, all_of_it, f"{name}党政综合办公室")
