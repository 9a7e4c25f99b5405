"""A page of a PDF as a picture with the results of a stage drawn over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.datamodel import Box, Page, Source
from pipeline.errors import NianbaoError, UnreadableInput, UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

_SCALE = 2.0
_LARGEST = 4000  # pixels along the longer side: a poster-sized page must not fill the memory
_COLOURS = {
    "word": (220, 60, 60),
    "edge": (20, 120, 220),
    "line": (30, 150, 60),
    "table": (150, 40, 180),
    "cell": (230, 140, 0),
    "row": (0, 140, 140),
    "field": (200, 0, 90),
    "section": (90, 90, 200),
    "fact": (120, 100, 0),
}
_OTHER = (90, 90, 90)


@dataclass(frozen=True)
class Shape:
    """Something to draw: its box (points from the top left of the page), a label ("" for none), and what it is."""

    box: Box
    label: str
    kind: str


def draw_stage(source: Source, page_number: int, shapes: Iterable[Shape], out: Path, read: Page | None = None) -> None:
    """Write a picture of a page (from 1) with the shapes over it, one colour for each kind; PNG or what `out` says.

    With `read` the page is drawn as it was set upright for reading. Raises UsageError for sources that have no pictures
    of pages and for pages that the PDF lacks, NianbaoError where the page cannot be rendered or `out` not be written.
    """
    picture, scale = draw_page(source, page_number)
    if read is not None and read.back:
        picture = set_upright(picture, scale, read)
    _draw(picture, scale, shapes)
    try:
        picture.save(out)
    except (OSError, ValueError) as error:
        raise NianbaoError(f"The picture cannot be written to {out} ({error}): name a .png that can.") from error


def draw_page(source: Source, page_number: int, width: int | None = None) -> tuple[Image, float]:
    """The bare page as a picture, as many pixels wide as asked for unless it is too tall, and its pixels per point."""
    if source.media_type.startswith("image/"):
        return _draw_frame(source, page_number, width)
    if source.media_type != "application/pdf":
        raise UsageError(
            f"{source.path} is {source.media_type} and has no page picture: only PDFs and pictures can be drawn; leave "
            "--image out."
        )
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source.data)
    except pypdfium2.PdfiumError as error:
        raise NianbaoError(f"{source.path} cannot be rendered ({error}): fetch it again.") from error
    try:
        if not 1 <= page_number <= len(document):
            raise UsageError(f"{source.path} has {len(document)} pages, no page {page_number}.")
        page = document[page_number - 1]
        scale = width / max(page.get_width(), 1.0) if width else _SCALE
        scale = min(scale, _LARGEST / max(*page.get_size(), 1.0))
        return page.render(scale=scale).to_pil().convert("RGB"), scale
    except pypdfium2.PdfiumError as error:
        raise NianbaoError(f"Page {page_number} of {source.path} cannot be rendered ({error}).") from error
    finally:
        document.close()


def _draw_frame(source: Source, page_number: int, width: int | None) -> tuple[Image, float]:
    """A page of a file of pictures, as `draw_page` gives it."""
    from pipeline.readers.from_scan import picture_of

    try:
        frame, points = picture_of(source, page_number)
    except UnreadableInput as error:
        raise NianbaoError(str(error)) from error
    scale = min(width / points[0] if width else _SCALE, _LARGEST / max(points))
    size = max(round(points[0] * scale), 1), max(round(points[1] * scale), 1)
    return frame.resize(size), scale


def set_upright(picture: Image, scale: float, read: Page) -> Image:
    """The picture of a page as it was set upright for reading."""
    from PIL import Image as images

    a, b, c, d, e, f, g, h, i = read.back
    size = round(read.width * scale), round(read.height * scale)
    matrix = (a, b, c * scale, d, e, f * scale, g / scale, h / scale, i)
    coefficients = [part / i for part in matrix[:8]]
    return picture.transform(size, images.Transform.PERSPECTIVE, coefficients, fillcolor=(255, 255, 255))


def _draw(picture: Image, scale: float, shapes: Iterable[Shape]) -> None:
    from PIL import ImageDraw, ImageFont

    pen = ImageDraw.Draw(picture, "RGBA")
    font = ImageFont.load_default(size=5.5 * scale)
    for shape in shapes:
        colour = _COLOURS.get(shape.kind, _OTHER)
        x0, top, x1, bottom = (side * scale for side in shape.box)
        if shape.kind == "edge":
            pen.line((x0, top, x1, bottom), fill=(*colour, 200), width=3)
            continue
        if x1 < x0 or bottom < top:
            continue
        fill = (*colour, 28) if shape.kind in ("word", "line", "field", "fact") else None
        pen.rectangle((x0, top, x1, bottom), outline=(*colour, 255), fill=fill, width=2)
        if shape.label:
            pen.text((x0 + 2, top + 1), _printable(shape.label), fill=(*colour, 255), font=font)


def _printable(label: str) -> str:
    """The label in what the built-in font can draw; Chinese would come out as empty boxes."""
    return "".join(char if char.isascii() else "·" for char in label[:60])
