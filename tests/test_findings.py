"""What does not fit together is found, says where both figures stand, and accuses a report only with certainty."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from pipeline.agencies.lists import read_hierarchy, read_settled
from pipeline.commands import app
from pipeline.errors import UsageError
from pipeline.findings import Finding, Tally, check_store, write_findings
from pipeline.findings.to_table import COLUMNS
from pipeline.findings.write_back import write_back
from pipeline.storage import open_store
from tests.conftest import url_of
from tests.reports import report, row

CITY = "云岭市"
OUT, IN = "requests.carried_out", "requests.carried_in"
DOCUMENTS = "disclosure.normative_documents"


def found(tmp_path: Path, records: Iterable[dict[str, Any]], **options: Any) -> list[Finding]:
    with open_store(url_of(tmp_path)) as store:
        store.save_all(records)
        return list(check_store(store, **options))


def documents(issued: int, repealed: int, in_force: int) -> dict[str, int]:
    return {f"{DOCUMENTS}.issued": issued, f"{DOCUMENTS}.repealed": repealed, f"{DOCUMENTS}.in_force": in_force}


def test_what_is_carried_out_of_a_year_comes_into_the_next_in_all_seven_columns(tmp_path: Path) -> None:
    years = [report(CITY, 2021, row(OUT, 5, 2)), report(CITY, 2022, row(IN, 4, 3))]
    findings = found(tmp_path, years)
    assert [(one.check, one.left, one.right, one.blames) for one in findings] == [
        ("cross_year.carried_over.natural_person", 5, 4, "report"),
        ("cross_year.carried_over.business", 2, 3, "report"),
    ]  # the totals agree
    first = findings[0]
    assert first.sentence == (
        "The report for 2021 carries 5 applications (自然人) over into the next year (结转下年度继续办理); the report "
        "for 2022 says that 4 came over from the year before (上年结转)."
    )
    assert (first.agency, first.year, first.other, first.difference) == (CITY, 2022, "云岭市 2021", -1)
    assert [(place.path, place.page, place.box) for place in (*first.left_places, *first.right_places)] == [
        ("云岭市-2021.pdf", 2, (100.0, 0.0, 120.0, 8.0)),
        ("云岭市-2022.pdf", 2, (100.0, 0.0, 120.0, 8.0)),
    ]
    assert first.sure == round(0.999**2, 4)


def test_the_stock_of_documents_is_that_of_the_year_before_with_what_was_issued_and_without_what_was_repealed(
    tmp_path: Path,
) -> None:
    years = [report(CITY, 2022, documents(3, 1, 40)), report(CITY, 2023, documents(5, 2, 44))]
    assert [(one.check, one.left, one.right) for one in found(tmp_path, years)] == [
        ("cross_year.normative_documents_in_force", 43, 44)
    ]
    assert found(tmp_path, [report(CITY, 2023, documents(5, 2, 43))]) == []  # the same path in its place


def test_a_finding_over_stock_names_all_figures_in_order(tmp_path: Path) -> None:
    [finding] = found(tmp_path, [report(CITY, 2022, documents(3, 1, 40)), report(CITY, 2023, documents(5, 2, 44))])
    assert finding.sentence == (
        "By the report for 2022, 40 normative documents (行政规范性文件) were in force; with 5 issued and 2 repealed "
        "in 2023 that makes 43. The report for 2023 says that 44 are in force."
    )
    assert [place.sign for place in finding.left_places] == [1, 1, -1]


def test_years_apart_are_not_held_against_each_other(tmp_path: Path) -> None:
    assert found(tmp_path, [report(CITY, 2021, row(OUT, 5)), report(CITY, 2023, row(IN, 4))]) == []


def test_the_forms_of_2019_and_2021_agree_on_what_is_carried_over_and_not_on_the_stock(tmp_path: Path) -> None:
    before = report(CITY, 2020, row(OUT, 5) | {f"{DOCUMENTS}.total_public": 12}, form="2019")
    now = report(CITY, 2021, row(IN, 4) | documents(1, 1, 30))
    assert {one.check for one in found(tmp_path, [before, now])} == {
        "cross_year.carried_over.natural_person",
        "cross_year.carried_over.total",
    }


def test_the_older_form_knows_nothing_of_what_is_carried_over(tmp_path: Path) -> None:
    before = report(CITY, 2018, {"requests.received.total": 7}, form="pre2019")
    assert found(tmp_path, [before, report(CITY, 2019, row(IN, 4), form="2019")]) == []


@pytest.mark.parametrize("doubtful", [(2021, OUT), (2022, IN)])
def test_a_figure_in_doubt_accuses_the_reading(tmp_path: Path, doubtful: tuple[int, str]) -> None:
    year, name = doubtful
    fields = {year: [f"{name}.{column}" for column in ("natural_person", "total")]}
    years = [
        report(CITY, 2021, row(OUT, 5), doubtful=fields.get(2021, ())),
        report(CITY, 2022, row(IN, 4), doubtful=fields.get(2022, ())),
    ]
    assert {one.blames for one in found(tmp_path, years) if one.kind == "cross_year"} == {"reading"}


def test_a_blank_is_taken_for_nothing_and_accuses_nobody(tmp_path: Path) -> None:
    years = [report(CITY, 2021, row(OUT, 5)), report(CITY, 2022, dict.fromkeys(row(IN), None))]
    findings = found(tmp_path, years)
    assert {(one.left, one.right, one.blames) for one in findings} == {(5, 0, None)}
    assert (
        findings[0].note
        == "二、上年结转政府信息公开申请数量·自然人 is blank in the report for 2022 and was taken as 0."
    )
    assert found(tmp_path, [report(CITY, 2021, row(OUT, 0))]) == []  # 0 and blank agree


def test_of_several_documents_of_a_report_the_fullest_counts_and_the_finding_says_so(tmp_path: Path) -> None:
    poor = report(CITY, 2021, {f"{OUT}.total": 4}, path="a-poor.pdf")
    full = report(CITY, 2021, row(OUT, 5), path="z-full.pdf")
    findings = found(tmp_path, [poor, full, report(CITY, 2022, row(IN, 4))])
    by_check = {one.check: one for one in findings}
    assert (by_check["versions"].left, by_check["versions"].right) == (5, 4)
    assert by_check["versions"].blames is None  # one may be the correction of the other
    assert by_check["versions"].left_places[0].path == "z-full.pdf"
    assert by_check["cross_year.carried_over.natural_person"].blames == "report"
    excused = by_check["cross_year.carried_over.total"]
    assert (excused.left, excused.right, excused.blames) == (5, 4, None)
    assert excused.note == (
        "Of 2 documents of 2021, those with most accepted figures were compared. a-poor.pdf and 云岭市-2022.pdf agree."
    )


def test_spellings_of_one_body_are_compared_and_doubtful_names_are_not(tmp_path: Path) -> None:
    one = [report("云岭市人社局", 2021, row(OUT, 5)), report("云岭市人力资源和社会保障局", 2022, row(IN, 4))]
    other = [report("市人社局", 2021, row(OUT, 9)), report("市人社局", 2022, row(IN, 1))]
    tally = Tally()
    assert {one.left for one in found(tmp_path, [*one, *other], tally=tally)} == {5}
    assert (tally.documents, tally.bodies, tally.neighbours) == (4, 1, 1)
    assert [(link.name, link.other, link.reason) for link in tally.doubtful] == [
        ("市人社局", "", "the name says no region"),
        ("市人社局", "云岭市人力资源和社会保障局", "the name says no region"),
    ]


def test_a_settled_name_is_compared(tmp_path: Path) -> None:
    years = [report("市人社局", 2021, row(OUT, 9)), report("市人社局", 2022, row(IN, 1))]
    findings = found(tmp_path, years, settled={"市人社局": "云岭市人社局"})
    assert {(one.left, one.right) for one in findings} == {(9, 1)}


def test_corrections_count(tmp_path: Path) -> None:
    from pipeline.corrections import Change

    before, now = report(CITY, 2021, row(OUT, 5)), report(CITY, 2022, row(IN, 4))
    with open_store(url_of(tmp_path)) as store:
        store.save_all([before, now])
        changes = [Change(f"{IN}.{column}", "value", 5) for column in ("natural_person", "total")]
        store.correct(now["source"]["sha256"], 0, changes, "tester")
        assert list(check_store(store)) == []


def test_failed_checks_within_a_report_are_findings_with_labels(tmp_path: Path) -> None:
    wrong = row("requests.received", 8) | {"requests.received.total": 9}
    findings = found(tmp_path, [report(CITY, 2022, wrong, facts={"requests_received": 12})])
    by_kind = {one.kind: one for one in findings}
    assert by_kind["sum"].check == "row_total.requests.received"
    assert by_kind["sum"].sentence == (
        "一、本年新收政府信息公开申请数量·自然人 8 add up to 8; 一、本年新收政府信息公开申请数量·总计 is printed as 9."
    )
    assert by_kind["prose"].sentence == (
        "The prose says 12 (“requests_received 12 件”); in the table 一、本年新收政府信息公开申请数量·总计 is 9."
    )
    assert by_kind["prose"].left_places[0].box == (50.0, 50.0, 90.0, 58.0)
    assert by_kind["prose"].blames == "report"


def departments(*figures: int) -> list[dict[str, Any]]:
    names = ("财政局", "教育局", "民政局")
    return [
        report(f"{CITY}{name}", 2022, row("requests.received", figure), path=f"{name}.pdf")
        for name, figure in zip(names, figures, strict=False)
    ]


@pytest.fixture
def families(tmp_path: Path) -> dict[str, tuple[str, ...]]:
    path = tmp_path / "hierarchy.csv"
    children = ("云岭市财政局", "云岭市教育局", "云岭市民政局")
    path.write_text("parent,child\n" + "".join(f"云岭市人民政府,{child}\n" for child in children), encoding="utf-8")
    return read_hierarchy(path)


def test_a_region_is_the_sum_of_its_departments(tmp_path: Path, families: dict[str, tuple[str, ...]]) -> None:
    tally = Tally()
    whole = [report(CITY, 2022, row("requests.received", 21)), *departments(10, 7, 3)]
    [finding] = found(tmp_path, whole, hierarchy=families, tally=tally)
    assert (finding.kind, finding.check, finding.left, finding.right, finding.blames) == (
        "levels", "levels.requests.received.total", 20, 21, "report"
    )  # fmt: skip
    assert finding.sentence == (
        "The reports of 3 departments for 2022 add up to 20 in 一、本年新收政府信息公开申请数量·总计; the report of "
        "the region prints 21."
    )
    assert [(place.path, place.value) for place in finding.left_places] == [
        ("财政局.pdf", 10),
        ("教育局.pdf", 7),
        ("民政局.pdf", 3),
    ]
    assert (tally.regions, tally.unmatched) == (1, [])


def test_columns_are_looked_at_where_the_total_agrees(tmp_path: Path, families: dict[str, tuple[str, ...]]) -> None:
    whole = [report(CITY, 2022, row("requests.received", 18, 2)), *departments(10, 7, 3)]
    findings = found(tmp_path, whole, hierarchy=families)
    assert [(one.check.rpartition(".")[2], one.left, one.right) for one in findings] == [("natural_person", 20, 18)]


@pytest.mark.parametrize(("region", "number"), [(20, 0), (17, 0), (16, 1)])
def test_with_a_department_missing_only_too_small_a_region_is_wrong(
    tmp_path: Path, families: dict[str, tuple[str, ...]], region: int, number: int
) -> None:
    tally = Tally()
    whole = [report(CITY, 2022, row("requests.received", region)), *departments(10, 7)]
    findings = found(tmp_path, whole, hierarchy=families, tally=tally)
    assert len(findings) == number
    assert tally.unmatched == ["云岭市|民政局"]
    if findings:
        assert findings[0].note == "1 of the departments have no report for 2022 here, or none with this figure."


def test_a_department_in_doubt_accuses_the_reading(tmp_path: Path, families: dict[str, tuple[str, ...]]) -> None:
    some = departments(10, 7)
    third = report(f"{CITY}民政局", 2022, row("requests.received", 3), doubtful=["requests.received.total"])
    findings = found(tmp_path, [report(CITY, 2022, row("requests.received", 21)), *some, third], hierarchy=families)
    assert [one.blames for one in findings if one.kind == "levels"] == ["reading"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("parent,kid\n云岭市,云岭市财政局\n", "needs one column `child`"),
        ("parent,child\n云岭市,市财政局\n", "line 2: 市财政局 may be several bodies"),
        ("parent,child\n云岭市,云岭市人民政府\n", "cannot belong to itself"),
        ("parent,child\n云岭市,\n", "line 2, needs a parent and a child"),
        ('parent,child\n"云岭市,x', "is not CSV"),
        ("", "needs one column `parent`"),
    ],
)
def test_a_hierarchy_that_is_none_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "hierarchy.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said.replace("`", ".")):
        read_hierarchy(path)


def test_lists_of_agencies_may_come_from_chinese_spreadsheets(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes("名称,机构\n市人社局,云岭市人社局\n".encode("gb18030"))
    assert read_settled(path) == {"市人社局": "云岭市人社局"}
    path.write_bytes("name,agency\n甲局,乙市甲局\n甲局,丙市甲局\n".encode())
    with pytest.raises(UsageError, match="甲局 is 乙市甲局 in an earlier line"):
        read_settled(path)
    path.write_bytes(b"\xff\xff\xff")
    with pytest.raises(UsageError, match="neither UTF-8 nor GB18030"):
        read_settled(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_settled(tmp_path / "nowhere.csv")


def hostile() -> list[dict[str, Any]]:
    name, path = "=1+1<script>alert(1)</script>市", "=cmd|'/C calc'!A0<img src=x onerror=alert(1)>.pdf"
    facts = {"requests_received": 12}
    return [report(name, 2022, row("requests.received", 8), path=path, facts=facts)]


def test_a_table_holds_no_formula(tmp_path: Path) -> None:
    out = tmp_path / "findings.csv"
    assert write_findings(found(tmp_path, hostile()), out, Tally()) == 1
    [head, line] = csv.reader(out.read_text(encoding="utf-8-sig").splitlines())
    assert head == [name for name, _, _ in COLUMNS]
    assert line[0].startswith("'=1+1")
    assert all(not cell.startswith(("=", "+", "@")) for cell in line)


def test_a_workbook_holds_text_as_text_and_the_doubtful_links(tmp_path: Path) -> None:
    out, tally = tmp_path / "findings.xlsx", Tally()
    records = [*hostile(), report("市人社局", 2021)]
    with open_store(url_of(tmp_path)) as store:
        store.save_all(records)
        assert write_findings(check_store(store, tally=tally), out, tally) == 1
    book = openpyxl.load_workbook(out)
    cells = [cell for line in book["问题"].iter_rows(min_row=2) for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert str(cells[0].value).startswith("=1+1")
    assert "市人社局" in [cell.value for cell in book["存疑机关"]["A"]]


def test_a_page_escapes_everything_and_loads_nothing(tmp_path: Path) -> None:
    out = tmp_path / "findings.html"
    write_findings(found(tmp_path, hostile()), out, Tally())
    text = out.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;市" in text
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text


def test_a_page_shows_the_surest_and_counts_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.findings.to_page.SHOWN", 2)
    years = [report(CITY, 2021, row(OUT, 5, 5, 5, 5)), report(CITY, 2022, row(IN, 4, 4, 4, 4))]
    years[1]["fields"][f"{IN}.natural_person"] |= {"accepted": False, "confidence": 0.5}
    out = tmp_path / "findings.html"
    assert write_findings(found(tmp_path, years), out, Tally()) == 5
    text = out.read_text(encoding="utf-8")
    assert "The 2 surest of 5" in text
    assert text.count("<article") == 2
    assert "carried_over.natural_person" not in text


def test_another_kind_of_file_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is no \.csv, \.xlsx or \.html"):
        write_findings(iter(()), tmp_path / "findings.doc", Tally())


def test_checks_across_years_go_into_records_and_out_again(tmp_path: Path) -> None:
    before, now = report(CITY, 2021, row(OUT, 5, 2)), report(CITY, 2022, row(IN, 4, 3))
    with open_store(url_of(tmp_path)) as store:
        store.save_all([before, now])
        assert write_back(store) == 1
        assert write_back(store) == 0
        kept = store.find(now["source"]["sha256"])
        assert kept is not None
        written = {check["id"]: check for check in kept["checks"] if check["kind"] == "cross_year"}
        assert len(written) == 7
        assert written["cross_year.carried_over.total"]["holds"] is True
        assert written["cross_year.carried_over.business"] == {
            "id": "cross_year.carried_over.business", "kind": "cross_year", "holds": False, "left": 2, "right": 3,
            "fields": [f"{OUT}.business", f"{IN}.business"], "suspects": [], "blames": "report",
        }  # fmt: skip
        assert kept["status"] == now["status"]
        plain = [check for check in kept["checks"] if check["kind"] != "cross_year"]
        assert json.dumps({**kept, "checks": plain}) == json.dumps(now)
        assert len(list(check_store(store))) == 2  # what was written is not found a second time
        store.save(report(CITY, 2021, row(OUT, 4, 3)))
        store.save(report(CITY, 2020, row(OUT, 1), path="云岭市-2021.pdf"))
        assert write_back(store) == 1
        kept = store.find(now["source"]["sha256"])
        assert kept is not None
        assert not [check for check in kept["checks"] if check["kind"] == "cross_year"]


def test_doubt_in_the_other_report_does_not_hold_a_record_back(tmp_path: Path) -> None:
    before = report(CITY, 2021, row(OUT, 5), doubtful=[f"{OUT}.total"])
    now = report(CITY, 2022, row(IN, 4))
    with open_store(url_of(tmp_path)) as store:
        store.save_all([before, now])
        write_back(store)
        kept = store.find(now["source"]["sha256"])
        assert kept is not None
        blames = {check["id"]: check["blames"] for check in kept["checks"] if check["kind"] == "cross_year"}
        assert blames["cross_year.carried_over.natural_person"] == "report"
        assert blames["cross_year.carried_over.total"] is None
        assert kept["status"] == "needs_review" or now["status"] == "accepted"


def test_the_command_says_what_was_compared(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        store.save_all([report(CITY, 2021, row(OUT, 5)), report(CITY, 2022, row(IN, 4)), report("市人社局", 2022)])
    out, links = tmp_path / "out.csv", tmp_path / "links.csv"
    arguments = ["check", "--store", url_of(tmp_path), "--out", str(out), "--doubtful", str(links), "--write"]
    said = CliRunner().invoke(app, arguments)
    assert said.exit_code == 0
    assert said.output.splitlines() == [
        f"Findings in {out}: 2. Documents: 3, of bodies known for sure: 1.",
        "Compared: neighbouring years 1, regions with their departments 0.",
        "Doubtful links between agencies, not made: 1; --doubtful FILE.csv lists them.",
        "Records with new checks across years: 1.",
    ]
    assert "the name says no region" in links.read_text(encoding="utf-8-sig")


def test_an_empty_store_has_no_findings(tmp_path: Path) -> None:
    out = tmp_path / "findings.html"
    assert write_findings(found(tmp_path, []), out, Tally()) == 0
    assert "Nothing was found" in out.read_text(encoding="utf-8")
