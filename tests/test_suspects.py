"""Wrong sums tell where: the fewest cells that would mend every failed identity, against made slips."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.checks import check_fields
from pipeline.datamodel import Field
from pipeline.forms import load_forms

FORM = load_forms()["2021"]
WHO = ("natural_person", "business", "research", "public_interest", "legal_service", "other_organisation")
TABLE = [row.name for row in FORM.rows if row.name.startswith("requests.")]
ENDS = ("requests.received", "requests.carried_in", "requests.concluded", "requests.carried_out")
OUTCOMES = [name for name in TABLE if name not in ENDS]


def sound_table(seed: int) -> dict[str, int]:
    rng = random.Random(seed)
    values: dict[str, int] = dict.fromkeys(FORM.fields, 0)
    for who in WHO:
        for row in OUTCOMES:
            values[f"{row}.{who}"] = rng.choice((0, 0, 0, 1, 2, 7, 31))
        values[f"requests.concluded.{who}"] = sum(values[f"{row}.{who}"] for row in OUTCOMES)
        values[f"requests.carried_out.{who}"] = rng.randrange(4)
        values[f"requests.received.{who}"] = values[f"requests.concluded.{who}"] + values[f"requests.carried_out.{who}"]
    for row in TABLE:
        values[f"{row}.total"] = sum(values[f"{row}.{who}"] for who in WHO)
    return values


def printed(values: Mapping[str, int], confidence: float = 0.999) -> dict[str, Field]:
    return {name: Field(name, value, "printed", str(value), confidence, True) for name, value in values.items()}


def suspects(values: Mapping[str, int]) -> set[str]:
    return {name for check in check_fields(FORM, printed(values)) for name in check.suspects}


def test_a_sound_table_has_no_suspects() -> None:
    assert suspects(sound_table(1)) == set()


@given(seed=st.integers(0, 9), cell=st.sampled_from([f"{row}.{who}" for row in OUTCOMES for who in WHO]))
@settings(max_examples=40, deadline=None)
def test_one_slip_in_a_cell_is_found_and_nothing_else_is_suspected(seed: int, cell: str) -> None:
    values = sound_table(seed)
    values[cell] += 13
    assert suspects(values) == {cell}


def test_two_slips_far_from_one_another_are_both_found() -> None:
    values = sound_table(3)
    wrong = {"requests.granted.natural_person", "requests.not_processed.repeated.business"}
    for cell in wrong:
        values[cell] += 5
    assert suspects(values) >= wrong
    assert len(suspects(values)) <= 4  # a slip of the same size may as well stand where row and column cross


def test_of_a_row_whose_cells_stand_in_no_other_sum_every_cell_is_suspected() -> None:
    values = sound_table(2)
    values["review.total"] = 4
    assert suspects(values) == {
        "review.total",
        *(f"review.{how}" for how in ("upheld", "corrected", "other", "pending")),
    }


def test_a_cell_is_not_suspected_of_being_negative() -> None:
    values = sound_table(2)
    values["review.upheld"], values["review.total"] = 9, 4
    assert suspects(values) == {"review.total", "review.upheld"}


@pytest.mark.parametrize(("confidence", "blames"), [(0.999, "report"), (0.9, "reading")])
def test_a_certain_reading_blames_the_report(confidence: float, blames: str) -> None:
    values = sound_table(4)
    values["requests.granted.total"] += 1
    failed = [check for check in check_fields(FORM, printed(values, confidence)) if check.holds is False]
    assert failed
    assert {check.blames for check in failed} == {blames}


def test_rubbish_everywhere_is_not_explained_by_three_cells_and_ends() -> None:
    rng = random.Random(5)
    values = {name: rng.randrange(1000) for name in FORM.fields}
    failed = [check for check in check_fields(FORM, printed(values)) if check.holds is False]
    assert len(failed) > 20
    assert all(check.suspects for check in failed)
