"""What training tries out: labels are doubted only by models that did not learn them; splits keep layouts whole."""

from dataclasses import replace
from pathlib import Path

import pytest

from models import tuning
from models.train import read_examples
from models.tuning import Judged

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"
SEED = 2


@pytest.fixture(scope="module")
def examples():
    kinds = ("text", "html", "markdown", "docx")
    return [replace(one, group=one.document) for one in read_examples(SAMPLES) if one.group.startswith(kinds)]


@pytest.fixture(scope="module")
def lesson(examples):
    return tuning.lesson_of(examples, SEED)


def judged(name: str, likeliest: str, likeliest_share: float, share: float) -> Judged:
    return Judged("d", "g", 0, "label", name, likeliest, likeliest_share, share)


def test_the_search_gives_one_of_its_strengths_each_time_the_same(examples) -> None:
    lesson = tuning.lesson_of(examples[: tuning.FOLDS + 1], SEED)
    found = tuning.choose_strength(lesson, SEED, (1.0, 20.0))
    assert found in (1.0, 20.0)
    assert found == tuning.choose_strength(lesson, SEED, (20.0, 1.0))
    assert tuning.choose_strength(lesson, SEED, (20.0, 1e-6)) == 20.0


def test_every_row_is_judged_once_by_models_that_did_not_learn_it(examples, lesson) -> None:
    rows = tuning.judge_rows(examples, lesson, examples, SEED, 20.0)
    assert [(row.document, row.name) for row in rows] == [
        (one.document, name) for one in examples for name in one.names
    ]


def test_a_wrong_label_is_doubted_and_a_right_one_is_not(examples) -> None:
    names = list(examples[0].names)
    wrong = names.index("requests.granted") if "requests.granted" in names else len(names) // 2
    names[wrong] = "none"
    spoilt = [replace(examples[0], names=tuple(names)), *examples[1:]]
    rows = tuning.judge_rows(spoilt, tuning.lesson_of(spoilt, SEED), spoilt[:1], SEED, 20.0)
    assert [row.place for row in tuning.doubtful(rows)][:1] in ([wrong], [])
    assert rows[wrong].share < 0.5
    assert sum(row.doubtful for row in rows) <= 2


def test_doubtful_labels_come_surest_first_and_too_many_are_too_many() -> None:
    doubted = [judged("a", "b", 0.92, 0.01), judged("a", "b", 0.99, 0.001), judged("a", "b", 0.95, 0.05)]
    right = [judged("a", "a", 0.99, 0.99)]
    unsure = [judged("a", "b", 0.6, 0.3)]
    assert [one.likeliest_share for one in tuning.doubtful([*right, *doubted, *unsure])] == [0.99, 0.95, 0.92]
    assert tuning.too_doubtful([*doubted, *right * 10])
    assert not tuning.too_doubtful([*doubted, *right * 40])
    assert not tuning.too_doubtful([*doubted[:2], *right])


def test_the_curve_counts_documents_learnt_and_rises(examples, lesson) -> None:
    curve = tuning.learning_curve(lesson, examples[:1], examples[1:], SEED, 20.0)
    assert [count for count, _ in curve] == sorted({count for count, _ in curve})
    assert curve[0][0] == 0
    assert curve[-1][1] >= curve[0][1]
    assert all(0 <= share <= 1 for _, share in curve)


def test_one_document_has_no_curve(examples, lesson) -> None:
    assert tuning.learning_curve(lesson, examples[1:], examples[:1], SEED, 20.0) == []
