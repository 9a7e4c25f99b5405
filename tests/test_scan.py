"""Pictures of pages: straightened, ruled, recognised; doubt stays doubt; nothing is fetched."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import numpy as np
import pytest

from pipeline import readers
from pipeline.datamodel import Cell, Word
from pipeline.errors import UnreadableInput
from pipeline.scan.alternatives import best_text, figure_texts, plain, usual_peak
from pipeline.scan.figures import UNREAD, Seen, both, doubted, looked_at, may_be_figure
from pipeline.scan.strays import stray_places
from pipeline.scan.strips import Strip, _lines
from pipeline.tables.cell_text import readings
from pipeline.upright import box_on_page

cv2 = pytest.importorskip("cv2", reason="the extra scan is not installed")
pytest.importorskip("onnxruntime", reason="the extra scan is not installed")
pytest.importorskip("rapidocr", reason="the extra scan is not installed")

DPI = 200
ALPHABET = ("", *"0123456789.,-/%O〇规")


def strip(*steps: dict[str, float]) -> np.ndarray:
    """Recogniser output: for each step the probability of some characters, "" the blank, which takes the rest."""
    rows = np.zeros((len(steps), len(ALPHABET)), dtype=np.float32)
    for row, step in zip(rows, steps, strict=True):
        for char, share in step.items():
            row[ALPHABET.index(char)] = share
        row[0] = 1 - row[1:].sum()
    return rows


def page(width: int = 1000, height: int = 700) -> np.ndarray:
    return np.full((height, width, 3), 255, np.uint8)


def table(figures: list[list[str]], left: int = 100, top: int = 100, wide: int = 160, high: int = 60) -> np.ndarray:
    """A page with a ruled table of figures, blank cells included."""
    picture = page()
    rows, columns = len(figures), len(figures[0])
    for row in range(rows + 1):
        cv2.line(picture, (left, top + row * high), (left + columns * wide, top + row * high), (30, 30, 30), 2)
    for column in range(columns + 1):
        x = left + column * wide
        cv2.line(picture, (x, top), (x, top + rows * high), (30, 30, 30), 2)
    for row, texts in enumerate(figures):
        for column, text in enumerate(texts):
            place = (left + column * wide + 60, top + row * high + 42)
            cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2, cv2.LINE_AA)
    return picture


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    high, wide = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1)
    return cv2.warpAffine(picture, matrix, (wide, high), borderValue=(255, 255, 255))


def read(picture: np.ndarray):
    from pipeline.scan.page import read_picture

    return read_picture(picture, 1, (picture.shape[1] * 72 / DPI, picture.shape[0] * 72 / DPI))


def test_a_text_is_read_along_the_likeliest_path_and_is_as_sure_as_its_least_sure_character():
    text, sure = best_text(strip({"1": 0.9}, {"1": 0.9}, {}, {"1": 0.6}, {"2": 0.8}), ALPHABET)
    assert (text, round(sure, 2)) == ("112", 0.6)


def test_the_usual_peak_leaves_out_steps_without_a_character():
    assert usual_peak(strip({"1": 0.9}, {}, {"2": 0.7})) == pytest.approx(0.8)
    assert usual_peak(strip({}, {})) == 0.0


def test_alternatives_are_texts_with_their_whole_probability():
    found = dict(figure_texts(strip({"3": 0.7, "8": 0.3}, {}, {"0": 0.6, "O": 0.4}), ALPHABET))
    assert found["30"] == pytest.approx(0.7, abs=1e-3)
    assert found["80"] == pytest.approx(0.3, abs=1e-3)


def test_what_no_figure_explains_is_missing_from_the_probabilities():
    assert sum(share for _, share in figure_texts(strip({"规": 1.0}), ALPHABET)) < 0.01


def test_letters_that_look_like_digits_count_as_digits():
    assert plain("１O〇l，") == "1001,"
    assert may_be_figure("1O", narrow=False)
    assert not may_be_figure("规", narrow=False)
    assert may_be_figure("规", narrow=True)


@pytest.mark.parametrize(
    ("one", "other", "seen"),
    [
        ({"3": 1.0}, {"3": 1.0}, Seen("3")),
        ({"3": 0.9, "8": 0.1}, {"3": 1.0}, Seen("3", ("3", "8"))),
        ({"3": 1.0}, {"8": 1.0}, Seen("3", ("3", "8"))),
        ({"规": 1.0}, {"规": 1.0}, Seen(UNREAD, (UNREAD,))),
    ],
)
def test_a_figure_is_sure_only_where_two_looks_are(one: dict[str, float], other: dict[str, float], seen: Seen):
    assert looked_at([strip(one), strip(other)], ALPHABET)[:2] == seen[:2]


def test_a_third_look_that_is_sure_of_another_figure_leaves_doubt():
    looks = [strip({"3": 1.0}), strip({"3": 1.0}), strip({"8": 1.0})]
    assert looked_at(looks, ALPHABET).readings == ("3", "8")


def test_a_figure_beside_which_only_letters_come_into_question_is_sure_unless_a_stroke_may_be_it():
    assert looked_at([strip({"3": 0.9, "规": 0.1})] * 2, ALPHABET) == Seen("3")
    assert looked_at([strip({"1": 0.9, "规": 0.1})] * 2, ALPHABET).readings == ("1",)
    assert looked_at([strip({"3": 0.9})] * 2, ALPHABET).readings == ("3", UNREAD)


def test_faint_ink_is_never_a_sure_figure():
    assert doubted(Seen("1")).readings == ("1", UNREAD)


def test_a_zero_before_a_figure_is_no_reading_of_it():
    assert looked_at([strip({"0": 0.9}, {}, {"7": 1.0})] * 2, ALPHABET).readings == ("7",)


def spelled_strip(text: str, alphabet: tuple[str, ...], shares: dict[int, float]) -> np.ndarray:
    """Recogniser output that spells a text with a blank after each character, surely but where `shares` says."""
    rows = np.zeros((2 * len(text), len(alphabet)), dtype=np.float32)
    for place, char in enumerate(text):
        rows[2 * place, alphabet.index(char)] = shares.get(place, 1.0)
        rows[2 * place, 0] = 1 - rows[2 * place].sum()
        rows[2 * place + 1, 0] = 1
    return rows


@pytest.mark.parametrize(
    ("texts", "shares", "sure"),
    [
        (("23（规", "23（规"), {}, True),
        (("23（规", "23（规"), {2: 0.5, 3: 0.5}, True),  # the note may be doubtful
        (("23（规", "23（规"), {1: 0.85}, False),
        (("23（规", "28（规"), {}, False),
    ],
)
def test_a_figure_with_a_note_is_sure_where_two_looks_are_sure_of_the_figure(
    texts: tuple[str, str], shares: dict[int, float], sure: bool
):
    alphabet = (*ALPHABET, "（")
    one, other = (spelled_strip(text, alphabet, shares) for text in texts)
    assert bool(both(one, other, alphabet).readings) is not sure
    assert not may_be_figure("23（", narrow=False)


def even(_: object) -> float:
    """All ink is of one contrast."""
    return 150.0


def test_the_first_line_of_a_figure_with_a_wrapped_note_is_no_dirt():
    boxes = [(10, 10, 40, 30), (10, 40, 60, 60), (10, 70, 50, 90)]
    seen = [Seen("23（", ("23（", UNREAD)), Seen("含修"), Seen("订12件）")]
    assert stray_places([Strip(box, 0) for box in boxes], seen, even) == set()
    doubtful = Word("23（", (10, 10, 40, 30), None, ("23（", UNREAD))
    assert readings([doubtful, Word("含修订", (10, 40, 60, 60))]) == (UNREAD,)


def test_a_stroke_aside_of_a_sure_figure_is_dirt_and_a_line_below_it_is_not():
    figure, aside, below = (30, 30, 45, 50), (80, 16, 110, 39), (28, 60, 45, 80)
    stroke = Seen("-", ("-", "1", UNREAD), 0.03)
    assert stray_places([Strip(figure, 0), Strip(aside, 0)], [Seen("0"), stroke], even) == {1}
    assert stray_places([Strip(figure, 0), Strip(aside, 0)], [Seen("0"), stroke._replace(legible=0.4)], even) == set()
    assert stray_places([Strip(figure, 0), Strip(below, 0)], [Seen("0"), stroke], even) == set()


@pytest.mark.parametrize(("contrast", "stray"), [(80.0, {1}), (120.0, set())])
def test_doubtful_ink_below_a_figure_is_a_seal_where_it_is_paler_than_print(contrast: float, stray: set[int]):
    boxes = [(30, 30, 45, 50), (28, 60, 45, 80), *((30, 100 * at, 45, 100 * at + 20) for at in range(1, 9))]
    strips = [Strip(box, max(place - 1, 0)) for place, box in enumerate(boxes)]
    below = Seen("1", ("1", "7", UNREAD), 0.6)

    def dark(box: object) -> float:
        return contrast if box == boxes[1] else 150.0

    for figure in (Seen("0"), Seen("0", ("0", "9"))):
        assert stray_places(strips, [figure, below, *[Seen("12")] * 8], dark) == stray
    assert stray_places(strips, [Seen("0"), below, *[Seen("12", ("12", "72"))] * 8], dark) == set()


def test_gray_made_of_dots_becomes_gray_and_print_without_dots_stays_as_it_is():
    from PIL import Image

    from pipeline.scan.picture import without_dots

    printed = page(300, 200)
    cv2.putText(printed, "305", (60, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (20, 20, 20), 3)
    assert without_dots(printed) is printed
    shade = cv2.multiply(cv2.cvtColor(printed, cv2.COLOR_RGB2GRAY), 0.8)
    dotted = np.asarray(Image.fromarray(shade).convert("1").convert("RGB"))
    found = without_dots(dotted)[:60].astype(int)
    assert found.std() < 0.3 * dotted[:60].std()
    assert abs(found.mean() - shade[:60].mean()) < 10


def test_a_digit_that_a_coarse_fax_parted_is_one_line_and_two_lines_stay_two():
    whole = _lines([(10, 10, 25, 28), (10, 29, 26, 35)], DPI)
    assert whole == [(10, 10, 26, 35)]
    assert len(_lines([(10, 10, 25, 32), (10, 38, 26, 60)], DPI)) == 2
    assert len(_lines([(10, 10, 25, 28), (4, 29, 90, 31)], DPI)) == 2  # a piece of a rule


def test_a_digit_on_the_border_of_its_cell_leaves_the_figure_in_doubt():
    """The border's pixels take the digit with them, and what is left of 25 is a sure 5."""
    picture = table([["12", "7"], ["0", "47"]])
    cv2.putText(picture, "25", (238, 202), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2, cv2.LINE_AA)
    doubtful = {word.text for word in read(picture).words if word.readings}
    assert not {word.text for word in read(picture).words if word.text == "5" and not word.readings}
    assert "12" not in doubtful


