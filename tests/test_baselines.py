"""Rivals: raw tables to fields as a skilled user would, failures that cost one document, the printed table."""

import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from corpora import read_corpus
from evaluation.baselines import Outcome, compare, line, main, measure, read_all, score
from evaluation.rival_tables import Line, figures, likeness, read_fields, read_lines
from evaluation.rivals import RIVALS, Rival, _regular
from pipeline.forms import load_forms

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"
FORM = load_forms()["2021"]
OLD = load_forms()["pre2019"]


def values_of(tables, form=FORM):
    return {name: field.value for name, field in read_fields(tables, form).items()}


def document(name):
    return next(one for one in read_corpus(SAMPLES) if one.id == name)


def rival(name):
    return next(one for one in RIVALS if one.name == name)


def read_nothing(path):
    return []


def hang_on_first(path):
    if path.name == "first":
        time.sleep(60)
    return [[["规章", "1", "2", "3"]]]


def die_on_first(path):
    if path.name == "first":
        os._exit(3)
    return [[["规章", "1", "2", "3"]]]


def raise_always(path):
    raise ValueError("no tables in here")


def test_figures_are_taken_from_the_right_of_merged_label_cells():
    table = [
        ["（本列数据…）", "", "", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"],
        ["一、本年新收政府信息公开申请数量", "", "", "14", "0", "", "1", "0", "2", "17"],
        ["三、本年度办理结果", "（一）予以公开", "", "9", "0", "0", "1", "0", "0", "10"],
    ]
    values = values_of([table])
    assert values["requests.received.natural_person"] == 14
    assert values["requests.received.research"] is None
    assert values["requests.received.public_interest"] == 1
    assert values["requests.received.total"] == 17
    assert values["requests.granted.total"] == 10
    assert len(values) == 14


def test_empty_columns_of_the_extractor_do_not_move_figures():
    table = [
        ["信息内容", "本年制发件数", "", "本年废止件数", "", "现行有效件数", ""],
        ["规章", "", "", "2", "", "30", ""],
        ["行政规范性文件", "1", "", "", "", "8", ""],
    ]
    [first, second] = read_lines(table)
    assert (first.used, second.used) == (("", "2", "30"), ("1", "", "8"))
    values = values_of([table])
    assert (values["disclosure.regulations.issued"], values["disclosure.regulations.repealed"]) == (None, 2)
    assert values["disclosure.normative_documents.issued"] == 1
    assert values["disclosure.normative_documents.in_force"] == 8


def test_a_column_that_is_empty_on_the_next_page_still_counts():
    values = values_of([[["", "3.其他", "", "", "", "", "", "", "4"], ["", "（七）总计", "", "", "2", "", "", "", ""]]])
    assert values["requests.other.other.total"] == 4
    assert values["requests.concluded.research"] == 2
    assert values["requests.concluded.total"] is None


def test_rows_without_labels_are_placed_by_the_order_of_the_form():
    counts = [str(number) for number in range(7)]
    table = [["（一）予以公开", *counts], ["", *counts], ["1.属于国家秘密", *counts], ["", *map(str, range(15))]]
    values = values_of([table])
    assert values["requests.partially_granted.total"] == 6
    assert values["requests.refused.state_secret.total"] == 6
    assert values["litigation.after_review.total"] == 14
    assert len(values) == 3 * 7 + 15


def test_rows_that_ran_into_one_are_taken_apart_and_wrapped_figures_joined():
    merged = [["1.信访举报投诉类申请\n2.重复申请", *(f"{number}\n{number + 1}" for number in range(7))]]
    values = values_of([merged])
    assert values["requests.not_processed.petition.total"] == 6
    assert values["requests.not_processed.repeated.total"] == 7
    wrapped = [["一、本年新收政府信息公开申请数量", "1521\n9", "0", "0", "0", "0", "0", "15219"]]
    assert values_of([wrapped])["requests.received.natural_person"] == 15219


def test_columns_that_ran_together_are_parted_only_where_the_count_fits():
    assert figures(Line((), ("14 0 0 0 0", "0", "14"), ()), 7) == ("14", "0", "0", "0", "0", "0", "14")
    assert figures(Line((), ("14 0 0", "0", "14"), ()), 7) is None
    assert figures(Line((), ("5", "1", "2", "3"), ()), 3) is None
    assert figures(Line((), ("", ""), ()), 1) is None


def test_figures_in_the_cell_of_their_label_are_parted_from_it_and_page_numbers_left():
    table = [
        ["1.属于国家秘密 0 1 2", "3 4", "", "5", "15"],
        ["", "", "", "", "- 1 -"],
        ["3.其他\n0\n1\n2\n3\n4\n5", "15"],
    ]
    first, second = read_lines(table)
    assert (first.labels, figures(first, 7)) == (("1.属于国家秘密",), ("0", "1", "2", "3", "4", "5", "15"))
    assert (second.labels, figures(second, 7)) == (("3.其他",), ("0", "1", "2", "3", "4", "5", "15"))


def test_rows_of_another_order_are_found_by_their_wording_and_running_totals_left():
    table = [
        ["指标名称", "计量单位", "2016年度", "历年累计"],
        ["政府网站公开政府信息数", "条", "95", "950"],
        ["政府公报公开政府信息数", "条", "8", "9"],
        ["当面申请数", "件", "23", "29"],
    ]
    values = values_of([table], OLD)
    assert values["disclosure.channel.website"] == 95
    assert values["disclosure.channel.gazette"] == 8
    assert values["requests.received.in_person"] == 23


def test_likeness_is_of_labels_without_their_numbers():
    assert likeness("2、重复申 请", "2.重复申请") == 1.0
    assert likeness("（五）不予处理 重复申请", "重复申请") == 0.95
    assert likeness("重复申请", "行政处罚") == 0.0
    assert 0.5 < likeness("3.要求提供公开出物", "3.要求提供公开出版物") < 1.0


def test_what_cannot_be_read_as_one_number_is_not_accepted():
    table = [["规章", "3 5", "1", "2"]]
    field = read_fields([table], FORM)["disclosure.regulations.issued"]
    assert (field.value, field.accepted) == (None, False)


def test_nothing_in_nothing_out():
    assert read_fields([], FORM) == {}
    assert read_fields([[], [[]], [["", ""]], [["政务公开", "工作报告"]]], FORM) == {}


def test_tabula_rows_get_their_columns_back_from_the_places_of_cells():
    def cell(left, text, width=40.0):
        return {"left": left, "width": width, "text": text}

    rows = [
        [cell(10.0, "信息内容"), cell(50.2, "发"), cell(90.1, "废")],
        [cell(10.1, "规章"), cell(90.0, "2"), cell(0.0, "", 0.0)],
    ]
    assert _regular(rows) == [["信息内容", "发", "废"], ["规章", "", "2"]]


def test_wrong_figures_of_a_rival_are_silent_errors_and_a_failure_misses_all():
    gold = document("yunling-city-2023-ruled")
    right = [["规章", *(str(gold.values[f"disclosure.regulations.{name}"]) for name in FORM.rows[0].columns)]]
    scored = score(gold, Outcome(0.1, [right]))
    assert (scored.right, scored.silent) == (3, ())
    wrong = [["规章", "987654", *right[0][2:]]]
    assert score(gold, Outcome(0.1, [wrong])).silent == ("disclosure.regulations.issued",)
    failed = score(gold, Outcome(failure="longer than 60 s"))
    assert (failed.right, failed.unread) == (0, True)


def test_pdfplumber_reads_a_ruled_report_whole_and_the_lookup_leaves_nothing_silent():
    [gold] = documents = [document("yunling-city-2023-ruled")]
    plumber = measure(rival("pdfplumber"), documents, 60)
    assert plumber["totals"]["exact_fields"] == 1.0
    assert plumber["totals"]["fields"] == len(gold.values)
    assert plumber["milliseconds"] > 1
    assert plumber["failures"] == {}
    assert list(plumber["layouts"]) == [gold.meta["layout"]]
    lookup = measure(rival("exact-label lookup"), documents, 60)
    assert lookup["totals"]["silent"] == 0
    assert lookup["totals"]["exact_fields"] > 0.5


@pytest.mark.parametrize(
    ("read", "words"),
    [(hang_on_first, "longer than 1 s"), (die_on_first, "died (exit code 3)")],
)
def test_a_rival_that_hangs_or_dies_loses_that_document_only(read, words):
    first, second = read_all(Rival("x", read, ""), [Path("first"), Path("second")], 1)
    assert words in first.failure
    assert first.reading is None
    assert second.reading == [[["规章", "1", "2", "3"]]]
    assert second.seconds >= 0


def test_a_rival_that_raises_is_quoted():
    [outcome] = read_all(Rival("x", raise_always, ""), [Path("first")], 5)
    assert outcome.failure == "ValueError: no tables in here"


def test_what_is_not_installed_is_named_and_skipped():
    missing = Rival("x", read_nothing, "", package="no-such-package-of-tables")
    entry = measure(missing, [document("yunling-city-2023-ruled")], 5)
    assert "totals" not in entry
    assert line(entry).split() == ["x", *f"skipped: {entry['skipped']}".split()]
    assert "pip install nianbao[rivals]" in entry["skipped"]
    assert "no program" in replace(missing, package="", program="no-such-program").missing


def test_only_the_pipeline_is_asked_about_other_formats():
    groups = compare(SAMPLES, None, 60, [Rival("x", read_nothing, ""), Rival("y", read_nothing, "", only="")])
    found = [(group, entry["name"], entry["totals"]["documents"]) for group, entry in groups]
    pdfs, every = len(list(SAMPLES.glob("*/source.pdf"))), len(list(SAMPLES.glob("*/gold.json")))
    assert found == [("pdf", "x", pdfs), ("pdf", "y", pdfs), ("all formats", "y", every)]


def test_the_command_prints_a_table_and_writes_json(tmp_path, capsys):
    shutil.copytree(SAMPLES / "yunling-city-2023-ruled", tmp_path / "corpus" / "ruled")
    out = tmp_path / "rivals.json"
    assert main([str(tmp_path / "corpus"), "--only", "nianbao", "pdfplumber", "--json", str(out)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in printed] == ["pdf", "nianbao", "pdfplumber", "all", "nianbao"]
    assert printed[1].split()[1:7] == ["100.00%", "100.00%", "100.00%", "0", "0", "0"]
    figures_of = json.loads(out.read_text(encoding="utf-8"))
    assert figures_of["schema"] == "nianbao.rivals/1"
    assert [entry["name"] for entry in figures_of["groups"]["pdf"]] == ["nianbao", "pdfplumber"]
    assert figures_of["groups"]["all formats"][0]["totals"]["exact_reports"] == 1.0


def test_the_command_says_what_is_wrong_with_its_corpus(tmp_path, capsys):
    assert main([str(tmp_path)]) == 3
    assert "no gold.json" in capsys.readouterr().err
    assert main([str(SAMPLES), "--split", "exam"]) == 2
    with pytest.raises(SystemExit):
        main([str(SAMPLES), "--only", "nobody"])
