"""Alternatives that take part in a solution, held against all choices tried one by one."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from pipeline.support import Budget, supported

VECTORS = st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=3)


@given(st.lists(VECTORS, min_size=1, max_size=5), st.tuples(st.integers(-3, 3), st.integers(-3, 3)))
def test_what_stays_is_what_some_solution_holds(rows, targets) -> None:
    rows = [[*row, (row[0][0] + 1, row[0][1] + 1)] for row in rows]  # every row moves both equations
    solutions = [
        choice
        for choice in product(*(range(len(row)) for row in rows))
        if all(sum(row[a][e] for row, a in zip(rows, choice, strict=True)) == targets[e] for e in (0, 1))
    ]
    wanted = [tuple(sorted({choice[i] for choice in solutions})) for i in range(len(rows))]
    assert supported(rows, targets, Budget()) == wanted


def test_rows_that_no_equation_joins_are_settled_apart() -> None:
    rows = [[(1, 0), (2, 0)], [(0, 3), (0, 4)]]
    assert supported(rows, (2, 9), Budget()) == [(1,), ()]


def test_a_row_that_moves_no_equation_keeps_all_it_has() -> None:
    assert supported([[(5,), (5,)], [(1,), (2,)]], (7,), Budget()) == [(0, 1), (1,)]


def test_a_spent_budget_says_so() -> None:
    budget = Budget(10)
    assert supported([[(1,), (2,)]] * 6, (9,), budget) == [None] * 6
    assert budget.is_spent


def test_large_figures_of_one_equation_do_not_reach_into_the_next() -> None:
    rows = [[(10**30, 1), (10**30, -1)], [(-(10**30), 0), (0, 5)]]
    assert supported(rows, (0, 1), Budget()) == [(0,), (0,)]
