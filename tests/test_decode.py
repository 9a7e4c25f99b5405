"""Readings of a whole document: what all of them say is settled, what they differ in is not, nothing is invented."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import align as alignment
from pipeline.checks import check_fields
from pipeline.columns import sums_within
from pipeline.cuts import cut_run, read_run
from pipeline.datamodel import Cell, LabelledRow, Location
from pipeline.forms import load_forms
from pipeline.judge import judge
from tests.tables import requests_row, zero_requests

FORM = load_forms()["2021"]
COLUMNS = next(row.columns for row in FORM.rows if row.name == "requests.received")
NAMES = [row.name for row in FORM.rows if row.table == "requests"]
OUTCOMES = [name for name in NAMES if name.split(".")[1] not in ("received", "carried_in", "concluded", "carried_out")]
TOTAL = sums_within("2021", "requests.received")


def run_together(item: LabelledRow, between: str = "") -> LabelledRow:
    text = between.join(cell.text for cell in item.row.cells)
    cell = Cell(text, item.row.index, 1, Location(1, span=(100 * item.row.index, 100 * item.row.index + len(text))))
    return replace(item, row=replace(item.row, origin="run", cells=(cell,), heads=("",)))


def table(figures, joined=()):
    """All rows of table three in the form's order; those `joined` (all where it is empty) as runs."""
    rows = []
    for index, name in enumerate(NAMES):
        short = name.removeprefix("requests.")
        item = requests_row(short, figures.get(name, (0,) * 7), index=index)
        rows.append(run_together(item) if not joined or name in joined else item)
    return rows


def read(rows, strays=()):
    return judge(alignment.align(rows, FORM, 0.99, strays)[0], FORM)[0]


def balanced(outcomes, carried_in=(0,) * 6, carried_out=(0,) * 6):
    """A table three whose every sum holds, from the six applicant columns of some of its rows."""
    concluded = tuple(sum(column) for column in zip((0,) * 6, *outcomes.values(), strict=True))
    received = tuple(c + o - i for c, o, i in zip(concluded, carried_out, carried_in, strict=True))
    rows = {
        **outcomes,
        "requests.concluded": concluded,
        "requests.received": received,
        "requests.carried_in": carried_in,
        "requests.carried_out": carried_out,
    }
    return {name: (*figures, sum(figures)) for name, figures in rows.items()}


def values(fields, name):
    return [fields[f"{name}.{column}"].value for column in COLUMNS]


APPLICANTS = st.tuples(*[st.one_of(st.just(0), st.integers(0, 40))] * 6)
TABLES = st.dictionaries(st.sampled_from(OUTCOMES), APPLICANTS, min_size=1, max_size=6).map(balanced)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_what_is_accepted_of_a_table_run_together_is_right_and_the_truth_is_never_ruled_out(figures) -> None:
    fields = read(table(figures))
    for name in NAMES:
        for column, truth in zip(COLUMNS, figures.get(name, (0,) * 7), strict=True):
            field = fields[f"{name}.{column}"]
            if field.state == "printed":
                assert field.value == truth
            else:
                assert not field.accepted
                assert truth in field.candidates or not field.candidates


@settings(max_examples=40, deadline=None)
@given(st.lists(APPLICANTS, min_size=2, max_size=2))
def test_a_field_is_settled_exactly_where_all_solutions_tried_one_by_one_agree(outcomes) -> None:
    figures = balanced(dict(zip(OUTCOMES[:2], outcomes, strict=True)))
    joined = [*OUTCOMES[:2], "requests.concluded", "requests.received"]
    cuts = [_cuts("".join(map(str, figures[name]))) for name in joined]
    if any(found is None for found in cuts):
        return
    solutions = [
        choice for choice in product(*cuts) if all(a + b == c == d for a, b, c, d in zip(*choice, strict=True))
    ]
    fields = read(table(figures, joined))
    for row, name in enumerate(joined):
        for column, figure in enumerate(COLUMNS):
            possible = {choice[row][column] for choice in solutions}
            field = fields[f"{name}.{figure}"]
            assert (field.state == "printed") == (len(possible) == 1)
            assert {field.value} == possible or set(field.candidates) == possible


