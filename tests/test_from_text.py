from __future__ import annotations

from pipeline import readers
from pipeline.datamodel import Line, Page, Table


def pages_of(text: str) -> list[Page]:
    return readers.read(readers.open_source("report.txt", text.encode()))


def blocks_of(text: str) -> list[Line | Table]:
    (page,) = pages_of(text)
    return list(page.blocks)


def grid(block: Line | Table) -> list[list[str]]:
    """The texts of a table row by row, after checking that each points at itself in a row or at a blank."""
    assert isinstance(block, Table)
    rows: list[list[str]] = []
    for cell in block.cells:
        if cell.row == len(rows):
            rows.append([])
        assert cell.column == len(rows[cell.row])
        rows[cell.row].append(cell.text)
    return rows


def shown(text: str) -> list[str | list[list[str]]]:
    """Lines as texts and tables as lists, blank lines left out."""
    (page,) = pages_of(text)
    for block in page.blocks:
        for place in [block, *(block.cells if isinstance(block, Table) else ())]:
            assert place.location.span is not None
            start, end = place.location.span
            if not isinstance(place, Table) and "|" not in text:
                assert page.text[start:end].strip() == place.text.strip()
    return [
        block.text if isinstance(block, Line) else grid(block)
        for block in page.blocks
        if isinstance(block, Table) or block.text.strip()
    ]


def test_tabbed_lines_are_a_table_with_its_empty_cells() -> None:
    text = "一、总体情况\n规章\t3\t0\t15\n\t(二) 部分公开\t1\t\n\n3. 其他\t\t0\n五、问题\n"
    assert shown(text) == [
        "一、总体情况",
        [["规章", "3", "0", "15"], ["", "(二) 部分公开", "1", ""], ["3. 其他", "", "0"]],
        "五、问题",
    ]
    assert [block.origin for block in blocks_of(text) if isinstance(block, Table)] == ["tabs"]


def test_tabs_that_indent_prose_set_no_table() -> None:
    text = "\t一、总体情况\n\t全年主动公开信息12条，受理申请3件，均按时办结。\n"
    assert shown(text) == ["\t一、总体情况", "\t全年主动公开信息12条，受理申请3件，均按时办结。"]


def test_piped_lines_are_a_table_without_rules_escapes_and_emphasis() -> None:
    text = "# 表\n| 信息 | 本年\\|件<br>数 |\n|:---|---:|\n| **规章** | 3 |\n| `许可` | |\n\n二、略\n"
    assert shown(text) == ["# 表", [["信息", "本年|件数"], ["规章", "3"], ["许可", ""]], "二、略"]


def test_a_piped_table_without_outer_pipes() -> None:
    assert shown("信息 | 数\n--- | ---\n规章 | 3\n许可 | 4\n全文 | 完\n略。\n") == [
        [["信息", "数"], ["规章", "3"], ["许可", "4"], ["全文", "完"]],
        "略。",
    ]


def test_a_rule_of_another_width_begins_a_new_table() -> None:
    text = "| a | b |\n|---|---|\n| c | 1 |\n| 2 | 3 | 4 |\n|---|---|---|\n| 5 | 6 | 7 |\n"
    assert shown(text) == [[["a", "b"], ["c", "1"]], [["2", "3", "4"], ["5", "6", "7"]]]


def test_rows_with_single_blanks_are_tables_where_the_label_is_statutory() -> None:
    text = "第二十条第（五）项\n信息内容 本年处理决定数量\n行政许可 97\n其中窗口办理 90\n（七） 总计 3 2 0 0 1 0 6\n"
    assert shown(text) == [
        "第二十条第（五）项",
        [["信息内容", "本年处理决定数量"], ["行政许可", "97"]],
        "其中窗口办理 90",
        [["（七） 总计", "3", "2", "0", "0", "1", "0", "6"]],
    ]


def test_groups_and_wrapped_labels_of_rows_with_blanks() -> None:
    text = "三、本年度办理结果 （一）予以公开 9 0 0 0 0 0 9\n2.其他法律行政法规\n禁止公开 1 / 0 0 0 0 1\n"
    (table,) = blocks_of(text)
    assert isinstance(table, Table)
    assert grid(table) == [
        ["三、本年度办理结果", "（一）予以公开", "9", "0", "0", "0", "0", "0", "9"],
        ["2.其他法律行政法规禁止公开", "1", "/", "0", "0", "0", "0", "1"],
    ]


def test_a_bare_row_of_many_figures_is_a_table_and_a_date_is_none() -> None:
    row = "1 0 0 0 1 0 0 0 0 0 0 0 0 0 0"
    assert shown(f"行政复议 行政诉讼\n{row}\n2023 12 31\n") == [[["行政复议", "行政诉讼"], row.split()], "2023 12 31"]


