"""What the learnt reader of facts sees: figures and denials among the words of a sentence, and what stands around them.

One function makes the features for training and for serving. A candidate is a count with its unit, or a pair of a
negation and a word that it may deny (未收到 … 申请; 申请 … 为零).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.datamodel import Number
from pipeline.prose.fact_lexicon import Sorted
from pipeline.prose.fact_scope import Context
from pipeline.prose.fact_sorts import count_sorts, denial_sorts
from pipeline.prose.fact_wordings import Reading
from pipeline.prose.mentions import Mention
from pipeline.prose.segment import Token

_KEYWORD = re.compile(
    "申请|复议|诉讼|起诉|诉至|被告|应诉|费|结转|顺延|转入|转至|跨年|规范性文件|规章|发布会|培训|部分公开|不予公开|予以公开|"
    "无法提供|不予处理|其他处理|微博|微信|公众号|受理|依申请公开|涉诉|被诉|在办|解读|网站|官司|收件|遗留|跨年|转出|钱|告状"
)
_NEGATION = re.compile("^(?:未|没|无|零|尚未|从未|不存在|不曾|并未|均无|亦无|也无|皆无)")
_NO_NEGATION = re.compile("^(?:无法|未来|无锡|无偿|无障碍|无论|无须|无需|未成年|未经|无关|未到|未满)")
_ZERO = re.compile(r"(?:为|是|数|量|[:])(?:零|0)(?![0-9.%件宗起条元份次个年])")
_ANCHORS = frozenset(
    """
    申请 申请件 依申请公开 结转 办结 答复 予以公开 部分公开 不予公开 无法提供 不予处理 其他处理
    同意公开 准予公开 行政复议 复议 行政诉讼 诉讼 信息处理费 处理费 费用 收费 主动公开 网站 门户网站
    官网 微信 公众号 微信公众号 微博 政策解读 解读 解读材料 发布会 新闻发布会 培训 培训班 规章
    规范性文件 现行有效 废止 清理 建议 提案 留言 信访 投诉 转载 访问量 粉丝
    """.split()  # noqa: SIM905
)
_VERBS = frozenset(
    """
    收到 受理 接收 新收 登记 接到 办结 答复 作出 发布 公开 推送 编发 召开 举办 举行 组织 开展 制定
    制发 出台 印发 收取 发生 产生 维持 纠正 驳回 审结 参加 参训 转载 废止 清理 保留 减免 提交 提出
    增加 减少 下降 增长 结转 转入
    """.split()  # noqa: SIM905
)
_YEAR = re.compile("((?:19|20)[0-9]{2})年")
_FLAGS = {
    "last": re.compile("去年|上年|上一年|往年|历年|同期|前年"),
    "running": re.compile("累计|截至|截止|以来|目前|迄今|至今|历年"),
    "this": re.compile("全年|本年|今年|当年|年内|年度内|报告期"),
    "part": re.compile("上半年|下半年|季度|月(?!1日|31日|底|末)|每年|每月"),
    "plan": re.compile("计划|力争|拟|预计|目标|争取|下一步|明年|来年"),
    "of": re.compile("其中|包括|含"),
    "channel": re.compile("网上|信函|当面|现场|网络|书面|邮寄|邮件|在线|自然人|法人|企业|个人|传真|窗口|通过"),
    "wide": re.compile("全市|全区|全县|全省|全系统|全国|全镇|各地|各部门|各单位|各级|我市|我县"),
    "others": re.compile("下属|所属|指导|督促|协助|科室|镇街|乡镇|县区|转办|转来"),
}
_KINDS = (
    ("office", re.compile("(?:局|厅|委|委员会|办|院|中心|处|所)$")),
    ("town", re.compile("(?:镇|乡|街道|街道办事处)$")),
)
_NOT_ONE = frozenset({"一人", "一件", "一起", "一宗", "一例", "一名", "1人", "1件", "1起"})
_NOT_YET = "尚未"  # 尚未审结: a head of the table of disputes, which is found in pieces too
_OUTCOMES = frozenset({"总", "总计", "结果", "审结", "维持", "纠正", "败诉", "撤销"})
_UNDONE = re.compile("纠正|纠错|败诉|撤销|维持|驳回|改判|确认违法")  # who denies that denies no case
_AFTER = 3  # words behind a denied one that may say so
_FEW = 3  # words of a clause from its negation on that may deny what stands before: 诉讼均无, 费用未发生收取
_REACH = 24  # words that a negation may reach over
_RIGHT = 6
_BEHIND = 8  # characters behind a count whose pairs are seen


class Candidate(NamedTuple):
    """What may state a fact: its value, the mention (None for a denial), and words[start:end] that say it."""

    value: Number
    mention: Mention | None
    start: int
    end: int


Features = tuple[str, ...]  # names of what holds: plain strings, which cost the garbage collector nothing


def find_candidates(words: Sequence[Token], mentions: Mapping[int, Mention], said: str) -> list[Candidate]:
    """The counts in order, then the words that a negation may deny, each only once."""
    counts = [
        Candidate(mentions[word.start].value, mentions[word.start], place, place + 1)
        for place, word in enumerate(words)
        if word.start in mentions
    ]
    return [*counts, *dict.fromkeys(_denials(words, said))]


def _denials(words: Sequence[Token], said: str) -> Iterator[Candidate]:
    for place, (text, tag, _) in enumerate(words):
        if tag == "word" and _NEGATION.match(text) and not _NO_NEGATION.match(text):
            yield from _denied(words, place)
            if text != _NOT_YET and _clause_end(words, place) - place <= _FEW:
                yield from _before(words, place)
    for match in _ZERO.finditer(said):
        last = next(place for place in range(len(words) - 1, -1, -1) if words[place].start < match.end())
        yield from _before(words, last)


def _denied(words: Sequence[Token], place: int) -> Iterator[Candidate]:
    """The words after a negation, to the end of its clause or the next count, that it may deny."""
    for at in range(place, min(len(words), place + _REACH)):
        text, tag, _ = words[at]
        if tag not in ("word", "and") and not (at == place + 1 and text in _NOT_ONE):
            return
        if text in _OUTCOMES:
            return
        if _KEYWORD.search(text) and not _outcome_follows(words, at + 1, _clause_end(words, at + 1)):
            yield Candidate(0, None, place, at + 1)


def _outcome_follows(words: Sequence[Token], start: int, end: int) -> bool:
    """Whether the words from there on say what became of a case: 未发生复议被纠正 denies no 复议."""
    behind = [word.text for word in words[start : min(end, start + _AFTER)]]
    return not any(_KEYWORD.search(text) for text in behind[:1]) and any(_UNDONE.search(text) for text in behind)


def _before(words: Sequence[Token], place: int) -> Iterator[Candidate]:
    """The words before a zero or a negation, back to the last count of its clause, that it may deny; so may what
    stands behind a colon: 无法提供:0."""
    behind = place - 1 if place > 1 and words[place - 1].text == ":" else place
    for at in range(behind - 1, _clause_start(words, behind) - 1, -1):
        text, tag, _ = words[at]
        if tag not in ("word", "and"):
            return
        if _KEYWORD.search(text) and not _outcome_follows(words, at + 1, behind):
            yield Candidate(0, None, at, place + 1)


def _clause_start(words: Sequence[Token], place: int) -> int:
    while place > 0 and words[place - 1].tag != "stop":
        place -= 1
    return place


def sentence_features(
    words: Sequence[Token],
    items: Sequence[Sorted],
    candidates: Sequence[Candidate],
    readings: Sequence[tuple[Reading, str]],
    context: Context,
) -> list[Features]:
    """The features of each candidate; `items` are the sentence's `sorts_and_counts`, `readings` what the patterns make
    of it, each with its doubt."""
    scene = _Scene(words, [_shown(word) for word in words], items)
    return [tuple(dict.fromkeys(_names(scene, candidate, readings, context))) for candidate in candidates]


class _Scene(NamedTuple):
    """A sentence as its words, its words with counts as their units, and its sorts."""

    words: Sequence[Token]
    shown: Sequence[str]
    items: Sequence[Sorted]


def _names(
    scene: _Scene, candidate: Candidate, readings: Sequence[tuple[Reading, str]], context: Context
) -> Iterator[str]:
    words = scene.words
    counted = candidate.mention is not None
    first = _clause_start(words, candidate.start)
    begin = words[candidate.start].start
    before = context.said[:begin]
    names = _count_names if counted else _denial_names
    mark = "" if counted else "n:"
    for name in names(words, scene.shown, candidate, first, context.said):
        yield mark + name
    for name in _sort_names(scene, candidate):
        yield mark + name
    for name in _scope_names(before, context.said[words[first].start : begin], context):
        yield mark + name
    for name in _pattern_names(candidate, readings):
        yield mark + name


def _sort_names(scene: _Scene, candidate: Candidate) -> Iterator[str]:
    if candidate.mention is not None:
        return count_sorts(scene.items, candidate.mention.start, candidate.mention.end, candidate.mention.unit)
    first, last = scene.words[candidate.start], scene.words[candidate.end - 1]
    key = last if _NEGATION.match(first.text) else first
    span = key.start, key.start + len(key.text)
    return denial_sorts(scene.items, first.start, last.start + len(last.text), span)


def _shown(word: Token) -> str:
    return word.text if word.tag in ("word", "and", "stop") else f"#{word.tag}"


def _count_names(
    words: Sequence[Token], shown: Sequence[str], candidate: Candidate, first: int, said: str
) -> Iterator[str]:
    place = candidate.start
    word = words[place]
    yield f"u={word.tag}"
    yield "zero" if candidate.value == 0 else "some"
    if candidate.mention and candidate.mention.approximate:
        yield "approximate"
    near = place
    while near > first and shown[near - 1][0] != "#":
        near -= 1
    yield from _around(shown, place, place + 1)
    yield from (f"near={text}" for text in shown[near:place])
    yield from (f"far={text}" for text in shown[first:near])
    stop = _clause_end(words, place + 1)
    yield from (f"right={text}" for text in shown[place + 1 : min(stop, place + 1 + _RIGHT)])
    if stop == place + 1:
        yield "ends"
    if near < place and near == first:
        yield "first in clause"
    yield from _clauses_before(words, shown, first)
    end = word.start + len(word.text)
    yield from (f"c{size}={said[max(0, word.start - size) : word.start]}" for size in (2, 3, 4))
    yield from (f"d{size}={said[end : end + size]}" for size in (1, 2, 3))
    yield from (f"b={pair}" for pair in _pairs_of(said[words[near].start : word.start]))
    yield from (f"a={pair}" for pair in _pairs_of(said[end : end + _BEHIND]))
    yield from _anchors(shown, near, place, first, word.tag)


def _pairs_of(text: str) -> Iterator[str]:
    """The pairs of neighbouring characters, which know a word in wordings that its cuts do not."""
    return map("".join, pairwise(text))


def _anchors(shown: Sequence[str], near: int, place: int, first: int, unit: str) -> Iterator[str]:
    """The last word before the count that names a matter and the last that says what was done, near and far."""
    matter = next((text for text in reversed(shown[near:place]) if text in _ANCHORS), "")
    farther = matter or next((text for text in reversed(shown[first:place]) if text in _ANCHORS), "")
    earlier = farther or next((text for text in reversed(shown[:place]) if text in _ANCHORS), "")
    done = next((text for text in reversed(shown[first:place]) if text in _VERBS), "")
    yield f"matter={matter}"
    yield f"farther={farther}"
    yield f"earlier={earlier}"
    yield f"done={done}"
    yield f"matter={farther}+{done}"
    yield f"matter={farther}+{unit}"


def _denial_names(
    words: Sequence[Token], shown: Sequence[str], candidate: Candidate, first: int, said: str
) -> Iterator[str]:
    start, end = candidate.start, candidate.end
    yield "zero behind" if not _NEGATION.match(words[start].text) else f"not={shown[start]}"
    if _NEGATION.match(words[start].text):
        keyword, after = shown[end - 1], end
        inside = shown[start + 1 : end - 1]
    else:
        keyword, after, inside = shown[start], end, shown[start + 1 : end]
    yield f"key={keyword}"
    yield from (f"in={text}" for text in inside)
    yield from (f"in2={one}+{two}" for one, two in zip(shown[start : end - 1], shown[start + 1 : end], strict=False))
    yield from (f"in&key={text}+{keyword}" for text in inside)
    yield f"gap={min(len(inside), 6)}"
    yield from _around(shown, start, end)
    stop = _clause_end(words, after)
    yield from (f"right={text}" for text in shown[after : min(stop, after + _RIGHT)])
    yield "ends" if stop == after else "goes on"
    yield from (f"far={text}" for text in shown[first:start])
    yield from _clauses_before(words, shown, first)
    final = words[end - 1].start + len(words[end - 1].text)
    yield from (f"c{size}={said[max(0, final - size) : final]}" for size in (3, 4, 6))
    yield from (f"d{size}={said[final : final + size]}" for size in (1, 2, 3))


def _around(shown: Sequence[str], start: int, end: int) -> Iterator[str]:
    left = [shown[place] if place >= 0 else "" for place in range(start - 3, start)]
    right = [shown[place] if place < len(shown) else "" for place in range(end, end + 2)]
    yield from (f"l{3 - place}={text}" for place, text in enumerate(left))
    yield f"l21={left[1]}+{left[2]}"
    yield f"l321={left[0]}+{left[1]}+{left[2]}"
    yield from (f"r{place}={text}" for place, text in enumerate(right, 1))
    yield f"r12={right[0]}+{right[1]}"
    yield f"lr={left[2]}+{right[0]}"


def _clause_end(words: Sequence[Token], place: int) -> int:
    while place < len(words) and words[place].tag in ("word", "and"):
        place += 1
    return place


def _clauses_before(words: Sequence[Token], shown: Sequence[str], first: int) -> Iterator[str]:
    """The words of the clause before, and what the sentence opens with; of what is between the sorts tell enough."""
    second = _clause_start(words, first - 1) if first > 0 else 0
    yield from (f"before={text}" for text in shown[second : max(first - 1, 0)])
    yield f"opens={shown[0]}"


def _scope_names(before: str, clause: str, context: Context) -> Iterator[str]:
    """Whose and which year's figure it may be."""
    years = _YEAR.findall(before)
    if years and context.year:
        yield f"year={_relation(int(years[-1]), context.year)}"
        yield f"first year={_relation(int(years[0]), context.year)}"
        if "年" in clause and (own := _YEAR.findall(clause)):
            yield f"own year={_relation(int(own[-1]), context.year)}"
    kind = next((name for name, known in _KINDS if known.search(context.agency or "")), "place")
    for name, pattern in _FLAGS.items():
        if pattern.search(clause):
            yield f"clause {name}"
        if pattern.search(before):
            yield f"sentence {name}"
            if name == "wide":
                yield f"wide {kind}"
    own_end = (context.agency or "")[-1:]
    if own_end and f"全{own_end}" in before:
        yield "wide own"
    if re.search("信息公开|政务公开|依申请|政府信息", context.before[-100:]):
        yield "topic before"
    if re.search("信息公开|政务公开|依申请|政府信息", context.said):
        yield "topic here"


def _relation(year: int, reporting: int) -> str:
    return (
        "same" if year == reporting else "later" if year > reporting else "last" if year == reporting - 1 else "older"
    )


def _pattern_names(candidate: Candidate, readings: Sequence[tuple[Reading, str]]) -> Iterator[str]:
    """What the patterns make of the same count, or of a negation that ends where this one does."""
    found = False
    for reading, doubt in readings:
        if candidate.mention is not None:
            same = reading.counted == candidate.start
        else:
            same = reading.counted is None and reading.start < candidate.end <= reading.end + 1
            same = same and candidate.start <= reading.start + 2
        if same:
            found = True
            name, sure = "+".join(reading.wording.facts), "sure" if reading.wording.sure else "vague"
            yield f"pattern={name}"
            yield f"pattern={name}+{sure}"
            yield f"doubt={doubt}"
    if not found:
        yield "no pattern"
