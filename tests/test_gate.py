"""The gate: what is lost beyond luck and what is newly wrong refuses a model; luck does not."""

from pathlib import Path

import pytest

from evaluation.gate import compare
from evaluation.score import DocumentScore, FieldScore
from pipeline.datamodel import Field


def cell(name: str, outcome: str, accepted: bool) -> FieldScore:
    return FieldScore(name, "t", 1, Field(name, 1, "printed", "1", 0.99, accepted), outcome)  # type: ignore[arg-type]


def score(number: int, layout: str, right: int, wrong: int, silent: tuple[str, ...] = ()) -> DocumentScore:
    cells = [
        *(cell(f"r{i}", "right", True) for i in range(right)),
        *(cell(f"w{i}", "flagged", False) for i in range(wrong)),
        *(cell(name, "silent", True) for name in silent),
    ]
    return DocumentScore(f"{layout}-{number}", layout, "2021", "pdf", "", tuple(cells), (), True, True, True)


def test_the_same_scores_pass() -> None:
    scores = [score(i, "a", 10, 1) for i in range(3)]
    verdict = compare(scores, scores, seed=1)
    assert (verdict.reasons, verdict.total.before, verdict.total.after) == ([], 30 / 33, 30 / 33)


def test_a_layout_that_loses_in_every_document_is_named_though_all_together_gain() -> None:
    before = [*(score(i, "a", 10, 0) for i in range(3)), *(score(i, "b", 50, 50) for i in range(9))]
    after = [*(score(i, "a", 8, 2) for i in range(3)), *(score(i, "b", 90, 10) for i in range(9))]
    verdict = compare(before, after, seed=1)
    assert verdict.reasons == ["a: exact fields fell from 100.00% to 80.00%"]
    assert verdict.layouts[0].layout == "a"
    assert verdict.total.after > verdict.total.before


def test_a_loss_in_one_document_of_three_may_be_luck() -> None:
    before = [score(i, "a", 10, 0) for i in range(3)]
    after = [score(0, "a", 9, 1), *before[1:]]
    assert compare(before, after, seed=1).reasons == []


def test_a_new_silent_error_is_enough_and_an_old_one_is_none() -> None:
    before = [score(0, "a", 10, 0, ("old",)), score(1, "b", 10, 1)]
    after = [score(0, "a", 10, 0, ("old",)), score(1, "b", 10, 0, ("requests.total",))]
    verdict = compare(before, after, seed=1)
    assert verdict.reasons == ["a wrong figure is accepted: b-1, requests.total"]
    assert verdict.silent == ("b-1, requests.total",)


def test_other_documents_are_no_comparison(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same documents"):
        compare([score(0, "a", 1, 0)], [score(1, "a", 1, 0)], seed=1)
