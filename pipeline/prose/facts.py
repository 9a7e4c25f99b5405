"""Figures that the prose states: counts with their words around them, read by the wordings of forms/facts.csv.

Only what is said plainly is accepted: one exact value, this year, this body. What is approximate, running (累计,
截至目前), a part (其中), planned, of other bodies, or said twice with different values stays unaccepted; what is of
another year or a change against it is no fact at all. Negations are zeros (未收到…申请, 无收取…费情况).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from pipeline.datamodel import Fact, Line, Problem, Table
from pipeline.prose.fact_claims import DOUBTED, Claim, Said, judge_by_model, judge_by_patterns
from pipeline.prose.fact_model import FactClassifier
from pipeline.prose.fact_scope import Context
from pipeline.prose.mentions import MAY_COUNT, NUMERAL, find_mentions
from pipeline.prose.paragraphs import TABLE_TEXT, Paragraph, compact, read_paragraphs
from pipeline.prose.segment import cut

_NEARBY = 200  # characters before a sentence that may say what it is about
_LONGEST = 600  # characters of a sentence; what is longer is no prose
_KEYWORD = re.compile(
    "申请|公开|信息|解读|发布会|培训|规章|规范性文件|复议|诉讼|费|结转|办结|答复|处理|提供|转下|转入|顺延|微信|微博|公众号|网站|官网|受理|接收|同意|新收|跨年|办理|诉至|起诉|被告|官微|来件|收件|下年|"
    "官司|遗留|未决|未结|收钱|准予|[收办结答][0-9]"
)
_NEGATED = re.compile("[未无没零]|不存在|[为是:]0")
_ASIDE = re.compile("[《(]")  # what a document name or a remark begins with; without it a count may be whole
_MAY_STATE = re.compile(f"{MAY_COUNT}|[0-9{NUMERAL}][余多几]?个?{_ASIDE.pattern}|{_NEGATED.pattern}")
_DOCUMENT_NAME = re.compile(r"《[^《》]{0,120}(?:《[^《》]{0,60}》[^《》]{0,60})?》")
_REMARK = re.compile(r"\((?![^()]{0,60}部分)(?:[^()0-9]{0,60}|[^()]{0,40}[(\[〔][0-9]{4}[)\]〕][^()]{0,20})\)")
_SENTENCE = re.compile("[^。!?]+[。!?]?")


class _Sentence(NamedTuple):
    """A sentence without white space, document names and remarks; `offsets` lead back into the paragraph.

    `before` is the text that stands before it there.
    """

    paragraph: Paragraph
    text: str
    offsets: Sequence[int]
    before: str


def read_facts(
    blocks: Sequence[Line | Table],
    year: int | None = None,
    agency: str | None = None,
    paragraphs: Sequence[Paragraph | Table] | None = None,
    model: FactClassifier | None = None,
) -> dict[str, Fact]:
    """The facts that the prose of a document states, by name, one each; the surest statement comes first.

    `year` is the reporting year, `agency` the reporting body: figures of other years are left out, those of other
    bodies are not accepted. A fact stated with two different values is given once and not accepted. `paragraphs` are
    those of the blocks, if they were read before; without a `model` the patterns read alone.
    """
    return settle_facts(find_statements(blocks, year, agency, paragraphs, model))


def settle_facts(statements: Iterable[Fact]) -> dict[str, Fact]:
    """One statement of each fact, the surest; not accepted where another that is as sure gives another value."""
    return {name: _settle(facts) for name, facts in sorted(_by_name(statements).items())}


def find_contradictions(statements: Iterable[Fact]) -> list[Problem]:
    """A problem for each fact that the prose plainly states with different values, all of which it names."""
    found = []
    for name, facts in sorted(_by_name(statements).items()):
        plain = {fact.value: fact for fact in reversed(facts) if fact.accepted}
        if len(plain) > 1:
            told = "; ".join(f"{fact.value:g} ({fact.text[-40:]})" for fact in reversed(plain.values()))
            message = f"The prose states {name} with different values: {told}."
            found.append(Problem("facts", "several_values", message, next(reversed(plain.values())).location))
    return found


def _by_name(statements: Iterable[Fact]) -> dict[str, list[Fact]]:
    stated: dict[str, list[Fact]] = {}
    for fact in statements:
        stated.setdefault(fact.name, []).append(fact)
    return stated


def _settle(facts: list[Fact]) -> Fact:
    surest = max(facts, key=lambda fact: fact.confidence)
    if len({fact.value for fact in facts if fact.accepted and fact.confidence >= surest.confidence}) > 1:
        return replace(surest, confidence=DOUBTED, accepted=False)
    return surest


def find_statements(
    blocks: Sequence[Line | Table],
    year: int | None,
    agency: str | None = None,
    paragraphs: Sequence[Paragraph | Table] | None = None,
    model: FactClassifier | None = None,
) -> list[Fact]:
    """Every statement of a fact in reading order, also those that contradict each other."""
    found = list(_find_said(read_paragraphs(blocks) if paragraphs is None else paragraphs, year, agency))
    judge = judge_by_patterns if model is None else partial(judge_by_model, model)
    judged = judge([one.said for one in found])
    return [
        fact for one, claims in zip(found, judged, strict=True) for claim in claims for fact in _facts(one.place, claim)
    ]


def find_said(blocks: Sequence[Line | Table], year: int | None, agency: str | None) -> list[tuple[Said, Sequence[int]]]:
    """The sentences of a document that may state a fact, as its readers see them, in order; with the offset of each of
    their characters in its paragraph."""
    return [(one.said, one.place.offsets) for one in _find_said(read_paragraphs(blocks), year, agency)]


def _find_said(blocks: Sequence[Paragraph | Table], year: int | None, agency: str | None) -> Iterator[_Read]:
    for block in blocks:
        for sentence in _sentences(block) if isinstance(block, Paragraph) else ():
            read = _read(sentence, year, agency)
            if read is not None:
                yield read


def _sentences(paragraph: Paragraph) -> Iterator[_Sentence]:
    """The sentences that may hold a count or a negation and that hold a word which a fact needs."""
    text, offsets = compact(paragraph.text)
    text = TABLE_TEXT.sub(lambda match: "。" * len(match.group()), text)
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        said = match.group()
        if end - start > _LONGEST or not (_MAY_STATE.search(said) and _KEYWORD.search(said)):
            continue
        places = offsets[start:end]
        kept = _without(said, _DOCUMENT_NAME, _REMARK) if _ASIDE.search(said) else range(len(said))
        if len(kept) < len(said):
            said, places = "".join([said[index] for index in kept]), [places[index] for index in kept]
            if not _KEYWORD.search(said):
                continue
        yield _Sentence(paragraph, said, places, text[max(0, start - _NEARBY) : start])


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


class _Read(NamedTuple):
    """A sentence in its place, and what it says."""

    place: _Sentence
    said: Said


def _read(sentence: _Sentence, year: int | None, agency: str | None) -> _Read | None:
    """What a sentence says; None where it holds neither a count nor a negation."""
    text = sentence.text + "。"
    mentions = {one.start: one for one in find_mentions(text)}
    if not (mentions or _NEGATED.search(text)):
        return None
    words = cut(text, {(one.start, one.end): one.unit for one in mentions.values()})
    return _Read(sentence, Said(words, mentions, Context(year, agency, sentence.before, text)))


def _facts(sentence: _Sentence, claim: Claim) -> Iterator[Fact]:
    first, last = sentence.offsets[claim.start], sentence.offsets[min(claim.end, len(sentence.offsets)) - 1] + 1
    text = sentence.paragraph.text[first:last]
    location = sentence.paragraph.locate(first, last)
    for name in claim.facts:
        yield Fact(name, claim.value, text, claim.confidence, claim.accepted, location)
