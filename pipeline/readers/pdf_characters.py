"""The characters of a PDF page that a reader of its picture would see, as parallel arrays in content order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pipeline.readers import pdf_functions as pdfium
from pipeline.readers.pdf_edges import Drawing
from pipeline.readers.pdf_functions import Array, Handle
from pipeline.readers.pdf_geometry import View

MAX_CHARACTERS = 60_000
REPLACEMENT = 0xFFFD
BLANK, CHINESE, UNREADABLE, ODD = 1, 2, 4, 8
_INVISIBLE_MODES = (3, 7)
_WHITE = 250
_SMALLEST = 1.0
_SLANT = 0.2
_SHIFTS = np.array([[0.0], [0.5]])
_BLANKS = (0x20, 9, 10, 11, 12, 13, 0xA0, 0x3000, 0x200B, 0xFEFF, *range(0x2000, 0x200B))
# What reports are written in: ASCII, a few signs of Latin-1, punctuation to dingbats, Chinese, wide forms, bullets.
_USUAL = ((0x20, 0x7F), (0xA0, 0xA1), (0xA7, 0xA8), (0xAD, 0xAE), (0xB0, 0xB4), (0xB7, 0xB8), (0xD7, 0xD8),
          (0x2000, 0x2070), (0x2100, 0x27C0), (0x2E80, 0xA000), (0xF020, 0xF100), (0xF900, 0xFB00),
          (0xFE30, 0xFE70), (0xFF00, 0xFFF0))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Characters:
    """Code points, shown boxes (x0, top, x1, bottom), quarter turns counterclockwise, text objects (0 where not asked
    for), and for each character whether a gap (space, line end, dropped character) stands before it.

    `unmapped` counts the characters without a trustworthy code (now U+FFFD), `odd` those that no report is written
    in, which a font without a character map yields.
    """

    codes: Array
    boxes: Array
    quarters: Array
    objects: Array
    after_gap: Array
    unmapped: int
    odd: int


def read_characters(text: Handle, view: View, drawing: Drawing, *, with_objects: bool = False) -> Characters:
    """The visible characters of a text page; white text counts as visible only on one of the drawing's `grounds`.

    A digit with another digit printed over it cannot be settled and becomes U+FFFD.
    Dropped: invisible modes, transparent or white fill, zero size, outside the page, at a slant (watermarks), and
    characters printed a second time over themselves (fake bold). What is clipped away is not noticed.
    """
    codes = _codes(text, pdfium.count_characters(text))
    kinds = _kinds()[np.minimum(codes, 0xFFFF)]
    places = np.flatnonzero((kinds & BLANK) == 0)
    codes, kinds = codes[places], kinds[places]
    boxes = view.show(pdfium.character_boxes(text, places))
    after_gap = np.ones(len(places), dtype=bool)
    after_gap[1:] = places[1:] - places[:-1] > 1
    probed, alone = _probed(boxes, (kinds & CHINESE) != 0)
    owner = np.cumsum(probed) - 1
    asked = places[probed].tolist()
    all_show = drawing.texts is not None and not any(map(np.any, _unseen(drawing.texts)))
    objects = np.zeros(len(asked), dtype=np.int64)
    if with_objects or not all_show:
        objects = pdfium.character_results(pdfium.character_object, text, asked)
    unmapped = pdfium.character_results(pdfium.character_unmapped, text, asked)
    untrusted = (unmapped > 0)[owner] | ((kinds & UNREADABLE) != 0)
    quarters, slanted = _quarters(text, places, probed, alone, owner, view)
    shown = view.holds(boxes) & (boxes[:, 3] - boxes[:, 1] >= _SMALLEST) & ~slanted
    if not all_show:
        shown &= ~_hidden(objects, owner, boxes, drawing.grounds)
    repeated, overprinted = _doubled(codes, boxes, shown)
    shown &= ~repeated
    counts = int(np.count_nonzero(untrusted & shown)), int(np.count_nonzero(kinds[shown] & ODD))
    codes[untrusted | overprinted] = REPLACEMENT
    if shown.all():
        return Characters(codes, boxes, quarters, objects[owner], after_gap, *counts)
    after_gap[1:] |= ~shown[:-1]
    return Characters(codes[shown], boxes[shown], quarters[shown], objects[owner][shown], after_gap[shown], *counts)


def count_doubtful(text: str) -> int:
    """How many characters of a text say nothing or are none that reports are written in."""
    kinds = _kinds()
    return sum(bool(kinds[min(ord(char), 0xFFFF)] & (UNREADABLE | ODD)) for char in text)


@lru_cache(maxsize=1)
def _kinds() -> Array:
    """What each code point of the basic plane is, as bits; all above it are taken for its last one."""
    kinds = np.full(0x10000, ODD, dtype=np.uint8)
    for start, end in _USUAL:
        kinds[start:end] = 0
    kinds[0xFFFF] = 0
    kinds[0x3001:0xA000] |= CHINESE
    kinds[0xFF01:0xFF10] |= CHINESE
    kinds[0xFF1A:0xFF66] |= CHINESE
    for start, end in ((0, 0x20), (0x7F, 0xA0), (0xE000, 0xF020), (0xF100, 0xF900), (REPLACEMENT, REPLACEMENT + 1)):
        kinds[start:end] = UNREADABLE
    kinds[list(_BLANKS)] = BLANK
    return kinds


def _codes(text: Handle, count: int) -> Array:
    """Code points; one call for the whole page unless the text's length differs (astral or uncoded characters)."""
    codes = pdfium.code_units(text, count)
    if len(codes) != count or ((codes & 0xF800) == 0xD800).any() or (codes == 0xFFFE).any():
        codes = pdfium.character_results(pdfium.character_code, text, range(count))
        codes[(codes > 0x10FFFF) | ((codes & ~0x7FF) == 0xD800)] = REPLACEMENT
    for index in np.flatnonzero((codes == 2) | (codes == 0xAD)).tolist():
        if pdfium.character_is_hyphen(text, index):
            codes[index] = ord("-")
    return codes