def test_doubt_about_a_word_is_doubt_about_its_cell():
    doubtful = Word("3", (0, 0, 5, 5), None, ("3", "8"))
    assert readings([doubtful]) == ("3", "8")
    assert readings([doubtful, Word("5", (6, 0, 9, 5))]) == (UNREAD,)
    assert readings([doubtful, Word("规章", (6, 0, 9, 5))]) == ()


def test_the_identities_choose_among_the_readings_of_a_cell():
    from pipeline.domains import figure_of

    figure = figure_of(Cell("3", 0, 0, None, readings=("3", "8", UNREAD)))
    assert (figure.state, figure.candidates) == ("unreadable", (3, 8))


@pytest.mark.parametrize("degrees", [0.0, 1.5, -2.5])
def test_a_slanted_table_is_read_cell_by_cell_and_knows_the_way_back(degrees: float):
    from pipeline.tables import find_tables

    shown = read(turned(table([["12", "", "305"], ["0", "47", "1986"]]), degrees))
    (found,) = find_tables(shown)
    texts = [[cell.text for cell in found.cells if cell.row == row] for row in (0, 1)]
    assert texts == [["12", "", "305"], ["0", "47", "1986"]]
    box = found.cells[0].location.box
    if degrees:
        box = box_on_page(box, shown.back)
    angle = np.deg2rad(degrees)
    corner = np.array([100 - 500, 100 - 350]) @ np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    middle = np.array([180 - 500, 130 - 350]) @ np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    centre = (np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]) * DPI / 72) - np.array([500, 350])
    assert np.abs(centre - middle).max() < 6
    assert corner.shape == (2,)


