"""A province's table: its own order, and rows that no field means which are part of the form's sums all the same."""

from dataclasses import replace

import pytest

from models.lessons import Example, orders_of
from pipeline import align as alignment
from pipeline.datamodel import Cell, LabelledRow, Location, Row
from pipeline.forms import load_forms
from pipeline.judge import judge

FORM = load_forms()["pre2019"]
ANSWERS = (
    ("对申请的答复总数", "16", "requests.answered.total"),
    ("其中：1、同意公开答复数", "0", "requests.answered.granted"),
    ("2、同意部分公开答复数", "1", "requests.answered.partially_granted"),
    ("3、不予公开答复数", "11", "requests.answered.refused.total"),
    ("4、其他类型答复数", "4", "none"),
    ("政府信息公开收费减免金额", "7", "none"),
    ("行政复议数", "2", "review.total"),
)
TOTAL = "requests.answered.total"


def rows_of(table, head="", origin="html", sure=1.0):
    rows = []
    for index, (label, text, name) in enumerate(table):
        place = Location(1, span=(100 * index, 100 * index + 90))
        cell = Cell(text, index, 2, Location(1, span=(100 * index + 50, 100 * index + 50 + len(text))))
        row = Row(0, index, origin, (label,), (cell,), (head,), place)
        rows.append(LabelledRow(row, {name: sure, **({"none": 1 - sure} if sure < 1 and name != "none" else {})}))
    return rows


def read(rows, orders=frozenset(), told=True):
    return judge(alignment.align(rows, FORM, 0.99, (), orders)[0], FORM, rows if told else ())


def changed(at, text):
    return [(label, text if place == at else old, name) for place, (label, old, name) in enumerate(ANSWERS)]


def test_a_row_of_no_field_that_makes_up_the_sum_clears_its_cells() -> None:
    fields, checks = read(rows_of(ANSWERS))
    assert next(one.holds for one in checks if one.id == "answered_kinds") is None
    assert fields[TOTAL].value == 16
    assert fields[TOTAL].accepted
    assert fields["requests.answered.refused.total"].accepted
    fields, checks = read(rows_of(ANSWERS), told=False)
    assert next(one.holds for one in checks if one.id == "answered_kinds") is False
    assert not fields[TOTAL].accepted


@pytest.mark.parametrize(
    "table",
    [
        changed(0, "17"),  # nothing makes up one more
        changed(0, "11"),  # less than its parts
        changed(0, "19"),  # 7 alone, without the row before it
        [*ANSWERS[:4], *ANSWERS[6:]],  # no such row
        [*ANSWERS[:4], ANSWERS[6], *ANSWERS[4:6]],  # behind another row of the form
    ],
)
def test_what_no_such_row_makes_up_is_doubted_as_before(table) -> None:
    fields, checks = read(rows_of(table))
    assert next(one.holds for one in checks if one.id == "answered_kinds") is False
    assert not fields[TOTAL].accepted


@pytest.mark.parametrize(("printed", "holds"), [("40", None), ("430", False)])
def test_of_a_row_with_a_running_total_only_the_years_figure_counts(printed, holds) -> None:
    """4 of the year and 0 of all years can be cut in one way; 430 may be 4 and 30 or 43 and 0: then nobody knows."""
    table = [(label, {"4": printed, "16": "4"}.get(text, "00"), name) for label, text, name in ANSWERS]
    first, *others = rows_of(table, "本年度或历年累计", "run")
    total = replace(first, row=replace(first.row, origin="html", heads=("",)))
    fields, checks = read([total, *others])
    assert fields["requests.answered.refused.total"].value == 0
    assert next(one.holds for one in checks if one.id == "answered_kinds") is holds


WEBSITE_FIRST = (
    ("主动公开文件数", "88", "disclosure.items"),
    ("其中：1、政府网站公开数", "80", "disclosure.channel.website"),
    ("2、政府公报公开数", "6", "disclosure.channel.gazette"),
    ("受理依申请公开信息总数", "3", "requests.received.total"),
)
ORDERS = frozenset(
    {
        ("disclosure.items", "disclosure.channel.website"),
        ("disclosure.channel.website", "disclosure.channel.gazette"),
        ("disclosure.channel.gazette", "requests.received.total"),
    }
)


def test_an_order_that_was_taught_is_believed_of_rows_that_say_what_they_are() -> None:
    plain = read(rows_of(WEBSITE_FIRST))[0]["disclosure.channel.website"]
    taught = read(rows_of(WEBSITE_FIRST), ORDERS)[0]["disclosure.channel.website"]
    assert (plain.value, plain.accepted) == (80, False)
    assert (taught.value, taught.accepted) == (80, True)
    unsure = read(rows_of(WEBSITE_FIRST, sure=0.6), ORDERS)[0]["disclosure.channel.website"]
    assert not unsure.accepted


def test_a_layouts_order_is_learnt_where_most_of_its_documents_have_it() -> None:
    row = rows_of(ANSWERS[:1])[0].row
    usual = ("requests.answered.total", "requests.answered.granted", "none", "review.total", "review.upheld")
    odd = ("disclosure.items", "review.total", "litigation.total")

    def example(document, names):
        return Example(document, "one layout", "train", (row,) * len(names), names)

    some = [example("a", usual), example("b", usual), example("c", odd)]
    assert orders_of(some) == [
        ["", "requests.answered.total"],
        ["requests.answered.granted", "review.total"],
        ["requests.answered.total", "requests.answered.granted"],
    ]
