"""The rows that a model folder carries: they teach what the documents taught."""

import lzma
from dataclasses import replace
from pathlib import Path

import pytest

from models.lessons import load_rows, merged, save_rows
from models.train import read_examples
from models.training_set import training_set
from pipeline.errors import ModelError

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"


@pytest.fixture(scope="module")
def examples():
    return [one for one in read_examples(SAMPLES) if one.group.startswith(("text", "html", "markdown"))]


def test_rows_kept_teach_what_documents_teach(examples, tmp_path: Path) -> None:
    save_rows(examples, tmp_path / "rows.jsonl.xz")
    kept = load_rows(tmp_path / "rows.jsonl.xz")
    assert [(one.document, one.group, one.split, one.names) for one in kept] == [
        (one.document, one.group, one.split, one.names) for one in examples
    ]
    assert training_set(kept, 3) == training_set(examples, 3)
    save_rows(kept, tmp_path / "again.xz")
    assert (tmp_path / "again.xz").read_bytes() == (tmp_path / "rows.jsonl.xz").read_bytes()


def test_missing_rows_say_what_to_name_instead(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Name a corpus or another model folder with --base"):
        load_rows(tmp_path / "rows.jsonl.xz")


@pytest.mark.parametrize(
    "content", [b"", b"no xz", lzma.compress(b"{"), lzma.compress(b"[1]\n"), lzma.compress(b'{"document":1}\n')]
)
def test_damaged_rows_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.jsonl.xz").write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        load_rows(tmp_path / "rows.jsonl.xz")


def test_a_document_in_both_is_taken_from_the_new(examples) -> None:
    newer = replace(examples[1], group="newer")
    assert merged(examples, [newer]) == [examples[0], *examples[2:], newer]
