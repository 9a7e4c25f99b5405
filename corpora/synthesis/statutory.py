"""The tables of the regulations, row by row as pipeline.forms has them, filled in as a style asks."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import groupby

from corpora.synthesis.content import Report
from corpora.synthesis.provincial import provincial
from corpora.synthesis.tables import Grid, PrintedCell, PrintedTable, TableStyle
from corpora.synthesis.wording import slip, vary_group, vary_head, vary_label, vary_marks
from pipeline.datamodel import Form, FormRow
from pipeline.forms import load_forms

CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"


def print_tables(rng: random.Random, report: Report, style: TableStyle) -> tuple[PrintedTable, ...]:
    """The report's tables in order, as the style fills them in."""
    form = load_forms()[report.form]
    if form.name == "pre2019" and style.provincial:
        return (provincial(Grid(rng, report, style)),)
    if form.name == "pre2019":
        return (_statistics(Grid(rng, report, style), form),)
    return (
        *_disclosure(rng, report, style, form),
        _requests(Grid(rng, report, style), form),
        _disputes(Grid(rng, report, style), form),
    )


@lru_cache(maxsize=1)
def column_heads() -> Mapping[tuple[str, str], str]:
    """The head above each field of each form."""
    lines = csv.DictReader(files("pipeline.forms").joinpath("fields.csv").read_text(encoding="utf-8").splitlines())
    return {(line["form"], line["field"]): line["head"] for line in lines}


def _disclosure(rng: random.Random, report: Report, style: TableStyle, form: Form) -> Iterator[PrintedTable]:
    grid = Grid(rng, report, style)
    rows = [row for row in form.rows if row.table == "disclosure"]
    for article, group in groupby(rows, key=lambda row: row.labels[0]):
        members = list(group)
        _disclosure_block(grid, form, article, members)
        if style.many_tables:
            yield grid.table("disclosure", (3, 2, 2, 2))
            grid = Grid(rng, report, style)
    if grid.rows:
        yield grid.table("disclosure", (3, 2, 2, 2))


def _disclosure_block(grid: Grid, form: Form, article: str, rows: list[FormRow]) -> None:
    """An article of the regulation: its title over all columns, the heads, and the rows below."""
    chance = grid.style.wording / 3
    grid.add(vary_marks(grid.rng, article, chance), 0, 4, kind="title")
    grid.end("head", article)
    grid.add("信息内容", 0, kind="head")
    spans = {1: (3,), 2: (1, 2), 3: (1, 1, 1)}[len(rows[0].fields)]
    place = 1
    for column, name, span in zip(rows[0].columns, rows[0].fields, spans, strict=True):
        grid.add(vary_head(grid.rng, form, column, column_heads()[form.name, name], chance), place, span, kind="head")
        place += span
    grid.end("head", "信息内容")
    for row in rows:
        label = vary_label(grid.rng, form, row, grid.style.wording, grid.style.slips)
        grid.add(label, 0)
        grid.figures(row, 1, spans)
        grid.end(row.name, label)


def _requests(grid: Grid, form: Form) -> PrintedTable:
    rows = [row for row in form.rows if row.table == "requests" and row.fields[0] in grid.report.values]
    _requests_heads(grid, form, rows[0])
    groups: dict[str, int] = {}
    for row in rows:
        for group in row.labels[:-1]:
            groups[group] = groups.get(group, 0) + 1
    single = form.name == "2021" and "requests.other.fee_unpaid.total" not in grid.report.values
    if single:
        groups.pop("（六）其他处理", None)
    if grid.style.subtotals:
        divided = [group for group in groups if group[0] == "（"]
        groups |= {group: groups[group] + 1 for group in divided}
        groups["三、本年度办理结果"] += len(divided)
    begun: set[str] = set()
    for place, row in enumerate(rows):
        _requests_row(grid, form, row, groups, begun)
        group = row.labels[-2] if len(row.labels) == 3 else ""
        ends = place + 1 == len(rows) or group not in rows[place + 1].labels
        if grid.style.subtotals and group in groups and ends:
            _subtotal(grid, [member for member in rows if group in member.labels])
    return grid.table("requests", (0.8, 1.7, 4.3, *(1.0,) * 7), head_rows=3, labels=3)


