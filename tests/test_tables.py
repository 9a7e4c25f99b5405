"""Ruled grids are recovered exactly however they are drawn; rows of words never put a figure into a wrong column."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.datamodel import Cell, Edge, Line, Location, Page, Table, Word
from pipeline.tables import find_tables
from pipeline.tables.cell_text import cell_text, display_width, split_at
from pipeline.tables.grid import Slot, find_grids
from pipeline.text import parse_number

SHARED = Path(__file__).parents[2] / "shared" / "real"
SIZE = 10.0  # height of the words made here; wide characters are as wide, others half


def word(text: str, x: float, y: float) -> Word:
    return Word(text, (x, y, x + SIZE / 2 * display_width(text), y + SIZE))


def page(
    words: list[Word] | None = None, edges: list[Edge] | None = None, blocks: tuple[Line | Table, ...] = ()
) -> Page:
    return Page(1, 600, 800, tuple(words or ()), tuple(edges or ()), blocks)


def across(y: float, x0: float, x1: float) -> Edge:
    return Edge(x0, y, x1, y)


def down(x: float, top: float, bottom: float) -> Edge:
    return Edge(x, top, x, bottom)


def lattice(xs: list[float], ys: list[float]) -> list[Edge]:
    return [across(y, xs[0], xs[-1]) for y in ys] + [down(x, ys[0], ys[-1]) for x in xs]


def layout(text: str) -> Page:
    """A page of layout text as the text reader gives it: x in columns of print, y in lines."""
    words = []
    start = 0
    for number, line in enumerate(text.split("\n")):
        for match in re.finditer(r"\S+", line):
            x = display_width(line[: match.start()])
            span = (start + match.start(), start + match.end())
            words.append(Word(match.group(), (x, number, x + display_width(match.group()), number + 1), span))
        start += len(line) + 1
    return Page(1, 100, 100, tuple(words), text=text)


def grid_of(table: Table) -> list[list[str]]:
    """The cells' texts by rows; "<" in slots that a merged cell covers."""
    rows = max(cell.row + cell.row_span for cell in table.cells)
    columns = max(cell.column + cell.column_span for cell in table.cells)
    texts = [["?"] * columns for _ in range(rows)]
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            for column in range(cell.column, cell.column + cell.column_span):
                assert texts[row][column] == "?", f"two cells at row {row}, column {column}"
                texts[row][column] = cell.text if (row, column) == (cell.row, cell.column) else "<"
    return texts


def figures_of(table: Table) -> dict[str, list[str]]:
    """For each row with figures its label and the texts of the cells right of it."""
    found = {}
    for row in sorted({cell.row for cell in table.cells}):
        cells = sorted((c for c in table.cells if c.row <= row < c.row + c.row_span), key=lambda c: c.column)
        own = [c for c in cells if c.row == row]
        label = [c for c in own if c.text and parse_number(c.text).state == "unreadable"]
        figures = [c.text for c in own if not label or c.column > label[-1].column]
        if any(parse_number(text).state == "printed" for text in figures):
            found[label[-1].text if label else ""] = figures
    return found


# ---- the ruled grid ----


@st.composite
def merged_lattices(draw: st.DrawFn) -> tuple[list[float], list[float], list[Slot], int]:
    """Borders of a lattice, its cells with random merges, and a seed for how it is drawn."""
    columns, rows = draw(st.integers(2, 8)), draw(st.integers(1, 8))
    xs, ys = [50.0], [60.0]
    for _ in range(columns):
        xs.append(xs[-1] + draw(st.integers(14, 80)))
    for _ in range(rows):
        ys.append(ys[-1] + draw(st.integers(12, 60)))
    free = {(row, column) for row in range(rows) for column in range(columns)}
    slots: list[Slot] = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) not in free:
                continue
            height, width = draw(st.sampled_from([(1, 1), (1, 1), (1, 2), (2, 1), (2, 3), (3, 2)]))
            area = {(row + r, column + c) for r in range(height) for c in range(width)}
            if not area <= free:
                height, width, area = 1, 1, {(row, column)}
            free -= area
            slots.append((row, column, height, width))
    return xs, ys, slots, draw(st.integers(0, 2**32))


