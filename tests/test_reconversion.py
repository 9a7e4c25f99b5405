"""A correction outlives whatever converts its document again: whole runs, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.bulk.convert import convert
from pipeline.bulk.load import load
from pipeline.bulk.worker import file_hash
from pipeline.corrections import Change
from pipeline.forms import load_forms
from pipeline.storage import open_store
from tests import doubles
from tests.test_convert import fill

FIELD, WHO = load_forms()["pre2019"].fields[0], "王审核"


def run(folder: Path, url: str, **options: Any) -> None:
    settings: dict[str, Any] = {"workers": 1, "timeout": 1, "work": doubles.work(), **options}
    store = {} if "shards" in options else {"store_url": url}
    convert([folder], folder.parent / "out", **store, **settings)


def again(folder: Path, url: str) -> None:
    run(folder, url, fresh=True)


def with_another_model(folder: Path, url: str) -> None:
    run(folder, url, work=doubles.work("double/2"))


def with_another_document_at_its_path(folder: Path, url: str) -> None:
    (folder / "00-good.txt").write_text("good 99")
    run(folder, url)


def through_shards(folder: Path, url: str) -> None:
    pytest.importorskip("pyarrow", reason="shards need the extra `parquet`")
    run(folder, url, shards=folder.parent / "shards")
    load([folder.parent / "shards"], url)
    load([folder.parent / "shards"], url)


@pytest.mark.parametrize(
    "convert_again", [again, with_another_model, with_another_document_at_its_path, through_shards]
)
def test_a_correction_outlives_the_next_conversion(
    url: str, tmp_path: Path, convert_again: Callable[[Path, str], None]
) -> None:
    folder = fill(tmp_path / "in", "good")
    run(folder, url)
    document = file_hash(folder / "00-good.txt")
    with open_store(url) as store:
        store.correct(document, 0, [Change(FIELD, "value", 7)], WHO)
    convert_again(folder, url)
    with open_store(url) as store:
        found = store.reviewed(document)
        assert found is not None
        assert found.record["fields"][FIELD]["value"] == 7
        assert found.record["fields"][FIELD]["corrected"]["who"] == WHO
        assert FIELD not in found.predicted["fields"]
        assert len(list(store.corrections())) == 1
