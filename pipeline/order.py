"""Which row of its form each row of a document is, given all the others: the order of rows as a hidden Markov model.

The rows of a form come in the form's order. Forward-backward (Rabiner 1989) turns the classifier's probabilities into
the probability that a row of the document is a row of the form given all the other rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from pipeline.columns import Fit
from pipeline.datamodel import Form, LabelledRow
from pipeline.forms import load_forms

FitOf = Mapping[tuple[int, int], Fit | None]  # by row of the document and row of the form
_SKIPPED = 0.2  # a row of the form that the document leaves out
_JUMP = 1e-2  # any other place in the form: parts of a report in another order
_AGAIN = 1e-4  # the same row of the form a second time
_NAMED = 0.9  # a label so sure that a taught order may stand for the form's
_FLOOR = 1e-5  # the share of rows in which the classifier is sure and wrong
_STRAY = 0.001, 0.05  # the least and the most likely that a row without a label is no row of the form
_UNFIT = 0.2  # a row whose cells do not fit the columns
_RESCALED = 16  # rows after which weights are brought back to 1; a row takes at most a factor of 1e-9


def row_shares(
    labelled: Sequence[LabelledRow],
    form: Form,
    fits: FitOf,
    orders: frozenset[tuple[str, str]] = frozenset(),
) -> Any:
    """An array (rows of the document x rows of the form) of probabilities; a line's rest is "no row of the form"."""
    if not labelled:
        return np.zeros((0, len(form.rows)))
    plain, taught = _transitions(len(form.rows)), _taught_transitions(form.name, orders)
    moves = [taught if _is_named(item) else plain for item in labelled]
    return _forward_backward(*_emissions(labelled, form, fits), moves)


def _is_named(item: LabelledRow) -> bool:
    """Whether a row's own label says what it is; the order of other rows is all that does, and must be the form's."""
    return bool(item.row.labels) and next(iter(item.probabilities.values()), 0.0) >= _NAMED


def _emissions(labelled: Sequence[LabelledRow], form: Form, fits: FitOf) -> tuple[Any, Any]:
    """How well each row of the document goes with each row of the form, and with none."""
    places = {row.name: place for place, row in enumerate(form.rows)}
    matched = np.full((len(labelled), len(places)), _FLOOR)
    outside = np.zeros(len(labelled))
    for i, item in enumerate(labelled):
        if item.row.labels:
            outside[i] = _outside(item, places)
            for place, share in ((places[name], share) for name, share in item.probabilities.items() if name in places):
                matched[i, place] += share if fits[i, place] else share * _UNFIT
        else:  # its neighbours and its shape say what it is; the classifier has nothing to go by
            certainties = [fit.certainty if (fit := fits[i, place]) else 0.0 for place in range(len(places))]
            matched[i] = [1.0 if certainty else _FLOOR for certainty in certainties]
            outside[i] = min(max(1 - max(certainties), _STRAY[0]), _STRAY[1])
    return matched, outside


def _outside(item: LabelledRow, places: Mapping[str, int]) -> float:
    """The probability that a row is no row of this form."""
    return _FLOOR + sum(share for name, share in item.probabilities.items() if name not in places)


@lru_cache(maxsize=8)
def _transitions(count: int) -> Any:
    """From the place of the last matched row (0 is before the first) to the place of the next, which is never 0."""
    steps = np.arange(-1, count)[None, :] - np.arange(-1, count)[:, None]
    weights = np.where(steps > 0, np.maximum(_SKIPPED ** (steps - 1.0), _JUMP), _JUMP)
    weights[steps == 0] = _AGAIN
    weights[:, 0] = 0.0
    return weights / weights.sum(axis=1, keepdims=True)


@lru_cache(maxsize=32)
def _taught_transitions(name: str, orders: frozenset[tuple[str, str]]) -> Any:
    """Like `_transitions` of the form of this name, with rows that follow one another in a taught layout as likely as
    those that do so in the form."""
    places = {row.name: place for place, row in enumerate(load_forms()[name].rows)}
    weights = _transitions(len(places)).copy()
    for before, after in orders:
        if after in places and (not before or before in places):
            line = weights[places[before] + 1 if before else 0]
            line[places[after] + 1] = line.max()
    return weights / weights.sum(axis=1, keepdims=True)


def _forward_backward(matched: Any, outside: Any, moves: Sequence[Any]) -> Any:
    """Posterior of each (row, place); states are the place of the last matched row, 0 before the first. `moves` are
    the transitions onto each row."""
    count, places = matched.shape
    onto = np.zeros((count, places + 1))
    onto[:, 1:] = matched
    stay = outside.tolist()
    before, into = _forward(onto, stay, moves)
    after = _backward(onto, stay, moves)
    joint = (into * after)[:, 1:]
    return joint / (joint.sum(axis=1) + outside * (before * after).sum(axis=1))[:, None]


def _forward(onto: Any, stay: Sequence[float], moves: Sequence[Any]) -> tuple[Any, Any]:
    """For each row the weight of each state before it, and of each state entered by it, up to a factor a row."""
    before, into = np.empty_like(onto), np.empty_like(onto)
    alpha = np.zeros(onto.shape[1])
    alpha[0] = 1.0
    for i, outside in enumerate(stay):
        if i % _RESCALED == 0:
            alpha = alpha / alpha.sum()
        before[i] = alpha
        entered = np.multiply(alpha @ moves[i], onto[i], out=into[i])
        alpha = alpha * outside + entered
    return before, into


def _backward(onto: Any, stay: Sequence[float], moves: Sequence[Any]) -> Any:
    """For each row the weight of all that may follow it, by the state after it, up to a factor a row."""
    after = np.empty_like(onto)
    beta = np.ones(onto.shape[1])
    for i in reversed(range(len(stay))):
        if i % _RESCALED == 0:
            beta = beta / beta.max()
        after[i] = beta
        beta = moves[i] @ (onto[i] * beta) + stay[i] * beta
    return after