def borders(xs: list[float], ys: list[float], slots: list[Slot], rng: random.Random) -> list[Edge]:
    """Every cell's four borders, each with jitter, some drawn twice, some in two pieces with a gap, in any order."""
    edges = []
    for row, column, height, width in slots:
        x0, x1, top, bottom = xs[column], xs[column + width], ys[row], ys[row + height]
        for flat, at, start, end in [
            (True, top, x0, x1), (True, bottom, x0, x1), (False, x0, top, bottom), (False, x1, top, bottom),
        ]:  # fmt: skip
            for _ in range(rng.choice([1, 1, 2])):
                position = at + rng.uniform(-0.7, 0.7)
                cut = rng.uniform(start, end)
                gap = rng.uniform(0, 2) if rng.random() < 0.3 else 0.0
                for piece in [(start - rng.uniform(0, 0.7), cut), (min(cut + gap, end), end + rng.uniform(0, 0.7))]:
                    edges.append(across(position, *piece) if flat else down(position, *piece))
    rng.shuffle(edges)
    return edges


def seen_lines(slots: list[Slot], axis: int) -> list[int]:
    return sorted({slot[axis] for slot in slots})


@settings(max_examples=150, deadline=None)
@given(merged_lattices())
def test_any_lattice_with_merged_cells_is_recovered(
    drawn: tuple[list[float], list[float], list[Slot], int],
) -> None:
    xs, ys, slots, seed = drawn
    rows, columns = seen_lines(slots, 0), seen_lines(slots, 1)
    row_ends, column_ends = [*rows, len(ys) - 1], [*columns, len(xs) - 1]
    expected = sorted(
        (
            rows.index(r),
            columns.index(c),
            row_ends.index(r + h) - rows.index(r) if r + h in row_ends else -1,
            column_ends.index(c + w) - columns.index(c) if c + w in column_ends else -1,
        )
        for r, c, h, w in slots
    )
    grids = find_grids(borders(xs, ys, slots, random.Random(seed)))
    if len(columns) < 2:
        assert grids == []
        return
    assert len(grids) == 1
    assert list(grids[0].slots) == expected
    assert grids[0].xs == pytest.approx([xs[c] for c in column_ends], abs=1.0)
    assert grids[0].ys == pytest.approx([ys[r] for r in row_ends], abs=1.0)


def test_words_go_to_cells_and_empty_cells_stay() -> None:
    words = [word("规章", 12, 14), word("3", 72, 14), word("行政规范性文件", 12, 34), word("7", 132, 34)]
    (table,) = find_tables(page(words, lattice([10, 70, 130, 190], [10, 30, 50])))
    assert grid_of(table) == [["规章", "3", ""], ["行政规范性文件", "", "7"]]
    assert table.origin == "ruled"
    assert table.cells[1].location == Location(1, (70, 10, 130, 30))


def test_a_continuation_open_at_the_page_s_edges_keeps_its_first_and_last_row() -> None:
    edges = [across(y, 10, 130) for y in (30, 50)] + [down(x, 10, 70) for x in (10, 70, 130)]
    words = [word(text, x, y) for y in (14, 34, 54) for text, x in (("甲类", 12), (str(int(y)), 80))]
    (table,) = find_tables(page(words, edges))
    assert grid_of(table) == [["甲类", "14"], ["甲类", "34"], ["甲类", "54"]]


def test_a_half_ruled_table_is_closed_at_the_ends_of_its_horizontals() -> None:
    edges = [across(y, 10, 130) for y in (10, 30, 50)] + [down(70, 10, 50)]
    words = [word("甲类", 12, 14), word("1", 90, 14), word("乙类", 12, 34), word("2", 90, 34)]
    (table,) = find_tables(page(words, edges))
    assert grid_of(table) == [["甲类", "1"], ["乙类", "2"]]


