"""Stands for a library that draws hostile documents: the path says what becomes of it. Workers import this module."""

from __future__ import annotations

import os
import signal
import time


def draw(path: str, _sha256: str, page: int, _width: int) -> bytes:
    if path == "hang":
        time.sleep(600)
    if path == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if path == "eat":
        bytearray(1 << 40)
    if path == "fail":
        raise RecursionError("too deep")
    return f"{path} {page}".encode()
