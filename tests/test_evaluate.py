"""The harness as a whole: real documents, broken models, documents that cannot be read, the command and its gate."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpora import Document, read_corpus
from evaluation.floors import FLOORS, _lines, faults, scores_of
from evaluation.metrics import METRICS
from evaluation.reading import Reading, read_document, read_documents
from evaluation.run import Evaluation, choose_documents, evaluate
from evaluation.score import score_record
from pipeline import commands
from pipeline.classify import RowClassifier
from pipeline.errors import UsageError
from pipeline.extract import Model, load_model
from pipeline.linear import LinearEstimator
from tests.scores import field, gold, record

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"
TABS, MARKDOWN, WEB = (
    "yanting-county-liuyan-town-2023-tabs", "yanxi-city-finance-bureau-2020-markdown", "wangji-county-2019-web-page",
)  # fmt: skip
Change = Callable[[LinearEstimator], LinearEstimator]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three samples, one a split, and a document that is no PDF although it is called so."""
    root = tmp_path_factory.mktemp("corpus")
    for name, split in ((TABS, "test"), (MARKDOWN, "dev"), (WEB, "train")):
        shutil.copytree(SAMPLES / name, root / name)
        _set_split(root / name, split)
    broken = shutil.copytree(SAMPLES / TABS, root / "broken")
    (broken / "source.txt").unlink()
    (broken / "source.pdf").write_bytes(b"%PDF-1.7\nnothing")
    _set_split(broken, "test")
    return root


def _set_split(folder: Path, split: str) -> None:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    (folder / "meta.json").write_text(json.dumps({**meta, "split": split}), encoding="utf-8")


@pytest.fixture(scope="module")
def whole(corpus: Path) -> Evaluation:
    return evaluate([corpus], workers=2, seed=4)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def samples() -> list[Document]:
    return list(read_corpus(SAMPLES))


def evaluation_of(documents: list[Document], model: Model) -> Evaluation:
    readings = tuple(read_document(document, model) for document in documents)
    return Evaluation((SAMPLES.name,), None, readings, (), model.rows.threshold, {}, 0)


def changed(model: Model, change: Change, threshold: float) -> Model:
    settings = {**model.rows.settings, "threshold": threshold}
    return Model(RowClassifier(change(replace(model.rows.estimator, _sums={})), settings))


def shuffled(one: LinearEstimator) -> LinearEstimator:
    classes = list(one.classes_)
    random.Random(7).shuffle(classes)
    return replace(one, classes_=classes)


def sure_of_noise(one: LinearEstimator) -> LinearEstimator:
    """A model that has learnt little and doubts nothing: its weights drowned in noise, every probability 0 or 1."""
    noise = np.random.default_rng(7).normal(0, 16 * one.weights[:-1].std(), one.weights.shape)
    noise[-1] = 0
    return replace(one, weights=(one.weights + noise).astype(np.float32), sharpness=1000.0)


def committed_floors() -> dict[str, Any]:
    return json.loads(FLOORS.read_text(encoding="utf-8"))[SAMPLES.name]


def test_the_shipped_model_is_not_caught(samples: list[Document], model: Model) -> None:
    """The control of the two tests that follow; all floors are held by `python -m evaluation.floors`."""
    metrics = evaluation_of(samples, model).metrics()
    floors = committed_floors()["all"]
    assert metrics["exact_fields"] >= floors["exact_fields"] - 1e-6
    assert metrics["silent"] <= floors["silent"]
    assert metrics["ece"] < 0.01


def test_a_model_with_shuffled_labels_is_caught(samples: list[Document], model: Model) -> None:
    found = evaluation_of(samples, changed(model, shuffled, model.rows.threshold))
    metrics = found.metrics()
    assert metrics["row_labels"] < 0.1
    assert metrics["exact_fields"] < 0.6
    assert metrics["silent"] > 10
    assert metrics["silent_upper"] > 0.1
    assert metrics["ece"] > 0.2
    broken = {fault.partition(" is ")[0] for fault in faults(scores_of(found), committed_floors())}
    assert broken >= {"exact_fields", "exact_tables", "exact_reports", "silent", "coverage", "row_labels"}


