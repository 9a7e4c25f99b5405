"""Scans that stand in tests/scans: read as a user would have them read, and how fast by the benchmark's own parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpora import Document, read_corpus
from evaluation import benchmark, scan_benchmark
from evaluation.score import DocumentScore, score_record
from pipeline import extract, load_model
from pipeline.scan import is_installed

SCANS = {document.id: document for document in read_corpus(Path(__file__).parent / "scans")}
# Of a fax of 98 lines to the inch whole pieces of rules are missing, so that some cells cannot be told apart.
LEAST_RIGHT = {"fax-of-half-the-lines": 0.88, "seals-over-cells": 0.98}
needs_scan = pytest.mark.skipif(not is_installed(), reason="needs the extra scan: pip install 'nianbao[scan]'")


@pytest.fixture(scope="module")
def scores() -> dict[str, DocumentScore]:
    model = load_model()
    return {name: score_record(extract(one.source, model), one) for name, one in SCANS.items()}


@needs_scan
@pytest.mark.parametrize("name", SCANS)
def test_a_scan_is_read_and_nothing_is_guessed(name: str, scores: dict[str, DocumentScore]) -> None:
    score = scores[name]
    assert score.silent == ()
    assert score.extra == ()
    assert score.right >= LEAST_RIGHT[name] * score.fields
    assert score.agency_right
    assert score.form_right
    assert score.year_right


def document(name: str) -> Document:
    return SCANS[name]


def test_pages_of_a_fax_are_all_its_frames() -> None:
    pages = scan_benchmark.pages_of(document("fax-of-half-the-lines").source.read_bytes())
    assert len(pages) == 3
    assert all(page.ndim == 3 and page.shape[2] == 3 and page.shape[0] < page.shape[1] for page in pages)


def test_the_ratio_is_over_all_scans_together(capsys: pytest.CaptureFixture[str]) -> None:
    times = {
        "a/source.pdf": {"extract": 1.0, "rapidocr": 4.0, "pages": 2},
        "b/source.png": {"extract": 3.0, "rapidocr": 4.0, "pages": 1},
    }
    assert scan_benchmark.report(times, {"a/source.pdf": 700.0, "b/source.png": 900.4}) == pytest.approx(0.5)
    shown = capsys.readouterr().out
    assert "0.25" in shown
    assert "peak memory 900 MB" in shown


def test_without_the_extra_the_benchmark_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scan_benchmark, "_installed", lambda: False)
    assert benchmark.main(["--scans", str(document("seals-over-cells").source)]) == 1
    assert "pip install 'nianbao[scan]'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--rounds", "0"], ["--rounds", "x"]])
def test_wrong_usage_of_the_benchmark(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        scan_benchmark.main(arguments)
    assert stop.value.code == 2


def test_a_worker_that_fails_is_no_measurement(tmp_path: Path) -> None:
    (tmp_path / "none.pdf").write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(RuntimeError, match="exit code 1"):
        scan_benchmark.peak_memory(tmp_path / "none.pdf", 1)
