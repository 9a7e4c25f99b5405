"""What labelled documents (`facts.json`) teach the reader of facts, and whether a reader that learnt it may take over.

A document whose facts are all read right teaches nothing. Of the others each figure and denial is a lesson: it states
the fact that `facts.json` gives with its value and words, or nothing. The lessons are learnt on top of the generated
sentences that the shipped reader learnt, which are drawn anew from their seed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corpora import Document
from corpora.synthesis.prose_marks import Sentence
from corpora.synthesis.prose_sentences import COUNT, SEED, draw_sentences
from corpora.synthesis.prose_taught import VARIANTS, draw_taught
from models.facts import NONE, Lesson, denies, lessons_of, train_facts, write_card
from pipeline import readers
from pipeline.datamodel import Fact, Line, Location, Table
from pipeline.errors import GateError
from pipeline.extract import default_model_folder
from pipeline.lines import read_blocks
from pipeline.prose.fact_claims import Said, read_patterns
from pipeline.prose.fact_features import Candidate, find_candidates, sentence_features
from pipeline.prose.fact_model import CARD_FILE, FILES, FactClassifier
from pipeline.prose.fact_sorts import sorts_and_counts
from pipeline.prose.facts import find_said, read_facts
from pipeline.prose.paragraphs import compact
from pipeline.tables import find_tables

_TIMES = 5  # that a lesson of a document is told: there are few of them among many sentences
_HELD_SEED, _HELD = 7, 300  # sentences that no reader learns, to see whether a new one forgets


def read_document(document: Document) -> Sequence[Line | Table]:
    """The blocks of a labelled document; raises UnreadableInput."""
    pages = readers.read(readers.open_source(document.source))
    return read_blocks(pages, {page.number: find_tables(page) for page in pages})


def is_known(document: Document, blocks: Sequence[Line | Table], reader: FactClassifier) -> bool:
    """Whether a reader accepts the facts of the document, right, and no other."""
    return _accepted(_facts_of(document, blocks, reader)) == {
        name: values[0] for name, values in _wanted(document).items() if len(values) == 1
    }


def _accepted(found: Mapping[str, Fact]) -> dict[str, Any]:
    return {name: fact.value for name, fact in found.items() if fact.accepted}


def _wanted(document: Document) -> dict[str, tuple[Any, ...]]:
    """The values that the document states plainly, by fact; what is marked approximate or uncertain is none."""
    plain = {
        name: entry for name, entry in document.facts.items() if not entry.get("approximate", entry.get("uncertain"))
    }
    return {name: tuple(entry.get("values") or (entry["value"],)) for name, entry in plain.items()}


def lessons_of_document(document: Document, blocks: Sequence[Line | Table], reader: FactClassifier) -> list[Lesson]:
    """What the figures and denials of a document's prose teach. What is no fact of the document but reads like one of
    another year, body or time teaches nothing: `facts.json` does not say which it is."""
    found: list[Lesson] = []
    for said, _ in find_said(blocks, document.year, document.agency):
        candidates = find_candidates(said.words, said.mentions, said.context.said)
        items = sorts_and_counts(said.context.said, said.mentions, said.context.year, said.context.agency)
        features = sentence_features(said.words, items, candidates, read_patterns(said), said.context)
        for candidate, seen, guess in zip(candidates, features, reader.guess(features), strict=True):
            fact = _stated(said, candidate, document.facts)
            if fact != NONE:
                found.append(Lesson(seen, fact, "this", document.id))
            elif guess.fact == NONE or guess.scope == "this":
                found.append(Lesson(seen, NONE, None, document.id))
    return found


def _stated(said: Said, candidate: Candidate, facts: Mapping[str, Mapping[str, Any]]) -> str:
    """The fact of `facts.json` whose words hold the candidate and whose value it has, two joined by "+"."""
    text = said.context.said
    first, last = said.words[candidate.start], said.words[candidate.end - 1]
    found = []
    for name, entry in sorted(facts.items()):
        values = entry.get("values") or [entry["value"]]
        if candidate.value not in values or (candidate.mention is None and not denies(name, first.text, last.text)):
            continue
        for words in entry.get("texts") or [entry["text"]]:
            said_there = compact(words)[0]
            begin = text.find(said_there)
            if 0 <= begin <= first.start and last.start < begin + len(said_there):
                found.append(name)
                break
    return "+".join(found) or NONE


def learn_facts(
    documents: Sequence[Document], reader: FactClassifier, seed: int, *, count: int = COUNT, reason: str = ""
) -> tuple[FactClassifier, list[Lesson]] | None:
    """A reader that learnt from the documents with its lessons; None where they hold nothing new. GateError where it
    accepts a wrong fact of these documents that the old one did not, or more wrong facts of sentences kept aside than
    luck explains, and no `reason` says why it may."""
    read = [(one, read_document(one)) for one in documents if one.facts]
    new = [(one, blocks) for one, blocks in read if not is_known(one, blocks, reader)]
    taught = [lesson for one, blocks in new for lesson in lessons_of_document(one, blocks, reader)]
    if not taught:
        return None
    sentences = [*draw_sentences(SEED, count), *draw_taught(SEED, variants=VARIANTS * count // COUNT)]
    lessons = [lesson for one in sentences for lesson in lessons_of(one)] + taught * _TIMES
    learnt = train_facts(lessons, seed, reader.threshold, reader)
    why = "" if reason else why_refused(reader, learnt, read)
    if why:
        raise GateError(
            f"The new reader of facts {why}. Look at the facts.json of {', '.join(one.id for one, _ in new[:5])}, or "
            "say why this may be with --accept-regressions."
        )
    return learnt, lessons


def why_refused(
    old: FactClassifier, new: FactClassifier, read: Sequence[tuple[Document, Sequence[Line | Table]]]
) -> str:
    """What speaks against a new reader of facts, "" where nothing does.

    A document may hold no wrong accepted fact that is new. Of generated sentences that neither learnt so many may be
    wrong with the new one alone, beside those wrong with the old one alone, as a fair coin gives (sign test, 5 %): they
    are full of traps, and any two readers err on some.
    """
    from scipy.stats import binomtest

    for document, blocks in read:
        wrong = [_accepted(_facts_of(document, blocks, one)).items() - _gold_of(document) for one in (old, new)]
        if wrong[1] - wrong[0]:
            return (
                f"accepts {', '.join(sorted(name for name, _ in wrong[1] - wrong[0]))} of {document.id}, which is wrong"
            )
    sentences = draw_sentences(_HELD_SEED, _HELD)
    errs = [(bool(_wrong(one, old)), bool(_wrong(one, new))) for one in sentences]
    lost, won = errs.count((False, True)), errs.count((True, False))
    if lost and binomtest(lost, lost + won, alternative="greater").pvalue < 0.05:
        return f"errs on {lost} of {_HELD} sentences kept aside that the old one reads right, the old one on {won}"
    return ""


def _facts_of(document: Document, blocks: Sequence[Line | Table], reader: FactClassifier) -> Mapping[str, Fact]:
    return read_facts(blocks, document.year, document.agency, model=reader)


def _gold_of(document: Document) -> set[tuple[str, Any]]:
    """Every value that the document may be read to state, approximate ones too."""
    return {
        (name, value) for name, entry in document.facts.items() for value in entry.get("values") or [entry["value"]]
    }


def _wrong(sentence: Sentence, reader: FactClassifier) -> int:
    """How many facts that are not so the reader accepts in a sentence."""
    line = Line(sentence.text, Location(1, span=(0, len(sentence.text))))
    gold = {(one.fact, one.value) for one in sentence.statements if one.scope == "this"}
    return len(_accepted(read_facts([line], sentence.year, sentence.agency, model=reader)).items() - gold)


def write_facts(
    folder: Path, old: Path, documents: Sequence[Document], seed: int, reason: str = "", *, count: int = COUNT
) -> str:
    """Put a reader of facts into a model folder: that of the old folder, or one that learnt from the documents too.

    What it did in a line, "" where there is none. The shipped one serves where the old folder has none.
    """
    place = next((one for one in (old, default_model_folder()) if (one / FILES[0]).is_file()), old)
    reader = FactClassifier.load(place)
    if reader is None:
        return ""
    learnt = learn_facts(documents, reader, seed, reason=reason, count=count)
    if learnt is None:
        for name in FILES:
            if (place / name).is_file():
                shutil.copyfile(place / name, folder / name)
        return "The facts of the documents are read right already: the reader of facts stays as it is."
    new, lessons = learnt
    new.save(folder)
    (folder / CARD_FILE).write_text(write_card(new, lessons, [f"On top of {reader.version}."]), encoding="utf-8")
    return f"The reader of facts learnt from the documents: {new.version} after {reader.version}."
