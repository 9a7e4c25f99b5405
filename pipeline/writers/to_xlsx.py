"""Records as an Excel workbook: a sheet for each table of each form, the panel, and what everything means, in Chinese.

A cell shows its figure as a number; colours say what is not accepted, absent, unreadable, or said by a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.version import __version__
from pipeline.writers import tidy, whole_path
from pipeline.writers.panel import field_rows, panel_cells, variables
from pipeline.writers.sheets import NO_FIGURE, Figure, FigureSheet, Heading, ListSheet, Styles

_TITLES = {"disclosure": "主动公开", "requests": "申请办理", "review_litigation": "复议诉讼", "statistics": "统计表"}
_STATUSES = {"accepted": "已采信", "needs_review": "待核", "failed": "失败"}
_WIDTHS = {"path": 30, "agency": 26, "title": 40, "field": 44, "label": 50, "variable": 44, "fields": 60, "reason": 90}
_WIDTHS |= {"agency_key": 26, "may_be": 26, "years": 24, "its_years": 24}
_WIDTHS |= {"sha256": 14, "problems": 24, "variables": 44, "head": 24, "model": 16, "media_type": 18}
_ABOUT = (
    "每份年报一行；表头四行：分组、行标签、列头、字段名。字段名与说明见“数据字典”。",
    "工作表按表式（2021、2019、pre2019）和表分列；“面板”按“口径对照”把三种表式的字段归到同一名称之下。",
    "“存疑机关”列出可能为同一机关而未予合并的名称；“机关键”相同的年报属同一机关。",
    "数值一律为文件印出的数值，不作推算；面板中的合计是已印出各项之和，空白格不计；有一项无法识别或文件中没有时，不给合计。",
)
_LEGEND = (
    ("", False, "123", "数字：文件中印出的数值，无需人工核对；无填色的空单元格：该格在文件中空白，或为“/”“—”“无”。"),
    ("doubtful", False, "123", "黄色：待人工核对。"),
    ("unreadable", False, "", "橙色：有此格，但无法从文件确定其数值。"),
    ("absent", False, "", "灰色：文件中没有此行或此列；面板中：该表式没有对应字段。"),
    ("corrected", False, "123", "绿色：经人工核定。"),
    ("", True, "123", "斜体（面板）：口径相近而不完全相同，差别见“口径对照”。"),
)


def write(records: Iterable[Mapping[str, Any]], path: str | Path) -> int:
    """Write a workbook; the number of records written. Raises UsageError where there are more than a sheet holds.

    Sheets of forms that no record has are hidden. The rows wait in temporary files beside the workbook.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    target = Path(path)
    with whole_path(target) as draft, TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
        workbook = Workbook(draft, {"constant_memory": True, "tmpdir": scratch})
        try:
            book = _Book(workbook)
            for record in records:
                book.add(record)
            book.close()
        except FileCreateError as error:
            raise error.args[0] from None
        finally:
            for sheet in workbook.worksheets():
                sheet.row_data_fh.close()
    return book.number


class _Book:
    """A workbook with its sheets; `number` records are in it."""

    def __init__(self, workbook: Any) -> None:
        self.number = 0
        self._workbook, self._styles = workbook, Styles(workbook)
        workbook.use_zip64()
        self._about = workbook.add_worksheet("说明")
        self._documents = self._new_list(tidy.documents(), "文档")
        self._tables = {
            (form, table): (self._new_figures(_sheet_name(form, table), headings), [one.name for one in headings])
            for form, table, headings in _form_tables()
        }
        panel = [Heading("", one.label, one.unit, one.name) for one in variables()]
        self._panel = self._new_figures("面板", panel)
        self._links = tidy.links()

    def add(self, record: Mapping[str, Any]) -> None:
        """Add a record's line to each sheet that it belongs to."""
        self.number += 1
        for line in tidy.documents().lines(record):
            self._documents.add(line)
        self._links.lines(record)
        if record["form"] is None:
            return
        status = _STATUSES[record["status"]]
        lead = (record["agency"], record["year"], record["form"], status, record["source"]["path"])
        for (form, _), (sheet, names) in self._tables.items():
            if form == record["form"]:
                sheet.add(lead, (_figure(record["fields"].get(name)) for name in names))
        cells = {
            cell.variable: Figure(cell.value, _fill(cell.state, cell.accepted), cell.match == "close")
            for cell in panel_cells(record)
        }
        self._panel.add(lead, (cells.get(one.name, NO_FIGURE) for one in variables()))

    def close(self) -> None:
        """Write the sheets that stand in every workbook, and the file."""
        dictionary, concordance = tidy.dictionary(), tidy.concordance()
        for name, table, lines in (
            ("存疑机关", self._links, self._links.ends()),
            ("数据字典", dictionary, dictionary.lines({})),
            ("口径对照", concordance, concordance.lines({})),
        ):
            sheet = self._new_list(table, name)
            for line in lines:
                sheet.add(line)
            sheet.finish()
        for figures, _ in self._tables.values():
            figures.finish()
        self._documents.finish()
        self._panel.finish()
        self._write_about()
        self._workbook.close()

    def _new_list(self, table: tidy.Table, name: str) -> ListSheet:
        columns = [
            (column.title, column.name, _WIDTHS.get(column.name, 11) if column.kind == "text" else 11)
            for column in table.columns
        ]
        return ListSheet(self._workbook.add_worksheet(name), self._styles, columns)

    def _new_figures(self, name: str, headings: list[Heading]) -> FigureSheet:
        return FigureSheet(self._workbook.add_worksheet(name), self._styles, headings)

    def _write_about(self) -> None:
        sheet, styles = self._about, self._styles
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 110)
        sheet.write_string(0, 0, "政府信息公开工作年度报告数据", styles.title)
        sheet.write_string(1, 0, f"共 {self.number} 份文件；nianbao {__version__} 导出。", styles.plain)
        for row, text in enumerate(_ABOUT, 3):
            sheet.write_string(row, 0, text, styles.plain)
        for row, (fill, close, example, text) in enumerate(_LEGEND, 4 + len(_ABOUT)):
            sheet.write_string(row, 0, example, styles.figures[fill, close])
            sheet.write_string(row, 1, text, styles.plain)


def _form_tables() -> Iterable[tuple[str, str, list[Heading]]]:
    for (form, table), rows in groupby(field_rows(), key=lambda row: (row["form"], row["table"])):
        headings = []
        for row in rows:
            *groups, label = row["label"].split("/")
            headings.append(Heading(" / ".join(groups), label, f"{row['head']}\n（{row['unit']}）", row["field"]))
        yield form, table, headings


def _sheet_name(form: str, table: str) -> str:
    return f"{form} {_TITLES.get(table, table)}"[:31]


def _figure(field: Mapping[str, Any] | None) -> Figure:
    if field is None:
        return NO_FIGURE
    fill = _fill(field["state"], field["accepted"])
    return Figure(field["value"], "corrected" if "corrected" in field and fill in ("", "absent") else fill)


def _fill(state: str, accepted: bool) -> str:
    if state == "unreadable":
        return state
    return "doubtful" if not accepted else "absent" if state == "absent" else ""