def test_an_overconfident_model_is_caught(samples: list[Document], model: Model) -> None:
    found = evaluation_of(samples, changed(model, sure_of_noise, 0.0))
    metrics, served = found.metrics(), found.thresholds()["served"]
    assert metrics["silent"] > 5
    assert metrics["exact_fields"] < 0.97
    assert metrics["ece"] > 0.03
    assert (served["threshold"], served["kept"]) == (0.0, False)
    assert {"exact_fields", "silent"} <= {
        fault.partition(" is ")[0] for fault in faults(scores_of(found), committed_floors())
    }


def test_a_layout_that_gets_worse_or_vanishes_breaks_its_floor(samples: list[Document], model: Model) -> None:
    scores = scores_of(evaluation_of(samples[:2], model))
    assert faults(scores, scores) == []
    layout = next(iter(scores["layouts"]))
    worse = {**scores, "layouts": {**scores["layouts"], layout: {**scores["layouts"][layout], "silent": 1.0}}}
    assert faults(worse, scores) == [f"layout {layout}: silent is 1, allowed is 0"]
    gone = {**scores, "layouts": {name: one for name, one in scores["layouts"].items() if name != layout}}
    assert faults(gone, scores) == [f"layout {layout} has no document any more"]


def test_the_json_holds_what_was_measured(whole: Evaluation) -> None:
    found = json.loads(json.dumps(whole.to_dict(), ensure_ascii=False))
    assert list(found) == [
        "schema", "versions", "machine", "commit", "corpora", "split", "totals", "groups", "fields", "rows",
        "calibration", "facts", "wrong", "documents",
    ]  # fmt: skip
    assert found["schema"] == "nianbao.evaluation/1"
    assert list(found["totals"]) == list(METRICS)
    assert found["totals"]["documents"]["value"] == 4
    assert set(found["groups"]) == {"form", "format", "kind", "layout", "agency", "table"}
    assert found["groups"]["kind"]["regular"]["documents"] == 4
    assert found["groups"]["format"]["html"]["exact_fields"] == 1
    assert [one["id"] for one in found["documents"]] == ["broken", WEB, TABS, MARKDOWN]
    assert found["fields"]["requests.received.total"] == {"gold": 4, "right": 3, "silent": 0}
    assert found["facts"]["gold"] == sum(one["gold"] for one in found["facts"]["names"].values())
    bins = found["calibration"]["bins"]
    assert sum(one["count"] for one in bins) > 500
    assert found["calibration"]["accuracy_at"]["80"] < 1


def test_a_document_that_cannot_be_read_is_missed_field_by_field(whole: Evaluation) -> None:
    found = whole.to_dict()
    broken = found["documents"][0]
    assert (broken["right"], broken["accepted"], broken["flagged"]) == (0, 0, 200)
    assert "broken" in broken["problem"]
    assert {one["document"] for one in found["wrong"]} == {"broken"}
    assert found["wrong"][0]["location"] is None
    totals = whole.metrics()
    assert totals["unread"] == 1
    fields = sum(reading.score.fields for reading in whole.readings)
    assert totals["exact_fields"] == pytest.approx(1 - 200 / fields)
    assert {"gold": "requests.received", "predicted": "(not read)", "count": 1} in found["rows"]["confusion"]


def test_the_threshold_is_chosen_on_dev_and_verified_on_the_others(whole: Evaluation) -> None:
    assert [reading.document.id for reading in whole.dev] == [MARKDOWN]
    thresholds = whole.thresholds()
    chosen = thresholds["chosen"]
    assert chosen["on_dev"]["fields"] + chosen["verified"]["fields"] == thresholds["served"]["fields"]
    assert (chosen["on_dev"]["wrong"], chosen["verified"]["wrong"]) == (0, 0)
    assert replace(whole, dev=()).thresholds()["chosen"] is None


def test_processes_and_order_do_not_change_the_scores(whole: Evaluation, corpus: Path, model: Model) -> None:
    here = tuple(read_document(document, model) for document in read_corpus(corpus))
    assert [reading.score for reading in here] == [reading.score for reading in whole.readings]
    backwards = replace(whole, readings=whole.readings[::-1])
    assert backwards.metrics() == pytest.approx(whole.metrics())
    assert replace(whole, seed=4).totals() == whole.totals()


