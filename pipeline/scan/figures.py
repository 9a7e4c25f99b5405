"""What a strip of ink says after two looks at it: a text that is sure, or what it may be.

The second look is at another scale and with another margin. A figure is sure only where both looks see the same one
and are sure of it; else the word carries all that either of them sees.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.scan.alternatives import best_text, figure_texts, plain, spelled
from pipeline.text import parse_number

Array = np.ndarray[Any, Any]

_STROKES = frozenset("1-/.,%")  # what dirt may look like
_SURE_TEXT = 0.9  # of each character of a text that begins with a figure
_LONGEST = 14  # signs of a figure
UNREAD = "\ufffd"
CHINESE = re.compile("[\u4e00-\u9fff]")
_NOTED = re.compile("[0-9][0-9.,，]*[(（]")


class Limits(NamedTuple):
    """How far looks are trusted: the probability of a figure of which a look is `sure`, of one that is `likely` where
    no other comes into question, and of one that is `possible` at all. Fitted: python -m evaluation.scan_certainty."""

    sure: float = 0.98
    likely: float = 0.8
    possible: float = 0.002


LIMITS = Limits()


class Seen(NamedTuple):
    """A strip's text, and what else it may be, no readings where the text is sure; and how likely it shows a digit."""

    text: str
    readings: tuple[str, ...] = ()
    legible: float = 1.0


def may_be_figure(text: str, narrow: bool) -> bool:
    """Whether a first look calls for a second: nothing Chinese, or one odd character as narrow as a digit."""
    bare = plain(text).replace(" ", "")
    return not noted(text) and len(bare) <= _LONGEST and (not CHINESE.search(bare) or (narrow and len(bare) <= 1))


def noted(text: str) -> bool:
    """Whether a text is a figure with a note behind it, or the beginning of one."""
    return bool(_NOTED.match(text))


def both(one: Array, other: Array, alphabet: Sequence[str]) -> Seen:
    """A figure with a note after two looks: sure where both are sure of the same figure, whatever the note says."""
    text, figures = best_text(one, alphabet).text, []
    for strip in (one, other):
        signs = spelled(strip, alphabet)
        bracket = next((at for at, (sign, _) in enumerate(signs) if sign in "(（"), len(signs))
        sure = min((share for _, share in signs[:bracket]), default=0.0)
        figures.append(("".join(sign for sign, _ in signs[:bracket]), sure >= _SURE_TEXT))
    is_sure = figures[0] == figures[1] and figures[0][1]
    return Seen(text) if is_sure else Seen(text, (text, UNREAD))


def first_look(strip: Array, alphabet: Sequence[str]) -> Seen:
    """A strip that is no bare figure: its text, in doubt where it is a figure, or no Chinese, and not sure."""
    text, sure = best_text(strip, alphabet)
    if text and sure < _SURE_TEXT and (parse_number(text).state == "printed" or not CHINESE.search(text)):
        return Seen(text, (text, UNREAD))
    return Seen(text)


def looked_at(looks: Sequence[Array], alphabet: Sequence[str]) -> Seen:
    """A strip that may be a figure, from the recogniser's output for several pictures of it."""
    return judged([dict(figure_texts(look, alphabet)) for look in looks])


def judged(found: Sequence[Mapping[str, float]], limits: Limits = LIMITS) -> Seen:
    """A strip that may be a figure, from the probabilities of each figure in each of several looks.

    Two looks that are sure must see the same figure, and no other look may be sure of another. Where no look sees any
    other figure, nor nothing, two likely ones are enough, but not for what a single stroke may be.
    """
    shares: Counter[str] = Counter()
    for one in found:
        shares.update(one)
    ranked = [text for text, share in shares.most_common() if share >= limits.possible]
    if not ranked:
        return Seen(UNREAD, (UNREAD,), 0.0)
    best = ranked[0]
    sure = [text for one in found for text, share in one.items() if share >= limits.sure]
    if best and len(sure) > 1 and set(sure) == {best}:
        return Seen(best)
    readings = tuple(dict.fromkeys(_legal(text) for text in ranked))
    likely = sum(one.get(best, 0.0) >= limits.likely for one in found)
    if readings == (best,) and likely > 1 and set(best) - _STROKES:
        return Seen(best)
    digits = sum(share for text, share in shares.items() if any(map(str.isdigit, text)))
    return Seen(_legal(best), readings, digits / len(found))


def _legal(text: str) -> str:
    """The figure in a text that signs at its ends or zeros before it keep from being one; the unread sign for none."""
    if text and parse_number(text).state != "unreadable":
        return text
    bare = text.strip(".,-/%")
    bare = bare.lstrip("0") or bare[-1:]
    return bare if bare and parse_number(bare).state == "printed" else UNREAD


def is_figure(seen: Seen) -> bool:
    """Whether what was seen is a figure, sure or not."""
    return bool(seen.readings) or parse_number(seen.text).state == "printed"


def doubted(seen: Seen) -> Seen:
    """What was seen in ink too faint to be surely print: perhaps a figure, perhaps nothing."""
    if not seen.text.strip(UNREAD):
        return Seen("")
    return seen._replace(readings=(*(seen.readings or (seen.text,)), UNREAD))
