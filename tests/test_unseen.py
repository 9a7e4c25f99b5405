"""Leaving layouts out: siblings and scored agencies stay out of training, steps score the same documents."""

import json
import sys
from pathlib import Path

import pytest

from corpora import read_corpus
from corpora.synthesis import generate
from evaluation.unseen import STEPS, metrics, plan, rounds_of, study
from pipeline import commands
from pipeline.classify import RowClassifier
from pipeline.commands import unseen as command
from pipeline.datamodel import LabelledRow
from pipeline.errors import UsageError
from pipeline.extract import load_model
from tests.scores import gold, row

LAYOUTS = ("text-tabs", "html-clean")


def _documents(layouts: dict[str, tuple[str, bool]], count: int = 12) -> list:
    """`count` documents of each layout (name: family, irregular), each of its own agency, every sixth one of dev."""
    return [
        gold(
            {},
            f"{layout}-{number}",
            agency=f"{layout}{number}局",
            rows=(row("none", "x"),),
            meta={
                "layout": layout,
                "family": family,
                "irregular": irregular,
                "split": "train" if number % 6 else "dev",
            },
        )
        for layout, (family, irregular) in layouts.items()
        for number in range(count)
    ]


FAMILIES = {"ruled": ("grid", False), "zebra": ("grid", False), "tabs": ("tabs", False), "wreck": ("wreck", True)}


@pytest.fixture
def layouts():
    return {one.name: one for one in plan(_documents(FAMILIES), known=2, scored=3, seed=1)}


def _names(documents) -> set[str]:
    return {str(one.meta["layout"]) for one in documents}


def test_no_sibling_of_a_layout_is_learnt(layouts) -> None:
    assert _names(layouts["ruled"].others) == {"tabs", "wreck"}
    assert _names(layouts["tabs"].others) == {"ruled", "zebra", "wreck"}
    assert layouts["ruled"].others == layouts["zebra"].others
    assert len(layouts["tabs"].others) == 2 * 3


def test_only_documents_of_train_are_learnt_and_others_are_scored_first(layouts) -> None:
    for layout in layouts.values():
        learnt = (*layout.others, *layout.lessons)
        assert {one.meta["split"] for one in learnt} == {"train"}
        assert [one.meta["split"] for one in layout.scored] == ["dev", "dev", "train"]
        assert not {one.id for one in layout.scored} & {one.id for one in learnt}


def test_no_agency_is_scored_and_learnt() -> None:
    documents = _documents(FAMILIES)
    shared = [
        gold({}, f"{one.id}-again", agency=documents[0].agency, rows=one.rows, meta={**one.meta, "split": "train"})
        for one in documents
    ]
    for layout in plan([*documents, *shared], known=2, scored=3, seed=1):
        scored = {one.agency for one in layout.scored}
        assert not scored & {one.agency for one in (*layout.others, *layout.lessons)}


def test_steps_add_documents_of_the_layout_and_score_the_same_ones(layouts) -> None:
    rounds = [turn for turn in rounds_of(list(layouts.values())) if "ruled" in {one.name for one in turn.layouts}]
    assert [turn.step for turn in rounds] == list(STEPS)
    assert [one.name for one in rounds[0].layouts] == ["ruled", "zebra"]
    for turn in rounds:
        own = [one for one in turn.lessons if one.meta["layout"] == "ruled"]
        assert own == list(layouts["ruled"].lessons[: turn.step])
        assert "zebra" not in _names(turn.lessons)
        assert next(one for one in turn.layouts if one.name == "ruled").scored == layouts["ruled"].scored


def test_the_seed_draws_the_documents() -> None:
    documents = _documents(FAMILIES)
    assert plan(documents, known=2, scored=3, seed=1) == plan(documents[::-1], known=2, scored=3, seed=1)
    assert plan(documents, known=2, scored=3, seed=1) != plan(documents, known=2, scored=3, seed=2)


def test_steps_without_documents_enough_are_left_out() -> None:
    few = [*_documents(FAMILIES), *_documents({"rare": ("rare", False)}, count=7)]
    rare = next(one for one in plan(few, known=2, scored=3, seed=1) if one.name == "rare")
    assert not rare.complete
    assert [turn.step for turn in rounds_of([rare])] == [0, 1, 3]


def test_a_layout_that_nothing_is_learnt_of_is_no_part_of_the_study() -> None:
    test_only = [
        gold({}, f"held-{number}", rows=(row("none", "x"),), meta={"layout": "held", "split": "test"})
        for number in range(9)
    ]
    assert "held" not in {one.name for one in plan([*_documents(FAMILIES), *test_only], known=2, scored=3, seed=1)}


@pytest.mark.parametrize("families", [{}, {"ruled": ("grid", False), "zebra": ("grid", False)}])
def test_one_family_alone_cannot_be_left_out(families) -> None:
    with pytest.raises(UsageError, match="two families"):
        plan(_documents(families), known=2, scored=3, seed=1)


def test_layouts_that_are_alike_are_left_out_together_and_alone() -> None:
    documents = _documents({"a-old": ("web", False), "b-old": ("tabs", False), "other": ("web", False)})
    layouts = plan(documents, known=2, scored=1, seed=1, only="*-old")
    assert [one.name for one in layouts] == ["a-old", "b-old"]
    assert {one.family for one in layouts} == {"*-old"}
    assert {str(other.meta["layout"]) for one in layouts for other in one.others} == {"other"}
    assert {str(lesson.meta["layout"]) for lesson in layouts[0].lessons} == {"a-old"}
    with pytest.raises(UsageError, match=r"is named like \*-new; known are a-old, b-old, other"):
        plan(documents, known=2, scored=1, seed=1, only="*-new")


