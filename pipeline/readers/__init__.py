"""Readers: a `Source` in, pages out. READERS names the module for each media type; it is imported when needed."""

from __future__ import annotations

from importlib import import_module

from pipeline.datamodel import Page, Source
from pipeline.errors import UnreadableInput

READERS = {
    "application/pdf": "pipeline.readers.from_pdf",
    "text/html": "pipeline.readers.from_html",
    "text/plain": "pipeline.readers.from_text",
    "text/markdown": "pipeline.readers.from_text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "pipeline.readers.from_docx",
    "application/msword": "pipeline.readers.from_doc",
}


def read(source: Source) -> list[Page]:
    """The pages of a document, in order, by the reader of its media type.

    Raises UnreadableInput where the bytes cannot be read as what they are.
    """
    module = READERS.get(source.media_type)
    if module is None:
        raise UnreadableInput(
            f"{source.path} is {source.media_type}; nianbao reads PDF, HTML, text, Markdown and DOCX.",
            code="unsupported_media_type",
        )
    pages: list[Page] = import_module(module).read(source)
    return pages
