"""Which readings of a whole document agree with everything it prints, and what all of them say of each field.

For each row of the form there is a domain of alternatives: rows of the document that it may be, ways to cut a run of
digits, candidates of a cell that is hard to read. The statutory identities are linear equations over the fields. An
alternative stays that takes part in at least one reading of all rows that satisfies them (`support.py`); a field is
settled where all that stay agree. Identities never make a figure, and never make a row surer than its label did.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product
from math import prod
from typing import NamedTuple

from pipeline.columns import Cells, Fit
from pipeline.datamodel import Cell, Field, Form, FormRow, Number, Problem, Row
from pipeline.fallen import behind_rows, give_back
from pipeline.forms import load_forms
from pipeline.support import Budget, supported
from pipeline.text import ParsedNumber, parse_number
from pipeline.vouching import BY_ONE, BY_SEVERAL, Doubt, vouch

_FIELD = partial(tuple.__new__, Field)  # a document has hundreds: made of their values by C alone
_FAR_LIKELIER = 20
_MOST_ALTERNATIVES = 1_000  # of one row of the form
_LOSES_CELLS = frozenset({"pipes", "tabs", "spaces", "lines"})  # tables whose figures fall out of their rows
_UNIT = 10**6  # decimals are counted in millionths
_ABSENT = ParsedNumber("absent")
_BLANK = ParsedNumber("blank")
_UNREADABLE = ParsedNumber("unreadable")
_SURELY_ABSENT = 0.99  # of a row; one that may stand where it was not found leaves every sum open


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


def decode(
    readings: Sequence[Sequence[Reading]],
    absences: Mapping[int, float],
    rows: Sequence[Row],
    strays: Sequence[Cell],
    form: Form,
    threshold: float,
) -> tuple[dict[str, Field], tuple[Problem, ...]]:
    """A field for each field of the form from the readings of each row of the form, and the trouble met.

    `absences` tells how sure it is that rows of the form without a reading are not in the document; `strays` are
    figures that stand alone between tables, as one that fell out of its row does. At most a million
    sums are formed (less than a second); beyond that what is open stays unreadable, with a problem.
    """
    domains = [
        _domain(form_row, found, rows, absences.get(place, 0.0), strays, form.name)
        for place, (form_row, found) in enumerate(zip(form.rows, readings, strict=True))
    ]
    stay, asked, problems = _settle(domains, form)
    behind = behind_rows(rows, strays)
    fields: dict[str, Field] = {}
    doubts: dict[str, Doubt] = {}
    for place, domain in enumerate(domains):
        found = list(_fields(domain, stay.get(place), asked, rows, threshold))
        doubts |= _doubts(found, domain, stay.get(place))
        for field in _with_fallen(found, domain, rows, behind) if behind else found:
            fields[field.name] = field
    return vouch(fields, doubts, form, threshold) if doubts else fields, problems


def _domain(
    form_row: FormRow,
    readings: Sequence[Reading],
    rows: Sequence[Row],
    absence: float,
    strays: Sequence[Cell],
    form: str,
) -> Domain:
    likely, doubt = readings, 0.0
    if len(readings) > 1:
        best = max(reading.sure for reading in readings)
        likely = [reading for reading in readings if reading.sure * _FAR_LIKELIER >= best]
        doubt = sum(reading.sure for reading in readings if reading.sure * _FAR_LIKELIER < best)
    alternatives = [one for reading in likely for one in _alternatives(form_row, reading, rows)]
    if strays and len(alternatives) == 1 and rows[alternatives[0].reading.row].origin in _LOSES_CELLS:
        alternatives += _with_strays(alternatives[0], strays)
    fallen = frozenset(strays) if len(alternatives) > 1 else frozenset()
    own_sums = _own_sums(form).get(form_row.name, {})
    return Domain(form_row, tuple(alternatives), doubt, absence, own_sums, fallen)


@lru_cache(maxsize=8)
def _own_sums(form: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """For each row of a form the identities within it, by field."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in _equations(form):
        if len(one.rows) == 1:
            (place,) = one.rows
            row = load_forms()[form].rows[place]
            own = found.setdefault(row.name, {})
            for _, column in (*one.left, *one.right):
                own[row.fields[column]] = (*own.get(row.fields[column], ()), one.id)
    return found


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
        figures = tuple([_figure(cell) if cell else _ABSENT for cell in cells])
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


def _with_fallen(
    fields: Sequence[Field], domain: Domain, rows: Sequence[Row], behind: Mapping[int, Sequence[Cell]]
) -> Sequence[Field]:
    """The fields of a row with what fell out of it, where only one row of the document may be it."""
    places = {one.reading.row for one in domain.alternatives}
    if len(places) != 1 or rows[place := min(places)].origin not in _LOSES_CELLS:
        return fields
    return give_back(fields, [one.state == "blank" for one in domain.alternatives[0].figures], behind.get(place, ()))


