"""The shipped row classifier: it beats the lookup, abstains, loads safely; its arrays say what its estimator says."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from models.train import read_examples, score_examples
from pipeline.classify import (
    RowClassifier,
    WordingLookup,
    document_features,
    document_parts,
    forms_known,
    label_words,
    wordings_in,
)
from pipeline.datamodel import Cell, Location, Row
from pipeline.errors import ModelError
from pipeline.extract import default_model_folder, load_model
from pipeline.linear import LinearEstimator
from pipeline.text import label_key

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"


def row(label: str, figures: int = 7) -> Row:
    cells = tuple(Cell("0", 0, i, Location()) for i in range(figures))
    return Row(0, 0, "html", (label,) if label else (), cells, ("",) * figures, Location())


def likeliest(label: str, figures: int = 7) -> tuple[str, float]:
    labelled = load_model().rows.label([row(label, figures)])[0]
    return next(iter(labelled.probabilities.items()))


@pytest.fixture(scope="module")
def examples():
    return list(read_examples(SAMPLES))


def test_it_beats_the_exact_lookup_on_the_samples(examples) -> None:
    model = score_examples(load_model().rows, examples)
    lookup = score_examples(WordingLookup(), examples)
    assert model.rows == lookup.rows > 300
    assert model.right >= 0.995 > lookup.right
    assert model.sure_and_wrong == 0


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("2.其它法律行政法规禁公", "requests.refused.prohibited_by_law"),
        ("8、 属于行政 查询事顶", "requests.refused.administrative_query"),
        ("2.没有现成信息需另行制", "requests.unavailable.needs_creation"),
        ("（七）总  计", "requests.concluded"),
    ],
)
def test_it_knows_worn_labels(label: str, name: str) -> None:
    found, share = likeliest(label)
    assert (found, share > 0.9) == (name, True)


@pytest.mark.parametrize("label", ["食堂采购大米数量", "2019年末在册车辆", "环比增长"])
def test_it_is_not_sure_of_what_belongs_to_no_form(label: str) -> None:
    labelled = load_model().rows.label([row(label, 3)])[0]
    best = max((share for name, share in labelled.probabilities.items() if name not in ("none", "head")), default=0.0)
    assert best < 0.9


def test_labels_of_two_rows_run_together_are_seen() -> None:
    both = label_key("7.属于行政执法案卷8.属于行政查询事项")
    assert wordings_in(both) == {"requests.refused.enforcement_files", "requests.refused.administrative_query"}
    assert likeliest("7.属于行政执法案卷8.属于行政查询事项") == ("none", 0.5)
    assert wordings_in(label_key("（三）不予公开 1.属于国家秘密")) == {"requests.refused.state_secret"}


def test_words_are_cut_by_the_forms_own_vocabulary() -> None:
    assert label_words("本年新收政府信息公开申请数量") == ("本年", "新收", "政府信息公开", "申请数量")


def test_the_arrays_say_what_the_estimator_says(examples) -> None:
    import skops.io

    from pipeline.classify import _TRUSTED

    estimator = skops.io.load(default_model_folder() / "model.skops", trusted=list(_TRUSTED))
    arrays = LinearEstimator.load(default_model_folder() / "weights.npz")
    assert list(estimator.classes_) == [str(name) for name in arrays.classes_]
    for example in examples[:3]:
        served = arrays.predict_proba(document_parts(example.rows))
        np.testing.assert_allclose(served, estimator.predict_proba(document_features(example.rows)), atol=1e-6)


def test_no_rows_no_labels() -> None:
    assert load_model().rows.label([]) == []


def test_a_missing_model_says_where_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"settings\.json is missing") as caught:
        load_model(tmp_path / "nowhere")
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("damage", ["settings", "version", "weights", "pickle"])
def test_a_damaged_model_is_refused(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_model_folder(), folder)
    if damage == "settings":
        (folder / "settings.json").write_text("{")
    elif damage == "version":
        settings = json.loads((folder / "settings.json").read_text())
        (folder / "settings.json").write_text(json.dumps({**settings, "format": "nianbao.rows/0"}))
    elif damage == "weights":
        (folder / "weights.npz").write_bytes(b"PK\x03\x04 not a zip")
    else:
        np.savez(folder / "weights.npz", names=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ModelError):
        RowClassifier.load(folder)


def without_arrays(tmp_path: Path, **settings: object) -> Path:
    """The shipped model without its arrays, so that scikit-learn's own estimator is what is loaded."""
    folder = tmp_path / "model"
    shutil.copytree(default_model_folder(), folder)
    (folder / "weights.npz").unlink()
    known = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    (folder / "settings.json").write_text(json.dumps({**known, **settings}), encoding="utf-8")
    return folder


def test_an_estimator_of_another_scikit_learn_is_refused_with_the_command_that_retrains(tmp_path: Path) -> None:
    folder = without_arrays(tmp_path, scikit_learn="0.24.2")
    with pytest.raises(ModelError, match=rf"scikit-learn 0\.24\.2.*nianbao train {folder} --out {folder}") as caught:
        RowClassifier.load(folder)
    assert caught.value.exit_code == 4


def test_arrays_serve_whatever_scikit_learn_made_them(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_model_folder(), folder)
    known = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    (folder / "settings.json").write_text(json.dumps({**known, "scikit_learn": "0.24.2"}), encoding="utf-8")
    assert RowClassifier.load(folder).version == known["version"]


def test_a_model_for_other_forms_is_refused_with_the_command_that_retrains(tmp_path: Path) -> None:
    folder = without_arrays(tmp_path, forms={**forms_known(), "2031": "0" * 16})
    with pytest.raises(ModelError, match=rf"another set of forms.*nianbao train {folder} --out {folder}"):
        RowClassifier.load(folder)


class Harm:
    """What a file would do if loading it ran code."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("kind", ["pickle as skops", "untrusted type", "pickle as arrays"])
def test_loading_a_hostile_model_runs_nothing_of_it(tmp_path: Path, kind: str) -> None:
    import pickle

    import sklearn
    import skops.io

    mark = tmp_path / "harmed"
    folder = without_arrays(tmp_path, scikit_learn=sklearn.__version__)
    if kind == "untrusted type":
        skops.io.dump({"estimator": Harm(mark)}, folder / "model.skops")
        mark.unlink(missing_ok=True)
    else:
        name = "model.skops" if kind == "pickle as skops" else "weights.npz"
        (folder / name).write_bytes(pickle.dumps(Harm(mark)))
    with pytest.raises(ModelError, match="cannot be loaded"):
        RowClassifier.load(folder)
    assert not mark.exists()