def _cuts(digits):
    found = cut_run(read_run(digits), ("count",) * 7, TOTAL).found
    return found and [tuple(int(digits[start:end]) for start, end in cut) for cut in found]


def test_columns_settle_what_the_row_leaves_open_and_are_named() -> None:
    outcome = (0, 10, 0, 1, 8, 0)
    fields = read(table(balanced({"requests.granted": outcome}), joined=["requests.granted"]))
    assert values(fields, "requests.granted") == [*outcome, 19]
    because = fields["requests.granted.business"].because
    assert because == ("row_total.requests.granted", "outcomes.business")
    assert fields["requests.granted.business"].accepted
    assert fields["requests.granted.business"].raw == "10"


def test_two_solutions_of_the_whole_table_are_both_candidates() -> None:
    one, other = (0, 10, 0, 1, 8, 0), (0, 1, 0, 0, 18, 0)
    figures = balanced({"requests.granted": one, "requests.partially_granted": other})
    field = read(table(figures, joined=["requests.granted", "requests.partially_granted"]))["requests.granted.business"]
    assert (field.state, field.value, field.accepted, field.candidates) == ("unreadable", None, False, (1, 10))


def test_sums_that_the_report_itself_breaks_settle_nothing_and_are_the_reports() -> None:
    figures = balanced({"requests.granted": (0, 10, 0, 1, 8, 0)}) | {"requests.concluded": (0, 10, 0, 1, 8, 0, 20)}
    rows = table(figures, joined=["requests.granted"])
    fields, checks = judge(alignment.align(rows, FORM, 0.99)[0], FORM)
    assert fields["requests.granted.business"].candidates == (1, 10)
    assert fields["requests.granted.total"].value == 19
    assert fields["requests.concluded.total"].value == 20
    failed = next(check for check in checks if check.id == "row_total.requests.concluded")
    assert (failed.holds, failed.blames) == (False, "report")
    assert "requests.concluded.total" in failed.suspects


def test_a_row_that_was_not_found_leaves_its_columns_open() -> None:
    figures = balanced({"requests.granted": (0, 10, 0, 1, 8, 0)})
    rows = table(figures, joined=["requests.granted"])
    kept = [item for item in rows if "requests.refused.state_secret" not in item.probabilities]
    assert read(kept)["requests.granted.business"].candidates == (1, 10)


def test_where_one_run_is_too_short_any_cell_of_the_table_may_be_blank() -> None:
    figures = balanced({"requests.granted": (64, 0, 0, 0, 0, 0)})
    assert read(table(figures))["requests.granted.natural_person"].value == 64
    rows = table(figures | {"requests.refused.state_secret": ("", "", "", "", "", "", "")})
    field = read(rows)["requests.granted.natural_person"]
    assert (field.state, field.accepted) == ("unreadable", False)


def test_a_row_whose_one_figure_stands_outside_gets_it_back() -> None:
    figures = balanced({"requests.granted": (3, 1, 0, 0, 0, 0)})
    rows = zero_requests(**{name.removeprefix("requests."): row for name, row in figures.items()})
    rows = [replace(item, row=replace(item.row, origin="pipes")) for item in rows]
    lost = next(i for i, item in enumerate(rows) if "requests.granted" in item.probabilities)
    cells = (*rows[lost].row.cells[:-1], rows[lost].row.cells[-1]._replace(text=""))
    rows[lost] = replace(rows[lost], row=replace(rows[lost].row, cells=cells))
    strays = [Cell(text, 0, 0, Location(1, span=(900 + i, 901 + i))) for i, text in enumerate("74")]
    field = read(rows, strays)["requests.granted.total"]
    assert (field.value, field.location.span) == (4, (901, 902))
    assert field.because == ("row_total.requests.granted", "outcomes.total")
    assert read(rows)["requests.granted.total"].state == "blank"


