"""Figures behind their row: given back by place where they are as many as the blank cells, and never accepted."""

import pytest

from pipeline.datamodel import Cell, Field, Location, Row
from pipeline.fallen import behind_rows, give_back


def row(start: int, end: int) -> Row:
    return Row(0, 0, "pipes", ("予以公开",), (), (), Location(1, span=(start, end)))


def stray(text: str, at: int) -> Cell:
    return Cell(text, 0, 0, Location(1, span=(at, at + len(text))))


def test_what_stands_between_two_rows_is_behind_the_upper_in_reading_order() -> None:
    strays = [stray("9", 40), stray("7", 25), stray("8", 21), stray("6", 2)]
    behind = behind_rows([row(10, 20), row(30, 38)], strays)
    assert {place: [cell.text for cell in cells] for place, cells in behind.items()} == {0: ["8", "7"]}


def test_strays_without_a_place_are_behind_nothing() -> None:
    assert behind_rows([row(10, 20), row(30, 38)], [Cell("8", 0, 0, Location(1))]) == {}


FIELDS = [
    Field("a", 3, "printed", "3", 0.999, True),
    Field("b", None, "blank", "", 0.999, True),
    Field("c", None, "unreadable", "", candidates=(0, 5)),
]
BLANK = [False, True, True]


def test_as_many_figures_as_blank_cells_are_theirs_and_not_accepted() -> None:
    given = give_back(FIELDS, BLANK, [stray("12", 30), stray("5", 34)])
    assert [(one.value, one.state, one.raw) for one in given[1:]] == [(12, "printed", "12"), (5, "printed", "5")]
    assert [(one.accepted, one.confidence <= 0.9) for one in given] == [(True, False), (False, True), (False, True)]
    assert given[2].location == Location(1, span=(34, 35))


@pytest.mark.parametrize("texts", [[], ["12"], ["12", "5", "6"], ["12", "6"]], ids=["none", "few", "many", "another"])
def test_other_figures_change_nothing(texts) -> None:
    assert give_back(FIELDS, BLANK, [stray(text, 30 + 4 * at) for at, text in enumerate(texts)]) == FIELDS