def test_a_rule_that_overshoots_and_a_double_border_add_no_cells() -> None:
    edges = [*lattice([10, 70, 130], [10, 30, 50]), down(12, 10, 50), across(11.5, 10, 130), down(70, 6, 53)]
    words = [word("甲类", 14, 14), word("1", 90, 14), word("乙类", 14, 34), word("2", 90, 34)]
    (table,) = find_tables(page(words, edges))
    assert grid_of(table) == [["甲类", "1"], ["乙类", "2"]]


def test_a_stray_rule_through_a_head_cell_adds_no_empty_cell() -> None:
    edges = [across(y, 10, 210) for y in (10, 30, 50, 70)]
    edges += [down(10, 10, 70), down(210, 10, 70), *(down(x, 30, 70) for x in (60, 110, 160)), down(60, 10, 30)]
    words = [word("行政诉讼", 90, 14), *(word(text, 20 + 50 * i, 34) for i, text in enumerate("维纠其总"))]
    words += [word(str(i), 30 + 50 * i, 54) for i in range(4)]
    (table,) = find_tables(page(words, edges))
    assert grid_of(table) == [["行政诉讼", "<", "<", "<"], list("维纠其总"), list("0123")]


def test_bands_of_shading_and_frames_are_no_grid() -> None:
    bands = [edge for y in (10, 50, 90) for edge in lattice([10, 200], [y, y + 20])]
    rows = [word(text, x, y) for y in (14, 34, 54) for text, x in (("规章", 12), ("1", 100), ("2", 150), ("3", 190))]
    tables = find_tables(page(rows, [*bands, *lattice([0, 300], [0, 400])]))
    assert [table.origin for table in tables] == ["words"]
    assert grid_of(tables[0]) == [["规章", "1", "2", "3"]] * 3


def test_a_grid_that_does_not_part_the_figures_gives_way_to_the_rows_of_words() -> None:
    edges = lattice([10, 70, 200], [10, 30, 50])
    words = [word(text, x, y) for y in (14, 34) for text, x in (("规章", 12), ("1", 80), ("2", 120), ("3", 160))]
    (table,) = find_tables(page(words, edges))
    assert (table.origin, grid_of(table)) == ("words", [["规章", "1", "2", "3"]] * 2)


def test_a_table_inside_a_cell_of_another_keeps_its_own_words() -> None:
    edges = lattice([0, 300, 400], [0, 200]) + lattice([10, 70, 130], [10, 30, 50])
    words = [word("甲类", 12, 14), word("1", 90, 14), word("乙类", 12, 34), word("2", 90, 34), word("旁", 350, 90)]
    inner = next(table for table in find_tables(page(words, edges)) if len(table.cells) == 4)
    assert grid_of(inner) == [["甲类", "1"], ["乙类", "2"]]


# ---- the text of cells ----


def test_a_figure_wrapped_in_a_narrow_cell_is_one_number_and_two_lines_in_a_wide_cell_are_two() -> None:
    wrapped = [word("1521", 11, 10), word("9", 11, 21)]
    assert cell_text(wrapped, 22, 1.0) == "15219"
    assert cell_text(wrapped, 60, 1.0) == "1521\n9"
    assert parse_number(cell_text(wrapped, 60, 1.0)).state == "unreadable"


def test_wrapped_labels_are_joined_and_vertical_ones_read_downwards() -> None:
    assert cell_text([word("行政规范性", 0, 0), word("文件", 0, 11)], 55, 2) == "行政规范性文件"
    assert cell_text([word(letter, 0, 11 * i) for i, letter in enumerate("三、本年度")], 12, 1) == "三、本年度"
    assert cell_text([word("22（其中修", 0, 0), word("订16件）", 0, 11)], 55, 2) == "22（其中修订16件）"
    assert cell_text([word("3", 0, 0), word("5", 20, 0)], 60, 2) == "3 5"


