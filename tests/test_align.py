"""Labelled rows to fields: order, columns, doubt; and the identities as witnesses."""

from dataclasses import replace

import pytest

from pipeline import align as alignment
from pipeline.checks import check_fields
from pipeline.columns import BY_HEADS, BY_ORDER, BY_SUMS, fit_columns
from pipeline.datamodel import Cell, LabelledRow, Location, Row
from pipeline.forms import load_forms
from pipeline.judge import judge
from tests.tables import COLUMNS, requests_row, zero_requests

FORM = load_forms()["2021"]
ROWS = {row.name: row for row in FORM.rows}
REQUESTS = [row.name for row in FORM.rows if row.table == "requests"]


def align(rows, form, threshold):
    return alignment.align(rows, form, threshold)[0]


def judged(rows):
    return judge(align(rows, FORM, 0.99), FORM)[0]


def values(fields, row="requests.received"):
    return [fields[f"{row}.{column}"].value for column in ROWS[row].columns]


def test_a_whole_table_is_read_accepted_and_holds() -> None:
    rows = zero_requests(
        received=[5, 1, 0, 0, 0, 0, 6],
        granted=[4, 1, 0, 0, 0, 0, 5],
        concluded=[4, 1, 0, 0, 0, 0, 5],
        carried_out=[1, 0, 0, 0, 0, 0, 1],
    )
    fields = judged(rows)
    assert values(fields) == [5, 1, 0, 0, 0, 0, 6]
    assert all(fields[name].accepted for row in REQUESTS for name in ROWS[row].fields)
    assert all(check.holds is not False for check in check_fields(FORM, fields))


def test_the_order_of_the_form_names_rows_that_lost_their_labels() -> None:
    rows = zero_requests(granted=[7, 0, 0, 0, 0, 0, 7], unavailable__not_held=[2, 0, 0, 0, 0, 0, 2])
    lost = [
        replace(item, probabilities=dict.fromkeys(REQUESTS, 1 / 30)) if i in (2, 12) else item
        for i, item in enumerate(rows)
    ]
    fields = align(lost, FORM, 0.99)
    assert values(fields, "requests.granted")[0] == 7
    assert values(fields, "requests.unavailable.not_held")[0] == 2


def test_two_rows_that_say_different_things_of_one_field_settle_nothing() -> None:
    rows = [requests_row("received", [5, 0, 0, 0, 0, 0, 5]), requests_row("received", [6, 0, 0, 0, 0, 0, 6])]
    field = judged(rows)["requests.received.total"]
    assert (field.state, field.value, field.accepted) == ("unreadable", None, False)
    assert set(field.candidates) == {5, 6}


def test_a_row_with_too_few_cells_is_not_guessed() -> None:
    field = align([requests_row("received", [5, 5], heads=("", ""))], FORM, 0.99)["requests.received.natural_person"]
    assert (field.state, field.value) == ("unreadable", None)


def test_heads_decide_the_columns_whatever_their_order() -> None:
    heads = ("总计", *COLUMNS[:-1])
    fields = align([requests_row("received", [6, 1, 2, 3, 0, 0, 0], heads)], FORM, 0.99)
    assert values(fields) == [1, 2, 3, 0, 0, 0, 6]


def test_columns_without_heads_are_sure_only_where_their_sum_holds() -> None:
    row, form_row = requests_row("received", [1, 2, 0, 0, 0, 0, 3], ("",) * 7).row, ROWS["requests.received"]
    assert fit_columns(row, form_row, FORM).certainty == BY_SUMS
    wrong = requests_row("received", [1, 2, 0, 0, 0, 0, 4], ("",) * 7).row
    assert fit_columns(wrong, form_row, FORM).certainty == BY_ORDER
    headed = requests_row("received", [1, 2, 0, 0, 0, 0, 4]).row
    assert fit_columns(headed, form_row, FORM).certainty == BY_HEADS


def test_unknown_heads_are_not_accepted_by_number_of_cells() -> None:
    form = load_forms()["pre2019"]
    row = next(row for row in form.rows if row.name == "disclosure.items")
    item = requests_row("x", ["2949", "81916"], ("2015年度", "历年累计"))
    assert fit_columns(item.row, row, form) is None


def test_a_printed_sum_that_is_wrong_stays_as_printed_and_blames_the_report() -> None:
    rows = zero_requests(received=[5, 0, 0, 0, 0, 0, 6], concluded=[5, 0, 0, 0, 0, 0, 5], granted=[5, 0, 0, 0, 0, 0, 5])
    fields, checks = judge(align(rows, FORM, 0.99), FORM)
    assert fields["requests.received.total"].value == 6
    failed = [check for check in checks if check.holds is False]
    assert {check.blames for check in failed} == {"report"}
    assert {check.id for check in failed} == {"row_total.requests.received", "balance.total"}
    assert all("requests.received.total" in check.suspects for check in failed)
    assert not fields["requests.received.total"].accepted


def test_an_identity_settles_a_cell_that_allows_two_readings() -> None:
    rows = zero_requests(
        received=["3 5", 0, 0, 0, 0, 0, 35], granted=[35, 0, 0, 0, 0, 0, 35], concluded=[35, 0, 0, 0, 0, 0, 35]
    )
    field = judged(rows)["requests.received.natural_person"]
    assert field.value == 35
    assert set(field.because) == {"row_total.requests.received", "balance.natural_person"}


def test_a_cell_that_no_identity_settles_stays_unreadable_with_its_candidates() -> None:
    rows = zero_requests(received=["3 5", 0, 0, 0, 0, 0, "/"])
    field = judged(rows[:1])["requests.received.natural_person"]
    assert (field.state, field.accepted) == ("unreadable", False)
    assert set(field.candidates) == {3, 5, 35}


