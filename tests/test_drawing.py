"""Pictures of the stages, on the rendered page."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.datamodel import Page, Source
from pipeline.drawing import Shape, draw_page, draw_stage
from pipeline.errors import NianbaoError, UsageError


def pdf(width: float = 200, height: float = 100) -> Source:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1)
    canvas.drawString(20, 50, "42")
    canvas.save()
    return Source("made.pdf", out.getvalue(), "0" * 64, "application/pdf")


def drawn(tmp_path: Path, *shapes: Shape) -> Image.Image:
    out = tmp_path / "page.png"
    draw_stage(pdf(), 1, shapes, out)
    return Image.open(out).convert("RGB")


def test_the_picture_is_the_page_with_the_shapes_over_it(tmp_path: Path):
    bare = drawn(tmp_path)
    assert bare.size == (400, 200)
    assert bare.getpixel((200, 40)) == (255, 255, 255)
    boxed = drawn(tmp_path, Shape((80, 10, 120, 30), "", "table"))
    assert boxed.getpixel((160, 40)) == (150, 40, 180)
    assert boxed.getpixel((200, 40)) == (255, 255, 255)
    assert boxed.getpixel((300, 150)) == bare.getpixel((300, 150))


def test_kinds_have_colours_of_their_own_and_unknown_ones_one_too(tmp_path: Path):
    kinds = ("word", "line", "table", "cell", "row", "field", "unheard of")
    seen = {drawn(tmp_path, Shape((80, 10, 120, 30), "", kind)).getpixel((160, 40)) for kind in kinds}
    assert len(seen) == len(kinds)


def test_edges_are_lines_and_labels_are_written(tmp_path: Path):
    assert drawn(tmp_path, Shape((80, 20, 120, 20), "", "edge")).getpixel((200, 40)) != (255, 255, 255)
    plain = drawn(tmp_path, Shape((80, 10, 120, 30), "", "field"))
    assert drawn(tmp_path, Shape((80, 10, 120, 30), "总计=95", "field")).tobytes() != plain.tobytes()


def test_boxes_that_are_none_or_off_the_page_do_no_harm(tmp_path: Path):
    shapes = Shape((120, 30, 80, 10), "", "word"), Shape((-50, -50, 900, 900), "x" * 500, "cell")
    assert drawn(tmp_path, *shapes).size == (400, 200)


def test_a_huge_page_stays_a_picture_of_bearable_size():
    picture, scale = draw_page(pdf(10_000, 5_000), 1)
    assert max(picture.size) <= 4001
    assert scale == pytest.approx(0.4)


def test_sources_without_pages_have_no_picture(tmp_path: Path):
    source = Source("report.html", b"<p>", "0" * 64, "text/html")
    with pytest.raises(UsageError, match="only PDFs and pictures can be drawn"):
        draw_stage(source, 1, [], tmp_path / "page.png")


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_page_that_is_not_there(tmp_path: Path, number: int):
    with pytest.raises(UsageError, match="has 1 pages"):
        draw_stage(pdf(), number, [], tmp_path / "page.png")


def test_a_damaged_file(tmp_path: Path):
    with pytest.raises(NianbaoError, match=r"made\.pdf cannot be rendered"):
        draw_stage(Source("made.pdf", b"%PDF-", "0" * 64, "application/pdf"), 1, [], tmp_path / "page.png")


def test_a_picture_that_cannot_be_written(tmp_path: Path):
    for out in (tmp_path / "missing" / "page.png", tmp_path / "page.nonsense"):
        with pytest.raises(NianbaoError, match="cannot be written"):
            draw_stage(pdf(), 1, [], out)


def test_a_picture_is_drawn_as_it_was_set_upright(tmp_path: Path):

    held = io.BytesIO()
    slanted = Image.new("RGB", (500, 400), "white")
    slanted.paste((0, 0, 0), (55, 15, 66, 26))
    slanted.save(held, "PNG", dpi=(72, 72))
    source = Source("scan.png", held.getvalue(), "0" * 64, "image/png")
    read = Page(1, 500.0, 400.0, back=(1.0, 0.0, 20.0, 0.0, 1.0, -10.0, 0.0, 0.0, 1.0))
    for page, dark in ((None, (60, 20)), (read, (40, 30))):
        draw_stage(source, 1, [], tmp_path / "page.png", page)
        with Image.open(tmp_path / "page.png") as drawn:
            scale = drawn.width / 500
            assert drawn.convert("L").getpixel((round(dark[0] * scale), round(dark[1] * scale))) < 60
            assert drawn.convert("L").getpixel((round(80 * scale), round(60 * scale))) > 200
