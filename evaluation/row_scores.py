"""The classifier and the columns by themselves: rows as the pipeline read them against the rows as they are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpora import Document, GoldRow
from corpora.matching import match_rows
from pipeline.classify import NOT_A_FIELD
from pipeline.columns import fit_columns
from pipeline.datamodel import Form, FormRow, LabelledRow, Number, Row
from pipeline.forms import load_forms
from pipeline.text import parse_number

MISSED = "(not read)"  # what a printed row is taken for that no row of the pipeline matches
UNPRINTED = "(not printed)"  # the gold of a row of the pipeline that matches no printed row
UNDECIDED = "(undecided)"  # no name has half of the probability
_NO_ROWS = frozenset({*NOT_A_FIELD, MISSED, UNPRINTED, UNDECIDED})


@dataclass(frozen=True, slots=True)
class RowScore:
    """Of one document: each row as (gold name, predicted name), and of the rows whose columns can be told apart how
    many there are and how many have every figure in its column."""

    pairs: tuple[tuple[str, str], ...] = ()
    columns: int = 0
    columns_right: int = 0

    @property
    def printed(self) -> int:
        """Number of printed rows of the form."""
        return sum(_is_of_form(gold) for gold, _ in self.pairs)

    @property
    def right(self) -> int:
        """Number of printed rows of the form that were named right."""
        return sum(gold == found for gold, found in self.pairs if _is_of_form(gold))


def score_rows(labelled: Sequence[LabelledRow], document: Document) -> RowScore | None:
    """How the likeliest name of each row agrees with the labels of the corpus; None where it keeps no row labels."""
    if document.rows is None:
        return None
    printed = [row for row in document.rows if row.row != "head"]
    matches = dict(match_rows([item.row for item in labelled], printed))
    pairs = list(_pairs(labelled, printed, matches))
    form = load_forms()[document.form]
    fits = list(_fits(labelled, printed, matches, form, document.values))
    return RowScore(tuple(pairs), len(fits), sum(fits))


def _pairs(
    labelled: Sequence[LabelledRow], printed: Sequence[GoldRow], matches: Mapping[int, int]
) -> Iterator[tuple[str, str]]:
    for i, item in enumerate(labelled):
        yield printed[matches[i]].row if i in matches else UNPRINTED, _named(item)
    found = set(matches.values())
    yield from ((row.row, MISSED) for j, row in enumerate(printed) if j not in found and _is_of_form(row.row))


def _named(item: LabelledRow) -> str:
    """The name that has at least half of the probability; a likeliest name with less is no more than a guess."""
    name, share = max(item.probabilities.items(), key=lambda pair: pair[1], default=("none", 0.0))
    return name if share >= 0.5 else UNDECIDED


def _fits(
    labelled: Sequence[LabelledRow],
    printed: Sequence[GoldRow],
    matches: Mapping[int, int],
    form: Form,
    values: Mapping[str, Number | None],
) -> Iterator[bool]:
    """For each matched row of the form whose figures are not all the same, whether its cells go to their columns."""
    by_name = {row.name: row for row in form.rows}
    for i, j in matches.items():
        form_row = by_name.get(printed[j].row)
        if form_row and len({values.get(name, "absent") for name in form_row.fields}) > 1:
            yield _is_fitted(labelled[i].row, form_row, form, values)


def _is_fitted(row: Row, form_row: FormRow, form: Form, values: Mapping[str, Number | None]) -> bool:
    fit = fit_columns(row, form_row, form)
    if fit is None:
        return False
    read = [parse_number(cell.text).value if cell else None for cell in fit.cells]
    return read == [values.get(name) for name in form_row.fields]


def _is_of_form(name: str) -> bool:
    """Whether a name is that of a row of a form."""
    return name not in _NO_ROWS


def row_report(scores: Iterable[RowScore | None]) -> dict[str, Any]:
    """Precision, recall, F1 and support of each row name, the wrong pairs with their counts, the share of rows whose
    columns are right, and the mean F1 over the names that are printed. Shares of nothing are None."""
    every = [score for score in scores if score is not None]
    pairs = Counter(pair for score in every for pair in score.pairs)
    names = sorted({name for pair in pairs for name in pair if _is_of_form(name)})
    labels = [_label_report(name, pairs) for name in names]
    wrong = [(pair, count) for pair, count in pairs.items() if pair[0] != pair[1] and any(map(_is_of_form, pair))]
    columns = sum(score.columns for score in every)
    f1 = [label["f1"] for label in labels if label["support"]]
    return {
        "labels": labels,
        "confusion": [
            {"gold": gold, "predicted": found, "count": count}
            for (gold, found), count in sorted(wrong, key=lambda one: (-one[1], one[0]))
        ],
        "columns": sum(score.columns_right for score in every) / columns if columns else None,
        "f1": sum(f1) / len(f1) if f1 else None,
    }


def _label_report(name: str, pairs: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    hits = pairs.get((name, name), 0)
    support = sum(count for (gold, _), count in pairs.items() if gold == name)
    said = sum(count for (_, found), count in pairs.items() if found == name)
    return {
        "label": name,
        "precision": hits / said if said else None,
        "recall": hits / support if support else None,
        "f1": 2 * hits / (support + said),
        "support": support,
    }
