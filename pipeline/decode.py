"""Which readings of a whole document agree with everything it prints, and what all of them say of each field.

For each row of the form there is a domain of alternatives: rows of the document that it may be, ways to cut a run of
digits, candidates of a cell that is hard to read. The statutory identities are linear equations over the fields. An
alternative stays that takes part in at least one reading of all rows that satisfies them (`support.py`); a field is
settled where all that stay agree. Identities never make a figure, and never make a row surer than its label did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from pipeline.columns import Cells, Fit
from pipeline.datamodel import Field, Form, FormRow, Number, Problem, Row
from pipeline.forms import load_forms
from pipeline.support import Budget, supported
from pipeline.text import ParsedNumber, parse_number

_FAR_LIKELIER = 20
_MOST_ALTERNATIVES = 1_000  # of one row of the form
_BY_ONE, _BY_SEVERAL = 0.98, 0.999  # how sure one and several identities are of a cell that could not be read
_UNIT = 10**6  # decimals are counted in millionths
_ABSENT = ParsedNumber("absent")
_UNREADABLE = ParsedNumber("unreadable")
_SURELY_ABSENT = 0.99  # of a row; one that may stand where it was not found leaves every sum open


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of the document read as one row of the form, with the probability that it is that row."""

    row: int
    share: float
    fit: Fit | None

    @property
    def sure(self) -> float:
        """How sure a cell of it is before any identity over several rows is asked."""
        return self.share * self.fit.certainty if self.fit else 0.0


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to read a row of the form: what each of its columns then says, and where."""

    reading: Reading
    cells: Cells
    figures: tuple[ParsedNumber, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """The ways to read one row of the form, and the probability of those that were too unlikely to keep."""

    form_row: FormRow
    alternatives: tuple[Alternative, ...]
    doubt: float = 0.0
    absence: float = 0.0  # how sure it is that the document has no such row


def decode(
    readings: Sequence[Sequence[Reading]],
    absences: Mapping[int, float],
    rows: Sequence[Row],
    form: Form,
    threshold: float,
) -> tuple[dict[str, Field], tuple[Problem, ...]]:
    """A field for each field of the form from the readings of each row of the form, and the trouble met.

    `absences` tells how sure it is that rows of the form without a reading are not in the document. At most a million
    sums are formed (less than a second); beyond that what is open stays unreadable, with a problem.
    """
    domains = [
        _domain(form_row, found, rows, absences.get(place, 0.0))
        for place, (form_row, found) in enumerate(zip(form.rows, readings, strict=True))
    ]
    stay, asked, problems = _settle(domains, form)
    fields: dict[str, Field] = {}
    for place, domain in enumerate(domains):
        for field in _fields(domain, stay.get(place), asked, rows, threshold):
            fields[field.name] = field
    return fields, problems


def _domain(form_row: FormRow, readings: Sequence[Reading], rows: Sequence[Row], absence: float) -> Domain:
    best = max((reading.sure for reading in readings), default=0.0)
    likely = [reading for reading in readings if reading.sure * _FAR_LIKELIER >= best]
    doubt = sum(reading.sure for reading in readings if reading.sure * _FAR_LIKELIER < best)
    alternatives = tuple(one for reading in likely for one in _alternatives(form_row, reading, rows))
    return Domain(form_row, alternatives, doubt, absence)


def _alternatives(form_row: FormRow, reading: Reading, rows: Sequence[Row]) -> Iterator[Alternative]:
    """The ways in which one row of the document may be read as a row of the form; cells with too many of them keep
    what is unreadable unreadable."""
    if reading.fit is None:
        unread = _unread(rows[reading.row])
        yield Alternative(reading, (None,) * len(form_row.fields), (unread,) * len(form_row.fields))
        return
    for cells in reading.fit.readings:
        figures = [parse_number(cell.text) if cell else _ABSENT for cell in cells]
        choices = [_choices(figure) for figure in figures]
        count = 1
        for choice in choices:
            count *= len(choice)
        if count == 1 or count > _MOST_ALTERNATIVES:
            yield Alternative(reading, cells, tuple(figures))
        else:
            for chosen in product(*choices):
                yield Alternative(reading, cells, chosen)


def _choices(figure: ParsedNumber) -> tuple[ParsedNumber, ...]:
    """What a cell may say; that of a cell with a single candidate is not known to be among its candidates."""
    if figure.state != "unreadable" or len(figure.candidates) < 2:
        return (figure,)
    return tuple(ParsedNumber("printed", value) for value in figure.candidates)


def _unread(row: Row) -> ParsedNumber:
    """All numbers of a row whose cells fit no columns; a run of digits has none that is known."""
    if row.origin == "run":
        return _UNREADABLE
    parsed = [parse_number(cell.text) for cell in row.cells]
    numbers = [number for one in parsed for number in (one.candidates if one.value is None else (one.value,))]
    return ParsedNumber("unreadable", candidates=tuple(dict.fromkeys(numbers)))


@dataclass(frozen=True, slots=True)
class _Equation:
    """An identity as places (row, column) in the form, left and right."""

    id: str
    left: tuple[tuple[int, int], ...]
    right: tuple[tuple[int, int], ...]

    @property
    def rows(self) -> frozenset[int]:
        return frozenset(row for row, _ in (*self.left, *self.right))


@lru_cache(maxsize=8)
def _equations(form: str) -> tuple[_Equation, ...]:
    places = {
        name: (row, column)
        for row, form_row in enumerate(load_forms()[form].rows)
        for column, name in enumerate(form_row.fields)
    }

    def side(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
        return tuple(places[name] for name in names)

    return tuple(_Equation(one.id, side(one.left), side(one.right)) for one in load_forms()[form].identities)


def _settle(
    domains: Sequence[Domain], form: Form
) -> tuple[dict[int, list[Alternative]], Mapping[str, tuple[str, ...]], tuple[Problem, ...]]:
    """For each row with several alternatives those that stay; for each field the identities that were asked about it;
    and a problem where there was too much to ask."""
    open_rows = [place for place, domain in enumerate(domains) if len(domain.alternatives) > 1]
    if not open_rows:
        return {}, {}, ()
    usable = [one for one in _equations(form.name) if one.rows & set(open_rows) and _is_usable(one, domains)]
    usable = [one for one in usable if not _fails_alone(one, domains)]
    stay = {place: list(domains[place].alternatives) for place in open_rows}
    kept = _supported(stay, usable, domains)
    problems: tuple[Problem, ...] = ()
    for place, found in kept.items():
        if found is None:
            problems = (_TOO_MANY,)
        elif found:
            stay[place] = [stay[place][a] for a in found]
    lost = {place: stay[place] for place, found in kept.items() if not found}
    if lost:  # the report's own sums are wrong, or too many: what a row says by itself is all that counts
        alone = [one for one in usable if len(one.rows) == 1]
        for place, found in _supported(lost, alone, domains).items():
            stay[place] = [stay[place][a] for a in found] if found else stay[place]
        usable = [one for one in usable if not one.rows & set(lost) or len(one.rows) == 1]
    asked: dict[str, tuple[str, ...]] = {}
    for one in usable:
        for row, column in (*one.left, *one.right):
            name = form.rows[row].fields[column]
            asked[name] = (*asked.get(name, ()), one.id)
    return stay, asked, problems


def _is_usable(equation: _Equation, domains: Sequence[Domain]) -> bool:
    """Whether an identity can tell: every cell is known or one of known values, and both sides print something."""
    for side in (equation.left, equation.right):
        printed = False
        for row, column in side:
            domain = domains[row]
            if not domain.alternatives:
                if domain.absence < _SURELY_ABSENT:
                    return False
                continue
            states = {one.figures[column].state for one in domain.alternatives}
            if "unreadable" in states:
                return False
            printed = printed or states == {"printed"}
        if not printed:
            return False
    return True


def _fails_alone(equation: _Equation, domains: Sequence[Domain]) -> bool:
    """Whether an identity within one row holds for no reading of the row: then the report is wrong there."""
    if len(equation.rows) > 1:
        return False
    (row,) = equation.rows
    return all(_sum(equation, row, one) for one in domains[row].alternatives)


def _supported(
    open_rows: Mapping[int, Sequence[Alternative]], equations: Sequence[_Equation], domains: Sequence[Domain]
) -> dict[int, tuple[int, ...] | None]:
    """For each open row the places of its alternatives that some reading of all rows holds."""
    vectors = [[tuple(_sum(one, row, each) for one in equations) for each in found] for row, found in open_rows.items()]
    targets = tuple(
        -sum(
            _sum(one, row, domains[row].alternatives[0])
            for row in one.rows
            if row not in open_rows and domains[row].alternatives
        )
        for one in equations
    )
    return dict(zip(open_rows, supported(vectors, targets, Budget()), strict=True))


def _sum(equation: _Equation, row: int, alternative: Alternative) -> int:
    """What a reading of a row adds to the left side of an identity, less what it adds to the right, in millionths."""
    figures = alternative.figures
    left = sum(_millionths(figures[column].value) for place, column in equation.left if place == row)
    return left - sum(_millionths(figures[column].value) for place, column in equation.right if place == row)


def _millionths(value: Number | None) -> int:
    return round((value or 0) * _UNIT)


def _fields(
    domain: Domain,
    stay: Sequence[Alternative] | None,
    asked: Mapping[str, tuple[str, ...]],
    rows: Sequence[Row],
    threshold: float,
) -> Iterator[Field]:
    """What all the readings that stay say of each field of a row."""
    if not domain.alternatives:
        for name in domain.form_row.fields:
            yield Field(name, None, "absent", confidence=domain.absence, accepted=domain.absence >= threshold)
        return
    stay = stay or domain.alternatives
    for column, name in enumerate(domain.form_row.fields):
        yield _field(name, column, domain, stay, asked.get(name, ()), rows, threshold)


def _field(
    name: str,
    column: int,
    domain: Domain,
    stay: Sequence[Alternative],
    asked: tuple[str, ...],
    rows: Sequence[Row],
    threshold: float,
) -> Field:
    best = max(stay, key=lambda one: one.reading.sure)
    figure, cell = best.figures[column], best.cells[column]
    if any(one.figures[column] != figure for one in stay) or figure.state == "unreadable":
        return _unsettled(name, column, stay, rows)
    if cell is None:
        return Field(name, None, "absent")
    because = best.reading.fit.because if best.reading.fit else ()
    chosen = any(one.figures[column] != figure for one in domain.alternatives)
    because = tuple(dict.fromkeys((*because, *asked))) if chosen else because
    by_row = {one.reading.row: one.reading.sure for one in stay}
    sure = min(1.0, sum(by_row.values())) * (1.0 if len(by_row) > 1 else max(1 - domain.doubt, 0.0))
    if parse_number(cell.text).state == "unreadable":
        sure = min(sure, _BY_SEVERAL if len(because) > 1 else _BY_ONE)
    return Field(name, figure.value, figure.state, cell.text, sure, sure >= threshold, cell.location, (), because)


def _unsettled(name: str, column: int, stay: Sequence[Alternative], rows: Sequence[Row]) -> Field:
    """A field about which readings that all stay disagree, with what they say."""
    figures = [one.figures[column] for one in stay]
    candidates = {value for figure in figures for value in (figure.value, *figure.candidates) if value is not None}
    best = max(stay, key=lambda one: one.reading.sure)
    row = rows[best.reading.row]
    cell = best.cells[column]
    alone = cell is not None and all(one.cells[column] == cell for one in stay)
    raw = cell.text if cell is not None and alone else " ".join(one.text for one in row.cells)
    place = cell.location if cell is not None and alone else row.location
    return Field(name, None, "unreadable", raw, 0.0, False, place, tuple(sorted(candidates)))


_TOO_MANY = Problem(
    "decode",
    "too_many_readings",
    "The cells ran together in more ways than can be told apart; see the candidates of what is unreadable.",
)
