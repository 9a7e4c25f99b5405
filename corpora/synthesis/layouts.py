"""The named layouts: each is how an office fills in the form, and a function that sets the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from corpora.synthesis import to_text
from corpora.synthesis.damage import Damage
from corpora.synthesis.irregular import IRREGULAR
from corpora.synthesis.layout import (
    ALL,
    NEWER,
    OLDER,
    Layout,
    chromium,
    docx,
    html,
    office,
    pdf,
    pdftotext,
    tabs,
    text,
)
from corpora.synthesis.tables import TableStyle
from corpora.synthesis.to_docx import DocxLook
from corpora.synthesis.to_html import HtmlLook
from corpora.synthesis.to_pdf import PdfLook

_VARIED = TableStyle(wording=0.35, slips=0.05)

_TEXT = (
    Layout("text-tabs", "txt", tabs(), _VARIED),
    Layout("text-tabs-collapsed", "txt", tabs(collapsed=True, encoding="utf-8-sig"), _VARIED),
    Layout("text-tabs-lost-cells", "txt", tabs(collapsed=True, lost=0.15), TableStyle(wording=0.5), irregular=True),
    Layout("text-tabs-blank-zeros", "txt", tabs(), TableStyle(zero="", zero_share=0.9, wording=0.2)),
    Layout("text-tabs-provincial", "txt", tabs(), TableStyle(provincial=True, wording=0.2), OLDER),
    Layout(
        "text-tabs-gb18030",
        "txt",
        tabs(encoding="gb18030"),
        TableStyle(wording=0.2, zero="/", zero_share=0.5),
    ),
    Layout(
        "text-tabs-many-tables",
        "txt",
        tabs(),
        TableStyle(many_tables=True, corner=False, row_head_in_disputes=True, wording=0.3, plus=0.5),
        NEWER,
    ),
    Layout("text-tabs-dashes", "txt", tabs(), TableStyle(zero="—", zero_share=0.6, wording=0.3)),
    Layout("text-tabs-cut", "txt", tabs(), _VARIED, damage=Damage(cut="with")),
    Layout("text-tabs-cut-bare", "txt", tabs(), TableStyle(wording=0.3, noted=0.04), damage=Damage(cut="without")),
    Layout("markdown-pipes", "md", text(to_text.pipes), _VARIED),
    Layout("markdown-subtotals", "md", text(to_text.pipes), TableStyle(subtotals=True, wording=0.3), NEWER),
    Layout(
        "markdown-excerpt",
        "md",
        text(to_text.pipes),
        TableStyle(wording=0.2),
        ALL,
        "test",
        irregular=True,
        excerpt=True,
    ),
    Layout("text-cell-a-line", "txt", text(to_text.cell_a_line), _VARIED, irregular=True),
    Layout("text-spaces", "txt", text(to_text.spaces), _VARIED),
)
_WEB = (
    Layout("html-clean", "html", html(HtmlLook()), _VARIED),
    Layout(
        "html-styled",
        "html",
        html(HtmlLook(css="tr:nth-child(even){background:#eef}", th=True)),
        TableStyle(wording=0.3, noted=0.03),
    ),
    Layout("html-word", "html", html(HtmlLook(word=True)), _VARIED),
    Layout(
        "html-word-gb18030",
        "html",
        html(HtmlLook(word=True, charset="gb18030", declared="gb2312")),
        TableStyle(wording=0.3, split_other=True),
    ),
    Layout("html-padded", "html", html(HtmlLook(padded=True, blank="")), TableStyle(padded_heads=True, wording=0.3)),
    Layout("html-padded-heads", "html", html(HtmlLook(blank="")), TableStyle(padded_heads=True, wording=0.2)),
    Layout(
        "html-editor",
        "html",
        html(HtmlLook(editor=True, line_breaks=True)),
        TableStyle(wording=0.2, zero="", zero_share=0.3, unit_in_amount=0.5, plus=0.3),
    ),
    Layout(
        "html-provincial",
        "html",
        html(HtmlLook(editor=True, chrome=True)),
        TableStyle(provincial=True, wording=0.2),
        OLDER,
    ),
    Layout(
        "html-wrong-charset",
        "html",
        html(HtmlLook(charset="gb18030", declared="utf-8")),
        TableStyle(wording=0.2),
    ),
    Layout("html-dashes", "html", html(HtmlLook(padded=True)), TableStyle(zero="-", zero_share=0.7, wording=0.3)),
    Layout("html-cut", "html", html(HtmlLook(editor=True)), _VARIED, damage=Damage(cut="two")),
    Layout("html-full-width", "html", html(HtmlLook(word=True)), TableStyle(full_width=True, wording=0.2)),
    Layout("html-letter-spans", "html", html(HtmlLook(letter_spans=True)), TableStyle(wording=0.3), ALL, "test"),
    Layout(
        "html-blank-zeros",
        "html",
        html(HtmlLook()),
        TableStyle(zero="", zero_share=0.8, blank_totals=True, wording=0.3, unit_in_amount=0.4),
    ),
    Layout(
        "html-site",
        "html",
        html(HtmlLook(chrome=True, line_breaks=True)),
        TableStyle(wording=0.3, zero="/", zero_share=0.5),
    ),
    Layout(
        "html-nested",
        "html",
        html(HtmlLook(chrome=True, nested=True)),
        TableStyle(wording=0.3, many_tables=True),
        ALL,
        "test",
    ),
)

_PDF = (
    Layout("pdf-ruled", "pdf", pdf(PdfLook()), _VARIED),
    Layout("pdf-ruled-cid", "pdf", pdf(PdfLook(face="cid", heading_face="cid")), _VARIED),
    Layout(
        "pdf-shaded-heads",
        "pdf",
        pdf(
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
        pdf(PdfLook(first_column="rotated", face="cid", heading_face="cid", cut_after=-1)),
        _VARIED,
    ),
    Layout("pdf-letters", "pdf", pdf(PdfLook(first_column="letters", face="kai", cut_after=-1)), _VARIED, NEWER),
    Layout(
        "pdf-repeated-heads",
        "pdf",
        pdf(PdfLook(repeat_heads=True, cut_after=-1, running_head="政府信息公开工作年度报告")),
        _VARIED,
    ),
    Layout("pdf-landscape", "pdf", pdf(PdfLook(wide=True, face="hei", digits="Helvetica")), _VARIED),
    Layout(
        "pdf-turned",
        "pdf",
        pdf(PdfLook(wide=True, turned=True, digits="Times-Roman")),
        TableStyle(wording=0.3),
        ALL,
        "test",
    ),
    Layout(
        "pdf-borderless",
        "pdf",
        pdf(PdfLook(borders="none", face="cid", heading_face="cid")),
        TableStyle(wording=0.2),
        ALL,
        "test",
    ),
    Layout(
        "pdf-three-rules",
        "pdf",
        pdf(PdfLook(borders="three", digits="Times-Roman")),
        TableStyle(wording=0.2),
        ALL,
        "test",
    ),
    Layout(
        "pdf-horizontal-rules",
        "pdf",
        pdf(PdfLook(borders="horizontal", face="sans", heading_face="sans")),
        TableStyle(wording=0.2),
    ),
    Layout(
        "pdf-zebra",
        "pdf",
        pdf(PdfLook(shade="zebra", strokes="boxes", face="hei")),
        TableStyle(wording=0.2, noted=0.03),
    ),
    Layout("pdf-cut-rows", "pdf", pdf(PdfLook(whole_rows=False, open_cuts=True, row_gap=9)), _VARIED),
    Layout(
        "pdf-none", "pdf", pdf(PdfLook(face="sans")), TableStyle(zero="无", zero_share=0.7, noted=0.04, wording=0.3)
    ),
    Layout("pdf-cut-anywhere", "pdf", pdf(PdfLook(cut_after=-1, cut_table="", face="hei", margin=50)), _VARIED),
    Layout(
        "pdf-narrow-figures",
        "pdf",
        pdf(PdfLook(narrow_figures=0.3, size=9, figure_size=10.5)),
        TableStyle(wording=0.2),
        level="city",
    ),
    Layout(
        "pdf-stray-edge",
        "pdf",
        pdf(PdfLook(stray_edge=True, strokes="rectangles")),
        TableStyle(wording=0.2, split_other=True),
    ),
    Layout("pdf-subtotals", "pdf", pdf(PdfLook(digits="Times-Roman")), TableStyle(subtotals=True), NEWER),
    Layout(
        "pdf-blank-zeros", "pdf", pdf(PdfLook(digits="Times-Roman")), TableStyle(zero="", zero_share=0.9, wording=0.2)
    ),
    Layout(
        "pdf-single-characters",
        "pdf",
        pdf(PdfLook(single=True, digits="Times-Roman", first_column="letters", strokes="rectangles", figure_size=11)),
        TableStyle(wording=0.3, split_other=True, trailing_zeros=0.3),
    ),
    Layout(
        "pdf-spread",
        "pdf",
        pdf(PdfLook(spread=0.8, size=8.5, face="cid", heading_face="cid")),
        TableStyle(wording=0.2, thousands=True),
    ),
    Layout(
        "pdf-many-tables",
        "pdf",
        pdf(PdfLook(face="kai", digits="Times-Roman", margin=60)),
        TableStyle(many_tables=True, wording=0.3, row_head_in_disputes=True),
    ),
    Layout(
        "pdf-provincial",
        "pdf",
        pdf(PdfLook(face="cid", heading_face="cid")),
        TableStyle(provincial=True, wording=0.2),
        OLDER,
    ),
    Layout("pdf-no-tounicode", "pdf", pdf(PdfLook(to_unicode=False)), TableStyle(), ALL, "test"),
)
_OTHER = (
    Layout("docx-grid", "docx", docx(DocxLook()), _VARIED),
    Layout(
        "docx-shaded",
        "docx",
        docx(DocxLook(shaded=True, vertical=True)),
        TableStyle(wording=0.3, split_other=True, noted=0.02),
    ),
    Layout(
        "docx-plain",
        "docx",
        docx(DocxLook(plain=True)),
        TableStyle(wording=0.3, zero="/", zero_share=0.6),
        ALL,
        "test",
    ),
    Layout("docx-cut", "docx", docx(DocxLook(repeat_heads=True)), _VARIED, damage=Damage(cut="two")),
    Layout("docx-padded", "docx", docx(DocxLook(padded=True)), TableStyle(wording=0.3), ALL, "test"),
    Layout("docx-tabs", "docx", docx(DocxLook(tabs=True)), TableStyle(wording=0.3), ALL, "test"),
    Layout("text-pdftotext", "txt", partial(pdftotext, look=PdfLook()), _VARIED),
    Layout(
        "text-pdftotext-letters",
        "txt",
        partial(pdftotext, look=PdfLook(first_column="letters", repeat_heads=True, cut_after=-1)),
        TableStyle(wording=0.3),
        NEWER,
        "test",
    ),
    Layout(
        "text-pdftotext-wide",
        "txt",
        partial(pdftotext, look=PdfLook(wide=True, face="hei", size=8, borders="none")),
        TableStyle(wording=0.3),
        ALL,
        "test",
    ),
    Layout(
        "pdf-chromium",
        "pdf",
        partial(chromium, look=HtmlLook(css="body{font-family:'WenQuanYi Zen Hei'}td{font-size:13px}")),
        _VARIED,
    ),
    Layout(
        "pdf-chromium-site",
        "pdf",
        partial(
            chromium,
            look=HtmlLook(chrome=True, th=True, css="body{font-family:'Noto Serif CJK SC'}th{background:#dde6f0}"),
        ),
        TableStyle(wording=0.3),
        ALL,
        "test",
    ),
    Layout("pdf-libreoffice", "pdf", partial(office, look=DocxLook()), _VARIED),
    Layout(
        "pdf-libreoffice-shaded",
        "pdf",
        partial(office, look=DocxLook(shaded=True, vertical=True, repeat_heads=True), tagged=False),
        TableStyle(wording=0.3, split_other=True),
    ),
)

# Layouts that are alike; every other regular layout is a family of its own.
_FAMILIES = {
    "tabs": ("text-tabs", "text-tabs-collapsed", "text-tabs-lost-cells", "text-tabs-blank-zeros", "text-tabs-cut",
             "text-tabs-dashes", "text-tabs-provincial", "text-tabs-gb18030", "text-tabs-many-tables",
             "text-tabs-cut-bare"),
    "pipes": ("markdown-pipes", "markdown-subtotals"),
    "cell-a-line": ("text-cell-a-line",),
    "web-table": ("html-clean", "html-styled", "html-full-width", "html-blank-zeros", "html-wrong-charset", "html-cut"),
    "web-word": ("html-word", "html-word-gb18030"),
    "web-padded": ("html-padded", "html-dashes", "html-padded-heads"),
    "web-editor": ("html-editor", "html-provincial", "html-site"),
    "ruled": ("pdf-ruled", "pdf-ruled-cid", "pdf-shaded-heads", "pdf-landscape", "pdf-zebra", "pdf-subtotals",
              "pdf-blank-zeros", "pdf-many-tables", "pdf-provincial", "pdf-none", "pdf-stray-edge",
              "pdf-narrow-figures"),
    "first-column": ("pdf-rotated", "pdf-letters"),
    "page-cuts": ("pdf-repeated-heads", "pdf-cut-rows", "pdf-cut-anywhere"),
    "few-rules": ("pdf-borderless", "pdf-three-rules"),
    "loose-type": ("pdf-single-characters", "pdf-spread"),
    "word-table": ("docx-grid", "docx-shaded", "docx-cut"),
    "office-print": ("pdf-libreoffice", "pdf-libreoffice-shaded"),
}  # fmt: skip
_OF = {name: family for family, names in _FAMILIES.items() for name in names}

LAYOUTS: Mapping[str, Layout] = {
    layout.name: replace(layout, family=layout.family or _OF.get(layout.name, layout.name))
    for layout in (*_TEXT, *_WEB, *_PDF, *_OTHER, *IRREGULAR)
}
