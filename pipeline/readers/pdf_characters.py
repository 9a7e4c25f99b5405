"""The characters of a PDF page that a reader of its picture would see, as parallel arrays in content order."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np

from pipeline.readers import pdf_functions as pdfium
from pipeline.readers.pdf_functions import Array
from pipeline.readers.pdf_geometry import View

MAX_CHARACTERS = 60_000
REPLACEMENT = 0xFFFD
_INVISIBLE_MODES = (3, 7)
_WHITE = 250
_SMALLEST = 1.0
_SLANT = 0.2


@dataclass(frozen=True, slots=True)
class Characters:
    """Code points, shown boxes (x0, top, x1, bottom), quarter turns counterclockwise, text objects, and for each
    character whether a gap (space, line end, dropped character) stands before it.

    `hidden` and `unmapped` count the dropped characters and those without a trustworthy code (now U+FFFD).
    """

    codes: Array
    boxes: Array
    quarters: Array
    objects: Array
    after_gap: Array
    hidden: int
    unmapped: int


def read_characters(text: int, view: View, grounds: Array) -> Characters:
    """The visible characters of a text page; white text counts as visible only on one of the `grounds`.

    Dropped: invisible modes, transparent or white fill, zero size, outside the page, at a slant (watermarks), and
    characters printed a second time over themselves (fake bold). What is clipped away is not noticed.
    """
    count = pdfium.count_characters(text)
    codes, boxes = _codes(text, count), view.show(pdfium.character_boxes(text, count).astype(np.float64))
    blank = _blank(codes)
    probed = _probed(codes, boxes, blank)
    quarters, slanted = _quarters(text, count, boxes, probed, view)
    objects = _spread(pdfium.character_object, text, count, probed)
    unmapped = _spread(pdfium.character_unmapped, text, count, probed) > 0
    untrusted = ~blank & (unmapped | _unreadable(codes))
    shown = ~blank & ~slanted & view.holds(boxes) & (boxes[:, 3] - boxes[:, 1] >= _SMALLEST)
    shown &= ~_hidden(objects, boxes, grounds, shown)
    shown &= ~_repeated(codes, boxes, shown)
    kept = np.flatnonzero(shown)
    after_gap = np.ones(len(kept), dtype=bool)
    after_gap[1:] = np.diff(kept) > 1
    codes = np.where(untrusted, REPLACEMENT, codes)
    return Characters(
        codes[kept], boxes[kept], quarters[kept], objects[kept], after_gap,
        int((~blank & ~shown).sum()), int((untrusted & shown).sum()),
    )  # fmt: skip


def _codes(text: int, count: int) -> Array:
    """Code points; one call for the whole page unless the text's length differs (astral or uncoded characters)."""
    buffer = ctypes.create_string_buffer(2 * (count + 1))
    written = pdfium.get_text(text, 0, count, ctypes.addressof(buffer)) if count else 1
    codes = np.frombuffer(buffer.raw, dtype="<u2")[: max(written - 1, 0)].astype(np.int64)
    if len(codes) != count or ((codes >= 0xD800) & (codes < 0xE000)).any() or (codes == 0xFFFE).any():
        codes = np.array(pdfium.character_results(pdfium.character_code, text, count), dtype=np.int64)
    for index in np.flatnonzero((codes == 2) | (codes == 0xAD)):
        if pdfium.character_is_hyphen(text, int(index)):
            codes[index] = ord("-")
    codes[(codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))] = REPLACEMENT
    return codes


def _blank(codes: Array) -> Array:
    blank: Array = np.isin(codes, (0x20, 9, 10, 11, 12, 13, 0xA0, 0x3000, 0x200B, 0xFEFF)) | (
        (codes >= 0x2000) & (codes <= 0x200A)
    )
    return blank


def _is_chinese(codes: Array) -> Array:
    chinese: Array = ((codes >= 0x3001) & (codes <= 0x9FFF)) | ((codes >= 0xFF01) & (codes <= 0xFF65))
    return chinese & ~((codes >= 0xFF10) & (codes <= 0xFF19))


def _unreadable(codes: Array) -> Array:
    """Codes that say nothing: U+FFFD, controls, private use (but for the bullets of symbol fonts)."""
    private = ((codes >= 0xE000) & (codes < 0xF020)) | ((codes > 0xF0FF) & (codes < 0xF900)) | (codes >= 0xF0000)
    unreadable: Array = (codes == REPLACEMENT) | (codes < 0x20) | ((codes >= 0x7F) & (codes < 0xA0)) | private
    return unreadable