def test_a_stroke_inside_a_cell_is_no_border():
    from pipeline.scan.rules import contrast, find_rules, ink_mask
    from pipeline.tables.grid import find_grids

    picture = table([["12", "7", "305"], ["0", "47", "1986"]], high=100)
    cv2.line(picture, (130, 120), (130, 175), (30, 30, 30), 2)  # ends inside the cell
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    (grid,) = find_grids(find_rules(ink_mask(contrast(gray, DPI)), DPI).edges)
    assert len(grid.slots) == 6


def test_a_red_seal_goes_and_the_black_under_it_stays():
    from pipeline.scan.picture import cleaned

    picture = page(600, 400)
    cv2.circle(picture, (200, 200), 80, (215, 60, 60), 10)
    cv2.putText(picture, "8", (190, 130), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 3)
    _, ink = cleaned(picture)
    assert ink[190:210, 115:125].min() > 200
    assert ink[105:132, 190:212].min() < 90


def test_a_streak_goes_and_a_digit_on_it_stays():
    from pipeline.scan.picture import cleaned

    picture = page(600, 800)
    picture[:, 300:302] = 190
    cv2.putText(picture, "1", (291, 400), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 3)
    _, ink = cleaned(picture)
    assert ink[500:700, 300:302].min() > 235
    assert ink[380:400, 292:312].min() < 90


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch):
    from pipeline.scan import recogniser

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    recogniser.load_models.cache_clear()
    shown = read(table([["12", "7"], ["0", "47"]]))
    assert sorted(word.text for word in shown.words) == ["0", "12", "47", "7"]


