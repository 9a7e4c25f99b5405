"""Spellings of one body meet under one key; what may be another body is listed and never joined."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import agency_links
from pipeline.agencies import bodies, doubtful_links, normalised
from pipeline.agencies.names import renamings
from pipeline.agencies.regions import short_region


@pytest.mark.parametrize(
    ("names", "key", "level", "kind"),
    [
        (["云岭市人社局", "晴川省云岭市人力资源和社会保障局"], "云岭市|人力资源社会保障局", "city", "department"),
        (["云岭市", "云岭市人民政府", "云岭市政府"], "云岭市|政府", "city", "government"),
        (["云岭市政府办", "云岭市人民政府办公室"], "云岭市|政府办公室", "city", "government_office"),
        (["霁川市青禾县白鹭镇", "青禾县白鹭镇人民政府"], "青禾县/白鹭镇|政府", "township", "government"),
        (["青禾县人民政府金水湾街道办事处", "青禾县金水湾街道"], "青禾县/金水湾街道|政府", "township", "government"),
        (["国家税务总局云岭市税务局", "云岭市税务局"], "云岭市|税务局", "city", "department"),
        (["湘西土家族苗族自治州财政局", "湘西州财政局"], "湘西州|财政局", "city", "department"),
        (["霜溪市高新技术产业开发区管委会", "霜溪市高新区"], "霜溪市/高新区|政府", "county", "government"),
        (["上海市科委", "上海市科学技术委员会"], "上海市|科学技术委员会", "province", "department"),
        (["国家发展改革委", "国家发展和改革委员会"], "|国家发展改革委员会", "nation", "department"),
        (["云岭市环保局", "云岭市生态环境局"], "云岭市|生态环境局", "city", "department"),
        (["云岭市应急管理局（地震局）", "云岭市 应急局"], "云岭市|应急管理局", "city", "department"),
    ],
)
def test_spellings_meet(names: list[str], key: str, level: str, kind: str) -> None:
    found = [normalised(name) for name in names]
    assert {(one.key, one.level, one.kind, one.doubtful) for one in found} == {(key, level, kind, "")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("云岭市财政局", "云岭县财政局"),
        ("云岭市财政局", "云岭市教育局"),
        ("云岭市", "云岭市人民政府办公室"),
        ("云岭市人民政府（汇总）", "云岭市人民政府"),
        ("澄岚市新华区财政局", "砚溪市新华区财政局"),
        ("云岭市发展和改革局", "云岭市发展和改革委员会"),
        ("云岭市公安局", "云岭市公安局交通警察支队"),
        ("云岭市国土资源局", "云岭市自然资源局"),
        ("青禾县白鹭镇", "棠浦县白鹭镇"),
        ("云岭市城市综合管理局", "霁川市城市综合管理局"),
        ("云岭市历史城市规划局", "霁川市历史城市规划局"),
        ("云岭区", "霁川市云岭区"),
    ],
)
def test_bodies_stay_apart(one: str, other: str) -> None:
    assert normalised(one).key != normalised(other).key


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("市人社局", "the name says no region"),
        ("财政局", "the name says no region"),
        ("城市综合管理局", "the name says no region"),
        ("新华区财政局", "there may be several 新华区"),
        ("高新区管委会", "there may be several 高新区"),
        ("园区财政局", "there may be several 园区"),
        ("白鹭镇人民政府", "the name does not say in which county 白鹭镇 lies"),
        ("云岭市农委", "农 may be short for 农业农村 or 农业"),
        ("云岭市" * 30, "the name is too long to be one"),
        ("", "the name says no region"),
    ],
)
def test_a_name_that_says_too_little_is_doubtful(name: str, why: str) -> None:
    assert normalised(name).doubtful == why


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("津市市财政局", ("津市市",)),
        ("津市市市场监督管理局", ("津市市",)),
        ("荆州市沙市区财政局", ("荆州市", "沙市区")),
        ("青岛市市北区人民政府", ("青岛市", "市北区")),
        ("景德镇市住房和城乡建设局", ("景德镇市",)),
        ("新乡市新乡县朗公庙镇", ("新乡县", "朗公庙镇")),
        ("云岭市住房和城乡建设局", ("云岭市",)),
        ("云岭市城市管理局", ("云岭市",)),
        ("云岭市乡村振兴局", ("云岭市",)),
    ],
)
def test_regions_end_where_they_end(name: str, region: tuple[str, ...]) -> None:
    assert normalised(name).region == region


def test_autonomous_regions_are_known_by_their_short_names() -> None:
    long = ["湘西土家族苗族自治州", "积石山保安族东乡族撒拉族自治县", "东乡族自治县", "鄂温克族自治旗", "云岭市"]
    assert [short_region(name) for name in long] == ["湘西州", "积石山县", "东乡族自治县", "鄂温克族自治旗", "云岭市"]


def test_what_was_made_of_several_bodies_is_listed_and_not_joined() -> None:
    named = {"云岭市国土资源局": [2017], "云岭市规划局": [2017], "云岭市自然资源和规划局": [2019, 2020]}
    assert len(bodies(named)) == 3
    links = doubtful_links(named)
    assert [(link.name, link.other) for link in links] == [
        ("云岭市国土资源局", "云岭市自然资源和规划局"),
        ("云岭市规划局", "云岭市自然资源和规划局"),
    ]
    assert links[0].reason == "国土资源局 may have become 自然资源规划局: the new bureau was made of two or more"


def test_links_over_the_change_of_a_region_need_years_that_follow() -> None:
    assert [link.reason for link in doubtful_links({"云岭县": [2015, 2016], "云岭区": [2017]})] == [
        "云岭县 may have become 云岭区"
    ]
    assert doubtful_links({"云岭县": [2015, 2018], "云岭区": [2017]}) == []


def test_a_region_with_and_without_its_city_is_listed_with_the_years_of_both() -> None:
    [link] = doubtful_links({"云岭区": [2021, 2022], "霁川市云岭区": [2022]})
    assert (link.name, link.other, link.years_of_both) == ("云岭区", "霁川市云岭区", (2022,))
    assert link.reason == "only one of them says that 云岭区 belongs to 霁川市"
    assert doubtful_links({"澄岚市云岭区": [2021], "霁川市云岭区": [2022]}) == []


def test_wording_that_may_be_short_for_another_is_listed_unless_both_reported() -> None:
    names = ("云岭市城市管理局", "云岭市城市综合管理局")
    [link] = doubtful_links({names[0]: [2021], names[1]: [2022]})
    assert link.reason == "one may be short for the other"
    assert doubtful_links({names[0]: [2021], names[1]: [2021]}) == []


def test_a_doubtful_name_is_a_body_of_its_own_and_names_a_few_it_may_mean() -> None:
    named = {"市人社局": [2021]} | {f"{place}市人社局": [2022] for place in "甲乙丙丁戊己庚辛壬癸子丑"}
    named = {name.replace("市人社局", "岭市人社局") if name != "市人社局" else name: of for name, of in named.items()}
    links = [link for link in doubtful_links(named) if link.name == "市人社局"]
    assert len(links) == 11
    assert links[0].other == ""


def test_the_rules_link_no_two_bodies_of_the_hand_written_spellings() -> None:
    known = list(agency_links.names())
    score = agency_links.score(known)
    assert score.wrong == ()
    assert score.precision == 1
    assert score.recall >= 0.85
    assert score.listed >= 0.6 * len(score.missed)


def test_renamings_name_bodies_that_the_rules_take_apart() -> None:
    for one in renamings():
        for duty, ending in (one.old, one.new):
            assert ending, one
            assert len(duty) >= 2, one


@given(st.text(max_size=80))
def test_any_text_has_a_key_that_spaces_do_not_change(text: str) -> None:
    agency = normalised(text)
    assert agency.name == text
    assert normalised(f" {text}　").key == agency.key


_PARTS = [
    "云岭",
    "市",
    "县",
    "区",
    "镇",
    "街道",
    "财政",
    "局",
    "人民政府",
    "委",
    "省",
    "新",
    "(",
    ")",
    "自治州",
    "族",
    "城",
    "乡",
]


@given(st.lists(st.sampled_from(_PARTS), max_size=20).map("".join))
def test_names_made_of_the_same_stuff_are_taken_apart_whole(text: str) -> None:
    agency = normalised(text)
    assert agency.level in ("", "nation", "province", "city", "county", "township")
    assert doubtful_links({text: [2021], f"晴川省{text}": [2022]}) is not None


def test_names_made_to_take_long_do_not() -> None:
    begin = time.process_time()
    for name in ("甲市乙县丙镇" * 10, "省甲市乙县丙镇" * 8, "区县" * 30, "市" * 60):
        normalised(name[:60])
    assert time.process_time() - begin < 1
