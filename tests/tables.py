"""Tables and rows made by hand for tests: written as lists of texts, as they would stand on paper."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.datamodel import Cell, Form, LabelledRow, Line, Location, Row, Table
from pipeline.forms import load_forms

COLUMNS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")


def table(texts: Sequence[Sequence[str]], origin: str = "html") -> Table:
    """A table without merged cells; spans count up through the texts as if they stood one after the other."""
    cells: list[Cell] = []
    offset = 0
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            cells.append(Cell(text, row, column, Location(1, span=(offset, offset + len(text)))))
            offset += len(text) + 1
    return Table(origin, tuple(cells), Location(1, span=(0, offset)))


def line(text: str) -> Line:
    return Line(text, Location(1, span=(0, len(text))))


def requests_row(
    name: str, figures: Sequence[object], heads: Sequence[str] = COLUMNS, sure: float = 1.0, index: int = 0
) -> LabelledRow:
    """A row of table three that the classifier names with probability `sure`."""
    cells = tuple(Cell(str(figure), 0, 3 + i, Location(1, span=(i, i + 1))) for i, figure in enumerate(figures))
    row = Row(0, index, "html", (name,), cells, tuple(heads) or ("",) * len(cells), Location(1))
    return LabelledRow(row, {f"requests.{name}": sure, "none": 1 - sure})


def zero_requests(form: Form | None = None, **figures: Sequence[object]) -> list[LabelledRow]:
    """All rows of table three in the form's order, zero but for the rows named (dots written as two underscores)."""
    form = form or load_forms()["2021"]
    given = {name.replace("__", "."): values for name, values in figures.items()}
    names = [row.name.removeprefix("requests.") for row in form.rows if row.table == "requests"]
    return [requests_row(name, given.get(name, [0] * 7), index=i) for i, name in enumerate(names)]
