"""A page whose fonts pdfium cannot decode, read again by pdfplumber (pdfminer), and the clean reading kept."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from pipeline.datamodel import Location, Page, Problem, Source, Word
from pipeline.readers.pdf_characters import count_doubtful


def read_again(source: Source, page: Page, doubtful: int) -> Page:
    """The page with pdfplumber's words where they are clean, else as it was; a problem says which.

    `second_opinion`: the words are pdfplumber's. `untrusted_text`: neither engine could decode the fonts; the
    characters in question stand as U+FFFD.
    """
    place = Location(page.number)
    words = _plumber_words(source, page)
    if _is_clean(words):
        message = f"Page {page.number}: pdfium could not decode {doubtful} characters; the words are pdfplumber's."
        problem = Problem("readers", "second_opinion", message, place)
        return replace(page, words=words, blocks=(), problems=(*page.problems, problem))
    message = f"Page {page.number}: {doubtful} characters have no readable code in either engine: compare by eye."
    return replace(page, problems=(*page.problems, Problem("readers", "untrusted_text", message, place)))


def _plumber_words(source: Source, page: Page) -> tuple[Word, ...]:
    """pdfplumber's words in our coordinates; none where it cannot read the page either."""
    import pdfplumber

    try:
        with pdfplumber.open(io.BytesIO(source.data), pages=[page.number]) as document:
            theirs = document.pages[0]
            left, top, right, bottom = theirs.cropbox if theirs.cropbox is not None else theirs.bbox
            if abs((right - left) - page.width) > 2 or abs((bottom - top) - page.height) > 2:
                return ()
            found = theirs.crop((left, top, right, bottom)).dedupe_chars().extract_words(x_tolerance_ratio=0.3)
            words = (_word(item, left, top) for item in found)
            return tuple(word for word in words if any(_overlap(word, seen) for seen in page.words))
    except Exception:  # pdfminer fails on damaged fonts in many ways; all mean: no second opinion
        return ()


def _overlap(word: Word, seen: Word) -> bool:
    """Whether pdfium sees something where pdfplumber's word stands: pdfplumber reads hidden text too."""
    a, b = word.box, seen.box
    return min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 0.4 * (a[3] - a[1])


def _word(item: dict[str, Any], left: float, top: float) -> Word:
    x0, y0, x1, y1 = (float(item[side]) for side in ("x0", "top", "x1", "bottom"))
    return Word(item["text"], (round(x0 - left, 2), round(y0 - top, 2), round(x1 - left, 2), round(y1 - top, 2)))


def is_doubtful(doubtful: int, characters: int) -> bool:
    """Whether so many doubtful characters make a page's text untrustworthy: three, and one in a hundred."""
    return doubtful >= 3 and doubtful >= 0.01 * characters


def _is_clean(words: tuple[Word, ...]) -> bool:
    text = "".join(word.text for word in words)
    return bool(text) and "(cid:" not in text and not is_doubtful(count_doubtful(text), len(text))
