"""Training: rows get their names from gold, the same seed gives the same model, worn labels are in the set."""

import shutil
from pathlib import Path

import pytest

from corpora import read_corpus
from models.fit import fit, linear
from models.lessons import ROWS_FILE, load_rows
from models.train import _name_rows, read_examples, score_examples, train
from models.training_set import _is_anothers, training_set
from pipeline.classify import RowClassifier, document_parts, forms_known
from pipeline.datamodel import Cell, Location, Row
from pipeline.text import label_key

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"


@pytest.fixture(scope="module")
def examples():
    return [example for example in read_examples(SAMPLES) if example.group.startswith(("text", "html", "markdown"))]


def test_nearly_every_printed_row_of_the_samples_gets_its_name(examples) -> None:
    for example in examples:
        assert len(example.rows) >= 30
        assert "requests.received" in example.names or "requests.received.total" in example.names


def test_a_row_unlike_any_printed_row_gets_no_name() -> None:
    document = next(iter(read_corpus(SAMPLES)))
    strange = Row(0, 0, "html", ("食堂采购大米",), (Cell("987654", 0, 1, Location()),), ("",), Location())
    assert list(_name_rows([strange], document)) == []


def test_the_training_set_is_the_same_for_the_same_seed(examples) -> None:
    assert training_set(examples, 3) == training_set(examples, 3)
    assert training_set(examples, 3) != training_set(examples, 4)


def test_the_training_set_holds_worn_rows(examples) -> None:
    features, names, groups = training_set(examples, 3)
    assert len(features) == len(names) == len(groups) > sum(len(example.rows) for example in examples)
    assert sum(item["no label"] for item in features) > 5


def test_two_fits_with_one_seed_predict_alike(examples, tmp_path: Path) -> None:
    features, names, groups = training_set(examples, 5)
    first, second = (linear(fit(features, names, groups, 5)) for _ in range(2))
    rows = document_parts(examples[0].rows)
    assert (first.predict_proba(rows) == second.predict_proba(rows)).all()


def test_documents_without_row_labels_are_left_out(tmp_path: Path) -> None:
    shutil.copytree(next(SAMPLES.iterdir()), tmp_path / "one")
    (tmp_path / "one" / "rows.json").unlink()
    assert list(read_examples(tmp_path)) == []


def test_a_label_is_not_worn_down_to_that_of_another_row() -> None:
    own = label_key("5.不同意公开答复数")
    assert _is_anothers(label_key("同意公开答复数"), own)
    assert not _is_anothers(label_key("意公开答数"), own)


def test_the_trainer_writes_a_model_that_loads_with_the_rows_it_learnt(tmp_path: Path) -> None:
    for layout in ("html-clean", "html-styled", "html-padded"):
        for folder in sorted((SAMPLES.parent / "documents").glob(f"{layout}-1-*")):
            shutil.copytree(folder, tmp_path / "corpus" / folder.name)
    model, lookup = train(tmp_path / "corpus", tmp_path / "model", 1)
    assert model.rows == lookup.rows > 50
    loaded = RowClassifier.load(tmp_path / "model")
    assert loaded.settings["forms"] == forms_known()
    taught = load_rows(tmp_path / "model" / ROWS_FILE)
    assert {one.split for one in taught} == {"train"}
    assert score_examples(loaded, taught).right > 0.99