def _requests_heads(grid: Grid, form: Form, row: FormRow) -> None:
    chance, rng = grid.style.wording / 4, grid.rng
    padded = grid.style.padded_heads
    names = [
        vary_head(rng, form, column, column_heads()[form.name, name], chance)
        for column, name in zip(row.columns, row.fields, strict=True)
    ]
    grid.add(vary_marks(rng, CORNER, chance) if grid.style.corner else "", 0, 3, down=3, kind="head")
    grid.add("申请人情况", 3, 7, kind="head")
    grid.end("head", "申请人情况")
    grid.add(names[0], 3, down=1 if padded else 2, kind="head")
    grid.add("法人或其他组织", 4, 5, kind="head")
    grid.add(names[-1], 9, down=1 if padded else 2, kind="head")
    grid.end("head", names[0])
    for place, name in enumerate(names[1:-1], 4):
        grid.add(name, place, kind="head")
    if padded:
        grid.add("", 3, kind="head")
        grid.add("", 9, kind="head")
    grid.end("head", names[1])


def _requests_row(grid: Grid, form: Form, row: FormRow, groups: Mapping[str, int], begun: set[str]) -> None:
    """A row with the cells of the groups that begin in it; its own label takes the columns left over."""
    style, rng = grid.style, grid.rng
    inside = [group for group in row.labels[:-1] if group in groups]
    for depth, group in enumerate(inside):
        if group not in begun:
            begun.add(group)
            grid.add(vary_group(rng, group, style.wording), depth, down=groups[group])
    label = vary_label(rng, form, row, style.wording, style.slips)
    if len(row.labels) == 3 and len(inside) == 1:
        label = vary_group(rng, row.labels[1], style.wording)
    column = len(inside)
    if column == 1 and style.split_other and "其" in label[:6]:
        grid.add(label, 1)
        grid.add("", 2)
    else:
        grid.add(label, column, 3 - column)
    grid.figures(row, 3, (1,) * 7)
    grid.end(row.name, label)


def _subtotal(grid: Grid, members: list[FormRow]) -> None:
    """A provincial addition: the sum of a group, a row that no field of the form means."""
    grid.add("小计", 2)
    for place in range(7):
        total = sum(grid.report.values[row.fields[place]] for row in members)
        grid.cells.append(PrintedCell(str(total), len(grid.rows), 3 + place, kind="figure", value=total))
    grid.end("none", "小计")


def _disputes(grid: Grid, form: Form) -> PrintedTable:
    """Table four: two groups of heads over one row of fifteen figures."""
    row = next(row for row in form.rows if row.table == "review_litigation")
    left = 1 if grid.style.row_head_in_disputes else 0
    padded, chance = grid.style.padded_heads, grid.style.wording / 4
    names = [column_heads()[form.name, name] for name in row.fields]
    names = ["合计" if name == "总计" and grid.rng.random() < chance else name for name in names]
    if left:
        grid.add("", 0, down=3, kind="head")
    grid.add("行政复议", left, 5, kind="head")
    grid.add("行政诉讼", left + 5, 10, kind="head")
    grid.end("head", "行政复议")
    for place in range(5):
        grid.add(names[place], left + place, down=1 if padded else 2, kind="head")
    grid.add("未经复议直接起诉", left + 5, 5, kind="head")
    grid.add("复议后起诉", left + 10, 5, kind="head")
    grid.end("head", names[0])
    for place in range(0 if padded else 5, 15):
        grid.add("" if place < 5 else names[place], left + place, kind="head")
    grid.end("head", names[5])
    if left:
        grid.add("数量", 0)
    grid.figures(row, left, (1,) * 15)
    grid.end(row.name, "数量" if left else "")
    return grid.table("review_litigation", (1.0,) * (15 + left), head_rows=3, labels=left)


def _statistics(grid: Grid, form: Form) -> PrintedTable:
    """政府信息公开情况统计表: the groups have rows of their own without figures."""
    for place, name in enumerate(grid.rng.choice((("统计指标", "单位", "统计数"), ("指标名称", "计量单位", "统计数")))):
        grid.add(name, place, kind="head")
    grid.end("head", "统计指标")
    printed: list[str] = []
    for row in form.rows:
        for depth, group in enumerate(row.labels[:-1]):
            if not any(label.startswith(group) for label in printed[-40:]) or (depth == 0 and group not in printed):
                _group_row(grid, group, depth)
                printed = [group] if depth == 0 else [*printed, group]
        label = vary_label(grid.rng, form, row, grid.style.wording, grid.style.slips)
        grid.add("　　" * (len(row.labels) - 1) + label, 0)
        grid.add(row.units[0], 1)
        grid.figures(row, 2, (1,))
        grid.end(row.name, label)
        printed = [row.labels[-1]] if len(row.labels) == 1 else [*printed, row.labels[-1]]
    return grid.table("statistics", (6.5, 1, 1.6), head_rows=1)


def _group_row(grid: Grid, group: str, depth: int) -> None:
    label = slip(grid.rng, vary_marks(grid.rng, group, grid.style.wording), grid.style.slips)
    grid.add("　　" * depth + label, 0)
    grid.add("", 1)
    grid.add("", 2)
    grid.end("none", label)