def _probed(boxes: Array, chinese: Array) -> tuple[Array, Array]:
    """Characters to ask for their properties, and those that stand alone instead of following one another rightwards.

    The others, Chinese ones in a level run, share their predecessor's properties: asking for a third of the
    characters costs a third of the time.
    """
    probed, alone = np.ones(len(boxes), dtype=bool), np.ones(len(boxes), dtype=bool)
    if len(boxes) > 1:
        reach = 0.3 * (boxes[1:, 3] - boxes[1:, 1])
        follows = (np.abs(boxes[1:, 0] - boxes[:-1, 2]) < reach) & (boxes[1:, 2] > boxes[:-1, 2] + 0.5)
        follows &= np.abs(boxes[1:, 3] - boxes[:-1, 3]) < 0.02 + 0.15 * reach
        probed[1:] = ~(follows & chinese[1:] & chinese[:-1])
        alone[1:] = ~follows
        alone[:-1] &= ~follows
    return probed, alone


def _quarters(
    text: Handle, places: Array, probed: Array, alone: Array, owner: Array, view: View
) -> tuple[Array, Array]:
    """Quarter turns counterclockwise as shown, and which characters stand at a slant.

    Characters that follow one another rightwards are level as the page is shown; only the others are asked.
    """
    asked = np.flatnonzero(probed & alone)
    angles = pdfium.character_results(pdfium.character_angle, text, places[asked].tolist(), np.float64)
    turns = -angles / (np.pi / 2) - view.quarters  # pdfium counts clockwise
    whole = np.rint(turns)
    if not (np.abs(turns) > _SLANT / 10).any():
        return np.zeros(len(places), dtype=np.int64), np.zeros(len(places), dtype=bool)
    quarters, slanted = np.zeros(len(places), dtype=np.int64), np.zeros(len(places), dtype=bool)
    quarters[asked] = whole.astype(np.int64) % 4
    slanted[asked] = np.abs(turns - whole) > _SLANT / (np.pi / 2)
    first = np.flatnonzero(probed)[owner]
    return quarters[first], slanted[first]


