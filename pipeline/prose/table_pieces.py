"""Pieces of a form's tables that stand among the lines of prose: what a reader could not put into a table."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from pipeline.forms import head_wordings, load_forms
from pipeline.headings import NUMERAL
from pipeline.text import label_key, normalise

_DIGITS = re.compile("[0-9.]+")
_ROW_START = re.compile("(?:本年度?新收|上年度?结转|本年度办理结|结转下年)")  # numbered rows, which pieces begin with
_UNIT = re.compile("(?:人次|万元|[件条次个篇人场期份项])$")
_YEAR = re.compile(r"\(?20\d\d年度?\)?")
_LONGEST = 60  # characters of a piece
_SHARE = 0.85  # of a piece's characters that stand beside one of their neighbours in labels and heads too


def is_row(text: str) -> bool:
    """Whether a line is a row of a form, its label with or without figures."""
    if len(text) > 2 * _LONGEST or text.endswith("。"):
        return False
    key = _DIGITS.sub("", label_key(text))
    if not key:
        return bool(re.search(r"[0-9]", normalise(text)))
    if _ROW_START.match(key):
        return len(key) <= _LONGEST
    return (
        key in _row_texts()
        or key.lstrip(NUMERAL) in _row_texts()
        or (len(key) <= _LONGEST and any(mark in key for mark in ("本年新收政府信息公开申请", "勾稽关系")))
    )


def is_piece(text: str) -> bool:
    """Whether a line is in the wording of labels and heads, whole or not, as beside a table its pieces are."""
    key = _UNIT.sub("", _DIGITS.sub("", label_key(text)))
    if len(key) > 2 * _LONGEST or _YEAR.fullmatch(text):
        return False
    known = {place for place, pair in enumerate(pairwise(key)) if pair in _pairs()}
    return sum(place in known or place - 1 in known for place in range(len(key))) >= _SHARE * len(key)


@lru_cache(maxsize=1)
def _row_texts() -> frozenset[str]:
    rows = [row for form in load_forms().values() for row in form.rows]
    labels = {label_key(label).lstrip(NUMERAL) for row in rows for label in row.labels}
    wordings = {
        label_key(wording)
        for form in load_forms().values()
        for known in (*form.row_wordings.values(), *form.column_wordings.values())
        for wording in known
    }
    return head_wordings() | labels | wordings


@lru_cache(maxsize=1)
def _pairs() -> frozenset[tuple[str, str]]:
    return frozenset(pair for text in _row_texts() for pair in pairwise(text))