def _probed(codes: Array, boxes: Array, blank: Array) -> Array:
    """Characters to ask for their properties; the others, Chinese ones in a level run, share their predecessor's.

    Asking for a third of the characters costs a third of the time.
    """
    chinese = _is_chinese(codes) & ~blank
    probed = ~blank
    if len(codes) > 1:
        height = boxes[1:, 3] - boxes[1:, 1]
        level = np.abs(boxes[1:, 1] - boxes[:-1, 1]) < 0.05 * height
        near = np.abs(boxes[1:, 0] - boxes[:-1, 2]) < 0.3 * height
        probed[1:] &= ~(chinese[1:] & chinese[:-1] & level & near)
    return probed


def _spread(function: object, text: int, count: int, probed: Array) -> Array:
    """The function's result for each character, asked for the probed ones only; 0 for blanks at the start."""
    where = np.flatnonzero(probed)
    values = np.zeros(len(where) + 1, dtype=np.int64)
    values[1:] = [function(text, index) for index in where.tolist()]  # type: ignore[operator]
    spread: Array = values[np.cumsum(probed)] if count else values[:0]
    return spread


def _quarters(text: int, count: int, boxes: Array, probed: Array, view: View) -> tuple[Array, Array]:
    """Quarter turns counterclockwise as shown, and which characters stand at a slant."""
    ahead = np.zeros(count, dtype=bool)
    if count > 1:
        step = np.abs(boxes[1:, 0] - boxes[:-1, 2]) < 0.3 * (boxes[1:, 3] - boxes[1:, 1])
        level = np.abs(boxes[1:, 3] - boxes[:-1, 3]) < 0.02 + 0.05 * (boxes[1:, 3] - boxes[1:, 1])
        forward = boxes[1:, 2] > boxes[:-1, 2] + 0.5
        ahead[1:] = step & level & forward & ~view.quarters
        ahead[:-1] |= ahead[1:]
    asked = probed & ~ahead
    angles = np.zeros(count)
    where = np.flatnonzero(asked)
    angles[where] = [pdfium.character_angle(text, index) for index in where.tolist()]
    turns = angles / (np.pi / 2)
    slanted = np.abs(turns - np.round(turns)) > _SLANT / (np.pi / 2)
    quarters = (np.round(turns).astype(np.int64) - np.where(asked, view.quarters, 0)) % 4
    last = np.maximum.accumulate(np.where(probed, np.arange(count), 0)) if count else np.zeros(0, dtype=np.int64)
    return quarters[last], slanted[last]


def _hidden(objects: Array, boxes: Array, grounds: Array, shown: Array) -> Array:
    handles = [handle for handle in np.unique(objects[shown]).tolist() if handle]
    modes = np.array(pdfium.results(pdfium.text_mode, handles), dtype=np.int64)
    colours = pdfium.filled(pdfium.fill_colour, handles, 4, np.uint32)
    filling = np.isin(modes, (0, 4))
    gone = np.isin(modes, _INVISIBLE_MODES) | (filling & (colours[:, 3] == 0))
    white = filling & (colours[:, :3].min(axis=1) >= _WHITE)
    names = np.array(handles, dtype=np.int64)
    hidden: Array = np.isin(objects, names[gone])
    for index in np.flatnonzero(np.isin(objects, names[white]) & shown) if white.any() else ():
        hidden[index] = not _stands_on(boxes[index], grounds)
    return hidden


def _stands_on(box: Array, grounds: Array) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    under = (grounds[:, 0] <= x) & (x <= grounds[:, 2]) & (grounds[:, 1] <= y) & (y <= grounds[:, 3])
    return bool(under.any())


def _repeated(codes: Array, boxes: Array, shown: Array) -> Array:
    """Characters within 0.3 em of the same character earlier on the page."""
    repeated = np.zeros(len(codes), dtype=bool)
    kept = np.flatnonzero(shown)
    if len(kept) < 2:
        return repeated
    x, y, code = boxes[kept, 0], boxes[kept, 1], codes[kept]
    reach = 0.3 * np.minimum(boxes[kept, 3] - boxes[kept, 1], boxes[kept, 2] - boxes[kept, 0] + 1)
    band = max(float(np.median(boxes[kept, 3] - boxes[kept, 1])), _SMALLEST)
    for shift in (0.0, 0.5):
        order = np.lexsort((x, np.floor(y / band + shift), code))
        before, after = order[:-1], order[1:]
        near = np.minimum(reach[before], reach[after])
        same = (code[before] == code[after]) & (np.abs(x[before] - x[after]) < near)
        same &= np.abs(y[before] - y[after]) < near
        repeated[kept[np.maximum(before[same], after[same])]] = True
    return repeated
