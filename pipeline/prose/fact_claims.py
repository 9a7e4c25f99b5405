"""What a sentence claims: the readings of patterns, or patterns and the learnt reader together.

The patterns of facts.csv are plain but know few wordings; the learnt reader knows more and may err where its training
had nothing alike. What both say is accepted; what only the learnt reader says needs its threshold; what they contradict
each other about is kept and not accepted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.datamodel import Number
from pipeline.prose.fact_features import Candidate, find_candidates, sentence_features
from pipeline.prose.fact_lexicon import Sorted
from pipeline.prose.fact_model import FactClassifier, Guess
from pipeline.prose.fact_scope import Context, find_doubt
from pipeline.prose.fact_sorts import sorts_and_counts
from pipeline.prose.fact_wordings import Reading, find_readings, units_of_facts
from pipeline.prose.mentions import Mention
from pipeline.prose.segment import Token

# Confidence of what patterns and the learnt reader both take for a plain statement, of what one of them does, of a
# plain wording with a doubt about it, of a vague wording: set by hand, in order.
AGREED, SURE, DOUBTED, VAGUE = 0.98, 0.95, 0.6, 0.4
NO_FACT, NONE = "no fact", "none"
_AGREES = 0.15  # what the learnt reader must leave a plain reading of the patterns for it to stand
_FROM_BEFORE = ("requests_carried_in",)  # last year's name stands there for this year's figure
_DENIES = 0.8  # how sure it must be that a figure states nothing to take a plain reading of the patterns away
_AGAINST = 0.75  # what it takes to overrule a vague or doubted reading of the patterns that says something else
_LIKELY = 0.5
_CASES, _VAGUE_UNITS = ("requests", "review", "litigation"), frozenset("个项份")  # 等六个部分 counts no cases
_LOOSELY = frozenset("份例条")  # 申请表12份, 不予公开3例
# What is received is a request only where one of these sorts stands beside it.
_OF_REQUESTS = frozenset(("request", "topic", "conclude", "carry", "pending", "last"))
# Words beside which a plain reading of the patterns may be of a part, a sum, a plan, another body or year.
_MISLEADS = re.compile(
    "各|[市县区]直|县区|部门|乡镇|上年|去年|预测|类|由|因|改|合计|总计|项|每|不[足到]|近|超|申请人|企业|征求|线|周|补正|延期|减|增"
)
_AHEAD = 12  # words behind a figure that may name what it counts
# The sorts of words (fact_words.csv), one of which must be there for a figure to state the fact.
_MATTERS: Mapping[str, frozenset[str]] = {
    name: frozenset(sorts.split("|"))
    for name, sorts in {
        "requests_received": "request|receive|submit|added|due", "requests_carried_in": "carry|last|pending",
        "requests_concluded": "conclude",
        "requests_granted": "grant|publish", "requests_partially_granted": "partial",
        "requests_granted_or_partial": "partial|grant", "requests_refused": "refuse",
        "requests_unavailable": "unavailable|missing",
        "requests_not_processed": "ignore", "requests_other": "other outcome|withdrawn|other",
        "requests_carried_out": "carry|next|conclude|pending|end|rest",
        "review_cases": "review", "litigation_cases": "litigation",
        "fees_charged": "fee|collect", "proactive_items": "proactive|publish", "website_items": "website",
        "wechat_items": "wechat", "weibo_items": "weibo", "policy_interpretations": "interpret|kind of media",
        "press_conferences": "press", "training_sessions": "training", "regulations_issued": "rule",
        "normative_documents_issued": "normative", "normative_documents_in_force": "normative",
    }.items()
}  # fmt: skip


class Said(NamedTuple):
    """A sentence as words, its counts by their offset, and what it is read in."""

    words: Sequence[Token]
    mentions: Mapping[int, Mention]
    context: Context


class Claim(NamedTuple):
    """Facts said to have a value at text[start:end] of the sentence."""

    facts: tuple[str, ...]
    value: Number
    start: int
    end: int
    confidence: float

    @property
    def accepted(self) -> bool:
        return self.confidence >= SURE


class Doubted(NamedTuple):
    """A reading of the patterns with the doubt about it ("" for none, NO_FACT where it states nothing)."""

    reading: Reading
    doubt: str

    @property
    def plain(self) -> bool:
        return not self.doubt and self.reading.wording.sure


def read_patterns(said: Said) -> list[Doubted]:
    """What the patterns make of a sentence, what is no fact among it."""
    seen: set[str] = set()
    found = []
    for reading in find_readings(said.words):
        doubt = find_doubt(said.words, reading, _mention(said, reading), said.context, seen)
        if doubt != NO_FACT:
            seen.update(reading.wording.facts)
        found.append(Doubted(reading, doubt))
    return found


def judge_by_patterns(sentences: Sequence[Said]) -> list[list[Claim]]:
    """What the patterns alone take each sentence to claim."""
    return [[_claim(said, one) for one in read_patterns(said) if one.doubt != NO_FACT] for said in sentences]


def judge_by_model(model: FactClassifier, sentences: Sequence[Said]) -> list[list[Claim]]:
    """What the learnt reader and the patterns together take each sentence to claim."""
    patterns = [read_patterns(said) for said in sentences]
    told = {name for found in patterns for one in found if one.plain for name in one.reading.wording.facts}
    asked = [_open(said, found, told) for said, found in zip(sentences, patterns, strict=True)]
    candidates, sorts = [some for some, _ in asked], [items for _, items in asked]
    features = [
        one
        for said, found, some, items in zip(sentences, patterns, candidates, sorts, strict=True)
        for one in sentence_features(said.words, items, some, found, said.context)
    ]
    guesses = iter(model.guess(features))
    return [
        list(_judged(said, found, [(one, _grounded(next(guesses), one, said, items)) for one in some], model.threshold))
        for said, found, some, items in zip(sentences, patterns, candidates, sorts, strict=True)
    ]


def _open(said: Said, patterns: Sequence[Doubted], told: Collection[str]) -> tuple[list[Candidate], Sequence[Sorted]]:
    """The candidates that the model is asked about, and the sentence's sorts: what patterns read not plainly or where
    words may mislead them, and what may be a fact but those `told`, which patterns read plainly in the document."""
    asks = _MISLEADS.search(said.context.said) is not None
    counted = {one.reading.counted: asks or not one.plain for one in patterns if one.reading.counted is not None}
    found = find_candidates(said.words, said.mentions, said.context.said)
    found = [
        one
        for one in found
        if one.mention is None
        or counted.get(one.start)
        or (one.start not in counted and not _counted_in(one.mention.unit[0]).issubset(told))
    ]
    if not found:
        return [], ()
    items = sorts_and_counts(said.context.said, said.mentions, said.context.year, said.context.agency)
    read = [one for one in found if one.mention and one.start in counted]
    return [one for one in found if one in read or _grounds(one, said, items).difference(told)], items


def _grounds(candidate: Candidate, said: Said, items: Sequence[Sorted]) -> frozenset[str]:
    """The facts that a candidate may state: something before the figure (or in its clause) names the matter, and its
    unit is one of the fact's."""
    final = said.words[min(candidate.end + _AHEAD, len(said.words)) - 1]
    there = frozenset(one.sort for one in items if one.start < final.start + len(final.text))
    return _grounds_of(there, candidate.mention.unit[0] if candidate.mention else None)


