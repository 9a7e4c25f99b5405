"""pdfium's functions with handles as plain integers, so that `map` can call them for every character of a page.

pypdfium2's own prototypes wrap each handle in a pointer object and each call in Python code; here a call costs a
quarter of that. The functions keep the interpreter locked, which is right: pdfium must not be shared by threads.
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from ctypes import c_char_p, c_double, c_float, c_int, c_size_t, c_uint, c_uint64, c_void_p
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as raw

Array = np.ndarray[Any, np.dtype[Any]]
HANDLE = c_size_t
TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5


def _function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    address = ctypes.cast(getattr(raw, name), c_void_p).value
    if address is None:
        raise ImportError(f"This pypdfium2 has no {name}; nianbao needs pypdfium2 5.")
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


load_document = _function("FPDF_LoadMemDocument64", HANDLE, c_char_p, c_size_t, c_char_p)
close_document = _function("FPDF_CloseDocument", None, HANDLE)
last_error = _function("FPDF_GetLastError", c_uint64)
page_count = _function("FPDF_GetPageCount", c_int, HANDLE)
load_page = _function("FPDF_LoadPage", HANDLE, HANDLE, c_int)
close_page = _function("FPDF_ClosePage", None, HANDLE)
page_rotation = _function("FPDFPage_GetRotation", c_int, HANDLE)
page_bounds = _function("FPDF_GetPageBoundingBox", c_int, HANDLE, c_void_p)

load_text = _function("FPDFText_LoadPage", HANDLE, HANDLE)
close_text = _function("FPDFText_ClosePage", None, HANDLE)
count_characters = _function("FPDFText_CountChars", c_int, HANDLE)
get_text = _function("FPDFText_GetText", c_int, HANDLE, c_int, c_int, c_void_p)
character_code = _function("FPDFText_GetUnicode", c_uint, HANDLE, c_int)
character_box = _function("FPDFText_GetLooseCharBox", c_int, HANDLE, c_int, c_void_p)
character_tight_box = _function("FPDFText_GetCharBox", c_int, HANDLE, c_int, c_void_p, c_void_p, c_void_p, c_void_p)
character_size = _function("FPDFText_GetFontSize", c_double, HANDLE, c_int)
character_matrix = _function("FPDFText_GetMatrix", c_int, HANDLE, c_int, c_void_p)
character_angle = _function("FPDFText_GetCharAngle", c_float, HANDLE, c_int)
character_object = _function("FPDFText_GetTextObject", HANDLE, HANDLE, c_int)
character_unmapped = _function("FPDFText_HasUnicodeMapError", c_int, HANDLE, c_int)
character_is_hyphen = _function("FPDFText_IsHyphen", c_int, HANDLE, c_int)

count_objects = _function("FPDFPage_CountObjects", c_int, HANDLE)
page_object = _function("FPDFPage_GetObject", HANDLE, HANDLE, c_int)
count_form_objects = _function("FPDFFormObj_CountObjects", c_int, HANDLE)
form_object = _function("FPDFFormObj_GetObject", HANDLE, HANDLE, c_uint)
object_type = _function("FPDFPageObj_GetType", c_int, HANDLE)
object_matrix = _function("FPDFPageObj_GetMatrix", c_int, HANDLE, c_void_p)
object_bounds = _function("FPDFPageObj_GetBounds", c_int, HANDLE, c_void_p, c_void_p, c_void_p, c_void_p)
object_mark = _function("FPDFPageObj_GetMarkedContentID", c_int, HANDLE)
fill_colour = _function("FPDFPageObj_GetFillColor", c_int, HANDLE, c_void_p, c_void_p, c_void_p, c_void_p)
stroke_colour = _function("FPDFPageObj_GetStrokeColor", c_int, HANDLE, c_void_p, c_void_p, c_void_p, c_void_p)
text_mode = _function("FPDFTextObj_GetTextRenderMode", c_int, HANDLE)
path_mode = _function("FPDFPath_GetDrawMode", c_int, HANDLE, c_void_p, c_void_p)
count_segments = _function("FPDFPath_CountSegments", c_int, HANDLE)
path_segment = _function("FPDFPath_GetPathSegment", HANDLE, HANDLE, c_int)
segment_point = _function("FPDFPathSegment_GetPoint", c_int, HANDLE, c_void_p, c_void_p)
segment_type = _function("FPDFPathSegment_GetType", c_int, HANDLE)
segment_closes = _function("FPDFPathSegment_GetClose", c_int, HANDLE)

is_tagged = _function("FPDFCatalog_IsTagged", c_int, HANDLE)
load_structure = _function("FPDF_StructTree_GetForPage", HANDLE, HANDLE)
close_structure = _function("FPDF_StructTree_Close", None, HANDLE)
count_roots = _function("FPDF_StructTree_CountChildren", c_int, HANDLE)
structure_root = _function("FPDF_StructTree_GetChildAtIndex", HANDLE, HANDLE, c_int)
count_children = _function("FPDF_StructElement_CountChildren", c_int, HANDLE)
element_child = _function("FPDF_StructElement_GetChildAtIndex", HANDLE, HANDLE, c_int)
child_mark = _function("FPDF_StructElement_GetChildMarkedContentID", c_int, HANDLE, c_int)
element_type = _function("FPDF_StructElement_GetType", c_size_t, HANDLE, c_void_p, c_size_t)
count_attributes = _function("FPDF_StructElement_GetAttributeCount", c_int, HANDLE)
element_attribute = _function("FPDF_StructElement_GetAttributeAtIndex", HANDLE, HANDLE, c_int)
attribute_value = _function("FPDF_StructElement_Attr_GetValue", HANDLE, HANDLE, c_char_p)
attribute_number = _function("FPDF_StructElement_Attr_GetNumberValue", c_int, HANDLE, c_void_p)


def results(function: Callable[..., Any], handles: Sequence[int]) -> list[int]:
    """What the function gives for each handle."""
    return list(map(function, handles))


def character_results(function: Callable[..., Any], text: int, count: int) -> list[Any]:
    """What the function gives for each character of a text page."""
    return list(map(function, repeat(text), range(count)))


def character_boxes(text: int, places: Array) -> Array:
    """A row (left, bottom, right, top) for each place (character index), y upwards; loose boxes, as tall as the font.

    Tight boxes would move a decimal point to a line of its own.
    """
    boxes = np.zeros((len(places), 4), dtype=np.float32)
    start = boxes.ctypes.data
    _exhaust(map(character_box, repeat(text), places.tolist(), range(start, start + 16 * len(places), 16)))
    boxes = boxes[:, (0, 3, 2, 1)]
    _mend_tall_boxes(text, places, boxes)
    return boxes.astype(np.float64)


def _mend_tall_boxes(text: int, places: Array, boxes: Array) -> None:
    """Tight boxes in place of loose ones far larger than the font, which fonts for vertical writing get."""
    heights = boxes[:, 3] - boxes[:, 1]
    if not len(boxes) or heights.max() <= 0:
        return
    matrix, tight = np.zeros(6, dtype=np.float32), np.zeros(4, dtype=np.float64)
    for row in np.flatnonzero(heights > 1.8 * np.median(heights)).tolist():
        index = int(places[row])
        character_matrix(text, index, matrix.ctypes.data)
        size = character_size(text, index) * float(np.hypot(matrix[2], matrix[3]))
        left = tight.ctypes.data
        if heights[row] > 3 * size and character_tight_box(text, index, left, left + 16, left + 8, left + 24):
            boxes[row] = tight


def filled(function: Callable[..., Any], handles: Sequence[int], columns: int, kind: Any = np.float32) -> Array:
    """A row for each handle of the values that the function writes through its trailing pointers."""
    values = np.zeros((len(handles), columns), dtype=kind)
    start, stride = values.ctypes.data, 4 * columns
    pointers = [
        range(start + 4 * column, start + 4 * column + stride * len(handles), stride) for column in range(columns)
    ]
    _exhaust(map(function, handles, *pointers))
    return values


def matrices(handles: Sequence[int]) -> Array:
    """A row (a, b, c, d, e, f) for each page object."""
    values = np.zeros((len(handles), 6), dtype=np.float32)
    _exhaust(map(object_matrix, handles, range(values.ctypes.data, values.ctypes.data + 24 * len(handles), 24)))
    return values


def _exhaust(calls: Iterator[Any]) -> None:
    deque(calls, maxlen=0)
