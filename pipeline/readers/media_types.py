"""What a file is, told by its content; names and declared types lie too often."""

from __future__ import annotations

import io
import re
import zipfile

from pipeline.errors import UnreadableInput
from pipeline.readers.decoding import decode

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOC = "application/msword"
RTF = "application/rtf"
HTML = "text/html"
MARKDOWN = "text/markdown"
PLAIN = "text/plain"

PICTURES = ("image/png", "image/jpeg", "image/tiff", "image/gif", "image/jp2")
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"GIF8", "image/gif"),
    (b"\x00\x00\x00\x0cjP  ", "image/jp2"),
)
_FOREIGN = (
    (b"Rar!\x1a\x07", "a RAR archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"\x1f\x8b\x08", "a gzip archive; unpack it first"),
    (b"MIME-Version:", "a web archive (MHTML); save the page as HTML, or the document as DOCX"),
)
_STRONG_TAG = re.compile(r"<(?:!doctype\s+html|html|head|body|table|tbody|tr|td)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(
    r"</?(?:p|div|span|br|h[1-6]|ul|ol|li|a|b|strong|font|meta|center|section|article)\b[^<>]*>", re.I
)
_MARKDOWN = re.compile(r"^[ \t]{0,3}(?:#{1,6}[ \t]+\S|\|[^\n|]*\|)", re.MULTILINE)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def find_media_type(data: bytes, path: str, hint: str | None = None) -> str:
    """The media type of a file's bytes; `hint` chooses only between the kinds of text.

    Raises UnreadableInput: `unsupported_media_type` for known kinds that nianbao does not read, `encrypted`,
    `damaged`, `not_a_document`.
    """
    if b"%PDF-" in data[:1024]:
        return PDF
    for magic, kind in _PICTURES:
        if data.startswith(magic):
            return kind
    for magic, name in _FOREIGN:
        if data.startswith(magic):
            raise _unsupported(path, name)
    if data.startswith(_OLE):
        return _ole(data, path)
    if data.startswith(b"{\\rtf"):
        return RTF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip(data, path)
    text, _ = decode(data, path)
    if not text.strip("\ufeff\x00 \t\r\n\f\v\u3000\xa0"):
        raise UnreadableInput(f"{path} holds nothing but blanks; give the published report.", code="empty_file")
    return hint if hint in (HTML, MARKDOWN, PLAIN) else _text(text)


def _text(text: str) -> str:
    if _STRONG_TAG.search(text) or sum(1 for _ in _ANY_TAG.finditer(text)) >= 2:
        return HTML
    return MARKDOWN if _MARKDOWN.search(text) else PLAIN


def _zip(data: bytes, path: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except Exception as error:  # zipfile lets many kinds escape on hostile archives
        raise UnreadableInput(
            f"{path} looks like a DOCX or zip file but is damaged ({type(error).__name__}); download it again.",
            code="damaged",
        ) from error
    if "word/document.xml" in names or any(re.fullmatch(r"word/document\d*\.xml", name) for name in names):
        return DOCX
    for member, name in (
        ("xl/", "a spreadsheet (XLSX); only reports as PDF, HTML, text, Markdown, DOCX or DOC are read"),
        ("ppt/", "a presentation (PPTX); only reports as PDF, HTML, text, Markdown, DOCX or DOC are read"),
        ("OFD.xml", "an OFD document; convert it to PDF first"),
        ("content.xml", "an OpenDocument file; save it as DOCX or PDF first"),
    ):
        if any(entry.startswith(member) for entry in names):
            raise _unsupported(path, name)
    raise _unsupported(path, "a zip archive without a Word document in it; unpack it, or give it to `nianbao convert`")


def _ole(data: bytes, path: str) -> str:
    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        raise UnreadableInput(f"{path} is locked by a password; save it without one first.", code="encrypted")
    if holds("Workbook") and not holds("WordDocument"):
        raise _unsupported(path, "a spreadsheet (XLS); only reports as PDF, HTML, text, Markdown, DOCX or DOC are read")
    return DOC


def _unsupported(path: str, what: str) -> UnreadableInput:
    return UnreadableInput(f"{path} is {what}.", code="unsupported_media_type")
