"""Retraining: what is learnt, what is refused, and that nothing old is lost. The base is a few fast layouts."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from corpora import Document, read_corpus
from evaluation import frozen
from models.fit import linear
from models.inputs import Inputs, gather
from models.label_files import COLUMNS, write_lines
from models.labels import labelled_example, report_of
from models.lessons import ROWS_FILE, load_rows
from pipeline import commands
from pipeline.classify import RowClassifier, document_parts, forms_known
from pipeline.commands import training
from pipeline.errors import GateError, ModelError, UsageError
from pipeline.extract import Model, extract, load_model
from pipeline.linear import LinearEstimator

CORPUS = Path(__file__).parents[1] / "corpora" / "documents"
LAYOUTS = ("html-clean", "html-styled", "markdown-pipes", "html-padded")
SEED = 3
retrain = partial(training.retrain, workers=1)  # a second one would start for a document or two


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    folders = (folder for layout in LAYOUTS for folder in sorted(CORPUS.glob(f"{layout}-1-*")))
    return [document for folder in folders for document in read_corpus(folder)]


@pytest.fixture(scope="module")
def base(documents) -> Inputs:
    return Inputs((), [labelled_example(one) for one in documents[:-3]])


@pytest.fixture(scope="module")
def model(base, documents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the base; with a reason, since the one that comes with the program knows far more."""
    out = tmp_path_factory.mktemp("models") / "base"
    retrain(base, out, seed=SEED, frozen=documents[:2], reason="the base of these tests")
    return out


@pytest.fixture
def lines(model, documents):
    """The rows of a document of a layout that the model does not know, as the model of the base labels them."""
    lines = report_of(documents[-1].source, Model(RowClassifier.load(model))).lines
    names = dict(enumerate(labelled_example(documents[-1]).names))
    example = labelled_example(documents[-1])
    assert len(example.rows) > 25
    return [
        replace(line, document=str(documents[-1].source), correction=names.get(place, "none"))
        for place, line in enumerate(lines)
    ]


def test_the_folder_holds_all_that_the_next_training_needs(model, base) -> None:
    settings = json.loads((model / "settings.json").read_text(encoding="utf-8"))
    assert settings["forms"] == forms_known()
    assert settings["threshold"] >= 0.99
    assert settings["strength"] in (5.0, 20.0, 80.0)
    assert len(load_rows(model / ROWS_FILE)) == len(base.new)
    card = (model / "card.md").read_text(encoding="utf-8")
    for said in (settings["version"], settings["data_sha256"], "Seed 3", "html-clean", "the base of these tests"):
        assert said in card
    assert sorted(path.name for path in model.iterdir()) == [
        "card.md", "facts-card.md", "facts-settings.json", "facts-weights.npz", "model.skops", ROWS_FILE,
        "settings.json", "weights.npz",
    ]  # fmt: skip


def test_the_same_seed_gives_the_same_model(model, base, documents, tmp_path: Path) -> None:
    retrain(base, tmp_path / "again", seed=SEED, frozen=documents[:2], reason="the base of these tests")
    assert (tmp_path / "again" / "settings.json").read_bytes() == (model / "settings.json").read_bytes()
    assert (tmp_path / "again" / "card.md").read_bytes() == (model / "card.md").read_bytes()
    first, second = (LinearEstimator.load(folder / "weights.npz") for folder in (model, tmp_path / "again"))
    rows = document_parts(base.new[0].rows)
    assert (first.predict_proba(rows) == second.predict_proba(rows)).all()


def test_labels_of_a_new_layout_are_learnt_and_nothing_old_is_lost(model, lines, documents, tmp_path: Path) -> None:
    write_lines(lines, tmp_path / "rows.csv")
    inputs = gather([tmp_path / "rows.csv"], model)
    assert len(inputs.base) == len(load_rows(model / ROWS_FILE))
    outcome = retrain(inputs, tmp_path / "new", seed=SEED, old=model, frozen=documents[:4])
    assert outcome.verdict is not None
    assert outcome.verdict.reasons == []
    assert len(load_rows(tmp_path / "new" / ROWS_FILE)) == len(inputs.base) + 1
    assert RowClassifier.load(tmp_path / "new").version != RowClassifier.load(model).version


def test_one_document_of_a_province_teaches_its_table(model, documents, tmp_path: Path) -> None:
    """Labels, order and columns of a table that the base has never seen; its running totals are nobody's figures."""
    first, other = (next(iter(read_corpus(CORPUS / f"html-provincial-1-00{number}"))) for number in (0, 1))
    assert first.agency != other.agency
    inputs = Inputs(load_rows(model / ROWS_FILE), [labelled_example(first)])
    retrain(inputs, tmp_path / "new", seed=SEED, old=model, frozen=documents[:4])
    before, after = (extract(other.source, load_model(folder)).fields for folder in (model, tmp_path / "new"))
    exact = [{name for name, value in other.values.items() if some[name].value == value} for some in (before, after)]
    assert len(exact[0]) < len(exact[1]) == len(other.values) == 12
    assert sum(after[name].accepted for name in other.values) > sum(before[name].accepted for name in other.values)
    assert all(not one.accepted or one.value == other.values.get(name) for name, one in after.items())