class _Ignorant(RowClassifier):
    """Takes every row for one that belongs to no form."""

    def label(self, rows):
        return [LabelledRow(one, {"none": 1.0}) for one in rows]


def slow_learner(documents, seed):
    """A trainer whose classifiers know nothing before they have met three documents of the tabbed layout."""
    known = load_model().rows
    ignorant = _Ignorant(known.estimator, known.settings)

    def fit(some):
        met = sum(one.meta["layout"] == "text-tabs" for one in some)
        return known if met >= 3 else ignorant

    return fit


def broken_trainer(documents, seed):
    def fit(some):
        raise ValueError("nothing can be learnt")

    return fit


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "made"
    generate(folder, 3, 9, LAYOUTS)
    for meta in folder.glob("*/meta.json"):
        meta.write_text(meta.read_text().replace('"test"', '"train"').replace('"dev"', '"train"'))
    return folder


@pytest.fixture(scope="module")
def found(corpus):
    shown = []
    documents = list(read_corpus(corpus))
    made = study(
        documents, slow_learner, corpora=["made"], scored=2, workers=2, progress=lambda *done: shown.append(done)
    )
    return made, shown


def test_what_is_learnt_step_by_step_is_seen_in_the_scores(found) -> None:
    plain = found[0].to_dict()
    tabs = next(one for one in plain["layouts"] if one["layout"] == "text-tabs")
    assert (tabs["format"], tabs["family"], tabs["irregular"], tabs["documents"]) == ("txt", "tabs", False, 2)
    assert [tabs["shots"][str(step)]["exact_fields"] for step in (3, 5)] == [1.0, 1.0]
    assert tabs["shots"]["0"]["exact_fields"] < 0.2
    assert tabs["shots"]["1"] == tabs["shots"]["0"]
    assert tabs["shots"]["0"]["row_labels_f1"] == 0
    assert tabs["shots"]["3"]["row_labels_f1"] > 0.99
    assert {shot["fields"] for shot in tabs["shots"].values()} == {tabs["shots"]["0"]["fields"]}


def test_totals_sum_the_layouts_and_wrong_fields_are_named_without_a_path(found, corpus) -> None:
    plain = json.loads(json.dumps(found[0].to_dict(), ensure_ascii=False))
    assert plain["schema"] == "nianbao.unseen/1"
    zero = plain["totals"]["0"]
    assert zero["all"]["documents"] == zero["regular"]["documents"] == 4
    assert zero["irregular"]["exact_fields"] is None
    assert plain["zero_shot"] == zero
    assert zero["all"]["fields"] == sum(one["shots"]["0"]["fields"] for one in plain["layouts"])
    wrong = round((1 - zero["all"]["exact_fields"]) * zero["all"]["fields"])
    assert len([one for one in plain["wrong"] if one["kind"] != "extra"]) == wrong > 0
    assert str(corpus) not in json.dumps(plain)


def test_progress_counts_the_trainings(found) -> None:
    made, shown = found
    among = 2 + 2 * len(STEPS[1:])
    assert shown == [(done, among) for done in range(1, among + 1)]
    assert all(layout.complete for layout, _ in made.layouts)


def test_a_trainer_that_fails_ends_the_study(corpus) -> None:
    with pytest.raises(ValueError, match="nothing can be learnt"):
        study(list(read_corpus(corpus)), broken_trainer, scored=1)


def test_metrics_of_nothing_are_none() -> None:
    assert set(metrics([]).values()) == {None}


def test_the_summary_has_a_line_for_each_kind_of_layouts_and_step(found) -> None:
    lines = command.summary(found[0].to_dict()).splitlines()
    assert lines[0].split("\t")[:3] == ["layouts of kind", "learnt from", "layouts"]
    last = next(line.split("\t") for line in lines if line.startswith("all\t5\t"))
    assert last[2:4] == ["2", "4"]


def test_evaluate_prints_the_learning_curve_and_writes_it(found, corpus, tmp_path, monkeypatch, capsys) -> None:
    plain = json.loads(json.dumps(found[0].to_dict()))
    asked = []
    monkeypatch.setattr(command, "run", lambda corpora, **setting: asked.append((corpora, setting)) or plain)
    _run(monkeypatch, "evaluate", corpus, "--learning-curve", "--json", tmp_path / "curve.json", "--workers", 1)
    assert asked == [([corpus], {"workers": 1, "only": None})]
    assert capsys.readouterr().out.strip() == command.summary(plain)
    assert json.loads((tmp_path / "curve.json").read_text(encoding="utf-8")) == plain


def test_layouts_are_named_for_a_learning_curve_alone(corpus, monkeypatch, capsys) -> None:
    assert _run(monkeypatch, "evaluate", corpus, "--layout", "*-old") == 2
    assert "--layout goes with --learning-curve" in capsys.readouterr().err


@pytest.mark.parametrize("option", [("--model", "x"), ("--split", "test"), ("--floor", "silent=0"), ("--html", "x")])
def test_a_learning_curve_trains_its_own_models(option, corpus, monkeypatch, capsys) -> None:
    monkeypatch.setattr(command, "run", lambda *_, **__: pytest.fail("nothing may be trained"))
    assert _run(monkeypatch, "evaluate", corpus, "--learning-curve", *option) == 2
    assert "trains its own models" in capsys.readouterr().err


def _run(monkeypatch, *arguments) -> int:
    monkeypatch.setattr(sys, "argv", ["nianbao", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        commands.main()
    return int(left.value.code or 0)