@lru_cache(maxsize=4096)
def _grounds_of(there: frozenset[str], unit: str | None) -> frozenset[str]:
    named = [name for name, matters in _MATTERS.items() if there & matters]
    if there.isdisjoint(_OF_REQUESTS):
        named = [name for name in named if name != "requests_received"]
    return frozenset(name for name in named if unit is None or _counts(unit, name))


@lru_cache(maxsize=256)
def _counted_in(unit: str) -> frozenset[str]:
    """The facts that a figure of that unit may state."""
    return frozenset(name for name in _MATTERS if _counts(unit, name))


def _counts(unit: str, name: str) -> bool:
    if (unit in _LOOSELY and name.startswith("requests")) or (unit == "例" and name.startswith(_CASES)):
        return True
    return unit in units_of_facts()[name] and not (unit in _VAGUE_UNITS and name.startswith(_CASES))


def _grounded(guess: Guess, candidate: Candidate, said: Said, items: Sequence[Sorted]) -> Guess:
    """The guess, or none where the candidate cannot state the fact."""
    if guess.fact == NONE or _grounds(candidate, said, items).issuperset(guess.fact.split("+")):
        return guess
    return guess._replace(fact=NONE)


def _judged(
    said: Said, patterns: Sequence[Doubted], guessed: Sequence[tuple[Candidate, Guess]], threshold: float
) -> Iterator[Claim]:
    counted = {one.reading.counted: one for one in patterns if one.reading.counted is not None}
    asked = {candidate.start for candidate, _ in guessed}
    for one in patterns:
        if one.plain and one.reading.counted is not None and one.reading.counted not in asked:
            yield _claim(said, one)._replace(confidence=AGREED)
    for candidate, guess in guessed:
        if candidate.mention is not None:
            yield from _count(said, counted.get(candidate.start), candidate, guess, threshold)
    denied = [one for one in patterns if one.reading.counted is None and one.doubt != NO_FACT]
    yield from _denials(said, denied, [pair for pair in guessed if pair[0].mention is None], threshold)


