"""Sheets as DOCX through python-docx, with merged cells; the archive carries no time of making."""

from __future__ import annotations

import io
import random
import zipfile
from dataclasses import dataclass

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from corpora.synthesis.prose import Paragraph
from corpora.synthesis.sheet import Sheet, grid
from corpora.synthesis.tables import PrintedCell, PrintedTable

_EPOCH = (1980, 1, 1, 0, 0, 0)
_SIZES = {"title": 20, "heading": 16, "subheading": 15, "body": 14, "contents": 14}


@dataclass(frozen=True, slots=True)
class DocxLook:
    """How the document is set. `vertical` turns the text of the narrow first column; `shaded` heads are grey; `padded`
    cells that would reach down stand above empty ones; with `tabs` a row is a paragraph with tabs and no table."""

    vertical: bool = False
    shaded: bool = False
    repeat_heads: bool = False
    plain: bool = False
    padded: bool = False
    tabs: bool = False
    size: float = 9.0
    row_height: float = 0.65
    face: str = "AR PL UMing CN"


def to_docx(sheet: Sheet, rng: random.Random, look: DocxLook) -> bytes:  # noqa: ARG001
    """The sheet as a DOCX file."""
    document = docx.Document()
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
    style = document.styles["Normal"]
    style.font.name = "Times New Roman"
    style.element.rPr.rFonts.set(qn("w:eastAsia"), look.face)
    for block in sheet.blocks:
        if isinstance(block, Paragraph):
            _paragraph(document, block)
        elif look.tabs:
            _tabs(document, block)
        else:
            _table(document, block, look)
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_times(buffer.getvalue())


def _paragraph(document: docx.document.Document, block: Paragraph) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(block.text)
    run.font.size = Pt(_SIZES[block.kind])
    run.bold = block.kind not in ("body", "contents")
    if block.kind == "title":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    else:
        paragraph.paragraph_format.first_line_indent = Pt(28)


def _table(document: docx.document.Document, table: PrintedTable, look: DocxLook) -> None:
    made = document.add_table(rows=len(table.rows), cols=len(table.widths))
    made.style = "Normal Table" if look.plain else "Table Grid"
    made.autofit = False
    unit = 16.0 / sum(table.widths)
    for column, share in zip(made.columns, table.widths, strict=True):
        column.width = Cm(share * unit)
    places = [list(row.cells) for row in made.rows]
    for cell in table.cells:
        first = places[cell.row][cell.column]
        down = 1 if look.padded else cell.row_span
        last = places[cell.row + down - 1][cell.column + cell.column_span - 1]
        _fill(first.merge(last) if last is not first else first, cell, look)
    for row in made.rows:
        row.height = Cm(look.row_height)
    if look.repeat_heads:
        for row in list(made.rows)[: table.head_rows]:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.add_paragraph()


def _tabs(document: docx.document.Document, table: PrintedTable) -> None:
    """A paragraph a row, with tabs for the places of its cells."""
    for row in grid(table):
        paragraph = document.add_paragraph()
        paragraph.add_run("\t".join(cell.text.strip() if cell else "" for cell in row)).font.size = Pt(9)
        paragraph.paragraph_format.space_after = Pt(0)


def _fill(place: docx.table._Cell, cell: PrintedCell, look: DocxLook) -> None:
    paragraph = place.paragraphs[0]
    paragraph.add_run(cell.text).font.size = Pt(look.size)
    paragraph.paragraph_format.space_after = Pt(0)
    if cell.kind != "label" or cell.row_span > 1:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    properties = place._tc.get_or_add_tcPr()
    if look.shaded and cell.kind in ("head", "title"):
        shading = OxmlElement("w:shd")
        shading.set(qn("w:val"), "clear")
        shading.set(qn("w:fill"), "C6D9F1")
        properties.append(shading)
    if look.vertical and cell.row_span > 9:
        direction = OxmlElement("w:textDirection")
        direction.set(qn("w:val"), "tbRlV")
        properties.append(direction)
    centre = OxmlElement("w:vAlign")
    centre.set(qn("w:val"), "center")
    properties.append(centre)


def _without_times(data: bytes) -> bytes:
    """The same archive with every member dated 1980, so that equal documents have equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            info = zipfile.ZipInfo(member.filename, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(member))
    return buffer.getvalue()
