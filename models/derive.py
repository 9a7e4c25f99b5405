"""Which row of the form each row of a document is, said by its gold: by rows.json, else by the figures of gold.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from corpora import Document, GoldRow
from corpora.matching import match_rows
from pipeline.columns import columns_printed, fit_beside_total, fit_columns, runs_of
from pipeline.datamodel import Form, FormRow, LabelledRow, Number, Row
from pipeline.forms import load_forms
from pipeline.support import Budget, BudgetSpent
from pipeline.text import label_key, parse_number

_LARGE, _MANY = 20, 3
_LIKE = 0.8  # of a label to a wording: units and numbers that the label bears besides are let pass


def derive_names(
    rows: Sequence[Row], document: Document, guesses: Sequence[LabelledRow] = (), *, complete: bool = True
) -> dict[int, str]:
    """The name of each row, by its index, that gold settles; rows that it does not settle are left out.

    Without rows.json a row is settled where the gold has figures of a row of the form whose wording its label nearly
    is, or whose figures it prints in order and whose wording its label is somewhat like; or where a model's likeliest
    guess is a row of the form whose figures it prints (the year's beside a running total, or cut out of a run); or
    where it alone prints figures that are no accident. Once `complete` gold has no figures left that no row prints,
    what remains is "none".
    """
    printed = document.rows if document.rows is not None else tuple(_printed(rows, document))
    found = {ours: printed[theirs].row for ours, theirs in match_rows(rows, printed)}
    if document.rows is not None or not printed:
        return found
    due = {row.row: row.values for row in printed if complete or None not in row.values}
    found |= _confirmed(rows, guesses, document.form, {name: due[name] for name in due if name not in found.values()})
    found |= _told_by_figures(rows, found, document.form, due)
    if complete and due.keys() <= set(found.values()):
        found |= _of_no_field(rows, found)
    return dict(sorted(found.items()))


def _told_by_figures(
    rows: Sequence[Row], found: Mapping[int, str], form: str, due: Mapping[str, Sequence[Number | None]]
) -> dict[int, str]:
    """The rows that alone print the figures of a row that is due, and may be no other such row."""
    places = {row.name: row for row in load_forms()[form].rows}
    left = [name for name in due if name not in found.values() and _is_no_accident(due[name])]
    may = {
        name: [at for at in range(len(rows)) if at not in found and _may_print(rows[at], places[name], form, due[name])]
        for name in left
    }
    once = Counter(at for some in may.values() for at in some)
    return {some[0]: name for name, some in may.items() if len(some) == 1 and once[some[0]] == 1}


def _is_no_accident(values: Sequence[Number | None]) -> bool:
    """Whether figures are so many or so large that two rows hardly share them."""
    return max((abs(value) for value in values if value), default=0) >= _LARGE or sum(map(bool, values)) >= _MANY


def _confirmed(
    rows: Sequence[Row], guesses: Sequence[LabelledRow], form: str, due: Mapping[str, Sequence[Number | None]]
) -> dict[int, str]:
    """Rows whose likeliest guess is a row that is `due` and whose figures they print; the surest guess of a name."""
    places = {row.name: row for row in load_forms()[form].rows}
    found: dict[str, tuple[float, int]] = {}
    for at, guess in enumerate(guesses):
        name, share = next(iter(guess.probabilities.items()), ("", 0.0))
        if name in due and share > found.get(name, (0.0, 0))[0] and _may_print(rows[at], places[name], form, due[name]):
            found[name] = share, at
    return {at: name for name, (_, at) in found.items()}


def _may_print(row: Row, form_row: FormRow, form: str, values: Sequence[Number | None]) -> bool:
    """Whether some way to read a row as that of the form gives these figures."""
    try:
        if columns_printed(row, form_row)[0] > len(form_row.columns):
            fit = fit_beside_total(row, runs_of(row, columns_printed(row, form_row)[0]), form_row, Budget())
        else:
            fit = fit_columns(row, form_row, load_forms()[form])
    except BudgetSpent:
        return False
    readings = fit.readings if fit else ()
    return any(
        [parse_number(cell.text).value if cell else None for cell in cells] == list(values) for cells in readings
    )


def _of_no_field(rows: Sequence[Row], found: Mapping[int, str]) -> dict[int, str]:
    """The rows that are no row of the form since gold names those; a table that is printed twice stays open."""
    named = {label_key(row.labels[-1]) for at, row in enumerate(rows) if at in found and row.labels}
    others = (at for at, row in enumerate(rows) if at not in found and row.labels)
    return {at: "none" for at in others if label_key(rows[at].labels[-1]) not in named}


def _printed(rows: Sequence[Row], document: Document) -> Iterator[GoldRow]:
    """The rows of the form that gold gives a cell, in the form's order, worded as the document words them."""
    form = load_forms()[document.form]
    given = [row for row in form.rows if any(name in document.values for name in row.fields)]
    labels = list(dict.fromkeys(label_key(row.labels[-1]) for row in rows if row.labels))
    worded = _worded(given, form, labels)
    for row in given:
        values = tuple(document.values.get(name) for name in row.fields)
        yield GoldRow(row.name, worded.get(row.name, row.labels[-1]), values)


def _worded(given: Sequence[FormRow], form: Form, labels: Sequence[str]) -> dict[str, str]:
    """The document's own label for each row of the form that has one; no label serves two rows."""
    found: dict[str, str] = {}
    likeness = (
        (_likeness(row, form, label), -place, row.name, label) for place, row in enumerate(given) for label in labels
    )
    for share, _, name, label in sorted(likeness, reverse=True):
        if share >= _LIKE and name not in found and label not in found.values():
            found[name] = label
    return found


def _likeness(row: FormRow, form: Form, label: str) -> float:
    """How like a label is to the nearest wording of a row, from 0 to 1 for to the letter."""
    keys = {label_key(one) for one in (*form.row_wordings.get(row.name, ()), row.labels[-1])}
    return 1.0 if label in keys else 0.99 * max(SequenceMatcher(None, key, label).ratio() for key in keys)
