from __future__ import annotations

import io
import os
import re
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import readers
from pipeline.datamodel import Line, Page, Table
from pipeline.errors import UnreadableInput
from pipeline.text import normalise

REPORT = "临溪县2023年政府信息公开工作年度报告\n一、总体情况\n全年主动公开信息12条。\n规章\t3\t0\t15\n行政许可\t7\t\t\n"
PAGE = (
    '<html><head><meta charset="{charset}"></head><body><p>临溪县政府信息公开工作年度报告</p>'
    "<table><tr><td>规章</td><td>3</td></tr></table></body></html>"
)


def opened(data: bytes, media_type: str | None = None) -> readers.Source:
    return readers.open_source("given", data, media_type)


def code_of(data: bytes) -> str:
    with pytest.raises(UnreadableInput) as caught:
        readers.read(opened(data))
    assert str(caught.value).endswith(".")
    return caught.value.code


def archive(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, data in members.items():
            made.writestr(zipfile.ZipInfo(name.replace("__", "/").replace("_xml", ".xml")), data)
    return file.getvalue()


def test_the_media_type_comes_from_the_content_not_from_the_name(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_text(PAGE.format(charset="utf-8"), encoding="utf-8")
    assert readers.open_source(path).media_type == "text/html"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\n%PDF-1.7\n...", "application/pdf"),
        (b"<p style='text-align: center'>" + "年度报告".encode() + b"</p><p>2019</p>", "text/html"),
        (b"<!DOCTYPE html>\n<html></html>", "text/html"),
        ("# 年度报告\n\n| 规章 | 3 |\n".encode(), "text/markdown"),
        (REPORT.encode(), "text/plain"),
        ("数量 a<b，b>c".encode(), "text/plain"),
        (b"{\\rtf1 text}", "application/rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/msword"),
        (archive(word__document_xml=b"<x/>"), readers.DOCX),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "image/jpeg"),
        (b"II*\x00" + bytes(50), "image/tiff"),
    ],
)
def test_each_kind_of_content_is_told(data: bytes, media_type: str) -> None:
    assert opened(data).media_type == media_type


def test_a_given_media_type_chooses_between_kinds_of_text_only() -> None:
    assert opened(REPORT.encode(), "text/markdown").media_type == "text/markdown"
    assert opened(b"%PDF-1.4", "text/plain").media_type == "application/pdf"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \r\n\t \n", "empty_file"),
        (bytes(range(256)) * 40, "not_a_document"),
        (b"\x00" * 5000, "not_a_document"),
        (b"\x7fELF" + bytes(range(128)) * 9, "not_a_document"),
        (archive(xl__workbook_xml=b"<x/>"), "unsupported_media_type"),
        (archive(OFD_xml=b"<x/>"), "unsupported_media_type"),
        (archive(a_xml=b"<x/>"), "unsupported_media_type"),
        (archive(word__document_xml=b"<x/>")[:40], "damaged"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(90), "unsupported_media_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "unsupported_media_type"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "damaged"),
    ],
)
def test_what_cannot_be_read_is_named(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "nothing", tmp_path, tmp_path / "pipe"):
        with pytest.raises(UnreadableInput) as caught:
            readers.open_source(path)
        assert caught.value.code == "missing_file"


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(b"a" * 101)
    monkeypatch.setattr(readers, "MAX_BYTES", 100)
    with pytest.raises(UnreadableInput) as caught:
        readers.open_source(path)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_text_decodes_whatever_its_encoding(encoding: str) -> None:
    (page,) = readers.read(opened(REPORT.encode(encoding)))
    assert page.text == REPORT
    assert not page.problems


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "iso-8859-1", "no-such-charset", ""])
def test_a_page_decodes_whatever_it_declares(encoding: str, declared: str) -> None:
    (page,) = readers.read(opened(PAGE.format(charset=declared).encode(encoding)))
    assert [line.text for line in page.blocks if isinstance(line, Line)] == ["临溪县政府信息公开工作年度报告"]
    assert not page.problems


def test_big5_is_read_where_it_is_declared() -> None:
    page = (
        PAGE.format(charset="big5")
        .replace("临溪县政府信息公开工作年度报告", "臨溪縣政府資訊公開工作年度報告")
        .replace("规章", "規章")
    )
    (read,) = readers.read(opened(page.encode("big5")))
    assert "臨溪縣" in read.text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_few_broken_bytes_are_a_problem_with_a_place(encoding: str) -> None:
    data = REPORT.encode(encoding).replace("总体".encode(encoding), b"\xff\xff", 1)
    (page,) = readers.read(opened(data))
    (problem,) = page.problems
    assert problem.code == "broken_characters"
    assert problem.location is not None
    assert problem.location.span is not None
    assert page.text[slice(*problem.location.span)] == "\ufffd"
    assert "全年主动公开信息12条" in page.text


