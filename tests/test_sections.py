"""Chapters: every numbering and wording, tables cut out, paragraphs joined, contents told from chapters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datamodel import Line, Location, Table
from pipeline.prose.sections import read_sections

_CHAPTERS = (
    "总体情况",
    "主动公开政府信息情况",
    "收到和处理政府信息公开申请情况",
    "政府信息公开行政复议、行政诉讼情况",
    "存在的主要问题及改进情况",
    "其他需要报告的事项",
)
_TABLE = Table("html", (), Location(1))


def blocks(*texts: str | Table) -> list[Line | Table]:
    place, found = 0, []
    for text in texts:
        if isinstance(text, Table):
            found.append(text)
            continue
        found.append(Line(text, Location(1, span=(place, place + len(text)))))
        place += len(text) + 1
    return found


def heads(*texts: str | Table) -> list[tuple[str, str]]:
    return [(section.number, section.title) for section in read_sections(blocks(*texts)) if section.title]


@pytest.mark.parametrize(
    "style", ["{}、{}", "{}.{}", "第{}部分 {}", "第{}部分：{}", "（{}）{}", "({}) {}", " {}、 {}", "## {}、{}"]
)
def test_every_numbering_is_read(style: str) -> None:
    texts = [
        text
        for number, title in zip("一二三四五六", _CHAPTERS, strict=True)
        for text in (style.format(number, title), "正文。")
    ]
    assert heads(*texts) == list(zip("一二三四五六", _CHAPTERS, strict=True))


def test_an_introduction_has_neither_number_nor_title() -> None:
    first, second = read_sections(blocks("本报告依照条例编写。", "一、总体情况", "工作平稳。"))
    assert (first.number, first.title, first.text, first.location) == ("", "", "本报告依照条例编写。", None)
    assert (second.number, second.text) == ("一", "工作平稳。")
    assert second.location == Location(1, span=(11, 17))


@pytest.mark.parametrize("title", ["存在问题和整改措施", "工作中的不足及下一步打算", "需要说明的其他事项", "附则"])
def test_other_wordings_are_chapters_too(title: str) -> None:
    assert heads("一、概述", "文字。", f"二、{title}", "文字。", "三、其他需要报告的事项", "无。")[1] == ("二", title)


def test_a_subchapter_is_text_where_chapters_are_numbered_otherwise() -> None:
    sections = read_sections(blocks("一、总体情况", "（一）主动公开", "公开及时。", "（二）依申请公开", "办理规范。"))
    assert [section.text for section in sections] == ["（一）主动公开\n公开及时。\n（二）依申请公开\n办理规范。"]


def test_tables_are_cut_out() -> None:
    sections = read_sections(
        blocks("一、总体情况", "平稳。", "二、主动公开政府信息情况", _TABLE, "三、其他需要报告的事项", "无。")
    )
    assert [section.text for section in sections] == ["平稳。", "", "无。"]


def test_a_table_row_that_looks_numbered_is_no_chapter() -> None:
    texts = (
        "三、收到和处理政府信息公开申请情况",
        "一、本年新收政府信息公开申请数量",
        "四、结转下年度继续办理",
        "五、存在的主要问题及改进情况",
        "有。",
    )
    assert heads("一、总体情况", "平稳。", *texts) == [
        ("一", "总体情况"),
        ("三", "收到和处理政府信息公开申请情况"),
        ("五", "存在的主要问题及改进情况"),
    ]


def test_a_row_of_figures_is_no_prose() -> None:
    (section,) = read_sections(blocks("一、总体情况", "平稳。", "（一）予以公开 12 3 0 0 0 0 15"))
    assert section.text == "平稳。"


def test_numbers_may_restart() -> None:
    found = heads(
        "一、总体情况",
        "甲。",
        "二、工作机制",
        "乙。",
        "一、主动公开政府信息情况",
        _TABLE,
        "二、其他需要报告的事项",
        "无。",
    )
    assert [number for number, _ in found] == ["一", "二", "一", "二"]


def test_a_table_of_contents_is_no_chapter() -> None:
    listed = [f"{number}、{title}" for number, title in zip("一二三四五六", _CHAPTERS, strict=True)]
    chapters = [text for head in listed for text in (head, "正文。")]
    assert heads("目录", *listed, *chapters) == list(zip("一二三四五六", _CHAPTERS, strict=True))


def test_a_head_over_two_lines_is_one() -> None:
    found = heads("一、总体情况", "平稳。", "四、政府信息公开行政复议、", "行政诉讼情况", "本年度没有。", "五、附则")
    assert ("四", "政府信息公开行政复议、行政诉讼情况") in found


def test_heads_inside_run_together_text() -> None:
    text = (
        "本报告包括总体情况等六个部分。一、总体情况2023年工作平稳。（一）主动公开。公开及时。"
        "二、主动公开政府信息情况 第二十条第（一）项信息内容本年制发件数规章000行政规范性文件123"
        "五、存在的主要问题及改进情况解读形式单一。六、其他需要报告的事项无。"
    )
    sections = read_sections(blocks(text))
    assert [(section.number, section.title, section.text) for section in sections] == [
        ("", "", "本报告包括总体情况等六个部分。"),
        ("一", "总体情况", "2023年工作平稳。（一）主动公开。公开及时。"),
        ("二", "主动公开政府信息情况", ""),
        ("五", "存在的主要问题及改进情况", "解读形式单一。"),
        ("六", "其他需要报告的事项", "无。"),
    ]
    place = sections[1].location
    assert place is not None
    assert place.span is not None
    assert text[slice(*place.span)] == "一、总体情况"


def test_prose_is_joined_over_pages_and_kept_as_printed() -> None:
    lines: list[Line | Table] = [
        Line("一、总体情况", Location(1, box=(112, 700, 200, 716))),
        Line("全年收到申请 1", Location(1, box=(80, 728, 515, 744))),
        Line("7 件，均已答复。", Location(2, box=(80, 72, 260, 88))),
    ]
    (section,) = read_sections(lines)
    assert (section.text, section.location) == ("全年收到申请 17 件，均已答复。", Location(1, box=(112, 700, 200, 716)))


def test_a_document_without_chapters_is_one_section() -> None:
    assert [(section.number, section.text) for section in read_sections(blocks("只有一段。"))] == [("", "只有一段。")]
    assert read_sections([]) == ()


@given(st.lists(st.text(alphabet="一二三四、（）第部分总体情况主动公开。 12\n", max_size=30), max_size=8))
def test_no_text_raises_and_none_is_made_up(texts: list[str]) -> None:
    kept = "".join(section.title + section.text for section in read_sections(blocks(*texts)))
    printed = "".join(texts)
    assert all(kept.count(character) <= printed.count(character) for character in set(kept) - {"\n"})


def test_rows_and_pieces_of_rows_are_no_chapters() -> None:
    rows = (
        "二、上年结转政府信息",
        "公开申请数量",
        "四、结转下年度 继",
        "四、行政复议数量 件 0",
        "七、收取的费用 万元 0",
    )
    found = heads("一、总体情况", "平稳。", "二、主动公开政府信息情况", *rows, "三、其他需要报告的事项", "无。")
    assert [number for number, _ in found] == ["一", "二", "三"]


def test_chapters_inside_run_together_text_are_found() -> None:
    text = "一、概述工作平稳。二、主动公开政府信息情况公开3条。三、依申请公开政府信息情况未收到申请。六、附表见后。"
    assert [number for number, _ in heads(text)] == ["一", "二", "三", "六"]


_STYLES = st.sampled_from(["{}、{}", "第{}部分 {}", "（{}）{}", "{}.{}", "第{}部分、{}"])
_BODIES = st.lists(st.sampled_from(["工作平稳有序。", "全年收到申请3件。", "及时更新栏目。"]), min_size=1, max_size=3)


@given(
    style=_STYLES,
    kept=st.sets(st.integers(0, 5), min_size=3).map(sorted),
    intro=st.booleans(),
    contents=st.booleans(),
    bodies=st.lists(_BODIES, min_size=6, max_size=6),
    table=st.integers(0, 5),
)
def test_whatever_a_report_has_of_the_six_chapters_is_found_whole(
    style: str, kept: list[int], intro: bool, contents: bool, bodies: list[list[str]], table: int
) -> None:
    named = [("一二三四五六"[at], _CHAPTERS[at]) for at in kept]
    texts: list[str | Table] = ["本报告依照条例编写。"] * intro
    if contents:
        texts += [style.format(number, title) for number, title in named]
    for at, (number, title) in zip(kept, named, strict=True):
        texts += [style.format(number, title), *bodies[at], *[_TABLE] * (at == table)]
    sections = read_sections(blocks(*texts))
    assert [(one.number, one.title) for one in sections if one.title] == named
    told = {one.title: one.text for one in sections}
    assert all(told[_CHAPTERS[at]] == "\n".join(bodies[at]) for at in kept)
    assert ("" in told) == intro
