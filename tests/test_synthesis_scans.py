"""The generator of scans: what it damages, what it must leave, and that the same seed gives the same bytes."""

from __future__ import annotations

import io
import json
import random
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="scans need the extra scan: pip install 'nianbao[scan]'")

import pypdfium2

from corpora.synthesis import generate, scan_files, scan_marks, scan_paper, scan_views
from corpora.synthesis.fonts import font
from corpora.synthesis.layout import Layout
from corpora.synthesis.layouts import LAYOUTS
from corpora.synthesis.rescan import main as rescan_main
from corpora.synthesis.scans import SCANS
from corpora.synthesis.to_scan import Scan, scan, seal_text

SMALL = Scan(dpi=40, seals=0, jpeg=60)
pytestmark = pytest.mark.skipif(font("song") is None, reason="the font uming.ttc is not on this system")


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = generate(tmp_path_factory.mktemp("printed"), 3, 1, ["pdf-ruled"])[0]
    return (folder / "source.pdf").read_bytes()


def texts(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    return [document[number].get_textpage().get_text_bounded() for number in range(len(document))]


def test_a_scan_is_pictures_of_the_pages_and_no_text(printed: bytes) -> None:
    made = scan(printed, 1, SMALL)
    assert set(texts(made)) == {""}
    before, after = scan_files.render(printed, 40), scan_files.render(made, 40)
    assert len(before) == len(after) > 1
    for one, other in zip(before, after, strict=True):
        assert abs(one.shape[0] - other.shape[0]) <= 1
        dark = one.mean(axis=2)[: other.shape[0], : other.shape[1]]
        assert np.corrcoef(dark.ravel(), other.mean(axis=2)[: dark.shape[0], : dark.shape[1]].ravel())[0, 1] > 0.5


@pytest.mark.parametrize(
    "how",
    [
        SMALL,
        replace(SMALL, ink="fax", container="tif"),
        replace(SMALL, mixed=0.5),
        replace(SMALL, layer="misread"),
        replace(SMALL, view="screen", container="jpg", perspective=0.01),
    ],
)
def test_same_seed_same_bytes(printed: bytes, how: Scan) -> None:
    kept = frozenset({0}) if how.mixed else frozenset()
    assert scan(printed, 7, how, "云岭市", kept) == scan(printed, 7, how, "云岭市", kept)
    assert scan(printed, 7, how, "云岭市", kept) != scan(printed, 8, how, "云岭市", kept)


def test_mixed_documents_keep_the_text_of_the_pages_kept(printed: bytes) -> None:
    made = scan(printed, 1, replace(SMALL, mixed=0.5), "", frozenset({1}))
    assert [bool(text) for text in texts(made)] == [number == 1 for number in range(len(texts(printed)))]
    assert texts(made)[1] == texts(printed)[1]


def test_a_misread_layer_has_the_words_with_wrong_figures(printed: bytes) -> None:
    true, false = "".join(texts(printed)), "".join(texts(scan(printed, 1, replace(SMALL, layer="misread"))))
    digits = [sum(text.count(digit) for digit in "0123456789") for text in (true, false)]
    assert digits[1] > 0.8 * digits[0] > 100
    assert true.replace("\r\n", "") != false.replace("\r\n", "")
    assert "政府信息公开" in false


def test_misreading_changes_figures_at_its_rate() -> None:
    word = "8" * 5000
    wrong = sum(letter != "8" for letter in scan_files.misread(word, rng()))
    assert 450 < wrong < 750
    assert len(scan_files.misread(word, rng())) == len(word)


def test_a_fax_is_black_and_white_with_lines_of_its_own(printed: bytes) -> None:
    made = scan(printed, 1, replace(SMALL, dpi=60, ink="fax", fax_lines=30, container="tif"))
    image = Image.open(io.BytesIO(made))
    assert image.mode == "1"
    assert image.n_frames == len(texts(printed))
    assert tuple(map(float, image.info["dpi"])) == (60.0, 30.0)
    assert image.size[1] < image.size[0]


def test_a_turned_page_is_the_page_turned(printed: bytes) -> None:
    flat = replace(SMALL, skew=0, light=0, noise=0, blur=0, paper=0)
    upright, turned = (scan_files.render(scan(printed, 1, replace(flat, turn=turn)), 40)[0] for turn in (0, 1))
    assert turned.shape[:2] == upright.shape[1::-1]
    again = np.rot90(turned)
    assert np.abs(again.astype(int) - upright).mean() < 4


def test_a_seal_is_red_where_paper_was_white_and_leaves_black_black() -> None:
    page = np.full((800, 800, 3), 255, np.uint8)
    page[::20] = 0
    marked = page.copy()
    scan_marks.seal(marked, rng(), 200, "云岭市", 0.9)
    assert (marked[::20] == 0).all()
    changed = (marked != page).any(axis=2)
    assert 5_000 < changed.sum() < 110_000
    red = marked[changed].astype(int)
    assert (red[:, 0] >= red[:, 1]).all()


def test_strokes_holes_and_highlights_mark_the_page() -> None:
    for number, mark in enumerate((scan_marks.stroke, scan_marks.highlight)):
        page = np.full((900, 640, 3), 255, np.uint8)
        mark(page, rng(number), 100)
        assert 20 < (page < 250).any(axis=2).sum() < 40_000
    page = np.full((900, 640, 3), 255, np.uint8)
    scan_marks.punch(page, rng(), 100, 2)
    assert (page[:, 44] < 120).any(axis=1).sum() > 30
    assert (page[:, 100:] == 255).all()


def test_skew_stays_within_its_bounds() -> None:
    page = np.full((600, 600, 3), 255, np.uint8)
    page[300:303] = 0
    for seed in range(8):
        seen = scan_views.turned(page, rng(seed), skew=3, perspective=0, ground=(255, 255, 255))
        rows = [int(np.argmin(seen[:, x, 0])) for x in (100, 500)]
        assert 3 <= abs(rows[1] - rows[0]) <= 400 * np.tan(np.deg2rad(3)) + 2


def test_paper_keeps_what_is_printed_darker_than_what_is_not() -> None:
    page = np.full((400, 300, 3), 255, np.uint8)
    page[100:200] = 0
    seen = scan_paper.printed(page, page[::-1].copy(), rng(), worn=0, bleed=1.0)
    seen = scan_paper.on_paper(seen, rng(), texture=1.0, creases=2)
    seen = scan_paper.lit(seen, rng(), uneven=0.8, shadow=True)
    assert seen[120:180].mean() + 60 < np.concatenate([seen[:80], seen[320:]]).mean()


def test_scans_have_names_splits_and_families_of_their_own() -> None:
    assert not set(SCANS) & set(LAYOUTS)
    assert {layout.split for layout in SCANS.values()} == {"dev", "test"}
    assert len({layout.family for layout in SCANS.values()}) == len(SCANS)
    assert sum(layout.split == "test" for layout in SCANS.values()) >= 15


def looks(split: str) -> tuple[set[str], set[str]]:
    """The faces and the fonts of figures that the split's layouts print with."""
    faces, digits = set(), set()
    for layout in SCANS.values():
        if layout.split == split:
            look = _look(layout)
            if hasattr(look, "css"):
                faces.add(look.css.split("'")[1])
            else:
                faces |= {look.face, look.heading_face} if split == "test" else {look.face}
                digits.add(look.digits)
    return faces, digits - {""}


def _look(layout: Layout):
    assert isinstance(layout.render, partial)
    return layout.render.keywords.get("render", layout.render).keywords["look"]


def test_test_layouts_print_in_fonts_that_no_other_scan_has() -> None:
    for dev, test in zip(looks("dev"), looks("test"), strict=True):
        assert dev
        assert test
        assert not dev & test


def test_no_scan_to_develop_on_was_damaged_as_one_kept_for_the_test() -> None:
    renders = {
        split: [one.render.keywords for one in SCANS.values() if one.split == split] for split in ("dev", "test")
    }
    dev, test = ([keywords["how"] for keywords in renders[split] if "how" in keywords] for split in ("dev", "test"))
    assert len(dev) > 15
    assert len(test) > 15
    assert not [how for how in test if how in dev]


def test_a_picture_says_what_its_gold_says_and_states_no_facts(tmp_path: Path) -> None:
    layout = SCANS["scan-picture"]
    folder = generate(tmp_path, 2, 1, [layout.name])[0]
    image = Image.open(folder / "source.png")
    assert image.size[0] == round(595.28 * 2)
    assert json.loads((folder / "facts.json").read_text())["facts"] == {}
    gold = json.loads((folder / "gold.json").read_text())
    assert len(gold["values"]) > 150
    assert json.loads((folder / "meta.json").read_text())["split"] == "dev"


def test_without_opencv_scans_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpora.synthesis.to_scan._installed", lambda: False)
    assert generate(tmp_path, 2, 1, ["scan-picture"]) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("云岭市2023年政府信息公开工作年度报告", "云岭市"),
        ("云岭市 2019 年政府信息公开工作年度报告", "云岭市"),
        ("报告", "报告"),
    ],
)
def test_seals_name_the_agency(title: str, text: str) -> None:
    assert seal_text(title) == text


