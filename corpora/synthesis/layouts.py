"""The named layouts: each is how an office fills in the form, and a function that sets the sheet."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from corpora.synthesis import printers, to_docx, to_html, to_pdf, to_text
from corpora.synthesis.sheet import Sheet
from corpora.synthesis.tables import TableStyle
from corpora.synthesis.to_docx import DocxLook
from corpora.synthesis.to_html import HtmlLook
from corpora.synthesis.to_pdf import PdfLook

Render = Callable[[Sheet, random.Random], bytes | None]
Split = Literal["train", "dev", "test"]
_ALL = ("2021", "2019", "pre2019")
_NEWER = ("2021", "2019")
_OLDER = ("pre2019",)


@dataclass(frozen=True, slots=True)
class Layout:
    """A way of setting a form. `split` "test" layouts are never trained on; others are split by agency.
    `joined` layouts print cells with nothing between, so that some figures stay open; `excerpt` ones show
    only some of the rows; `level` is the size of its agencies where the layout tells only with such figures.
    `render` gives None where the program that it needs is not installed."""

    name: str
    extension: str
    render: Render
    style: TableStyle
    forms: tuple[str, ...] = _ALL
    split: Split = "train"
    joined: bool = False
    excerpt: bool = False
    level: str | None = None


def _html(look: HtmlLook) -> Render:
    return partial(to_html.to_html, look=look)


def _pdf(look: PdfLook) -> Render:
    return partial(to_pdf.to_pdf, look=look)


def _docx(look: DocxLook) -> Render:
    return partial(to_docx.to_docx, look=look)


def _chromium(sheet: Sheet, rng: random.Random, *, look: HtmlLook) -> bytes | None:
    return printers.print_html(to_html.to_html(sheet, rng, look))


def _office(sheet: Sheet, rng: random.Random, *, look: DocxLook, tagged: bool = True) -> bytes | None:
    return printers.print_office(to_docx.to_docx(sheet, rng, look), tagged=tagged)


def _pdftotext(sheet: Sheet, rng: random.Random, *, look: PdfLook) -> bytes | None:
    pdf = to_pdf.to_pdf(sheet, rng, look)
    return to_text.layout_of(pdf) if pdf else None


_VARIED = TableStyle(wording=0.35, slips=0.05)

_TEXT = (
    Layout("text-tabs", "txt", partial(to_text.tabs), _VARIED),
    Layout("text-tabs-collapsed", "txt", partial(to_text.tabs, collapsed=True, encoding="utf-8-sig"), _VARIED),
    Layout("text-tabs-lost-cells", "txt", partial(to_text.tabs, collapsed=True, lost=0.15), TableStyle(wording=0.5)),
    Layout("text-tabs-blank-zeros", "txt", partial(to_text.tabs), TableStyle(zero="", zero_share=0.9, wording=0.2)),
    Layout("text-tabs-provincial", "txt", partial(to_text.tabs), TableStyle(provincial=True, wording=0.2), _OLDER),
    Layout(
        "text-tabs-gb18030",
        "txt",
        partial(to_text.tabs, encoding="gb18030"),
        TableStyle(wording=0.2, zero="/", zero_share=0.5),
        _ALL,
        "test",
    ),
    Layout(
        "text-tabs-many-tables",
        "txt",
        partial(to_text.tabs),
        TableStyle(many_tables=True, corner=False, row_head_in_disputes=True, wording=0.3, plus=0.5),
        _NEWER,
    ),
    Layout("markdown-pipes", "md", partial(to_text.pipes), _VARIED),
    Layout("markdown-subtotals", "md", partial(to_text.pipes), TableStyle(subtotals=True, wording=0.3), _NEWER),
    Layout("markdown-broken", "md", partial(to_text.broken_markdown), _VARIED, _NEWER, "test"),
    Layout("markdown-excerpt", "md", partial(to_text.pipes), TableStyle(wording=0.2), _ALL, "test", excerpt=True),
    Layout("text-cell-a-line", "txt", partial(to_text.cell_a_line), _VARIED),
    Layout(
        "text-run-together", "txt", partial(to_text.run_together), TableStyle(wording=0.1), _NEWER, "test", joined=True
    ),
    Layout(
        "text-run-together-provincial",
        "txt",
        partial(to_text.run_together),
        TableStyle(provincial=True),
        _OLDER,
        "test",
        joined=True,
    ),
    Layout("text-spaces", "txt", partial(to_text.spaces), _VARIED),
)
_WEB = (
    Layout("html-clean", "html", _html(HtmlLook()), _VARIED),
    Layout(
        "html-styled",
        "html",
        _html(HtmlLook(css="tr:nth-child(even){background:#eef}", th=True)),
        TableStyle(wording=0.3, noted=0.03),
    ),
    Layout("html-word", "html", _html(HtmlLook(word=True)), _VARIED),
    Layout(
        "html-word-gb18030",
        "html",
        _html(HtmlLook(word=True, charset="gb18030", declared="gb2312")),
        TableStyle(wording=0.3, split_other=True),
    ),
    Layout("html-padded", "html", _html(HtmlLook(padded=True, blank="")), TableStyle(padded_heads=True, wording=0.3)),
    Layout("html-padded-heads", "html", _html(HtmlLook(blank="")), TableStyle(padded_heads=True, wording=0.2)),
    Layout(
        "html-editor",
        "html",
        _html(HtmlLook(editor=True, line_breaks=True)),
        TableStyle(wording=0.2, zero="", zero_share=0.3, unit_in_amount=0.5, plus=0.3),
    ),
    Layout(
        "html-provincial",
        "html",
        _html(HtmlLook(editor=True, chrome=True)),
        TableStyle(provincial=True, wording=0.2),
        _OLDER,
        "test",
    ),
    Layout(
        "html-wrong-charset",
        "html",
        _html(HtmlLook(charset="gb18030", declared="utf-8")),
        TableStyle(wording=0.2),
        _ALL,
        "test",
    ),
    Layout("html-full-width", "html", _html(HtmlLook(word=True)), TableStyle(full_width=True, wording=0.2)),
    Layout("html-letter-spans", "html", _html(HtmlLook(letter_spans=True)), TableStyle(wording=0.3), _ALL, "test"),
    Layout(
        "html-blank-zeros",
        "html",
        _html(HtmlLook()),
        TableStyle(zero="", zero_share=0.8, blank_totals=True, wording=0.3, unit_in_amount=0.4),
    ),
    Layout(
        "html-site",
        "html",
        _html(HtmlLook(chrome=True, line_breaks=True)),
        TableStyle(wording=0.3, zero="/", zero_share=0.5),
    ),
    Layout(
        "html-nested",
        "html",
        _html(HtmlLook(chrome=True, nested=True)),
        TableStyle(wording=0.3, many_tables=True),
        _ALL,
        "test",
    ),
)

_PDF = (
    Layout("pdf-ruled", "pdf", _pdf(PdfLook()), _VARIED),
    Layout("pdf-ruled-cid", "pdf", _pdf(PdfLook(face="cid", heading_face="cid")), _VARIED),
    Layout(
        "pdf-shaded-heads",
        "pdf",
        _pdf(
            PdfLook(
                shade="heads",
                strokes="rectangles",
                digits="Times-Roman",
                first_column="letters",
                figure_size=12,
                row_gap=10,
            )
        ),
        TableStyle(wording=0.3, split_other=True),
    ),
    Layout(
        "pdf-rotated",
        "pdf",
        _pdf(PdfLook(first_column="rotated", face="cid", heading_face="cid", cut_after=-1)),
        _VARIED,
    ),
    Layout("pdf-letters", "pdf", _pdf(PdfLook(first_column="letters", face="kai", cut_after=-1)), _VARIED, _NEWER),
    Layout(
        "pdf-repeated-heads",
        "pdf",
        _pdf(PdfLook(repeat_heads=True, cut_after=-1, running_head="政府信息公开工作年度报告")),
        _VARIED,
    ),
    Layout("pdf-landscape", "pdf", _pdf(PdfLook(wide=True, face="hei", digits="Helvetica")), _VARIED),
    Layout(
        "pdf-turned",
        "pdf",
        _pdf(PdfLook(wide=True, turned=True, digits="Times-Roman")),
        TableStyle(wording=0.3),
        _ALL,
        "test",
    ),
    Layout(
        "pdf-borderless",
        "pdf",
        _pdf(PdfLook(borders="none", face="cid", heading_face="cid")),
        TableStyle(wording=0.2),
        _ALL,
        "test",
    ),
    Layout(
        "pdf-horizontal-rules",
        "pdf",
        _pdf(PdfLook(borders="horizontal", face="sans", heading_face="sans")),
        TableStyle(wording=0.2),
    ),
    Layout(
        "pdf-zebra",
        "pdf",
        _pdf(PdfLook(shade="zebra", strokes="boxes", face="hei")),
        TableStyle(wording=0.2, noted=0.03),
    ),
    Layout("pdf-cut-rows", "pdf", _pdf(PdfLook(whole_rows=False, open_cuts=True, row_gap=9)), _VARIED),
    Layout(
        "pdf-narrow-figures",
        "pdf",
        _pdf(PdfLook(narrow_figures=0.3, size=9, figure_size=10.5)),
        TableStyle(wording=0.2),
        level="city",
    ),
    Layout(
        "pdf-stray-edge",
        "pdf",
        _pdf(PdfLook(stray_edge=True, strokes="rectangles")),
        TableStyle(wording=0.2, split_other=True),
    ),
    Layout("pdf-subtotals", "pdf", _pdf(PdfLook(digits="Times-Roman")), TableStyle(subtotals=True), _NEWER),
    Layout(
        "pdf-blank-zeros", "pdf", _pdf(PdfLook(digits="Times-Roman")), TableStyle(zero="", zero_share=0.9, wording=0.2)
    ),
    Layout(
        "pdf-single-characters",
        "pdf",
        _pdf(PdfLook(single=True, digits="Times-Roman", first_column="letters", strokes="rectangles", figure_size=11)),
        TableStyle(wording=0.3, split_other=True, trailing_zeros=0.3),
    ),
    Layout(
        "pdf-spread",
        "pdf",
        _pdf(PdfLook(spread=0.8, size=8.5, face="cid", heading_face="cid")),
        TableStyle(wording=0.2, thousands=True),
    ),
    Layout(
        "pdf-many-tables",
        "pdf",
        _pdf(PdfLook(face="kai", digits="Times-Roman", margin=60)),
        TableStyle(many_tables=True, wording=0.3, row_head_in_disputes=True),
    ),
    Layout(
        "pdf-provincial",
        "pdf",
        _pdf(PdfLook(face="cid", heading_face="cid")),
        TableStyle(provincial=True, wording=0.2),
        _OLDER,
    ),
    Layout("pdf-no-tounicode", "pdf", _pdf(PdfLook(to_unicode=False)), TableStyle(), _ALL, "test"),
)
_OTHER = (
    Layout("docx-grid", "docx", _docx(DocxLook()), _VARIED),
    Layout(
        "docx-shaded",
        "docx",
        _docx(DocxLook(shaded=True, vertical=True)),
        TableStyle(wording=0.3, split_other=True, noted=0.02),
    ),
    Layout(
        "docx-plain",
        "docx",
        _docx(DocxLook(plain=True)),
        TableStyle(wording=0.3, zero="/", zero_share=0.6),
        _ALL,
        "test",
    ),
    Layout("text-pdftotext", "txt", partial(_pdftotext, look=PdfLook()), _VARIED),
    Layout(
        "text-pdftotext-letters",
        "txt",
        partial(_pdftotext, look=PdfLook(first_column="letters", repeat_heads=True, cut_after=-1)),
        TableStyle(wording=0.3),
        _NEWER,
        "test",
    ),
    Layout(
        "pdf-chromium",
        "pdf",
        partial(_chromium, look=HtmlLook(css="body{font-family:'WenQuanYi Zen Hei'}td{font-size:13px}")),
        _VARIED,
    ),
    Layout(
        "pdf-chromium-site",
        "pdf",
        partial(
            _chromium,
            look=HtmlLook(chrome=True, th=True, css="body{font-family:'AR PL UMing CN'}th{background:#dde6f0}"),
        ),
        TableStyle(wording=0.3),
        _ALL,
        "test",
    ),
    Layout("pdf-libreoffice", "pdf", partial(_office, look=DocxLook()), _VARIED),
    Layout(
        "pdf-libreoffice-shaded",
        "pdf",
        partial(_office, look=DocxLook(shaded=True, vertical=True, repeat_heads=True), tagged=False),
        TableStyle(wording=0.3, split_other=True),
    ),
)

LAYOUTS: Mapping[str, Layout] = {layout.name: layout for layout in (*_TEXT, *_WEB, *_PDF, *_OTHER)}
