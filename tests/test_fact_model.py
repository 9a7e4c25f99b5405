"""The learnt reader of facts: arrays that come back, what it adds to the patterns, what it may not overrule."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpora.synthesis.prose_sentences import draw_sentences
from models.facts import Lesson, lessons_of, train_facts
from pipeline.datamodel import Fact, Line, Location
from pipeline.errors import ModelError
from pipeline.extract import default_model_folder, load_model
from pipeline.prose.fact_features import find_candidates
from pipeline.prose.fact_lexicon import find_sorts
from pipeline.prose.fact_model import FILES, FactClassifier
from pipeline.prose.facts import find_said, read_facts


@pytest.fixture(scope="module")
def lessons() -> list[Lesson]:
    return [lesson for one in draw_sentences(5, 400) for lesson in lessons_of(one)]


@pytest.fixture(scope="module")
def small(lessons: list[Lesson]) -> FactClassifier:
    return train_facts(lessons, 1)


@pytest.fixture(scope="module")
def shipped() -> FactClassifier:
    reader = FactClassifier.load(default_model_folder())
    assert reader is not None
    return reader


def read(text: str, model: FactClassifier | None, agency: str = "临溪县水利局", year: int = 2023) -> dict[str, Fact]:
    return read_facts([Line(text, Location(1, span=(0, len(text))))], year, agency, model=model)


def accepted(text: str, model: FactClassifier | None, agency: str = "临溪县水利局") -> dict[str, float]:
    return {name: fact.value for name, fact in read(text, model, agency).items() if fact.accepted}


def test_the_same_lessons_give_the_same_reader(lessons: list[Lesson], small: FactClassifier) -> None:
    again = train_facts(lessons, 1)
    assert again.settings == small.settings
    assert np.array_equal(again.weights, small.weights)


def test_learning_on_top_of_a_reader_begins_at_its_weights_and_ends_at_the_same(
    lessons: list[Lesson], small: FactClassifier
) -> None:
    base = replace(small, settings={**small.settings, "fact_sharpness": 0.5})
    further = train_facts(lessons, 1, base=base)
    assert further.settings["fact_sharpness"] == 0.5
    assert further.settings["scope_sharpness"] == small.settings["scope_sharpness"]
    rows = [one.features for one in lessons]
    assert [one.fact for one in further.guess(rows)] == [one.fact for one in small.guess(rows)]
    assert np.array_equal(train_facts(lessons, 1, base=base).weights, further.weights)


def test_a_reader_of_other_facts_is_no_start(lessons: list[Lesson], small: FactClassifier) -> None:
    gone = small.facts[0]
    fewer = [one for one in lessons if one.fact != gone]
    further, cold = train_facts(fewer, 1, base=small), train_facts(fewer, 1)
    assert gone not in further.facts
    assert further.settings["fact_sharpness"] == cold.settings["fact_sharpness"]


def test_what_was_learnt_is_known(lessons: list[Lesson], small: FactClassifier) -> None:
    guesses = small.guess([one.features for one in lessons])
    right = sum(guess.fact == one.fact for guess, one in zip(guesses, lessons, strict=True))
    assert right / len(lessons) > 0.97
    assert small.guess([]) == []
    assert all(0 <= one.fact_share <= 1 and 0 <= one.this_share <= one.scope_share for one in guesses)


def test_a_reader_comes_back_from_its_files(small: FactClassifier, lessons: list[Lesson], tmp_path: Path) -> None:
    small.save(tmp_path)
    back = FactClassifier.load(tmp_path)
    assert back is not None
    rows = [one.features for one in lessons[:50]]
    for before, after in zip(small.guess(rows), back.guess(rows), strict=True):
        assert (after.fact, after.scope) == (before.fact, before.scope)
        assert after.fact_share == pytest.approx(before.fact_share, abs=5e-3)  # weights are kept in two bytes each


def test_a_folder_without_a_reader_has_none(tmp_path: Path) -> None:
    assert FactClassifier.load(tmp_path) is None


@pytest.mark.parametrize("harm", ["no weights", "other format", "no json", "cut off"])
def test_a_damaged_reader_is_named(small: FactClassifier, tmp_path: Path, harm: str) -> None:
    small.save(tmp_path)
    weights, settings = tmp_path / FILES[0], tmp_path / FILES[1]
    if harm == "no weights":
        weights.unlink()
    elif harm == "other format":
        settings.write_text(json.dumps({**small.settings, "format": "nianbao.facts/99"}), encoding="utf-8")
    elif harm == "no json":
        settings.write_text("{", encoding="utf-8")
    else:
        weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(ModelError, match="reader of facts"):
        FactClassifier.load(tmp_path)


def test_the_model_names_both_versions(shipped: FactClassifier) -> None:
    assert load_model().version.endswith(shipped.version)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("档案显示，去年延续到本年办理的公开申请有4件。", {"requests_carried_in": 4}),
        ("复议机关受理不服我局信息公开答复的案件3件，均为行政复议。", {}),
        ("2022年召开新闻发布会6场，2023年召开新闻发布会9场。", {"press_conferences": 9}),
        ("受理12345工单80件，政府信息公开申请7件。", {"requests_received": 7}),
        ("政府信息公开行政复议、行政诉讼均为零。", {"review_cases": 0, "litigation_cases": 0}),
    ],
)
def test_the_model_reads_what_no_pattern_knows(shipped: FactClassifier, text: str, expected: dict[str, float]) -> None:
    assert accepted(text, shipped).items() >= expected.items()


@pytest.mark.parametrize(
    "text",
    [
        "本报告包括总体情况、政府信息公开申请、行政复议、行政诉讼等六个部分。",
        "收到政府信息公开申请1500余件。",
        "主动公开政府信息1.2万条。",
        "2022年收到政府信息公开申请9件。",
        "自2019年以来，我局累计收到政府信息公开申请560件。",
        "组织4次专项检查，印发通报2期。",
        "微信单条阅读量超5万次，政府网站访问量785407人次。",
        "不同渠道公开同一信息的计1条。",
        "联系电话0000-1234567，见国办公开办函〔2019〕60号。",
        "下一年计划举办政务公开培训3期。",
    ],
)
def test_what_states_nothing_plainly_is_not_accepted(shipped: FactClassifier, text: str) -> None:
    assert accepted(text, shipped) == {}


def test_two_values_as_sure_as_each_other_are_not_accepted(shipped: FactClassifier) -> None:
    text = "全年收到政府信息公开申请12件。工作平稳。本年收到政府信息公开申请13件。"
    assert read(text, shipped)["requests_received"].accepted is False


def test_years_become_what_they_are_to_the_report() -> None:
    text = "2022年结转，2023年收到，2024年办理，2020年"
    assert [one.sort for one in find_sorts(text, 2023) if one.sort in ("last", "this", "next", "older")] == [
        "last", "this", "next", "older",
    ]  # fmt: skip
    assert "some year" in {one.sort for one in find_sorts(text, None)}


def test_one_character_is_a_deed_only_where_a_count_follows() -> None:
    assert [(one.sort, one.start) for one in find_sorts("收12件，验收情况，答了三件", 2023) if one.sort != "|"] == [
        ("receive", 0),
        ("conclude", 10),
    ]


def test_a_zero_behind_a_colon_denies_what_stands_before_it() -> None:
    text = "申请不予公开：0；申请无法提供：0。"
    ((said, _),) = find_said([Line(text, Location(1, span=(0, len(text))))], 2023, None)
    found = find_candidates(said.words, said.mentions, said.context.said)
    denied = {said.words[one.start].text for one in found if one.mention is None}
    assert {"不予公开", "无法提供"} <= denied


def test_the_learnt_reader_takes_a_plain_reading_of_the_patterns_away(shipped: FactClassifier) -> None:
    text = "县区承接上年结转12件，市直部门收取信息处理费1455元。"
    assert accepted(text, None)
    assert accepted(text, shipped, "青川市") == {}


def test_reading_facts_loads_neither_scikit_learn_nor_spacy() -> None:
    code = (
        "import sys; from pipeline.extract import extract, load_model\n"
        "record = extract('全年收到政府信息公开申请12件。'.encode(), load_model(), media_type='text/plain')\n"
        "assert record.facts, record\n"
        "print([name for name in ('sklearn', 'spacy', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
