"""Prose against tables: sums of columns where the total is blank, cells that cannot say what the prose says."""

from __future__ import annotations

import pytest

from pipeline.checks import check_prose
from pipeline.datamodel import Check, Fact, Field, Location
from pipeline.forms import load_forms

FORM = load_forms()["2019"]


def field(
    name: str, value: float | None, state: str = "printed", accepted: bool = True, candidates: tuple[int, ...] = ()
) -> Field:
    return Field(name, value, state, "", 1.0, accepted, Location(), candidates, ())  # type: ignore[arg-type]


def check(fact: str, value: float, *fields: Field) -> Check:
    stated = {fact: Fact(fact, value, "", 0.95, True, Location())}
    return next(iter(check_prose(FORM, {one.name: one for one in fields}, stated)))


def test_a_blank_total_is_the_sum_of_its_columns() -> None:
    row = "requests.received"
    fields = (
        field(f"{row}.total", None, "blank"), field(f"{row}.natural_person", 7), field(f"{row}.business", 2),
        field(f"{row}.legal_service", None, "blank"),
    )  # fmt: skip
    good, bad = (check("requests_received", value, *fields) for value in (9, 8))
    assert (good.holds, good.right, good.fields) == (True, 9, (f"{row}.natural_person", f"{row}.business"))
    assert (bad.holds, bad.left, bad.right, bad.blames) == (False, 8, 9, "report")


def test_a_printed_total_counts_whatever_its_columns_say() -> None:
    row = "requests.received"
    found = check("requests_received", 9, field(f"{row}.total", 9), field(f"{row}.natural_person", 4))
    assert (found.holds, found.fields) == (True, (f"{row}.total",))


def test_a_doubtful_column_is_to_blame_first() -> None:
    row = "requests.received"
    found = check(
        "requests_received", 8, field(f"{row}.total", None, "blank"), field(f"{row}.business", 9, accepted=False)
    )
    assert (found.holds, found.blames) == (False, "reading")


@pytest.mark.parametrize(("value", "holds"), [(470, None), (393, False)])
def test_a_cell_of_several_readings_disagrees_with_what_none_of_them_says(value: float, holds: bool | None) -> None:
    cell = field("requests.received.total", None, "unreadable", accepted=False, candidates=(0, 70, 470))
    found = check("requests_received", value, cell)
    assert (found.holds, found.right, found.blames) == (holds, None, None if holds is None else "report")


def test_a_cell_that_nobody_could_read_says_nothing() -> None:
    assert check("requests_received", 5, field("requests.received.total", None, "unreadable")).holds is None
