"""Reasons not to accept a statement: another year, part of one, a running total, a plan, another body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.prose.fact_wordings import Reading
from pipeline.prose.mentions import Mention
from pipeline.prose.segment import Token

_OTHER_YEAR = re.compile(
    "去年|上年|上一年|往年|历年|同期|前年|近年|明年|次年|来年|近?[两三四五六七八九十]年[来间内共]|近[两三四五六七八九十0-9]+年"
)
_RUNNING = re.compile("累计|截至|截止|以来|目前|迄今|至今|期间|任期|历年")
_THIS_YEAR = re.compile("全年|本年|今年|当年|年内|年度内")
_PART_OF_YEAR = re.compile(
    "上半年|下半年|季度|(?<![0-9])[0-9]{1,2}(?:[-至][0-9]{1,2})?月(?!1日|31日|底|末)|年初|每月|每年|每周|每季"
)
_HINT_OF_PART = re.compile("[半季月初每]")  # one of these is in all that the above matches
_YEAR_END = re.compile("年底|年末|12月31日|12月底")
_PLANNED = re.compile("将|计划|力争|拟|预计|目标|争取|下一步|应当|应收|应缴|不得")
_CHANGE = re.compile("(?:增加|减少|增长|下降|上升|回落|提高|降低|多|少|增|减|新增)(?:了|约|近)?$")
_LONGEST_CHANGE = 4  # characters that a match of the above may be long, a line break included
_YEAR = re.compile("((?:19|20)[0-9]{2})年")
_SPAN_OF_YEARS = re.compile("(?:19|20)[0-9]{2}年?[至到—~-](?:19|20)[0-9]{2}年")
_WIDER = re.compile(
    "我[省市县区](?=共|主动|全年|累计|收到)|全市|全区|全县|全省|全州|全系统|全国|全镇|各地|各部门|各单位|下属|所属|"
    "各(?:镇|乡|街道|科室|县|区|市)|区县局"
)
_DEPARTMENT = re.compile("(?:局|厅|委|委员会|办|办公室|办公厅|院|中心|处)$")
_OTHER_BODY = re.compile(r"[\u4e00-\u9fff]{2,}(?:县|镇|乡|街道|局|委|法院|开发区)$")
_CHANNEL = re.compile(
    "转办|转交|网上|信函|当面|现场|网络|书面|传真|邮寄|邮件|在线|自然人|法人(?![和或及、]其他)|企业|公民(?![、和或])|个人"
)
_WHOLE = re.compile("各类|共计|共|合计|总")
_PARTS = re.compile("requests_(?!received|concluded)|website|wechat|weibo")
_OTHER_MATTER = re.compile(
    "公文|属性|印发文件|制发文件|建议|提案|信访|来信|来电|热线|留言|投诉|举报|许可|救助|仲裁|调解"
)
_CARRIES_ELSE = re.compile("(?:复议|诉讼|项目|预算|资金|议案)[^,，;；、]{0,6}$")
_INCLUDED = re.compile(r"(?:[(]|[,，](?:含|包括|其中))[^)。,，;]{0,6}(?:上年|上一年|去年)度?结转")
_EXCEPTION = re.compile("除[^,，]{0,20}外")
_VIA = re.compile("通过|利用|借助|依托|平台|栏目|专栏|系统")
_OF_SOME = re.compile(
    "部分|指导|督促|协助|抽查|[0-9一二三四五六七八九十]个?(?:单位|部门|镇|乡|街道)|各(?:镇|乡|街道|部门|单位)|[县市区]直|所属|下属"
)
_PARTIALLY_GRANTED = re.compile("部分(?:予以)?公开")
_TOPIC = re.compile("信息公开|政务公开|依申请|政府信息|处理费")
_NEEDS_TOPIC_NEARBY = ("review", "litigation", "training")
_NEEDS_TOPIC = (*_NEEDS_TOPIC_NEARBY, "fees", "requests_received", "requests_concluded")


class Context(NamedTuple):
    """What a sentence is read in: reporting year and body, the text just before it in its paragraph, its own text."""

    year: int | None
    agency: str | None
    before: str
    said: str


def find_doubt(
    words: Sequence[Token], reading: Reading, mention: Mention | None, context: Context, seen: set[str]
) -> str:
    """Why a reading is not to be accepted ("" for no reason); "no fact" where it is of another year or a change."""
    name, year, said = reading.wording.facts[0], context.year, context.said
    end = words[reading.end - 1].start + len(words[reading.end - 1].text)
    before = said[: end if mention is None else mention.start]
    clause = said[words[reading.clause].start : end]
    years = _YEAR.findall(before) if "年" in before else []
    carried = name.startswith("requests_carried")
    late = name == "requests_carried_out" and years and year and int(years[-1]) < year
    if late or (years and year and int(years[-1]) != year and not carried) or _CHANGE.search(before[-_LONGEST_CHANGE:]):
        return "no fact"
    if not carried and ("年" in clause or "同期" in clause) and _OTHER_YEAR.search(clause):
        return "no fact"
    if mention is not None and "其中" in before and not _PARTS.match(name):
        return "no fact" if name in seen else "part"
    clause_words = words[reading.clause : reading.end]
    return next(_doubts(name, before, clause, clause_words, mention, context), "")


def _doubts(
    name: str, before: str, clause: str, words: Sequence[Token], mention: Mention | None, context: Context
) -> Iterator[str]:
    if mention is not None:
        if mention.approximate:
            yield "approximate"
        if _is_running(name, before, context.year):
            yield "running"
        if _of_one_kind(name, clause):
            yield "one kind"
        if name == "requests_received" and _INCLUDED.match(context.said, mention.end):
            yield "with carried"
    if (mention is None or name == "requests_received") and _EXCEPTION.search(before):
        yield "exception"
    if _says_part_of_year(before):
        yield "part of the year"
    if _PLANNED.search(clause):
        yield "planned"
    if context.year is None and _YEAR.search(before):
        yield "year unknown"
    if _of_others(name, words, before, context.agency or ""):
        yield "other body"
    if not _on_topic(name, before + clause, context.before, denied=mention is None):
        yield "other topic"
    if "分别" in clause or "依次" in clause:
        yield "list"


def _says_part_of_year(before: str) -> bool:
    return _HINT_OF_PART.search(before) is not None and _PART_OF_YEAR.search(before) is not None


def _of_one_kind(name: str, clause: str) -> bool:
    """Whether the clause speaks of one channel or one sort of applicant only."""
    if name == "proactive_items":
        return bool(_VIA.search(clause)) and not re.search("等|各类|各种|多种", clause)
    return name.startswith("requests") and bool(_CHANNEL.search(clause)) and not _WHOLE.search(clause)


def _on_topic(name: str, sentence: str, before: str, *, denied: bool) -> bool:
    """Whether the figure is about disclosure; who had no review or lawsuit at all had none about disclosure."""
    if name.startswith("requests_carried") and _CARRIES_ELSE.search(sentence):
        return False
    if name.startswith("requests") and (
        _OTHER_MATTER.search(sentence) or (name.endswith("concluded") and "申请" not in sentence)
    ):
        return False
    if not name.startswith(_NEEDS_TOPIC) or (denied and name in ("review_cases", "litigation_cases")):
        return True
    return bool(_TOPIC.search(sentence if name.startswith(_NEEDS_TOPIC_NEARBY) else before + sentence))


def _is_running(name: str, before: str, year: int | None) -> bool:
    if name.endswith("in_force") and _YEAR_END.search(before):
        return False
    if "年" in before and _SPAN_OF_YEARS.search(before):
        return True
    return bool(_RUNNING.search(before)) and not _says_this_year(before, year)


def _says_this_year(before: str, year: int | None) -> bool:
    bare = re.sub(r"(?:截至|截止)到?(?:(?:19|20)[0-9]{2}年)?", "", before)
    return bool(_THIS_YEAR.search(bare)) or (year is not None and f"{year}年" in bare)


def _without_kinds(text: str) -> str:
    """The text without 部分公开, which is an outcome and says nothing of a part of the agencies."""
    return _PARTIALLY_GRANTED.sub("", text) if "部分" in text else text


def _of_others(name: str, words: Sequence[Token], before: str, own: str) -> bool:
    if _WIDER.search(before) and _DEPARTMENT.search(own):
        return True
    if name.startswith("requests") and _OF_SOME.search(_without_kinds(before)):
        return True
    long = [word for word, _, _ in words if len(word) > 2]
    return any(_OTHER_BODY.match(word) and word not in own for word in long)
