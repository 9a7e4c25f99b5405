"""The benchmark of prose takes nothing but the prose away, and refuses what adds too much."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation import prose_benchmark
from evaluation.prose_benchmark import Spent
from pipeline.extract import extract, load_model
from pipeline.prose.titles import TitleInfo

PDF = Path(__file__).parents[1] / "corpora" / "samples" / "yunling-city-2023-ruled" / "source.pdf"


def test_without_prose_the_tables_are_read_as_with_it() -> None:
    model = load_model()
    whole = extract(PDF, model)
    with prose_benchmark._without_prose(TitleInfo(whole.title, whole.agency, whole.year)):
        bare = extract(PDF, model)
    assert (bare.fields, bare.form, bare.year) == (whole.fields, whole.form, whole.year)
    assert whole.facts
    assert (bare.facts, bare.sections) == ({}, ())
    assert extract(PDF, model) == whole


def test_made_reports_have_six_pages_and_are_the_same_again() -> None:
    one, again = (prose_benchmark.made_reports(1, seed=3)[0] for _ in range(2))
    assert one.data == again.data
    assert prose_benchmark._pages(one) == 6


@pytest.mark.parametrize(("without", "code"), [(40.0, 0), (20.0, 1)])
def test_more_than_the_limit_is_refused(
    without: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prose_benchmark, "measure", lambda *_: [Spent(6, 3000, 9, 60.0, without)])
    monkeypatch.setattr(prose_benchmark, "once_a_worker", lambda: 0.3)
    assert prose_benchmark.main([str(PDF)]) == code
    assert ("NOT KEPT" in capsys.readouterr().out) is bool(code)


def test_no_reports_are_refused() -> None:
    with pytest.raises(SystemExit) as stopped:
        prose_benchmark.main(["--reports", "0"])
    assert stopped.value.code == 2
