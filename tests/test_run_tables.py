"""Text whose cells ran together: which stretches are tables, where a label ends and a run begins."""

import pytest

from pipeline.datamodel import Line, Location, Table
from pipeline.readers.run_tables import find_runs


def lines_of(text):
    lines, at = [], 0
    for one in text.split("\n"):
        lines.append(Line(one, Location(1, span=(at, at + len(one)))))
        at += len(one) + 1
    return lines


def read(text):
    blocks, _ = find_runs(lines_of(text), 0, text)
    return blocks


def rows(text):
    found = []
    for block in read(text):
        if isinstance(block, Table):
            count = max(cell.row for cell in block.cells) + 1
            found += [[cell.text for cell in block.cells if cell.row == row] for row in range(count)]
    return found


def test_labels_and_runs_take_turns() -> None:
    assert rows("二、上年结转政府信息公开申请数量0000000（一）予以公开450000045") == [
        ["二、上年结转政府信息公开申请数量", "0000000"],
        ["(一)予以公开", "450000045"],
    ]


@pytest.mark.parametrize(
    "text", ["2.其他法律行政法规禁止公开", "2、其他法律行政法规禁止公开", "2其他法律行政法规禁止公开"]
)
def test_the_digit_that_counts_the_next_label_is_not_the_runs(text) -> None:
    found = rows(f"1.属于国家秘密0000000{text}3000003")
    assert [row[-1] for row in found] == ["0000000", "3000003"]
    assert found[1][0].startswith("2")


def test_heads_between_runs_are_heads_and_groups() -> None:
    found = rows("规章000行政规范性文件312第二十条第（五）项信息内容本年处理决定数量行政许可48")
    assert found[0] == ["规章", "000"]
    assert found[2] == ["第二十条第(五)项", "信息内容", "本年处理决定数量"]
    assert found[3] == ["行政许可", "48"]


def test_a_label_without_a_run_is_a_row_that_prints_nothing() -> None:
    found = rows("规章000行政处罚12行政强制行政事业性收费35.5")
    assert found[2:] == [["行政强制", ""], ["行政事业性收费", "35.5"]]


def test_the_row_without_label_stands_under_its_heads() -> None:
    heads = "结果维持结果纠正其他结果尚未审结总计" * 3
    assert rows(f"四、结转下年度继续办理0000000四、行政复议行政诉讼{heads}100010000000000")[-1] == ["100010000000000"]


def test_a_worn_label_between_known_ones_is_a_row() -> None:
    found = rows(
        "3.要求提供公开出版物00000004.无正当理□大量反复申请10000015.要求行政机关确认或重新出具已获取信息0000000"
    )
    assert ["4.无正当理□大量反复申请", "1000001"] in found


def test_runs_on_lines_of_their_own_are_one_table() -> None:
    found = rows("规章000\n行政规范性文件312\n第二十条第（五）项\n信息内容本年处理决定数量\n行政许可48\n总体向好。")
    assert [row for row in found if row[-1].isdigit()] == [
        ["规章", "000"],
        ["行政规范性文件", "312"],
        ["行政许可", "48"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "全年予以公开12件，部分公开3件，不予公开4件，其他处理0件。",
        "本年度公开规章 0 件、行政规范性文件 3 件。作出行政许可 25 件、行政处罚 9 件。",
        "2023年，行政许可25个事项全部上网。",
        "规章3",
        "",
    ],
)
def test_prose_is_no_table(text) -> None:
    assert read(text) == []


def test_prose_around_a_table_stays_as_it_is_and_every_cell_has_its_place() -> None:
    text = "工作有序开展。规章000行政规范性文件312五、存在的问题是培训偏少。\n六、无。"
    blocks = read(text)
    assert next(block.text for block in blocks if isinstance(block, Line)) == "工作有序开展。"
    table = next(block for block in blocks if isinstance(block, Table))
    for cell in table.cells:
        assert text[slice(*cell.location.span)] == cell.text


PROVINCE = (
    "见下表。指标名称计量单位2015年度历年累计主动公开文件数条294981916其中：1、政府网站公开数条1225"
    "2、政府公报公开数条00行政复议数件02"
)


def test_heads_of_a_year_and_its_running_total_begin_a_table_whose_labels_are_all_that_parts_its_runs() -> None:
    assert rows(PROVINCE) == [
        ["2015年度", "历年累计"],
        ["主动公开文件数条", "294981916"],
        ["其中:1、政府网站公开数条", "1225"],
        ["2、政府公报公开数条", "00"],
        ["行政复议数件", "02"],
    ]


def test_heads_of_a_year_alone_are_none_of_a_running_total() -> None:
    found = rows(PROVINCE.replace("历年累计", ""))
    assert ["2015年度"] not in found


@pytest.mark.parametrize("date", ["2024-01-16", "2024/1/16", "2024.01.16", "2024-01-16 10:30"])
def test_a_date_is_no_run(date) -> None:
    found = rows(f"规章000行政规范性文件312发布日期 {date} 行政许可48行政处罚12")
    assert [row[-1] for row in found if len(row) == 2] == ["000", "312", "48", "12"]


def test_a_figure_with_a_negative_change_is_no_date() -> None:
    assert rows("规章000行政许可2024-1016行政处罚12")[1] == ["行政许可", "2024-1016"]


def test_parted_figures_below_a_row_that_has_its_own_are_another_row() -> None:
    blocks = read(
        "1.属于国家秘密0000000\n2.其他法律行政法规禁止公开3000003\n1 0 0 0 0 0 1\n3.危及“三安全一稳定”0000000"
    )
    assert [cell.text for cell in blocks[0].cells][-1] == "3000003"
    assert len(blocks) == 1


def test_heads_on_a_line_of_their_own_name_the_running_total_of_the_lines_below() -> None:
    assert rows("指标名称计量单位2015年度历年累计\n主动公开文件数条68107\n行政诉讼数件02") == [
        ["2015年度", "历年累计"],
        ["主动公开文件数条", "68107"],
        ["行政诉讼数件", "02"],
    ]


@pytest.mark.parametrize("label", ["其他情形数", "(三)其他情形数"])
def test_the_last_digit_of_a_figure_counts_no_label_that_is_longer_without_it(label) -> None:
    found = rows(f"（一）维持具体行政行为数件136(二)被依法纠错数件153{label}件0六、举报投诉数量件68")
    assert [row[-1] for row in found if row[-1].isdigit()] == ["136", "153", "0", "68"]


def test_a_figure_broken_behind_its_point_is_one_figure_and_no_label_number() -> None:
    assert rows("（一）予以公开0000000行政事业性收费3009. 444")[-1] == ["行政事业性收费", "3009. 444"]


def test_strokes_before_figures_are_of_the_same_run() -> None:
    found = rows("2.重复申请/ / / 0 0 / 03.要求提供公开出版物0 / / - 0 0 0")
    assert [row[-1] for row in found] == ["/ / / 0 0 / 0", "0 / / - 0 0 0"]


def test_lines_with_tabs_between_their_cells_did_not_run_together() -> None:
    found = rows("1.本机关不掌握相关政府信息0000000\n2.重复申请1000001\n3.要求提供公开出版物\t0\t/\t/\t0\t0\t0\t0")
    assert [row[-1] for row in found] == ["0000000", "1000001"]
