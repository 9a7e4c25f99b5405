"""Exports: what stands in them, that text never becomes a formula, and that a file is whole or not there."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import StoreError, UsageError
from pipeline.forms import load_forms
from pipeline.writers import WRITERS, panel, tidy, to_csv, to_parquet, whole_file, whole_folder, write
from tests import doubles

FOLDERS = ["parquet"]
needs_pyarrow = pytest.mark.skipif(find_spec("pyarrow") is None, reason='pip install "nianbao[parquet]"')
KINDS = [pytest.param(to, marks=needs_pyarrow) if to in FOLDERS else to for to in sorted(WRITERS)]


def record(path: str = "a.txt", **changes: Any) -> dict[str, Any]:
    return doubles.record(path, b"a").to_dict() | changes


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_a_line_a_field_with_its_place(tmp_path: Path) -> None:
    assert write([record()], "csv", tmp_path / "out.csv") == 1
    lines = lines_of(tmp_path / "out.csv")
    assert [line["field"] for line in lines] == ["staff.full_time", "staff.part_time", "staff.other"]
    assert [line["value"] for line in lines] == ["3", "", ""]
    assert [line["state"] for line in lines] == ["printed", "blank", "absent"]
    assert [line["accepted"] for line in lines] == ["true", "true", "true"]
    assert (lines[0]["start"], lines[0]["end"], lines[0]["x0"]) == ("0", "1", "")
    assert (lines[1]["page"], lines[1]["x0"], lines[1]["bottom"], lines[1]["start"]) == ("2", "1.23", "4.5", "")
    assert lines[2]["page"] == ""
    assert (lines[0]["agency"], lines[0]["year"], lines[0]["form"]) == ("云岭市", "2016", "pre2019")
    assert lines[0]["confidence"] == "1.0"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "－"])
def test_text_of_a_document_never_becomes_a_formula(tmp_path: Path, start: str) -> None:
    hostile = record(f"{start}cmd|' /C calc'!A0.txt", agency=f"{start}1+1")
    hostile["fields"]["staff.full_time"] |= {"raw": f"{start}18", "value": -18}
    write([hostile], "csv", tmp_path / "out.csv")
    line = lines_of(tmp_path / "out.csv")[0]
    assert line["raw"] == f"'{start}18"
    assert line["agency"] == f"'{start}1+1"
    assert line["path"][:2] == f"'{start}"
    assert line["value"] == "-18"


@given(st.text(max_size=12))
def test_no_text_begins_a_formula_and_none_is_lost(text: str) -> None:
    safe = to_csv.no_formula(text)
    assert safe is not None
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe in (text, "'" + text)


def test_jsonl_is_a_record_a_line_with_its_characters(tmp_path: Path) -> None:
    records = [record(), record("年\udcff\n.txt")]
    assert write(records, "jsonl", tmp_path / "out.jsonl") == 2
    text = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == records
    assert "云岭市" in text


@pytest.mark.parametrize("to", ["csv", "jsonl"])
def test_no_records_make_an_empty_table(tmp_path: Path, to: str) -> None:
    assert write([], to, tmp_path / "out.txt") == 0
    assert len((tmp_path / "out.txt").read_text().splitlines()) == (1 if to == "csv" else 0)


def broken(error: Exception) -> Iterator[dict[str, Any]]:
    yield record()
    raise error


@pytest.mark.parametrize("to", KINDS)
def test_a_file_is_whole_or_stays_as_it_was(tmp_path: Path, to: str) -> None:
    out = tmp_path / "out.kind"
    write([record()], to, out)
    earlier = contents(out)
    with pytest.raises(StoreError):
        write(broken(StoreError("the store went away")), to, out)
    assert contents(out) == earlier
    assert list(tmp_path.iterdir()) == [out]
    write([record("b.txt")], to, out)
    assert contents(out) != earlier
    assert list(tmp_path.iterdir()) == [out]


def contents(path: Path) -> dict[str, bytes]:
    paths = [path] if path.is_file() else sorted(path.rglob("*.*"))
    return {str(one.relative_to(path)): one.read_bytes() for one in paths}


@pytest.mark.parametrize("to", KINDS)
def test_a_disk_that_fills_up_is_told_and_nothing_stays(tmp_path: Path, to: str) -> None:
    with pytest.raises(StoreError, match="No space left"):
        write(broken(OSError(28, "No space left on device")), to, tmp_path / "out.kind")
    assert list(tmp_path.iterdir()) == []


def test_where_a_file_cannot_be_written_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write([record()], "csv", tmp_path / "nowhere" / "out.csv")
    with pytest.raises(UsageError, match=r"csv, jsonl, parquet, xlsx"):
        write([record()], "docx", tmp_path / "out")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write([record()], "jsonl", tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No space left"), whole_file(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_what_stands_in_a_folder_is_not_lost(tmp_path: Path) -> None:
    """Only what an export made gives way to an export."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.docx").write_text("years of work")
    for described in (None, "{}", "[]", "nonsense", '{"name": "another", "resources": [{"path": "thesis.docx"}]}'):
        if described:
            (home / "datapackage.json").write_text(described)
        with pytest.raises(UsageError, match="which no export put there"):
            write([record()], "csv", home)
    assert (home / "thesis.docx").read_text() == "years of work"
    write([record()], "csv", tmp_path / "export")
    (tmp_path / "export" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds notes\.txt"):
        write([record()], "csv", tmp_path / "export")
    assert (tmp_path / "export" / "notes.txt").read_text() == "mine"
    with pytest.raises(UsageError, match="is a file"), whole_folder(home / "thesis.docx"):
        pass
    assert sorted(one.name for one in tmp_path.iterdir()) == ["export", "home"]


def test_a_folder_is_one_whatever_its_name_and_a_link_to_it_stays(tmp_path: Path) -> None:
    (tmp_path / "export.2024").mkdir()
    (tmp_path / "latest").symlink_to("export.2024")
    for out in ("export.2024", "latest"):
        assert write([record()], "csv", tmp_path / out) == 1
        assert (tmp_path / "latest" / "fields.csv").is_file()
    assert (tmp_path / "latest").is_symlink()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["export.2024", "latest"]
    assert write([record()], "csv", tmp_path / "plain") == 1
    (tmp_path / "file").write_text("")
    assert write([record()], "csv", tmp_path / "file") == 1
    assert [(tmp_path / name).is_dir() for name in ("plain", "file")] == [True, False]


FORMS = {"2021": 2022, "2019": 2019, "pre2019": 2016}


def full(form: str, path: str, **states: str) -> dict[str, Any]:
    """A record in which every field is printed: its number is its place in the form, from 1; but for the given."""
    made = record(path, form=form, year=FORMS[form], title="=1+1", status="accepted")
    made["source"]["sha256"] = hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()
    location = {"page": 1, "box": [10.5, 20.0, 30.0, 40.25], "span": None}
    made["fields"] = {
        name: {"value": number, "state": "printed", "raw": str(number), "confidence": 0.999, "accepted": True}
        | {"location": location, "candidates": [], "because": []}
        for number, name in enumerate(load_forms()[form].fields, 1)
    }
    for name, state in states.items():
        made["fields"][name] |= {"state": state, "value": None, "accepted": state in ("blank", "absent")}
    return made


def number_of(form: str, name: str) -> int:
    return load_forms()[form].fields.index(name) + 1


def three() -> list[dict[str, Any]]:
    return [full(form, f"{form}.pdf") for form in sorted(FORMS)]


def test_the_concordance_knows_every_field_of_every_form_and_every_form_of_every_variable() -> None:
    forms = load_forms()
    for form in forms:
        used = [name for one in panel.counterparts() if one.form == form for name in one.fields]
        assert set(used) == set(forms[form].fields)
    assert {(one.variable, one.form) for one in panel.counterparts()} == {
        (variable.name, form) for variable in panel.variables() for form in forms
    }
    assert all(variable.label and variable.unit and "{" not in variable.label for variable in panel.variables())


def test_the_concordance_says_for_each_line_how_and_why() -> None:
    for one in panel.counterparts():
        assert len(one.reason) > 10, one
        assert (one.match == "none") == (not one.fields), one
        assert one.match in ("same", "sum", "close", "none"), one
        assert one.match != "same" or len(one.fields) == 1, one
        assert one.match != "sum" or len(one.fields) > 1, one
        assert len(set(one.fields)) == len(one.fields), one


def test_what_the_concordance_calls_the_same_has_the_same_unit_and_kind() -> None:
    rows = {(row["form"], row["field"]): row for row in panel.field_rows()}
    units = {variable.name: variable.unit for variable in panel.variables()}
    for one in panel.counterparts():
        if one.match in ("same", "sum"):
            assert {rows[one.form, name]["unit"] for name in one.fields} == {units[one.variable]}, one


@pytest.mark.parametrize(
    ("variable", "old", "new"),
    [
        ("review.decided", "results.review", {"review.upheld", "review.corrected", "review.other"}),
        ("litigation.decided", "results.litigation", None),
    ],
)
def test_sums_of_the_concordance_are_those_that_the_old_form_prints(variable: str, old: str, new: Any) -> None:
    """The old total is, by the old form's own identity, the sum of what the new form's parts are called there."""
    identity = next(one for one in load_forms()["pre2019"].identities if one.id == old)
    found = {one.form: one for one in panel.counterparts() if one.variable == variable}
    assert found["pre2019"].fields == identity.right
    results = {name.rsplit(".", 1)[-1] for name in identity.left}
    assert {name.rsplit(".", 1)[-1] for name in found["2021"].fields} == results
    assert new is None or set(found["2021"].fields) == new


def test_the_outcomes_of_the_panel_add_up_as_the_forms_outcomes_do() -> None:
    """Granted, in part, refused, unavailable, not processed and other are all of the parts of 总计, each once."""
    for form in ("2021", "2019"):
        names = ("granted", "partially_granted", "refused.all", "unavailable.all", "not_processed.all", "other.all")
        wanted = {f"requests.{name}.total" for name in names}
        parts = [
            name for one in panel.counterparts() if one.form == form and one.variable in wanted for name in one.fields
        ]
        identity = next(one for one in load_forms()[form].identities if one.id == "outcomes.total")
        assert sorted(parts) == sorted(identity.left)


def cells_of(made: dict[str, Any]) -> dict[str, panel.PanelCell]:
    return {cell.variable: cell for cell in panel.panel_cells(made)}


def test_the_panel_gives_fields_and_sums_of_fields_under_one_name() -> None:
    for form, names in (
        ("2021", ["other.not_corrected", "other.fee_unpaid", "other.other"]),
        ("2019", ["other.other"]),
    ):
        cell = cells_of(full(form, "a"))["requests.other.all.total"]
        assert cell.value == sum(number_of(form, f"requests.{name}.total") for name in names)
        assert (cell.state, cell.accepted) == ("summed" if form == "2021" else "printed", True)
    assert cells_of(full("2021", "a"))["requests.other.all.total"].confidence == round(0.999**3, 4)
    old = cells_of(full("pre2019", "a"))
    assert old["requests.received.total"].value == number_of("pre2019", "requests.received.total")
    assert old["review.decided"].value == number_of("pre2019", "review.total")
    assert "review.total" not in old
    assert old["requests.granted.total"].match == "close"
    assert cells_of(record(form=None)) == {}


def test_a_sum_of_the_panel_counts_blanks_as_nothing_and_what_is_not_known_not_at_all() -> None:
    names = {name: f"litigation.{name}.total" for name in ("direct", "after_review")}

    def total(**states: str) -> panel.PanelCell:
        return cells_of(full("2021", "a", **{names[name]: state for name, state in states.items()}))["litigation.total"]

    after = number_of("2021", names["after_review"])
    assert (total(direct="blank").value, total(direct="blank").state) == (after, "partly_blank")
    assert (total(direct="absent").value, total(direct="absent").state) == (None, "incomplete")
    assert total(direct="blank", after_review="blank").state == "blank"
    assert (total(direct="unreadable").state, total(direct="unreadable").accepted) == ("unreadable", False)
    assert total(direct="absent", after_review="absent").state == "absent"
    doubtful = full("2021", "a")
    doubtful["fields"]["litigation.direct.total"]["accepted"] = False
    assert cells_of(doubtful)["litigation.total"].accepted is False
    missing = full("2021", "a")
    del missing["fields"]["litigation.direct.total"]
    assert (cells_of(missing)["litigation.total"].value, cells_of(missing)["litigation.total"].accepted) == (
        None,
        False,
    )


def test_an_undivided_row_of_other_outcomes_is_their_sum() -> None:
    names = [f"requests.other.{name}.total" for name in ("not_corrected", "fee_unpaid", "other")]
    undivided = full("2021", "a", **dict.fromkeys(names[:2], "absent"))
    cell = cells_of(undivided)["requests.other.all.total"]
    assert (cell.value, cell.accepted) == (number_of("2021", names[2]), True)
    undivided["fields"][names[0]]["accepted"] = False  # the row may be there
    assert cells_of(undivided)["requests.other.all.total"].accepted is False
    assert cells_of(full("2021", "a", **dict.fromkeys(names, "absent")))["requests.other.all.total"].state == "absent"


def test_a_folder_of_csv_holds_every_table(tmp_path: Path) -> None:
    assert write([*three(), record("x.txt", form=None, fields={})], "csv", tmp_path / "out") == 4
    tables = {one.stem: lines_of(one) for one in (tmp_path / "out").glob("*.csv")}
    assert {name: len(lines) for name, lines in tables.items()} == {
        "documents": 4,
        "fields": 200 + 198 + 58,
        "wide": 4,
        "panel": sum(len(cells_of(one)) for one in three()),
        "panel_wide": 4,
        "doubtful_links": 0,
        "dictionary": 456,
        "concordance": 3 * len(panel.variables()),
    }
    assert tables["documents"][0] | {"sha256": ""} == {
        "sha256": "", "path": "2019.pdf", "form": "2019", "agency": "云岭市", "year": "2019",
        "agency_key": "云岭市|政府", "title": "'=1+1",
        "status": "accepted", "problems": "", "fields": "198", "accepted": "198", "corrected": "0",
        "media_type": "text/plain", "pages": "1", "model": "double/1", "version": three()[0]["versions"]["nianbao"],
    }  # fmt: skip
    wide = tables["wide"][1]
    assert wide["requests.received.total"] == str(number_of("2021", "requests.received.total"))
    assert (wide["training.meetings"], wide["doubtful"], wide["form"]) == ("", "", "2021")
    assert tables["panel_wide"][2]["training.meetings"] == str(number_of("pre2019", "training.meetings"))
    received = next(line for line in tables["dictionary"] if line["field"] == "requests.received.total")
    assert (received["label"], received["head"], received["unit"]) == ("一、本年新收政府信息公开申请数量", "总计", "件")
    assert received["variables"] == "requests.received.total"


def test_reports_of_one_body_have_one_key_and_doubtful_links_are_listed(tmp_path: Path) -> None:
    names = ("云岭市人社局", "云岭市人力资源和社会保障局", "=市人社局", "市人社局")
    records = [record(f"{year}.txt", agency=name, year=year) for year, name in enumerate(names, 2019)]
    for to in ("csv", "parquet"):
        if to == "parquet" and find_spec("pyarrow") is None:
            pytest.skip('pip install "nianbao[parquet]"')
        write(records, to, tmp_path / to)
    panel_lines = lines_of(tmp_path / "csv" / "panel.csv")
    keys = {line["year"]: line["agency_key"] for line in panel_lines}
    assert keys == {"2019": "云岭市|人力资源社会保障局", "2020": "云岭市|人力资源社会保障局", "2021": "", "2022": ""}
    links = lines_of(tmp_path / "csv" / "doubtful_links.csv")
    assert [(line["agency"], line["may_be"], line["its_years"], line["reason"]) for line in links] == [
        ("'=市人社局", "", "", "the name says no region"),
        ("市人社局", "", "", "the name says no region"),
        ("市人社局", "云岭市人力资源和社会保障局", "2019 2020", "the name says no region"),
    ]
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(tmp_path / "parquet" / "doubtful_links.parquet")
    assert table.column("may_be").to_pylist() == [None, None, "云岭市人力资源和社会保障局"]


def test_a_settled_name_has_the_key_of_the_agency_meant(tmp_path: Path) -> None:
    from pipeline.writers.linking import with_settled

    records = [record("a.txt", agency="市人社局", year=2021)]
    write(with_settled(records, {"市人社局": "云岭市人社局"}), "csv", tmp_path / "out")
    [line] = lines_of(tmp_path / "out" / "documents.csv")
    assert (line["agency"], line["agency_key"]) == ("市人社局", "云岭市|人力资源社会保障局")
    assert lines_of(tmp_path / "out" / "doubtful_links.csv") == []


def test_the_wide_table_names_what_is_doubtful_blank_and_unreadable() -> None:
    made = full("pre2019", "a", **{"review.total": "unreadable", "review.other": "blank", "review.upheld": "absent"})
    made["fields"]["training.meetings"]["accepted"] = False
    (line,) = tidy.wide().lines(made)
    cells = dict(zip((column.name for column in tidy.wide().columns), line, strict=True))
    assert (cells["blank"], cells["unreadable"]) == ("review.other", "review.total")
    assert cells["doubtful"] == "review.total training.meetings"
    assert (cells["training.meetings"], cells["review.total"]) == (number_of("pre2019", "training.meetings"), None)


@pytest.mark.skipif(find_spec("frictionless") is None, reason="pip install frictionless")
def test_the_description_is_a_data_package_that_its_own_data_satisfy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from frictionless import Package

    hostile = full("2021", "年\udcff\n=1.pdf", **{"review.total": "blank", "review.other": "unreadable"})
    write([*three(), hostile], "csv", tmp_path / "out")
    report = Package(tmp_path / "out" / "datapackage.json").validate()
    assert report.flatten(["type", "note"]) == []
    assert report.stats["tasks"] == 8
    (tmp_path / "out" / "documents.csv").write_text("sha256\n")
    assert not Package(tmp_path / "out" / "datapackage.json").validate().valid


@needs_pyarrow
@pytest.mark.skipif(find_spec("frictionless") is None, reason="pip install frictionless")
def test_the_description_of_parquet_is_a_data_package_whose_files_are_there(tmp_path: Path) -> None:
    from frictionless import Package

    out = tmp_path / "out"
    write(three(), "parquet", out)
    package = Package.from_descriptor(json.loads((out / "datapackage.json").read_text(encoding="utf-8")))
    paths = [str(path) for one in package.resources for path in (one.path, *one.extrapaths)]
    assert sorted(paths) == sorted(str(path.relative_to(out)) for path in out.rglob("*.parquet"))
    assert package.get_resource("fields").custom == {"partitionedBy": ["form", "year"]}
    assert package.get_resource("fields").schema.get_field("value").type == "number"


def parquet(path: Path) -> list[dict[str, Any]]:
    from pyarrow import dataset

    return dataset.dataset(path, partitioning="hive").to_table().to_pylist()


@needs_pyarrow
def test_parquet_is_read_back_as_it_was_by_form_and_year(tmp_path: Path) -> None:
    records = [record("x.txt", form=None, year=None, fields={}), *three(), full("2021", "later.pdf") | {"year": None}]
    assert write(records, "parquet", tmp_path / "out") == 5
    fields = parquet(tmp_path / "out" / "fields")
    assert len(fields) == 2 * 200 + 198 + 58
    line = next(one for one in fields if one["form"] == "pre2019" and one["field"] == "review.total")
    assert line | {"sha256": ""} == {
        "sha256": "", "path": "pre2019.pdf", "agency": "云岭市", "field": "review.total", "state": "printed",
        "value": float(number_of("pre2019", "review.total")), "confidence": 0.999, "accepted": True, "page": 1,
        "x0": 10.5, "top": 20.0, "x1": 30.0, "bottom": 40.25, "start": None, "end": None,
        "raw": str(number_of("pre2019", "review.total")), "form": "pre2019", "year": 2016, "corrected": False,
        "corrected_by": None, "corrected_at": None, "predicted_value": None, "predicted_state": None,
    }  # fmt: skip
    assert {(one["form"], one["year"]) for one in fields} == {*FORMS.items(), ("2021", None)}
    assert (tmp_path / "out/fields/form=2021/year=__HIVE_DEFAULT_PARTITION__/part-0.parquet").is_file()
    wide = parquet(tmp_path / "out" / "wide")
    assert sorted(one["requests.received.total"] or 0 for one in wide) == sorted(
        [0, *(number_of(form, "requests.received.total") for form in ("2021", "2021", "2019", "pre2019"))]
    )
    assert len(parquet(tmp_path / "out" / "documents.parquet")) == 5
    assert parquet(tmp_path / "out" / "panel.parquet")[0]["year"] == 2019
    assert len(parquet(tmp_path / "out" / "dictionary.parquet")) == 456


@needs_pyarrow
def test_parquet_bears_hostile_text_large_numbers_and_records_in_any_order(tmp_path: Path) -> None:
    first, second = full("2021", "年\udcff\0.pdf"), full("2019", "b.pdf")
    first["fields"]["review.total"]["value"] = 10**30
    first["fields"]["review.other"]["value"] = 1.25
    assert write([first, second, full("2021", "c.pdf")], "parquet", tmp_path / "out") == 3
    lines = [one for one in parquet(tmp_path / "out" / "fields") if one["field"].startswith("review.")]
    found = {one["field"]: one["value"] for one in lines if one["path"] == "年\\udcff\0.pdf"}
    assert (found["review.total"], found["review.other"]) == (1e30, 1.25)
    assert {one["path"] for one in lines} == {"年\\udcff\0.pdf", "b.pdf", "c.pdf"}
    parts = sorted(one.name for one in (tmp_path / "out" / "fields" / "form=2021" / "year=2022").iterdir())
    assert parts == ["part-0.parquet", "part-1.parquet"]


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r'pip install "nianbao\[parquet\]"'):
        write(three(), "parquet", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def workbook(tmp_path: Path) -> Any:
    openpyxl = pytest.importorskip("openpyxl")
    made = full("2021", "=cmd|' /C calc'!A0", **{"review.total": "unreadable", "review.other": "absent"})
    made["fields"]["review.pending"]["accepted"] = False
    made["fields"]["review.upheld"]["value"] = 10**30
    made["fields"]["review.corrected"] |= {"value": None, "state": "blank"}
    made |= {"agency": "https://example.test", "title": "年\udcff" + "长" * 40_000, "status": "needs_review"}
    assert write([made, full("pre2019", "b.pdf"), record("x", form=None)], "xlsx", tmp_path / "out.xlsx") == 3
    return openpyxl.load_workbook(tmp_path / "out.xlsx")


def test_a_workbook_has_a_sheet_for_each_table_of_each_form(workbook: Any) -> None:
    shown = {sheet.title: sheet.sheet_state for sheet in workbook}
    assert list(shown) == [
        "说明", "文档", "2021 主动公开", "2021 申请办理", "2021 复议诉讼", "2019 主动公开", "2019 申请办理",
        "2019 复议诉讼", "pre2019 统计表", "面板", "存疑机关", "数据字典", "口径对照",
    ]  # fmt: skip
    assert {title for title, state in shown.items() if state == "hidden"} == {
        title for title in shown if "2019 " in title and title[0] == "2"
    }
    assert [workbook[name].max_row for name in ("文档", "2021 申请办理", "面板", "数据字典")] == [4, 5, 6, 457]
    assert {workbook[name].freeze_panes for name in ("2021 申请办理", "面板")} == {"C5"}
    assert "共 3 份文件" in workbook["说明"]["A2"].value


def test_a_workbook_s_headings_are_those_of_the_form(workbook: Any) -> None:
    sheet = workbook["2021 申请办理"]
    column = next(cell.column for cell in sheet[4] if cell.value == "requests.refused.state_secret.natural_person")
    assert sheet.cell(3, column).value == "自然人\n（件）"
    assert sheet.cell(2, column).value == "1.属于国家秘密"
    merged = {str(area) for area in sheet.merged_cells.ranges}
    last = sheet.cell(2, column + 6).coordinate
    assert f"{sheet.cell(2, column).coordinate}:{last}" in merged
    assert sheet.cell(5, column).value == number_of("2021", "requests.refused.state_secret.natural_person")


def test_a_workbook_s_cells_show_how_sure_they_are(workbook: Any) -> None:
    sheet = workbook["2021 复议诉讼"]
    cells = {sheet.cell(4, number).value: sheet.cell(5, number) for number in range(1, sheet.max_column + 1)}
    fills = {name: cell.fill.start_color.rgb[2:] for name, cell in cells.items() if cell.fill.fill_type}
    assert fills == {"review.total": "F4B183", "review.other": "E7E6E6", "review.pending": "FFF2CC"}
    assert cells["review.pending"].value == number_of("2021", "review.pending")
    assert (cells["review.total"].value, cells["review.corrected"].value) == (None, None)
    assert cells["review.upheld"].value == str(10**30)  # more digits than Excel's numbers have
    assert [cells[name].value for name in ("年度", "状态")] == [2022, "待核"]


def test_nothing_in_a_workbook_is_a_formula_or_a_link(workbook: Any, tmp_path: Path) -> None:
    texts = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in texts} == {"s"}
    hostile = [cell for cell in texts if cell.value.startswith("=")]
    assert {cell.value for cell in hostile} == {"=cmd|' /C calc'!A0", "=1+1"}
    assert all(cell.quotePrefix for cell in hostile)
    assert not any(cell.hyperlink for cell in texts)
    with zipfile.ZipFile(tmp_path / "out.xlsx") as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    assert max(len(cell.value) for cell in texts) == 32_767
    assert list(tmp_path.iterdir()) == [tmp_path / "out.xlsx"]


