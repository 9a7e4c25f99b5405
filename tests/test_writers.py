"""Exports: what stands in them, that text never becomes a formula, and that a file is whole or not there."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import StoreError, UsageError
from pipeline.writers import WRITERS, to_csv, whole_file, write
from tests import doubles


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
    safe = to_csv._text(text)
    assert safe is not None
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe in (text, "'" + text)


def test_failures_are_neutral_too(tmp_path: Path) -> None:
    problem = {"stage": "readers", "code": "encrypted", "message": "=1+1", "location": None}
    records = [record("=a.pdf", problems=[problem]), record("b.pdf", problems=[])]
    assert to_csv.write_failures(records, tmp_path / "f.csv") == 2
    assert lines_of(tmp_path / "f.csv") == [
        {"path": "'=a.pdf", "cause": "encrypted", "message": "'=1+1"},
        {"path": "b.pdf", "cause": "no_report", "message": "No report was found in it."},
    ]


def test_jsonl_is_a_record_a_line_with_its_characters(tmp_path: Path) -> None:
    records = [record(), record("年\udcff\n.txt")]
    assert write(records, "jsonl", tmp_path / "out.jsonl") == 2
    text = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == records
    assert "云岭市" in text


@pytest.mark.parametrize("to", sorted(WRITERS))
def test_no_records_make_an_empty_table(tmp_path: Path, to: str) -> None:
    assert write([], to, tmp_path / "out") == 0
    assert len((tmp_path / "out").read_text().splitlines()) == (1 if to == "csv" else 0)


@pytest.mark.parametrize("to", sorted(WRITERS))
def test_a_file_is_whole_or_stays_as_it_was(tmp_path: Path, to: str) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield record()
        raise StoreError("the store went away")

    (tmp_path / "out").write_text("earlier")
    with pytest.raises(StoreError):
        write(broken(), to, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "earlier"
    assert len(list(tmp_path.iterdir())) == 1


def test_where_a_file_cannot_be_written_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write([record()], "csv", tmp_path / "nowhere" / "out.csv")
    with pytest.raises(UsageError, match=r"csv, jsonl"):
        write([record()], "docx", tmp_path / "out")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write([record()], "jsonl", tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No space left"), whole_file(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []
