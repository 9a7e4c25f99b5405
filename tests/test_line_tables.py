"""Tables of which every cell has a line of its own."""

import pytest

from pipeline.datamodel import Line, Location, Table
from pipeline.readers.line_tables import find_single_cells


def read(texts):
    lines = [Line(text, Location(1, span=(10 * at, 10 * at + len(text)))) for at, text in enumerate(texts)]
    return find_single_cells(lines, 0, "\n".join(text.ljust(9) for text in texts))


FIFTEEN = ["20", "0", "1", "0", "21", *"01020", *"00000"]


def test_fifteen_figures_without_heads_are_the_row_without_label() -> None:
    (table,), end = read([*FIFTEEN, "", "五、存在的主要问题"])
    assert isinstance(table, Table)
    assert (table.origin, [cell.text for cell in table.cells], end) == ("lines", FIFTEEN, 15)
    assert table.cells[4].location.span == (40, 42)


@pytest.mark.parametrize("texts", [FIFTEEN[:14], [*FIFTEEN, "7"], [*FIFTEEN[:7], "另有", *FIFTEEN[7:]]])
def test_another_number_of_figures_is_no_such_row(texts) -> None:
    assert read(texts) == ([], 0)