def _count(
    said: Said, pattern: Doubted | None, candidate: Candidate, guess: Guess, threshold: float
) -> Iterator[Claim]:
    names = tuple(guess.fact.split("+"))
    approximate = candidate.mention is not None and candidate.mention.approximate
    known = pattern is not None and pattern.doubt != NO_FACT
    if pattern is not None and known and (pattern.reading.wording.facts == names or guess.fact_share < _LIKELY):
        claim = _claim(said, pattern)
        needed = max(threshold, _AGAINST) if pattern.doubt else threshold
        agreed = guess.fact_share * guess.this_share >= needed and pattern.reading.wording.facts == names
        if agreed and not approximate:
            yield claim._replace(confidence=AGREED if claim.accepted else SURE)
        elif claim.accepted and guess.this_share < (_AGREES if names == _FROM_BEFORE else _LIKELY):
            yield claim._replace(confidence=DOUBTED)
        else:
            yield claim
        return
    if guess.fact == NONE or guess.fact_share < _LIKELY:
        if pattern is not None and known:
            claim = _claim(said, pattern)
            yield claim._replace(confidence=VAGUE) if guess.fact_share >= _DENIES else claim
        return
    if guess.scope == "other year":
        return
    if pattern is not None and pattern.plain:
        yield _claim(said, pattern)._replace(confidence=DOUBTED)
        return
    needed = threshold if pattern is None else max(threshold, _AGAINST)
    sure = not approximate and guess.fact_share * guess.this_share >= needed
    yield Claim(names, candidate.value, *_span(said, candidate), SURE if sure else VAGUE)


def _denials(
    said: Said, patterns: Sequence[Doubted], guessed: Sequence[tuple[Candidate, Guess]], threshold: float
) -> Iterator[Claim]:
    """For each fact that is denied the surest claim."""
    found: dict[str, Claim] = {}
    likeliest: dict[str, tuple[float, Candidate]] = {}
    for candidate, guess in guessed:
        if guess.fact != NONE and guess.fact_share >= _LIKELY and guess.scope != "other year":
            share = guess.fact_share * guess.this_share
            likeliest[guess.fact] = max(likeliest.get(guess.fact, (0.0, candidate)), (share, candidate))
    for one in patterns:
        for name in one.reading.wording.facts:
            claim = _claim(said, one)._replace(facts=(name,))
            share = likeliest[name][0] if name in likeliest else 0.0
            if claim.accepted and share < _AGREES and any(_is_of(pair[0], one.reading) for pair in guessed):
                claim = claim._replace(confidence=DOUBTED)
            elif share >= threshold:
                claim = claim._replace(confidence=AGREED if claim.accepted else SURE)
            found[name] = max(found.get(name, claim), claim, key=lambda one: one.confidence)
    for name, (share, candidate) in likeliest.items():
        if name not in found:
            confidence = SURE if share >= threshold else VAGUE
            yield Claim((name,), 0, *_span(said, candidate), confidence)
    yield from found.values()


def _is_of(candidate: Candidate, reading: Reading) -> bool:
    """Whether a denial of the learnt reader is one that the patterns read: what they read plainly it is not asked."""
    return reading.start < candidate.end <= reading.end + 1


def _mention(said: Said, reading: Reading) -> Mention | None:
    return said.mentions[said.words[reading.counted].start] if reading.counted is not None else None


def _claim(said: Said, one: Doubted) -> Claim:
    """The claim of a reading of the patterns: from the begin of its clause to its end."""
    reading, mention = one.reading, _mention(said, one.reading)
    final = said.words[reading.end - 1]
    end = final.start if final.tag in ("stop", "and") else final.start + len(final.text)
    value = mention.value if mention else reading.wording.states or 0
    confidence = VAGUE if not reading.wording.sure else DOUBTED if one.doubt else SURE
    return Claim(reading.wording.facts, value, said.words[reading.clause].start, end, confidence)


def _span(said: Said, candidate: Candidate) -> tuple[int, int]:
    """From the begin of the candidate's clause, or from behind the count before it, to its end."""
    place = candidate.start
    while place > 0 and said.words[place - 1].tag in ("word", "and"):
        place -= 1
    final = said.words[candidate.end - 1]
    return said.words[place].start, final.start + len(final.text)
