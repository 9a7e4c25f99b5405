"""Counts in prose: number and unit, exact or approximate; never a date, share, ordinal, range or document number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.datamodel import Number

_UNITS = (
    "人次|件次|批次|件(?!次)|条(?![例款规])|篇|次(?![级年日月数])|场(?!所)|期(?![间限])|宗|起(?!点)|份(?!额)|个(?![人性])|"
    "项(?!目)|部(?![门分委])|则|例|元(?!旦)|人(?![民员才])|家|册|户|名|班"
)
_ARABIC = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]{1,15}(?:\.[0-9]{1,6})?"
NUMERAL = "零〇一二两三四五六七八九十百千万亿"
_MENTION = re.compile(
    rf"(?<![0-9+第{NUMERAL}])(?<![0-9][.,])(?<!No)(?<!No[.])(?:(?P<arabic>{_ARABIC})(?P<scale>[十百千万亿]{{0,2}})|(?P<chinese>[{NUMERAL}]{{1,20}}))"
    rf"(?P<odd>[余多几])?(?P<late>[万亿])?(?P<measure>个(?=批次|班))?(?P<unit>{_UNITS})?(?P<after>以上|左右|上下|多)?"
)
_FIRST_OF_UNIT = "".join(sorted({unit[0] for unit in _UNITS.split("|")}))
MAY_COUNT = f"[0-9{NUMERAL}][余多几]?个?[{_FIRST_OF_UNIT}]"  # a pattern that is found in whatever holds a mention
_LEADS_ON = frozenset(f"{_FIRST_OF_UNIT}余多几,.")  # what may follow on numerals that a unit belongs to
_NUMERALS = re.compile(rf"[0-9{NUMERAL}]+")  # no mention begins inside such a run: the first look behind forbids it
_VAGUE_BEFORE = ("近", "约", "逾", "超", "超过", "突破", "不少于", "至少", "高于", "多于", "不足", "每")
_VAGUE_TENS = ("数", "几", "上")
_RANGE_BEFORE = re.compile(rf"[0-9{NUMERAL}][-~—至到、/.]$")
_ROUNDED = re.compile(r"^[0-9]+(?:[.][0-9]{1,3})?[千万亿]")  # 1.2万 stands for more exact figures, 59.4123万 does not
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
_BELOW_10_000 = re.compile(
    "(?:(?P<千>[一二两三四五六七八九])千)?(?P<gap1>零)?(?:(?P<百>[一二两三四五六七八九])百)?(?P<gap2>零)?"
    "(?:(?P<十>[一二三四五六七八九])?(?P<ten>十))?(?P<gap3>零)?(?P<一>[一二两三四五六七八九])?"
)
_LARGEST = 10**15


class Mention(NamedTuple):
    """A count that stands, with its unit, at text[start:end]. `approximate` where the text says 余, 近, 约, 以上 …"""

    start: int
    end: int
    value: Number
    unit: str
    approximate: bool


def find_mentions(text: str) -> tuple[Mention, ...]:
    """The counts with a unit in a text without white space, in order; what can be read in two ways is left out."""
    return tuple(_mentions(text))


def parse_chinese(numeral: str) -> int | None:
    """The value of a Chinese numeral (三千六百零七 is 3607, 十二 is 12, 两万 is 20000).

    None for anything else: digits in a row (二〇二三, 三四) and short forms (三百五, 一万二).
    """
    for mark in "亿万":
        head, found, tail = numeral.partition(mark)
        if found:
            high, low = parse_chinese(head), parse_chinese(tail) if tail else 0
            if not high or low is None or low >= _SCALES[mark]:
                return None
            return None if tail and low < 10 and tail[0] != "零" else high * _SCALES[mark] + low
    return _below_10_000(numeral)


def _below_10_000(numeral: str) -> int | None:
    if numeral in ("零", "〇"):
        return 0
    match = _BELOW_10_000.fullmatch(numeral)
    if match is None or not any(match[name] for name in ("千", "百", "ten", "一")):
        return None
    skips_a_place = match["一"] and (match["千"] or match["百"]) and not match["ten"]
    if skips_a_place and not (match["gap1"] or match["gap2"] or match["gap3"]):
        return None
    tens = _DIGITS[match["十"]] if match["十"] else int(match["ten"] is not None)
    return sum(_DIGITS[match[name]] * _SCALES.get(name, 1) for name in "千百一" if match[name]) + 10 * tens


def _matches(text: str) -> Iterator[re.Match[str]]:
    """What finditer would find that has a unit, tried only where a run of numerals begins."""
    place = 0
    for run in _NUMERALS.finditer(text):
        start, end = run.span()
        match = _MENTION.match(text, start) if start >= place and text[end : end + 1] in _LEADS_ON else None
        if match is not None:
            place = match.end()
            if match["unit"] is not None:
                yield match


def _mentions(text: str) -> Iterator[Mention]:
    for match in _matches(text):
        value = _value(match)
        before = text[max(0, match.start() - 3) : match.start()]
        if value is None or value >= _LARGEST or _RANGE_BEFORE.search(before):
            continue
        vague = bool(_ROUNDED.search(match.group()) or match["odd"] or match["after"] or before.endswith(_VAGUE_BEFORE))
        vague |= match.group()[0] in _SCALES and before.endswith(_VAGUE_TENS)
        yield Mention(match.start(), match.end("unit"), value, match["unit"], vague)


def _value(match: re.Match[str]) -> Number | None:
    late = _SCALES[match["late"]] if match["late"] else 1
    if match["chinese"]:
        value = parse_chinese(match["chinese"])
        return None if value is None else value * late
    arabic, scales = match["arabic"].replace(",", ""), match["scale"]
    if late == 1 and not scales and "." not in arabic:
        return int(arabic)
    figure = float(arabic) * late
    for scale in scales:
        figure *= _SCALES[scale]
    figure = round(figure, 6)
    return int(figure) if figure.is_integer() else figure