def _doubts(fields: Sequence[Field], domain: Domain, stay: Sequence[Alternative] | None) -> Iterator[tuple[str, Doubt]]:
    """The unreadable fields of a row that stand in one cell of a picture, with what this may say."""
    stay = stay or domain.alternatives
    for column, field in enumerate(fields):
        cell = stay[0].cells[column] if field.state == "unreadable" else None
        if cell is not None and cell.readings and all(one.cells[column] is cell for one in stay):
            yield field.name, Doubt(_options(cell), _sure(stay, domain))


def _options(cell: Cell) -> tuple[ParsedNumber, ...]:
    """What the cell of a picture may say, each figure once; what cannot be read may be nothing."""
    found = (parse_number(text) for text in cell.readings)
    return tuple(dict.fromkeys(one if one.state == "printed" else _BLANK for one in found))


def _figure(cell: Cell) -> ParsedNumber:
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
    nothing = cell is not None and 0 in figure.candidates and _BLANK in _options(cell)
    return (*printed, _BLANK) if nothing else printed


def _unread(row: Row) -> ParsedNumber:
    """All numbers of a row whose cells fit no columns; a run of digits has none that is known."""
    if row.origin == "run":
        return _UNREADABLE
    parsed = [_figure(cell) for cell in row.cells]
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


Domains = Sequence[Sequence[Alternative]]


