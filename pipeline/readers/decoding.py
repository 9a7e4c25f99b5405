"""From bytes to text: which encoding a Chinese document is really in, whatever it declares."""

from __future__ import annotations

import codecs
import re

from pipeline.datamodel import Location, Problem
from pipeline.errors import UnreadableInput

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BIG5 = re.compile(rb"charset\s{0,9}=\s{0,9}[\"']?big5", re.IGNORECASE)
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f\ufffd]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_DECLARATION_WITHIN = 4096
_BINARY_SHARE = 0.05
MAX_TEXT_BYTES = 40_000_000


def decode(data: bytes, path: str = "") -> tuple[str, tuple[Problem, ...]]:
    """The text of a document without its byte order mark, and a problem where some bytes could not be read.

    Broken bytes become U+FFFD. Raises UnreadableInput: `not_a_document` where the bytes are no text at all,
    `too_large` beyond MAX_TEXT_BYTES.
    """
    if len(data) > MAX_TEXT_BYTES:
        raise UnreadableInput(
            f"{path or 'The input'} holds over {MAX_TEXT_BYTES:,} bytes of text; give the report alone.",
            code="too_large",
        )
    text = _decoded(data)
    # NULs and control characters in a twentieth of the text: a program, a picture, an archive.
    strange = len(_NOT_TEXT.findall(text[:200_000]))
    name = path or "The input"
    if strange > max(3.0, _BINARY_SHARE * min(len(text), 200_000)) or (strange and strange * 4 > len(text)):
        raise UnreadableInput(
            f"{name} is neither text nor a document of a known kind; give the published PDF, page or text.",
            code="not_a_document",
        )
    broken = text.count("\ufffd")
    if not broken:
        return text, ()
    at = text.index("\ufffd")
    message = (
        f"{broken} characters cannot be decoded and stand as U+FFFD; compare the figures near them with the source."
    )
    return text, (Problem("readers", "broken_characters", message, Location(span=(at, at + 1))),)


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    # The bytes outweigh the declaration: pages in UTF-8 that declare gb2312, and the reverse, are common, and
    # Chinese text in GB18030 is practically never valid UTF-8.
    encodings = ["utf-8", "gb18030"]
    if _BIG5.search(data[:_DECLARATION_WITHIN]):
        encodings.insert(1, "big5hkscs")
    lossy = data.decode("utf-8", errors="replace")
    broken = lossy.count("\ufffd")
    # A few broken bytes in good UTF-8 often still make valid GB18030, of other characters.
    if not broken or broken * 10 <= len(_NOT_ASCII.findall(lossy)) - broken:
        return lossy
    for encoding in encodings[1:]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    other = data.decode("gb18030", errors="replace")
    return lossy if broken <= other.count("\ufffd") else other
