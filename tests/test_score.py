"""Every metric against a sum done by hand: what counts as right, silent, flagged, extra, exact, confused."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.metrics import METRICS, below, ratios, read_floor
from evaluation.score import cell_parts, score_record, tables_of, total
from pipeline.errors import UsageError
from tests.scores import field, gold, record

ITEMS, ISSUED = "disclosure.items", "disclosure.normative_documents.issued"
GAZETTE, WEBSITE = "disclosure.channel.gazette", "disclosure.channel.website"
WECHAT = "disclosure.channel.wechat"


def outcomes(scored) -> dict[str, str]:
    return {cell.name: cell.outcome for cell in scored.cells}


def test_each_field_gets_its_outcome() -> None:
    found = record(
        field(ITEMS, 5), field(ISSUED, 6), field(GAZETTE, 8, accepted=False), field(WEBSITE, 9, accepted=True)
    )
    scored = score_record(found, gold({ITEMS: 5, ISSUED: 7, GAZETTE: 9}))
    assert outcomes(scored) == {ITEMS: "right", ISSUED: "silent", GAZETTE: "flagged", WEBSITE: "extra"}
    assert (scored.fields, scored.right, scored.accepted) == (3, 1, 2)
    assert (scored.silent, scored.flagged, scored.extra) == ((ISSUED,), (GAZETTE,), (WEBSITE,))
    assert not scored.exact


def test_decimals_and_whole_numbers_are_the_same_figure() -> None:
    assert score_record(record(field(ITEMS, 251000.0)), gold({ITEMS: 251000})).exact
    assert not score_record(record(field(ITEMS, 251000.1)), gold({ITEMS: 251000})).exact


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (field(ITEMS, None), "right"),
        (field(ITEMS, None, 0.0, False, "absent"), "right"),
        (field(ITEMS, None, 0.0, False, "unreadable"), "flagged"),
        (field(ITEMS, 0), "silent"),
        (field(ITEMS, 0, accepted=False), "flagged"),
    ],
)
def test_a_blank_cell_is_right_only_as_blank_or_absent(found, outcome: str) -> None:
    assert outcomes(score_record(record(found), gold({ITEMS: None}))) == {ITEMS: outcome}


def test_a_figure_called_surely_absent_is_a_silent_error() -> None:
    scored = score_record(record(field(ITEMS, None, 1.0, True, "absent")), gold({ITEMS: 5}))
    assert scored.silent == (ITEMS,)


def test_what_the_source_cannot_settle_is_right_only_when_left_open() -> None:
    document = gold({ITEMS: 5, ISSUED: 6, GAZETTE: 7}, ambiguous=frozenset({ITEMS, ISSUED, GAZETTE}))
    scored = score_record(record(field(ITEMS, 9, accepted=False), field(ISSUED, 9), field(GAZETTE, 7)), document)
    assert outcomes(scored) == {ITEMS: "open", ISSUED: "silent", GAZETTE: "right"}
    assert scored.right == 2


def test_a_record_that_says_nothing_misses_blank_cells_as_well() -> None:
    scored = score_record(record(), gold({ITEMS: None, ISSUED: 3}))
    assert (scored.right, scored.unread, scored.accepted, scored.silent) == (0, True, 0, ())
    assert total([scored])["unread"] == 1


def test_totals_are_sums_over_documents() -> None:
    good = score_record(record(field(ITEMS, 5), field(ISSUED, 0)), gold({ITEMS: 5, ISSUED: 0}))
    bad = score_record(
        record(
            field(ITEMS, 1), field(ISSUED, 7, accepted=False), field(GAZETTE, 3), form="2019", year=None, agency="x"
        ),
        gold({ITEMS: 5, ISSUED: 7, WEBSITE: 1, "disclosure.channel.weibo": 2}),
    )
    totals = total([good, bad])
    assert totals["documents"] == 2
    assert totals["fields"] == 6
    assert totals["exact_fields"] == pytest.approx(3 / 6)
    assert totals["exact_tables"] == pytest.approx(1 / 2)
    assert totals["exact_reports"] == pytest.approx(1 / 2)
    assert totals["coverage"] == pytest.approx(3 / 6)
    assert (totals["silent"], totals["extra"]) == (1, 1)
    assert totals["silent_rate"] == pytest.approx(2 / 4)
    assert totals["silent_reports"] == pytest.approx(1 / 2)
    assert [totals[name] for name in ("form", "agency", "year")] == [0.5, 0.5, 0.5]


def test_a_table_is_exact_by_itself() -> None:
    tables = tables_of("2019")
    requests, disclosure = "requests.received.total", "disclosure.regulations.produced"
    assert (tables[requests], tables[disclosure]) == ("requests", "disclosure")
    document = gold({requests: 4, disclosure: 1}, form="2019")
    scored = score_record(record(field(requests, 4), field(disclosure, 2, accepted=False)), document)
    assert cell_parts(scored.cells)["exact_tables"] == (1, 2)
    unsure = field("requests.granted.total", 3, accepted=False)
    accepted = field("requests.granted.total", 3)
    assert score_record(record(field(requests, 4), field(disclosure, 1), unsure), document).exact
    spoilt = score_record(record(field(requests, 4), field(disclosure, 1), accepted), document)
    assert cell_parts(spoilt.cells)["exact_tables"] == (1, 2)


def test_blanks_and_zeros_taken_for_each_other_are_counted() -> None:
    document = gold({ITEMS: None, ISSUED: 0, GAZETTE: 0, WEBSITE: 12, "disclosure.channel.weibo": 0, WECHAT: 0})
    found = record(
        field(WECHAT, None, 0.0, False, "unreadable"),
        field(ITEMS, 0),
        field(ISSUED, None, accepted=False),
        field(GAZETTE, 0),
        field(WEBSITE, None),
        field("disclosure.channel.weibo", 9),
    )
    assert cell_parts(score_record(found, document).cells)["blank_zero"] == (2, 5)


def test_facts_are_right_silent_or_missed() -> None:
    facts = {
        "requests_received": {"value": 5, "text": "5件"},
        "requests_carried_in": {"values": [3, 4], "text": "3"},
        "requests_answered": {"value": 8, "text": "8件"},
        "training_sessions": {"value": 2, "text": "2"},
        "press_conferences": {"value": 1, "text": "1", "uncertain": True},
    }
    found = record(
        field(ITEMS, 1),
        facts={
            "requests_received": (5, True),
            "requests_carried_in": (4, True),
            "requests_answered": (9, True),
            "press_conferences": (7, False),
            "policy_interpretations": (6, True),
        },
    )
    scored = score_record(found, gold({ITEMS: 1}, facts=facts))
    assert {fact.name: fact.outcome for fact in scored.facts} == {
        "requests_received": "right",
        "requests_carried_in": "right",
        "requests_answered": "silent",
        "training_sessions": "missed",
        "policy_interpretations": "silent",
    }
    totals = total([scored])
    assert (totals["facts"], totals["facts_silent"]) == (pytest.approx(2 / 4), 2)


def test_without_gold_facts_and_rows_nothing_is_measured_of_them() -> None:
    totals = total([score_record(record(field(ITEMS, 1), facts={"training_sessions": (1, True)}), gold({ITEMS: 1}))])
    assert (totals["facts"], totals["facts_silent"], totals["row_labels"], totals["columns"]) == (None, 0, None, None)
    assert total([]) == {}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(*[st.sampled_from((None, 0, 1, 2))] * 4, st.booleans()), min_size=1, max_size=8), st.integers()
)
def test_the_order_of_documents_does_not_matter(documents, seed: int) -> None:
    scores = [
        score_record(record(field(ITEMS, one, accepted=sure), field(ISSUED, two)), gold({ITEMS: three, ISSUED: four}))
        for one, two, three, four, sure in documents
    ]
    shuffled = random.Random(seed).sample(scores, len(scores))
    assert total(shuffled) == total(scores)


def test_every_total_is_an_explained_metric() -> None:
    assert set(total([score_record(record(), gold({ITEMS: 1}))])) <= set(METRICS)
    assert ratios([{"silent": (2, 5)}, {"silent": (1, 5)}]) == {"silent": 3}


def test_floors_are_metrics_with_a_number() -> None:
    assert read_floor("exact_fields=0.999") == ("exact_fields", 0.999)
    assert read_floor("silent=0") == ("silent", 0.0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("exact_feilds=1", "did you mean exact_fields"),
        ("exactfields=0.9", "did you mean exact_fields"),
        ("", "Known are documents"),
        ("silent", "needs a number"),
        ("silent=none", "needs a number"),
        ("exact_fields=99.9", "from 0 to 1"),
        ("exact_fields=nan", "from 0 to 1"),
        ("silent=-1", "not below 0"),
        ("silent=inf", "not below 0"),
    ],
)
def test_a_floor_that_cannot_be_is_wrong_usage(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_floor(given)


def test_floors_hold_from_their_side() -> None:
    scores = {"exact_fields": 0.99, "silent": 2.0, "facts": None}
    assert below(scores, {"exact_fields": 0.99, "silent": 2}) == []
    assert below(scores, {"exact_fields": 0.991, "silent": 1, "facts": 0.0}) == [
        "exact_fields is 0.99, the floor is 0.991",
        "silent is 2, allowed is 1",
        "facts could not be measured, its floor is 0",
    ]
