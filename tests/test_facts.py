"""Facts from prose: what is said plainly is accepted, what leaves a doubt is kept open, the rest is no fact."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.datamodel import Fact, Line, Location, Table
from pipeline.prose.facts import find_statements, read_facts

_SHARED = Path(__file__).parents[2] / "shared"


def facts(text: str, *, year: int | None = 2023, agency: str = "临溪县水利局") -> dict[str, Fact]:
    return read_facts([Line(text, Location(1, span=(0, len(text))))], year, agency)


def accepted(text: str, **context: object) -> dict[str, float]:
    found = facts(text, **context)  # type: ignore[arg-type]
    return {name: fact.value for name, fact in found.items() if fact.accepted}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年，我局共收到政府信息公开申请12件。", {"requests_received": 12}),
        ("全年收到政府信息公开申请二十三件，均按时答复。", {"requests_received": 23}),
        ("本年度共收到70件依申请公开申请。", {"requests_received": 70}),
        ("收到公民、法人和其他组织提出的政府信息公开申请3件。", {"requests_received": 3}),
        ("上年结转申请2件。", {"requests_carried_in": 2}),
        ("及时办结政府信息公开申请11件，结转下年度办理1件。", {"requests_concluded": 11, "requests_carried_out": 1}),
        ("收到政府信息公开申请5件，办结4件，1件顺延至下一年度办理。",
         {"requests_received": 5, "requests_concluded": 4, "requests_carried_out": 1}),
        ("予以公开5件，部分公开2件，不予公开1件，无法提供3件，不予处理0件，作其他处理（含撤回）1件。",
         {"requests_granted": 5, "requests_partially_granted": 2, "requests_refused": 1, "requests_unavailable": 3,
          "requests_not_processed": 0, "requests_other": 1}),
        ("予以公开及部分公开42件，占51.85%；不予公开5件。",
         {"requests_granted_or_partial": 42, "requests_refused": 5}),
        ("因政府信息公开引发的行政复议3件，行政诉讼1起。", {"review_cases": 3, "litigation_cases": 1}),
        ("有1件涉及政府信息公开的行政复议。", {"review_cases": 1}),
        ("政府信息公开行政复议和行政诉讼各2件。", {"review_cases": 2, "litigation_cases": 2}),
        ("主动公开政府信息3,607条。", {"proactive_items": 3607}),
        ("主动公开我县各级单位政务信息三千六百零七条。", {"proactive_items": 3607}),
        ("通过政府网站发布各类政府信息2428条。", {"website_items": 2428}),
        ("微信公众号共编发文章1640篇，政务微博发布信息28条。", {"wechat_items": 1640, "weibo_items": 28}),
        ("全年发布政策解读材料9篇，召开3场新闻发布会。", {"policy_interpretations": 9, "press_conferences": 3}),
        ("组织开展政务公开业务培训4次，参训120人次。", {"training_sessions": 4}),
        ("制发规章1件、行政规范性文件6件，现行有效行政规范性文件31件。",
         {"regulations_issued": 1, "normative_documents_in_force": 31}),
        ("截至2023年底，现行有效的规范性文件31件。", {"normative_documents_in_force": 31}),
        ("制发行政规范性文件6件，废止2件。", {"normative_documents_issued": 6}),
        ("收取信息处理费2950元。", {"fees_charged": 2950}),
        ("全年收取政府信息公开信息处理费 0 元。", {"fees_charged": 0}),
    ],
)  # fmt: skip
def test_what_is_said_plainly_is_accepted(text: str, expected: dict[str, float]) -> None:
    assert accepted(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("截止目前，未收到公民、法人和其他组织提出的政府信息公开申请件。", {"requests_received"}),
        ("全年没有收到政府信息公开申请，也未发生行政复议和行政诉讼案件。",
         {"requests_received", "review_cases", "litigation_cases"}),
        ("没有因政府信息公开被申请行政复议、提起行政诉讼的情况。", {"review_cases", "litigation_cases"}),
        ("无上年结转申请，无结转下年度办理的申请。", {"requests_carried_in", "requests_carried_out"}),
        ("2023年，无收取信息公开费情况。", {"fees_charged"}),
        ("无行政复议案件，未发生行政诉讼。", {"review_cases", "litigation_cases"}),
        ("2023年度未产生信息处理费。", {"fees_charged"}),
        ("我局不存在收取信息处理费的情况。", {"fees_charged"}),
        ("我局没有收取任何政府信息公开费用。", {"fees_charged"}),
        ("2023年，我局未发生政府信息公开收费事项。", {"fees_charged"}),
    ],
)  # fmt: skip
def test_a_negation_is_a_zero(text: str, expected: set[str]) -> None:
    assert accepted(text) == dict.fromkeys(expected, 0)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("截至2023年12月31日，累计收到政府信息公开申请56件。", "requests_received", 56),
        ("自条例施行以来，我局共收到政府信息公开申请560件。", "requests_received", 560),
        ("近三年间收到政府信息公开申请60件，其中2023年以来收到20件。", "requests_received", None),
        ("收到政府信息公开申请1500余件。", "requests_received", 1500),
        ("主动公开政府信息1.2万条。", "proactive_items", 12000),
        ("上半年收到政府信息公开申请3件。", "requests_received", 3),
        ("通过网上平台收到政府信息公开申请15件。", "requests_received", 15),
        ("办理申请20件，其中收到政府信息公开申请15件。", "requests_received", 15),
        ("临溪县财政局收到政府信息公开申请8件。", "requests_received", 8),
        ("全县共收到政府信息公开申请300件。", "requests_received", 300),
        ("收到人大代表建议30件，答复30件。", "requests_concluded", 30),
        ("除网上申请外，未收到政府信息公开申请。", "requests_received", 0),
        ("未收到涉及商业秘密的政府信息公开申请。", "requests_received", 0),
        ("12个单位未收到政府信息公开申请。", "requests_received", 0),
        ("部分单位没有收到政府信息公开申请。", "requests_received", 0),
        ("指导各镇办结政府信息公开申请40件。", "requests_concluded", 40),
        ("收到上级转办的政府信息公开申请2件。", "requests_received", 2),
        ("在公示平台主动公开政府信息12条。", "proactive_items", 12),
        ("全年共发生行政复议12件，其中政府信息公开类2件。", "review_cases", 12),
        ("计划举办政务公开业务培训班2期。", "training_sessions", 2),
        ("我局主动公开财政预决算信息12条。", "proactive_items", 12),
        ("通过公告栏主动公开政府信息30条。", "proactive_items", 30),
        ("通过政府网站、微信公众号等平台发布信息950条。", "website_items", 950),
        ("公开行政规范性文件60件。", "normative_documents_issued", 60),
        ("按规定应收取信息处理费200元。", "fees_charged", 200),
    ],
)
def test_what_leaves_a_doubt_is_not_accepted(text: str, name: str, value: float | None) -> None:
    assert accepted(text) == {}
    fact = facts(text).get(name)
    assert (fact.value if fact else None) == value


@pytest.mark.parametrize(
    "text",
    [
        "2022年收到政府信息公开申请9件。",
        "收到政府信息公开申请3-5件。",
        "收到政府信息公开申请近百件。",
        "比上年多收到政府信息公开申请5件。",
        "政府信息公开申请数量较去年增加5件。",
        "未按期答复的政府信息公开申请0件。",
        "未收到对政府信息公开申请的投诉举报。",
        "未发生因政府信息公开答复不当引起的行政复议。",
        "未发生行政复议被纠正、行政诉讼败诉的情况。",
        "无一起政府信息公开行政复议案件。",
        "政府信息公开行政复议、行政诉讼共5件。",
        "予以公开、部分公开、不予公开分别为5件、2件、1件。",
        "不予公开、不予处理共2件。",
        "制定规章制度5件，对12件规范性文件进行合法性审查，清理规范性文件45件。",
        "公开规章、规范性文件18件。",
        "召开新闻发布会、媒体通气会8场。",
        "参加上级组织的政务公开培训2次。",
        "依申请提供政府信息不收取费用。",
        "减免信息处理费200元，每件收取信息处理费100元。",
        "办结率100%，按照《关于收取信息处理费400元的通知》（青政办〔2021〕39号）第20条执行。",
        "2024年，我局将组织政务公开培训3次，发布政策解读20篇。",
        "微信公众号粉丝数达12万人，网站访问量120万次。",
    ],
)
def test_what_is_no_fact_is_left_out(text: str) -> None:
    assert facts(text) == {}


def test_what_was_carried_over_is_not_received() -> None:
    assert accepted("收到政府信息公开申请10件（含上年结转2件）。") == {"requests_carried_in": 2}
    assert accepted("收到政府信息公开申请8件，上年结转2件。") == {"requests_received": 8, "requests_carried_in": 2}


def test_figures_of_a_table_in_run_together_text_are_no_facts() -> None:
    table = "二、主动公开政府信息情况 第二十条第（一）项规章000行政规范性文件12件345"
    text = table + "五、存在的主要问题及改进情况收取信息处理费20元。"
    assert accepted(text) == {"fees_charged": 20}


def test_two_values_for_one_fact_are_both_stated_and_neither_accepted() -> None:
    text = "全年收到政府信息公开申请12件。工作平稳。本年收到政府信息公开申请13件。"
    fact = facts(text)["requests_received"]
    assert (fact.value, fact.accepted) == (12, False)
    stated = find_statements([Line(text, Location(1, span=(0, len(text))))], 2023)
    assert [statement.value for statement in stated] == [12, 13]


def test_a_plain_wording_comes_before_a_vague_one() -> None:
    text = "发布信息87617条。截至目前，累计主动公开政府信息811条。"
    fact = facts(text)["proactive_items"]
    assert (fact.value, fact.accepted) == (811, False)


def test_the_same_value_twice_is_accepted() -> None:
    text = "全年收到政府信息公开申请12件。工作平稳。本年收到政府信息公开申请十二件。"
    assert accepted(text) == {"requests_received": 12}


def test_a_department_does_not_speak_for_its_county_but_the_county_does() -> None:
    text = "2023年全县共收到政府信息公开申请300件。"
    assert accepted(text, agency="临溪县水利局") == {}
    assert accepted(text, agency="临溪县") == {"requests_received": 300}


def test_a_year_that_cannot_be_checked_is_not_accepted() -> None:
    assert accepted("2023年收到政府信息公开申请12件。", year=None) == {}


def test_a_fact_points_to_its_clause_in_the_source() -> None:
    text = "  工作平稳。2023 年，共收到 政府信息公开申请 12 件，均已答复。"
    fact = facts(text)["requests_received"]
    assert fact.text == "共收到 政府信息公开申请 12 件"
    assert fact.location.span is not None
    assert text[slice(*fact.location.span)] == fact.text


def test_a_fact_over_two_printed_lines_points_to_both() -> None:
    lines: list[Line | Table] = [
        Line("全年收到政府信息公开申请 1", Location(2, box=(80, 100, 515, 116))),
        Line("7 件。", Location(2, box=(80, 128, 140, 144))),
    ]
    fact = read_facts(lines, 2023)["requests_received"]
    assert (fact.value, fact.location) == (17, Location(2, box=(80, 100, 515, 144)))


def test_every_fact_of_the_contract_has_a_wording() -> None:
    folder = Path(__file__).parents[1] / "pipeline" / "forms"
    with (folder / "facts.csv").open(encoding="utf-8") as file:
        known = {name for line in csv.DictReader(file) for name in line["fact"].split("+")}
    contract = _SHARED / "contract" / "facts.csv"
    if not contract.exists():
        pytest.skip("the shared contract is not here")
    with contract.open(encoding="utf-8") as file:
        assert known == {line["fact"] for line in csv.DictReader(file)}


def test_words_are_not_loaded_where_no_sentence_matters() -> None:
    program = (
        "import sys; from pipeline.datamodel import Line, Location; from pipeline.prose.facts import read_facts\n"
        "assert read_facts([Line('本局工作平稳。', Location())]) == {}\n"
        "assert 'spacy' not in sys.modules and 'rjieba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@settings(deadline=None, max_examples=60)
@given(
    st.text(
        alphabet="收到政府信息公开申请未办结答复复议诉讼予以部分费网站发布共为，、。；（）《》0123456789一二十百千万件条元年去",
        max_size=120,
    )
)
def test_no_text_raises_and_all_places_lie_in_it(text: str) -> None:
    for fact in facts(text).values():
        assert fact.location.span is not None
        start, end = fact.location.span
        assert 0 <= start < end <= len(text)
        assert fact.value >= 0


def test_reading_facts_does_not_wait_for_spacy() -> None:
    program = (
        "import sys; from pipeline.datamodel import Line, Location; from pipeline.prose.facts import read_facts\n"
        "assert read_facts([Line('收取信息处理费20元。', Location(span=(0, 11)))])['fees_charged'].value == 20\n"
        "assert 'spacy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_control_characters_make_no_counts() -> None:
    assert facts("收取信息处理费\x01元。") == {}


def test_long_hostile_prose_is_read_in_little_time() -> None:
    text = "收到政府信息公开申请、" * 50 + "件。"
    assert facts(text * 20) == {}


@pytest.mark.skipif(not (_SHARED / "real").is_dir(), reason="the shared real reports are not here")
def test_facts_of_real_reports() -> None:
    from pipeline import readers
    from pipeline.lines import read_blocks
    from pipeline.tables import find_tables

    stated = right = 0
    wrong = []
    for path in sorted((_SHARED / "real").glob("*/facts.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))["facts"]
        report = json.loads((path.parent / "gold.json").read_text(encoding="utf-8"))
        pages = readers.read(readers.open_source(next(path.parent.glob("source.*"))))
        blocks = read_blocks(pages, {page.number: find_tables(page) for page in pages})
        found = read_facts(blocks, report["year"], report["agency"])
        certain = {name: spec for name, spec in gold.items() if not spec.get("uncertain")}
        stated += len(certain)
        for name, spec in certain.items():
            right += name in found and found[name].value in spec.get("values", [spec.get("value")])
        for name, fact in found.items():
            values = gold.get(name, {}).get("values", [gold.get(name, {}).get("value")])
            if fact.accepted and fact.value not in values:
                wrong.append((path.parent.name, name, fact.value))
    assert wrong == []
    assert right >= 0.95 * stated
