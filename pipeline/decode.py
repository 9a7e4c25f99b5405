"""Which readings of a whole document agree with everything it prints, and what all of them say of each field.

For each row of the form there is a domain of alternatives: rows of the document that it may be, ways to cut a run of
digits, candidates of a cell that is hard to read. The statutory identities are linear equations over the fields. An
alternative stays that takes part in at least one reading of all rows that satisfies them (`support.py`); a field is
settled where all that stay agree. Identities never make a figure, and never make a row surer than its label did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from pipeline.datamodel import Cell, Field, Form, Problem, Row
from pipeline.domains import LOSES_CELLS, Alternative, Domain, Reading, domain_of, figure_of, options_of
from pipeline.fallen import behind_rows, give_back
from pipeline.settle import settle, sums_in_rows
from pipeline.vouching import BY_ONE, BY_SEVERAL, Doubt, vouch

_FIELD = partial(tuple.__new__, Field)  # a document has hundreds: made of their values by C alone


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
    sums = sums_in_rows(form.name)
    domains = [
        domain_of(form_row, found, rows, absences.get(place, 0.0), strays, sums.get(form_row.name, {}))
        for place, (form_row, found) in enumerate(zip(form.rows, readings, strict=True))
    ]
    stay, asked, problems = settle(domains, form)
    behind = behind_rows(rows, strays)
    fields: dict[str, Field] = {}
    doubts: dict[str, Doubt] = {}
    for place, domain in enumerate(domains):
        found = list(_fields(domain, stay.get(place), asked, rows, threshold))
        doubts |= _doubts(found, domain, stay.get(place))
        for field in _with_fallen(found, domain, rows, behind) if behind else found:
            fields[field.name] = field
    return vouch(fields, doubts, form, threshold) if doubts else fields, problems


def _with_fallen(
    fields: Sequence[Field], domain: Domain, rows: Sequence[Row], behind: Mapping[int, Sequence[Cell]]
) -> Sequence[Field]:
    """The fields of a row with what fell out of it, where only one row of the document may be it."""
    places = {one.reading.row for one in domain.alternatives}
    if len(places) != 1 or rows[place := min(places)].origin not in LOSES_CELLS:
        return fields
    return give_back(fields, [one.state == "blank" for one in domain.alternatives[0].figures], behind.get(place, ()))


def _doubts(fields: Sequence[Field], domain: Domain, stay: Sequence[Alternative] | None) -> Iterator[tuple[str, Doubt]]:
    """The unreadable fields of a row that stand in one cell of a picture, with what this may say."""
    stay = stay or domain.alternatives
    for column, field in enumerate(fields):
        cell = stay[0].cells[column] if field.state == "unreadable" else None
        if cell is not None and cell.readings and all(one.cells[column] is cell for one in stay):
            yield field.name, Doubt(options_of(cell), _sure(stay, domain))


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
    if cell in domain.strays or figure_of(cell).state == "unreadable":
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
