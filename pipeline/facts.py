"""Figures that the prose states: counts with their words around them, read by the wordings of forms/facts.csv.

Only what is said plainly is accepted: one exact value, this year, this body. What is approximate, running (累计,
截至目前), a part (其中), planned, of other bodies, or said twice with different values stays unaccepted; what is of
another year or a change against it is no fact at all. Negations are zeros (未收到…申请, 无收取…费情况).
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import TYPE_CHECKING

from pipeline.datamodel import Fact, Line, Number, Table
from pipeline.mentions import Mention, find_mentions
from pipeline.paragraphs import TABLE_TEXT, Paragraph, compact, read_paragraphs
from pipeline.segment import segment

if TYPE_CHECKING:
    from spacy.tokens import Doc

_SURE, _UNSURE = 0.95, 0.5  # shares of right ones on sentences written for the tests, not calibrated on reports
_LONGEST = 600  # characters of a sentence; what is longer is no prose
_FILLERS = "共|共计|合计|总计|累计|总|一共|计|为|有|达|的|了|是|数|数量|总数|件数|案件|事项|情况|件|类|方面|现象|问题|答复|办理"
_NEGATIONS = {"未", "没有", "无", "不", "未曾", "尚未", "从未", "没", "非"}
# A sentence is matched as its words with a space after each; counts, clause marks and joining words bear a mark.
_COUNT, _STOP, _AND = "\x01", "\x02", "\x03"
_MARKS = {"stop": _STOP, "and": _AND, "word": ""}
_JOINING = ("、", "和", "及", "与", "或", "以及")
_GAPS = {
    "..": f"(?:[^ {_COUNT}{_STOP}{_AND}]+ ){{0,4}}?",
    "....": f"(?:[^ {_COUNT}{_STOP}{_AND}]+ ){{0,8}}?",
    "…": f"(?:[^ {_COUNT}{_STOP}]+ ){{0,16}}?",
}
_KEYWORD = re.compile(
    "申请|公开|信息|解读|发布会|培训|规章|规范性文件|复议|诉讼|费|结转|办结|答复|处理|提供|转下|转入|顺延|微信|微博|公众号"
)
_FIGURE = re.compile(r"[0-9零〇一二两三四五六七八九十百千万]|未|无|没有|均为")
_DOCUMENT_NAME = re.compile(r"《[^《》]{0,120}(?:《[^《》]{0,60}》[^《》]{0,60})?》")
_REMARK = re.compile(r"\((?:[^()0-9]{0,60}|[^()]{0,40}[(\[〔][0-9]{4}[)\]〕][^()]{0,20})\)")
_SENTENCE = re.compile("[^。!?]+[。!?]?")
_OTHER_YEAR = re.compile("去年|上年|上一年|往年|历年|同期|前年|近年|明年|次年|来年")
_RUNNING = re.compile("累计|截至|截止|以来|目前|迄今|至今")
_THIS_YEAR = re.compile("全年|本年|今年|当年|年内|年度内")
_PART_OF_YEAR = re.compile(
    "上半年|下半年|季度|(?<![0-9])[0-9]{1,2}(?:[-至][0-9]{1,2})?月(?!1日|31日|底|末)|年初|每月|每年|每周|每季"
)
_PLANNED = re.compile("将|计划|力争|拟|预计|目标|争取|下一步|应当|不得")
_CHANGE = re.compile("(?:增加|减少|增长|下降|上升|回落|提高|降低|多|少|增|减|新增)(?:了|约|近)?$")
_YEAR = re.compile("((?:19|20)[0-9]{2})年")
_WIDER = re.compile("全市|全区|全县|全省|全州|全系统|全国|全镇|各地|各部门|各单位|下属|所属")
_DEPARTMENT = re.compile("(?:局|厅|委|委员会|办|办公室|办公厅|院|中心|处)$")
_OTHER_BODY = re.compile(r"[\u4e00-\u9fff]{2,}(?:县|镇|乡|街道|局|委|法院|开发区)$")
_CHANNEL = re.compile("网上|信函|当面|现场|网络|书面|传真|邮寄|邮件|在线|自然人|法人|企业|公民|个人")
_WHOLE = re.compile("各类|共计|共|合计|总")
_PARTS = re.compile("requests_(?!received|concluded)")
_TOPIC = re.compile("信息公开|政务公开|依申请|政府信息|处理费")
_NEEDS_TOPIC = re.compile("review|litigation|training|fees|received|concluded")


@dataclass(frozen=True, slots=True)
class Wording:
    """A line of facts.csv: words in order that make a count (or, with `states`, their mere presence) a fact."""

    facts: tuple[str, ...]
    states: Number | None
    sure: bool
    forbidden: frozenset[str]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence without white space, document names and remarks; `offsets` lead back into the paragraph."""

    paragraph: Paragraph
    text: str
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A wording found at words[start:end] of a sentence; `count` is the place of its count among the words."""

    wording: Wording
    start: int
    end: int
    count: int | None


def read_facts(blocks: Sequence[Line | Table], year: int | None = None, agency: str | None = None) -> dict[str, Fact]:
    """The facts that the prose of a document states, by name, one each; the surest statement comes first.

    `year` is the reporting year, `agency` the reporting body: figures of other years are left out, those of other
    bodies are not accepted. A fact stated with two different values is given once and not accepted.
    """
    stated: dict[str, list[Fact]] = {}
    for fact in find_statements(blocks, year, agency):
        stated.setdefault(fact.name, []).append(fact)
    return {name: _settle(facts) for name, facts in sorted(stated.items())}


def _settle(facts: list[Fact]) -> Fact:
    accepted = [fact for fact in facts if fact.accepted]
    first = (accepted or facts)[0]
    if len({fact.value for fact in accepted}) > 1:
        return Fact(first.name, first.value, first.text, _UNSURE, False, first.location)
    return first


def find_statements(blocks: Sequence[Line | Table], year: int | None, agency: str | None = None) -> Iterator[Fact]:
    """Every statement of a fact in reading order, also those that contradict each other."""
    for block in read_paragraphs(blocks):
        if isinstance(block, Paragraph):
            for sentence in _sentences(block):
                yield from _statements(sentence, year, agency)


def _sentences(paragraph: Paragraph) -> Iterator[_Sentence]:
    """The sentences of a paragraph that hold a figure or a negation and a word that a fact needs."""
    text, offsets = compact(paragraph.text)
    text = TABLE_TEXT.sub(lambda match: "。" * len(match.group()), text)
    for match in _SENTENCE.finditer(text):
        if len(match.group()) > _LONGEST or not (_FIGURE.search(match.group()) and _KEYWORD.search(match.group())):
            continue
        kept = _without(match.group(), _DOCUMENT_NAME, _REMARK)
        cleaned = "".join(match.group()[index] for index in kept)
        yield _Sentence(paragraph, cleaned, tuple(offsets[match.start() + index] for index in kept))


def _without(text: str, *unwanted: re.Pattern[str]) -> list[int]:
    """The offsets of the characters that no pattern covers, the later patterns reading what the earlier ones left."""
    kept = list(range(len(text)))
    for pattern in unwanted:
        rest = "".join(text[index] for index in kept)
        covered = {place for match in pattern.finditer(rest) for place in range(*match.span())}
        kept = [index for place, index in enumerate(kept) if place not in covered]
    return kept


def _statements(sentence: _Sentence, year: int | None, agency: str | None) -> Iterator[Fact]:
    mentions = find_mentions(sentence.text)
    if not _KEYWORD.search(sentence.text) or not (mentions or re.search("未|无|没", sentence.text)):
        return
    doc = segment(sentence.text + "。", {(one.start, one.end): one.unit for one in mentions})
    by_start = {mention.start: mention for mention in mentions}
    seen: set[str] = set()
    for reading in _readings(doc):
        mention = by_start[doc[reading.count].idx] if reading.count is not None else None
        doubt = _doubt(doc, reading, mention, year, agency, seen)
        if doubt == "no fact":
            continue
        seen.update(reading.wording.facts)
        yield from _facts(sentence, doc, reading, mention, sure=reading.wording.sure and not doubt)


def _facts(sentence: _Sentence, doc: Doc, reading: _Reading, mention: Mention | None, *, sure: bool) -> Iterator[Fact]:
    value = mention.value if mention else reading.wording.states
    final = doc[reading.end - 1]
    begin = doc[_clause_start(doc, reading.start)].idx
    end = final.idx if final.tag_ in ("stop", "and") else final.idx + len(final)
    first, last = sentence.offsets[begin], sentence.offsets[min(end, len(sentence.offsets)) - 1] + 1
    for name in reading.wording.facts:
        text = sentence.paragraph.text[first:last]
        location = sentence.paragraph.locate(first, last)
        yield Fact(name, value or 0, text, _SURE if sure else _UNSURE, sure, location)


def _readings(doc: Doc) -> Iterator[_Reading]:
    """For each count the wording that explains most words around it; then for each negation likewise."""
    found: dict[int, list[_Reading]] = {}
    starts, marked = _marked(doc)
    for wording in _wordings():
        for match in wording.pattern.finditer(marked):
            start, end = bisect_left(starts, match.start()), bisect_left(starts, match.end())
            count = next((index for index in range(start, end) if doc[index].tag_ not in _MARKS), None)
            if _fits(doc, wording, start, end, count):
                place = -1 - start if count is None else count
                found.setdefault(place, []).append(_Reading(wording, start, end, count))
    for place in sorted(found, key=abs):
        yield from _best(found[place])


def _best(readings: list[_Reading]) -> Iterator[_Reading]:
    """The longest reading, in its surest wording; of a negation, the longest for each fact that it denies."""
    readings = sorted(readings, key=lambda one: (one.start - one.end, not one.wording.sure))
    if readings[0].count is None:
        yield from {one.wording.facts: one for one in reversed(readings)}.values()
        return
    alike = [one for one in readings if one.wording.facts == readings[0].wording.facts]
    yield next((one for one in alike if one.wording.sure), alike[0])


def _marked(doc: Doc) -> tuple[list[int], str]:
    """The words with their marks as one text for the patterns, and where each begins in it."""
    pieces = [
        f"{_MARKS[token.tag_]}{token.text} " if token.tag_ in _MARKS else f"{_COUNT}{token.tag_} " for token in doc
    ]
    return list(accumulate(map(len, pieces), initial=1)), " " + "".join(pieces)


def _fits(doc: Doc, wording: Wording, start: int, end: int, count: int | None) -> bool:
    clause = [token.text for token in doc[_clause_start(doc, start) : end]]
    if wording.forbidden.intersection(clause):
        return False
    if count is None:
        return start == 0 or doc[start - 1].text not in _NEGATIONS
    if _NEGATIONS.intersection(token.text for token in doc[max(0, start - 2) : end] if token.tag_ == "word"):
        return False
    return not _shared(doc, start, count)


def _shared(doc: Doc, start: int, count: int) -> bool:
    """Whether the count belongs to several things together: 予以公开、部分公开5件 is not 部分公开5件."""
    if any(token.text not in _FILLERS.split("|") for token in doc[start + 1 : count]):
        return False
    for index in range(start - 1, max(-1, start - 4), -1):
        if doc[index].tag_ == "and":
            return index > 0 and doc[index - 1].tag_ in ("word", "and")
        if doc[index].tag_ != "word":
            return False
    return False


def _clause_start(doc: Doc, index: int) -> int:
    while index > 0 and doc[index - 1].tag_ in ("word", "and"):
        index -= 1
    return index


def _doubt(
    doc: Doc, reading: _Reading, mention: Mention | None, year: int | None, agency: str | None, seen: set[str]
) -> str:
    """Why a reading is not to be accepted ("" for no reason); "no fact" where it is of another year or a change."""
    name = reading.wording.facts[0]
    at = reading.end if reading.count is None else reading.count
    before = doc[:at].text
    clause = doc[_clause_start(doc, reading.start) : reading.end].text
    years = _YEAR.findall(before)
    carried = name.startswith("requests_carried")
    if (years and year and int(years[-1]) != year and not carried) or _CHANGE.search(before):
        return "no fact"
    if _OTHER_YEAR.search(clause) and not carried:
        return "no fact"
    if mention is not None and "其中" in before and not _PARTS.match(name):
        return "no fact" if name in seen else "part"
    doubts = (
        (mention is not None and mention.approximate, "approximate"),
        (mention is not None and bool(_RUNNING.search(before)) and not _says_this_year(before, year), "running"),
        (bool(_PART_OF_YEAR.search(before)), "part of the year"),
        (bool(_PLANNED.search(clause)), "planned"),
        (bool(years) and year is None, "year unknown"),
        (bool(_CHANNEL.search(clause)) and mention is not None and not _WHOLE.search(clause), "one kind"),
        (_of_others(doc, reading, before, agency), "other body"),
        (bool(_NEEDS_TOPIC.search(name)) and not _TOPIC.search(doc.text), "other topic"),
        ("分别" in clause or "依次" in clause, "list"),
    )
    return next((reason for true, reason in doubts if true), "")


def _says_this_year(before: str, year: int | None) -> bool:
    bare = re.sub(r"(?:截至|截止)到?(?:(?:19|20)[0-9]{2}年)?", "", before)
    return bool(_THIS_YEAR.search(bare)) or (year is not None and f"{year}年" in bare)


def _of_others(doc: Doc, reading: _Reading, before: str, agency: str | None) -> bool:
    own = agency or ""
    if _DEPARTMENT.search(own) and _WIDER.search(before):
        return True
    clause = doc[_clause_start(doc, reading.start) : reading.end]
    return any(_OTHER_BODY.match(token.text) and token.text not in own for token in clause)


@lru_cache(maxsize=1)
def _wordings() -> tuple[Wording, ...]:
    text = files("pipeline.forms").joinpath("facts.csv").read_text(encoding="utf-8")
    return tuple(
        Wording(
            tuple(line["fact"].split("+")),
            int(line["states"]) if line["states"] else None,
            line["sure"] == "1",
            frozenset(line["forbidden"].split()),
            re.compile("(?<= )" + "".join(_pattern(line["wording"].split(), line["units"]))),
        )
        for line in csv.DictReader(text.splitlines())
    )


def _pattern(elements: Iterable[str], units: str) -> Iterator[str]:
    """The elements of a wording as a pattern: `a|b` words, `#` count, `~` fillers, `$` clause end, `..` gap."""
    for element in elements:
        if element == "#":
            yield f"{_COUNT}[{units}]次? "
        elif element == "~":
            yield f"(?:(?:{_FILLERS}) ){{0,4}}?"
        elif element == "$":
            yield f"(?:[{_STOP}{_AND}][^ ]+|也|且|并) "
        elif element in _GAPS:
            yield _GAPS[element]
        else:
            words = ((_AND if word in _JOINING else "") + re.escape(word) for word in element.split("|"))
            yield f"(?:{'|'.join(words)}) "
