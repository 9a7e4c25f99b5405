"""Cells that only line ends part: believed in their order while nothing shows that lines were lost or moved."""

from dataclasses import replace

from pipeline import align as alignment
from pipeline.forms import load_forms
from tests.tables import zero_requests

FORM = load_forms()["2021"]
GRANTED = [f"requests.granted.{column}" for column in ("natural_person", "business", "total")]


def accepted(rows, origin="lines"):
    rows = [replace(item, row=replace(item.row, origin=origin)) for item in rows]
    fields = alignment.align(rows, FORM, 0.99)[0]
    return [fields[name].accepted for name in GRANTED]


def rows_of_three(granted=(1, 2, 0, 0, 0, 0, 3)):
    row = (1, 2, 0, 0, 0, 0, 3)
    return zero_requests(received=row, granted=granted, concluded=row)


def test_a_whole_table_is_accepted() -> None:
    assert accepted(rows_of_three()) == [True, True, True]


def test_where_a_row_is_lost_only_what_a_column_vouches_for_is_believed() -> None:
    whole, lost = (1, 2, 1, 0, 0, 0, 4), (0, 0, 1, 0, 0, 0, 1)
    rows = zero_requests(
        received=whole, granted=(1, 2, 0, 0, 0, 0, 3), concluded=whole, **{"refused.state_secret": lost}
    )
    assert accepted(rows) == [True, True, True]
    kept = [item for item in rows if "requests.refused.state_secret" not in item.probabilities]
    assert accepted(kept) == [True, True, False]
    assert accepted(kept, "html") == [True, True, True]


def test_two_lines_that_changed_places_break_a_column_and_are_not_accepted() -> None:
    assert accepted(rows_of_three(granted=(2, 1, 0, 0, 0, 0, 3)))[:2] == [False, False]


def test_a_row_that_prints_the_same_in_all_cells_has_no_order_to_lose() -> None:
    rows = [item for item in zero_requests() if "requests.refused.state_secret" not in item.probabilities]
    assert accepted(rows) == [True, True, True]
