"""Every way to cut a run of digits, held against all choices of borders, tried one by one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.columns import sums_within
from pipeline.cuts import cut_run, read_run

SEVEN = ("count",) * 7
ROW_TOTAL = sums_within("2021", "requests.received")
RESULTS = sums_within("2021", "review_litigation")


def texts(run, kinds, sums=(), **how):
    found = cut_run(read_run(run), kinds, sums, **how).found
    return None if found is None else [[read_run(run).text[start:end] for start, end in cut] for cut in found]


def by_brute_force(digits, count, sums):
    """All cuts of digits into numbers without leading zeros whose sums hold."""
    for borders in combinations(range(1, len(digits)), count - 1):
        parts = [digits[a:b] for a, b in zip((0, *borders), (*borders, len(digits)), strict=True)]
        if any(len(part) > 1 and part[0] == "0" for part in parts):
            continue
        if all(sum(int(parts[i]) for i in left) == int(parts[right]) for left, right in sums):
            yield parts


def test_the_sum_of_a_row_leaves_one_of_many_cuts() -> None:
    assert len(texts("640000064", SEVEN)) == 4
    assert texts("640000064", SEVEN, ROW_TOTAL) == [["64", "0", "0", "0", "0", "0", "64"]]


def test_two_cuts_that_both_add_up_are_both_found() -> None:
    assert texts("010018019", SEVEN, ROW_TOTAL) == [
        ["0", "1", "0", "0", "18", "0", "19"],
        ["0", "10", "0", "1", "8", "0", "19"],
    ]


@given(st.text("0012", min_size=7, max_size=12))
def test_a_row_is_cut_in_all_the_ways_that_brute_force_finds(digits: str) -> None:
    assert texts(digits, SEVEN, ROW_TOTAL) == list(by_brute_force(digits, 7, ROW_TOTAL))


@given(st.lists(st.integers(0, 30), min_size=6, max_size=6))
def test_the_true_row_is_always_among_the_cuts(addends: list[int]) -> None:
    row = [str(cell) for cell in (*addends, sum(addends))]
    found = texts("".join(row), SEVEN, ROW_TOTAL)
    assert found is None or row in found


@given(st.lists(st.lists(st.integers(0, 12), min_size=4, max_size=4), min_size=3, max_size=3))
def test_the_true_row_of_results_is_always_among_the_cuts(groups: list[list[int]]) -> None:
    row = [str(cell) for group in groups for cell in (*group, sum(group))]
    found = texts("".join(row), ("count",) * 15, RESULTS)
    assert found is None or row in found


@pytest.mark.parametrize(
    ("run", "kinds", "cuts"),
    [
        ("30-25", ("count", "change"), [["30", "-25"]]),
        ("0+25", ("count", "change"), [["0", "+25"]]),
        ("30-25", ("count", "count"), []),
        ("1204.50元", ("count", "amount"), [["1", "204.50元"], ["120", "4.50元"]]),
        ("12.5", ("count", "count"), []),
        ("05", ("count",), []),
        ("3", ("count", "count"), []),
        ("3/5", ("count",) * 3, [["3", "/", "5"]]),
        ("22（其中修订16件）04", ("count",) * 3, [["22(其中修订16件)", "0", "4"]]),
    ],
)
def test_signs_decimals_and_notes_stand_only_where_a_cell_may_have_them(run, kinds, cuts) -> None:
    assert texts(run, kinds) == cuts


def test_blanks_part_cells_only_where_that_is_asked() -> None:
    assert texts("12 34", ("count",) * 3, parted=True) == [["1", "2", "34"], ["12", "3", "4"]]
    assert ["1", "23", "4"] in texts("12 34", ("count",) * 3)


def test_cells_that_leave_no_trace_make_more_ways() -> None:
    assert texts("7", ("count",) * 2, unseen=True) == [["", "7"], ["7", ""]]
    assert texts("", ("count",) * 2, unseen=True) == [["", ""]]


def test_a_run_with_too_many_ways_is_given_up_within_its_bound() -> None:
    found = cut_run(read_run("123456789" * 4), SEVEN, ())
    assert found.found is None
    assert found.steps <= 10_001
    assert texts("1" * 200, SEVEN) is None


def test_every_character_of_a_run_keeps_its_place() -> None:
    run = read_run("23 0 ００１")
    assert run.text == "230001"
    assert [run.span(part) for part in run.parts] == [(0, 2), (3, 4), (5, 8)]
