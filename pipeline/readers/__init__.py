"""Readers: a `Source` in, pages out. READERS names the module for each media type; it is imported when needed."""

from __future__ import annotations

import hashlib
from importlib import import_module
from pathlib import Path

from pipeline.datamodel import Page, Source
from pipeline.errors import UnreadableInput
from pipeline.readers.media_types import DOC, DOCX, HTML, MARKDOWN, PDF, PICTURES, PLAIN, RTF, find_media_type

MAX_BYTES = 200 * 1024 * 1024

READERS = {
    PDF: "pipeline.readers.from_pdf",
    HTML: "pipeline.readers.from_html",
    PLAIN: "pipeline.readers.from_text",
    MARKDOWN: "pipeline.readers.from_text",
    DOCX: "pipeline.readers.from_docx",
    DOC: "pipeline.readers.from_doc",
    RTF: "pipeline.readers.from_doc",
    **dict.fromkeys(PICTURES, "pipeline.readers.from_scan"),
}


def open_source(path: str | Path, data: bytes | None = None, media_type: str | None = None) -> Source:
    """The document at `path`, or `data` under that name, with its SHA-256 and the media type that its content shows.

    `media_type` chooses only between HTML, Markdown and plain text, which may look alike. Raises UnreadableInput:
    `missing_file`, `unreadable_file`, `empty_file`, `too_large`, `not_a_document`, `unsupported_media_type`,
    `encrypted`, `damaged`.
    """
    name = str(path)
    data = _read_bytes(Path(path)) if data is None else data
    if len(data) > MAX_BYTES:
        raise UnreadableInput(
            f"{name} is larger than {MAX_BYTES >> 20} MB; give the report alone, without its attachments.",
            code="too_large",
        )
    if not data:
        raise UnreadableInput(f"{name} is empty; download it again.", code="empty_file")
    return Source(name, data, hashlib.sha256(data).hexdigest(), find_media_type(data, name, media_type))


def read(source: Source) -> list[Page]:
    """The pages of a document, in order, by the reader of its media type.

    Raises UnreadableInput where the bytes cannot be read as what they are.
    """
    module = READERS.get(source.media_type)
    if module is None:
        raise UnreadableInput(
            f"{source.path} is {source.media_type}; nianbao reads PDF, HTML, text, Markdown, DOCX and pictures.",
            code="unsupported_media_type",
        )
    pages: list[Page] = import_module(module).read(source)
    return pages


def _read_bytes(path: Path) -> bytes:
    try:
        # Pipes and devices could feed us for ever.
        if not path.is_file():
            raise UnreadableInput(f"{path} is not there, or is not a file; check the path.", code="missing_file")
        with path.open("rb") as file:
            # The size is asked first because room is made for all that read may give; it may grow meanwhile.
            return file.read(min(path.stat().st_size, MAX_BYTES) + 1)
    except (OSError, ValueError) as error:
        raise UnreadableInput(f"{path} cannot be read: {error}.", code="unreadable_file") from error