def _unseen(texts: Sequence[Handle]) -> tuple[Array, Array]:
    """Which text objects are invisible, transparent or clip, and which are white."""
    modes = pdfium.results(pdfium.text_mode, texts)
    red, green, blue, alpha = pdfium.filled(pdfium.fill_colour, texts, 4, np.uint32).T
    filling = (modes == 0) | (modes == 4)
    gone: Array = (modes == _INVISIBLE_MODES[0]) | (modes == _INVISIBLE_MODES[1]) | (filling & (alpha == 0))
    white: Array = filling & (red >= _WHITE) & (green >= _WHITE) & (blue >= _WHITE)
    return gone, white


def _hidden(objects: Array, owner: Array, boxes: Array, grounds: Array) -> Array:
    """Characters of invisible, transparent or clipping text, and white ones on white."""
    named = np.array([name for name in dict.fromkeys(objects.tolist()) if name], dtype=np.int64)
    gone, white = _unseen([Handle(name) for name in named.tolist()])
    hidden: Array = np.isin(objects, named[gone])[owner]
    for index in np.flatnonzero(np.isin(objects, named[white])[owner]).tolist():
        hidden[index] = hidden[index] or not _stands_on(boxes[index], grounds)
    return hidden


def _stands_on(box: Array, grounds: Array) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    under = (grounds[:, 0] <= x) & (x <= grounds[:, 2]) & (grounds[:, 1] <= y) & (y <= grounds[:, 3])
    return bool(under.any())


def _doubled(codes: Array, boxes: Array, shown: Array) -> tuple[Array, Array]:
    """Characters printed again over themselves, and digits with another digit over them (within 0.3 em)."""
    repeated, overprinted = np.zeros(len(codes), dtype=bool), np.zeros(len(codes), dtype=bool)
    digits = (codes >= 0x30) & (codes <= 0x39)
    for before, after in _close_pairs(np.where(digits, 0x30, codes), boxes, shown):
        same = codes[before] == codes[after]
        repeated[np.maximum(before, after)[same]] = True
        overprinted[before[~same]] = overprinted[after[~same]] = True
    return repeated, overprinted


def _close_pairs(groups: Array, boxes: Array, shown: Array) -> Iterator[tuple[Array, Array]]:
    """Indices of pairs of shown characters of one group within 0.3 em of one another.

    Sorted by group, band of height and place, such pairs are neighbours, for one of two ways to cut the bands.
    """
    kept = np.flatnonzero(shown)
    if len(kept) < 2:
        return
    x, y, x1, y1 = boxes[kept].T
    height = y1 - y
    band = max(float(np.partition(height, len(height) // 2)[len(height) // 2]), _SMALLEST)
    fixed = (groups[kept] << 40) | _whole(x * 16, 0xFFFFF)
    shifted = fixed | (_whole(y / band + _SHIFTS, 0xFFFF) << 20)
    ordered = np.sort(shifted)
    for keys in shifted[(ordered[:, 1:] - ordered[:, :-1]).min(axis=1) <= 5 * band]:
        order = np.argsort(keys, kind="stable")
        before, after = order[:-1], order[1:]
        em = 0.3 * np.minimum(height, x1 - x + 1)
        near = np.minimum(em[before], em[after])
        close = (np.abs(x[before] - x[after]) < near) & (np.abs(y[before] - y[after]) < near)
        close &= groups[kept[before]] == groups[kept[after]]
        yield kept[before[close]], kept[after[close]]


def _whole(values: Array, most: int) -> Array:
    """The whole parts of the values, held between 0 and `most`."""
    whole: Array = np.minimum(np.maximum(values, 0), most).astype(np.int64)
    return whole
