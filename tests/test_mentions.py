"""Counts in prose: what is one, what it is worth, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.prose.mentions import find_mentions, parse_chinese

_DIGITS = "零一二三四五六七八九"


def in_chinese(value: int) -> str:
    """A whole number below 10**12 in Chinese numerals, by the school rules."""
    for scale, mark in ((10**8, "亿"), (10**4, "万")):
        if value >= scale:
            high, low = divmod(value, scale)
            gap = "零" if low and low < scale // 10 else ""
            return in_chinese(high) + mark + (gap + in_chinese(low) if low else "")
    text, skipped = "", False
    for place, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // place % 10
        if digit:
            text += ("零" if skipped and text else "") + _DIGITS[digit] + mark
        skipped = digit == 0 if text else False
    return text or "零"


@given(st.integers(0, 10**12 - 1))
def test_chinese_numerals_are_read_back(value: int) -> None:
    assert parse_chinese(in_chinese(value)) == value


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("三千六百零七", 3607),
        ("十二", 12),
        ("二十", 20),
        ("两百", 200),
        ("一千零一十", 1010),
        ("十万零三", 100003),
        ("〇", 0),
    ],
)
def test_chinese_numerals_as_reports_write_them(numeral: str, value: int) -> None:
    assert parse_chinese(numeral) == value


@pytest.mark.parametrize("numeral", ["二〇二三", "三四", "三百五", "一万二", "百", "", "万", "十百"])
def test_what_is_no_clear_numeral_has_no_value(numeral: str) -> None:
    assert parse_chinese(numeral) is None


@given(st.text(alphabet="零〇一二两三四五六七八九十百千万亿", max_size=12))
def test_no_row_of_numerals_raises(numeral: str) -> None:
    value = parse_chinese(numeral)
    assert value is None or value >= 0


@pytest.mark.parametrize(
    ("text", "value", "unit", "approximate"),
    [
        ("收到申请17件", 17, "件", False),
        ("发布信息1,234条", 1234, "条", False),
        ("办结三千六百零七件", 3607, "件", False),
        ("一件结转下年度", 1, "件", False),
        ("收到70件，1件结转", 1, "件", False),
        ("公开信息18万余条", 180_000, "条", True),
        ("公开信息1.2万条", 12_000, "条", True),
        ("收费59.4123万元", 594_123, "元", False),
        ("近3000条", 3000, "条", True),
        ("不少于20篇", 20, "篇", True),
        ("50条以上", 50, "条", True),
        ("十余场", 10, "场", True),
        ("数十件", 10, "件", True),
        ("申请数3件", 3, "件", False),
    ],
)
def test_a_count_with_its_unit(text: str, value: float, unit: str, approximate: bool) -> None:
    mention = find_mentions(text)[-1]
    assert (mention.value, mention.unit, mention.approximate) == (value, unit, approximate)
    assert text[mention.start : mention.end].endswith(unit)


@pytest.mark.parametrize(
    "text",
    [
        "占51.85%", "2023年12月31日", "〔2021〕39号", "第20条", "第二十条", "第3次", "3-5件", "3至5件", "三四件",
        "3、4件", "2.5万3件", "条例", "2条例", "24小时", "12345热线", "一是加强", "邮编350400", "1个人", "3项目",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_count(text: str) -> None:
    assert find_mentions(text) == ()


@given(st.text(alphabet="0123456789,.-零一二三十百千万亿余近约第件条次元个，。a ", max_size=60))
def test_mentions_lie_in_the_text_in_order(text: str) -> None:
    mentions = find_mentions(text)
    places = [place for mention in mentions for place in (mention.start, mention.end)]
    assert places == sorted(places)
    assert all(
        mention.value >= 0 and text[mention.end - len(mention.unit) : mention.end] == mention.unit
        for mention in mentions
    )