def test_blanks_are_blank_and_a_blank_total_is_no_failure() -> None:
    rows = zero_requests(granted=[2, "", "/", "", "", "", ""])
    fields = align(rows, FORM, 0.99)
    assert [fields[f"requests.granted.{c}"].state for c in ("natural_person", "business", "total")] == [
        "printed",
        "blank",
        "blank",
    ]
    check = next(c for c in check_fields(FORM, fields) if c.id == "row_total.requests.granted")
    assert check.holds is None


def test_rows_left_out_between_neighbours_are_surely_absent() -> None:
    missing = {"requests.other.not_corrected", "requests.other.fee_unpaid"}
    kept = [item for item in zero_requests() if not missing & set(item.probabilities)]
    rows = [replace(item, row=replace(item.row, index=i)) for i, item in enumerate(kept)]
    fields = judged(rows)
    assert fields["requests.other.not_corrected.total"].state == "absent"
    assert fields["requests.other.not_corrected.total"].accepted
    assert not fields["disclosure.fees.amount"].accepted


def test_a_row_that_its_reader_may_have_lost_is_not_surely_absent() -> None:
    rows = [item for item in zero_requests() if "requests.refused.prohibited_by_law" not in item.probabilities]
    fields = judged(rows)
    assert fields["requests.refused.prohibited_by_law.total"].state == "absent"
    assert not fields["requests.refused.prohibited_by_law.total"].accepted


def test_rows_of_no_form_give_no_fields() -> None:
    fields = align([LabelledRow(requests_row("received", [1] * 7).row, {"none": 1.0})], FORM, 0.99)
    assert {field.state for field in fields.values()} == {"absent"}
    assert {field.state for field in align([], FORM, 0.99).values()} == {"absent"}


@pytest.mark.parametrize("name", ["2021", "2019", "pre2019"])
def test_every_identity_of_a_form_is_over_fields_of_the_form(name: str) -> None:
    form = load_forms()[name]
    assert all(field in form.fields for identity in form.identities for field in identity.fields)
    assert len(form.fields) == {"2021": 200, "2019": 198, "pre2019": 58}[name]


def test_heads_in_another_order_are_not_trusted_where_cells_are_only_counted() -> None:
    heads = ("商业企业", "自然人", *COLUMNS[2:])
    item = requests_row("received", [1, 0, 0, 0, 0, 0, 1], heads)
    assert fit_columns(item.row, ROWS["requests.received"], FORM).certainty == BY_HEADS
    counted = fit_columns(replace(item.row, origin="tabs"), ROWS["requests.received"], FORM)
    assert counted.certainty < 0.99
    flattened = replace(item.row, origin="lines", heads=("自然人", "总计", *COLUMNS[1:-1]))
    assert [cell.text for cell in fit_columns(flattened, ROWS["requests.received"], FORM).cells] == list("1000001")


def test_a_row_that_lost_a_cell_is_not_moved_up() -> None:
    heads = ("本年制发件数", "本年废止件数", "现行有效件数")
    row = replace(requests_row("x", [3, 9, ""], heads).row, origin="tabs")
    assert fit_columns(row, ROWS["disclosure.regulations"], FORM).certainty < 0.99


def test_a_blank_cell_beside_a_longer_figure_is_not_trusted_where_no_other_row_has_blanks() -> None:
    rows = [replace(item, row=replace(item.row, origin="pipes")) for item in zero_requests()]
    moved = [3, "", 0, 0, 0, 0, ""]
    joined = [
        replace(item, row=replace(requests_row("granted", moved, index=item.row.index).row, origin="pipes"))
        if "requests.granted" in item.probabilities
        else item
        for item in rows
    ]
    assert align(rows, FORM, 0.99)["requests.granted.business"].accepted
    field = align(joined, FORM, 0.99)["requests.granted.business"]
    assert (field.state, field.accepted) == ("blank", False)


def test_a_row_that_ends_before_the_others_lost_a_cell_wherever_blanks_are_usual() -> None:
    names = [name.removeprefix("requests.") for name in REQUESTS]
    given = [requests_row(name, [0, *[""] * 6], index=place) for place, name in enumerate(names)]
    rows = [replace(item, row=replace(item.row, origin="tabs")) for item in given]
    cells = tuple(cell._replace(column=cell.column - 1) for cell in rows[-1].row.cells)
    fields = align([*rows[:-1], replace(rows[-1], row=replace(rows[-1].row, cells=cells))], FORM, 0.99)
    assert fields["requests.carried_out.natural_person"].confidence < BY_ORDER
    assert not fields["requests.carried_out.natural_person"].accepted
    assert fields["requests.received.natural_person"].accepted


@pytest.mark.parametrize(
    ("printed", "value", "accepted"),
    [
        ("12 345", 12, False),  # a blank may stand within a figure: read, but nobody is sure
        ("345 12", None, False),  # more in the year than in all years
        ("12345", None, False),
        ("0 0", 0, True),  # can be cut in one way only
        ("1 2 345", None, False),
    ],
)
def test_a_blank_parts_the_year_from_the_running_total(printed, value, accepted) -> None:
    form = load_forms()["pre2019"]
    cell = Cell(printed, 0, 1, Location(1, span=(10, 10 + len(printed))))
    row = Row(0, 0, "run", ("主动公开文件数",), (cell,), ("本年度或历年累计",), Location(1, span=(0, 30)))
    field = align([LabelledRow(row, {"disclosure.items": 1.0})], form, 0.99)["disclosure.items"]
    assert (field.value, field.accepted) == (value, accepted)
