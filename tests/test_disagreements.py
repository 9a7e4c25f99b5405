"""What hand-read reports are known to say otherwise in their prose than in their tables comes out as a failed check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.extract import extract, load_model

REAL = Path(__file__).parents[2] / "shared" / "real"


def marked() -> list[tuple[str, str]]:
    """(folder, fact) of every disagreement that somebody marked in a `facts.json`."""
    return [
        (file.parent.name, name)
        for file in sorted(REAL.glob("*/facts.json"))
        for name, fact in json.loads(file.read_text(encoding="utf-8"))["facts"].items()
        if fact.get("disagrees_with_table")
    ]


@pytest.mark.skipif(not REAL.is_dir(), reason="the published reports lie outside the repository")
def test_every_marked_disagreement_is_a_failed_check_that_blames_the_report() -> None:
    model, wanted = load_model(), marked()
    assert wanted
    for folder, fact in wanted:
        record = extract(next((REAL / folder).glob("source.*")), model)
        check = next(one for one in record.checks if one.kind == "prose" and one.id == f"prose.{fact}")
        stated = json.loads((REAL / folder / "facts.json").read_text(encoding="utf-8"))["facts"][fact]["value"]
        assert (check.holds, check.left, check.blames) == (False, stated, "report"), (folder, fact)
        assert check.right != stated


@pytest.mark.skipif(not REAL.is_dir(), reason="the published reports lie outside the repository")
def test_prose_that_agrees_accuses_nobody() -> None:
    model, disagreeing = load_model(), set(marked())
    for file in sorted(REAL.glob("*/facts.json")):
        checks = extract(next(file.parent.glob("source.*")), model).checks
        failed = {
            (file.parent.name, one.id.removeprefix("prose."))
            for one in checks
            if one.kind == "prose" and one.holds is False
        }
        assert failed <= disagreeing