def test_a_decimal_point_in_a_tight_box_stays_in_its_line() -> None:
    words = [word("12", 0, 0), Word(".", (10, 8, 11, 9)), word("5", 11, 0)]
    assert cell_text(words, 60, 2) == "12.5"


def test_words_glued_across_a_border_are_cut_between_characters_only() -> None:
    assert [piece.text for piece in split_at(word("总计95", 0, 0), 20)] == ["总计", "95"]
    assert [piece.text for piece in split_at(word("1234", 0, 0), 10)] == ["12", "34"]
    (doubtful,) = split_at(word("1234", 0, 0), 12.5)
    assert parse_number(doubtful.text).state == "unreadable"
    assert [piece.text for piece in split_at(word("部门）", 0, 0), 26)] == ["部门）"]


def test_a_label_that_overflows_its_cell_stays_whole() -> None:
    words = [word("行政规范性文件含部门", 12, 14), word("7", 150, 14), word("规章", 12, 34), word("2", 150, 34)]
    (table,) = find_tables(page(words, lattice([10, 105, 160], [10, 30, 50])))
    assert grid_of(table) == [["行政规范性文件含部门", "7"], ["规章", "2"]]


# ---- rows of words ----


def set_text(*lines: dict[int, str]) -> str:
    """Lines with texts at their columns, counted in characters as pdftotext counts."""
    printed = []
    for line in lines:
        text = ""
        for column, piece in sorted(line.items()):
            text = text.ljust(column) + piece
        printed.append(text)
    return "\n".join(printed)


def figures(*texts: str) -> dict[int, str]:
    """Figures at the columns of the table of requests; "" leaves a column blank."""
    return {column: text for column, text in zip((34, 43, 49, 53, 58, 64, 68), texts, strict=True) if text}


REQUESTS = set_text(
    {0: "（本列数据的勾稽关系为：第一项加第二项之和，", 37: "申请人情况"},
    {0: "等于第三项加第四项之和）"},
    {43: "法人或其他组织"},
    {34: "自然人", 68: "总计"},
    {43: "商业", 48: "科研", 53: "社会公益", 58: "法律服务", 63: "其他"},
    {43: "企业", 48: "机构", 53: "组织", 58: "机构"},
    {0: "一、本年新收政府信息公开申请数量"} | figures("61", "8", "0", "0", "2", "0", "71"),
    {},
    {0: "三", 4: "（一）予以公开"} | figures("40", "5", "0", "0", "1", "0", "46"),
    {0: "、"},
    {0: "本", 4: "（二）部分公开"} | figures("3", "1", "", "", "", "0", "4"),
    {0: "年"},
    {0: "度", 14: "1.属于国家秘密"} | figures(*"0000000"),
    {5: "（三）", 14: "2.其他法律行政法规禁止公"},
    {0: "办", 5: "不予", 14: "开"} | figures("2", "0", "0", "0", "0", "0", "2"),
    {0: "理", 5: "公开"},
    {14: "3.危及“三安全一稳定”"} | figures(*"0000000"),
    {5: "（四）", 14: "1.本机关不掌握相关政府"},
    {5: "无法"} | figures("4", "0", "0", "0", "0", "0", "4"),
    {5: "提供", 14: "信息"},
    {4: "（七）总计"} | figures("49", "6", "0", "0", "1", "0", "56"),
    {0: "四、结转下年度继续办理"} | figures("12", "2", "0", "0", "1", "0", "15"),
)


