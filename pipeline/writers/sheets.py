"""The two kinds of sheet in a workbook: lists of text, and figures under headings of four lines, a document a line.

All text is written as text, so that nothing out of a document becomes a formula or a link. Lines must come from above
to below: each goes to a temporary file as soon as the next one begins (XlsxWriter's constant memory).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from pipeline.errors import UsageError

ROWS = 1_048_576  # that a sheet of Excel holds
FILLS = {"": "", "doubtful": "#FFF2CC", "unreadable": "#F4B183", "absent": "#E7E6E6", "corrected": "#E2EFDA"}
_LONGEST = 32_767  # characters that a cell of Excel holds
_EXACT = 2**53  # up to which Excel's numbers are exact
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class Heading(NamedTuple):
    """What stands above a column of figures: the groups of its label, the label, its own head, and its name."""

    group: str
    label: str
    head: str
    name: str


class Figure(NamedTuple):
    """A cell: its number, None where it shows none; the name of its fill; whether it is only close in meaning."""

    value: int | float | None
    fill: str = ""
    close: bool = False


NO_FIGURE = Figure(None, "absent")


class Styles:
    """The formats of a workbook's cells."""

    def __init__(self, workbook: Any) -> None:
        plain = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        head = {**plain, "border": 1, "border_color": "#BFBFBF", "text_wrap": True}
        self.plain = workbook.add_format(plain)
        self.quoted = workbook.add_format({**plain, "quote_prefix": True})
        self.title = workbook.add_format({**plain, "bold": True, "font_size": 16})
        self.head = workbook.add_format({**head, "bold": True, "bg_color": "#D9E2F3", "align": "center"})
        self.name = workbook.add_format({**head, "font_size": 8, "font_color": "#7F7F7F"})
        self.figures = {
            (name, close): workbook.add_format({**plain, "italic": close, **({"bg_color": fill} if fill else {})})
            for name, fill in FILLS.items()
            for close in (False, True)
        }


class ListSheet:
    """A sheet of texts and numbers under one line of heads, which stays in sight."""

    def __init__(self, sheet: Any, styles: Styles, columns: Sequence[tuple[str, str, float]]) -> None:
        """`columns` are each one's title, name and width."""
        self._sheet, self._styles, self._columns = sheet, styles, len(columns)
        self.lines = 0
        for number, (title, name, width) in enumerate(columns):
            sheet.set_column(number, number, width)
            sheet.write_string(0, number, title or name, styles.head)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def add(self, values: Iterable[Any]) -> None:
        """Add a line. Raises UsageError where the sheet is full."""
        self.lines += 1
        _check(self.lines)
        for column, value in enumerate(values):
            put(self._sheet, self.lines, column, value, self._styles)

    def finish(self) -> None:
        self._sheet.autofilter(0, 0, self.lines, self._columns - 1)


class FigureSheet:
    """A sheet of figures, a document a line; headings and the first two columns stay in sight."""

    LEAD = (("机关", 26), ("年度", 7), ("表式", 8), ("状态", 8), ("文件", 28))
    _HEADS = 4

    def __init__(self, sheet: Any, styles: Styles, headings: Sequence[Heading]) -> None:
        self._sheet, self._styles = sheet, styles
        self._columns = len(self.LEAD) + len(headings)
        self.lines = 0
        for column, (_, width) in enumerate(self.LEAD):
            sheet.set_column(column, column, width)
        sheet.set_column(len(self.LEAD), self._columns - 1, 12)
        for row, height in enumerate((30, 78, 42, 36)):
            sheet.set_row(row, height)
        self._write_heads(headings)
        sheet.freeze_panes(self._HEADS, 2)
        sheet.set_landscape()
        sheet.set_paper(8)  # A3
        sheet.repeat_rows(0, self._HEADS - 1)
        sheet.repeat_columns(0, 1)

    def add(self, lead: Sequence[Any], figures: Iterable[Figure]) -> None:
        """Add a document's line: its agency, year, form, status and path, and a figure for each heading."""
        row = self.lines + self._HEADS
        _check(row)
        self.lines += 1
        for column, value in enumerate(lead):
            put(self._sheet, row, column, value, self._styles)
        for column, figure in enumerate(figures, len(lead)):
            style = self._styles.figures[figure.fill, figure.close]
            if figure.value is None:
                if figure.fill:
                    self._sheet.write_blank(row, column, None, style)
            elif abs(figure.value) > _EXACT:
                self._sheet.write_string(row, column, str(figure.value), style)
            else:
                self._sheet.write_number(row, column, figure.value, style)

    def finish(self) -> None:
        """Set what needs the number of lines; hide the sheet where there is none."""
        head = self._HEADS - 1
        self._sheet.autofilter(head, 0, head + max(1, self.lines), self._columns - 1)
        if not self.lines:
            self._sheet.hide()

    def _write_heads(self, headings: Sequence[Heading]) -> None:
        """Groups and labels above all the columns that they belong to, heads and names above each."""
        start, sheet, styles = len(self.LEAD), self._sheet, self._styles
        for row in range(2):
            for column in range(start):
                sheet.write_blank(row, column, None, styles.head)
            columns = iter(range(start, self._columns))
            for above, run in groupby(heading[: row + 1] for heading in headings):
                places = [column for _, column in zip(run, columns, strict=False)]
                self._merge(row, places[0], places[-1], above[row])
        for column in range(start):
            sheet.write_blank(2, column, None, styles.head)
        for column, heading in enumerate(headings, start):
            sheet.write_string(2, column, heading.head, styles.head)
        for column, (title, _) in enumerate(self.LEAD):
            sheet.write_string(3, column, title, styles.head)
        for column, heading in enumerate(headings, start):
            sheet.write_string(3, column, heading.name, styles.name)

    def _merge(self, row: int, first: int, last: int, text: str) -> None:
        if first == last:
            self._sheet.write_string(row, first, text, self._styles.head)
        else:
            self._sheet.merge_range(row, first, row, last, "", self._styles.head)
            self._sheet.write_string(row, first, text, self._styles.head)


def put(sheet: Any, row: int, column: int, value: Any, styles: Styles) -> None:
    """Write a value as what it is: text as text, cut at what a cell holds; None as nothing."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode("utf-8")[:_LONGEST]
        sheet.write_string(row, column, text, styles.quoted if text.startswith(_FORMULA) else styles.plain)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, styles.plain)
    else:
        sheet.write_number(row, column, value, styles.plain)


def _check(row: int) -> None:
    if row >= ROWS:
        raise UsageError(f"A sheet of Excel holds no more than {ROWS} lines: export to parquet or csv.")
