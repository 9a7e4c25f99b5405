"""The ways in which each row of a form may be read: rows of the document that it may be, ways to cut a run of digits,
candidates of cells that are hard to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from pipeline.columns import Cells, Fit
from pipeline.datamodel import Cell, FormRow, Row
from pipeline.text import ParsedNumber, parse_number

_FAR_LIKELIER = 20
_MOST_ALTERNATIVES = 1_000  # of one row of the form
_ABSENT = ParsedNumber("absent")
_BLANK = ParsedNumber("blank")
_UNREADABLE = ParsedNumber("unreadable")
LOSES_CELLS = frozenset({"pipes", "tabs", "spaces", "lines"})  # tables whose figures fall out of their rows


class Reading(NamedTuple):
    """One row of the document read as one row of the form, with the probability that it is that row."""

    row: int
    share: float
    fit: Fit | None

    @property
    def sure(self) -> float:
        """How sure a cell of it is before any identity over several rows is asked."""
        return self.share * self.fit.certainty if self.fit else 0.0


class Alternative(NamedTuple):
    """One way to read a row of the form: what each of its columns then says, and where."""

    reading: Reading
    cells: Cells
    figures: tuple[ParsedNumber, ...]


class Domain(NamedTuple):
    """The ways to read one row of the form, and the probability of those that were too unlikely to keep."""

    form_row: FormRow
    alternatives: tuple[Alternative, ...]
    doubt: float
    absence: float  # how sure it is that the document has no such row
    own_sums: Mapping[str, tuple[str, ...]]  # for each field the identities that stand within the row
    strays: frozenset[Cell]  # figures from outside the row that may be its one blank cell's


def domain_of(
    form_row: FormRow,
    readings: Sequence[Reading],
    rows: Sequence[Row],
    absence: float,
    strays: Sequence[Cell],
    sums: Mapping[str, tuple[str, ...]],
) -> Domain:
    """The ways to read a row of the form but those far less likely than the best; `sums` are the identities within the
    row, by field."""
    likely, doubt = readings, 0.0
    if len(readings) > 1:
        best = max(reading.sure for reading in readings)
        likely = [reading for reading in readings if reading.sure * _FAR_LIKELIER >= best]
        doubt = sum(reading.sure for reading in readings if reading.sure * _FAR_LIKELIER < best)
    alternatives = [one for reading in likely for one in _alternatives(form_row, reading, rows)]
    if strays and len(alternatives) == 1 and rows[alternatives[0].reading.row].origin in LOSES_CELLS:
        alternatives += _with_strays(alternatives[0], strays)
    fallen = frozenset(strays) if len(alternatives) > 1 else frozenset()
    return Domain(form_row, tuple(alternatives), doubt, absence, sums, fallen)


def _with_strays(alternative: Alternative, strays: Sequence[Cell]) -> Iterator[Alternative]:
    """The row with each of the strays in its one blank cell; nothing where no cell or several are blank."""
    blanks = [place for place, figure in enumerate(alternative.figures) if figure.state == "blank"]
    if len(blanks) != 1:
        return
    at = blanks[0]
    for stray in strays:
        cells = (*alternative.cells[:at], stray, *alternative.cells[at + 1 :])
        figures = (*alternative.figures[:at], parse_number(stray.text), *alternative.figures[at + 1 :])
        yield Alternative(alternative.reading, cells, figures)


def _alternatives(form_row: FormRow, reading: Reading, rows: Sequence[Row]) -> Iterator[Alternative]:
    """The ways in which one row of the document may be read as a row of the form; where its cells have too many
    candidates, what is unreadable stays so."""
    if reading.fit is None:
        unread = _unread(rows[reading.row])
        yield Alternative(reading, (None,) * len(form_row.fields), (unread,) * len(form_row.fields))
        return
    for cells in reading.fit.readings:
        figures = tuple([figure_of(cell) if cell else _ABSENT for cell in cells])
        pairs = zip(cells, figures, strict=True)
        choices = [_choices(cell, figure) for cell, figure in pairs if figure.state == "unreadable"]
        if not 1 < prod(map(len, choices)) <= _MOST_ALTERNATIVES:
            yield Alternative(reading, cells, figures)
            continue
        for chosen in product(*choices):
            left = iter(chosen)
            yield Alternative(
                reading, cells, tuple([next(left) if one.state == "unreadable" else one for one in figures])
            )


def options_of(cell: Cell) -> tuple[ParsedNumber, ...]:
    """What the cell of a picture may say, each figure once; what cannot be read may be nothing."""
    found = (parse_number(text) for text in cell.readings)
    return tuple(dict.fromkeys(one if one.state == "printed" else _BLANK for one in found))


def figure_of(cell: Cell) -> ParsedNumber:
    """What a cell says; all that its readings may be where a picture leaves a choice."""
    if not cell.readings:
        return parse_number(cell.text)
    values = (parse_number(text).value for text in cell.readings)
    return ParsedNumber("unreadable", candidates=tuple(dict.fromkeys(value for value in values if value is not None)))


def _choices(cell: Cell | None, figure: ParsedNumber) -> tuple[ParsedNumber, ...]:
    """What a cell may say; that of a cell with a single candidate is not known to be among its candidates. A zero that
    may be no figure stays open, as no sum tells the two apart."""
    if len(figure.candidates) < 2:
        return (figure,)
    printed = tuple(ParsedNumber("printed", value) for value in figure.candidates)
    nothing = cell is not None and 0 in figure.candidates and _BLANK in options_of(cell)
    return (*printed, _BLANK) if nothing else printed


def _unread(row: Row) -> ParsedNumber:
    """All numbers of a row whose cells fit no columns; a run of digits has none that is known."""
    if row.origin == "run":
        return _UNREADABLE
    parsed = [figure_of(cell) for cell in row.cells]
    numbers = [number for one in parsed for number in (one.candidates if one.value is None else (one.value,))]
    return ParsedNumber("unreadable", candidates=tuple(dict.fromkeys(numbers)))
