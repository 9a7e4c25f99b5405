"""Calibration against sums done by hand, and a threshold that is never lower than the data allow."""

from __future__ import annotations

import pytest

from evaluation.calibration import (
    THRESHOLDS,
    acceptance,
    accuracy_at,
    calibration_error,
    choose_threshold,
    reliability,
    risk_area,
    risk_coverage,
)

GIVEN = [0.95, 0.9, 0.9, 0.6]
RIGHT = [True, True, False, False]


def test_bins_hold_mean_confidence_and_share_right() -> None:
    bins = reliability([0.1, 0.5, 0.9, 1.0], [False, True, True, False], (0.0, 0.5, 1.0))
    assert [(one.low, one.high, one.count) for one in bins] == [(0.0, 0.5, 1), (0.5, 1.0, 3)]
    assert (bins[0].mean, bins[0].right) == (0.1, 0.0)
    assert (bins[1].mean, bins[1].right) == (pytest.approx(0.8), pytest.approx(2 / 3))
    assert calibration_error(bins) == pytest.approx((1 * 0.1 + 3 * abs(0.8 - 2 / 3)) / 4)


def test_empty_bins_say_nothing() -> None:
    bins = reliability([], [])
    assert {(one.mean, one.right, one.count) for one in bins} == {(None, None, 0)}
    assert calibration_error(bins) is None


def test_an_overconfident_reader_has_the_error_of_its_mistakes() -> None:
    assert calibration_error(reliability([1.0] * 10, [True] * 9 + [False])) == pytest.approx(0.1)


def test_risk_grows_with_coverage() -> None:
    curve = risk_coverage(GIVEN, RIGHT)
    assert [(point["coverage"], point["threshold"]) for point in curve] == [(0.25, 0.95), (0.75, 0.9), (1.0, 0.6)]
    assert [point["risk"] for point in curve] == [pytest.approx(risk) for risk in (0, 1 / 3, 2 / 4)]
    assert risk_area(GIVEN, RIGHT) == pytest.approx((0 + 0.5 / 2 + 1 / 3 + 2 / 4) / 4)


def test_the_order_of_equal_confidences_does_not_matter() -> None:
    assert risk_area([0.9, 0.9, 0.5], [True, False, True]) == risk_area([0.9, 0.9, 0.5], [False, True, True])
    assert risk_coverage([], []) == []
    assert risk_area([], []) is None


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    given = [i / 5000 for i in range(5000)]
    curve = risk_coverage(given, [value > 0.5 for value in given])
    assert len(curve) == 200
    assert (curve[0]["coverage"], curve[-1]["coverage"], curve[-1]["risk"]) == (1 / 5000, 1.0, 2501 / 5000)


def test_accuracy_among_the_most_confident() -> None:
    given, right = [1 - i / 100 for i in range(10)], [True] * 8 + [False, True]
    assert accuracy_at(given, right) == {
        "80": 1.0, "90": pytest.approx(8 / 9), "95": pytest.approx(9 / 10), "100": pytest.approx(9 / 10),
    }  # fmt: skip
    assert accuracy_at([], []) == {"80": None, "90": None, "95": None, "100": None}


def test_acceptance_counts_from_the_threshold_on() -> None:
    found = acceptance(GIVEN, RIGHT, 0.9)
    assert (found.fields, found.accepted, found.wrong, found.coverage, found.kept) == (4, 3, 1, 0.75, False)
    assert found.upper == pytest.approx(0.864650, abs=1e-6)
    nothing = acceptance(GIVEN, RIGHT, 0.99)
    assert (nothing.accepted, nothing.wrong, nothing.upper, nothing.kept) == (0, 0, 1.0, True)


def choose(*groups: tuple[float, int, int]) -> float | None:
    """The threshold chosen for groups of (confidence, number right, number wrong)."""
    given = [confidence for confidence, right, wrong in groups for _ in range(right + wrong)]
    outcome = [good for _, right, wrong in groups for good in [True] * right + [False] * wrong]
    return choose_threshold(given, outcome)


def test_with_nothing_wrong_the_lowest_threshold_will_do() -> None:
    assert choose((0.9999, 20_000, 0), (0.96, 5_000, 0)) == THRESHOLDS[0]


def test_wrong_fields_push_the_threshold_above_them() -> None:
    assert choose((0.9999, 20_000, 0), (0.991, 1_000, 30)) == 0.9925
    assert choose((0.9999, 20_000, 0), (0.991, 1_000, 30), (0.96, 500, 0)) == 0.9925


def test_one_in_a_thousand_seen_is_not_one_in_a_thousand_proven() -> None:
    assert acceptance([0.991] * 20_000, [False] * 18 + [True] * 19_982, 0.99).kept
    assert choose((0.9999, 10_000, 0), (0.991, 9_982, 18)) == 0.9925


def test_nine_thresholds_tried_cost_certainty() -> None:
    assert acceptance([1.0] * 20_000, [False] * 11 + [True] * 19_989, 0.99).upper < 0.001
    assert choose((0.9999, 10_000, 0), (0.991, 9_989, 11)) == 0.9925


def test_few_data_allow_no_wrong_field_at_all() -> None:
    assert choose((0.9999, 500, 0), (0.986, 499, 1)) == 0.99
    assert choose((0.9999, 499, 1)) is None
    assert choose_threshold([], []) is None
    assert choose((0.5, 10_000, 0)) is None


def test_a_higher_threshold_must_keep_the_share_as_well() -> None:
    assert choose((0.9999, 400, 3), (0.97, 100_000, 0)) is None


def test_an_overconfident_reader_gets_no_threshold() -> None:
    assert choose((1.0, 9_000, 1_000)) is None
