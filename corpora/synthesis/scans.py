"""The layouts of scans: those to develop on, and those kept for testing, in fonts and damages of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from corpora.synthesis.layout import NEWER, Layout
from corpora.synthesis.scan_layout import BLANK, FAX, NOTED, PLAIN, a_scan, set_page, unmapped, web
from corpora.synthesis.scans_dev import DEV
from corpora.synthesis.to_scan import Scan

_DROID = {"face": "plain", "heading_face": "plain"}
_MICROHEI = {"face": "sans", "heading_face": "sans"}
_TEST = (
    a_scan("test-flatbed", "test", web("Noto Serif CJK SC"), Scan(creases=1, jpeg=80)),
    a_scan("test-fine", "test", web("Noto Sans CJK SC"), Scan(300, ink="grey", skew=1.2, holes=2, jpeg=70)),
    a_scan(
        "test-copy",
        "test",
        set_page(**_DROID, digits="sans-digits", size=9.5),
        Scan(150, ink="grey", worn=0.2, jpeg=50, holes=2, edge=True),
        PLAIN,
    ),
    a_scan(
        "test-fax",
        "test",
        set_page(**_MICROHEI, digits="book-digits", size=10),
        replace(FAX, skew=-1.1, noise=8.0),
        NOTED,
    ),
    a_scan(
        "test-dither", "test", set_page(**_DROID, digits="serif-digits"), Scan(300, ink="dither", seal_ink=0.5), PLAIN
    ),
    a_scan(
        "test-fax-coarse",
        "test",
        set_page(**_DROID, digits="sans-digits", size=11, figure_size=13, row_gap=9, margin=50),
        Scan(204, ink="fax", fax_lines=98, seal_ink=0.3, skew=-0.5, noise=5.0, container="tif"),
        PLAIN,
    ),
    a_scan(
        "test-camera",
        "test",
        web("Noto Serif CJK SC", "td{font-size:14px}"),
        Scan(210, skew=2, perspective=0.025, light=0.8, view="camera", blur=0.8, creases=2, jpeg=75),
    ),
    a_scan(
        "test-screen",
        "test",
        web("Noto Sans CJK SC"),
        Scan(view="screen", perspective=0.015, light=0.6, jpeg=75),
        PLAIN,
    ),
    a_scan(
        "test-askew",
        "test",
        set_page(**_DROID, digits="narrow-digits", first_column="letters", cut_after=-1),
        Scan(skew=-2.7, bleed=0.6, highlights=2, creases=1, jpeg=60),
    ),
    a_scan(
        "test-sealed",
        "test",
        set_page(**_MICROHEI, digits="Courier"),
        Scan(seals=4, strokes=6, seal_ink=1.0, skew=-0.8),
        NOTED,
    ),
    a_scan(
        "test-tiff",
        "test",
        set_page(**_MICROHEI, digits="sans-digits", repeat_heads=True),
        Scan(container="tif", ink="grey", jpeg=60),
    ),
    a_scan(
        "test-picture",
        "test",
        set_page(**_DROID, digits="sans-digits", tall=1700, margin=48, page_number="", size=9.5),
        Scan(150, skew=0, paper=0, light=0, blur=0, noise=0, seals=0, container="png"),
        bare=True,
    ),
    a_scan(
        "test-picture-small",
        "test",
        set_page(**_MICROHEI, digits="", tall=1700, margin=40, page_number="", size=9.5),
        Scan(140, skew=0.2, light=0, seals=0, jpeg=40, container="jpg", highlights=2),
        bare=True,
    ),
    a_scan(
        "test-mixed",
        "test",
        set_page(**_DROID, digits="serif-digits", open_cuts=True, cut_after=-1),
        Scan(mixed=0.6, holes=3, skew=1.4, strokes=3),
    ),
    a_scan("test-misread", "test", web("Noto Serif CJK SC"), Scan(layer="misread", creases=1, skew=0.5), PLAIN),
    a_scan(
        "test-sideways",
        "test",
        set_page(**_MICROHEI, digits="serif-digits", wide=True),
        Scan(turn=1, creases=2, skew=0.9),
        PLAIN,
    ),
    a_scan(
        "test-three-rules",
        "test",
        set_page(**_DROID, digits="serif-digits", borders="three", row_gap=10),
        Scan(seals=0, skew=1.6, strokes=2),
        PLAIN,
        NEWER,
    ),
    a_scan(
        "test-rotated",
        "test",
        set_page(**_DROID, digits="sans-digits", first_column="rotated"),
        Scan(ink="grey", creases=2, skew=1.3, jpeg=70),
        BLANK,
    ),
    unmapped("test-unmapped", "test", set_page(**_DROID, digits="sans-digits", to_unicode=False)),
)

SCANS: Mapping[str, Layout] = {layout.name: layout for layout in (*DEV, *_TEST)}
