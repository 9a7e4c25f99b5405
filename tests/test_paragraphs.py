"""Printed lines into paragraphs, and every stretch of a paragraph back to its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datamodel import Line, Location, Table
from pipeline.prose.paragraphs import Paragraph, compact, read_paragraphs

_LEFT, _RIGHT, _HEIGHT = 80.0, 515.0, 16.0


def on_page(text: str, row: int, *, page: int = 1, left: float = _LEFT, right: float = _RIGHT) -> Line:
    top = 72 + row * 28.0
    return Line(text, Location(page, box=(left, top, right, top + _HEIGHT)))


def in_text(*texts: str) -> list[Line]:
    place, lines = 0, []
    for text in texts:
        lines.append(Line(text, Location(1, span=(place, place + len(text)))))
        place += len(text) + 1
    return lines


def texts(blocks: list[Line | Table]) -> list[str]:
    return [block.text if isinstance(block, Paragraph) else "[table]" for block in read_paragraphs(blocks)]


def test_full_lines_run_on_until_one_ends_short() -> None:
    lines = [
        on_page("全镇围绕群众关心的事项推进公开，", 0, left=112),
        on_page("全年收到政府信息公开申请 1", 1),
        on_page("7 件。", 2, right=140),
        on_page("另有一段。", 3, left=112, right=200),
    ]
    assert texts(lines) == ["全镇围绕群众关心的事项推进公开，全年收到政府信息公开申请 17 件。", "另有一段。"]


def test_a_paragraph_goes_on_over_the_page_and_an_indent_begins_another() -> None:
    lines = [
        on_page("第一页的末行没有写完，", 20, left=112),
        on_page("第一页的最后一行写满了。", 21),
        on_page("接着写在第二页上，到这里写满，", 0, page=2),
        on_page("新的一段从这里开始，缩进两格。", 1, page=2, left=112),
    ]
    assert texts(lines) == [
        "第一页的末行没有写完，第一页的最后一行写满了。接着写在第二页上，到这里写满，",
        "新的一段从这里开始，缩进两格。",
    ]


def test_a_chapter_head_and_a_table_part_paragraphs() -> None:
    lines: list[Line | Table] = [
        on_page("这一行写满了页面的整个宽度，", 0),
        on_page("二、主动公开政府信息情况", 1),
        Table("ruled", (), Location(1)),
        on_page("表后的文字，", 8),
    ]
    assert texts(lines) == ["这一行写满了页面的整个宽度，", "二、主动公开政府信息情况", "[table]", "表后的文字，"]


def test_lines_of_a_text_broken_at_one_width_run_on() -> None:
    lines = in_text(
        "青禾区水利局年度报告",
        "本局坚持以公开为常态，围绕群众关心的事项细化清单，",
        "压实各科室责任，全年主动公开各类政府信息二十余条，其",
        "中通过网站发布的占多数，办事指南同步更新了两次，并且",
        "公开了预算。",
        "一、总体情况",
    )
    assert [text[:4] for text in texts([*lines])] == ["青禾区水", "本局坚持", "一、总体"]


def test_paragraphs_of_a_line_each_stay_apart() -> None:
    lines = in_text(
        "主动公开情况", "全年公开信息三十条", "依申请公开情况", "全年没有收到政府信息公开申请，制度健全，流程清楚"
    )
    assert len(texts([*lines])) == 4


def test_a_place_in_a_text_is_exact() -> None:
    lines = in_text("  全年收到政府信息公开申请，", "共 17 件。")
    (paragraph,) = read_paragraphs(lines)
    assert isinstance(paragraph, Paragraph)
    start = paragraph.text.index("17")
    span = paragraph.locate(start, start + 2).span
    source = "  全年收到政府信息公开申请，\n共 17 件。"
    assert span is not None
    assert source[slice(*span)] == "17"


def test_a_place_on_paper_is_its_lines_on_the_first_page() -> None:
    lines = [on_page("写满的一行，", 21), on_page("接着写完。", 0, page=2, right=200)]
    (paragraph,) = read_paragraphs(lines)
    assert isinstance(paragraph, Paragraph)
    assert paragraph.locate(0, len(paragraph.text)) == Location(1, box=lines[0].location.box)
    assert paragraph.locate(7, 8) == Location(2, box=lines[1].location.box)


@given(st.lists(st.text(min_size=1).filter(lambda text: "\n" not in text), max_size=8))
def test_no_character_is_lost_or_made_up(printed: list[str]) -> None:
    joined = "".join(texts([*in_text(*printed)]))
    assert joined == "".join(text.strip() for text in printed)


@given(st.text())
def test_compact_keeps_an_offset_for_each_character(text: str) -> None:
    short, offsets = compact(text)
    assert len(short) == len(offsets)
    assert not any(character.isspace() for character in short)
    assert list(offsets) == sorted(set(offsets))


@pytest.mark.parametrize(
    ("printed", "short"),
    [("１２ 件", "12件"), ("5²", "5²"), ("12，345", "12，345"), ("（一）", "(一)"), ("1\x012\u200b件", "12件")],
)
def test_compact_folds_forms_but_makes_no_digits(printed: str, short: str) -> None:
    assert compact(printed)[0] == short
