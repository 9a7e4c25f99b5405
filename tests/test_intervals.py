"""Intervals: known bounds, the same seed the same draw, documents and not fields are drawn."""

from __future__ import annotations

from math import comb

import pytest

from evaluation.intervals import Interval, bootstrap, bootstraps, draw_weights, paired_bootstrap, upper_bound


def at_most(wrong: int, among: int, share: float) -> float:
    """The chance of so few wrong, summed term by term."""
    return sum(comb(among, k) * share**k * (1 - share) ** (among - k) for k in range(wrong + 1))


@pytest.mark.parametrize(("wrong", "among"), [(0, 10), (1, 10), (3, 100), (7, 900)])
def test_at_the_upper_bound_so_few_wrong_are_seen_one_time_in_twenty(wrong: int, among: int) -> None:
    assert at_most(wrong, among, upper_bound(wrong, among)) == pytest.approx(0.05)
    assert at_most(wrong, among, upper_bound(wrong, among, sure=0.99)) == pytest.approx(0.01)


def test_bounds_known_beforehand() -> None:
    assert upper_bound(0, 10) == pytest.approx(1 - 0.05 ** (1 / 10))
    assert upper_bound(0, 2994) > 0.001 > upper_bound(0, 2995)
    assert upper_bound(5, 5) == upper_bound(0, 0) == 1.0


@pytest.mark.parametrize(("wrong", "among"), [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(wrong: int, among: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        upper_bound(wrong, among)


def test_the_bootstrap_of_one_good_and_one_bad_document_spans_all() -> None:
    assert bootstrap([(10, 10), (0, 10)], seed=1) == Interval(0.5, 0.0, 1.0)
    assert bootstrap([(1, 4), (0, 4)], seed=1, share=False) == Interval(1.0, 0.0, 2.0)


def test_the_bootstrap_of_many_documents_is_that_of_theory() -> None:
    found = bootstrap([(1, 1)] * 50 + [(0, 1)] * 50, seed=3)
    assert found.value == 0.5
    assert found.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.012)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.012)


def test_documents_are_drawn_not_fields() -> None:
    few_long = bootstrap([(100, 100)] * 2 + [(0, 100)] * 2, seed=5)
    many_short = bootstrap([(1, 1)] * 200 + [(0, 1)] * 200, seed=5)
    assert few_long.high - few_long.low > 5 * (many_short.high - many_short.low)


def test_one_seed_one_interval() -> None:
    pairs = [(i % 7, 7) for i in range(30)]
    assert bootstrap(pairs, seed=8) == bootstrap(pairs, seed=8)
    assert bootstrap(pairs, seed=8) != bootstrap(pairs, seed=9)
    assert set(draw_weights(4, 1).sum(axis=1).tolist()) == {4}
    assert bootstraps({"a": pairs, "b": pairs}, {"a": True, "b": False}, seed=8) == {
        "a": bootstrap(pairs, seed=8),
        "b": bootstrap(pairs, seed=8, share=False),
    }
    assert bootstraps({"a": []}, {"a": True}, seed=8) == {"a": Interval(None)}


def test_a_share_of_nothing_has_no_value() -> None:
    assert bootstrap([], seed=1) == Interval(None)
    assert bootstrap([(0, 0), (0, 0)], seed=1) == Interval(None)


def test_a_difference_over_the_same_documents() -> None:
    before, after = [(8, 10), (5, 10), (10, 10)], [(9, 10), (6, 10), (11, 10)]
    found = paired_bootstrap(before, after, seed=1)
    assert (found.value, found.low, found.high) == (pytest.approx(0.1),) * 3
    mixed = paired_bootstrap([(5, 10)] * 4, [(9, 10), (1, 10), (5, 10), (5, 10)], seed=1)
    assert mixed.value == pytest.approx(0.0)
    assert mixed.low < 0 < mixed.high
    assert paired_bootstrap([], [], seed=1) == Interval(None)
    with pytest.raises(ValueError, match="not the same documents"):
        paired_bootstrap(before, after[:2], seed=1)
