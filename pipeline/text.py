"""Text as the rest of the house wants it: normalised characters, label keys, words, and numbers out of cells."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pipeline.datamodel import Number, State

_PUNCTUATION = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "„": '"',
        "＂": '"',
        "‘": "'",
        "’": "'",
        "–": "-",
        "—": "-",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "―": "-",
        "﹣": "-",
        "─": "-",
        "━": "-",
        "〔": "(",
        "〕": ")",
        "【": "(",
        "】": ")",
        "﹙": "(",
        "﹚": ")",
        "﹐": ",",
        "．": ".",
        "。": ".",
        "·": ".",
        "•": ".",
        "､": "、",
        "﹑": "、",
        "\u00a0": " ",
        "\u3000": " ",
    }
)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]")
# Characters that NFKC would turn into digits although they are note marks: ¹ ₂ ① ⑴ ⒈ ❶ …
_NOTE_MARK = re.compile("[\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]")
_LABEL_NOISE = re.compile(r"[\s\"'、,.:;()\-_*#|/<>《》!?%]+")

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_UNITS = "万元|亿元|元|件次|人次|件|条|项|次|个|人|宗|起|篇|份|场|期|册"
_NUMBER = re.compile(rf"(?P<sign>[+-])?(?P<digits>{_DIGITS})\s*(?P<unit>{_UNITS})?")
_LEADING_ZERO = re.compile(r"0\d")  # two figures that lost the blank between them
_NOTE = re.compile(r"[(\[].*[)\]]$|[*#]+$", re.DOTALL)
_LONGEST_LABEL = 80  # characters; longer text is prose, which no other report repeats
_LONGEST = 30  # characters; nothing that an agency counts needs more
_BLANKS = frozenset({"", "/", "//", "-", "--", "---", "----", "\\", "|", "无", "空", ".", "*"})


def normalise(text: str) -> str:
    """The text in NFKC with one form for each quotation mark, dash, bracket and space, and nothing invisible."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_PUNCTUATION)


def label_key(text: str) -> str:
    """The characters of a label that carry meaning: normalised, without spaces and punctuation.

    Labels recur from report to report and are remembered; what is too long for a label is not.
    """
    return _remembered_key(text) if len(text) <= _LONGEST_LABEL else _key(text)


class _Keys(dict[int, str]):
    """A table for str.translate that learns what each character leaves in a key when it first meets it."""

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, _LABEL_NOISE.sub("", normalise(chr(code))))


_KEYS = _Keys()


def _key(text: str) -> str:
    return text.translate(_KEYS)


_remembered_key = lru_cache(maxsize=65536)(_key)


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """What a cell says. `value` only with state "printed"; `candidates` only with state "unreadable"."""

    state: State
    value: Number | None = None
    candidates: tuple[Number, ...] = ()


@lru_cache(maxsize=65536)
def parse_number(text: str) -> ParsedNumber:
    """The figure printed in a cell, blank for empty cells, `/`, dashes and 无; never an error.

    `22（其中修订16件）` is 22, `1,234` is 1234, `251000元` is 251000, `-18` is -18. A text that holds something else
    or leaves a choice (`3 5`, `约30`, `1.5万`) is unreadable, with the numbers in it as candidates.
    """
    kept = normalise(_NOTE_MARK.sub("*", text)).strip()
    if re.sub(r"\s+", "", kept) in _BLANKS:
        return ParsedNumber("blank")
    bare = _NOTE.sub("", kept).strip()
    match = _NUMBER.fullmatch(bare)
    if match is None or len(bare) > _LONGEST or _LEADING_ZERO.match(match["digits"]):
        return ParsedNumber("unreadable", candidates=_numbers_in(kept))
    value = _to_number(match["digits"])
    return ParsedNumber("printed", -value if match["sign"] == "-" else value)


def _to_number(digits: str) -> Number:
    plain = digits.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def _numbers_in(text: str) -> tuple[Number, ...]:
    digits = [match["digits"] for match in _NUMBER.finditer(text[:2000])]
    if len(digits) > 1 and re.fullmatch(r"[\d\s]+", text):
        digits.append("".join(text.split()))
    found = [_to_number(one) for one in digits if len(one) <= _LONGEST]
    return tuple(dict.fromkeys(found))[:20]


def is_numeric(text: str) -> bool:
    """Whether a text is one number, with at most a unit and a note. What begins with a letter is none, and is not
    taken apart: that is most of a page."""
    return not text[:1].isalpha() and any(map(str.isdigit, text)) and parse_number(text).state == "printed"