def test_a_workbook_that_would_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.writers.sheets.ROWS", 874)
    with pytest.raises(UsageError, match="export to parquet or csv"):
        write((record(f"{number}.txt", form=None) for number in range(875)), "xlsx", tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("to", KINDS)
def test_memory_does_not_grow_with_the_number_of_records(
    tmp_path: Path, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_parquet, "_CELLS", 20_000)
    made = json.dumps(full("pre2019", "a.pdf"))

    def peak(number: int) -> int:
        records: Iterable[dict[str, Any]] = (json.loads(made) for _ in range(number))
        tracemalloc.start()
        write(records, to, tmp_path / f"out{number}.kind")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    write([], to, tmp_path / "empty.kind")  # what is loaded once
    assert peak(60) < peak(10) + 1_000_000  # fifty records held would be three times that


def test_tables_that_grow_by_a_line_a_document_do_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet

    assert to_parquet._CELLS_OF_OTHERS <= 100_000
    monkeypatch.setattr(to_parquet, "_CELLS_OF_OTHERS", 10 * len(tidy.documents().columns))
    write((record(f"{number:02}.txt") for number in range(25)), "parquet", tmp_path / "out")
    with pyarrow.parquet.ParquetFile(tmp_path / "out/documents.parquet") as file:
        assert [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)] == [10, 10, 5]
        paths = file.read(["path"]).column(0).to_pylist()
        assert paths == [f"{number:02}.txt" for number in range(25)]