def test_prose_that_ends_in_a_number_stays_prose() -> None:
    text = "全年受理 12\n共 3 项行政许可\n2023年规章 3 件\n"
    assert shown(text) == text.split("\n")[:-1]


def test_one_cell_a_line() -> None:
    text = "信息内容\n本年制发件数\n本年废止件数\n现行有效件数\n规章\n3\n0\n15\n"
    text += "行政规范性文件\n\n1\n/\n1,204\n五、问题\n2\n"
    assert shown(text) == [
        [
            ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
            ["规章", "3", "0", "15"],
            ["行政规范性文件", "1", "/", "1,204"],
        ],
        "五、问题",
        "2",
    ]


def test_one_cell_a_line_with_groups_and_heads_that_are_also_labels() -> None:
    heads = "自然人\n商业企业\n其他\n总计"
    text = f"{heads}\n三、本年度办理结果\n（一）予以公开\n1\n0\n0\n1\n（七）总计\n1\n0\n0\n1\n"
    text += "行政复议\n结果维持\n总计\n0\n1\n2\n3\n4\n"
    assert shown(text) == [
        [
            heads.split("\n"),
            ["三、本年度办理结果", "（一）予以公开", "1", "0", "0", "1"],
            ["（七）总计", "1", "0", "0", "1"],
            ["行政复议", "结果维持", "总计"],
            ["0", "1", "2", "3", "4"],
        ]
    ]


def test_the_unit_of_the_older_form_is_a_cell_of_its_own() -> None:
    rows = [["收到申请数", "件", "12"], ["1 ．当面申请数", "件", "3"]]
    assert shown("收到申请数 件 12\n 1 ．当面申请数  件 3\n")[0] == rows
    assert shown("收到申请数\n件\n12\n1 ．当面申请数\n件\n3\n")[0] == rows


def test_lines_of_words_without_figures_stay_lines() -> None:
    assert shown("规章\n行政许可\n总计\n全文完\n规章\n3\n") == ["规章", "行政许可", "总计", "全文完", "规章", "3"]


def test_text_set_in_columns_gives_words_with_places() -> None:
    text = "信息内容  制发    废止\n规章    2     0\n许可    109   489\n处罚    1     10\n"
    text += "强制    7     11\n收费    3     12\n"
    (page,) = pages_of(text)
    assert not page.blocks
    assert (page.number, page.height) == (1, 6.0)
    words = {(word.text, word.box[1]): word for word in page.words}
    # One column a character brings the figures under each other: this text comes from pdftotext.
    assert words["制发", 0.0].box == (6.0, 0.0, 8.0, 1.0)
    assert words["2", 1.0].box == (6.0, 1.0, 7.0, 2.0)
    assert words["109", 2.0].box[0] == 6.0
    assert all(word.span and text[slice(*word.span)] == word.text for word in page.words)


def test_text_padded_for_terminals_counts_two_columns_for_a_wide_character() -> None:
    rows = [("规章", 2), ("行政规范性文件", 1489), ("行政许可", 3), ("行政处罚", 4), ("行政强制", 5), ("收费", 6)]
    text = "".join(label + " " * (20 - 2 * len(label)) + f"{figure}     0\n" for label, figure in rows)
    (page,) = pages_of(text)
    assert {word.box[0] for word in page.words if word.text in ("2", "1489", "3", "4", "5", "6")} == {20.0}


def test_form_feeds_part_pages_of_one_text() -> None:
    body = "".join(f"规章          {i}       0\n" for i in range(6))
    pages = pages_of(body + "\f" + body)
    assert [(page.number, page.height, page.text) for page in pages] == [
        (1, 7.0, body + "\f" + body),
        (2, 6.0, body + "\f" + body),
    ]
    assert pages[1].words[1].span == (len(body) + 1 + 12, len(body) + 1 + 13)


def test_line_ends_of_all_systems() -> None:
    assert shown("甲\r\n乙\r丙\n规章\t3\r\n许可\t4\r\n") == ["甲", "乙", "丙", [["规章", "3"], ["许可", "4"]]]


def test_a_label_under_its_row_is_not_given_the_figures_of_the_next() -> None:
    text = "7 1 0 0 0 0 8\n1.本机关不掌握相关政\n府信息\n2 0 0 0 0 0 2\n2.没有现成信息需要\n另行制作\n"
    tables = [block for block in blocks_of(text) if isinstance(block, Table)]
    assert [[cell.text for cell in table.cells] for table in tables] == [list("7100008"), list("2000002")]


def test_a_line_of_one_pipe_is_no_table() -> None:
    assert not [block for block in blocks_of("|\n") if isinstance(block, Table)]
