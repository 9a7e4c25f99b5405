"""Doubtful cells of a picture: settled by identities over sure figures, never by guessing, never 0 for blank."""

from dataclasses import replace

import pytest

from pipeline import align as alignment
from pipeline.datamodel import Field, LabelledRow
from pipeline.forms import load_forms
from tests.tables import zero_requests

FORM = load_forms()["2021"]
UNREAD = "\ufffd"
# 3 asked and 3 were granted, by one person and two firms
FIGURES = {"received": (1, 2, 0, 0, 0, 0, 3), "granted": (1, 2, 0, 0, 0, 0, 3), "concluded": (1, 2, 0, 0, 0, 0, 3)}


def doubted(rows: list[LabelledRow], name: str, column: int, readings: tuple[str, ...]) -> list[LabelledRow]:
    """The rows with one cell that may say several things."""

    def changed(item: LabelledRow) -> LabelledRow:
        if f"requests.{name}" not in item.probabilities:
            return item
        cells = list(item.row.cells)
        cells[column] = cells[column]._replace(text=readings[0], readings=readings)
        return replace(item, row=replace(item.row, cells=tuple(cells)))

    return [changed(item) for item in rows]


def settled(*doubts: tuple[str, int, tuple[str, ...]], **figures: tuple[int, ...]) -> dict[str, Field]:
    rows = zero_requests(**{**FIGURES, **figures})
    for name, column, readings in doubts:
        rows = doubted(rows, name, column, readings)
    return alignment.align(rows, FORM, 0.99)[0]


def test_a_single_reading_that_two_identities_want_is_the_figure():
    field = settled(("granted", 1, ("2", UNREAD)))["requests.granted.business"]
    assert (field.value, field.accepted, len(field.because)) == (2, True, 2)


def test_a_single_reading_that_an_identity_contradicts_stays_open():
    field = settled(("granted", 1, ("5", UNREAD)))["requests.granted.business"]
    assert (field.state, field.value, field.accepted, field.candidates) == ("unreadable", None, False, (5,))


@pytest.mark.parametrize("readings", [("0", UNREAD), ("0", "-"), ("0", "8", UNREAD), ("8", "-"), ("6", "0", "/")])
def test_no_sum_tells_whether_a_cell_is_zero_or_blank(readings: tuple[str, ...]):
    field = settled(("granted", 3, readings))["requests.granted.public_interest"]
    assert (field.state, field.accepted) == ("unreadable", False)


def test_a_zero_beside_which_only_other_figures_come_into_question_is_settled():
    field = settled(("granted", 3, ("8", "0")))["requests.granted.public_interest"]
    assert (field.value, field.accepted) == (0, True)


def test_two_doubtful_cells_of_one_identity_do_not_vouch_for_each_other():
    """One digit misread in both would leave the sum of the row as it is."""
    rows = [item for item in zero_requests(**FIGURES) if "requests.concluded" not in item.probabilities]
    for column in (1, 6):
        rows = doubted(rows, "granted", column, ("2" if column == 1 else "3", UNREAD))
    fields = alignment.align(rows, FORM, 0.99)[0]
    assert fields["requests.granted.business"].state == "unreadable"
    assert fields["requests.granted.total"].state == "unreadable"


def test_a_wrong_sum_elsewhere_leaves_a_cell_to_the_identities_that_hold():
    wrong = (0, 0, 0, 0, 0, 0, 4)  # a row whose total is not its sum: the table as a whole has no solution
    field = settled(("granted", 1, ("2", "7")), other__other=wrong)["requests.granted.business"]
    assert field.value == 2


def test_what_only_one_identity_says_is_a_value_but_not_accepted():
    absent = [item for item in zero_requests(**FIGURES) if "requests.concluded" not in item.probabilities]
    fields = alignment.align(doubted(absent, "granted", 1, ("2", UNREAD)), FORM, 0.99)[0]
    field = fields["requests.granted.business"]
    assert (field.value, field.accepted, field.confidence) == (2, False, pytest.approx(0.98, abs=0.02))
