"""The scaling run makes different documents, watches a real conversion, and says where a limit is not kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from corpora.synthesis.fonts import font
from evaluation import scaling, scaling_documents
from evaluation.scaling_documents import _WRECKS, EVERY, copy_documents, is_broken, make_documents
from evaluation.scaling_runs import watch
from evaluation.stage_times import stage_times
from pipeline.extract import extract, load_model
from pipeline.readers import open_source

needs_fonts = pytest.mark.skipif(font("song") is None or font("hei") is None, reason="needs Chinese fonts")


@needs_fonts
def test_documents_are_different_and_the_same_again(tmp_path: Path) -> None:
    paths = make_documents(tmp_path / "a", 4, 3, 1)
    assert len({hashlib.sha256(path.read_bytes()).digest() for path in paths}) == 4
    made = paths[3].stat().st_mtime_ns
    assert make_documents(tmp_path / "a", 4, 3, 1)[3].stat().st_mtime_ns == made
    assert make_documents(tmp_path / "b", 1, 3, 1)[0].read_bytes() == paths[0].read_bytes()
    assert extract(paths[0], load_model()).status in ("accepted", "needs_review")
    assert [is_broken(number) for number in (0, 25, 26, 75)] == [False, True, False, True]


@needs_fonts
def test_two_in_a_hundred_files_cannot_be_read_and_say_why(tmp_path: Path) -> None:
    paths = []
    for kind in range(len(_WRECKS)):
        paths.append(tmp_path / f"{kind}.pdf")
        paths[-1].write_bytes(scaling_documents._make(EVERY // 2 + kind * EVERY, 3))
    run = watch(paths, 2)
    assert (run["documents"], run["statuses"]) == (len(_WRECKS), {"failed": len(_WRECKS)})
    causes = run["failed_by_cause"]
    assert sum(causes.values()) >= len(_WRECKS)
    assert run["reading_seconds"] == run["failed_seconds"] > 0
    assert {"empty_file", "encrypted_pdf", "damaged_pdf", "too_many_pages", "no_known_form"} <= set(causes)
    assert run["parent_mb"][-1] > 20
    assert run["worker_peak_mb"] > 40
    assert run["store_bytes"] > 10_000


def test_copies_are_documents_of_their_own(tmp_path: Path) -> None:
    samples = Path(scaling.__file__).parents[1] / "corpora/samples"
    paths = copy_documents(tmp_path, 12, samples)
    sources = [open_source(path) for path in paths]
    assert len({source.sha256 for source in sources}) == 12
    times = stage_times(sources[:3], load_model())
    assert times["extract"] > times["PDF"] > 0
    assert times["floor"] > 0
    with pytest.raises(SystemExit, match="no PDF"):
        copy_documents(tmp_path / "x", 1, tmp_path / "nothing")


def run_of(**changes: Any) -> dict[str, Any]:
    run = {"documents": 100, "workers": 1, "seconds": 2.0, "parent_mb": [50.0, 54.0], "duplicates": 0,
           "statuses": {"accepted": 98, "failed": 2}, "failed_by_cause": {"damaged_pdf": 2},
           "failed_seconds": 0.05}  # fmt: skip
    return {**run, **changes}


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, ""),
        ({"parent_mb": [50.0, 56.0]}, "memory"),
        ({"statuses": {"accepted": 97, "failed": 2}}, "a row for each"),
        ({"failed_by_cause": {"damaged_pdf": 1}}, "a row for each"),
        ({"seconds": 2.1}, "times the floor"),
        ({"failed_seconds": 0.01}, "times the floor"),
        ({"seconds": 1.7}, "two workers"),
    ],
)
def test_a_limit_that_is_not_kept_shows(changes: dict[str, Any], broken: str) -> None:
    runs = [run_of(**changes), run_of(workers=2, seconds=1.0), run_of(documents=10, parent_mb=[1.0, 9.0])]
    kept = scaling.limits({"stages": {"floor": 0.01}, "runs": runs})
    assert len(kept) == 4
    assert [name for name, good in kept.items() if not good] == [name for name in kept if broken and broken in name]


def test_two_million_documents_are_reckoned_from_the_largest_run():
    small = run_of(workers=2, documents=10, start=1.0, store_bytes=1)
    large = run_of(workers=2, seconds=4.0, start=2.0, store_bytes=5_000_000)
    more = scaling.extrapolated({"runs": [large, small]}, 1_800_000)
    assert (more["ms_a_document"], more["hours"], more["core_hours"]) == pytest.approx((40.0, 10.0, 20.0))
    assert more["store_gb"] == pytest.approx(90.0)
