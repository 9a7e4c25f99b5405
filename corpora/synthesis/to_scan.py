"""Scans: the pages of a PDF as pictures, damaged as paper, scanners, faxes and cameras damage them.

Every step is drawn from the seed and acts on 8-bit pictures. Needs numpy, Pillow and OpenCV (the extra `scan`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corpora.synthesis import scan_files, scan_marks, scan_paper, scan_views
from corpora.synthesis.sheet import Printed, Sheet

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Scan:
    """How paper became a picture. `skew` in degrees, `perspective` and `curl` (of a book's page)
    in shares of the width are the most there is;
    the other shares run from 0 (none) to 1.

    `bleed` is how much of the reverse page shows, `worn` how much toner is missing, `light` how uneven the light is;
    `blur` is in pixels at 200 dpi, `noise` in grey levels. `seals`, `strokes`, `streaks`, `holes`, `creases` and
    `highlights` are counts a page, `seal_ink` how strong the seals are. `view` is what looked at the page: a flatbed or
    feeder, a camera over the paper, or a camera before a screen. `ink` "fax" is black and white, "dither" the same in
    dots; `fax_lines` is the vertical dpi of a fax where it is not the horizontal one. `turn` is by quarters, clockwise.
    `container` is the kind of file; `jpeg` its quality, 0 for none; `layer` a text layer that cannot be trusted over
    the picture; `mixed` the share of pages that stay as they were printed.
    """

    dpi: int = 200
    skew: float = 0.6
    perspective: float = 0.0
    curl: float = 0.0
    paper: float = 0.4
    bleed: float = 0.0
    worn: float = 0.0
    light: float = 0.15
    blur: float = 0.5
    noise: float = 3.0
    seals: int = 1
    seal_ink: float = 0.7
    strokes: int = 0
    streaks: int = 0
    holes: int = 0
    creases: int = 0
    highlights: int = 0
    edge: bool = False
    view: Literal["flat", "camera", "screen"] = "flat"
    ink: Literal["colour", "grey", "fax", "dither"] = "colour"
    fax_lines: int = 0
    turn: int = 0
    container: Literal["pdf", "tif", "png", "jpg"] = "pdf"
    jpeg: int = 75
    layer: Literal["", "misread"] = ""
    mixed: float = 0.0


def scanned(
    sheet: Sheet, rng: random.Random, *, render: Callable[[Sheet, random.Random], Printed | None], how: Scan
) -> Printed | None:
    """The sheet set by `render` as a PDF and scanned; None where that PDF cannot be made or an extra is missing."""
    printed = render(sheet, rng)
    if printed is None or not _installed():
        return None
    seed = rng.getrandbits(63)
    kept = _kept_pages(rng, scan_files.page_count(printed.data), how.mixed)
    return replace(printed, data=scan(printed.data, seed, how, seal_text(sheet.title), kept))


def scan(data: bytes, seed: int, how: Scan, owner: str = "", kept: frozenset[int] = frozenset()) -> bytes:
    """The PDF as a scan in the file that `how` names; pages in `kept` (0-based, PDF only) stay as they are."""
    rng = np.random.default_rng(seed)
    clean = scan_files.render(data, how.dpi)
    if how.container in ("png", "jpg"):
        clean = [scan_files.trimmed(page) for page in clean]
    pictures: dict[int, Picture] = {}
    for number, page in enumerate(clean):
        reverse = clean[number + 1 if number + 1 < len(clean) else number - 1]
        if number not in kept:
            pictures[number] = picture_of(page, reverse, rng, how, owner)
    resolution = (how.dpi, how.fax_lines or how.dpi)
    seen = list(pictures.values())
    if how.container != "pdf":
        return scan_files.as_picture(seen, how.container, resolution, how.jpeg)
    if how.layer:
        return scan_files.with_layer(seen, how.dpi, how.jpeg, scan_files.misread_words(data, rng))
    scans = scan_files.as_pdf(seen, resolution, how.jpeg)
    return scan_files.mixed(data, scans, sorted(kept)) if kept else scans


def picture_of(page: Picture, reverse: Picture, rng: np.random.Generator, how: Scan, owner: str) -> Picture:
    """One page as seen: RGB, grey, or black and white in 0 and 255 (then with the fax's own number of lines)."""
    unit = how.dpi / 200
    seen = scan_paper.printed(page, reverse, rng, worn=how.worn, bleed=how.bleed)
    seen = _marked(seen, rng, how, owner)
    seen = scan_paper.on_paper(seen, rng, texture=how.paper, creases=how.creases)
    if how.view == "screen":
        seen = scan_views.photographed_screen(page, rng, perspective=how.perspective)
    else:
        desk = (70, 62, 58) if how.view == "camera" else (236, 236, 234)
        if how.curl:
            seen = scan_views.curled(seen, rng, height=how.curl, ground=desk)
        seen = scan_views.turned(seen, rng, skew=how.skew, perspective=how.perspective, ground=desk)
    seen = scan_paper.lit(seen, rng, uneven=how.light, shadow=how.view == "camera")
    seen = scan_paper.scratched(seen, rng, streaks=how.streaks, edge=how.edge)
    seen = scan_paper.blurred(seen, rng, blur=how.blur * unit, noise=how.noise)
    seen = np.ascontiguousarray(np.rot90(seen, -how.turn)) if how.turn else seen
    return scan_views.toned(seen, rng, ink=how.ink, lines=how.fax_lines / how.dpi if how.fax_lines else 1.0)


def _marked(page: Picture, rng: np.random.Generator, how: Scan, owner: str) -> Picture:
    """The page with what people did to it: highlighter, seals, pen strokes, punched holes."""
    page = page.copy()
    for _ in range(how.highlights):
        scan_marks.highlight(page, rng, how.dpi)
    for _ in range(how.seals):
        scan_marks.seal(page, rng, how.dpi, owner or "办公室", how.seal_ink)
    for _ in range(how.strokes):
        scan_marks.stroke(page, rng, how.dpi)
    if how.holes:
        scan_marks.punch(page, rng, how.dpi, how.holes)
    return page


def seal_text(title: str) -> str:
    """What a seal says around its star: the agency of the title, up to the year."""
    return title.split("2")[0].strip() or title


def _kept_pages(rng: random.Random, count: int, share: float) -> frozenset[int]:
    """The pages that stay text: none, or some but not all, where there are two or more."""
    if not share or count < 2:
        return frozenset()
    kept = {number for number in range(count) if rng.random() < share}
    kept = kept or {rng.randrange(count)}
    return frozenset(kept - {rng.choice(sorted(kept))} if len(kept) == count else kept)


def _installed() -> bool:
    from importlib.util import find_spec

    return find_spec("cv2") is not None
