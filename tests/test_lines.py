"""Reading order, joined lines, and what is dropped from the margins."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.datamodel import Cell, Line, Location, Page, Table, Word
from pipeline.lines import read_blocks


def word(text: str, x: float, top: float, size: float = 10) -> Word:
    width = sum(size if ord(char) > 0x2E80 else size / 2 for char in text)
    return Word(text, (x, top, x + width, top + size))


def page(*words: Word, number: int = 1) -> Page:
    return Page(number, 595, 842, words)


def table(top: float, bottom: float, number: int = 1, text: str = "3") -> Table:
    place = Location(number, (80, top, 500, bottom))
    return Table("ruled", (Cell(text, 0, 0, place),), place)


def lines(*pages: Page) -> list[str]:
    return [block.text for block in read_blocks(pages, {}) if isinstance(block, Line)]


def test_words_side_by_side_are_one_line_from_left_to_right():
    (line,) = read_blocks([page(word("办结", 200, 301), word("本年新收", 100, 300), word("36", 150, 299.5))], {})
    assert isinstance(line, Line)
    assert line.text == "本年新收 36 办结"
    assert line.location == Location(1, (100, 299.5, 220, 311))


@pytest.mark.parametrize(
    ("gap", "text"),
    [(0.2, "政府信息"), (6, "政府信息"), (25, "政府 信息")],
    ids=["kerned", "justified", "apart"],
)
def test_justified_chinese_has_no_spaces(gap: float, text: str):
    assert lines(page(word("政府", 100, 300), word("信息", 120 + gap, 300))) == [text]


@pytest.mark.parametrize(("gap", "text"), [(0.5, "2024year"), (4, "2024 year")])
def test_latin_words_are_parted_by_a_space(gap: float, text: str):
    assert lines(page(word("2024", 100, 300), word("year", 120 + gap, 300))) == [text]


def test_a_number_close_to_chinese_stays_joined():
    assert lines(page(word("收到", 100, 300), word("17", 122, 300), word("件", 134, 300))) == ["收到17件"]


def test_a_raised_note_mark_stays_in_its_line():
    assert lines(page(word("收到17", 100, 300), word("①", 130, 298, 6), word("件", 136, 300))) == ["收到17①件"]


def test_text_stays_as_printed():
    assert lines(page(word("（一）ＡＢ１２", 100, 300))) == ["（一）ＡＢ１２"]


def test_lines_and_tables_come_by_their_tops_and_words_of_tables_once():
    words = (word("后", 100, 500), word("3", 100, 350), word("前", 100, 200))
    blocks = read_blocks([page(*words)], {1: [table(300, 400)]})
    assert [block.text if isinstance(block, Line) else block.origin for block in blocks] == ["前", "ruled", "后"]


def test_pages_follow_one_another():
    first, second = page(word("乙", 100, 500)), page(word("甲", 100, 200), number=2)
    assert lines(first, second) == ["乙", "甲"]


def test_pages_without_words_give_their_blocks_as_they_are():
    blocks = (Line("甲", Location(1, span=(0, 1))), table(0, 0), Line("乙", Location(1, span=(2, 3))))
    assert read_blocks([Page(1, 0, 0, blocks=blocks)], {1: [table(0, 0)]}) == list(blocks)


def test_tables_given_stand_in_for_those_of_a_tagged_page():
    tagged, given = table(300, 400, text="tagged"), table(300, 400, text="given")
    tagged_page = Page(1, 595, 842, (word("前", 100, 200),), blocks=(tagged,))
    assert read_blocks([tagged_page], {1: [given]})[1] is given


@pytest.mark.parametrize(
    "text",
    ["- 3 -", "—3—", "－ 3 －", "第 3 页", "第3页共9页", "第3页 / 共9页", "3 / 9", "3/9", "Page 3 of 9", "·3·", "~3~"],
)
def test_page_numbers_are_dropped(text: str):
    assert lines(page(word("办结17件", 100, 400), word(text, 280, 800))) == ["办结17件"]


@pytest.mark.parametrize("numbers", [(1, 2, 3), (14, 15, 16)], ids=["as counted", "counted on"])
def test_bare_page_numbers_are_dropped_where_the_counting_agrees(numbers: Sequence[int]):
    pages = [
        page(word("正文", 100, 400), word(str(shown), 290, 800), number=index) for index, shown in enumerate(numbers, 1)
    ]
    assert lines(*pages) == ["正文"] * 3


@pytest.mark.parametrize(
    ("text", "top"),
    [("3", 400), ("- 3 -", 400), ("17", 800), ("3件", 800), ("2024/3", 800)],
    ids=["figure in the body", "dashes in the body", "figure that is no page number", "counted", "date"],
)
def test_what_only_looks_like_a_page_number_is_kept(text: str, top: float):
    assert text in lines(page(word("正文", 100, 300), word(text, 280, top)))


def running(number: int, head: str, body: str, foot: str = "") -> Page:
    words = [word(head, 100, 40), word(body, 100, 400)]
    return page(*words, *([word(foot, 100, 810)] if foot else []), number=number)


def test_running_heads_and_feet_of_most_pages_are_dropped():
    pages = [running(n, "云岭市人民政府公报", f"正文{n}", f"http://example.invalid/ {n}/4") for n in (1, 2, 3)]
    pages.append(running(4, "附则", "正文4"))
    assert lines(*pages) == ["正文1", "正文2", "正文3", "附则", "正文4"]


def test_text_of_few_pages_or_of_the_body_is_kept():
    pages = [running(n, "标题" if n == 1 else f"另一{'甲乙丙丁'[n - 1]}", "同样的正文") for n in (1, 2, 3, 4)]
    assert lines(*pages).count("同样的正文") == 4
    assert "标题" in lines(*pages)


def test_the_title_of_a_single_page_is_kept():
    assert lines(running(1, "云岭市2023年度报告", "正文")) == ["云岭市2023年度报告", "正文"]


def test_nothing_gives_nothing():
    assert read_blocks([], {}) == []
    assert read_blocks([Page(1, 595, 842)], {}) == []
