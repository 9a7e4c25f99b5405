"""The layouts of scans to develop on; those kept for testing have fonts and damages of their own."""

from __future__ import annotations

from corpora.synthesis.layout import NEWER, OLDER
from corpora.synthesis.scan_layout import BLANK, FAX, NOTED, PLAIN, VARIED, a_scan, set_page, unmapped, web
from corpora.synthesis.tables import TableStyle
from corpora.synthesis.to_scan import Scan

DEV = (
    a_scan("flatbed", "dev", set_page(), Scan()),
    a_scan("flatbed-fine", "dev", set_page(face="hei", size=9.5), Scan(300, ink="grey", skew=0.8, streaks=1, jpeg=85)),
    a_scan(
        "copy",
        "dev",
        set_page(face="kai", size=10),
        Scan(150, ink="grey", worn=0.25, noise=6, jpeg=60, edge=True),
        PLAIN,
    ),
    a_scan("fax", "dev", set_page(size=10), FAX, NOTED),
    a_scan(
        "fax-coarse",
        "dev",
        set_page(face="hei", size=11, figure_size=13, row_gap=9, margin=55),
        Scan(204, ink="fax", fax_lines=98, seal_ink=0.2, container="tif"),
        PLAIN,
        bare=True,
    ),
    a_scan(
        "camera",
        "dev",
        set_page(first_column="rotated"),
        Scan(220, skew=1.5, perspective=0.02, light=0.7, view="camera", blur=0.9, jpeg=80),
    ),
    a_scan(
        "screen",
        "dev",
        set_page(face="hei", digits=""),
        Scan(200, view="screen", perspective=0.012, light=0.5, jpeg=80),
        PLAIN,
    ),
    a_scan("askew", "dev", set_page(first_column="letters", cut_after=-1), Scan(skew=3.0, bleed=0.5, jpeg=70), PLAIN),
    a_scan("sealed", "dev", set_page(face="kai", row_gap=8), Scan(seals=3, strokes=6, seal_ink=0.85), NOTED),
    a_scan("tiff", "dev", set_page(repeat_heads=True, cut_after=-1), Scan(container="tif", jpeg=70, streaks=2)),
    a_scan(
        "picture",
        "dev",
        set_page(face="hei", heading_face="hei", tall=1700, margin=48, page_number=""),
        Scan(144, skew=0, paper=0, light=0, blur=0, noise=0, seals=0, container="png"),
        bare=True,
    ),
    a_scan(
        "picture-small",
        "dev",
        set_page(tall=1700, margin=40, page_number="", shade="heads"),
        Scan(130, skew=0.2, light=0, seals=0, jpeg=45, container="jpg"),
        bare=True,
    ),
    a_scan(
        "stamped",
        "dev",
        set_page(face="kai", tall=1700, margin=48, page_number="", size=9.5),
        Scan(144, skew=1.0, paper=0.2, noise=0.8, seals=2, jpeg=38, container="jpg"),
        bare=True,
    ),
    unmapped("unmapped", "dev", set_page(to_unicode=False)),
    a_scan("mixed", "dev", set_page(), Scan(mixed=0.5), VARIED),
    a_scan("misread", "dev", set_page(face="hei"), Scan(layer="misread", skew=0.3), PLAIN),
    a_scan("sideways", "dev", set_page(wide=True), Scan(turn=1, ink="grey"), PLAIN),
    a_scan("borderless", "dev", set_page(borders="none", row_gap=10), Scan(skew=0.4, seals=0), PLAIN),
    a_scan("shaded", "dev", set_page(shade="zebra", face="hei"), Scan(ink="grey"), BLANK),
    a_scan("blank-zeros", "dev", set_page(), Scan(bleed=0.4, strokes=2), BLANK),
    a_scan("provincial", "dev", set_page(), Scan(), TableStyle(provincial=True), OLDER),
    a_scan("web", "dev", web("AR PL UMing CN"), Scan(creases=2, jpeg=75)),
    a_scan("web-fine", "dev", web("WenQuanYi Zen Hei"), Scan(300, ink="grey", skew=1.0, holes=3, jpeg=75)),
    a_scan("web-misread", "dev", web("AR PL UMing CN"), Scan(layer="misread", creases=1, skew=0.8), PLAIN),
    a_scan(
        "web-camera",
        "dev",
        web("WenQuanYi Zen Hei", "td{font-size:14px}"),
        Scan(230, skew=1.8, perspective=0.023, light=0.75, view="camera", blur=0.85, creases=1, jpeg=78),
    ),
    a_scan(
        "web-screen", "dev", web("AR PL UMing CN"), Scan(view="screen", perspective=0.014, light=0.6, jpeg=78), PLAIN
    ),
    a_scan("dither", "dev", set_page(face="hei", digits="Helvetica"), Scan(300, ink="dither", seal_ink=0.4), PLAIN),
    a_scan("dither-coarse", "dev", set_page(size=10), Scan(240, ink="dither", seals=0, paper=0.2), PLAIN),
    a_scan("upside-down", "dev", set_page(face="kai", size=10), Scan(turn=2), PLAIN),
    a_scan("on-its-side", "dev", set_page(face="hei", wide=True), Scan(turn=3, creases=1), PLAIN),
    a_scan("three-rules", "dev", set_page(face="hei", borders="three", row_gap=9), Scan(seals=0), PLAIN, NEWER),
    a_scan(
        "open-cuts", "dev", set_page(face="kai", size=10, open_cuts=True, cut_after=-1), Scan(mixed=0.5, holes=2), PLAIN
    ),
    a_scan("rotated", "dev", set_page(face="kai", size=10, first_column="rotated"), Scan(ink="grey", creases=1), BLANK),
    a_scan(
        "letters",
        "dev",
        set_page(face="hei", digits="Helvetica", first_column="letters", cut_after=-1),
        Scan(skew=3.0, bleed=0.7, highlights=3, jpeg=65),
    ),
    a_scan(
        "sealed-hei", "dev", set_page(face="hei", digits="Helvetica"), Scan(seals=3, strokes=8, seal_ink=0.9), NOTED
    ),
    a_scan(
        "book",
        "dev",
        set_page(face="hei", size=9.5),
        Scan(220, skew=1.0, perspective=0.01, curl=0.1, light=0.5, view="camera", blur=0.7, seals=0, jpeg=80),
        PLAIN,
    ),
    a_scan(
        "split-rows", "dev", set_page(face="kai", size=10, whole_rows=False, cut_after=-1), Scan(ink="grey"), VARIED
    ),
    a_scan(
        "fax-coarse-whole",
        "dev",
        set_page(face="kai", size=10.5, figure_size=12, row_gap=8, margin=60),
        Scan(200, ink="fax", fax_lines=100, seal_ink=0.4, skew=0.7, noise=4.0, container="tif"),
        PLAIN,
    ),
    a_scan(
        "on-its-side-askew",
        "dev",
        set_page(face="kai", digits="Helvetica", wide=True),
        Scan(turn=3, creases=3, skew=1.3, seals=2),
        PLAIN,
    ),
    a_scan("dither-song", "dev", set_page(digits="Helvetica"), Scan(270, ink="dither", seal_ink=0.65, skew=0.9), PLAIN),
    a_scan(
        "three-rules-askew",
        "dev",
        set_page(face="kai", size=10, borders="three", row_gap=8),
        Scan(seals=0, skew=1.2, strokes=3, jpeg=70),
        PLAIN,
        NEWER,
    ),
    a_scan("web-fine-song", "dev", web("AR PL UMing CN"), Scan(280, ink="grey", skew=1.5, creases=1, jpeg=65)),
    a_scan(
        "heads-again",
        "dev",
        set_page(face="hei", digits="Helvetica", repeat_heads=True),
        Scan(container="tif", ink="grey", jpeg=55, creases=2),
    ),
)
