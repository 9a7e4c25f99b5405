"""Train the reader of facts: `python -m models.facts corpora/sentences/train.jsonl --out models/default`.

What is learnt are sentences with the facts that they state (`corpora/sentences`), and the clauses that the `facts.json`
of labelled documents point at. The words come as spaCy documents over jieba's cuts, the features from the function that
serves; the two logistic regressions are exported as arrays.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Any

from corpora.synthesis.prose_marks import Sentence, Statement, read_sentences
from pipeline.datamodel import Line, Location
from pipeline.prose.fact_claims import read_patterns
from pipeline.prose.fact_features import Candidate, Features, find_candidates, sentence_features
from pipeline.prose.fact_model import CARD_FILE, MODEL_FORMAT, FactClassifier
from pipeline.prose.fact_sorts import sorts_and_counts
from pipeline.prose.facts import find_said
from pipeline.prose.segment import Token, segment
from pipeline.version import __version__

THRESHOLD = 0.65  # chosen on dev.jsonl, whose author was held out whole
STRENGTH = 2.0  # inverse of the regularisation
_RARE = 1.5e-4  # features whose variance is below this are in fewer than about three candidates
_BEHIND = 30  # characters between a denied word and the end of its denial
NONE = "none"
# The words whose denial may state a fact.
_DENIED = {
    "requests_received": "申请|受理|收件", "requests_carried_in": "结转|申请|遗留|跨年|转入",
    "requests_carried_out": "结转|顺延|转入|转至|转出|跨年|申请|在办|遗留", "review_cases": "复议",
    "litigation_cases": "诉|被告|官司|告状",
    "fees_charged": "费|钱", "website_items": "网站", "policy_interpretations": "解读",
    "press_conferences": "发布会", "training_sessions": "培训", "regulations_issued": "规章",
    "normative_documents_issued": "规范性文件", "normative_documents_in_force": "规范性文件", "weibo_items": "微博",
    "wechat_items": "微信|公众号", "requests_refused": "不予公开", "requests_unavailable": "无法提供",
    "requests_not_processed": "不予处理", "requests_partially_granted": "部分公开", "requests_other": "其他处理",
    "requests_granted": "予以公开",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lesson:
    """A candidate as the reader sees it, the fact that it states ("none") and its scope (None where there is none)."""

    features: Features
    fact: str
    scope: str | None
    group: str


def lessons_of(sentence: Sentence) -> Iterator[Lesson]:
    """Every count and denial of a sentence with what it states, as the reader will see it in a document."""
    line = Line(sentence.text, Location(1, span=(0, len(sentence.text))))
    for said, offsets in find_said([line], sentence.year, sentence.agency):
        whole = {(one.start, one.end): one.unit for one in said.mentions.values()}
        said = said._replace(words=_words(said.context.said, whole))
        candidates = find_candidates(said.words, said.mentions, said.context.said)
        named = [_counted(sentence, one, offsets) if one.mention else (NONE, None) for one in candidates]
        for end, stated in zip(sentence.denied, sentence.statements, strict=True):
            end = bisect_left(offsets, end)
            place = _denial(said.words, candidates, end, stated) if stated.span is None else None
            if place is not None:
                named[place] = (stated.fact, stated.scope)
        items = sorts_and_counts(said.context.said, said.mentions, sentence.year, sentence.agency)
        features = sentence_features(said.words, items, candidates, read_patterns(said), said.context)
        for seen, (fact, scope) in zip(features, named, strict=True):
            yield Lesson(tuple(map(intern, seen)), fact, scope, sentence.group)  # most names are in many lessons


def _words(text: str, whole: dict[tuple[int, int], str]) -> tuple[Token, ...]:
    """The tokens of the spaCy document of a text."""
    return tuple(Token(word.text, word.tag_, word.idx) for word in segment(text, whole))


def _counted(sentence: Sentence, candidate: Candidate, offsets: Sequence[int]) -> tuple[str, str | None]:
    """What the sentence says of the figure of a count."""
    mention = candidate.mention
    assert mention is not None
    first, last = offsets[mention.start], offsets[mention.end - 1]
    stated = [one for one in sentence.statements if one.span and first <= one.span[0] <= last]
    return ("+".join(one.fact for one in stated), stated[0].scope) if stated else (NONE, None)


def _denial(words: Sequence[Token], candidates: Sequence[Candidate], end: int, stated: Statement) -> int | None:
    """The candidate that a denial is: the last word of its matter before its end, with the nearest negation."""
    matter = re.compile(_DENIED.get(stated.fact, "$^"))
    best: tuple[int, int, int] | None = None
    for place, one in enumerate(candidates):
        if one.mention is not None:
            continue
        for at in (one.start, one.end - 1):
            word = words[at]
            behind = end - word.start - len(word.text)
            if matter.search(word.text) and -2 <= behind <= _BEHIND:
                best = min(filter(None, (best, (behind, one.end - one.start, place))))
    return best[2] if best else None


def denies(fact: str, *words: str) -> bool:
    """Whether one of the words is one whose denial may state the fact."""
    matter = re.compile(_DENIED.get(fact, "$^"))
    return any(matter.search(word) for word in words)


def train_facts(
    lessons: Sequence[Lesson], seed: int, threshold: float = THRESHOLD, base: FactClassifier | None = None
) -> FactClassifier:
    """The reader of facts that the lessons teach. On top of a `base`, most of whose lessons are among them, the search
    for weights begins at its own, and how sharp it is stays: that saves half of the time."""
    import numpy as np
    import sklearn
    from sklearn.feature_selection import VarianceThreshold
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    selection = VarianceThreshold(_RARE)
    every, names = _vectors(lessons)
    vectors, names = selection.fit_transform(every), names[selection.get_support()]
    del every  # room for the search for weights
    scoped = np.array([one.scope is not None for one in lessons])
    with threadpool_limits(1):
        begin = _starts(base, names) if base else (None, None)
        facts = _fit(vectors, [one.fact for one in lessons], [one.group for one in lessons], seed, begin[0])
        kept = [one for one in lessons if one.scope is not None]
        scopes = _fit(vectors[scoped], [str(one.scope) for one in kept], [one.group for one in kept], seed, begin[1])
    digest = lessons_hash(lessons)
    settings = {
        "format": MODEL_FORMAT,
        "version": f"facts-{__version__}-{digest[:8]}",
        "threshold": threshold,
        "fact_sharpness": facts.sharpness,
        "scope_sharpness": scopes.sharpness,
        "strength": STRENGTH,
        "seed": seed,
        "lessons": len(lessons),
        "data_sha256": digest,
        "scikit_learn": sklearn.__version__,
    }
    weights = np.hstack([facts.estimator.coef_.T, scopes.estimator.coef_.T])
    intercept = np.hstack([facts.estimator.intercept_, scopes.estimator.intercept_])
    classes = (facts.estimator.classes_.tolist(), scopes.estimator.classes_.tolist())
    return FactClassifier.of([str(name) for name in names], weights, intercept, classes, settings)


def _vectors(lessons: Sequence[Lesson]) -> tuple[Any, Any]:
    """Which features each lesson has, as a sparse matrix of ones, and their names in order: a third of the time and
    memory that dicts of features take."""
    import numpy as np
    from scipy.sparse import csr_array

    numbers: dict[str, int] = {}
    seen = array("i")
    ends = array("i", [0])
    for one in lessons:
        seen.extend(numbers.setdefault(name, len(numbers)) for name in dict.fromkeys(one.features))
        ends.append(len(seen))
    names = np.array(list(numbers))
    order = names.argsort()
    places = np.empty(len(order), dtype=np.int32)
    places[order] = np.arange(len(order))
    vectors = csr_array((np.ones(len(seen)), places[np.array(seen)], np.array(ends)), (len(lessons), len(names)))
    vectors.sort_indices()
    return vectors, names[order]


@dataclass(frozen=True)
class _Fitted:
    estimator: Any
    sharpness: float


@dataclass(frozen=True)
class _Start:
    """Where a search for weights begins: the classes in order, weights (classes x features), intercepts."""

    classes: tuple[str, ...]
    weights: Any
    intercept: Any
    sharpness: float


def _starts(base: FactClassifier, names: Sequence[str]) -> tuple[_Start, _Start]:
    """The weights of a reader for these features, those of facts and of scopes; zeros for features it does not know."""
    import numpy as np

    places = np.array([base.vocabulary.get(str(name), len(base.vocabulary)) for name in names])
    weights, cut = base.weights[places].T.astype(np.float64), len(base.facts)
    sharpness = [float(base.settings[name]) for name in ("fact_sharpness", "scope_sharpness")]
    return (
        _Start(base.facts, weights[:cut], base.intercept[:cut], sharpness[0]),
        _Start(base.scopes, weights[cut:], base.intercept[cut:], sharpness[1]),
    )


def _fit(vectors: Any, names: Sequence[str], groups: Sequence[str], seed: int, start: _Start | None) -> _Fitted:
    """A logistic regression, and by how much to soften it: the temperature that suits sentences held out by group, or
    that of the reader whose weights it starts from. One that knew other classes is no start."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupShuffleSplit

    def fitted(rows: Any, start: _Start | None = None) -> Any:
        one = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3, random_state=seed, warm_start=start is not None)
        if start is not None:
            one.coef_, one.intercept_ = start.weights.copy(), start.intercept.copy()
        return one.fit(vectors[rows], known[rows])

    known = np.array(names)
    if start is not None and start.classes == tuple(np.unique(known).tolist()):
        return _Fitted(fitted(np.arange(len(known)), start), start.sharpness)
    learnt, held = next(GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=seed).split(known, groups=groups))
    trial = fitted(learnt)
    sharpness = _sharpness(trial.decision_function(vectors[held]), known[held], trial.classes_)
    return _Fitted(fitted(np.arange(len(known))), sharpness)


