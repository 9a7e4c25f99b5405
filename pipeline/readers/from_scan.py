"""Pictures of reports: PNG, JPEG, TIFF of many pages, and the pages of a PDF that are only pictures."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.datamodel import Location, Page, Problem, Source
from pipeline.errors import UnreadableInput
from pipeline.readers.patience import scan_begins
from pipeline.scan import INSTALL, is_installed

if TYPE_CHECKING:
    from PIL.Image import Image

Array = np.ndarray[Any, Any]

MAX_PAGES = 200
MAX_PIXELS = 80_000_000  # of one page; A3 at 600 dpi has 70 million
DPI = 200  # at which pages are read
_A4 = 595.0  # points: the shorter side of a page whose picture does not tell its size
_USUAL = (300.0, 1300.0)  # points: sides of the paper that reports are printed on
_ORIENTATION, _ON_ITS_SIDE = 0x0112, 5  # the EXIF entry that says how a picture is held, and from where it lies
_MOST_SIDE = 3600  # pixels that are looked at


def read(source: Source) -> list[Page]:
    """A page for each picture in a file, its size in points by the resolution that the file states, else A4's width.

    Raises UnreadableInput: `scan_without_text` (the extra is missing), `damaged`, `too_many_pages`, `too_many_pixels`.
    """
    if not is_installed():
        raise UnreadableInput(f"{source.path} is a picture; to read it: {INSTALL}", code="scan_without_text")
    from pipeline.scan.page import read_picture

    scan_begins()
    frames = enumerate(_frames(source), start=1)
    pages = [read_picture(picture, number, size) for number, (picture, size) in frames]
    return completed(source, pages, {page.number for page in pages})


def picture_of(source: Source, number: int) -> tuple[Image, tuple[float, float]]:
    """The picture of a page (from 1) of a file of pictures, and its size in points.

    Raises UnreadableInput: `no_such_page` and what `read` raises of a picture.
    """
    from PIL import Image as images

    for place, (picture, size) in enumerate(_frames(source), start=1):
        if place == number:
            return images.fromarray(picture), size
    raise UnreadableInput(f"{source.path} has no page {number}.", code="no_such_page")


def pictures_of(source: Source) -> Iterator[tuple[int, Array, tuple[float, float]]]:
    """Number, picture and size in points of each page of a file of pictures or of a PDF, as it is recognised; pages
    that cannot be rendered are left out."""
    if not source.data.startswith(b"%PDF"):
        yield from ((number, *frame) for number, frame in enumerate(_frames(source), start=1))
        return
    import pypdfium2

    document = pypdfium2.PdfDocument(source.data)
    try:
        for number in range(1, len(document) + 1):
            size: tuple[float, float] = document.get_page_size(number - 1)
            picture = _rendered(document, Page(number, *size))
            if picture is not None:
                yield number, picture, size
    finally:
        document.close()


def page_sizes(source: Source) -> list[tuple[float, float]]:
    """Width and height in points of the page that each picture of a file shows, upright; nothing is decoded."""
    from PIL import Image, ImageSequence

    with Image.open(io.BytesIO(source.data)) as opened:
        frames = ((_size(frame), frame.getexif().get(_ORIENTATION, 1)) for frame in ImageSequence.Iterator(opened))
        return [size[::-1] if turned >= _ON_ITS_SIDE else size for size, turned in frames]


def completed(source: Source, pages: Sequence[Page], scanned: Collection[int]) -> list[Page]:
    """The pages, the scanned ones aligned with those before them; with the problem `scan_without_text` on the first
    where there is no word on any."""
    from pipeline.scan.alignment import aligned

    if any(page.words for page in pages):
        return aligned(pages, scanned)
    message = f"No text was recognised on the {len(pages)} pages of {source.path}: scan it again, darker or finer."
    problem = Problem("readers", "scan_without_text", message, Location(1))
    return [replace(pages[0], problems=(*pages[0].problems, problem)), *pages[1:]]


def read_pdf_pages(source: Source, pages: Sequence[Page]) -> Iterator[Page]:
    """The pages of a PDF as recognised from their pictures, in the order given; each keeps its number and size.

    A page that cannot be rendered keeps what it had, with the problem `damaged_page`.
    """
    import pypdfium2

    from pipeline.scan.page import read_picture

    scan_begins()
    document = pypdfium2.PdfDocument(source.data)
    try:
        for page in pages:
            picture = _rendered(document, page)
            if picture is None:
                message = f"Page {page.number} is damaged and could not be recognised: fetch the file again."
                problem = Problem("readers", "damaged_page", message, Location(page.number))
                yield replace(page, problems=(*page.problems, problem))
            else:
                yield read_picture(picture, page.number, (page.width, page.height), page.problems)
    finally:
        document.close()


def _rendered(document: Any, page: Page) -> Array | None:
    """The picture of a page; None where pdfium cannot make one."""
    import pypdfium2

    scale = min(DPI / 72, _MOST_SIDE / max(page.width, page.height, 1.0))
    try:
        shown = document[page.number - 1]
        picture = np.asarray(shown.render(scale=scale, rev_byteorder=True).to_numpy())
        shown.close()
    except pypdfium2.PdfiumError:
        return None
    return picture[:, :, :3] if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)


def _frames(source: Source) -> Iterator[tuple[Array, tuple[float, float]]]:
    """Each picture of a file as RGB, with its size in points."""
    from PIL import Image, ImageOps, ImageSequence

    try:
        with Image.open(io.BytesIO(source.data)) as opened:
            count = getattr(opened, "n_frames", 1)
            if count > MAX_PAGES:
                message = f"{source.path} has {count} pages; nianbao reads at most {MAX_PAGES}: cut it first."
                raise UnreadableInput(message, code="too_many_pages")
            for frame in ImageSequence.Iterator(opened):
                _check_pixels(source, frame)
                size = _size(frame)
                upright = ImageOps.exif_transpose(frame)
                if upright.size != frame.size:
                    size = size[::-1]
                yield _rgb(upright, size), size
    except UnreadableInput:
        raise
    except Exception as error:  # Pillow's decoders fail on damaged files in many ways
        message = f"{source.path} is damaged ({type(error).__name__}): fetch it again, or save it as PNG."
        raise UnreadableInput(message, code="damaged") from error


def _check_pixels(source: Source, frame: Image) -> None:
    if frame.width * frame.height > MAX_PIXELS:
        message = (
            f"{source.path} has {frame.width} × {frame.height} pixels; nianbao reads at most {MAX_PIXELS // 10**6} "
            "million a page: save it at 200 to 300 dpi."
        )
        raise UnreadableInput(message, code="too_many_pixels")


def _size(frame: Image) -> tuple[float, float]:
    """The size of a picture's paper in points."""
    stated = frame.info.get("dpi")
    across, along = map(float, stated) if isinstance(stated, tuple) and len(stated) == 2 else (0.0, 0.0)
    if across > 0 and along > 0:
        size = (frame.width / across * 72, frame.height / along * 72)
        if _USUAL[0] <= min(size) and max(size) <= _USUAL[1]:
            return size
    points = _A4 / min(frame.width, frame.height)
    return (frame.width * points, frame.height * points)


def _rgb(frame: Image, size: tuple[float, float]) -> Array:
    """The picture on white, at the resolution at which pages are read (finer ones are made coarser)."""
    from PIL import Image as images

    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        clear = frame.convert("RGBA")
        ground = images.new("RGBA", clear.size, "white")
        frame = images.alpha_composite(ground, clear)
    scale = min(DPI / 72, _MOST_SIDE / max(size))
    wide, high = (max(round(side * scale), 1) for side in size)
    finer = wide < frame.width
    way = images.Resampling.BOX if finer else images.Resampling.BICUBIC
    return np.asarray(frame.convert("RGB").resize((wide, high), way))
