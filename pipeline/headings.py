"""What the heads of chapters look like: how they are numbered, and the wordings of the chapters that reports have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.datamodel import Span

NUMERAL = "一二三四五六七八九十"
_N = f"[{NUMERAL}]{{1,2}}"
# From the clearest numbering to those that are also used inside chapters; text is compact, see paragraphs.compact.
_STYLES = (rf"第{_N}(?:部分|章)[、:.]?", rf"{_N}[、.]", rf"\({_N}\)、?", r"\d{1,2}[、.](?!\d)", r"\(\d{1,2}\)、?")
UNNUMBERED = len(_STYLES)
_INFO = "(?:政府|政务)?信息"
_OF = "(?:的|工作|办理|处理)*"
_KINDS = {
    "overview": rf"(?:{_INFO}公开|政务公开)?(?:工作)?的?(?:总体|基本)(?:工作)?(?:情况|概况)(?:概述)?|(?:工作)?概[述况]",
    "disclosure": rf"主动公开的?(?:{_INFO})?{_OF}情况|{_INFO}主动公开{_OF}情况",
    "requests": (
        rf"(?:本?年度)?(?:收到|受理)(?:[和及与、](?:处理|办理))?的?{_INFO}公开申请{_OF}情况"
        rf"|{_INFO}公开申请的?(?:(?:收到|受理)[和及与、]?)?{_OF}情况"
        rf"|依申请公开的?(?:{_INFO})?(?:[和及与]不予公开的?{_INFO})?{_OF}情况|{_INFO}依申请公开{_OF}情况"
        rf"|(?:公民、?法人[和及与或、]其他组织)?申请公开{_INFO}{_OF}情况"
    ),
    "disputes": (
        rf"(?:[因与]?(?:涉及|有关)?{_INFO}公开(?:工作|申请)?(?:被|引起|引发|产生|申请|提起|的)*)?(?:行政)?复议[、,，和及与以]*"
        r"(?:被?(?:提起|申请))?的?(?:行政)?诉讼(?:[和及与、]申诉)?(?:的|工作|结果)*(?:情况)?"
    ),
    "problems": (
        rf"(?:(?:{_INFO}|政务)公开)?(?:工作)?中?(?:存在)?的?(?:主要|突出)?的?(?:问题|不足|困难)"
        r"(?:[和及与、，](?:下一?步|今后)?的?(?:工作)?(?:改进|整改|解决)?的?(?:工作)?(?:情况|措施|意见|办法|打算|计划|思路|安排))?"
    ),
    "others": (
        r"(?:其他|其它)(?:有关|相关)?(?:需要?|应当?)?(?:报告|说明)?的?(?:有关|相关)?(?:事项|情况)"
        r"|需要?(?:报告|说明)的?(?:其他|其它)(?:有关)?(?:事项|情况)"
    ),
    "fees": rf"(?:{_INFO}公开)?的?收费(?:[和及与]减免|标准)?的?情况",
    "annex": r"(?:说明[与和及])?附[表件录]|(?:政府信息公开)?(?:工作)?情况统计表",
}
_TITLE = "|".join(f"(?P<{kind}>{wording})" for kind, wording in _KINDS.items())
_MARK = "#{0,6}(?:" + "|".join(f"(?P<s{at}>{style})" for at, style in enumerate(_STYLES)) + ")"
_KNOWN = re.compile(_TITLE)
_NUMBERED = re.compile(_MARK)
_INLINE = re.compile(rf"{_MARK}(?:{_TITLE}|(?P<own>[^。;:，,0-9\0]{{2,24}}?情况))")
# What stands where a head follows inside a text: found much faster than heads are.
_MAY_HOLD = re.compile(rf"[。;:!?.)》”】\0情告报况项施题述0-9][#第(]*[{NUMERAL}0-9]{{1,2}}[部章、.)]")
_RUN_IN = re.compile(r"[^。;:，,!?0-9]{2,30}(?=[。:])")
_NUMBER = re.compile(rf"[{NUMERAL}0-9]+")
_FEWEST_KNOWN, _FEWEST_LINES = 2, 3
_USUAL, _WITHIN = 1, 3  # 一、; the numberings before these are clear enough by themselves
_WITHIN_SENTENCES = frozenset("。，;:")
_LONGEST = 40  # characters of a head
_ENDS = frozenset("。;:!?.)》”】\0" + "0123456789")
_TITLE_ENDS = (
    "情况", "概述", "概况", "事项", "问题", "不足", "困难", "措施", "意见", "办法", "打算", "计划", "思路", "安排",
    "诉讼", "附表", "附件", "附录", "统计表",
)  # fmt: skip
_NO_TITLE = re.compile(r"(?:[0-9]|件|条|次|万元)$")  # a title ends in no figure and no unit


class Mark(NamedTuple):
    """A place that reads as a head: its numbering (the smaller the clearer; UNNUMBERED), its number, the places of the
    whole head and of its title, and what the title is about ("" where that is not known). `whole` ones stand alone."""

    style: int
    number: str
    head: Span
    title: Span
    kind: str
    whole: bool


def kind_of(title: str) -> str:
    """What a chapter is about whose whole title, in compact text, is a known wording; else ""."""
    match = _KNOWN.fullmatch(title)
    return match.lastgroup or "" if match else ""


def known_head(text: str) -> Mark | None:
    """The head of a known chapter that a text in compact form begins with, whatever follows."""
    match = _INLINE.match(text)
    known = match and match.lastgroup != "own"
    return _mark(match, match.end(), match.lastgroup or "", whole=False) if match and known else None


def ends_as_title(text: str) -> bool:
    """Whether a text ends as titles of chapters do."""
    return text.rstrip("。:").endswith(_TITLE_ENDS)


def marks(text: str) -> Iterator[Mark]:
    """The places of a paragraph in compact text that read as heads in any numbering: the whole paragraph, its first
    words, and titles after the end of a sentence or of a head, as where all paragraphs run together."""
    first = _first(text)
    end = 0
    if first:
        yield first
        if first.whole:
            return
        end = first.head[1]
    for match in _INLINE.finditer(text, end) if _MAY_HOLD.search(text) else ():
        if match.start() == end or _may_begin(text, match):
            yield _mark(match, match.end(), match.lastgroup or "", whole=False)
            end = match.end()


def _first(text: str) -> Mark | None:
    """The head that a paragraph is or begins with."""
    match = _NUMBERED.match(text)
    if match is None:
        return _unnumbered(text) if len(text) <= _LONGEST else None
    rest = text[match.end() :]
    title = rest.rstrip("。:")
    if len(text) <= _LONGEST and "。" not in title and (title == rest or "，" not in title):
        return _mark(match, match.end() + len(title), kind_of(title), whole=True) if _is_title(title) else None
    known = _KNOWN.match(rest)
    if known and (kind_of(known[0])):
        return _mark(match, match.end() + known.end(), known.lastgroup or "", whole=False)
    begun = _RUN_IN.match(rest)
    return _mark(match, match.end() + begun.end(), "", whole=False) if begun else None


def _unnumbered(text: str) -> Mark | None:
    """A short paragraph that is a title without a number."""
    if not ends_as_title(text):
        return None
    title = text.lstrip("#").rstrip("。:")
    start, end = len(text) - len(text.lstrip("#")), len(text.rstrip("。:"))
    kind = kind_of(title)
    whole = bool(kind) or _WITHIN_SENTENCES.isdisjoint(title)
    return Mark(UNNUMBERED, "", (0, end), (start, end), kind, True) if whole else None


def _may_begin(text: str, match: re.Match[str]) -> bool:
    """Whether a numbered title stands where a sentence has ended; else a sentence speaks of it."""
    start = match.start()
    before = text[max(0, start - 3) : start]
    return not before or before[-1] in _ENDS or (before.endswith(("报告", "年报")) and before[0] != "本")


def _mark(match: re.Match[str], end: int, kind: str, *, whole: bool) -> Mark:
    style = next(at for at in range(len(_STYLES)) if match[f"s{at}"])
    number, title = _NUMBER.search(match[f"s{style}"]), match.end(f"s{style}")
    known = "" if kind == "own" else kind
    return Mark(style, number[0] if number else "", (match.start(), end), (title, end), known, whole)


def follows(number: str, before: str) -> bool:
    """Whether a chapter's number is the next after another's."""
    return _value(number) == _value(before) + 1


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    digits = [NUMERAL.index(one) + 1 if one else 0 for one in (tens, ones)]
    return (digits[0] or 1) * 10 * bool(ten) + digits[1]


def _is_title(title: str) -> bool:
    return bool(title) and (not _NO_TITLE.search(title) or bool(kind_of(title)))


def style_of(found: Sequence[Mark]) -> int:
    """The numbering of the chapters among all heads of a document: the one that most known chapters have, the clearest
    of several; where no two are known the clearest that three lines have, else 一、."""
    known = [{mark.kind for mark in found if mark.style == style and mark.kind} for style in range(UNNUMBERED + 1)]
    most = max(map(len, known))
    if most >= _FEWEST_KNOWN:
        return next(style for style, kinds in enumerate(known) if len(kinds) == most)
    lines = Counter(mark.style for mark in found if mark.whole)
    return next((style for style in range(_WITHIN) if lines[style] >= _FEWEST_LINES), _USUAL)
