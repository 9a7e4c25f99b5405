"""Fitting how far looks are trusted: what is counted, and that nothing wrong is ever chosen."""

import pytest

from evaluation.scan_certainty import Trust, chosen, main, report, trust
from pipeline.scan.figures import LIMITS, Limits

SURE = [{"3": 0.99}, {"3": 0.99}, {"3": 0.99}]
LIKELY = [{"3": 0.96, "8": 0.01}, {"3": 0.96, "8": 0.01}, {"3": 0.97, "8": 0.01}]
LOST = [{"8": 0.6, "6": 0.3}, {"8": 0.6}, {"8": 0.5}]


def test_figures_are_counted_as_believed_wrong_and_lost():
    samples = [(3, SURE), (3, LIKELY), (8, LIKELY), (3, LOST)]
    assert trust(samples, LIMITS) == Trust(4, 1, 0, 1)
    assert trust(samples, Limits(0.9, 0.8, 0.002)) == Trust(4, 3, 1, 1)
    assert trust([(8, LIKELY)], Limits(0.98, 0.8, 0.05)) == Trust(1, 1, 1, 0)


def test_a_third_look_counts_only_where_two_leave_it_open():
    assert trust([(3, [*SURE[:2], {"8": 1.0}])], LIMITS) == Trust(1, 1, 0, 0)
    assert trust([(3, [{"3": 0.9}, {"3": 0.99}, {"3": 0.99}])], LIMITS) == Trust(1, 1, 0, 0)


def test_limits_that_believe_most_are_chosen_but_none_that_believe_what_is_wrong_or_lose_more():
    loose, looser, loosest = (Limits(sure, 0.8, 0.002) for sure in (0.97, 0.96, 0.95))
    table = {LIMITS: Trust(9, 5, 0, 1), loose: Trust(9, 6, 0, 1), looser: Trust(9, 7, 0, 2), loosest: Trust(9, 8, 1, 0)}
    assert chosen(table) == loose
    assert chosen({LIMITS: Trust(9, 5, 1, 1), loosest: Trust(9, 8, 1, 0)}) == LIMITS
    assert chosen({LIMITS: Trust(9, 5, 0, 1), loose: Trust(9, 5, 0, 1)}) == LIMITS
    assert report(table, loose).splitlines()[2].endswith("6     0     1 chosen")


def test_without_a_corpus_there_is_nothing_to_fit():
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2
