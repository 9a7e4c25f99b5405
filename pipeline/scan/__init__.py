"""Pictures of pages to pages of words and edges: straighten, find the ruled grid, recognise what stands in it."""

from __future__ import annotations

from importlib.util import find_spec

INSTALL = "pip install 'nianbao[scan]'"


def is_installed() -> bool:
    """Whether the extra `scan` is there."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))
