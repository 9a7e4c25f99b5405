"""Tables of tagged PDF pages, as the structure tree gives them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.datamodel import Box, Cell, Location, Table, Word
from pipeline.readers import pdf_functions as pdfium
from pipeline.readers.pdf_functions import Array

MAX_DEPTH = 40
MAX_ELEMENTS = 20_000
MAX_SPAN = 60


@dataclass(frozen=True, slots=True)
class _TaggedCell:
    """A TD or TH: its marked contents, None where the page holds nothing of it, and its spans."""

    marks: tuple[int, ...] | None
    row_span: int = 1
    column_span: int = 1
