"""The statutory tables as abstract grids: every cell with its text, place, spans and field, for any renderer."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from corpora.synthesis.content import Report
from pipeline.datamodel import FormRow, Number

Kind = Literal["title", "head", "label", "figure"]
_NOTES = ("（其中修订{}件）", "（含修订{}件）", "(其中转办{}件)", "（含上级转交{}件）")
_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell as printed: 0-based place, spans, the field it shows (None for labels) and that field's gold value."""

    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    kind: Kind = "label"
    field: str | None = None
    value: Number | None = None


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """What a row of the grid is: the name of a form's row, "head" or "none", and its own label."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A grid of cells that covers rows times columns; `widths` are the columns' shares of the width."""

    name: str
    widths: tuple[float, ...]
    rows: tuple[PrintedRow, ...]
    cells: tuple[PrintedCell, ...]
    head_rows: int = 0
    label_columns: int = 1

    def at_row(self, row: int) -> list[PrintedCell]:
        """The cells that begin in the row, from left to right."""
        return sorted((cell for cell in self.cells if cell.row == row), key=lambda cell: cell.column)


@dataclass(frozen=True, slots=True)
class TableStyle:
    """How an office fills in the form. The shares are chances for each cell or label.

    `zero` is what stands for a zero (in `zero_share` of them); `noted` figures carry a note in brackets.
    `single_other` fixes whether （六）其他处理 is undivided; None leaves it to chance. `provincial` prints the short
    table that one province used before 2019 in place of the national one.
    """

    zero: str = "0"
    zero_share: float = 1.0
    blank_totals: bool = False
    noted: float = 0.0
    thousands: bool = False
    unit_in_amount: float = 0.0
    trailing_zeros: float = 0.0
    plus: float = 0.0
    full_width: bool = False
    wording: float = 0.0
    slips: float = 0.0
    subtotals: bool = False
    padded_heads: bool = False
    corner: bool = True
    many_tables: bool = False
    split_other: bool = False
    row_head_in_disputes: bool = False
    single_other: bool | None = None
    provincial: bool = False


@dataclass(slots=True)
class Grid:
    """A table under construction."""

    rng: random.Random
    report: Report
    style: TableStyle
    rows: list[PrintedRow] = field(default_factory=list)
    cells: list[PrintedCell] = field(default_factory=list)

    def add(self, text: str, column: int, span: int = 1, *, down: int = 1, kind: Kind = "label") -> None:
        self.cells.append(PrintedCell(text, len(self.rows), column, down, span, kind))

    def figures(self, row: FormRow, column: int, spans: Iterable[int]) -> None:
        for name, kind, unit, span in zip(row.fields, row.kinds, row.units, spans, strict=True):
            text, value = print_figure(self.rng, self.style, self.report.values[name], name, (kind, unit))
            self.cells.append(PrintedCell(text, len(self.rows), column, 1, span, "figure", name, value))
            column += span

    def end(self, name: str, label: str) -> None:
        self.rows.append(PrintedRow(name, label))

    def table(self, name: str, widths: Iterable[float], head_rows: int = 0, labels: int = 1) -> PrintedTable:
        return PrintedTable(name, tuple(widths), tuple(self.rows), tuple(self.cells), head_rows, labels)


def gold_values(tables: Iterable[PrintedTable]) -> dict[str, Number | None]:
    """The gold value of every printed field, None where the cell is blank."""
    return {cell.field: cell.value for table in tables for cell in table.cells if cell.field}


def print_figure(
    rng: random.Random, style: TableStyle, value: Number, name: str, of: tuple[str, str]
) -> tuple[str, Number | None]:
    """The text of a cell and what it is worth as gold; `of` is the field's kind and unit."""
    if style.blank_totals and name.endswith(".total") and rng.random() < 0.85:
        return "", None
    if value == 0 and style.zero != "0" and rng.random() < style.zero_share:
        return style.zero, None
    kind, unit = of
    text = f"{value:,}" if style.thousands and abs(value) >= 1000 else str(value)
    if kind == "amount":
        text = _amount(rng, text, style) + (unit if rng.random() < style.unit_in_amount else "")
    elif kind == "change" and value > 0 and rng.random() < style.plus:
        text = "+" + text
    elif kind == "count" and value >= 2 and rng.random() < style.noted:
        text += rng.choice(_NOTES).format(rng.randint(1, int(value)))
    return text.translate(_FULL_WIDTH) if style.full_width else text, value


def _amount(rng: random.Random, text: str, style: TableStyle) -> str:
    """The amount, now and then with the trailing zeros that spreadsheets leave."""
    if rng.random() >= style.trailing_zeros:
        return text
    return text + (".00" if "." not in text else "0")