def test_wrapped_labels_and_labels_of_groups_in_layout_text() -> None:
    (table,) = find_tables(layout(REQUESTS))
    assert figures_of(table) == {
        "一、本年新收政府信息公开申请数量": ["61", "8", "0", "0", "2", "0", "71"],
        "（一）予以公开": ["40", "5", "0", "0", "1", "0", "46"],
        "（二）部分公开": ["3", "1", "", "", "", "0", "4"],
        "1.属于国家秘密": ["0"] * 7,
        "2.其他法律行政法规禁止公开": ["2", "0", "0", "0", "0", "0", "2"],
        "3.危及“三安全一稳定”": ["0"] * 7,
        "1.本机关不掌握相关政府信息": ["4", "0", "0", "0", "0", "0", "4"],
        "（七）总计": ["49", "6", "0", "0", "1", "0", "56"],
        "四、结转下年度继续办理": ["12", "2", "0", "0", "1", "0", "15"],
    }
    texts = {cell.text for cell in table.cells}
    assert {"（三）不予公开", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"} <= texts
    granted = next(cell for cell in table.cells if cell.text == "46")
    assert granted.location.span is not None
    assert REQUESTS[slice(*granted.location.span)] == "46"


def test_three_groups_of_columns_get_their_own_group_head() -> None:
    heads = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    columns = [0, 8, 16, 24, 32, 43, 54, 63, 73, 80, 90, 98, 105, 112, 119]
    printed = ["5", "1", "0", "0", "6", "2", "0", "0", "1", "3", "0", "0", "0", "4", "4"]
    text = set_text(
        {0: "行政复议", 51: "行政诉讼"},
        {43: "未经复议直接起诉", 90: "复议后起诉"},
        dict(zip(columns, heads, strict=False)),
        dict(zip(columns[5:], heads * 2, strict=True)),
        dict(zip((column + 2 for column in columns), printed, strict=True)),
    )
    (table,) = find_tables(layout(text))
    row = grid_of(table)
    assert row[-1] == printed
    assert row[-2] == heads * 3
    spans = {cell.text: (cell.column, cell.column_span) for cell in table.cells if cell.row < len(row) - 2}
    assert spans["行政复议"] == (0, 5)
    assert spans["未经复议直接起诉"] == (5, 5)
    assert spans["复议后起诉"] == (10, 5)


def test_figures_between_columns_are_not_guessed_into_one() -> None:
    text = (
        "规章          1        2        3\n行政规范性文件     4        5        6\n行政许可              7        8\n"
    )
    (table,) = find_tables(layout(text))
    last = [cell for cell in table.cells if cell.row == 2 and cell.column > 0]
    assert [parse_number(cell.text).state for cell in last] == ["unreadable"]
    assert last[0].column_span == 3


def test_units_stand_in_a_column_of_their_own() -> None:
    text = """
       统计指标           单位    统计数
一、主动公开情况
  （一）主动公开政府信息数     条     812
    其中：主动公开规范性文件数   条      7
  （二）通过不同渠道和方式公开政府信息的情况
    1.政府公报公开政府信息数    条
    2.政府网站公开政府信息数    条     640
"""
    (table,) = find_tables(layout(text))
    figures = {cell.row: cell.text for cell in table.cells if parse_number(cell.text).state == "printed"}
    assert sorted(figures.values()) == ["640", "7", "812"]
    columns = {cell.column for cell in table.cells if cell.text == "条"}
    assert len(columns) == 1
    assert columns.pop() + 1 == next(cell.column for cell in table.cells if cell.text == "812")


def test_prose_with_numbers_and_page_numbers_are_no_table() -> None:
    text = """
一年来，青禾区共受理政府信息公开申请 35
件，其中自然人申请 30 件，办结 34 件，结转下年度继续办理 1
件。网站全年发布信息 1204 条。

                         - 2 -
2024
第 3 页
"""
    assert find_tables(layout(text)) == ()


def test_a_page_number_below_a_table_is_no_row() -> None:
    text = "信息内容      本年处理决定数量\n行政许可      1204\n\n\n        7\n"
    (table,) = find_tables(layout(text))
    assert grid_of(table) == [["信息内容", "本年处理决定数量"], ["行政许可", "1204"]]


def test_two_tables_in_one_run_of_lines_are_parted_at_the_second_head() -> None:
    text = """
第二十条第（一）项
信息内容        本年制发件数   本年废止件数   现行有效件数
规章              2       0       11
第二十条第（五）项
信息内容        本年处理决定数量
行政许可        18085
"""
    first, second = find_tables(layout(text))
    assert figures_of(first) == {"规章": ["2", "0", "11"]}
    assert figures_of(second) == {"行政许可": ["18085"]}


def test_rows_of_words_in_points_with_horizontal_rules_only() -> None:
    words = [word(text, x, 100) for text, x in (("信息内容", 80), ("本年制发件数", 200), ("本年废止件数", 290))]
    words += [word("现行有效件数", 380, 100)]
    for row, label in enumerate(["规章", "行政规范性文件"]):
        words += [word(label, 80, 120 + 20 * row)]
        words += [word(str(row + figure), 227, 120 + 20 * row) for figure in (1,)]
        words += [word(str(row + 12), 402, 120 + 20 * row)]
    edges = [across(y, 70, 460) for y in (95, 115, 160)]
    (table,) = find_tables(page(words, edges))
    assert grid_of(table) == [
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "1", "", "12"],
        ["行政规范性文件", "2", "", "13"],
    ]


