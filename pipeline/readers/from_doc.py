"""Older Word and WPS documents (.doc, .wps) and RTF, through LibreOffice where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from pipeline.datamodel import Page, Source
from pipeline.errors import UnreadableInput
from pipeline.readers import from_docx
from pipeline.readers.media_types import DOCX, RTF
from pipeline.readers.tether import run

TIMEOUT = 60  # seconds
_PROGRAMS = ("soffice", "libreoffice")


def read(source: Source) -> list[Page]:
    """The pages of the document as LibreOffice saves it as DOCX; spans index the text of that.

    Raises UnreadableInput: `needs_libreoffice`, `conversion_failed`, `conversion_timeout`, and what from_docx raises.
    """
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise UnreadableInput(
            f"{source.path} is an older Word or WPS document; install LibreOffice (the program `soffice`) to read it, "
            "or save it as DOCX or PDF first.",
            code="needs_libreoffice",
        )
    with tempfile.TemporaryDirectory(prefix="nianbao-") as folder:
        data = _convert(program, source, Path(folder))
    return from_docx.read(replace(source, data=data, media_type=DOCX))


def _convert(program: str, source: Source, folder: Path) -> bytes:
    # Macros do not run in a headless conversion; the fresh profile keeps runs apart that happen at the same time.
    given = folder / ("document.rtf" if source.media_type == RTF else "document.doc")
    given.write_bytes(source.data)
    command = [
        program,
        "--headless",
        "--norestore",
        "--nolockcheck",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(folder / "out"),
        str(given),
    ]
    try:
        run(command, TIMEOUT)
    except OSError as error:
        raise _failed(source) from error
    except subprocess.TimeoutExpired as error:
        raise UnreadableInput(
            f"LibreOffice did not convert {source.path} within {TIMEOUT} s; save it as DOCX or PDF first.",
            code="conversion_timeout",
        ) from error
    made = folder / "out" / "document.docx"
    if not made.is_file():
        raise _failed(source)
    return made.read_bytes()


def _failed(source: Source) -> UnreadableInput:
    return UnreadableInput(
        f"LibreOffice could not read {source.path}; it may be damaged or locked: save it as DOCX or PDF first.",
        code="conversion_failed",
    )