def test_a_poisoned_file_is_refused_and_lists_the_wrong_rows(model, lines, documents, tmp_path: Path) -> None:
    """A fifth of the labels wrong, each that of the row four places on."""
    poisoned = [
        replace(line, correction=lines[(place + 4) % len(lines)].correction) if place % 5 == 0 else line
        for place, line in enumerate(lines)
    ]
    wrong = [place + 2 for place, (one, other) in enumerate(zip(lines, poisoned, strict=True)) if one != other]
    write_lines(poisoned, tmp_path / "poison.csv")
    inputs = gather([tmp_path / "poison.csv"], model)
    with pytest.raises(GateError) as caught:
        retrain(inputs, tmp_path / "new", seed=SEED, old=model, frozen=documents[:2])
    assert caught.value.exit_code == 6
    assert not (tmp_path / "new").exists()
    listed = [int(line.split("line ")[1].split(":")[0]) for line in str(caught.value).splitlines() if "line " in line]
    assert listed[0] in wrong
    assert len(set(listed) & set(wrong)) >= 0.6 * len(wrong) >= 3
    assert len(set(listed) - set(wrong)) <= 1


def test_a_model_that_accepts_wrong_figures_is_refused_unless_somebody_says_why(
    model, base, documents, tmp_path: Path
) -> None:
    """Gold that says other figures than the document prints: whatever is read of it is wrong."""
    wrong = replace(documents[0], values=dict.fromkeys(documents[0].values, 987654))
    out = tmp_path / "out"
    out.mkdir()
    (out / "settings.json").write_text("old", encoding="utf-8")
    small = Inputs((), base.new[::3])  # one document of each layout
    stale = tmp_path / "stale"
    stale.mkdir()
    with pytest.raises(GateError, match="a wrong figure is accepted"):
        retrain(small, out, seed=SEED, old=stale, frozen=[wrong])
    assert [path.name for path in out.iterdir()] == ["settings.json"]
    assert (out / "settings.json").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    retrain(small, out, seed=SEED, old=stale, frozen=[wrong], reason="gold is\nwrong")
    assert "Regressions accepted, for: gold is wrong. What got worse: a wrong figure" in (out / "card.md").read_text(
        encoding="utf-8"
    )


def test_without_documents_to_compare_on_nothing_is_taken(base, tmp_path: Path) -> None:
    with pytest.raises(GateError, match="no labelled document to compare"):
        retrain(Inputs((), base.new[::3]), tmp_path / "out", seed=SEED)


def test_a_folder_that_is_no_model_is_never_replaced(base, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(UsageError, match="no model folder"):
        retrain(base, tmp_path, seed=SEED)
    assert (tmp_path / "thesis.txt").exists()


def test_too_little_to_learn_from_is_said(base, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Training needs rows of 3"):
        retrain(Inputs((), base.new[:1]), tmp_path / "out", seed=SEED)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere.csv"], 2, "There is no file or folder nowhere.csv"),
        (["{rows}", "--accept-regressions", " "], 2, "needs a reason"),
        (["{rows}", "--base", "{empty}"], 3, "holds no gold.json"),
        (["{rows}"], 2, "columns"),
    ],
)
def test_the_command_refuses_wrong_usage(arguments, code, said, tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    if "--base" in arguments:
        (tmp_path / "rows.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    named = [one.format(rows=tmp_path / "rows.csv", empty=tmp_path / "empty") for one in arguments]
    monkeypatch.setattr(sys, "argv", ["nianbao", "train", *named, "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as left:
        commands.main()
    assert left.value.code == code
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_environment_names_the_model(model, monkeypatch: pytest.MonkeyPatch) -> None:
    own = RowClassifier.load(model).version
    assert load_model().rows.version != own
    monkeypatch.setenv("NIANBAO_MODEL", str(model))
    assert load_model().rows.version == own
    monkeypatch.setenv("NIANBAO_MODEL", str(model / "nowhere"))
    assert load_model(model).rows.version == own
    with pytest.raises(ModelError, match="nowhere"):
        load_model()


def test_what_was_fitted_is_what_is_served(model, base) -> None:
    import skops.io

    from pipeline.classify import _TRUSTED

    estimator = skops.io.load(model / "model.skops", trusted=list(_TRUSTED))
    rows = document_parts(base.new[0].rows)
    served = LinearEstimator.load(model / "weights.npz").predict_proba(rows)
    assert abs(linear(estimator).predict_proba(rows) - served).max() < 1e-6


def test_of_a_checkout_test_is_frozen_and_of_an_installation_the_samples(tmp_path: Path, monkeypatch) -> None:
    kept, dev = frozen.frozen_documents()
    assert {one.meta["split"] for one in kept} == {"test"}
    assert {one.meta["split"] for one in dev} == {"dev"}
    (tmp_path / "samples").symlink_to(CORPUS.parent / "samples")
    monkeypatch.setattr(frozen, "CORPUS", tmp_path)
    kept, dev = frozen.frozen_documents()
    assert (len(kept), dev) == (len(list(read_corpus(CORPUS.parent / "samples"))), [])
    monkeypatch.setattr(frozen, "CORPUS", tmp_path / "nowhere")
    assert frozen.frozen_documents() == ([], [])


def test_an_installation_learns_on_top_of_the_rows_that_its_model_carries(model, lines, tmp_path, monkeypatch) -> None:
    write_lines(lines, tmp_path / "rows.xlsx")
    monkeypatch.setattr(frozen, "CORPUS", tmp_path)
    monkeypatch.setenv("NIANBAO_MODEL", str(model))
    inputs = gather([tmp_path / "rows.xlsx"], None)
    assert [one.document for one in inputs.base] == [one.document for one in load_rows(model / ROWS_FILE)]
    assert [len(one.rows) for one in inputs.new] == [len(lines)]
    (again,) = [gather([model], None)]
    assert (len(again.base), again.new) == (len(inputs.base), [])


def test_documents_of_other_splits_are_not_learnt_from_a_corpus(model, documents) -> None:
    folder = next(one.source.parent for one in documents if one.meta["split"] != "train")
    inputs = gather([folder], model)
    assert inputs.new == []
    assert "1 documents of other splits were not learnt" in inputs.remarks[0]