def test_pages_kept_are_some_and_never_all() -> None:
    from corpora.synthesis.to_scan import _kept_pages

    for seed in range(40):
        kept = _kept_pages(random.Random(seed), 4, 0.9)
        assert 0 < len(kept) < 4
    assert _kept_pages(random.Random(1), 1, 0.9) == frozenset()
    assert _kept_pages(random.Random(1), 4, 0.0) == frozenset()


def test_a_corpus_is_scanned_again_askew_with_its_labels(tmp_path: Path, printed: bytes) -> None:
    source = generate(tmp_path / "in", 3, 1, ["pdf-ruled", "text-tabs"])[0]
    assert rescan_main([str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--dpi", "36", "50", "--skew", "2"]) == 0
    folders = sorted((tmp_path / "out").iterdir())
    assert [folder.name for folder in folders] == [f"{source.name}-36dpi", f"{source.name}-50dpi"]
    assert (folders[0] / "gold.json").read_bytes() == (source / "gold.json").read_bytes()
    made = (folders[1] / "source.pdf").read_bytes()
    assert set(texts(made)) == {""}
    flat = scan_files.render(printed, 50)[0].astype(int)
    back = scan_views.turned_by(scan_files.render(made, 50)[0], -2).astype(int)
    middle = (slice(100, 400), slice(80, 330))
    aslant = scan_files.render(made, 50)[0].astype(int)[middle]
    assert np.abs(back[middle] - flat[middle]).mean() < 0.6 * np.abs(aslant - flat[middle]).mean()


def test_scanning_what_is_no_corpus_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        rescan_main([str(tmp_path), "--out", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert "gold.json" in capsys.readouterr().err