def test_a_figure_wrapped_in_its_cell_makes_the_row_unreadable_and_not_blank() -> None:
    text = set_text(
        {0: "（本列数据的勾稽关系为：", 30: "自然人", 40: "总计"},
        {30: "253", 40: "280"},
        {0: "一、本年新收政府信息公开申请数量"},
        {0: "二、上年结转政府信息公开申请数量", 30: "15", 40: "16"},
        {0: "（一）予以公开", 30: "22（其中", 40: "9"},
        {30: "订16件）"},
        {0: "（七）总计", 30: "31", 40: "32"},
    )
    (table,) = find_tables(layout(text))
    states: dict[str, list[str]] = {}
    for cell in table.cells:
        label = next((c.text for c in table.cells if c.row == cell.row and c.column == 0), "")
        if cell.column > 0 and cell.text:
            states.setdefault(label, []).append(parse_number(cell.text).state)
    assert states["二、上年结转政府信息公开申请数量"] == ["printed", "printed"]
    assert states["（一）予以公开"] == ["unreadable"]


def test_the_figures_of_a_row_beside_a_piece_of_a_group_s_label_are_not_left_to_it() -> None:
    text = set_text(
        {0: "一、本年新收政府信息公开申请数量"} | figures(*"1100002"),
        {4: "（二）部分公开（区分处理的，只计这一情形，"},
        {0: "三、"} | figures(*"3100004"),
        {4: "不计其他情形）"},
        {14: "1.属于国家秘密"} | figures(*"0000000"),
        {5: "（六）其他"},
        {14: "2.申请人逾期未按收费通知"},
        {5: "处理"} | figures(*"0000066"),
        {14: "要求缴纳费用"},
        {14: "3.其他"} | figures(*"7000007"),
    )
    (table,) = find_tables(layout(text))
    assert figures_of(table) == {
        "一、本年新收政府信息公开申请数量": [*"1100002"],
        "（二）部分公开（区分处理的，只计这一情形，不计其他情形）": [*"3100004"],
        "1.属于国家秘密": [*"0000000"],
        "2.申请人逾期未按收费通知要求缴纳费用": [*"0000066"],
        "3.其他": [*"7000007"],
    }


def test_a_rotated_group_label_beside_rows_of_words_is_a_column_of_its_own() -> None:
    words = [Word("三、本年度办理结果", (50, 100, 60, 190))]
    for place, label in enumerate(["（一）予以公开", "（二）部分公开", "（七）总计"]):
        words += [word(label, 80, 100 + 30 * place), word(str(place), 220, 100 + 30 * place)]
        words += [word(str(place + 10), 260, 100 + 30 * place)]
    (table,) = find_tables(page(words))
    assert grid_of(table) == [
        ["三、本年度办理结果", "（一）予以公开", "0", "10"],
        ["<", "（二）部分公开", "1", "11"],
        ["<", "（七）总计", "2", "12"],
    ]


