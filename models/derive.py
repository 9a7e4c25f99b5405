"""Which row of the form each row of a document is, said by its gold: by rows.json, else by the figures of gold.json."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from corpora import Document, GoldRow
from corpora.matching import match_rows
from pipeline.datamodel import Form, FormRow, Row
from pipeline.forms import load_forms
from pipeline.text import label_key

_LIKE = 0.8  # of a label to a wording: units and numbers that the label bears besides are let pass


def derive_names(rows: Sequence[Row], document: Document) -> dict[int, str]:
    """The name of each row, by its index, that gold settles; rows that it does not settle are left out.

    Without rows.json a row is settled where the gold has figures of a row of the form whose wording its label nearly
    is, or whose figures it prints in order and whose wording its label is somewhat like.
    """
    printed = document.rows if document.rows is not None else tuple(_printed(rows, document))
    return {ours: printed[theirs].row for ours, theirs in match_rows(rows, printed)}


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
