"""The chapters of a record against those that a document prints: heads, the paragraphs below them, and the title."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from corpora import Document, GoldChapter
from pipeline.datamodel import Record, Section


class Head(NamedTuple):
    """A chapter of gold by its kind, and whether the record has it with the number and the title printed."""

    kind: str
    printed: str
    right: bool


@dataclass(frozen=True, slots=True)
class ChapterScore:
    """How the prose of one record agrees with its gold.

    `read` are the heads that the record has, right or not. Of the gold `paragraphs` those are `placed` whose whole text
    stands in the chapter they belong to, and those `whole` that are a paragraph there by themselves. Of the `lines`
    (the record's own paragraphs below heads) those are `true` that gold has. `faults` says what is wrong, for people.
    """

    title_right: bool
    heads: tuple[Head, ...]
    read: int
    paragraphs: int
    placed: int
    whole: int
    lines: int
    true: int
    faults: tuple[str, ...] = ()

    @property
    def heads_right(self) -> int:
        return sum(head.right for head in self.heads)


def score_chapters(record: Record, gold: Document) -> ChapterScore | None:
    """The score of a record's sections and title; None where the document's chapters are not labelled.

    White space and the forms of characters do not count. Heads are matched in order, so that a number that comes again
    is no other chapter; what stands before the first head is matched with what gold has there.
    """
    if gold.chapters is None:
        return None
    matched = _matched(gold.chapters, record.sections)
    heads = [Head(one.kind, one.number + one.title, at in matched) for at, one in enumerate(gold.chapters) if one.title]
    texts = [_lines(record.sections[matched[at]]) if at in matched else [] for at in range(len(gold.chapters))]
    below = [(section, line) for section in record.sections if section.title for line in _lines(section)]
    known = Counter(_plain(text) for chapter in gold.chapters for text in chapter.paragraphs)
    false = [(section, line) for section, line in below if not _taken(known, line)]
    wanted = [
        (chapter, _plain(text), lines)
        for chapter, lines in zip(gold.chapters, texts, strict=True)
        for text in chapter.paragraphs
    ]
    placed = [text in "".join(lines) for _, text, lines in wanted]
    whole = [text in lines for _, text, lines in wanted]
    title_right = _plain(record.title or "") == _plain(gold.title or "")
    return ChapterScore(
        title_right=title_right,
        heads=tuple(heads),
        read=sum(bool(section.title) for section in record.sections),
        paragraphs=len(wanted),
        placed=sum(placed),
        whole=sum(whole),
        lines=len(below),
        true=len(below) - len(false),
        faults=(
            *([] if title_right else [f"title is {record.title}, printed is {gold.title}"]),
            *(f"no head {head.printed}" for head in heads if not head.right),
            *(f"head {one.number}|{one.title}" for one in _others(record.sections, matched.values())),
            *(f"lost: {text[:50]}" for (_, text, _), good in zip(wanted, placed, strict=True) if not good),
            *(
                f"not joined rightly: {text[:30]}…{text[-20:]}"
                for (_, text, _), here, good in zip(wanted, placed, whole, strict=True)
                if here and not good
            ),
            *(f"made up under {section.title}: {line[:60]}" for section, line in false),
        ),
    )


def _matched(gold: Sequence[GoldChapter], sections: Sequence[Section]) -> dict[int, int]:
    """For the place of each gold chapter that was read the place of its section."""
    keys = [_plain(f"{one.number}|{one.title}") for one in gold]
    read = [_plain(f"{one.number}|{one.title}") for one in sections]
    blocks = SequenceMatcher(None, keys, read, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}


def _others(sections: Sequence[Section], matched: Collection[int]) -> Iterator[Section]:
    return (section for at, section in enumerate(sections) if at not in matched and section.title)


def _lines(section: Section) -> list[str]:
    return [plain for line in section.text.split("\n") if (plain := _plain(line))]


def _taken(known: Counter[str], line: str) -> bool:
    """Whether a line is a paragraph of gold that no line before was; it is one now."""
    known[line] -= 1
    return known[line] >= 0


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
