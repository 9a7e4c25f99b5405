"""Recognising a scan takes many times as long as reading text: whoever limits a document's time learns when it begins.

`scan_begins` is called by whatever recognises pages, before the first one; `listening` is for whoever limits the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[], None] | None] = ContextVar("listener", default=None)


def scan_begins() -> None:
    """Tell whoever listens, if anybody does, that the document being read is a scan."""
    listener = _listener.get()
    if listener:
        listener()


@contextmanager
def listening(listener: Callable[[], None]) -> Iterator[None]:
    """While this lasts, `listener` is called when the recognition of a scan begins."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
