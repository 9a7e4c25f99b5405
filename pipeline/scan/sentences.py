"""Figures within lines of prose: kept where the recogniser is sure of each of their digits, else taken out.

A line of prose is read once. Where a figure in it is in doubt the line is looked at again, and the figure stays only
if both looks see it there; in its place stands the unread sign, so that the prose states no figure that nobody saw.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from pipeline.scan.alternatives import plain, spelled
from pipeline.scan.figures import UNREAD

Array = np.ndarray[Any, Any]

_FIGURE = re.compile("[0-9]+(?:[.,，][0-9]+)*")
_LIKE_DIGITS = re.compile("[A-Za-z〇○]")  # what digits may be taken for
_SURE, _LIKELY = 0.95, 0.8  # of each digit that is read once, and in the second of two looks
_LOST = 0.2  # of a digit at a step where none is read: one may be missing
_NEAR = 2  # steps beside a figure where one of its digits may stand


def doubtful_figures(look: Array, alphabet: Sequence[str]) -> bool:
    """Whether a line holds a figure of which one look is not sure."""
    text = "".join(sign for sign, _ in spelled(look, alphabet))
    return bool(_FIGURE.search(text)) and not all(sure for _, sure in _figures(look, alphabet, _SURE))


def sure_figures(one: Array, other: Array, alphabet: Sequence[str]) -> str:
    """The text of a line after two looks, without the figures of which both together are not sure."""
    text = "".join(sign for sign, _ in spelled(one, alphabet))
    first, second = _figures(one, alphabet, _SURE), _figures(other, alphabet, _LIKELY)
    if len(first) != len(second):
        second = [("", False)] * len(first)
    kept = [
        figure if sure or (figure == again and sure_again) else UNREAD
        for (figure, sure), (again, sure_again) in zip(first, second, strict=True)
    ]
    figures = iter(kept)
    return _FIGURE.sub(lambda _: next(figures), text)


def _figures(look: Array, alphabet: Sequence[str], least: float) -> list[tuple[str, bool]]:
    """Each figure along the likeliest path, and whether each of its digits is at least so sure and none may be lost."""
    signs = spelled(look, alphabet)
    text = "".join(sign for sign, _ in signs)
    places = _begins(look)
    lost = _lost_digits(look, alphabet)
    found = []
    for match in _FIGURE.finditer(text):
        first, last = places[match.start()], places[match.end() - 1]
        sure = min(share for _, share in signs[match.start() : match.end()]) >= least
        missing = lost[max(first - _NEAR, 0) : last + _NEAR + 1].any()
        beside = text[max(match.start() - 1, 0) : match.start()] + text[match.end() : match.end() + 1]
        found.append((match.group(), bool(sure and not missing and not _LIKE_DIGITS.search(beside))))
    return found


def _begins(look: Array) -> list[int]:
    """The step at which each character along the likeliest path begins."""
    path = look.argmax(axis=1)
    begins: list[int] = np.flatnonzero((path > 0) & (path != np.concatenate([[0], path[:-1]]))).tolist()
    return begins


def _lost_digits(look: Array, alphabet: Sequence[str]) -> Array:
    """The steps that read nothing where a digit comes into question that is not read in the steps beside them."""
    digits = list(_digit_places(tuple(alphabet)))
    path = look.argmax(axis=1)
    shares = look[:, digits]
    likeliest = np.array(digits)[shares.argmax(axis=1)]
    before, after = np.concatenate([[0], path[:-1]]), np.concatenate([path[1:], [0]])
    found: Array = (path == 0) & (shares.max(axis=1) >= _LOST) & (likeliest != before) & (likeliest != after)
    return found


@lru_cache(maxsize=2)
def _digit_places(alphabet: tuple[str, ...]) -> tuple[int, ...]:
    """Which characters of an alphabet are digits or look like one."""
    return tuple(place for place, sign in enumerate(alphabet) if len(sign) == 1 and plain(sign) in "0123456789")
