"""Title, agency and year: from the place that names them, whole, and not at all where places contradict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datamodel import Line, Location, Table
from pipeline.prose.titles import count_reports, find_reports, read_title

_REAL = Path(__file__).parents[2] / "shared" / "real"
_TITLE = "青禾区水利局2023年政府信息公开工作年度报告"
_OLDER = "青禾区水利局2022年政府信息公开工作年度报告"
_LONG = "本局坚持以公开为常态、不公开为例外，围绕群众关心的事项细化清单、压实责任，办理工作平稳有序，没有发生纠纷。"


def lines(*texts: str) -> list[Line | Table]:
    place, found = 0, []
    for text in texts:
        found.append(Line(text, Location(1, span=(place, place + len(text)))))
        place += len(text) + 1
    return [*found]


@pytest.mark.parametrize(
    ("printed", "agency", "year"),
    [
        ("青禾区水利局2023年政府信息公开工作年度报告", "青禾区水利局", 2023),
        ("青禾区水利局2023年度政府信息公开年报", "青禾区水利局", 2023),
        ("2022年度云岭市发展和改革委员会政府信息公开年报", "云岭市发展和改革委员会", 2022),
        ("临溪县柳堰镇人民政府关于2021年度政府信息公开工作的年度报告", "临溪县柳堰镇人民政府", 2021),
        ("云岭市人民政府信息公开工作年度报告（2020年）", "云岭市人民政府", 2020),
        ("云岭市二〇二二年政府信息公开工作年度报告", "云岭市", 2022),
        ("临溪县卫生健康委2024年政务公开工作年度报告", "临溪县卫生健康委", 2024),
    ],
)
def test_a_title_names_agency_and_year(printed: str, agency: str, year: int) -> None:
    found = read_title(lines(printed, _LONG))
    assert (found.title, found.agency, found.year) == (printed, agency, year)
    assert found.location == Location(1, span=(0, len(printed)))


@pytest.mark.parametrize(
    "printed",
    [
        ["青禾区水利局 2023 年政府信息公开工作年度报告"],
        ["青禾区水利局", "2023年政府信息公开工作年度报告"],
        ["正文", "青禾区水利局2023年政府信息公开工作", "年度报告"],
        ["标题: 青禾区水利局2023年政府信息公开工作年度报告", "发布时间: 2024-01-20 15:22"],
        ["青禾区水利局2023年政府信息公开工作年度报告 - 青禾区人民政府网站"],
        ["青禾区水利局2023年政府信息公开工作年度报告 " + _LONG + _LONG],
    ],
)
def test_a_title_over_lines_with_spaces_or_before_other_text(printed: list[str]) -> None:
    found = read_title(lines(*printed, _LONG))
    assert found.title == "青禾区水利局2023年政府信息公开工作年度报告"
    assert (found.agency, found.year) == ("青禾区水利局", 2023)


@pytest.mark.parametrize("note", ["（2022年度）", "(2022年)", "2022年度"])
def test_a_year_on_the_line_below_belongs_to_the_title(note: str) -> None:
    found = read_title(lines("青禾区水利局政府信息公开工作年度报告", note, _LONG))
    assert (found.title, found.year) == ("青禾区水利局政府信息公开工作年度报告" + note, 2022)


def test_a_year_in_brackets_belongs_to_the_title_of_run_together_text() -> None:
    found = read_title(lines("青禾区水利局政府信息公开工作年度报告（2022年度） 一、总体情况 " + _LONG * 2))
    assert (found.title, found.year) == ("青禾区水利局政府信息公开工作年度报告（2022年度）", 2022)


def test_a_line_below_that_says_more_than_a_year_is_no_title() -> None:
    found = read_title(lines("青禾区水利局2022年政府信息公开工作年度报告", "（2023年度）", "2023年1月20日"))
    assert (found.title, found.year) == ("青禾区水利局2022年政府信息公开工作年度报告", 2022)


def test_the_year_is_never_that_of_publication() -> None:
    found = read_title(
        lines("政府信息公开工作年度报告", "发布日期：2024年1月31日", "统计期限自2023年1月1日起至2023年12月31日止。")
    )
    assert found.year == 2023


def test_the_year_that_the_prose_speaks_of_serves_where_nothing_else_names_it() -> None:
    text = "2023年，本局收到申请3件。2023年没有收费。2024年将继续努力。2023年工作完成。"
    assert read_title(lines("政府信息公开工作年度报告", text)).year == 2023


@pytest.mark.parametrize(
    "printed",
    [
        [_TITLE, "统计期限自2022年1月1日起至2022年12月31日止。", "2022年完成。2022年结束。"],
        ["政府信息公开工作年度报告", "2022年收到申请3件，2023年收到申请4件。2022年、2023年均未收费。"],
        ["政府信息公开工作年度报告", "一年来工作平稳。"],
    ],
)  # fmt: skip
def test_a_year_in_contradiction_or_unnamed_is_not_guessed(printed: list[str]) -> None:
    assert read_title(lines(*printed)).year is None


def test_a_stale_period_does_not_outvote_title_and_prose() -> None:
    printed = (
        _TITLE,
        "统计期限自2022年1月1日起至2022年12月31日止。",
        "2023年，收到申请。2023年无收费。",
    )
    assert read_title(lines(*printed)).year == 2023


@pytest.mark.parametrize(
    ("printed", "path", "agency"),
    [
        (["政府信息公开工作年度报告", "发布机构：临溪县教育局  发布日期：2024-01-30", _LONG], "", "临溪县教育局"),
        (["2023年政府信息公开工作年度报告", _LONG, "临溪县民政局", "2024年1月15日"], "", "临溪县民政局"),
        (
            ["2023年政府信息公开工作年度报告", _LONG],
            "in/云岭市审计局2023年政府信息公开工作年度报告.docx",
            "云岭市审计局",
        ),
        (["2023年政府信息公开工作年度报告", _LONG], "a1b2c3.pdf", None),
    ],
)
def test_an_agency_that_the_title_lacks(printed: list[str], path: str, agency: str | None) -> None:
    assert read_title(lines(*printed), path).agency == agency


def test_the_rule_that_prescribes_the_report_is_not_its_title() -> None:
    printed = ("根据关于印发政府信息公开工作年度报告格式的通知编制本报告", "临溪县统计局2022年政府信息公开工作年度报告")
    assert read_title(lines(*printed)).agency == "临溪县统计局"


def test_a_catalogue_of_other_years_does_not_give_the_title() -> None:
    text = "2023年，本局收到申请3件。2023年没有收费。"
    assert read_title(lines("往年年报", _OLDER, _TITLE, "一、总体情况", text)).title == _TITLE


def test_two_reports_in_one_file_are_counted() -> None:
    first = (_OLDER, "一、总体情况", _LONG)
    second = (_TITLE, "一、总体情况", _LONG)
    found = find_reports([*lines(*first), Table("html", (), Location(1)), *lines(*second)])
    assert [(report.agency, report.year) for report in found] == [("青禾区水利局", 2022), ("青禾区水利局", 2023)]


@pytest.mark.parametrize(
    "printed",
    [
        [_TITLE, _OLDER, _TITLE, "一、总体情况", _LONG],
        [_TITLE, "一、总体情况", "二、主动公开政府信息情况", "一、总体情况", _LONG],
        ["青禾区政务公开年报比对", "2022 vs 2023", "一、总体情况", _LONG, "一、总体情况", _LONG],
        [_TITLE, "一、总体情况", _LONG, "相关链接", _OLDER],
        ["没有标题的文字"],
        [],
    ],
)  # fmt: skip
def test_catalogues_contents_and_comparisons_hold_one_report(printed: list[str]) -> None:
    assert count_reports(lines(*printed)) == 1


@given(st.lists(st.text(), max_size=6), st.text())
def test_no_text_raises(printed: list[str], path: str) -> None:
    found = read_title(lines(*printed), path.replace("\0", ""))
    assert found.year is None or 2000 <= found.year < 2100


@pytest.mark.skipif(not _REAL.is_dir(), reason="the shared real reports are not here")
@pytest.mark.parametrize("folder", sorted(_REAL.glob("*/gold.json")), ids=lambda path: path.parent.name)
def test_year_and_agency_of_real_reports(folder: Path) -> None:
    from pipeline import readers
    from pipeline.lines import read_blocks
    from pipeline.tables import find_tables

    gold = json.loads(folder.read_text(encoding="utf-8"))
    source = next(folder.parent.glob("source.*"))
    pages = readers.read(readers.open_source(source))
    found = read_title(read_blocks(pages, {page.number: find_tables(page) for page in pages}), str(source))
    assert found.year == gold["year"]
    assert found.agency is not None
    assert found.agency.endswith(gold["agency"])
