"""The short table that one province used before 2019: the year beside the running total, some rows of no field."""

from __future__ import annotations

from corpora.synthesis.tables import Grid, PrintedCell, PrintedTable, print_figure
from corpora.synthesis.wording import slip, vary_marks
from pipeline.datamodel import Number

# Label, unit, and the field of the national form that means the same; "" where none does.
_ROWS = (
    ("主动公开文件数", "条", "disclosure.items"),
    ("其中：1、政府网站公开数", "条", "disclosure.channel.website"),
    ("2、政府公报公开数", "条", "disclosure.channel.gazette"),
    ("受理依申请公开信息总数", "条", "requests.received.total"),
    ("其中：1、当面申请数", "条", "requests.received.in_person"),
    ("2、网上申请数", "条", "requests.received.online"),
    ("3、信函、传真申请数", "条", ""),
    ("对申请的答复总数", "条", "requests.answered.total"),
    ("其中：1、同意公开答复数", "条", "requests.answered.granted"),
    ("2、同意部分公开答复数", "条", "requests.answered.partially_granted"),
    ("3、不予公开答复数", "条", "requests.answered.refused.total"),
    ("4、其他类型答复数", "条", ""),
    ("政府信息公开收费减免金额", "元", ""),
    ("接受行政诉讼、举报数", "件", ""),
    ("行政复议数", "件", "review.total"),
    ("行政诉讼数", "件", "litigation.total"),
)
_PARTS = {
    "3、信函、传真申请数": ("requests.received.letter", "requests.received.fax"),
    "4、其他类型答复数": (
        "requests.answered.already_public",
        "requests.answered.other_body",
        "requests.answered.not_existing",
        "requests.answered.correction_requested",
        "requests.answered.redirected",
    ),
    "接受行政诉讼、举报数": ("litigation.total", "complaints.total"),
}


def provincial(grid: Grid) -> PrintedTable:
    """The table: what the year's column shows is gold, the running total is of no field."""
    values, rng, style = grid.report.values, grid.rng, grid.style
    for column, head in enumerate(("指标名称", "计量单位", f"{grid.report.year}年度", "历年累计")):
        grid.add(head, column, kind="head")
    grid.end("head", "指标名称")
    for label, unit, name in _ROWS:
        year: Number = values[name] if name else sum(values[part] for part in _PARTS.get(label, ()))
        running = year + rng.choice((0, rng.randint(0, 9), rng.randint(0, int(year) * 6)))
        printed = slip(rng, vary_marks(rng, label, style.wording), style.slips)
        grid.add(printed, 0)
        grid.add(unit, 1)
        for column, value in enumerate((year, running), 2):
            text, gold = print_figure(rng, style, value, name, ("count", unit))
            of = name if name and column == 2 else None
            grid.cells.append(PrintedCell(text, len(grid.rows), column, kind="figure", field=of, value=gold))
        grid.end(name or "none", printed)
    return grid.table("statistics", (5.0, 1.2, 1.6, 1.6), head_rows=1)
