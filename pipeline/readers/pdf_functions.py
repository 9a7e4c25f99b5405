"""pdfium's functions, called as cheaply as ctypes can, so that `map` may call them for every character of a page.

pypdfium2's own prototypes check and convert every argument; a call without declared argument types costs less than
half. The price is that arguments must be what C expects already: `Handle` for handles, `byref` for results, small
integers for `int`. The functions keep the interpreter locked: calls of several threads never meet in pdfium.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref, c_char_p, c_double, c_float, c_int, c_size_t, c_uint, c_ulong, c_void_p
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as raw

Array = np.ndarray[Any, np.dtype[Any]]
TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5
_KEPT_CELLS = 1 << 15
_Matrix = c_float * 6


class Handle(c_void_p):
    """A handle of pdfium; false where there is none."""


def _function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    address = ctypes.cast(getattr(raw, name), c_void_p).value
    if address is None:
        raise ImportError(f"This pypdfium2 has no {name}; nianbao needs pypdfium2 5.")
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


class _Cells(threading.local):
    """Memory of four-byte cells for pdfium to write into, with a ready reference to each."""

    def __init__(self) -> None:
        self.buffer = ctypes.create_string_buffer(4)
        self.references: list[Any] = []

    def take(self, count: int) -> tuple[Any, list[Any]]:
        """At least `count` cells, zero all of them, and the references to them."""
        buffer, references = self.buffer, self.references
        if count > len(references):
            size = max(count, 4096)
            buffer = ctypes.create_string_buffer(4 * size)
            references = [byref(buffer, 4 * index) for index in range(size)]
            if size <= _KEPT_CELLS:
                self.buffer, self.references = buffer, references
        ctypes.memset(buffer, 0, 4 * count)
        return buffer, references


_cells = _Cells()

load_document = _function("FPDF_LoadMemDocument64", Handle, c_char_p, c_size_t, c_char_p)
close_document = _function("FPDF_CloseDocument", None)
last_error = _function("FPDF_GetLastError", c_ulong)
page_count = _function("FPDF_GetPageCount", c_int)
load_page = _function("FPDF_LoadPage", Handle)
close_page = _function("FPDF_ClosePage", None)
page_rotation = _function("FPDFPage_GetRotation", c_int)
page_bounds = _function("FPDF_GetPageBoundingBox", c_int)

load_text = _function("FPDFText_LoadPage", Handle)
close_text = _function("FPDFText_ClosePage", None)
count_characters = _function("FPDFText_CountChars", c_int)
get_text = _function("FPDFText_GetText", c_int)
character_code = _function("FPDFText_GetUnicode", c_uint)
character_box = _function("FPDFText_GetLooseCharBox", c_int)
character_tight_box = _function("FPDFText_GetCharBox", c_int)
character_size = _function("FPDFText_GetFontSize", c_double)
character_matrix = _function("FPDFText_GetMatrix", c_int)
character_angle = _function("FPDFText_GetCharAngle", c_float)
character_object = _function("FPDFText_GetTextObject", c_size_t)
character_unmapped = _function("FPDFText_HasUnicodeMapError", c_int)
character_is_hyphen = _function("FPDFText_IsHyphen", c_int)

count_objects = _function("FPDFPage_CountObjects", c_int)
page_object = _function("FPDFPage_GetObject", Handle)
count_form_objects = _function("FPDFFormObj_CountObjects", c_int)
form_object = _function("FPDFFormObj_GetObject", Handle)
object_type = _function("FPDFPageObj_GetType", c_int)
object_matrix = _function("FPDFPageObj_GetMatrix", c_int)
object_bounds = _function("FPDFPageObj_GetBounds", c_int)
object_mark = _function("FPDFPageObj_GetMarkedContentID", c_int)
fill_colour = _function("FPDFPageObj_GetFillColor", c_int)
stroke_colour = _function("FPDFPageObj_GetStrokeColor", c_int)
text_mode = _function("FPDFTextObj_GetTextRenderMode", c_int)
path_mode = _function("FPDFPath_GetDrawMode", c_int)
count_segments = _function("FPDFPath_CountSegments", c_int)
path_segment = _function("FPDFPath_GetPathSegment", Handle)
segment_point = _function("FPDFPathSegment_GetPoint", c_int)
segment_type = _function("FPDFPathSegment_GetType", c_int)
segment_closes = _function("FPDFPathSegment_GetClose", c_int)

is_tagged = _function("FPDFCatalog_IsTagged", c_int)
load_structure = _function("FPDF_StructTree_GetForPage", Handle)
close_structure = _function("FPDF_StructTree_Close", None)
count_roots = _function("FPDF_StructTree_CountChildren", c_int)
structure_root = _function("FPDF_StructTree_GetChildAtIndex", Handle)
count_children = _function("FPDF_StructElement_CountChildren", c_int)
element_child = _function("FPDF_StructElement_GetChildAtIndex", Handle)
child_mark = _function("FPDF_StructElement_GetChildMarkedContentID", c_int)
element_type = _function("FPDF_StructElement_GetType", c_ulong)
count_attributes = _function("FPDF_StructElement_GetAttributeCount", c_int)
element_attribute = _function("FPDF_StructElement_GetAttributeAtIndex", Handle)
attribute_value = _function("FPDF_StructElement_Attr_GetValue", Handle)
attribute_number = _function("FPDF_StructElement_Attr_GetNumberValue", c_int)


def results(function: Callable[..., Any], handles: Sequence[Handle]) -> Array:
    """What the function gives for each handle."""
    return np.fromiter(map(function, handles), np.int64, len(handles))


def character_results(function: Callable[..., Any], text: Handle, places: Sequence[int], kind: Any = np.int64) -> Array:
    """What the function gives for each place (character index) of a text page."""
    return np.fromiter(map(function, repeat(text), places), kind, len(places))


def code_units(text: Handle, count: int) -> Array:
    """The UTF-16 code units of a text page of `count` characters, in one call."""
    buffer, _ = _cells.take(count // 2 + 1)
    written = get_text(text, 0, count, buffer) if count else 1
    return np.frombuffer(memoryview(buffer).cast("B"), np.uint16, max(written - 1, 0)).astype(np.int64)


def character_boxes(text: Handle, places: Array) -> Array:
    """A row (left, bottom, right, top) for each place (character index), y upwards; loose boxes, as tall as the font.

    Tight boxes would move a decimal point to a line of its own.
    """
    buffer, references = _cells.take(4 * len(places))
    _exhaust(map(character_box, repeat(text), places.tolist(), references[::4]))
    written = np.frombuffer(memoryview(buffer).cast("B"), np.float32, 4 * len(places)).reshape(-1, 4)
    boxes = np.empty(written.shape)
    boxes[:, 0::2], boxes[:, 1::2] = written[:, 0::2], written[:, 3::-2]
    _mend_tall_boxes(text, places, boxes)
    return boxes


def _mend_tall_boxes(text: Handle, places: Array, boxes: Array) -> None:
    """Tight boxes in place of loose ones far larger than the font, which fonts for vertical writing get."""
    heights = boxes[:, 3] - boxes[:, 1]
    if not len(boxes) or heights.max() <= 0:
        return
    middle = len(heights) // 2
    tall = np.flatnonzero(heights > 1.8 * np.partition(heights, middle)[middle])
    if not len(tall):
        return
    matrix = _Matrix()
    tight = [c_double() for _ in range(4)]
    left, bottom, right, top = map(byref, tight)
    for row in tall.tolist():
        index = int(places[row])
        character_matrix(text, index, byref(matrix))
        size = character_size(text, index) * float(np.hypot(matrix[2], matrix[3]))
        if heights[row] > 3 * size and character_tight_box(text, index, left, right, bottom, top):
            boxes[row] = [side.value for side in tight]


def filled(function: Callable[..., Any], handles: Sequence[Handle], columns: int, kind: Any = np.float32) -> Array:
    """A row for each handle of the values that the function writes through its trailing pointers."""
    count = len(handles)
    buffer, references = _cells.take(columns * count)
    pointers = [references[start : start + count] for start in range(0, columns * count, count or 1)]
    _exhaust(map(function, handles, *pointers))
    return _copy(buffer, columns, count, kind).T


def matrices(handles: Sequence[Handle]) -> Array:
    """A row (a, b, c, d, e, f) for each page object."""
    buffer, references = _cells.take(6 * len(handles))
    _exhaust(map(object_matrix, handles, references[::6]))
    return _copy(buffer, len(handles), 6, np.float32)


def _copy(buffer: Any, rows: int, columns: int, kind: Any) -> Array:
    values: Array = np.frombuffer(memoryview(buffer).cast("B"), dtype=kind, count=rows * columns)
    return values.reshape(rows, columns).copy()


def _exhaust(calls: Iterator[Any]) -> None:
    deque(calls, maxlen=0)