def saved(picture: np.ndarray, kind: str, **how: object) -> bytes:
    from PIL import Image

    held = io.BytesIO()
    Image.fromarray(picture).save(held, kind, **how)
    return held.getvalue()


def test_a_tiff_of_two_pages_has_two_pages_and_its_own_size():
    from PIL import Image

    pages = [Image.fromarray(table([[one, "5"], ["0", "47"]])) for one in ("12", "90")]
    held = io.BytesIO()
    pages[0].save(held, "TIFF", save_all=True, append_images=pages[1:], dpi=(100, 100))
    first, second = readers.read(readers.open_source("x.tif", held.getvalue()))
    assert (first.number, second.number) == (1, 2)
    assert (first.width, first.height) == pytest.approx((720, 504), abs=1)
    assert {"12", "90"} <= {word.text for word in (*first.words, *second.words)}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (saved(page(), "PNG")[:900], "damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(400), "damaged"),
        (b"II*\x00" + bytes(60), "damaged"),
    ],
)
def test_damaged_pictures_are_refused(data: bytes, code: str):
    assert refusal(data) == code


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableInput) as caught:
        readers.read(readers.open_source("x.png", data))
    return caught.value.code


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.readers.from_scan.MAX_PIXELS", 1000)
    assert refusal(saved(page(), "PNG")) == "too_many_pixels"


def test_a_picture_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.readers.from_scan.MAX_PAGES", 0)
    assert refusal(saved(page(), "PNG")) == "too_many_pages"


def test_without_the_extra_a_picture_names_the_one_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.readers.from_scan.is_installed", lambda: False)
    with pytest.raises(UnreadableInput, match=r"pip install 'nianbao\[scan\]'") as caught:
        readers.read(readers.open_source("x.png", saved(page(), "PNG")))
    assert caught.value.code == "scan_without_text"


