"""PDF with a text layer: words and edges of every page, tables where the file is tagged, by pdfium."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from pipeline.datamodel import Location, Page, Problem, Source, Table, Word
from pipeline.errors import UnreadableInput
from pipeline.readers import pdf_functions as pdfium
from pipeline.readers.pdf_characters import MAX_CHARACTERS, Characters, read_characters
from pipeline.readers.pdf_edges import TooComplex, figures_are_ruled, read_drawing
from pipeline.readers.pdf_functions import Array, Handle
from pipeline.readers.pdf_geometry import View, view_of
from pipeline.readers.pdf_second_opinion import is_doubtful, read_again
from pipeline.readers.pdf_tagged_tables import tagged_table
from pipeline.readers.pdf_tags import tagged_rows
from pipeline.readers.pdf_words import read_words, word_starts

MAX_PAGES = 200
_ENCRYPTED = (4, 5)
_COVER = 0.05  # of a page: a picture that is smaller is an ornament


@dataclass(frozen=True, slots=True)
class _Reading:
    """A page and what decides about its trustworthiness: doubtful characters, all that are seen, those that are not,
    and how much of the page its largest picture covers."""

    page: Page
    doubtful: int = 0
    characters: int = 0
    unseen: int = 0
    cover: float = 0.0

    @property
    def is_scan(self) -> bool:
        """Whether the page is a picture without text."""
        return self.cover >= _COVER and not self.page.words


def read(source: Source) -> list[Page]:
    """All pages in order; `words` and `edges` as shown, `blocks` with the tables of tagged pages.

    Raises UnreadableInput: encrypted_pdf, damaged_pdf, no_pages, too_many_pages (more than MAX_PAGES).
    """
    with _opened(source) as document:
        tagged = bool(pdfium.is_tagged(document))
        count = _checked_count(source, document)
        readings = [_read_page(document, index, tagged) for index in range(count)]
    pages = [_judged(source, reading) for reading in readings]
    return _with_scans(source, pages, readings)


def _with_scans(source: Source, pages: list[Page], readings: Sequence[_Reading]) -> list[Page]:
    """The pages; where the extra for it is installed those that are only pictures are recognised, and those whose text
    neither engine could decode."""
    scans = [page for page, reading in zip(pages, readings, strict=True) if reading.is_scan or _lies(page)]
    if not scans:
        return pages
    from pipeline import scan

    if scan.is_installed():
        from pipeline.readers.from_scan import completed, read_pdf_pages

        distrusted = [_distrusted(page, readings[page.number - 1].unseen) for page in scans]
        for page in read_pdf_pages(source, distrusted):
            pages[page.number - 1] = page
        return completed(source, pages, {page.number for page in scans})
    if not any(page.words for page in pages):
        message = f"{source.path} has pictures and no text on its {len(pages)} pages; to read them: {scan.INSTALL}"
        pages[0] = _with(pages[0], Problem("readers", "scan_without_text", message, Location(1)))
    return pages


def _lies(page: Page) -> bool:
    return any(problem.code == "untrusted_text" for problem in page.problems)


def _distrusted(page: Page, unseen: int) -> Page:
    """The page with the problem `text_layer_distrusted` in place of `untrusted_text`, or where an unseen text of so
    many characters lies under its picture."""
    if not _lies(page) and not unseen:
        return page
    why = "its characters have no readable code" if _lies(page) else "it lies unseen under a picture"
    message = f"Page {page.number}: the text in the file is not to be trusted ({why}); its picture was read instead."
    kept = tuple(problem for problem in page.problems if problem.code != "untrusted_text")
    return replace(page, problems=(*kept, Problem("readers", "text_layer_distrusted", message, Location(page.number))))


@contextmanager
def _opened(source: Source) -> Iterator[Handle]:
    document = pdfium.load_document(source.data, len(source.data), None)
    if not document:
        if pdfium.last_error() in _ENCRYPTED:
            message = f"{source.path} is encrypted: save it without a password and try again."
            raise UnreadableInput(message, code="encrypted_pdf")
        message = f"{source.path} is damaged beyond what pdfium can mend: fetch it again or print it to PDF anew."
        raise UnreadableInput(message, code="damaged_pdf")
    try:
        yield document
    finally:
        pdfium.close_document(document)


def _checked_count(source: Source, document: Handle) -> int:
    count: int = pdfium.page_count(document)
    if count < 1:
        raise UnreadableInput(f"{source.path} is a PDF without pages: fetch it again.", code="no_pages")
    if count > MAX_PAGES:
        message = f"{source.path} has {count} pages; nianbao reads at most {MAX_PAGES}: cut the report out first."
        raise UnreadableInput(message, code="too_many_pages")
    return count


def _read_page(document: Handle, index: int, tagged: bool) -> _Reading:
    page = pdfium.load_page(document, index)
    if not page:
        message = f"Page {index + 1} is damaged and was skipped: fetch the file again."
        problem = Problem("readers", "damaged_page", message, Location(index + 1))
        return _Reading(Page(index + 1, 0.0, 0.0, problems=(problem,)))
    text = Handle()
    try:
        text = pdfium.load_text(page)
        return _read_open_page(page, text, index + 1, tagged)
    except TooComplex:
        view = view_of(page)
        message = f"Page {index + 1} holds more drawing or text than a report has use for and was skipped."
        problem = Problem("readers", "page_too_complex", message, Location(index + 1))
        return _Reading(Page(index + 1, view.width, view.height, problems=(problem,)))
    finally:
        if text:
            pdfium.close_text(text)
        pdfium.close_page(page)


def _read_open_page(page: Handle, text: Handle, number: int, tagged: bool) -> _Reading:
    view = view_of(page)
    if text and pdfium.count_characters(text) > MAX_CHARACTERS:
        raise TooComplex
    drawing = read_drawing(page, view)
    characters = read_characters(text, view, drawing, with_objects=tagged)
    marks = _marked_contents(characters) if tagged else None
    starts = word_starts(characters, drawing.edges, marks)
    words = read_words(characters, starts)
    blocks: tuple[Table, ...] = ()
    if marks is not None and not figures_are_ruled(words, drawing.edges):
        blocks = _tagged_tables(page, words, marks[starts].tolist(), number)
    shown = Page(number, round(view.width, 2), round(view.height, 2), words, drawing.edges, blocks)
    doubtful, seen = characters.unmapped + characters.odd, len(characters.codes)
    unseen = 0 if seen else pdfium.count_characters(text)
    return _Reading(shown, doubtful, seen, unseen, _largest_share(drawing.pictures, view))


def _largest_share(pictures: Array, view: View) -> float:
    """How much of a page its largest picture covers."""
    if not len(pictures):
        return 0.0
    limits = np.array((view.width, view.height, view.width, view.height))
    x0, top, x1, bottom = np.minimum(np.maximum(pictures, 0), limits).T
    return float(((x1 - x0) * (bottom - top)).max() / (view.width * view.height))


def _marked_contents(characters: Characters) -> Array:
    """The marked content of each character, -1 for none."""
    handles, index = np.unique(characters.objects, return_inverse=True)
    marks = [pdfium.object_mark(Handle(handle)) if handle else -1 for handle in handles.tolist()]
    return np.array(marks, dtype=np.int64)[index]


def _tagged_tables(page: Handle, words: tuple[Word, ...], marks: list[int], number: int) -> tuple[Table, ...]:
    tables = (tagged_table(rows, number) for rows in tagged_rows(page, words, marks))
    return tuple(table for table in tables if table is not None)


def _judged(source: Source, reading: _Reading) -> Page:
    """The page, read again by pdfplumber where pdfium's text cannot be trusted."""
    if not is_doubtful(reading.doubtful, reading.characters):
        return reading.page
    return read_again(source, reading.page, reading.doubtful)


def _with(page: Page, problem: Problem) -> Page:
    return Page(page.number, page.width, page.height, page.words, page.edges, page.blocks, page.text,
                (*page.problems, problem))  # fmt: skip
