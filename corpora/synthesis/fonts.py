"""Fonts for PDFs: embedded TrueType fonts of the system where they are found, and one that is never embedded."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

NOT_EMBEDDED = "STSong-Light"
# The faces that each style of type may come from, first found first.
_FILES = {
    "song": ("uming.ttc", "simsun.ttc"),
    "kai": ("ukai.ttc", "simkai.ttf"),
    "hei": ("wqy-zenhei.ttc", "simhei.ttf"),
    "sans": ("wqy-microhei.ttc", "msyh.ttc"),
    "plain": ("DroidSansFallbackFull.ttf", "deng.ttf"),
    "serif-digits": ("LiberationSerif-Regular.ttf", "times.ttf"),
    "sans-digits": ("LiberationSans-Regular.ttf", "arial.ttf"),
    "narrow-digits": ("LiberationSansNarrow-Regular.ttf", "DejaVuSansCondensed.ttf", "arialn.ttf"),
    "book-digits": ("DejaVuSerif.ttf", "georgia.ttf"),
}
_STANDARD = ("", "Times-Roman", "Helvetica", "Courier")
_FOLDERS = {"win32": ("C:/Windows/Fonts",), "darwin": ("/Library/Fonts", "/System/Library/Fonts")}
_UNIX = ("/usr/share/fonts", "/usr/local/share/fonts")


@lru_cache(maxsize=16)
def font(style: str) -> str | None:
    """The name under which reportlab knows the font of a style; None where the system has no such TrueType font.

    Chinese type: "song", "kai", "hei", "sans", "plain", "cid". Figures alone: "serif-digits" and the like, or a
    standard PDF font, which is its own name.
    """
    if style in _STANDARD:
        return style
    if style == "cid":
        pdfmetrics.registerFont(UnicodeCIDFont(NOT_EMBEDDED))
        return NOT_EMBEDDED
    for file in _FILES[style]:
        found = _find(file)
        if found is None:
            continue
        try:
            pdfmetrics.registerFont(TTFont(f"nianbao-{style}", str(found), subfontIndex=0))
        except TTFError:
            continue
        return f"nianbao-{style}"
    return None


def font_file(style: str) -> Path | None:
    """The file of a style's font; None where the system has none."""
    return next((found for file in _FILES[style] if (found := _find(file)) is not None), None)


def _find(file: str) -> Path | None:
    folders = [Path(name) for name in _FOLDERS.get(sys.platform, _UNIX)] + [Path.home() / ".fonts"]
    found = (path for folder in folders if folder.is_dir() for path in sorted(folder.rglob(file)))
    return next(found, None)
