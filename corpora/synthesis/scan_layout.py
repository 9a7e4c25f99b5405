"""What a layout of scans is made of: who set the pages, in what style, and how they became pictures."""

from __future__ import annotations

from functools import partial
from typing import Any

from corpora.synthesis.layout import ALL, Layout, Render, Split, chromium, pdf
from corpora.synthesis.tables import TableStyle
from corpora.synthesis.to_html import HtmlLook
from corpora.synthesis.to_pdf import PdfLook
from corpora.synthesis.to_scan import Scan, scanned

PLAIN, VARIED = TableStyle(wording=0.1), TableStyle(wording=0.3)
BLANK = TableStyle(zero="", zero_share=0.8, wording=0.1)
NOTED = TableStyle(noted=0.04, wording=0.2)


def a_scan(
    name: str,
    split: Split,
    set_by: Render,
    how: Scan,
    style: TableStyle = VARIED,
    forms: tuple[str, ...] = ALL,
    *,
    bare: bool = False,
) -> Layout:
    render = partial(scanned, render=set_by, how=how)
    return Layout(f"scan-{name}", how.container, render, style, forms, split, f"scan-{name}", bare=bare)


def unmapped(name: str, split: Split, set_by: Render) -> Layout:
    """Text whose fonts do not say what their characters mean, so that it must be read from its picture."""
    return Layout(f"scan-{name}", "pdf", set_by, PLAIN, ALL, split, f"scan-{name}")


def web(face: str, css: str = "") -> Render:
    """A web page printed by Chromium in a face that it finds by name."""
    table = "td,th{font-size:13px;padding:5px 3px}p{font-size:16px}"
    return partial(chromium, look=HtmlLook(css=f"body{{font-family:'{face}'}}{table}{css}"))


def set_page(**look: Any) -> Render:
    return pdf(PdfLook(**{"digits": "Times-Roman", "figure_size": 10.5, **look}))


FAX = Scan(204, ink="fax", seal_ink=0.3, noise=6.0, paper=0.3)