def test_only_the_split_and_the_layouts_asked_for_are_read(corpus: Path) -> None:
    documents = list(read_corpus(corpus))
    assert [one.id for one in choose_documents(documents, "test", None)] == ["broken", TABS]
    layout = documents[1].meta["layout"]
    assert [one.id for one in choose_documents(documents, None, {layout})] == [WEB]
    with pytest.raises(UsageError, match="There is no split 'tset': choose one of train, dev, test"):
        choose_documents(documents, "tset", None)
    with pytest.raises(UsageError, match="None of the 4 documents is of split dev and layouts nowhere"):
        choose_documents(documents, "dev", ["nowhere"])


def die_hang_or_read(document: Document, _: object) -> Reading:
    if document.id == "dies":
        os._exit(3)
    if document.id == "hangs":
        time.sleep(60)
    return Reading(document, score_record(record(field("disclosure.items", 5)), document), 0.0)


def test_what_dies_or_hangs_costs_itself_alone() -> None:
    documents = [gold({"disclosure.items": 5}, name) for name in ("good", "dies", "hangs", "fine")]
    found = list(read_documents(documents, None, workers=2, timeout=2, read=die_hang_or_read))
    assert [reading.document.id for reading in found] == ["good", "dies", "hangs", "fine"]
    assert [reading.score.right for reading in found] == [1, 0, 0, 1]
    assert "died" in found[1].problem
    assert found[2].problem == "reading took longer than 2 s"


@pytest.fixture
def nianbao(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nianbao", "evaluate", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            commands.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def test_the_command_prints_writes_and_holds_to_floors(nianbao: Any, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.json"
    code, said, error = nianbao(corpus, "--split", "test", "--json", out, "--floor", "silent=0", "--workers", 1)
    assert (code, error) == (0, "")
    assert said.startswith("2 documents, 400 gold fields")
    assert "exact_fields\t50.000%\t0.000% - 100.000%" in said
    assert json.loads(out.read_text(encoding="utf-8"))["totals"]["exact_fields"]["value"] == 0.5
    code, said, error = nianbao(
        corpus, "--split", "test", "--floor", "exact_fields=0.6", "--floor", "unread=0", "--floor", "exact_fields=0.1"
    )
    assert code == 6
    assert error == "nianbao: exact_fields is 0.5, the floor is 0.6; unread is 1, allowed is 0.\n"
    assert "exact_fields" in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--floor", "exact_field=1"], 2, "did you mean exact_fields"),
        (["--split", "tset"], 2, "choose one of train, dev, test"),
        (["--json", "nowhere/at/all.json"], 2, "cannot be written"),
        (["--before", "nowhere.json"], 2, "cannot be read as JSON"),
        (["--before", SAMPLES / TABS / "gold.json"], 2, "no evaluation of schema"),
        (["--model", "nowhere"], 4, "nowhere"),
        ([SAMPLES / "nowhere"], 3, "is not a folder"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_read(
    nianbao: Any, corpus: Path, arguments: list[object], code: int, said: str
) -> None:
    found, _, error = nianbao(corpus, *arguments)
    assert found == code
    assert said in error


def test_the_help_names_every_metric() -> None:
    words = " ".join((commands.evaluate.evaluate.__doc__ or "").replace(",", " ").replace(";", " ").split())
    assert [name for name in METRICS if f" {name} " not in words] == []


def test_results_measured_on_other_documents_are_not_shown_beside(
    whole: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.floors.FLOORS", tmp_path / "floors.json")
    shown = commands.evaluate._committed
    assert shown("rivals", whole) is None
    name = Path(whole.corpora[0]).name
    for about, wanted in (
        ({"corpus": name, "split": None}, True),
        ({"corpus": name, "split": "test"}, False),
        ({}, False),
    ):
        (tmp_path / "rivals.json").write_text(json.dumps(about), encoding="utf-8")
        assert (shown("rivals", whole) == about) is wanted
    for layout, wanted in ((whole.scores[0].layout, True), ("a layout of elsewhere", False)):
        study = {"corpora": ["elsewhere"], "layouts": [{"layout": layout}]}
        (tmp_path / "unseen.json").write_text(json.dumps(study), encoding="utf-8")
        assert (shown("unseen", whole) == study) is wanted


def test_floors_are_written_a_layout_a_line() -> None:
    floors = {"a": {"all": {"silent": 0}, "layouts": {"x": {"silent": 0}, "y": {"exact_fields": 0.5}}}}
    written = _lines({**floors, "b": {"all": {}, "layouts": {}}})
    assert json.loads(written) == {**floors, "b": {"all": {}, "layouts": {}}}
    assert '   "y": {"exact_fields": 0.5}' in written.splitlines()
