"""Chapters of documents in wordings, numberings and layouts that nothing was mended on, and how they are scored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpora import Document, GoldChapter, read_corpus
from corpora.synthesis import generate
from corpora.synthesis.chapters import split_head
from evaluation.chapter_scores import score_chapters
from evaluation.metrics import ratios
from evaluation.reading import read_document
from evaluation.score import parts
from pipeline.datamodel import Record, Section
from pipeline.errors import UnreadableInput
from pipeline.extract import load_model
from pipeline.headings import follows, kind_of, marks

_LAYOUTS = ("text-spaces", "text-run-together", "text-folded-narrow", "html-editor", "docx-shaded", "pdf-shaded-heads")
_GOLD = (
    GoldChapter("", "", "introduction", ("导言。",)),
    GoldChapter("一", "总体情况", "overview", ("平稳。", "有序。")),
    GoldChapter("二", "其他需要报告的事项", "others", ("无。",)),
)


def test_reports_of_a_trial_are_read(tmp_path: Path) -> None:
    generate(tmp_path, 77, 2, [f"chapters-test-{name}" for name in _LAYOUTS])
    model = load_model()
    scores = ratios([parts(read_document(document, model).score) for document in read_corpus(tmp_path)])
    floors = {"title": 0.8, "heads": 0.95, "heads_true": 0.95, "paragraphs_placed": 0.95, "paragraphs": 0.9}
    assert {name: scores[name] for name, floor in floors.items() if (scores[name] or 0) < floor} == {}


def document(title: str = "某报告") -> Document:
    return Document("one", Path("source.txt"), "2021", 2023, None, {}, title=title, chapters=_GOLD)


def record(*sections: Section, title: str = "某报告") -> Record:
    return Record("source.txt", "", "text/plain", 1, title=title, sections=sections)


def test_a_whole_reading_is_right() -> None:
    sections = [Section(one.number, one.title, "\n".join(one.paragraphs)) for one in _GOLD]
    found = score_chapters(record(*sections), document())
    assert found is not None
    assert (found.title_right, found.heads_right, found.read, found.placed, found.whole) == (True, 2, 2, 4, 4)
    assert (found.lines, found.true, found.faults) == (3, 3, ())


def test_what_is_lost_joined_or_made_up_counts() -> None:
    sections = (Section("", "", "导言。"), Section("一", "总体情况", "平稳。有序。\n规章 0"), Section("三", "附表", ""))
    found = score_chapters(record(*sections, title="别的"), document())
    assert found is not None
    assert (found.title_right, found.heads_right, found.read, found.placed, found.whole) == (False, 1, 2, 3, 1)
    assert (found.lines, found.true) == (2, 0)
    assert "no head 二其他需要报告的事项" in found.faults


def test_a_document_without_labelled_prose_has_no_score() -> None:
    assert score_chapters(record(), Document("one", Path("s.txt"), "2021", 2023, None, {})) is None


@pytest.mark.parametrize(
    ("content", "message"), [({}, "no list named chapters"), ({"chapters": [{}]}, "chapter 1 needs")]
)
def test_malformed_chapters_are_named(tmp_path: Path, content: object, message: str) -> None:
    (tmp_path / "source.txt").write_text("x")
    (tmp_path / "gold.json").write_text(json.dumps({"form": "2021", "year": 2023, "agency": None, "values": {}}))
    (tmp_path / "chapters.json").write_text(json.dumps(content))
    with pytest.raises(UnreadableInput, match=message):
        list(read_corpus(tmp_path))


@pytest.mark.parametrize(
    ("head", "parted"),
    [
        ("一、总体情况", ("一", "总体情况")), ("第六部分 附表", ("六", "附表")), ("（十一）其他。", ("十一", "其他")),
        ("3．概述", ("3", "概述")), ("概述", ("", "概述")),
    ],
)  # fmt: skip
def test_gold_heads_are_parted(head: str, parted: tuple[str, str]) -> None:
    assert split_head(head) == parted


def test_titles_are_known_and_sentences_about_them_are_no_heads() -> None:
    assert kind_of("政府信息公开工作被申请行政复议、提起行政诉讼的情况") == "disputes"
    assert kind_of("工作平稳") == ""
    text = "数据见本报告第二部分主动公开政府信息情况。二、三季度各自查一次。三、其他需要报告的事项无。"
    assert [(mark.number, mark.kind) for mark in marks(text)] == [("三", "others")]
    assert follows("十一", "十")
    assert not follows("三", "一")
