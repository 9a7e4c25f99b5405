"""Sentences for the reader of facts: learnt and tested ones stay apart, marks say what is meant, scores count."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from corpora.synthesis.prose_marks import (
    FACTS,
    SCOPES,
    Sentence,
    Statement,
    apart_from,
    fill_marks,
    grams,
    masked,
    read_sentences,
    read_written,
    split_written,
    write_sentences,
)
from corpora.synthesis.prose_sentences import DEV, SEED, draw_sentences
from corpora.synthesis.prose_taught import draw_taught, taught_lines
from evaluation.sentences import Tally, as_json, gold_of, interval, main, score, table
from pipeline.datamodel import Fact, Location

FOLDER = Path(__file__).parents[1] / "corpora" / "sentences"


def filled(text: str) -> Sentence:
    return fill_marks(random.Random(3), text, id="1", group="1", year=2023, agency="临溪县水利局")


@pytest.fixture(scope="module")
def written() -> list[Sentence]:
    return list(read_written(FOLDER / "written.txt", SEED))


def test_sentences_to_learn_share_no_twelve_characters_with_those_of_the_test(written: list[Sentence]) -> None:
    dev, first = split_written(written, SEED, DEV)
    test = [*first, *read_written(FOLDER / "written_anew.txt", SEED)]
    seen = set().union(*(grams(one.text) for one in test))
    learnt = draw_sentences(SEED, 2000, test)
    assert len({masked(one.text) for one in learnt}) == 2000
    by_hand = [*draw_taught(SEED, test, variants=2), *apart_from(dev, test)]
    assert len(by_hand) > 1500
    assert [one.text for one in (*learnt, *by_hand) if not seen.isdisjoint(grams(one.text))] == []
    unfiltered = draw_sentences(SEED, 2000)
    assert any(not seen.isdisjoint(grams(one.text)) for one in unfiltered)  # the sieve has something to hold back


def test_the_committed_sentences_are_those_of_the_text(written: list[Sentence]) -> None:
    dev, test = split_written(written, SEED, DEV)
    assert read_sentences(FOLDER / "dev.jsonl") == dev
    assert read_sentences(FOLDER / "test.jsonl") == test
    assert read_sentences(FOLDER / "anew.jsonl") == list(read_written(FOLDER / "written_anew.txt", SEED))
    assert len(test) >= 600
    assert not {masked(one.text) for one in dev} & {masked(one.text) for one in test}
    stated = Counter(name for one in test for name in gold_of(one))
    assert set(stated) == set(FACTS.values())
    assert min(stated.values()) >= 10


def test_lines_to_learn_from_state_every_fact_in_every_scope_and_are_drawn_alike() -> None:
    once, again = draw_taught(5, variants=2), draw_taught(5, variants=2)
    assert once == again
    lines = list(taught_lines())
    assert len(lines) >= 1000
    assert len({text for _, _, text in lines}) == len(lines)
    assert len({group for group, _, _ in lines}) >= 200
    stated = {(statement.fact, statement.scope) for one in once for statement in one.statements}
    assert {fact for fact, scope in stated if scope == "this"} == set(FACTS.values())
    assert {scope for _, scope in stated} == set(SCOPES.values())
    assert not [one.text for one in once if set("{}<>|") & set(one.text)]


def test_another_draw_for_development_takes_nothing_back(written: list[Sentence]) -> None:
    first, _ = split_written(written, SEED, DEV[:1])
    both, _ = split_written(written, SEED, DEV)
    assert {one.id for one in first} < {one.id for one in both}


def test_marks_become_figures_with_what_they_state() -> None:
    one = filled("<Y>年收到申请<R|十二|12>件，<Y-1>年<R-y|9|9>件，未收费<F0>，占<%>%，涉及<#>人。")
    assert one.text.startswith("2023年收到申请十二件，2022年9件，未收费，占")
    assert one.statements == (
        Statement("requests_received", 12, "this", (9, 11)),
        Statement("requests_received", 9, "other year", (18, 19)),
        Statement("fees_charged", 0, "this", None),
    )
    assert one.denied == (-1, -1, 24)
    assert gold_of(one) == {"requests_received": {12}, "fees_charged": {0}}


def test_two_facts_may_share_a_figure() -> None:
    assert [stated.fact for stated in filled("复议、诉讼各<AL>件").statements] == ["review_cases", "litigation_cases"]


def test_sentences_come_back_as_they_were_written(tmp_path: Path) -> None:
    sentences = [filled("收到申请<R>件，未收费<F0>。"), filled("没有数字。")]
    write_sentences(sentences, tmp_path / "s.jsonl")
    assert read_sentences(tmp_path / "s.jsonl") == sentences


def test_grams_mask_numbers() -> None:
    assert masked("2023年收到申请十二件、3,607条") == "#年收到申请#件、#条"
    assert grams("共收到政府信息公开申请8件") & grams("全年共收到政府信息公开申请十五件") == {
        "共收到政府信息公开申请#",
        "收到政府信息公开申请#件",
    }


def _fact(value: float, accepted: bool = True) -> Fact:
    return Fact("requests_received", value, "", 1.0, accepted, Location())


def test_only_what_is_accepted_counts() -> None:
    sentences = [
        filled("收到申请<R|5|5>件。"),
        filled("收到申请<R-r|8|8>件。"),
        filled("收到申请<R|5|5>件和<R|6|6>件。"),
    ]
    right = score(sentences[:1], lambda one: {"requests_received": _fact(5)})
    assert right.total == Tally(1, 0, 0)
    assert score(sentences[:1], lambda one: {"requests_received": _fact(5, False)}).total == Tally(0, 0, 1)
    wrong = score(sentences[:1], lambda one: {"requests_received": _fact(6)})
    assert wrong.total == Tally(0, 1, 1)
    assert [(miss.kind, miss.gold, miss.read) for miss in wrong.misses] == [("wrong", (5,), 6), ("missed", (5,), 6)]
    assert score(sentences[1:2], lambda one: {"requests_received": _fact(8)}).total == Tally(0, 1, 0)
    assert score(sentences[2:], lambda one: {"requests_received": _fact(5)}).total == Tally(0, 1, 0)  # two values
    assert score(sentences[2:], lambda one: {}).total == Tally()


def test_intervals_are_exact() -> None:
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(20, 20) == pytest.approx((0.8316, 1.0), abs=1e-4)
    assert interval(49, 50) == pytest.approx((0.8935, 0.9995), abs=1e-4)


def test_the_table_shows_both_ways_fact_by_fact() -> None:
    sentences = [filled("收到申请<R|5|5>件。")]
    none, all_ = score(sentences, lambda one: {}), score(sentences, lambda one: {"requests_received": _fact(5)})
    assert "requests_received" in table(none, all_)
    assert as_json(all_)["all"]["recall"] == 1.0
    assert as_json(none)["all"]["precision"] is None


def test_the_model_beats_the_patterns_on_sentences_kept_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(FOLDER / "test.jsonl"), "--json", str(tmp_path / "facts.json")])
    found = json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))
    patterns, model = found["patterns"]["all"], found["with_model"]["all"]
    assert model["recall"] > patterns["recall"] + 0.2
    assert model["precision"] > 0.92
    assert "all" in capsys.readouterr().out
