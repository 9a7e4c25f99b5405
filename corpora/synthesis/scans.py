"""The layouts of scans: those to develop on, and those kept for testing, in fonts and damages of their own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from corpora.synthesis.layout import ALL, NEWER, OLDER, Layout, Render, Split, chromium, pdf
from corpora.synthesis.tables import TableStyle
from corpora.synthesis.to_html import HtmlLook
from corpora.synthesis.to_pdf import PdfLook
from corpora.synthesis.to_scan import Scan, scanned

_PLAIN, _VARIED = TableStyle(wording=0.1), TableStyle(wording=0.3)
_BLANK = TableStyle(zero="", zero_share=0.8, wording=0.1)
_NOTED = TableStyle(noted=0.04, wording=0.2)


def _scan(
    name: str,
    split: Split,
    set_by: Render,
    how: Scan,
    style: TableStyle = _VARIED,
    forms: tuple[str, ...] = ALL,
    *,
    bare: bool = False,
) -> Layout:
    render = partial(scanned, render=set_by, how=how)
    return Layout(f"scan-{name}", how.container, render, style, forms, split, f"scan-{name}", bare=bare)


def _unmapped(name: str, split: Split, set_by: Render) -> Layout:
    """Text whose fonts do not say what their characters mean, so that it must be read from its picture."""
    return Layout(f"scan-{name}", "pdf", set_by, _PLAIN, ALL, split, f"scan-{name}")


def _web(face: str, css: str = "") -> Render:
    """A web page printed by Chromium in a face that it finds by name."""
    table = "td,th{font-size:13px;padding:5px 3px}p{font-size:16px}"
    return partial(chromium, look=HtmlLook(css=f"body{{font-family:'{face}'}}{table}{css}"))


def _pdf(**look: Any) -> Render:
    return pdf(PdfLook(**{"digits": "Times-Roman", "figure_size": 10.5, **look}))


_FAX = Scan(204, ink="fax", seal_ink=0.3, noise=6.0, paper=0.3)
_DEV = (
    _scan("flatbed", "dev", _pdf(), Scan()),
    _scan("flatbed-fine", "dev", _pdf(face="hei", size=9.5), Scan(300, ink="grey", skew=0.8, streaks=1, jpeg=85)),
    _scan(
        "copy", "dev", _pdf(face="kai", size=10), Scan(150, ink="grey", worn=0.25, noise=6, jpeg=60, edge=True), _PLAIN
    ),
    _scan("fax", "dev", _pdf(size=10), _FAX, _NOTED),
    _scan(
        "fax-coarse",
        "dev",
        _pdf(face="hei", size=11, figure_size=13, row_gap=9, margin=55),
        Scan(204, ink="fax", fax_lines=98, seal_ink=0.2, container="tif"),
        _PLAIN,
        bare=True,
    ),
    _scan(
        "camera",
        "dev",
        _pdf(first_column="rotated"),
        Scan(220, skew=1.5, perspective=0.02, light=0.7, view="camera", blur=0.9, jpeg=80),
    ),
    _scan(
        "screen",
        "dev",
        _pdf(face="hei", digits=""),
        Scan(200, view="screen", perspective=0.012, light=0.5, jpeg=80),
        _PLAIN,
    ),
    _scan("askew", "dev", _pdf(first_column="letters", cut_after=-1), Scan(skew=3.0, bleed=0.5, jpeg=70), _PLAIN),
    _scan("sealed", "dev", _pdf(face="kai", row_gap=8), Scan(seals=3, strokes=6, seal_ink=0.85), _NOTED),
    _scan("tiff", "dev", _pdf(repeat_heads=True, cut_after=-1), Scan(container="tif", jpeg=70, streaks=2)),
    _scan(
        "picture",
        "dev",
        _pdf(face="hei", heading_face="hei", tall=1700, margin=48, page_number=""),
        Scan(144, skew=0, paper=0, light=0, blur=0, noise=0, seals=0, container="png"),
        bare=True,
    ),
    _scan(
        "picture-small",
        "dev",
        _pdf(tall=1700, margin=40, page_number="", shade="heads"),
        Scan(130, skew=0.2, light=0, seals=0, jpeg=45, container="jpg"),
        bare=True,
    ),
    _scan(
        "stamped",
        "dev",
        _pdf(face="kai", tall=1700, margin=48, page_number="", size=9.5),
        Scan(144, skew=1.0, paper=0.2, noise=0.8, seals=2, jpeg=38, container="jpg"),
        bare=True,
    ),
    _unmapped("unmapped", "dev", _pdf(to_unicode=False)),
    _scan("mixed", "dev", _pdf(), Scan(mixed=0.5), _VARIED),
    _scan("misread", "dev", _pdf(face="hei"), Scan(layer="misread", skew=0.3), _PLAIN),
    _scan("sideways", "dev", _pdf(wide=True), Scan(turn=1, ink="grey"), _PLAIN),
    _scan("borderless", "dev", _pdf(borders="none", row_gap=10), Scan(skew=0.4, seals=0), _PLAIN),
    _scan("shaded", "dev", _pdf(shade="zebra", face="hei"), Scan(ink="grey"), _BLANK),
    _scan("blank-zeros", "dev", _pdf(), Scan(bleed=0.4, strokes=2), _BLANK),
    _scan("provincial", "dev", _pdf(), Scan(), TableStyle(provincial=True), OLDER),
)
_DROID = {"face": "plain", "heading_face": "plain"}
_MICROHEI = {"face": "sans", "heading_face": "sans"}
_TEST = (
    _scan("test-flatbed", "test", _web("Noto Serif CJK SC"), Scan(creases=1, jpeg=80)),
    _scan("test-fine", "test", _web("Noto Sans CJK SC"), Scan(300, ink="grey", skew=1.2, holes=2, jpeg=70)),
    _scan(
        "test-copy",
        "test",
        _pdf(**_DROID, digits="sans-digits", size=9.5),
        Scan(150, ink="grey", worn=0.2, jpeg=50, holes=2, edge=True),
        _PLAIN,
    ),
    _scan("test-fax", "test", _pdf(**_MICROHEI, digits="book-digits", size=10), _FAX, _NOTED),
    _scan("test-dither", "test", _pdf(**_DROID, digits="serif-digits"), Scan(300, ink="dither", seal_ink=0.5), _PLAIN),
    _scan(
        "test-fax-coarse",
        "test",
        _pdf(**_DROID, digits="sans-digits", size=11, figure_size=13, row_gap=9, margin=50),
        Scan(204, ink="fax", fax_lines=98, seal_ink=0.2, container="tif"),
        _PLAIN,
    ),
    _scan(
        "test-camera",
        "test",
        _web("Noto Serif CJK SC", "td{font-size:14px}"),
        Scan(210, skew=2, perspective=0.025, light=0.8, view="camera", blur=0.8, creases=2, jpeg=75),
    ),
    _scan(
        "test-screen",
        "test",
        _web("Noto Sans CJK SC"),
        Scan(view="screen", perspective=0.015, light=0.6, jpeg=75),
        _PLAIN,
    ),
    _scan(
        "test-askew",
        "test",
        _pdf(**_DROID, digits="narrow-digits", first_column="letters", cut_after=-1),
        Scan(skew=3.0, bleed=0.7, highlights=3, jpeg=65),
    ),
    _scan("test-sealed", "test", _pdf(**_MICROHEI, digits="Courier"), Scan(seals=3, strokes=8, seal_ink=0.9), _NOTED),
    _scan(
        "test-tiff",
        "test",
        _pdf(**_MICROHEI, digits="sans-digits", repeat_heads=True),
        Scan(container="tif", ink="grey", jpeg=60),
    ),
    _scan(
        "test-picture",
        "test",
        _pdf(**_DROID, digits="sans-digits", tall=1700, margin=48, page_number="", size=9.5),
        Scan(150, skew=0, paper=0, light=0, blur=0, noise=0, seals=0, container="png"),
        bare=True,
    ),
    _scan(
        "test-picture-small",
        "test",
        _pdf(**_MICROHEI, digits="", tall=1700, margin=40, page_number="", size=9.5),
        Scan(140, skew=0.2, light=0, seals=0, jpeg=40, container="jpg", highlights=2),
        bare=True,
    ),
    _scan(
        "test-mixed",
        "test",
        _pdf(**_DROID, digits="serif-digits", open_cuts=True, cut_after=-1),
        Scan(mixed=0.5, holes=2),
    ),
    _scan("test-misread", "test", _web("Noto Serif CJK SC"), Scan(layer="misread", creases=1, skew=0.5), _PLAIN),
    _scan(
        "test-sideways", "test", _pdf(**_MICROHEI, digits="serif-digits", wide=True), Scan(turn=3, creases=1), _PLAIN
    ),
    _scan(
        "test-three-rules",
        "test",
        _pdf(**_DROID, digits="serif-digits", borders="three", row_gap=10),
        Scan(seals=0),
        _PLAIN,
        NEWER,
    ),
    _scan(
        "test-rotated",
        "test",
        _pdf(**_DROID, digits="sans-digits", first_column="rotated"),
        Scan(ink="grey", creases=1),
        _BLANK,
    ),
    _unmapped("test-unmapped", "test", _pdf(**_DROID, digits="sans-digits", to_unicode=False)),
)

SCANS: Mapping[str, Layout] = {layout.name: layout for layout in (*_DEV, *_TEST)}
