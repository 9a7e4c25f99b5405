"""Facts of labelled documents teach the reader of facts; what it reads right already teaches nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from corpora import Document, read_corpus
from models.fact_documents import (
    is_known,
    learn_facts,
    lessons_of_document,
    read_document,
    why_refused,
    write_facts,
)
from pipeline.errors import GateError
from pipeline.extract import default_model_folder
from pipeline.prose.fact_model import FILES, FactClassifier

_ODD = "来件簿所载，函索资料31件。"  # a wording that nobody taught


@pytest.fixture(scope="module")
def reader() -> FactClassifier:
    found = FactClassifier.load(default_model_folder())
    assert found is not None
    return found


def document(folder: Path, text: str, facts: dict[str, dict[str, object]], name: str = "one") -> Document:
    place = folder / name
    place.mkdir(parents=True)
    (place / "source.txt").write_text(f"临溪县水利局2023年政府信息公开工作年度报告\n\n{text}\n", encoding="utf-8")
    gold = {"form": "2021", "year": 2023, "agency": "临溪县水利局", "values": {}, "notes": []}
    (place / "gold.json").write_text(json.dumps(gold, ensure_ascii=False), encoding="utf-8")
    (place / "facts.json").write_text(json.dumps({"facts": facts}, ensure_ascii=False), encoding="utf-8")
    return next(one for one in read_corpus(folder) if one.id == name)


def test_a_document_read_right_teaches_nothing(tmp_path: Path, reader: FactClassifier) -> None:
    text = "全年收到政府信息公开申请12件。"
    facts: dict[str, dict[str, object]] = {"requests_received": {"value": 12, "text": "收到政府信息公开申请12件"}}
    one = document(tmp_path, text, facts)
    assert is_known(one, read_document(one), reader)
    assert learn_facts([one], reader, 1) is None
    (tmp_path / "model").mkdir()
    said = write_facts(tmp_path / "model", default_model_folder(), [one], 1)
    assert "stays as it is" in said
    for name in FILES[:2]:
        assert (tmp_path / "model" / name).read_bytes() == (default_model_folder() / name).read_bytes()


def test_figures_and_denials_of_a_document_become_lessons(tmp_path: Path, reader: FactClassifier) -> None:
    text = "全年收到政府信息公开申请12件，回复来信5件，未收取信息处理费。"
    facts: dict[str, dict[str, object]] = {
        "requests_received": {"value": 12, "text": "收到政府信息公开申请12件"},
        "fees_charged": {"value": 0, "text": "未收取信息处理费"},
    }
    one = document(tmp_path, text, facts)
    taught = lessons_of_document(one, read_document(one), reader)
    assert [lesson.fact for lesson in taught if lesson.fact != "none"] == ["requests_received", "fees_charged"]
    assert "none" in {lesson.fact for lesson in taught}  # the letters


def test_a_wording_is_learnt_from_one_document(tmp_path: Path, reader: FactClassifier) -> None:
    facts: dict[str, dict[str, object]] = {"requests_received": {"value": 31, "text": "函索资料31件"}}
    one = document(tmp_path, _ODD, facts)
    blocks = read_document(one)
    assert not is_known(one, blocks, reader)
    learnt = learn_facts([one], reader, 1, count=250, reason="a small base is worse")
    assert learnt is not None
    new, lessons = learnt
    guess = new.guess([lesson.features for lesson in lessons if lesson.group == one.id and lesson.fact != "none"])[0]
    assert guess.fact == "requests_received"
    assert new.version != reader.version


def test_a_reader_that_learnt_little_is_refused(tmp_path: Path, reader: FactClassifier) -> None:
    one = document(tmp_path, _ODD, {"requests_received": {"value": 31, "text": "函索资料31件"}})
    with pytest.raises(GateError, match=r"errs on \d+ of 300 sentences kept aside .* Look at the facts.json of one"):
        learn_facts([one], reader, 1, count=250)


def test_a_reader_may_err_no_more_on_the_documents_but_chance_refuses_none(
    tmp_path: Path, reader: FactClassifier
) -> None:
    one = document(tmp_path, "共有12件政府信息公开申请送达我局。", {})
    read = [(one, read_document(one))]
    shy = replace(reader, settings={**reader.settings, "threshold": 2.0})  # accepts what patterns read alone
    assert why_refused(reader, reader, read) == ""
    assert why_refused(reader, shy, read) == ""
    assert why_refused(shy, reader, read) == "accepts requests_received of one, which is wrong"