def test_a_row_that_may_stand_in_two_places_is_not_accepted_because_sums_hold_in_either() -> None:
    rows = zero_requests(granted=[3, 0, 0, 0, 0, 0, 3], concluded=[3, 0, 0, 0, 0, 0, 3], received=[3, 0, 0, 0, 0, 0, 3])
    doubtful = {"requests.granted": 0.5, "requests.partially_granted": 0.5}
    kept = [item for item in rows if "requests.partially_granted" not in item.probabilities]
    rows = [
        replace(item, probabilities=doubtful) if "requests.granted" in item.probabilities else item for item in kept
    ]
    fields = read(rows)
    assert all(check.holds for check in check_fields(FORM, fields) if check.id.startswith("balance"))
    assert not fields["requests.granted.total"].accepted
    assert not fields["requests.partially_granted.total"].accepted


@pytest.mark.parametrize("between", [" ", "  "])
def test_blanks_that_part_every_cell_are_borders(between) -> None:
    item = requests_row("received", [12, 3, 0, 0, 0, 0, 15])
    fields = alignment.align([run_together(item, between)], FORM, 0.99)[0]
    assert values(fields, "requests.received") == [12, 3, 0, 0, 0, 0, 15]


def test_the_number_of_the_next_label_may_be_a_digit_of_the_run() -> None:
    rows = table({})
    one = next(i for i, item in enumerate(rows) if "requests.refused.state_secret" in item.probabilities)
    rows[one + 1] = replace(rows[one + 1], row=replace(rows[one + 1].row, labels=("2其他法律行政法规禁止公开",)))
    assert values(read(rows), "requests.refused.state_secret") == [0] * 7
    nine = requests_row("refused.state_secret", [1, 0, 0, 0, 0, 0, ""], index=one)
    rows[one] = run_together(nine)
    assert read(rows)["requests.refused.state_secret.total"].value is None


def test_blanks_that_part_every_cell_stand_against_a_sum_that_the_report_broke() -> None:
    item = requests_row("received", [1, 0, 0, 0, 0, 10, 12])
    fields = alignment.align([run_together(item, " ")], FORM, 0.99)[0]
    assert values(fields, "requests.received") == [1, 0, 0, 0, 0, 10, 12]
    assert not fields["requests.received.total"].accepted


def test_a_single_figure_that_must_be_two_makes_all_single_figures_of_its_table_doubtful() -> None:
    form = load_forms()["pre2019"]
    names = ("requests.received.total", "requests.received.online", "review.total")

    def accepted(*texts):
        rows = []
        for index, (name, text) in enumerate(zip(names, texts, strict=True)):
            cell = Cell(text, index, 1, Location(1, span=(index, index + 1)))
            item = requests_row(name, [text], heads=("",), index=index)
            rows.append(replace(item, row=replace(item.row, origin="tabs", cells=(cell,)), probabilities={name: 1.0}))
        fields = alignment.align(rows, form, 0.99)[0]
        return [fields[name].accepted for name in names[:2]]

    assert accepted("44", "22", "0") == [True, True]
    assert accepted("44", "22", "03") == [False, False]


def test_runs_beyond_the_bound_are_left_uncut_with_a_problem() -> None:
    digits = "98765432123456789876543212345"
    rows = [run_together(requests_row("received", [digits, *[""] * 6]))]
    fields, problems = alignment.align(rows, FORM, 0.99)
    assert fields["requests.received.total"].state == "unreadable"
    assert [problem.code for problem in problems] == ["too_many_readings"]


def one_figure_rows(form, texts, head="", origin="run", more=()):
    """Rows of the older form with one cell each, in a table of one head."""
    found = []
    for index, (name, text) in enumerate(texts.items()):
        cell = Cell(text, index, 1, Location(1, span=(100 * index, 100 * index + len(text))))
        item = requests_row(name, [text], heads=(head,), index=index)
        found.append(replace(item, row=replace(item.row, origin=origin, cells=(cell,)), probabilities={name: 1.0}))
    return alignment.align([*found, *more], form, 0.99)[0]


