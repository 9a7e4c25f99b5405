"""Scores taken apart, each figure counted by hand."""

from __future__ import annotations

import pytest

from evaluation.breakdown import (
    bounds,
    by_table,
    describe_wrong,
    fact_counts,
    field_counts,
    groups,
    is_wrong,
    judged,
    ranked,
)
from evaluation.score import DocumentScore, score_record
from tests.scores import field, gold, record

ITEMS, ISSUED = "disclosure.items", "disclosure.normative_documents.issued"
GAZETTE, WEBSITE, WEIBO = (f"disclosure.channel.{name}" for name in ("gazette", "website", "weibo"))


@pytest.fixture
def scores() -> list[DocumentScore]:
    """One report with a field of each kind, one that is right in all, one of another form that says nothing."""
    first = score_record(
        record(
            field(ITEMS, 5, 0.9),
            field(ISSUED, 6, 0.8),
            field(GAZETTE, None, 0.0, False, "unreadable"),
            field(WEBSITE, 3, 0.7),
            field(WEIBO, 2, 0.6, False),
            field("disclosure.channel.other", 4, 0.5, False),
            facts={"training_sessions": (3, True)},
        ),
        gold(
            {ITEMS: 5, ISSUED: 7, GAZETTE: 1, WEIBO: 9},
            ambiguous=frozenset({WEIBO}),
            facts={"training_sessions": {"value": 2}, "requests_received": {"value": 8}},
        ),
    )
    second = score_record(record(field(ITEMS, 1, 1.0)), gold({ITEMS: 1}, "two", meta={"layout": "fancy"}))
    third = score_record(record(), gold({"requests.received.total": None}, "three", "2021", agency=None))
    return [first, second, third]


def test_confidences_are_judged_where_something_is_stated(scores: list[DocumentScore]) -> None:
    assert judged(scores) == ([0.9, 0.8, 0.7, 0.5, 1.0], [True, False, False, False, True])


def test_all_fields_but_the_open_ones_are_ranked(scores: list[DocumentScore]) -> None:
    given, right = ranked(scores)
    assert given == [0.9, 0.8, 0.0, 0.7, 0.5, 1.0, 0.0]
    assert right == [True, False, False, False, False, True, False]


def test_fields_are_counted_over_documents(scores: list[DocumentScore]) -> None:
    counts = field_counts(scores)
    assert counts[ITEMS] == {"gold": 2, "right": 2, "silent": 0}
    assert counts[ISSUED] == {"gold": 1, "right": 0, "silent": 1}
    assert counts[GAZETTE] == {"gold": 1, "right": 0, "silent": 0}
    assert counts[WEBSITE] == {"gold": 0, "right": 0, "silent": 1}
    assert counts[WEIBO] == {"gold": 1, "right": 1, "silent": 0}
    assert counts["disclosure.channel.other"] == {"gold": 0, "right": 0, "silent": 0}


def test_groups_hold_the_documents_of_each_kind(scores: list[DocumentScore]) -> None:
    found = groups(scores)
    assert {name: one["documents"] for name, one in found["form"].items()} == {"2021": 1, "pre2019": 2}
    assert {name: one["exact_fields"] for name, one in found["layout"].items()} == {
        "fancy": 1,
        "plain": pytest.approx(0.4),
    }
    assert found["format"]["txt"]["fields"] == 6
    assert {name: one["unread"] for name, one in found["agency"].items()} == {"": 1, "云岭市": 0}


def test_tables_are_named_with_their_form(scores: list[DocumentScore]) -> None:
    found = by_table(scores)
    assert list(found) == ["2021 requests", "pre2019 statistics"]
    assert (found["2021 requests"]["exact_fields"], found["2021 requests"]["exact_tables"]) == (0, 0)
    assert found["pre2019 statistics"]["exact_tables"] == 0.5
    assert (found["pre2019 statistics"]["silent"], found["pre2019 statistics"]["extra"]) == (1, 1)


def test_facts_are_counted_and_the_wrong_ones_listed(scores: list[DocumentScore]) -> None:
    found = fact_counts(scores)
    assert (found["gold"], found["right"], found["silent"]) == (2, 0, 1)
    assert found["names"]["requests_received"] == {"gold": 1, "right": 0, "silent": 0}
    assert [(one["document"], one["fact"], one["gold"], one["value"], one["kind"]) for one in found["wrong"]] == [
        ("one", "training_sessions", [2], 3, "silent"),
        ("one", "requests_received", [8], None, "missed"),
    ]


def test_bounds_are_over_accepted_figures_and_over_reports(scores: list[DocumentScore]) -> None:
    found = bounds(scores)
    assert found["silent_upper"] == pytest.approx(0.902389, abs=1e-6)
    assert found["silent_reports_upper"] == pytest.approx(0.864650, abs=1e-6)
    assert bounds([]) == {"silent_upper": 1.0, "silent_reports_upper": 1.0}


def test_a_wrong_field_is_described_with_its_place(scores: list[DocumentScore]) -> None:
    wrong = [cell for cell in scores[0].cells if is_wrong(cell)]
    assert [cell.name for cell in wrong] == [ISSUED, GAZETTE, WEBSITE]
    assert describe_wrong(scores[0], wrong[0], "a/source.txt") == {
        "document": "one",
        "source": "a/source.txt",
        "layout": "plain",
        "field": ISSUED,
        "kind": "silent",
        "gold": 7,
        "value": 6,
        "state": "printed",
        "confidence": 0.8,
        "accepted": True,
        "raw": "6",
        "location": {"page": 1, "box": None, "span": (3, 5)},
        "candidates": [],
        "because": [],
    }
    missing = scores[2].cells[0]
    described = describe_wrong(scores[2], missing, "b")
    assert (described["location"], described["state"], described["value"]) == (None, "absent", None)