def _sharpness(logits: Any, names: Any, classes: Any) -> float:
    """The factor at most 1 on the logits that makes what was held out likeliest."""
    import numpy as np
    from scipy.special import log_softmax

    seen = np.isin(names, classes)
    columns = np.searchsorted(classes, names[seen])
    logits = logits[seen]
    factors = np.linspace(0.2, 1.0, 81)
    losses = [-log_softmax(logits * one, axis=1)[np.arange(len(columns)), columns].mean() for one in factors]
    return float(factors[int(np.argmin(losses))])


def lessons_hash(lessons: Sequence[Lesson]) -> str:
    """A hash of what is learnt: the same lessons give the same."""
    digest = hashlib.sha256()
    for one in lessons:
        features = [(name, 1.0) for name in sorted(one.features)]  # their own order is that of sets, by the hash seed
        digest.update(json.dumps([one.fact, one.scope, features], ensure_ascii=False).encode())
    return digest.hexdigest()


def write_card(reader: FactClassifier, lessons: Sequence[Lesson], measured: Sequence[str]) -> str:
    """The card of the reader of facts, as Markdown; `measured` are lines about how it did."""
    facts = Counter(one.fact for one in lessons)
    rarest = ", ".join(f"{name} ({count})" for name, count in facts.most_common()[-3:])
    settings = reader.settings
    return "\n".join(
        [
            f"# Reader of facts {reader.version}",
            "",
            "Says which fact a figure or a denial in the prose states, and whether it is this year's and this body's.",
            "",
            f"- Learnt from {len(lessons)} counts and denials, {facts[NONE]} of which state nothing; rarest: {rarest}.",
            f"- {len(reader.vocabulary)} features; softened by {settings['fact_sharpness']:.2f} (facts) and "
            f"{settings['scope_sharpness']:.2f} (scopes); threshold of acceptance {settings['threshold']:g}.",
            f"- Seed {settings['seed']}, data sha256 {settings['data_sha256'][:16]}…, scikit-learn "
            f"{settings['scikit_learn']}.",
            *(f"- {line}" for line in measured),
            "- Limits: its sentences are generated; how real reports word things was not learnt from real reports.",
            "",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and write facts-weights.npz, facts-settings.json and facts-card.md."""
    parser = argparse.ArgumentParser(prog="python -m models.facts")
    parser.add_argument("sentences", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    options = parser.parse_args(arguments)
    lessons = [lesson for file in options.sentences for one in read_sentences(file) for lesson in lessons_of(one)]
    reader = train_facts(lessons, options.seed, options.threshold)
    options.out.mkdir(parents=True, exist_ok=True)
    reader.save(options.out)
    (options.out / CARD_FILE).write_text(write_card(reader, lessons, ()), encoding="utf-8")
    print(f"{reader.version}: {len(lessons)} lessons, {len(reader.vocabulary)} features")


if __name__ == "__main__":
    main()