def test_a_table_ruled_downwards_only_is_read_by_its_rows_of_words() -> None:
    edges = [across(10, 10, 190), across(90, 10, 190), *(down(x, 10, 90) for x in (10, 90, 140, 190))]
    rows = [("规章", "1", "2"), ("行政规范性文件", "3", "4"), ("行政许可", "5", "6")]
    words = [word(t, x, 14 + 25 * i) for i, row in enumerate(rows) for t, x in zip(row, (12, 110, 160), strict=True)]
    (table,) = find_tables(page(words, edges))
    assert (table.origin, grid_of(table)) == ("words", [list(row) for row in rows])


# ---- the choice between them ----


def table_of(origin: str, texts: list[list[str]], box: tuple[float, float, float, float] | None = None) -> Table:
    cells = [Cell(t, r, c, Location(1, box)) for r, row in enumerate(texts) for c, t in enumerate(row)]
    return Table(origin, tuple(cells), Location(1, box))


def test_tables_that_the_reader_knows_are_passed_on() -> None:
    known = table_of("html", [["规章", "1"]])
    line = Line("一、总体情况", Location(1))
    edges = lattice([10, 70, 130], [10, 30])
    assert find_tables(page([word("甲", 12, 14)], edges, (line, known))) == (known,)


def test_a_tagged_table_with_fewer_filled_cells_gives_way_to_the_grid() -> None:
    words = [word("规章", 12, 14), word("3", 80, 14), word("许可", 12, 34), word("7", 80, 34)]
    edges = lattice([10, 70, 130], [10, 30, 50])
    poor = table_of("tagged", [["规章3", ""]], (10, 10, 130, 50))
    rich = table_of("tagged", [["规章", "3"], ["许可", "7"]], (10, 10, 130, 50))
    assert [table.origin for table in find_tables(page(words, edges, (poor,)))] == ["ruled"]
    assert find_tables(page(words, edges, (rich,))) == (rich,)


def test_a_page_s_tags_may_leave_out_a_table() -> None:
    words = [word("规章", 12, 14), word("3", 80, 14)]
    rest = [word(t, x, y) for y in (200, 220) for t, x in (("行政许可", 12), (str(y), 120), (str(y + 1), 180))]
    tagged = table_of("tagged", [["规章", "3"]], (10, 10, 130, 30))
    first, second = find_tables(page(words + rest, [], (tagged,)))
    assert first == tagged
    assert grid_of(second) == [["行政许可", "200", "201"], ["行政许可", "220", "221"]]


positions = st.floats(0, 600, allow_nan=False, width=32)
texts = st.text(st.sampled_from("0123456789,.-/规章总计（一）、条无"), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(texts, positions, positions), max_size=40),
    st.lists(st.tuples(st.booleans(), positions, positions, positions), max_size=30),
)
def test_no_page_makes_an_error_and_no_character_is_made_up(
    placed: list[tuple[str, float, float]], drawn: list[tuple[bool, float, float, float]]
) -> None:
    words = [word(text, x, y) for text, x, y in placed]
    edges = [across(at, min(a, b), max(a, b)) if flat else down(at, min(a, b), max(a, b)) for flat, at, a, b in drawn]
    tables = find_tables(page(words, edges))
    assert tables == find_tables(page(words, edges))
    printed = Counter("".join(one.text for one in words))
    found = Counter("".join(cell.text for table in tables for cell in table.cells))
    assert not {character for character in found - printed if character not in " \n\ufffd"}
    for table in tables:
        grid_of(table)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("0123456789 \n（一）、.总计自然人规章条-"), max_size=300))
