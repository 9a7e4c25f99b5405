"""What a strip of recogniser output says, how sure that is, and which other figures it may be.

The recogniser gives, for each step along the strip, a probability for each character and for "no new character". A
text's probability is the sum over all paths that spell it (connectionist temporal classification); the likeliest
texts are found by prefix beam search (Hannun et al., arXiv:1408.2873).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

FIGURE_SIGNS = "0123456789.,-/%"
_ALIKE = {
    **{chr(0x30 + digit): chr(0xFF10 + digit) for digit in range(10)},
    "0": "０OoＯｏ〇○Q",
    "1": "１lIｌＩ",
    ".": "．·",
    ",": "，",
    "-": "－—–一",
    "/": "／",
    "%": "％",
}
_BEAM = 12
_LEAST = 1e-5


class Reading(NamedTuple):
    """The likeliest text of a strip, and the probability of its least sure character (1 for no text)."""

    text: str
    sure: float


def best_text(strip: Array, alphabet: Sequence[str]) -> Reading:
    """The text along the likeliest path."""
    signs = spelled(strip, alphabet)
    return Reading("".join(sign for sign, _ in signs), min((sure for _, sure in signs), default=1.0))


def spelled(strip: Array, alphabet: Sequence[str]) -> list[tuple[str, float]]:
    """Each character along the likeliest path with its probability."""
    path = strip.argmax(axis=1)
    peaks = strip[np.arange(len(path)), path]
    signs: list[tuple[str, float]] = []
    last = 0
    for code, peak in zip(path.tolist(), peaks.tolist(), strict=True):
        if code and code != last:
            signs.append((alphabet[code], peak))
        elif code:
            signs[-1] = (signs[-1][0], max(signs[-1][1], peak))
        last = code
    return signs


def usual_peak(strip: Array) -> float:
    """How sure the characters along the likeliest path are on the whole; 0 where there is none."""
    peaks = strip.max(axis=1)[strip.argmax(axis=1) > 0]
    return float(peaks.mean()) if len(peaks) else 0.0


def figure_texts(strip: Array, alphabet: Sequence[str]) -> list[tuple[str, float]]:
    """The likeliest texts made of the signs of figures, with their probabilities, best first.

    Characters that look like a sign of figures count as that sign; the probabilities need not add up to one, and
    what is missing is what no figure explains.
    """
    steps = _figure_steps(strip, alphabet)
    beams: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}  # ending in a blank, ending in its last sign
    for step in steps:
        grown: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for text, (blank, sign) in beams.items():
            grown[text][0] += (blank + sign) * step[0]
            if text:
                grown[text][1] += sign * step[FIGURE_SIGNS.index(text[-1]) + 1]
            for place, char in enumerate(FIGURE_SIGNS, start=1):
                if step[place] > _LEAST:
                    grown[text + char][1] += (blank if text[-1:] == char else blank + sign) * step[place]
        best = sorted(grown.items(), key=lambda item: -sum(item[1]))[:_BEAM]
        beams = {text: (blank, sign) for text, (blank, sign) in best}
    return sorted(((text, sum(both)) for text, both in beams.items()), key=lambda item: -item[1])


def _figure_steps(strip: Array, alphabet: Sequence[str]) -> list[list[float]]:
    """For each step the probability of the blank and of each sign of figures with all that looks like it."""
    columns = _columns(tuple(alphabet))
    summed = np.stack([strip[:, 0], *(strip[:, list(columns[sign])].sum(axis=1) for sign in FIGURE_SIGNS)], axis=1)
    rows: list[list[float]] = summed.astype(np.float64).tolist()
    return rows


@lru_cache(maxsize=2)
def _columns(alphabet: tuple[str, ...]) -> Mapping[str, tuple[int, ...]]:
    places = {char: place for place, char in enumerate(alphabet)}
    return {
        sign: tuple(places[char] for char in sign + _ALIKE.get(sign, "") if char in places) for sign in FIGURE_SIGNS
    }


_PLAIN = str.maketrans({char: sign for sign, alike in _ALIKE.items() for char in alike})


def plain(text: str) -> str:
    """The text with what looks like a sign of figures as that sign."""
    return text.translate(_PLAIN)
