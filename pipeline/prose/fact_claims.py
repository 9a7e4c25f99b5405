"""What a sentence claims: the readings of patterns, or patterns and the learnt reader together.

The patterns of facts.csv are plain but know few wordings; the learnt reader knows more and may err where its training
had nothing alike. What both say is accepted; what only the learnt reader says needs its threshold; what they contradict
each other about is kept and not accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.datamodel import Number
from pipeline.prose.fact_features import Candidate, candidate_features, find_candidates
from pipeline.prose.fact_model import FactClassifier, Guess
from pipeline.prose.fact_scope import Context, find_doubt
from pipeline.prose.fact_wordings import Reading, find_readings
from pipeline.prose.mentions import Mention
from pipeline.prose.segment import Token

# Confidence of a plain statement, of a plain wording with a doubt about it, of a vague wording: set by hand, in order.
SURE, DOUBTED, VAGUE = 0.95, 0.6, 0.4
NO_FACT = "no fact"
_AGREES = 0.3  # what the learnt reader must leave a plain reading of the patterns for it to stand
_LIKELY = 0.5


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
    candidates = [find_candidates(said.words, said.mentions, said.context.said) for said in sentences]
    features = [
        candidate_features(said.words, candidate, found, said.context)
        for said, found, some in zip(sentences, patterns, candidates, strict=True)
        for candidate in some
    ]
    guesses = iter(model.guess(features))
    return [
        list(_judged(said, found, [(candidate, next(guesses)) for candidate in some], model.threshold))
        for said, found, some in zip(sentences, patterns, candidates, strict=True)
    ]


def _judged(
    said: Said, patterns: Sequence[Doubted], guessed: Sequence[tuple[Candidate, Guess]], threshold: float
) -> Iterator[Claim]:
    counted = {one.reading.counted: one for one in patterns if one.reading.counted is not None}
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
        agreed = guess.fact_share * guess.this_share >= threshold and pattern.reading.wording.facts == names
        if agreed and not approximate:
            yield claim._replace(confidence=SURE)
        elif claim.accepted and guess.this_share < _AGREES:
            yield claim._replace(confidence=DOUBTED)
        else:
            yield claim
        return
    if guess.fact == "none" or guess.fact_share < _LIKELY:
        if pattern is not None and known:
            yield _claim(said, pattern)._replace(confidence=VAGUE)
        return
    if guess.scope == "other year":
        return
    sure = not approximate and guess.fact_share * guess.this_share >= threshold and pattern is None
    yield Claim(names, candidate.value, *_span(said, candidate), SURE if sure else VAGUE)


def _denials(
    said: Said, patterns: Sequence[Doubted], guessed: Sequence[tuple[Candidate, Guess]], threshold: float
) -> Iterator[Claim]:
    """For each fact that is denied the surest claim."""
    found: dict[str, Claim] = {}
    likeliest: dict[str, tuple[float, Candidate]] = {}
    for candidate, guess in guessed:
        if guess.fact != "none" and guess.fact_share >= _LIKELY and guess.scope != "other year":
            share = guess.fact_share * guess.this_share
            likeliest[guess.fact] = max(likeliest.get(guess.fact, (0.0, candidate)), (share, candidate))
    for one in patterns:
        for name in one.reading.wording.facts:
            claim = _claim(said, one)._replace(facts=(name,))
            share = likeliest[name][0] if name in likeliest else 0.0
            if claim.accepted and share < _AGREES:
                claim = claim._replace(confidence=DOUBTED)
            elif share >= threshold:
                claim = claim._replace(confidence=SURE)
            found[name] = max(found.get(name, claim), claim, key=lambda one: one.confidence)
    for name, (share, candidate) in likeliest.items():
        if name not in found:
            confidence = SURE if share >= threshold else VAGUE
            yield Claim((name,), 0, *_span(said, candidate), confidence)
    yield from found.values()


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