def test_no_layout_text_makes_an_error(text: str) -> None:
    for table in find_tables(layout(text)):
        for cell in table.cells:
            span = cell.location.span
            assert span is not None
            assert 0 <= span[0] <= span[1] <= len(text)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_figures_of_a_borderless_table_stand_in_their_columns(data: st.DataObject) -> None:
    columns = data.draw(st.integers(2, 7))
    rows = data.draw(
        st.lists(st.lists(st.integers(0, 99999), min_size=columns, max_size=columns), min_size=3, max_size=8)
    )
    missing = data.draw(st.sets(st.tuples(st.integers(1, len(rows) - 1), st.integers(0, columns - 1)), max_size=3))
    anchor = data.draw(st.sampled_from(["left", "centre", "right"]))
    words = []
    for place, numbers in enumerate(rows):
        label = f"{place + 1}.属于第{'甲乙丙丁戊己庚辛'[place]}类事项" if place else "1.属于国家秘密"
        words.append(word(label, 50, 100 + 20 * place))
        for column, number in enumerate(numbers):
            if (place, column) not in missing:
                width = 5.0 * len(str(number))
                shift = {"left": 0.0, "centre": (25 - width) / 2, "right": 25 - width}[anchor]
                words.append(word(str(number), 200 + 50 * column + shift, 100 + 20 * place))
    (table,) = find_tables(page(words))
    expected = [["" if (r, c) in missing else str(n) for c, n in enumerate(numbers)] for r, numbers in enumerate(rows)]
    for place, texts in enumerate(expected):
        at = next((cell.row for cell in table.cells if cell.text.startswith(f"{place + 1}.")), None)
        cells = [cell.text for cell in table.cells if cell.row == at][1:]
        assert cells == texts or [parse_number(text).state for text in cells] == ["unreadable"] or not any(texts)


# ---- real reports, where they are at hand ----


@pytest.mark.skipif(not (SHARED / "suqian-2023-rerendered").is_dir(), reason="the shared corpus is not here")
def test_the_whole_of_a_real_layout_text() -> None:
    text = (SHARED / "suqian-2023-rerendered" / "source.txt").read_text(encoding="utf-8")
    found = [figures_of(table) for table in find_tables(layout(text))]
    assert sum(map(len, found)) == 6 + 12 + 13 + 1
    assert found[5]["5.要求行政机关确认或重新出具已获取信息"] == ["4", "0", "0", "0", "0", "0", "4"]
    assert found[6][""] == ["309", "17", "88", "26", "440", "1", "1", "16", "6", "24", "13", "0", "67", "9", "89"]


_COORDINATE = st.sampled_from([50.0, 50.5, 80.0, 81.0, 110.0, 112.5, 140.0, 200.0, 203.0, 260.0])


@given(
    st.lists(st.tuples(_COORDINATE, _COORDINATE, _COORDINATE, st.booleans()), max_size=40),
    st.lists(st.tuples(_COORDINATE, _COORDINATE, st.sampled_from(["12", "规章", "总计", "3 5", "其他"])), max_size=30),
)
def test_no_page_however_odd_raises(edges, words) -> None:
    drawn = tuple(Edge(a, b, c, b) if flat else Edge(b, a, b, c) for a, b, c, flat in edges)
    placed = tuple(Word(text, (x, y, x + 12.0 * len(text), y + 10.0)) for x, y, text in words)
    page = Page(1, 300, 300, words=placed, edges=drawn)
    for table in find_tables(page):
        for cell in table.cells:
            assert cell.row_span >= 1
            assert cell.column_span >= 1


def test_an_empty_head_cell_between_two_texts_goes_to_one_of_them_only() -> None:
    xs, ys = (50.0, 80.0, 110.0, 140.0), (50.0, 70.0, 90.0)
    edges = [Edge(50, y, 140, y) for y in ys] + [Edge(x, 50, x, 90) for x in xs]
    texts = [
        ("总计", 80.0 - 12, 55.0),
        ("其他", 110.0 - 12, 55.0),
        ("7", 60.0, 75.0),
        ("8", 90.0, 75.0),
        ("9", 120.0, 75.0),
    ]
    words = tuple(Word(text, (x, y, x + 12.0 * len(text), y + 10.0)) for text, x, y in texts)
    tables = find_tables(Page(1, 300, 300, words=words, edges=tuple(edges)))
    assert [cell.text for cell in tables[0].cells if cell.row == 1] == ["7", "8", "9"]
