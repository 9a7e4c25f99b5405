from __future__ import annotations

import io
import shutil
import subprocess
import time
import zipfile
from functools import lru_cache
from pathlib import Path

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import readers
from pipeline.datamodel import Line, Page, Table
from pipeline.errors import UnreadableInput
from pipeline.readers import from_doc, from_docx

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


@lru_cache(maxsize=1)
def package() -> dict[str, bytes]:
    empty = io.BytesIO()
    Document().save(empty)
    with zipfile.ZipFile(empty) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def document(body: str, prolog: str = "") -> bytes:
    """A Word document with this body, in the package that python-docx makes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in package().items():
            if name == "word/document.xml":
                data = f"{prolog}<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>".encode()
            new.writestr(name, data)
    return made.getvalue()


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(piece if piece.startswith("<") else run(piece) for piece in runs) + "</w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text if text.startswith('<') else paragraph(text)}</w:tc>"


def table(*rows: list[str]) -> str:
    return "<w:tbl>" + "".join("<w:tr>" + "".join(row) + "</w:tr>" for row in rows) + "</w:tbl>"


def page_of(body: str) -> Page:
    (page,) = readers.read(readers.open_source("report.docx", document(body)))
    return page


def shown(body: str) -> list[str | list[tuple[str, int, int, int, int]]]:
    """Lines as texts, tables as lists of (text, row, column, row span, column span); spans checked."""
    page = page_of(body)
    found: list[str | list[tuple[str, int, int, int, int]]] = []
    for block in page.blocks:
        for place in block.cells if isinstance(block, Table) else [block]:
            assert place.location.span is not None
            assert page.text[slice(*place.location.span)] == place.text
        if isinstance(block, Line):
            found.append(block.text)
        else:
            found.append([(c.text, c.row, c.column, c.row_span, c.column_span) for c in block.cells])
    return found


def test_paragraphs_and_merged_cells_in_order() -> None:
    body = paragraph("一、总体情况") + table(
        [cell("不予公开", '<w:vMerge w:val="restart"/>'), cell("申请人", '<w:gridSpan w:val="2"/>')],
        [cell("", "<w:vMerge/>"), cell("3"), cell("")],
        [cell("部分公开"), cell("5"), cell("1,204")],
    )
    assert shown(body + paragraph("完")) == [
        "一、总体情况",
        [
            ("不予公开", 0, 0, 2, 1),
            ("申请人", 0, 1, 1, 2),
            ("3", 1, 1, 1, 1),
            ("", 1, 2, 1, 1),
            ("部分公开", 2, 0, 1, 1),
            ("5", 2, 1, 1, 1),
            ("1,204", 2, 2, 1, 1),
        ],
        "完",
    ]


def test_rows_that_begin_late_keep_their_columns() -> None:
    late = '<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>' + cell("3") + "</w:tr>"
    body = table([cell("规章"), cell("数")]).replace("</w:tbl>", late + "</w:tbl>")
    assert shown(body) == [[("规章", 0, 0, 1, 1), ("数", 0, 1, 1, 1), ("3", 1, 1, 1, 1)]]


def test_labels_over_paragraphs_run_together_and_figures_do_not() -> None:
    body = table([cell(paragraph("本年新") + paragraph("制作数量")), cell(paragraph("3") + paragraph("5"))])
    assert shown(body) == [[("本年新制作数量", 0, 0, 1, 1), ("3\n5", 0, 1, 1, 1)]]


def test_tracked_changes_hidden_text_and_field_codes() -> None:
    body = paragraph(
        "共",
        f"<w:ins>{run('15')}</w:ins>",
        "<w:del><w:r><w:delText>12</w:delText></w:r></w:del>",
        run("9", "<w:vanish/>"),
        "<w:r><w:instrText>PAGE 8</w:instrText></w:r>",
        "件",
    )
    removed = "<w:tr><w:trPr><w:del/></w:trPr>" + cell("许可") + cell("7") + "</w:tr>"
    body += table([cell("规章"), cell("3")]).replace("</w:tbl>", removed + "</w:tbl>")
    assert shown(body) == ["共15件", [("规章", 0, 0, 1, 1), ("3", 0, 1, 1, 1)]]


def test_a_note_mark_never_becomes_part_of_a_figure() -> None:
    mark = paragraph("3", run("1", '<w:vertAlign w:val="superscript"/>'))
    assert shown(table([cell("规章"), cell(mark)]))[0] == [("规章", 0, 0, 1, 1), ("3¹", 0, 1, 1, 1)]


def test_tables_in_text_boxes_are_read_once() -> None:
    inner = table([cell("规章"), cell("3")])
    box = (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:wsp><wps:txbx><w:txbxContent>"
        f"{inner}</w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>"
        f"<w:txbxContent>{inner}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert shown(paragraph("见表", box)) == ["见表", [("规章", 0, 0, 1, 1), ("3", 0, 1, 1, 1)]]


def test_tables_that_lay_out_others_dissolve() -> None:
    inner = table([cell("规章"), cell("3")])
    body = table([cell("左"), cell(paragraph("上") + inner + paragraph("下"))])
    assert shown(body) == ["左", "上", [("规章", 0, 0, 1, 1), ("3", 0, 1, 1, 1)], "下"]


def test_content_controls_are_entered() -> None:
    row = "<w:sdt><w:sdtContent><w:tr>" + cell("规章") + cell("3") + "</w:tr></w:sdtContent></w:sdt>"
    body = f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph('甲')}<w:tbl>{row}</w:tbl></w:sdtContent></w:sdt>"
    assert shown(body) == ["甲", [("规章", 0, 0, 1, 1), ("3", 0, 1, 1, 1)]]


def test_tabbed_paragraphs_set_a_table() -> None:
    body = paragraph("规章", "<w:r><w:tab/></w:r>", "3") + paragraph("许可", "<w:r><w:tab/></w:r>", "4")
    (found,) = page_of(body).blocks
    assert isinstance(found, Table)
    assert [cell.text for cell in found.cells] == ["规章", "3", "许可", "4"]


def code_of(data: bytes) -> str:
    with pytest.raises(UnreadableInput) as caught:
        readers.read(readers.open_source("report.docx", data))
    assert str(caught.value).endswith(".")
    return caught.value.code


def test_external_entities_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("机密", encoding="utf-8")
    prolog = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y "内部">]>'
    body = "<w:p><w:r><w:t>前&x;后</w:t></w:r></w:p>"
    (page,) = readers.read(readers.open_source("report.docx", document(body, prolog)))
    assert "机密" not in page.text


def test_entities_that_swell_are_refused_or_left_out() -> None:
    entities = '<!ENTITY a0 "' + "九" * 100 + '">'
    entities += "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 20}">' for i in range(1, 9))
    data = document("<w:p><w:r><w:t>&a8;</w:t></w:r></w:p>", f"<!DOCTYPE d [{entities}]>")
    try:
        (page,) = readers.read(readers.open_source("report.docx", data))
    except UnreadableInput:
        return
    assert len(page.text) < 1000


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_docx, "_SMALL", 100_000)
    assert code_of(document(paragraph("0" * 20_000_000))) == "zip_bomb"


def test_sizes_that_lie_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    data = document(paragraph("0" * 2_000_000))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("word/document.xml").file_size.to_bytes(4, "little")
    monkeypatch.setattr(from_docx, "_SMALL", 100_000)
    assert code_of(data.replace(size, (1000).to_bytes(4, "little"))) in ("damaged", "zip_bomb")


def test_tables_nested_without_end_are_refused() -> None:
    body = paragraph("底")
    for _ in range(30):
        body = table([cell(body), cell("x")])
    assert code_of(document(body)) in ("too_deeply_nested", "damaged")


def test_a_huge_table_becomes_lines_with_a_problem() -> None:
    page = page_of(table(*[[cell(str(row)), cell("1", '<w:gridSpan w:val="99"/>')] for row in range(300)]))
    assert [problem.code for problem in page.problems] == ["table_too_large"]


def test_damaged_documents_are_named() -> None:
    whole = document(paragraph("年度报告"))
    assert code_of(whole[:-40]) == "damaged"
    assert code_of(document("<w:p><w:r>")) == "damaged"
    broken = bytearray(whole)
    broken[len(whole) // 3 : len(whole) // 3 + 200] = bytes(200)
    assert code_of(bytes(broken)) == "damaged"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_documents_raise_nothing_but_unreadable_input(data: st.DataObject) -> None:
    scraps = st.sampled_from(
        ["<w:p>", "</w:p>", "<w:tbl>", "</w:tbl>", "<w:tr>", "</w:tr>", "<w:tc>", "</w:tc>", run("3"), run("规章"),
         '<w:tcPr><w:gridSpan w:val="-3"/></w:tcPr>', "<w:tcPr><w:vMerge/></w:tcPr>", "<w:sdt><w:sdtContent/></w:sdt>"]
    )  # fmt: skip
    good = table([cell("规章"), cell("3", "<w:vMerge/>")], [cell("许可"), cell("4", '<w:gridSpan w:val="x"/>')])
    at = data.draw(st.integers(0, len(good)))
    body = good[:at] + "".join(data.draw(st.lists(scraps, max_size=6))) + good[at:]
    try:
        readers.read(readers.open_source("report.docx", document(body)))
    except UnreadableInput as error:
        assert str(error)  # noqa: PT017


def test_older_documents_need_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert code_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "needs_libreoffice"


def test_a_conversion_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "soffice"
    slow.write_text(f"#!/bin/sh\nsleep 30 &\necho $! > {tmp_path}/child\nwait\n")
    slow.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(slow))
    monkeypatch.setattr(from_doc, "TIMEOUT", 1)
    assert code_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "conversion_timeout"
    state = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/stat")
    assert any(_is_dead(state) or time.sleep(0.1) for _ in range(50))


def _is_dead(state: Path) -> bool:
    """Whether a process is gone; the kernel may take a moment to end one that was killed."""
    try:
        return state.read_text().split()[2] == "Z"
    except OSError:
        return True


def test_a_conversion_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: shutil.os.path.realpath("/bin/false"))
    assert code_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "conversion_failed"


ROWS = [("规章", 0, 0), ("3", 0, 1), ("许可", 1, 0), ("15", 1, 1)]
needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def cells_of(path: Path) -> list[list[tuple[str, int, int]]]:
    (page,) = readers.read(readers.open_source(path))
    tables = [block for block in page.blocks if isinstance(block, Table)]
    return [[(cell.text, cell.row, cell.column) for cell in table.cells] for table in tables]


@needs_libreoffice
def test_older_documents_are_read_through_libreoffice(tmp_path: Path) -> None:
    body = paragraph("年度报告") + table([cell("规章"), cell("3")], [cell("许可"), cell("15")]) + paragraph("完")
    (tmp_path / "report.docx").write_bytes(document(body))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "doc", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "report.docx")], check=True, capture_output=True, timeout=120)
    assert cells_of(tmp_path / "report.doc") == [ROWS]


@needs_libreoffice
def test_rich_text_under_the_name_of_a_document_is_read(tmp_path: Path) -> None:
    def row(label: str, figure: str) -> str:
        codes = "".join(f"\\u{ord(character)}?" for character in label)
        return rf"\trowd\cellx3000\cellx6000\intbl {codes}\cell {figure}\cell\row "

    (tmp_path / "report.doc").write_text(r"{\rtf1\ansi\uc1 " + row("规章", "3") + row("许可", "15") + r"\pard end\par}")
    assert cells_of(tmp_path / "report.doc") == [ROWS]
