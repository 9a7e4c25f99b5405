"""Documents for the review page, read and drawn within a worker process: what they hold is a stranger's.

A document is opened by the path that the store knows, never by one that a browser named, and shown only while its
bytes are those that were converted.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import Any

from pipeline.datamodel import Source
from pipeline.processes import confine

_KEPT_BYTES = 64 << 20  # of sources that a worker keeps, because pages of one document are asked for in a row
_kept: OrderedDict[str, Source] = OrderedDict()


def set_up(memory_mb: int, scratch: str) -> None:
    """Make this process a worker with a limit of memory, whose leftovers go with the folder `scratch`."""
    confine(memory_mb, scratch)
    import PIL.Image  # noqa: F401  the first page should not wait for these
    import pypdfium2  # noqa: F401


def view(path: str, sha256: str) -> dict[str, Any]:
    """What the left side of the page shows of a document, as plain JSON values."""
    from pipeline.review.source_view import source_view

    return source_view(read_source(path, sha256))


def draw(path: str, sha256: str, page: int, width: int) -> bytes:
    """A page (from 1) as a PNG of this width in pixels, or less where it would be too tall.

    Raises UnreadableInput where the document is gone or has changed, NianbaoError where it cannot be drawn.
    """
    from pipeline.drawing import draw_page

    picture = draw_page(read_source(path, sha256), page, width)[0]
    found = io.BytesIO()
    picture.save(found, "PNG", compress_level=1)
    return found.getvalue()


def read_source(path: str, sha256: str) -> Source:
    """The document of a record, kept for the next page of it; errors are those of `read_original`."""
    from pipeline.bulk.originals import read_original

    if sha256 in _kept:
        _kept.move_to_end(sha256)
        return _kept[sha256]
    source = _kept[sha256] = read_original(path, sha256)
    while len(_kept) > 1 and sum(len(one.data) for one in _kept.values()) > _KEPT_BYTES:
        _kept.popitem(last=False)
    return source
