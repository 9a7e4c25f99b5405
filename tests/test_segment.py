"""Words: the forms' wording whole, counts whole, offsets kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.prose.segment import cut, joined, segment


def words(text: str) -> list[str]:
    return [token.text for token in cut(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("予以公开及部分公开", ["予以公开", "及", "部分公开"]),
        ("政府信息公开申请", ["政府", "信息公开", "申请"]),
        ("规章制度", ["规章制度"]),
        ("办结率", ["办结率"]),
        ("未收取信息处理费", ["未", "收取", "信息处理费"]),
        ("", []),
    ],
)
def test_the_wording_of_the_forms_stays_whole(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_count_stays_one_word_and_bears_its_tag() -> None:
    text = "收到申请3,607件，办结"
    doc = segment(text, {(4, 10): "件"})
    assert [(token.text, token.tag_) for token in doc] == [
        ("收到", "word"), ("申请", "word"), ("3,607件", "件"), ("，", "stop"), ("办结", "word"),
    ]  # fmt: skip


@settings(deadline=None)
@given(st.text(alphabet="政府信息公开申请，。件0123456789、和()", max_size=40))
def test_words_and_their_spacy_document_lie_alike_in_the_text(text: str) -> None:
    tokens = cut(text)
    assert joined(tokens) == text
    assert all(text[token.start : token.start + len(token.text)] == token.text for token in tokens)
    assert [(token.text, token.tag_, token.idx) for token in segment(text)] == list(tokens)


def test_cuts_are_those_of_jieba() -> None:
    jieba = pytest.importorskip(
        "jieba", reason="jieba itself is no dependency; its cuts are compared where it is installed"
    )
    jieba.setLogLevel(60)
    for text in ("持续提升服务的趣味性", "对疑难问题实行集体会商", "压实各科室工作责任", "提高答复的规范性和严谨性"):
        assert words(text) == list(jieba.cut(text, HMM=False))
