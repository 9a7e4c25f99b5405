"""The benchmark counts what it says it reads, and refuses what breaks a limit."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from evaluation import benchmark


def pdf() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.drawString(100, 700, "12345")
    canvas.line(100, 690, 200, 690)
    canvas.rect(100, 600, 50, 50)
    canvas.save()
    return out.getvalue()


def test_the_floor_reads_every_character_and_path():
    assert benchmark.read_floor(pdf()) == 5 + 2


def test_ratios_are_of_all_documents_together(capsys: pytest.CaptureFixture[str]):
    one = {"floor": 0.010, "pdfplumber": 0.100, "reader": 0.010, "extract": 0.020, "new": 0.024}
    other = {"floor": 0.030, "pdfplumber": 0.100, "reader": 0.020, "extract": 0.040, "new": 0.056}
    ratios = benchmark.report({"a/source.pdf": one, "b/source.pdf": other})
    assert ratios == pytest.approx(
        {"reader_of_floor": 0.75, "extract_of_floor": 1.5, "new_of_floor": 2.0, "pdfplumber_of_extract": 200 / 60}
    )
    assert "b/source.pdf" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("slow", "kept"), [({}, True), ({"extract_of_floor": 2.1}, False), ({"pdfplumber_of_extract": 3.9}, False)]
)
def test_a_limit_that_is_not_kept_shows(slow: dict[str, float], kept: bool):
    ratios = {"extract_of_floor": 2.0, "pdfplumber_of_extract": 4.0, **slow}
    assert all(benchmark._kept(ratios, {"help": 0.1, "extract": 1.0}).values()) is kept


def test_no_rounds_are_refused():
    with pytest.raises(SystemExit) as stopped:
        benchmark.main(["--rounds", "0"])
    assert stopped.value.code == 2
