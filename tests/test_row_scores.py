"""Rows against the rows that are printed: matching, names, columns, and the figures made of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpora.matching import match_rows
from evaluation.row_scores import MISSED, UNDECIDED, UNPRINTED, RowScore, row_report, score_rows
from pipeline.datamodel import Cell, LabelledRow, Location, Row
from tests.scores import gold, row

HEADS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
COLUMNS = (
    "natural_person", "business", "research", "public_interest", "legal_service", "other_organisation", "total",
)  # fmt: skip
RECEIVED, CARRIED = "一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量"


def read(label: str, *figures: object, heads: tuple[str, ...] = ()) -> Row:
    cells = tuple(Cell(str(figure), 0, 1 + i, Location()) for i, figure in enumerate(figures))
    return Row(0, 0, "html", (label,) if label else (), cells, heads or ("",) * len(cells), Location())


def named(one: Row, name: str, share: float = 0.99) -> LabelledRow:
    return LabelledRow(one, {name: share})


def test_rows_are_matched_in_order_by_figures_and_labels() -> None:
    rows = [read("页眉", 2024), read("甲类事项", 1, 2), read("", 3, 4), read("丙类事项", 5, 99), read("丁类", 8)]
    printed = [row("a", "甲类事项", 1, 2), row("b", "乙类事项", 3, 4), row("c", "丙类事项", 5, 6), row("d", "戊己", 7)]
    assert match_rows(rows, printed) == [(1, 0), (2, 1), (3, 2)]
    assert match_rows([], printed) == []
    assert match_rows(rows, []) == []


def test_of_rows_with_the_same_figures_the_label_decides() -> None:
    rows = [read("不予公开其他", 0, 0), read("属于国家秘密", 0, 0)]
    printed = [row("x", "属于国家秘密", 0, 0), row("y", "不予公开其他", 0, 0)]
    assert match_rows(rows, printed) in ([(0, 1)], [(1, 0)])
    assert match_rows(rows[::-1], printed) == [(0, 0), (1, 1)]


def test_of_rows_with_the_same_label_the_figures_decide() -> None:
    printed = [row("x", "其他", 9, 9), row("y", "其他", 1, 2), row("z", "其他", 3, 4)]
    assert match_rows([read("其他", 1, 2)], printed) == [(0, 1)]


def test_names_are_right_wrong_undecided_or_missed() -> None:
    document = gold(
        {},
        form="2021",
        rows=(
            row("head", "申请人情况"),
            row("requests.received", RECEIVED, 1, 2),
            row("requests.carried_in", CARRIED, 3, 4),
            row("requests.granted", "（一）予以公开", 5, 6),
            row("requests.carried_out", "四、结转下年度继续办理", 7, 8),
            row("none", "小计", 9, 9),
        ),
    )
    scored = score_rows(
        [
            named(read(RECEIVED, 1, 2), "requests.received"),
            named(read(CARRIED, 3, 4), "requests.received"),
            named(read("（一）予以公开", 5, 6), "requests.granted", 0.4),
            named(read("小计", 9, 9), "none"),
            named(read("浏览次数", 77), "requests.carried_out"),
        ],
        document,
    )
    assert scored is not None
    assert sorted(scored.pairs) == sorted(
        [
            ("requests.received", "requests.received"),
            ("requests.carried_in", "requests.received"),
            ("requests.granted", UNDECIDED),
            ("none", "none"),
            (UNPRINTED, "requests.carried_out"),
            ("requests.carried_out", MISSED),
        ]
    )
    assert (scored.right, scored.printed) == (1, 4)


def test_without_labelled_rows_there_is_no_score() -> None:
    assert score_rows([named(read(RECEIVED, 1), "requests.received")], gold({}, form="2021")) is None


def test_columns_are_right_where_every_figure_has_its_own() -> None:
    figures = (4, 1, 0, 0, 0, 2, 7)
    values = {f"requests.received.{column}": value for column, value in zip(COLUMNS, figures, strict=True)}
    document = gold(values, form="2021", rows=(row("requests.received", RECEIVED, *figures),))
    good = read(RECEIVED, *figures, heads=HEADS)
    moved = replace(good, heads=(HEADS[1], HEADS[0], *HEADS[2:]))
    short = read(RECEIVED, *figures[:5])
    scores = [score_rows([named(one, "none")], document) for one in (good, moved, short)]
    assert [(score.columns_right, score.columns) for score in scores if score] == [(1, 1), (0, 1), (0, 1)]


def test_a_row_of_equal_figures_says_nothing_of_columns() -> None:
    values = {f"requests.received.{column}": 0 for column in COLUMNS}
    document = gold(values, form="2021", rows=(row("requests.received", RECEIVED, *[0] * 7),))
    scored = score_rows([named(read(RECEIVED, *[0] * 7, heads=HEADS), "none")], document)
    assert scored is not None
    assert scored.columns == 0


def test_precision_recall_and_f1_by_hand() -> None:
    first = RowScore((("a", "a"), ("a", "b"), ("b", "b"), ("none", "b"), ("none", "none")), 4, 3)
    second = RowScore((("a", "a"), ("c", MISSED), (UNPRINTED, UNDECIDED)), 0, 0)
    report = row_report([first, None, second])
    by_label = {one["label"]: one for one in report["labels"]}
    assert by_label["a"] == {"label": "a", "precision": 1.0, "recall": 2 / 3, "f1": 0.8, "support": 3}
    assert by_label["b"] == {"label": "b", "precision": 1 / 3, "recall": 1.0, "f1": 0.5, "support": 1}
    assert by_label["c"] == {"label": "c", "precision": None, "recall": 0.0, "f1": 0.0, "support": 1}
    assert report["confusion"] == [
        {"gold": "a", "predicted": "b", "count": 1},
        {"gold": "c", "predicted": MISSED, "count": 1},
        {"gold": "none", "predicted": "b", "count": 1},
    ]
    assert report["columns"] == 0.75
    assert report["f1"] == pytest.approx((0.8 + 0.5 + 0.0) / 3)


def test_nothing_gives_no_figures() -> None:
    assert row_report([None]) == {"labels": [], "confusion": [], "columns": None, "f1": None}
