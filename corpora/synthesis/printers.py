"""PDFs printed by Chromium (from HTML) and LibreOffice (from DOCX), where these are installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_OFFICE = ("soffice", "libreoffice")
_SECONDS = 120
_TIMES = re.compile(rb"\(D:\d{14}[^)]{0,12}\)")
_ID = re.compile(rb"/ID\s*\[\s*<[0-9A-Fa-f]+>\s*<[0-9A-Fa-f]+>\s*\]")
_CHECKSUM = re.compile(rb"/DocChecksum /[0-9A-F]+")


def print_html(page: bytes) -> bytes | None:
    """The page as Chromium prints it, tagged and without its own running heads, which hold the time of printing;
    None where no Chromium is installed."""
    program = _installed(_CHROMIUM)
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "source.html"), Path(folder, "out.pdf")
        source.write_bytes(page)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        options += [f"--user-data-dir={folder}/profile"]
        _run([program, *options, f"--print-to-pdf={out}", source.as_uri()], folder)
        return _without_times(out.read_bytes()) if out.exists() else None


def print_office(document: bytes, extension: str = "docx", *, tagged: bool = True) -> bytes | None:
    """The document as LibreOffice exports it; None where LibreOffice is not installed."""
    program = _installed(_OFFICE)
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"source.{extension}")
        source.write_bytes(document)
        options = f'pdf:writer_pdf_Export:{{"UseTaggedPDF":{{"type":"boolean","value":"{str(tagged).lower()}"}}}}'
        profile = f"-env:UserInstallation=file://{folder}/profile"
        _run([program, profile, "--headless", "--convert-to", options, "--outdir", folder, str(source)], folder)
        out = Path(folder, "source.pdf")
        return _without_times(out.read_bytes()) if out.exists() else None


def _installed(names: Sequence[str]) -> str | None:
    return next((found for name in names if (found := shutil.which(name))), None)


def _run(command: list[str], folder: str) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "HOME": folder}
    subprocess.run(command, env=environment, capture_output=True, timeout=_SECONDS, check=True)  # noqa: S603


def _without_times(data: bytes) -> bytes:
    """The PDF with its times and identifiers overwritten at equal length, so that offsets stay true."""

    def zeros(match: re.Match[bytes]) -> bytes:
        return re.sub(rb"(?<=<)[0-9A-Fa-f]+(?=>)", lambda run: b"0" * len(run[0]), match[0])

    data = _TIMES.sub(lambda match: b"(D:20231114221320" + match[0][17:], data)
    data = _CHECKSUM.sub(lambda match: b"/DocChecksum /" + b"0" * (len(match[0]) - 14), data)
    return _ID.sub(zeros, data)