def check(pages: list[Page]) -> None:
    """Spans lie in the text, cells of a table do not overlap, and every figure is inside its span."""
    for page in pages:
        for word in page.words:
            assert word.span is not None
            assert page.text[slice(*word.span)] == word.text
        for block in page.blocks:
            check_block(block, page.text)


def check_block(block: Line | Table, text: str) -> None:
    for place in [block.location, *(cell.location for cell in (block.cells if isinstance(block, Table) else ()))]:
        assert place.span is not None
        assert 0 <= place.span[0] <= place.span[1] <= len(text)
    if isinstance(block, Table):
        taken = [
            (row, column)
            for cell in block.cells
            for row in range(cell.row, cell.row + cell.row_span)
            for column in range(cell.column, cell.column + cell.column_span)
        ]
        assert len(taken) == len(set(taken))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.sampled_from([None, "text/html", "text/plain", "text/markdown"]))
def test_random_bytes_raise_nothing_but_unreadable_input(data: bytes, media_type: str | None) -> None:
    with suppress(UnreadableInput):
        source = opened(data, media_type)
        if source.media_type != "application/pdf":
            check(readers.read(source))


_SCRAPS = r"""
<table> </table> <tr> </tr> <td> </td> <td~colspan=3> <td~rowspan='2'> <th~rowspan=0> <td~hidden> <p> </p> <br> <pre>
<p~style='display:none'> 3 5 规章 其他 行政处罚~3 &nbsp; &#x33; <sup> </sup> <tbody> <!-- --> <script> </script> </pre>
<a~b=' " < > | ~1~2~3 |---| \\| 总计 0 / ~~12 <caption> <![if~!x]>
"""
SCRAPS = [*(scrap.replace("~", " ") for scrap in _SCRAPS.split()), "\n", "\t", "\f", "\r\n", "\u3000"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(SCRAPS), max_size=60).map("".join), st.sampled_from(["text/html", "text/plain"]))
def test_scraps_of_reports_give_sound_pages(text: str, media_type: str) -> None:
    with suppress(UnreadableInput):
        check(readers.read(opened(text.encode(), media_type)))


@pytest.mark.parametrize(
    "text",
    [
        "<table>" * 20_000,
        "<table><tr>" + "<td>5" * 21_000,
        "<p>" + "<a " * 20_000,
        "<p><p>" + '<a b="' * 20_001,
        "<p><p>" + "<!--" * 20_000,
        "<p><p>" + "<script>" * 20_000,
        "<table>" + "<tr><td colspan=99999999 rowspan=99999999>3" * 2_000,
        "<p>&#" + "9" * 20_000 + ";<p>",
        "<div hidden>" * 20_000,
        "<tr hidden>" * 20_000 + "<table>",
        "字" * 1_000_000,
        "规章" + "  3" * 100_000,
        "a\t" * 25_000,
        "|" * 25_000,
        "|a|\n" * 10_000,
        "|" + "\\" * 60_000 + "|\n|---|",
        "|" + "*" * 60_000 + "|\n|---|",
        "|" + "-" * 60_000 + "|x|\n|---|",
        "总计\n" * 10_000,
        "规章\n0\n" * 5_000,
        "1.申请人无正当理由\n" * 10_000,
        "规章          3       0      11\n" * 5_000,
    ],
)
@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
def test_hostile_documents_end_soon(text: str, media_type: str) -> None:
    began = time.process_time()
    check(readers.read(opened(text.encode(), media_type)))
    assert time.process_time() - began < 10


def test_tables_nested_without_end_are_refused() -> None:
    assert code_of(("<table><tr><td>" * 1000).encode()) == "too_deeply_nested"


ROOT = Path(__file__).parents[1]
SAMPLES = [p for p in sorted(ROOT.glob("corpora/samples/*/source.*")) if p.suffix in (".html", ".txt", ".md")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutilated_reports_give_sound_pages(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(SAMPLES))
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(whole)))
        whole[start : start + data.draw(st.integers(0, 300))] = data.draw(st.binary(max_size=8))
    with suppress(UnreadableInput):
        check(readers.read(opened(bytes(whole))))


SHARED = Path(__file__).parents[2] / "shared" / "real"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared real reports are not beside this checkout")
def test_what_stands_at_the_spans_of_published_reports_is_what_was_read() -> None:
    for path in [p for p in sorted(SHARED.glob("*/source.*")) if p.suffix in (".html", ".txt", ".md")]:
        pages = readers.read(readers.open_source(path))
        check(pages)
        for block in (block for page in pages for block in page.blocks):
            for cell in block.cells if isinstance(block, Table) else ():
                assert cell.location.span is not None
                stands = re.sub(r"<[^>]*>|&nbsp;|\s", "", pages[0].text[slice(*cell.location.span)])
                assert normalise(stands) == normalise(re.sub(r"\s", "", cell.text))
