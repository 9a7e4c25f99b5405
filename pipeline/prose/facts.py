"""Figures that the prose states: counts with their words around them, read by the wordings of forms/facts.csv.

Only what is said plainly is accepted: one exact value, this year, this body. What is approximate, running (累计,
截至目前), a part (其中), planned, of other bodies, or said twice with different values stays unaccepted; what is of
another year or a change against it is no fact at all. Negations are zeros (未收到…申请, 无收取…费情况).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.datamodel import Fact, Line, Table
from pipeline.prose.fact_scope import Context, find_doubt
from pipeline.prose.fact_wordings import Reading, clause_start, find_readings
from pipeline.prose.mentions import Mention, find_mentions
from pipeline.prose.paragraphs import TABLE_TEXT, Paragraph, compact, read_paragraphs
from pipeline.prose.segment import Token, cut

# Confidence of a plain statement, of a plain wording with a doubt about it, of a vague wording: set by hand, in order.
_SURE, _DOUBTED, _VAGUE = 0.95, 0.6, 0.4
_NEARBY = 200  # characters before a sentence that may say what it is about
_LONGEST = 600  # characters of a sentence; what is longer is no prose
_KEYWORD = re.compile(
    "申请|公开|信息|解读|发布会|培训|规章|规范性文件|复议|诉讼|费|结转|办结|答复|处理|提供|转下|转入|顺延|微信|微博|公众号"
)
_NEGATED = re.compile("未|无|没|不存在")
_FIGURE = re.compile(f"[0-9零〇一二两三四五六七八九十百千万]|{_NEGATED.pattern}")
_DOCUMENT_NAME = re.compile(r"《[^《》]{0,120}(?:《[^《》]{0,60}》[^《》]{0,60})?》")
_REMARK = re.compile(r"\((?:[^()0-9]{0,60}|[^()]{0,40}[(\[〔][0-9]{4}[)\]〕][^()]{0,20})\)")
_SENTENCE = re.compile("[^。!?]+[。!?]?")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence without white space, document names and remarks; `offsets` lead back into the paragraph."""

    paragraph: Paragraph
    text: str
    offsets: Sequence[int]


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
    surest = max(facts, key=lambda fact: fact.confidence)
    if len({fact.value for fact in facts if fact.accepted}) > 1:
        return replace(surest, confidence=_DOUBTED, accepted=False)
    return surest


def find_statements(blocks: Sequence[Line | Table], year: int | None, agency: str | None = None) -> Iterator[Fact]:
    """Every statement of a fact in reading order, also those that contradict each other."""
    for block in read_paragraphs(blocks):
        if isinstance(block, Paragraph):
            for sentence, before in _sentences(block):
                yield from _statements(sentence, Context(year, agency, before))


def _sentences(paragraph: Paragraph) -> Iterator[tuple[_Sentence, str]]:
    """The sentences that hold a figure or a negation and a word that a fact needs, with the text before each."""
    text, offsets = compact(paragraph.text)
    text = TABLE_TEXT.sub(lambda match: "。" * len(match.group()), text)
    for match in _SENTENCE.finditer(text):
        said = match.group()
        if len(said) > _LONGEST or not (_FIGURE.search(said) and _KEYWORD.search(said)):
            continue
        kept = _without(said, _DOCUMENT_NAME, _REMARK)
        whole = len(kept) == len(said)
        cleaned = said if whole else "".join([said[index] for index in kept])
        places = offsets[slice(*match.span())] if whole else [offsets[match.start() + index] for index in kept]
        sentence = _Sentence(paragraph, cleaned, places)
        yield sentence, text[max(0, match.start() - _NEARBY) : match.start()]


def _without(text: str, *unwanted: re.Pattern[str]) -> Sequence[int]:
    """The offsets of the characters that no pattern covers, the later patterns reading what the earlier ones left."""
    kept: Sequence[int] = range(len(text))
    for pattern in unwanted:
        if not pattern.search(text):
            continue
        rest = "".join([text[index] for index in kept])
        covered = {place for match in pattern.finditer(rest) for place in range(*match.span())}
        kept = [index for place, index in enumerate(kept) if place not in covered]
    return kept


def _statements(sentence: _Sentence, context: Context) -> Iterator[Fact]:
    if not _KEYWORD.search(sentence.text):
        return
    mentions = find_mentions(sentence.text)
    if not (mentions or _NEGATED.search(sentence.text)):
        return
    words = cut(sentence.text + "。", {(one.start, one.end): one.unit for one in mentions})
    by_start = {mention.start: mention for mention in mentions}
    seen: set[str] = set()
    for reading in find_readings(words):
        mention = by_start[words[reading.count].start] if reading.count is not None else None
        doubt = find_doubt(words, reading, mention, context, seen)
        if doubt == "no fact":
            continue
        seen.update(reading.wording.facts)
        confidence = _VAGUE if not reading.wording.sure else _DOUBTED if doubt else _SURE
        yield from _facts(sentence, words, reading, mention, confidence)


def _facts(
    sentence: _Sentence, words: Sequence[Token], reading: Reading, mention: Mention | None, confidence: float
) -> Iterator[Fact]:
    value = mention.value if mention else reading.wording.states
    final = words[reading.end - 1]
    begin = words[clause_start(words, reading.start)].start
    end = final.start if final.tag in ("stop", "and") else final.start + len(final.text)
    first, last = sentence.offsets[begin], sentence.offsets[min(end, len(sentence.offsets)) - 1] + 1
    text = sentence.paragraph.text[first:last]
    location = sentence.paragraph.locate(first, last)
    for name in reading.wording.facts:
        yield Fact(name, value or 0, text, confidence, confidence == _SURE, location)
