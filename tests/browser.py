"""The review page as a person uses it: the command in a process of its own, and Chromium driven by Playwright."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = os.environ.get("NIANBAO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
AXE = os.environ.get("NIANBAO_AXE", "")


def need_browser() -> None:
    """Skip, and say why, where there is no browser or nothing to drive it."""
    pytest.importorskip("playwright", reason="the browser is driven by playwright: pip install -e '.[dev]'")
    pytest.importorskip("starlette", reason="the review page needs pip install 'nianbao[review]'")
    if not CHROMIUM:
        pytest.skip("there is no chromium here (NIANBAO_CHROMIUM names another place): apt-get install chromium")


@contextmanager
def served(store: str, name: str) -> Iterator[str]:
    """The address, token and all, of `nianbao review` for somebody of this name over a store."""
    command = [sys.executable, "-c", "from pipeline.commands import main; main()", "review", "--store", store]
    with subprocess.Popen(
        [*command, "--no-browser", "--port", "0", "--name", name], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as program:
        try:
            assert program.stdout is not None
            line = program.stdout.readline()
            assert line.startswith("Review page: http://127.0.0.1:"), line
            yield line.removeprefix("Review page: ").strip()
        finally:
            program.send_signal(signal.SIGINT)


def axe_source() -> str:
    """The source of axe-core, which judges accessibility; the test is skipped where NIANBAO_AXE names none."""
    if not AXE or not Path(AXE).is_file():
        pytest.skip("NIANBAO_AXE names no axe.min.js (npm pack axe-core)")
    return Path(AXE).read_text(encoding="utf-8")