def test_reading_text_never_loads_the_recogniser(tmp_path: Path):
    import subprocess
    import sys

    code = (
        "import sys; from pipeline import readers; from pathlib import Path; "
        "s = next(Path('corpora/documents').glob('pdf-ruled-1-*/source.pdf')); readers.read(readers.open_source(s)); "
        "assert not {'cv2', 'onnxruntime', 'rapidocr'} & set(sys.modules)"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_table_that_goes_on_over_the_page_has_its_columns_at_the_same_places():
    from pipeline.datamodel import Edge, Page
    from pipeline.scan.alignment import aligned

    def ruled(number: int, left: float, wide: float) -> Page:
        xs = [left + wide * part for part in (0, 0.5, 1)]
        edges = [Edge(x, 100, x, 200) for x in xs] + [Edge(xs[0], y, xs[-1], y) for y in (100, 150, 200)]
        words = (Word("7", (left + 0.7 * wide, 110, left + 0.75 * wide, 120)),)
        return Page(number, 600, 800, words, tuple(edges))

    first, second = aligned([ruled(1, 70, 400), ruled(2, 95, 420)], {1, 2})
    assert second.words[0].box == pytest.approx((350, 110, 370, 120), abs=0.1)
    assert box_on_page(second.words[0].box, second.back) == pytest.approx((389, 110, 410, 120), abs=0.1)
    assert first.back == ()
    kept = ruled(2, 95, 900)
    assert aligned([first, kept], {1, 2})[1] == kept
    assert aligned([first, ruled(2, 95, 420)], {1})[1] == ruled(2, 95, 420)


def pdf_of(picture: np.ndarray, hidden: str = "", shown: str = "") -> bytes:
    """A PDF of one page that is a picture, with a text that nobody sees under it, and a second page of shown text."""
    pytest.importorskip("reportlab", reason="the extra synthesis is not installed")
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    size = picture.shape[1] * 72 / DPI, picture.shape[0] * 72 / DPI
    canvas = Canvas(held, pagesize=size, invariant=1)
    if hidden:
        text = canvas.beginText(40, 100)
        text.setTextRenderMode(3)
        text.textLine(hidden)
        canvas.drawText(text)
    canvas.drawImage(ImageReader(Image.fromarray(picture)), 0, 0, *size)
    canvas.showPage()
    if shown:
        canvas.drawString(40, 100, shown)
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def test_pages_of_a_pdf_are_recognised_one_by_one_and_hidden_text_is_not_believed():
    data = pdf_of(table([["12", "7"], ["0", "47"]]), hidden="13 8 0 47", shown="page two 5")
    first, second = readers.read(readers.open_source("x.pdf", data))
    assert sorted(word.text for word in first.words) == ["0", "12", "47", "7"]
    assert [problem.code for problem in first.problems] == ["text_layer_distrusted"]
    assert "".join(word.text for word in second.words).replace(" ", "") == "pagetwo5"
    assert second.problems == ()


def test_a_pdf_whose_pictures_show_nothing_says_so():
    (only,) = readers.read(readers.open_source("x.pdf", pdf_of(page(400, 300))))
    assert [problem.code for problem in only.problems] == ["scan_without_text"]


@pytest.mark.parametrize("turns", [1, 2])
def test_a_page_of_prose_alone_is_set_upright(turns: int) -> None:
    from PIL import Image, ImageDraw, ImageFont

    from corpora.synthesis.fonts import font_file

    file = font_file("song")
    if file is None:
        pytest.skip("no Chinese font on this system")
    sheet = Image.new("RGB", (760, 420), "white")
    face = ImageFont.truetype(str(file), 30)
    lines = (
        "全年主动公开信息一百二十条",
        "依申请公开办理平稳有序",
        "平台建设继续得到加强",
        "监督保障工作按期完成",
        "存在的问题逐项整改",
    )
    for place, line in enumerate(lines):
        ImageDraw.Draw(sheet).text((60, 40 + 70 * place), line, fill=(20, 20, 20), font=face)
    shown = read(np.ascontiguousarray(np.rot90(np.asarray(sheet), turns)))
    text = "".join(word.text for word in shown.words)
    assert sum(line in text for line in lines) >= 4
    assert shown.back