@pytest.mark.parametrize("origin", ["run", "tabs"])
def test_the_years_figure_is_cut_off_the_running_total_where_there_is_one_way(origin) -> None:
    head = "本年度或历年累计"
    names = ("requests.received.total", "requests.received.in_person", "requests.received.online")
    fields = one_figure_rows(
        load_forms()["pre2019"], dict(zip(names, ("12497", "04", "12"), strict=True)), head, origin
    )
    assert [fields[name].value for name in names] == [None, 0, 1]
    assert [fields[name].accepted for name in names] == [False, True, True]
    assert fields[names[0]].candidates == (1, 12, 124, 1249)
    assert fields[names[2]].location.span == (200, 201)


def test_where_a_running_total_left_one_digit_no_figure_beside_it_is_accepted() -> None:
    texts = {"requests.received.online": "04", "review.total": "1"}
    fields = one_figure_rows(load_forms()["pre2019"], texts, "本年度或历年累计")
    assert not any(fields[name].accepted for name in texts)


def test_single_figures_are_accepted_only_where_some_run_of_their_table_cannot_be_two() -> None:
    form = load_forms()["pre2019"]
    texts = {"requests.received.in_person": "125497", "requests.received.online": "66"}
    assert not any(one_figure_rows(form, texts)[name].accepted for name in texts)
    fields = one_figure_rows(form, {"requests.received.total": "7", **texts})
    assert [fields[name].value for name in texts] == [125497, 66]
    assert all(fields[name].accepted for name in texts)


def test_a_run_that_lends_its_last_digit_to_the_next_label_leaves_no_doubt_of_its_table() -> None:
    rows = table({"requests.granted": (1, 0, 0, 0, 0, 0, 1)})
    one = next(i for i, item in enumerate(rows) if "requests.granted" in item.probabilities)
    lent = rows[one].row.cells[0]
    rows[one] = replace(rows[one], row=replace(rows[one].row, cells=(lent._replace(text="100000"),)))
    rows[one + 1] = replace(rows[one + 1], row=replace(rows[one + 1].row, labels=("1部分公开",)))
    fields = read(rows)
    assert values(fields, "requests.granted") == [1, 0, 0, 0, 0, 0, 1]
    assert fields["requests.carried_out.total"].accepted


def test_a_run_of_more_parts_than_cells_may_be_two_rows_and_is_not_accepted() -> None:
    rows = table({})
    cell = rows[5].row.cells[0]
    rows[5] = replace(rows[5], row=replace(rows[5].row, cells=(cell._replace(text="1 0 0 0 0 0 154 5 0 1 0 0 60"),)))
    fields = read(rows)
    assert not any(fields[f"{NAMES[5]}.{column}"].accepted for column in ("natural_person", "research", "total"))


def test_where_one_row_shows_a_second_column_no_single_figure_without_a_head_is_accepted() -> None:
    form = load_forms()["pre2019"]
    texts = {"requests.received.total": "7", "requests.received.in_person": "125497", "requests.received.online": "66"}
    assert one_figure_rows(form, texts, "", "tabs")["requests.received.in_person"].accepted
    assert not one_figure_rows(form, texts | {"requests.received.total": "07"}, "", "tabs")[
        "requests.received.in_person"
    ].accepted
    assert one_figure_rows(form, texts, "统计数", "tabs")["requests.received.in_person"].accepted


def test_a_figure_alone_where_other_rows_have_two_may_have_lost_its_neighbour() -> None:
    form = load_forms()["pre2019"]
    texts = {"requests.received.in_person": "78", "requests.received.online": "04"}
    assert one_figure_rows(form, texts, "本年度或历年累计", "tabs")["requests.received.in_person"].accepted
    index, name = 2, "requests.received.fax"
    cells = [Cell("5", index, 1, Location(1, span=(300, 301)))]
    whole = requests_row(name, ["5"], heads=("本年度",), index=index)
    whole = replace(whole, row=replace(whole.row, origin="tabs", cells=tuple(cells)), probabilities={name: 1.0})
    parted = one_figure_rows(form, texts, "本年度或历年累计", "tabs", more=[whole])
    assert not parted["requests.received.in_person"].accepted
