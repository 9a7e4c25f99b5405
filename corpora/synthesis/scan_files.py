"""Pages in and out of files: PDFs as pictures, pictures as PDF, TIFF, PNG and JPEG, and text layers that lie."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpora.synthesis.fonts import NOT_EMBEDDED, font

Picture = NDArray[np.uint8]
Layer = Sequence[Sequence[tuple[float, float, float, str]]]
_DATE = time.gmtime(1700000000)
_ID = re.compile(rb"/ID\s*\[[^\]]*\]")
_TIME = re.compile(rb"\(D:\d{14}")
_MISREAD = {
    "0": "8O6",
    "1": "7l4",
    "2": "7Z",
    "3": "85",
    "4": "1",
    "5": "36",
    "6": "508",
    "7": "12",
    "8": "306",
    "9": "70",
}
_DIGITS_WRONG, _LOST = 0.12, 0.04


def page_count(data: bytes) -> int:
    """How many pages the PDF has."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    count = len(document)
    document.close()
    return count


def render(data: bytes, dpi: int) -> list[Picture]:
    """The pages of the PDF as RGB pictures."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        pages = (document[number] for number in range(len(document)))
        return [page.render(scale=dpi / 72, rev_byteorder=True).to_numpy()[..., :3].copy() for page in pages]
    finally:
        document.close()


def trimmed(page: Picture) -> Picture:
    """The page without what is empty below its last line, but for a margin."""
    inked = np.flatnonzero((page.min(axis=2) < 128).any(axis=1))
    return page[: inked[-1] + page.shape[1] // 16] if len(inked) else page


def as_picture(pictures: Sequence[Picture], kind: str, dpi: tuple[int, int], quality: int) -> bytes:
    """The pages as TIFF of many pages, or below each other as one PNG or JPEG."""
    out = io.BytesIO()
    if kind == "tif":
        images = [_image(picture) for picture in pictures]
        how = {"compression": "group4"} if images[0].mode == "1" else {"compression": "jpeg", "quality": quality}
        images[0].save(out, "TIFF", save_all=True, append_images=images[1:], dpi=dpi, **how)
        return out.getvalue()
    wide = max(picture.shape[1] for picture in pictures)
    image = _image(np.vstack([_widened(picture, wide) for picture in pictures]))
    image.save(out, "PNG" if kind == "png" else "JPEG", dpi=dpi, **({} if kind == "png" else {"quality": quality}))
    return out.getvalue()


def _widened(picture: Picture, wide: int) -> Picture:
    missing = wide - picture.shape[1]
    sides = ((0, 0), (missing // 2, missing - missing // 2), (0, 0))[: picture.ndim]
    return np.pad(picture, sides, mode="edge")


def as_pdf(pictures: Sequence[Picture], dpi: tuple[int, int], quality: int) -> bytes:
    """The pictures as the pages of a PDF: black and white ones as a fax sends them (group 4), others as JPEG."""
    images, out = [_image(picture) for picture in pictures], io.BytesIO()
    how: dict[str, Any] = {} if images[0].mode == "1" else {"quality": quality}
    how |= {"creationDate": _DATE, "modDate": _DATE}
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], dpi=dpi, **how)
    return out.getvalue()


def with_layer(pictures: Sequence[Picture], dpi: int, quality: int, layer: Layer) -> bytes:
    """The pictures as the pages of a PDF, each under its invisible words: x and y of the baseline, size, text."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for picture, words in zip(pictures, layer, strict=True):
        coded, size = io.BytesIO(), (picture.shape[1] * 72 / dpi, picture.shape[0] * 72 / dpi)
        _image(picture).save(coded, "JPEG", quality=quality)
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(coded), 0, 0, *size)
        for x, y, height, text in words:
            line = canvas.beginText(x, y)
            line.setTextRenderMode(3)
            line.setFont(font("cid") or NOT_EMBEDDED, height)
            line.textOut(text)
            canvas.drawText(line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def misread_words(data: bytes, rng: np.random.Generator) -> Layer:
    """The words of each page as a bad OCR program gives them: figures misread, a few characters lost."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    pages = []
    try:
        for number in range(len(document)):
            text = document[number].get_textpage()
            boxes = [text.get_rect(place) for place in range(text.count_rects())]
            words = [(x0, y0, max(y1 - y0, 4.0), text.get_text_bounded(x0, y0, x1, y1)) for x0, y0, x1, y1 in boxes]
            pages.append([(x, y, size, misread(word, rng)) for x, y, size, word in words if word.strip()])
    finally:
        document.close()
    return pages


def misread(word: str, rng: np.random.Generator) -> str:
    """The word with some of its figures taken for others and some of its other characters lost."""
    found = []
    for letter in word.strip():
        if letter in _MISREAD:
            alike = _MISREAD[letter]
            found.append(alike[int(rng.integers(len(alike)))] if rng.random() < _DIGITS_WRONG else letter)
        elif letter.isprintable() and rng.random() > _LOST:
            found.append(letter)
    return "".join(found)


def mixed(printed: bytes, scans: bytes, kept: Sequence[int]) -> bytes:
    """The pages of the printed PDF in `kept` (0-based) among the scans of its other pages."""
    import pypdfium2

    one, other, both = pypdfium2.PdfDocument(printed), pypdfium2.PdfDocument(scans), pypdfium2.PdfDocument.new()
    out, place = io.BytesIO(), 0
    for number in range(len(one)):
        both.import_pages(one if number in kept else other, [number if number in kept else place])
        place += number not in kept
    both.save(out)
    for document in (both, other, one):
        document.close()
    timeless = _TIME.sub(b"(D:20231114221320", out.getvalue())
    return _ID.sub(lambda match: b" " * len(match[0]), timeless)


def _image(picture: Picture) -> Any:
    """The picture as Pillow has it: black and white where it has no other level, else grey or RGB."""
    from PIL import Image

    image = Image.fromarray(picture)
    levels = picture.ndim == 2 and bool(((picture == 0) | (picture == 255)).all())
    return image.convert("1") if levels else image
