"""Tables to rows: labels, figures, heads, and what a page break cuts."""

from pipeline.rows import read_rows
from tests.tables import line, table


def test_a_plain_row_has_its_label_its_figures_and_the_head_above_each() -> None:
    rows = read_rows([table([["信息内容", "本年制发件数", "本年废止件数"], ["规章", "3", "0"]])])
    assert [(row.labels, [c.text for c in row.cells], row.heads) for row in rows] == [
        (("规章",), ["3", "0"], ("本年制发件数", "本年废止件数"))
    ]


def test_each_block_of_a_table_has_its_own_heads() -> None:
    rows = read_rows(
        [
            table(
                [
                    ["第二十条第（一）项", "", ""],
                    ["信息内容", "本年制发件数", "现行有效件数"],
                    ["规章", "3", "9"],
                    ["第二十条第（五）项", "", ""],
                    ["信息内容", "本年处理决定数量", ""],
                    ["行政许可", "7", ""],
                ]
            )
        ]
    )
    assert rows[1].labels == ("行政许可",)
    assert rows[1].heads == ("本年处理决定数量", "")


def test_blank_cells_of_a_known_row_are_figures_too() -> None:
    rows = read_rows([table([["2.重复申请", "", "", ""], ["随便什么", "", "", ""]])])
    assert [row.labels for row in rows] == [("2.重复申请",)]
    assert [cell.text for cell in rows[0].cells] == ["", "", ""]


def test_the_unit_between_label_and_figure_is_no_label() -> None:
    rows = read_rows([table([["统计指标", "单位", "统计数"], ["1.当面申请数", "件", "12"]])])
    assert rows[0].labels == ("1.当面申请数",)
    assert rows[0].heads == ("统计数",)


def test_a_continued_table_keeps_its_heads_and_a_repeated_head_is_no_row() -> None:
    head = ["信息内容", "本年制发件数", "本年废止件数"]
    rows = read_rows([table([head, ["规章", "1", "2"]]), table([head, ["行政规范性文件", "3", "4"]])])
    assert [row.labels[-1] for row in rows] == ["规章", "行政规范性文件"]
    bare = read_rows([table([head, ["规章", "1", "2"]]), table([["行政规范性文件", "3", "4"]])])
    assert bare[1].heads == ("本年制发件数", "本年废止件数")


def test_text_between_two_tables_ends_the_heads() -> None:
    head = ["信息内容", "本年制发件数", "本年废止件数"]
    rows = read_rows([table([head, ["规章", "1", "2"]]), line("三、情况"), table([["行政规范性文件", "3", "4"]])])
    assert rows[1].heads == ("", "")
    assert rows[1].section == "三、情况"


def test_a_row_cut_in_two_by_the_page_is_one_row() -> None:
    upper = table([["5.要求行政机关确认或重新出", "4", "0"]])
    lower = table([["具已获取信息", "", ""], ["其他", "1", "2"]])
    rows = read_rows([upper, lower])
    assert [(row.labels[-1], [c.text for c in row.cells]) for row in rows] == [
        ("5.要求行政机关确认或重新出具已获取信息", ["4", "0"]),
        ("其他", ["1", "2"]),
    ]


def test_a_label_that_begins_with_a_number_is_a_label() -> None:
    rows = read_rows([table([["1.属于国家秘密", "0", "1"], ["3. 其他", "", "2"]], "tabs")])
    assert [row.labels for row in rows] == [("1.属于国家秘密",), ("3. 其他",)]


def test_a_merged_group_stands_in_the_labels_of_all_its_rows() -> None:
    from dataclasses import replace

    made = table([["（三）不予公开", "1.属于国家秘密", "0"], ["", "2.其他法律行政法规禁止公开", "1"]])
    cells = [cell._replace(row_span=2) if cell.text == "（三）不予公开" else cell for cell in made.cells]
    merged = replace(made, cells=tuple(cell for cell in cells if (cell.row, cell.column) != (1, 0)))
    assert [row.labels for row in read_rows([merged])] == [
        ("（三）不予公开", "1.属于国家秘密"),
        ("（三）不予公开", "2.其他法律行政法规禁止公开"),
    ]


def test_no_tables_no_rows() -> None:
    assert read_rows([line("全年收到申请3件。")]) == []
    assert read_rows([]) == []


def test_a_blank_row_within_its_groups_is_a_row() -> None:
    made = table([["三、本年度办理结果", "（三）不予公开", "2.其他法律行政法规禁止公开", "", ""]])
    assert [row.labels[-1] for row in read_rows([made])] == ["2.其他法律行政法规禁止公开"]


def test_a_head_row_that_ends_in_an_empty_cell_is_no_row() -> None:
    assert read_rows([table([["", "商业企业", "科研机构", "其他", ""]])]) == []


def test_the_running_total_beside_the_figure_of_the_year_is_left_out() -> None:
    head = ["指标名称", "计量单位", "2016年度", "历年累计"]
    rows = read_rows([table([head, ["当面申请数", "件", "12", "340"]])])
    assert [(row.labels, [c.text for c in row.cells], row.heads) for row in rows] == [
        (("当面申请数",), ["12"], ("本年度",))
    ]


def test_of_two_columns_with_one_figure_nobody_knows_which_is_lost() -> None:
    head = ["指标名称", "计量单位", "2016年度", "历年累计"]
    row = read_rows([table([head, ["当面申请数", "件", "340"]], origin="tabs")])[0]
    assert row.heads == ("本年度或历年累计",)


def test_a_blank_row_is_known_with_a_number_before_its_wording() -> None:
    rows = read_rows([table([["4．信函申请数", ""], ["4．信函消毒数", ""]])])
    assert [row.labels for row in rows] == [("4．信函申请数",)]
