"""Characters and numbers of cells: what is normalised, what is a number, what stays undecided."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import is_numeric, label_key, normalise, parse_number

_NOTE_MARKS = "¹²³⁴₁₂①②⑳⑴⒈❶➀"
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("0", 0),
        ("12", 12),
        ("１２", 12),
        (" 1,234 ", 1234),
        ("1，234", 1234),
        ("3.5", 3.5),
        ("-18", -18),
        ("－18", -18),
        ("—18", -18),
        ("22（其中修订16件）", 22),
        ("22(其中修订16件)", 22),
        ("251000元", 251000),
        ("7 件", 7),
        ("12*", 12),
        ("12①", 12),
        ("12²", 12),
        ("75394432.52元", 75394432.52),
    ],
)
def test_parse_number_reads_what_a_cell_prints(printed: str, value: float) -> None:
    parsed = parse_number(printed)
    assert (parsed.state, parsed.value, parsed.candidates) == ("printed", value, ())
    assert is_numeric(printed)


@pytest.mark.parametrize("printed", ["", " ", "\u00a0", "\u3000", "/", "／", "-", "—", "——", "－", "无", " 无 "])
def test_parse_number_knows_the_ways_to_leave_a_cell_blank(printed: str) -> None:
    parsed = parse_number(printed)
    assert (parsed.state, parsed.value, parsed.candidates) == ("blank", None, ())
    assert not is_numeric(printed)


@pytest.mark.parametrize(
    ("printed", "candidates"),
    [("3 5", {3, 5, 35}), ("约30", {30}), ("1.5万", {1.5}), ("12/34", {12, 34}), ("不详", set())],
)
def test_parse_number_leaves_open_what_leaves_a_choice(printed: str, candidates: set[float]) -> None:
    parsed = parse_number(printed)
    assert (parsed.state, parsed.value) == ("unreadable", None)
    assert set(parsed.candidates) == candidates


@given(st.text())
def test_parse_number_never_raises_and_is_of_one_kind(printed: str) -> None:
    parsed = parse_number(printed)
    assert (parsed.value is not None) == (parsed.state == "printed")
    assert parsed.state == "unreadable" or not parsed.candidates


@given(st.integers(0, 10**12))
def test_parse_number_reads_back_every_way_of_printing_a_count(count: int) -> None:
    for printed in (str(count), f"{count:,}", str(count).translate(_FULL_WIDTH), f"{count}件", f"\u3000{count}\n"):
        assert parse_number(printed).value == count


@given(st.integers(0, 10**9), st.sampled_from(_NOTE_MARKS))
def test_a_note_mark_never_becomes_a_digit(count: int, mark: str) -> None:
    assert parse_number(f"{count}{mark}").value in (count, None)
    assert parse_number(mark).value is None


@given(st.text())
def test_normalise_settles_at_once_and_leaves_no_compatibility_forms(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFKC", once)


@given(st.text(st.characters(exclude_categories=["Cs", "Mn", "Mc", "Me", "Sk", "Cc", "Cf"])))
def test_label_key_does_not_depend_on_spaces_and_normalisation(text: str) -> None:
    key = label_key(text)
    assert label_key(key) == key
    assert label_key(f" {normalise(text)}\n") == key


@pytest.mark.parametrize(
    "printed",
    ["1.属于国家秘密", "1、属于国家秘密", "１．属于 国家\n秘密", " 1. 属于国家秘密：", "1．属于国家秘密（）"],
)
def test_label_key_unites_the_printings_of_one_label(printed: str) -> None:
    assert label_key(printed) == "1属于国家秘密"


def test_label_key_unites_quotation_marks() -> None:
    assert label_key("危及“三安全一稳定”") == label_key('危及"三安全一稳定"') == "危及三安全一稳定"


def test_a_run_of_digits_too_long_for_any_count_is_no_number() -> None:
    assert parse_number("9" * 41).state == "unreadable"
    assert parse_number("9" * 41).candidates == ()
    assert parse_number("9" * 400 + ".5").value is None


@pytest.mark.parametrize("text", ["00", "05", "012"])
def test_a_figure_with_a_leading_zero_is_two_that_lost_their_border(text: str) -> None:
    parsed = parse_number(text)
    assert (parsed.state, parsed.value) == ("unreadable", None)