def _settle(
    domains: Sequence[Domain], form: Form
) -> tuple[dict[int, Sequence[Alternative]], Mapping[str, tuple[str, ...]], tuple[Problem, ...]]:
    """For each row with several alternatives those that stay; for each field the identities that its row was held
    against; and a problem where there was too much to ask."""
    every: list[Sequence[Alternative]] = [domain.alternatives for domain in domains]
    open_rows = {place for place, found in enumerate(every) if len(found) > 1}
    if not open_rows:
        return {}, {}, ()
    absent = {place for place, domain in enumerate(domains) if domain.absence >= _SURELY_ABSENT}
    stay, budget, left = every, Budget(), 0
    held: list[_Equation] = []
    while left != (left := sum(map(len, stay))):  # an identity may be able to tell only when a cell is surely printed
        stay, held = _narrowed(stay, every, open_rows, _Asked(_equations(form.name), absent, budget))
        if sum(map(len, stay)) > left:
            break
    asked: dict[str, tuple[str, ...]] = {}
    for one in held:
        for row, column in (*one.left, *one.right):
            name = form.rows[row].fields[column]
            asked[name] = (*asked.get(name, ()), one.id)
    return {place: stay[place] for place in open_rows}, asked, (TOO_MANY_READINGS,) if budget.is_spent else ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The identities of a form, the rows that are surely absent, and what asking may still cost."""

    identities: Sequence[_Equation]
    absent: Container[int]
    budget: Budget

    def usable(self, domains: Domains) -> list[_Equation]:
        """The identities that can tell something of such readings."""
        return [one for one in self.identities if _is_usable(one, domains, self.absent)]


def _narrowed(
    stay: Domains, every: Domains, open_rows: set[int], asked: _Asked
) -> tuple[list[Sequence[Alternative]], list[_Equation]]:
    """The alternatives that some reading of all rows holds, and the identities that they were held against.

    Where no reading satisfies all identities, or the search is too long, what a row says by itself is all that counts.
    """
    usable = asked.usable(stay)
    wrong = _connected([one for one in usable if _fails(one, stay)], usable)
    held = [one for one in usable if one.rows & open_rows and not one.rows & wrong]
    kept = _supported(open_rows - wrong, held, stay, asked.budget)
    lost = open_rows & wrong | {place for place, found in kept.items() if not found}
    narrowed = [every[place] if place in lost else found for place, found in enumerate(stay)]
    if lost:
        alone = [one for one in asked.usable(every) if one.rows <= lost and len(one.rows) == 1]
        alone = [one for one in alone if not _fails(one, every)]
        held = [*(one for one in held if not one.rows & lost), *alone]
        kept |= _supported(lost, alone, every, asked.budget)
    for place, found in kept.items():
        narrowed[place] = tuple(narrowed[place][a] for a in found) if found else narrowed[place]
    return narrowed, held


def _is_usable(equation: _Equation, domains: Domains, absent: Container[int]) -> bool:
    """Whether an identity can tell: every cell is known or one of known values, and both sides print something."""
    for side in (equation.left, equation.right):
        printed = False
        for row, column in side:
            if not domains[row] and row not in absent:
                return False
            states = {one.figures[column].state for one in domains[row]}
            if "unreadable" in states:
                return False
            printed = printed or states == {"printed"}
        if not printed:
            return False
    return True


def _fails(equation: _Equation, domains: Domains) -> bool:
    """Whether an identity holds for no reading of its rows because none of them, or only one, has several."""
    sums = [{_sum(equation, row, one) for one in domains[row]} for row in equation.rows if domains[row]]
    several = [found for found in sums if len(found) > 1]
    if len(several) > 1:
        return False
    fixed = sum(next(iter(found)) for found in sums if len(found) == 1)
    return fixed != 0 if not several else -fixed not in several[0]


def _connected(failed: Sequence[_Equation], equations: Sequence[_Equation]) -> set[int]:
    """The rows that identities join, over however many others, to those of the failed ones."""
    rows = {row for one in failed for row in one.rows}
    reached = 0
    while failed and reached < len(rows):
        reached = len(rows)
        rows |= {row for one in equations if one.rows & rows for row in one.rows}
    return rows


def _supported(
    open_rows: Collection[int], equations: Sequence[_Equation], domains: Domains, budget: Budget
) -> dict[int, tuple[int, ...] | None]:
    """For each open row the places of its alternatives that some reading of all rows holds."""
    places = sorted(open_rows)
    vectors = [[tuple(_sum(one, row, each) for one in equations) for each in domains[row]] for row in places]
    targets = tuple(
        -sum(_sum(one, row, domains[row][0]) for row in one.rows if row not in open_rows and domains[row])
        for one in equations
    )
    return dict(zip(places, supported(vectors, targets, budget), strict=True))


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
    if len(domain.alternatives) == 1:
        yield from _only_reading(domain, rows, threshold)
        return
    stay = stay or domain.alternatives
    sure = _sure(stay, domain)
    for column, name in enumerate(domain.form_row.fields):
        yield _field(column, domain, stay, asked.get(name, ()), sure, rows, threshold)


def _only_reading(domain: Domain, rows: Sequence[Row], threshold: float) -> Iterator[Field]:
    """The fields of a row that has one reading, as nearly all rows have."""
    (one,) = domain.alternatives
    fit = one.reading.fit
    most = min(fit.most, fit.certainty) if fit else 0.0
    sure = min(min(1.0, one.reading.sure) * max(1 - domain.doubt, 0.0), most)
    accepted = sure >= threshold
    own_sums = domain.own_sums if fit and fit.by_sums else {}
    for column, (name, cell, figure) in enumerate(zip(domain.form_row.fields, one.cells, one.figures, strict=True)):
        if figure.state == "unreadable":
            yield _unsettled(name, column, domain.alternatives, rows)
        elif cell is None:
            yield Field(name, None, "absent")
        else:
            because = own_sums.get(name, ())
            yield _FIELD((name, figure.value, figure.state, cell.text, sure, accepted, cell.location, (), because))


def _field(
    column: int,
    domain: Domain,
    stay: Sequence[Alternative],
    asked: tuple[str, ...],
    sure: float,
    rows: Sequence[Row],
    threshold: float,
) -> Field:
    name = domain.form_row.fields[column]
    best = max(stay, key=_likeliness)
    figure, cell = best.figures[column], best.cells[column]
    if any(one.figures[column] != figure for one in stay) or figure.state == "unreadable":
        return _unsettled(name, column, stay, rows)
    if figure.state == "blank" and cell is not None and cell.readings:
        return _unsettled(name, column, domain.alternatives, rows)
    if cell is None:
        return Field(name, None, "absent")
    chosen = any(one.figures[column] != figure for one in domain.alternatives)
    cut = best.reading.fit is not None and best.reading.fit.by_sums
    because = tuple(dict.fromkeys((*(domain.own_sums.get(name, ()) if cut else ()), *(asked if chosen else ()))))
    if cell in domain.strays or _figure(cell).state == "unreadable":
        sure = min(sure, BY_SEVERAL if len(because) > 1 else BY_ONE)
    return Field(name, figure.value, figure.state, cell.text, sure, sure >= threshold, cell.location, (), because)


def _likeliness(one: Alternative) -> float:
    return one.reading.sure


def _sure(stay: Sequence[Alternative], domain: Domain) -> float:
    """How sure it is that the rows that agree are the row of the form: rows that say something else, or that only an
    identity ruled out, leave a doubt. No number of them makes the place of a cell in its row surer."""
    agree = {one.reading.row: one.reading.sure for one in stay}
    ruled_out = {one.reading.row: one.reading.sure for one in domain.alternatives if one.reading.row not in agree}
    doubt = sum(ruled_out.values()) + (domain.doubt if len(agree) == 1 else 0.0)
    fits = [one.reading.fit for one in stay if one.reading.fit]
    most = min(min(fit.most for fit in fits), max(fit.certainty for fit in fits)) if fits else 0.0
    return min(min(1.0, sum(agree.values())) * max(1 - doubt, 0.0), most)


def _unsettled(name: str, column: int, stay: Sequence[Alternative], rows: Sequence[Row]) -> Field:
    """A field about which readings that all stay disagree, with what they say."""
    figures = [one.figures[column] for one in stay]
    candidates = {value for figure in figures for value in (figure.value, *figure.candidates) if value is not None}
    best = max(stay, key=_likeliness)
    row = rows[best.reading.row]
    cell = best.cells[column]
    alone = cell is not None and all(one.cells[column] == cell for one in stay)
    raw = cell.text if cell is not None and alone else " ".join(one.text for one in row.cells)
    place = cell.location if cell is not None and alone else row.location
    return Field(name, None, "unreadable", raw, 0.0, False, place, tuple(sorted(candidates)))


TOO_MANY_READINGS = Problem(
    "decode",
    "too_many_readings",
    "The cells ran together in more ways than can be told apart; see the candidates of what is unreadable.",
)
