"""The PDF reader: what a reader of the page sees, and nothing that only the file holds."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.colors import Color, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.datamodel import Edge, Page, Source, Word
from pipeline.errors import UnreadableInput
from pipeline.readers.from_pdf import MAX_PAGES, read
from pipeline.readers.pdf_edges import figures_are_ruled
from pipeline.readers.pdf_second_opinion import read_again
from pipeline.readers.pdf_tagged_tables import tagged_table
from pipeline.readers.pdf_tags import TaggedCell

WIDTH, HEIGHT = A4
pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))


@pytest.fixture(autouse=True)
def without_recogniser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading text is what is tested here; pages that are pictures, or whose text lies, stay as they are."""
    monkeypatch.setattr("pipeline.scan.is_installed", lambda: False)


def source(data: bytes) -> Source:
    return Source("made.pdf", data, "0" * 64, "application/pdf")


def make(*draw: Callable[[Canvas], object], **options: object) -> bytes:
    """A PDF with one page for each function, which draws on it."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=options.pop("pagesize", A4), invariant=1, **options)
    for one in draw:
        canvas.setFont("STSong-Light", 12)
        one(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def pages_of(*draw: Callable[[Canvas], object]) -> list[Page]:
    return read(source(make(*draw)))


def texts(page: Page) -> list[str]:
    return [word.text for word in page.words]


def write(text: str, x: float = 100, y: float = 700, size: float = 12, font: str = "STSong-Light"):
    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        canvas.drawString(x, y, text)

    return draw


def all_of(*draw: Callable[[Canvas], object]) -> Callable[[Canvas], None]:
    def every(canvas: Canvas) -> None:
        for one in draw:
            canvas.saveState()
            one(canvas)
            canvas.restoreState()

    return every


# Words


def test_a_word_has_its_text_and_its_place_from_the_top_left():
    (page,) = pages_of(write("本年新收申请36件"))
    (word,) = page.words
    assert (page.number, page.width, page.height) == (1, 595.28, 841.89)
    assert word.text == "本年新收申请36件"
    x0, top, x1, bottom = word.box
    assert x0 == pytest.approx(100, abs=0.5)
    assert x1 == pytest.approx(100 + pdfmetrics.stringWidth("本年新收申请36件", "STSong-Light", 12), abs=0.5)
    assert top < HEIGHT - 700 < bottom
    assert 8 < bottom - top < 18


def test_gaps_spaces_and_lines_part_words():
    (page,) = pages_of(all_of(write("规章  3 0"), write("12", 180), write("废止", 100, 680), write("中 文", 100, 660)))
    assert texts(page) == ["规章", "3", "0", "12", "废止", "中", "文"]


def test_a_decimal_point_stays_with_its_number():
    (page,) = pages_of(write("1251.38", font="Helvetica"))
    assert texts(page) == ["1251.38"]


def test_a_raised_small_number_is_a_note_mark_and_no_digit():
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(100, 700)
        for mark, size, rise in (("22", 12, 0), ("1", 7, 5), (" 40", 12, 0), ("12", 7, 5), (" 5", 12, 0)):
            text.setFont("Helvetica", size)
            text.setRise(rise)
            text.textOut(mark)
        canvas.drawText(text)

    (page,) = pages_of(draw)
    assert texts(page) == ["22", "①", "40", "⑫", "5"]


def test_a_raised_digit_of_the_same_size_is_not_taken_into_the_number():
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(100, 700)
        text.setFont("Helvetica", 12)
        text.textOut("22")
        text.setRise(4)
        text.textOut("1")
        canvas.drawText(text)

    (page,) = pages_of(draw)
    assert texts(page) == ["22", "①"]


def test_small_figures_beside_large_labels_stay_figures():
    (page,) = pages_of(all_of(write("许可", 100, 700, 16), write("31", 140, 701, 9, "Helvetica")))
    assert texts(page) == ["许可", "31"]


@pytest.mark.parametrize("angle", [90, 270, 180])
def test_a_turned_run_is_one_word_in_reading_order(angle: int):
    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(angle)
        canvas.drawString(0, 0, "本年度办理结果")

    (page,) = pages_of(draw)
    (word,) = page.words
    x0, top, x1, bottom = word.box
    assert word.text == "本年度办理结果"
    assert max(bottom - top, x1 - x0) == pytest.approx(84, abs=1)
    assert (bottom - top > x1 - x0) == (angle != 180)


def test_characters_one_below_the_other_come_as_words_of_one_character():
    (page,) = pages_of(all_of(*(write(char, 100, 700 - 13 * index) for index, char in enumerate("办理结果"))))
    assert texts(page) == list("办理结果")
    assert [word.box[1] for word in page.words] == sorted(word.box[1] for word in page.words)


def test_tight_cells_are_parted_by_the_edge_between_them():
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 12)
        canvas.drawString(100, 700, "12")
        canvas.drawString(100 + 13.34 + 1.6, 700, "34")
        canvas.line(114.2, 690, 114.2, 715)

    (page,) = pages_of(draw)
    assert texts(page) == ["12", "34"]


def test_a_number_that_overflows_its_cell_stays_whole():
    (page,) = pages_of(all_of(write("15219", font="Helvetica"), lambda canvas: canvas.line(113.3, 690, 113.3, 715)))
    assert texts(page) == ["15219"]


# What only the file holds


def hidden_mode(canvas: Canvas) -> None:
    text = canvas.beginText(160, 700)
    text.setTextRenderMode(3)
    text.textOut("999")
    canvas.drawText(text)


def white_text(canvas: Canvas) -> None:
    canvas.setFillColor(white)
    write("999", 160)(canvas)


def clear_text(canvas: Canvas) -> None:
    canvas.setFillColor(Color(0, 0, 0, alpha=0))
    write("999", 160)(canvas)


def watermark(canvas: Canvas) -> None:
    canvas.translate(200, 400)
    canvas.rotate(40)
    write("999", 0, 0, 40)(canvas)


@pytest.mark.parametrize(
    "extra",
    [
        hidden_mode,
        white_text,
        clear_text,
        watermark,
        write("999", 160, size=0.4),
        write("999", -90),
        write("999", 100, 2000),
    ],
    ids=["mode 3", "white", "transparent", "slanted", "tiny", "left of the page", "above the page"],
)
def test_text_that_nobody_sees_is_dropped(extra: Callable[[Canvas], object]):
    (page,) = pages_of(all_of(write("申请"), extra, write("5", 300)))
    assert texts(page) == ["申请", "5"]


def test_a_hidden_digit_does_not_join_the_digits_around_it():
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(100, 700)
        text.setFont("Helvetica", 12)
        text.textOut("1")
        text.setTextRenderMode(3)
        text.textOut("7")
        text.setTextRenderMode(0)
        text.textOut("2")
        canvas.drawText(text)

    (page,) = pages_of(draw)
    assert texts(page) == ["1", "2"]


def test_white_text_on_a_dark_cell_is_seen():
    def draw(canvas: Canvas) -> None:
        canvas.setFillColor(Color(0.1, 0.2, 0.5))
        canvas.rect(90, 690, 200, 40, fill=1, stroke=0)
        white_text(canvas)

    assert texts(pages_of(draw)[0]) == ["999"]


@pytest.mark.parametrize("each", [False, True], ids=["run by run", "character by character"])
def test_text_printed_twice_to_look_bold_is_read_once(each: bool):
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 12)
        for index, piece in enumerate(["1", "2", "2"] if each else ["122"]):
            for offset in (0, 0.4):
                canvas.drawString(100 + 6.672 * index + offset, 700, piece)

    assert texts(pages_of(draw)[0]) == ["122"]


def test_digits_printed_over_one_another_are_not_read_as_a_number():
    (page,) = pages_of(all_of(write("35", font="Helvetica"), write("71", 100.5, 700.5, font="Helvetica")))
    assert not any(char.isdigit() for word in page.words for char in word.text)
    assert any("\ufffd" in word.text for word in page.words)


# Pages


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_is_read_as_shown(turn: int):
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(turn)
        corners = {0: (60, 760), 90: (60, 60), 180: (535, 60), 270: (782, 535)}
        canvas.translate(*corners[turn])
        canvas.rotate(turn)
        canvas.drawString(0, 0, "信息内容 12")
        canvas.line(0, -10, 200, -10)

    (page,) = pages_of(draw)
    assert texts(page) == ["信息内容", "12"]
    assert (page.width, page.height) == (595.28, 841.89)
    x0, top, _, bottom = page.words[0].box
    assert x0 == pytest.approx(60, abs=30)
    assert top < 110
    assert 8 < bottom - top < 18
    (edge,) = page.edges
    assert edge.top == edge.bottom
    assert edge.x1 - edge.x0 == pytest.approx(200, abs=2.5)
    assert bottom < edge.top < bottom + 15


def test_places_count_from_the_crop_box():
    data = make(write("申请", 100, 700), write("外", 10, 10)).replace(
        b"/MediaBox [ 0 0 595.2756 841.8898 ]", b"/MediaBox [ 0 0 595.2756 841.8898 ] /CropBox [ 50 100 550 800 ]"
    )
    first, second = read(source(data))
    assert (first.width, first.height) == (500, 700)
    assert first.words[0].box[0] == pytest.approx(50, abs=0.5)
    assert first.words[0].box[3] == pytest.approx(800 - 700, abs=5)
    assert texts(second) == []


# Edges


def edges_of(draw: Callable[[Canvas], object]) -> list[tuple[float, ...]]:
    return [(edge.x0, edge.top, edge.x1, edge.bottom) for edge in pages_of(draw)[0].edges]


def near(*sides: float):
    return pytest.approx(sides, abs=1)


def test_stroked_rectangles_give_four_edges_and_thin_filled_ones_one():
    framed = edges_of(lambda canvas: canvas.rect(100, 600, 200, 50))
    assert len(framed) == 4
    assert near(100, HEIGHT - 650, 300, HEIGHT - 650) in framed
    assert near(300, HEIGHT - 650, 300, HEIGHT - 600) in framed
    (filled,) = edges_of(lambda canvas: canvas.rect(100, 600, 0.5, 80, fill=1, stroke=0))
    assert filled == near(100.25, HEIGHT - 680, 100.25, HEIGHT - 600)
    assert filled[0] == filled[2]


def test_several_thin_rectangles_of_one_path_are_edges():
    def draw(canvas: Canvas) -> None:
        path = canvas.beginPath()
        path.rect(100, 600, 200, 0.5)
        path.rect(100, 500, 200, 0.5)
        path.rect(100, 500, 0.5, 100)
        canvas.drawPath(path, fill=1, stroke=0)

    assert len(edges_of(draw)) == 3


def nothing_drawn(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.rect(100, 600, 200, 50)
    canvas.clipPath(path, stroke=0, fill=0)


def white_frame(canvas: Canvas) -> None:
    canvas.setStrokeColor(white)
    canvas.rect(100, 600, 200, 50)


@pytest.mark.parametrize(
    "draw",
    [
        nothing_drawn,
        white_frame,
        lambda canvas: canvas.rect(100, 600, 200, 50, fill=1, stroke=0),
        lambda canvas: canvas.line(100, 600, 200, 700),
        lambda canvas: canvas.circle(300, 300, 50),
    ],
    ids=["clip only", "white", "filled area", "slanted", "curve"],
)
def test_what_is_no_edge(draw: Callable[[Canvas], object]):
    assert edges_of(draw) == []


def test_edges_and_words_inside_a_form_stand_where_the_form_puts_them():
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("inner")
        canvas.line(0, 0, 50, 0)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(0, 5, "42")
        canvas.endForm()
        canvas.translate(200, 300)
        canvas.scale(2, 2)
        canvas.doForm("inner")

    (page,) = pages_of(draw)
    (edge,) = page.edges
    assert (edge.x0, edge.top, edge.x1, edge.bottom) == pytest.approx((200, HEIGHT - 300, 300, HEIGHT - 300), abs=2)
    assert texts(page) == ["42"]
    assert page.words[0].box[0] == pytest.approx(200, abs=2)


def test_figures_are_ruled_where_uprights_stand_on_both_sides():
    words = [Word(str(n), (100, 20.0 * n, 110, 20.0 * n + 10)) for n in range(1, 9)]
    grid = [Edge(90, 10, 90, 200), Edge(130, 10, 130, 200)]
    assert figures_are_ruled(words, grid)
    assert not figures_are_ruled(words, grid[:1])
    assert not figures_are_ruled(words, [])


# Trouble


def read_or_code(data: bytes) -> list[Page] | str:
    try:
        return read(source(data))
    except UnreadableInput as error:
        return error.code


def code_of(data: bytes) -> str:
    with pytest.raises(UnreadableInput) as caught:
        read(source(data))
    assert "made.pdf" in str(caught.value)
    return caught.value.code


def test_an_encrypted_file_asks_for_one_without_password():
    assert code_of(make(write("申请"), encrypt=StandardEncryption("geheim"))) == "encrypted_pdf"


def test_a_file_encrypted_without_a_password_is_read():
    data = make(write("申请"), encrypt=StandardEncryption("", ownerPassword="geheim"))
    assert texts(read(source(data))[0]) == ["申请"]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(range(256)) * 20, b"PK\x03\x04"])
def test_what_is_no_pdf_is_damaged(data: bytes):
    assert code_of(data) == "damaged_pdf"


def test_a_file_without_pages():
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]
    assert code_of(assemble(objects)) in ("no_pages", "damaged_pdf")


def test_more_pages_than_a_report_has():
    assert code_of(make(*[lambda canvas: None] * (MAX_PAGES + 1))) == "too_many_pages"


def test_a_truncated_file_is_read_or_refused():
    data = make(write("申请5件"), write("完"))
    for share in (0.99, 0.9, 0.6, 0.3, 0.1):
        pages = read_or_code(data[: int(len(data) * share)])
        if isinstance(pages, str):
            assert pages in ("damaged_pdf", "no_pages")
        else:
            assert {text for page in pages for text in texts(page)} <= {"申请5件", "完"}


def test_pictures_without_text_are_a_scan():
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    picture = ImageReader(Image.new("RGB", (20, 20), (120, 0, 0)))
    draw = lambda canvas: canvas.drawImage(picture, 0, 0, WIDTH, HEIGHT)  # noqa: E731
    (page, _) = pages_of(draw, draw)
    assert [problem.code for problem in page.problems] == ["scan_without_text"]
    assert pages_of(draw, write("申请"))[0].problems == ()


def test_a_page_with_too_many_paths_is_skipped_with_a_problem(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.readers.pdf_edges.MAX_OBJECTS", 20)
    many = all_of(*(lambda canvas, y=y: canvas.line(0, y, 100, y) for y in range(30)))
    first, second = pages_of(many, write("申请"))
    assert [problem.code for problem in first.problems] == ["page_too_complex"]
    assert first.words == ()
    assert texts(second) == ["申请"]


def test_a_font_without_character_map_is_not_trusted():
    font = b"<</Type/Font/Subtype/Type0/BaseFont/Nowhere/Encoding/Identity-H/DescendantFonts[5 0 R]>>"
    descendant = (
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Nowhere/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/FontDescriptor 6 0 R/DW 1000>>"
    )
    described = (
        b"<</Type/FontDescriptor/FontName/Nowhere/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 900"
        b"/Descent -200/CapHeight 700/StemV 80>>"
    )
    content = b"BT /F1 12 Tf 100 700 Td <0031003200330E340E350E36E001E002E003> Tj ET"
    data = assemble([*page_objects(content)[:3], font, descendant, described, stream(content)])
    (page,) = read(source(data))
    assert [problem.code for problem in page.problems] == ["untrusted_text"]
    assert not any(word.text.isdigit() for word in page.words)


def test_the_second_opinion_replaces_words_that_pdfium_cannot_decode():
    data = make(write("申请 36", 100, 700))
    (good,) = read(source(data))
    bad = Page(1, good.width, good.height, tuple(Word("\ufffd" * len(w.text), w.box) for w in good.words), good.edges)
    mended = read_again(source(data), bad, 4)
    assert texts(mended) == ["申请", "36"]
    assert [problem.code for problem in mended.problems] == ["second_opinion"]
    for ours, theirs in zip(good.words, mended.words, strict=True):
        assert theirs.box == pytest.approx(ours.box, abs=4)


def test_the_second_opinion_does_not_trust_foreign_letters_either():
    data = make(write("\u00c4\u00c5\u00c7\u00c9\u00d1 12", font="Helvetica"))
    (page,) = read(source(data))
    assert [problem.code for problem in page.problems] == ["untrusted_text"]


def test_repeated_reading_leaks_nothing():
    resource = pytest.importorskip("resource")
    document = source(make(*[all_of(write("申请 36"), lambda canvas: canvas.rect(90, 600, 200, 50))] * 3))
    for _ in range(30):
        read(document)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(150):
        read(document)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 6000  # kilobytes


def test_same_bytes_same_pages():
    data = make(all_of(write("申请 36"), lambda canvas: canvas.rect(90, 600, 200, 50)))
    assert read(source(data)) == read(source(data))


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_random_bytes_are_refused(data: bytes):
    with pytest.raises(UnreadableInput):
        read(source(b"%PDF-1.4\n" + data))


_WHOLE = make(all_of(write("申请 36"), lambda canvas: canvas.rect(90, 600, 200, 50)), write("完"))


@given(st.lists(st.tuples(st.integers(0, len(_WHOLE) - 1), st.integers(0, 255)), max_size=30))
@settings(max_examples=80, deadline=None)
def test_changed_bytes_are_read_or_refused(changes: Sequence[tuple[int, int]]):
    data = bytearray(_WHOLE)
    for place, value in changes:
        data[place] = value
    pages = read_or_code(bytes(data))
    if isinstance(pages, str):
        assert pages in ("damaged_pdf", "no_pages", "encrypted_pdf", "too_many_pages")
    else:
        assert [page.number for page in pages] == list(range(1, len(pages) + 1))


# Tags


def stream(content: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)


def page_objects(content: bytes, more: bytes = b"", catalog: bytes = b"") -> list[bytes]:
    return [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 7 0 R"
        + more
        + b">>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]


def assemble(objects: Sequence[bytes]) -> bytes:
    """A PDF file of the objects, numbered from 1; the first is the catalog."""
    out, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1, table, len(objects) + 1, len(out),
    )  # fmt: skip


def tagged_pdf(rows: Sequence[Sequence[str]]) -> bytes:
    """A tagged PDF with one table; a cell "" is missing from the tags, as browsers have it."""
    cells = [(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row) if text]
    content = b"".join(
        b"/TD <</MCID %d>> BDC BT /F1 12 Tf %d %d Td (%s) Tj ET EMC\n"
        % (mark, 100 + 80 * c, 700 - 20 * r, text.encode())
        for mark, (r, c, text) in enumerate(cells)
    )
    first_row, first_cell = 10, 10 + len(rows)
    kids = [[first_cell + mark for mark, cell in enumerate(cells) if cell[0] == r] for r in range(len(rows))]
    row_objects = [
        b"<</Type/StructElem/S/TR/P 9 0 R/K[%s]>>" % b" ".join(b"%d 0 R" % kid for kid in one) for one in kids
    ]
    cell_objects = [
        b"<</Type/StructElem/S/TD/P %d 0 R/Pg 3 0 R/K %d>>" % (first_row + r, mark)
        for mark, (r, _, _) in enumerate(cells)
    ]
    parents = b" ".join(b"%d 0 R" % (first_cell + mark) for mark in range(len(cells)))
    objects = [
        *page_objects(content, b"/StructParents 0", b"/StructTreeRoot 5 0 R/MarkInfo<</Marked true>>"),
        b"<</Type/StructTreeRoot/K 9 0 R/ParentTree 6 0 R>>",
        b"<</Nums[0 8 0 R]>>",
        stream(content),
        b"[%s]" % parents,
        b"<</Type/StructElem/S/Table/P 5 0 R/K[%s]>>"
        % b" ".join(b"%d 0 R" % (first_row + r) for r in range(len(rows))),
        *row_objects,
        *cell_objects,
    ]
    return assemble(objects)


def grid_of(page: Page) -> list[list[str]]:
    (table,) = page.blocks
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell.text)
    return list(rows.values())


def test_a_tagged_table_comes_with_its_cells_and_boxes():
    rows = [["name", "made", "valid"], ["rules", "3", "17"], ["orders", "0", "8"]]
    (page,) = read(source(tagged_pdf(rows)))
    assert grid_of(page) == rows
    cell = next(cell for cell in page.blocks[0].cells if cell.text == "17")
    assert (cell.row, cell.column) == (1, 2)
    assert cell.location.box is not None
    assert cell.location.box[0] == pytest.approx(260, abs=1)
    assert page.blocks[0].origin == "tagged"
    assert len(page.words) == 9


def test_cells_left_out_of_the_tags_are_found_by_place():
    rows = [["name", "made", "valid"], ["rules", "", "17"], ["orders", "5", ""], ["acts", "", ""]]
    assert grid_of(read(source(tagged_pdf(rows)))[0]) == rows


def cell(text: str, x: float, y: float = 0, rows: int = 1, columns: int = 1) -> TaggedCell:
    words = tuple(
        Word(part, (x, y + 12 * n, x + 6 * len(part), y + 12 * n + 10)) for n, part in enumerate(text.split("|"))
    )
    return TaggedCell(words if text else (), rows, columns)


def test_a_tagged_row_whose_columns_stay_open_makes_no_table():
    assert (
        tagged_table([[cell("a", 0), cell("b", 50), cell("c", 100)], [cell("d", 0, 20), cell("e", 75, 20)]], 1) is None
    )


def test_a_tagged_figure_over_two_lines_makes_no_table():
    assert tagged_table([[cell("a", 0), cell("1521|9", 50)], [cell("b", 0, 40), cell("3", 50, 40)]], 1) is None


def test_tagged_spans_keep_their_columns():
    rows = [
        [cell("g", 0, 0, rows=2), cell("a", 50), cell("1", 100)],
        [cell("b", 50, 20), cell("2", 100, 20)],
        [cell("total", 0, 40, columns=2), cell("3", 100, 40)],
    ]
    table = tagged_table(rows, 1)
    assert table is not None
    assert [(one.text, one.row, one.column, one.row_span, one.column_span) for one in table.cells] == [
        ("g", 0, 0, 2, 1), ("a", 0, 1, 1, 1), ("1", 0, 2, 1, 1), ("b", 1, 1, 1, 1), ("2", 1, 2, 1, 1),
        ("total", 2, 0, 1, 2), ("3", 2, 2, 1, 1),
    ]  # fmt: skip


# A real report


def test_a_published_report():
    file = Path(__file__).parents[2] / "shared" / "real" / "hongze-2024-pdf" / "source.pdf"
    if not file.exists():
        pytest.skip("the real reports are not beside this checkout")
    pages = read(source(file.read_bytes()))
    assert [len(page.words) > 10 for page in pages] == [True] * 5
    assert sum(word.text == "0" for word in pages[2].words) == 77
    label = [word for word in pages[2].words if len(word.text) == 1 and word.box[0] < 100 and word.box[1] > 500]
    assert "".join(word.text for word in label) == "三、本年度办理结果"
