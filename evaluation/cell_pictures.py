"""What stands in the source where a field was read: a picture cut from a PDF's page, or the text around the place."""

from __future__ import annotations

import base64
import html
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.datamodel import Page, Source
from pipeline.drawing import draw_page
from pipeline.errors import NianbaoError
from pipeline.readers import open_source, read
from pipeline.readers.media_types import HTML, PDF

if TYPE_CHECKING:
    from PIL.Image import Image

_LEFT, _RIGHT, _ABOVE = 430.0, 120.0, 42.0  # points shown around a box: its row's label, the rows above and below
_LARGEST = 640.0  # points: a box as large as the page is shown in part
_FRAME = (213, 94, 0)
_MARKUP = 6000  # characters of HTML looked at on either side
_BEFORE, _MARKED, _AFTER = 220, 300, 120  # characters of text shown
_LINES = 6  # lines shown on either side
_HIDDEN = re.compile(r"<!--.*?-->|<(script|style|head)\b.*?</\1\s*>", re.S | re.I)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)?[^<>]*>")
_ROWS, _CELLS = frozenset(("tr", "table")), frozenset(("td", "th"))
_BLOCKS = frozenset(("p", "div", "li", "br", "h1", "h2", "h3", "h4", "h5", "h6"))


@dataclass(frozen=True, slots=True)
class CellPicture:
    """A PNG as data URI with its width in points, or text with the place's own text `marked`, or why there is none."""

    image: str = ""
    width: int = 0
    before: str = ""
    marked: str = ""
    after: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Opened:
    source: Source
    pages: Callable[[], Sequence[Page]]
    draw: Callable[[int], tuple[Image, float]]


def picture_cells(places: Sequence[tuple[str, Mapping[str, Any] | None]]) -> list[CellPicture]:
    """The picture of each (path of the source, location as in a record), in order.

    Places of one document should follow each other: a document is opened and a page drawn once then. What cannot be
    shown says so in `problem`; nothing is raised for it.
    """
    opened = lru_cache(maxsize=1)(_open)
    return [_picture(opened, path, location) for path, location in places]


def _open(path: str) -> _Opened:
    source = open_source(Path(path))
    pages = lru_cache(maxsize=1)(lambda: read(source))
    return _Opened(source, pages, lru_cache(maxsize=1)(lambda number: draw_page(source, number)))


def _picture(opened: Callable[[str], _Opened], path: str, location: Mapping[str, Any] | None) -> CellPicture:
    if not location or not (location.get("box") or location.get("span")):
        return CellPicture(problem="The record names no place for it.")
    try:
        found = opened(path)
        if found.source.media_type == PDF:
            return _cut(found, location)
        return _quote(found, location)
    except NianbaoError as error:
        return CellPicture(problem=str(error))
    except (ValueError, TypeError, LookupError, OverflowError, StopIteration):
        return CellPicture(problem="The place that the record names is not in this source.")


def _cut(found: _Opened, location: Mapping[str, Any]) -> CellPicture:
    box = [float(side) for side in location["box"]]
    if len(box) != 4 or not all(map(math.isfinite, box)):
        raise ValueError("not a box")
    page, scale = found.draw(int(location["page"]))
    x0, top, x1, bottom = box
    x1, bottom = min(x1, x0 + _LARGEST), min(bottom, top + _LARGEST)
    window = (x0 - _LEFT, top - _ABOVE, x1 + _RIGHT, bottom + _ABOVE)
    left, upper, right, lower = (round(side * scale) for side in window)
    area = max(0, left), max(0, upper), min(page.width, right), min(page.height, lower)
    if area[0] >= area[2] or area[1] >= area[3]:
        raise ValueError("not on the page")
    image = _framed(page.crop(area), [side * scale for side in (x0, top, x1, bottom)], area)
    return CellPicture(image=_data_uri(image), width=round(image.width / scale))


def _framed(image: Image, box: Sequence[float], area: Sequence[int]) -> Image:
    from PIL import ImageDraw

    x0, top, x1, bottom = box
    frame = (x0 - area[0] - 3, top - area[1] - 3, x1 - area[0] + 3, bottom - area[1] + 3)
    ImageDraw.Draw(image).rectangle(
        (frame[0], frame[1], max(frame[0], frame[2]), max(frame[1], frame[3])), None, _FRAME, 3
    )
    return image


def _data_uri(image: Image) -> str:
    out = io.BytesIO()
    image.quantize(24).save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode("ascii")


def _quote(found: _Opened, location: Mapping[str, Any]) -> CellPicture:
    start, end = (int(side) for side in location["span"])
    page = next(page for page in found.pages() if page.number == int(location["page"]))
    if not 0 <= start <= end <= len(page.text):
        raise ValueError("not in the text")
    before = page.text[max(0, start - _MARKUP) : start]
    marked, after = page.text[start : min(end, start + _MARKUP)], page.text[end : end + _MARKUP]
    if found.source.media_type == HTML:
        before, marked, after = _shown(before), _shown(marked), _shown(after)
    return CellPicture(before=_tail(before), marked=marked[:_MARKED], after=_head(after))


def _shown(markup: str) -> str:
    """What a browser shows of a piece of HTML: a line for each table row, | between its cells; a tag that the ends of
    the piece cut in two is left out."""
    markup = re.sub(r"^[^<>]*>", "", re.sub(r"<[^<>]*$", "", _HIDDEN.sub(" ", markup)))
    shown, last, in_cell = [], 0, _starts_in_cell(markup)
    for tag in _TAG.finditer(markup):
        name = (tag[2] or "").lower()
        shown += [_words(markup[last : tag.start()]), _gap(name, bool(tag[1]), in_cell)]
        in_cell = not tag[1] if name in _CELLS else in_cell and name not in _ROWS
        last = tag.end()
    text = "".join([*shown, _words(markup[last:])])
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", text))


def _starts_in_cell(markup: str) -> bool:
    """Whether a piece of HTML begins inside a cell: its first tag of a cell or row ends one."""
    first = next((tag for tag in _TAG.finditer(markup) if (tag[2] or "").lower() in _CELLS | _ROWS), None)
    return first is not None and bool(first[1]) and (first[2] or "").lower() in _CELLS


def _gap(name: str, ends: bool, in_cell: bool) -> str:
    if name in _CELLS:
        return " | " if ends else ""
    if name in _ROWS:
        return "\n"
    return " " if in_cell and name in _BLOCKS else "\n" if name in _BLOCKS else ""


def _words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"\s+", " ", text)).split("\n"))


def _tail(text: str) -> str:
    lines = text.splitlines(keepends=True)
    kept = "".join(lines[-_LINES:])[-_BEFORE:]
    return kept if len(kept) == len(text) else "…" + kept.lstrip()


def _head(text: str) -> str:
    kept = "".join(text.splitlines(keepends=True)[:_LINES])[:_AFTER]
    return kept if len(kept) == len(text) else kept.rstrip() + "…"
