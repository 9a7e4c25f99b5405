"""Strips of a cell that are no print: dirt beside figures and labels, rests of seals, strokes of pens."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from pipeline.scan.figures import UNREAD, Seen, noted
from pipeline.scan.strips import PixelBox, Strip

_LABEL = re.compile("[^(（]*[\u4e00-\u9fff]{2}")  # a cell that has it holds no figure without it
_LOWER = 0.6  # of the height of a figure: what is lower is dirt
_TALL = 1.7  # times as high as digits: no figure
_PALE, _PRINTED, _FEWEST = 0.62, 0.8, 8  # of the usual contrast of figures: seals are paler, print is not; figures
_LEGIBLE = 0.1  # share of readings with a digit from which a strip may be a figure


def stray_places(strips: Sequence[Strip], seen: Sequence[Seen], peak: Callable[[PixelBox], float]) -> set[int]:
    """Which strips say nothing beside others that do: dirt in a cell of words, what stands apart from a figure, and ink
    much paler than it; `peak` is the contrast of the darkest ink in a box."""
    cells: defaultdict[int, list[int]] = defaultdict(list)
    for at, strip in enumerate(strips):
        if strip.cell >= 0:
            cells[strip.cell].append(at)
    found: set[int] = set()
    crowded: list[list[int]] = []
    for members in cells.values():
        if len(members) < 2:
            continue
        text = "".join(seen[at].text for at in sorted(members, key=lambda at: (strips[at].box[1], strips[at].box[0])))
        if not noted(text) and any(_LABEL.match(seen[at].text) for at in members):
            found |= {at for at in members if seen[at].readings}
        sure = [at for at in members if not seen[at].readings and seen[at].text.isdigit()]
        if len(sure) == 1:
            figure = strips[sure[0]].box
            found |= {at for at in members if seen[at].readings and _is_dirt(strips[at].box, seen[at], figure)}
            members = [at for at in members if at not in found]
        if any(seen[at].readings for at in members) and len(members) > 1:
            crowded.append(members)
    return found | _pale_places(crowded, strips, seen, peak)


def _pale_places(
    crowded: Sequence[Sequence[int]], strips: Sequence[Strip], seen: Sequence[Seen], peak: Callable[[PixelBox], float]
) -> set[int]:
    """Which doubtful strips are of ink much paler than the page's figures, in a cell with one as dark as those."""
    figures = [one.box for one, what in zip(strips, seen, strict=True) if what.text.isdigit() and not what.readings]
    if not crowded or len(figures) < _FEWEST:
        return set()
    usual = float(np.median([peak(box) for box in figures]))
    found: set[int] = set()
    for members in crowded:
        dark = {at: peak(strips[at].box) for at in members}
        if any(seen[at].text.isdigit() and dark[at] >= _PRINTED * usual for at in members):
            found |= {at for at in members if seen[at].readings and dark[at] < _PALE * usual}
    return found


def _is_dirt(one: PixelBox, seen: Seen, figure: PixelBox) -> bool:
    """Whether a strip stands apart in the line of a sure figure; or above or below it and is lower than its digits, as
    a figure that is wrapped goes on in digits of the same height; or is away to its side and shows none."""
    high, usual = one[3] - one[1], figure[3] - figure[1]
    level = min(one[3], figure[3]) - max(one[1], figure[1]) >= 0.5 * min(high, usual)
    aside = max(one[0] - figure[2], figure[0] - one[2]) >= usual
    return level or high < _LOWER * usual or (aside and seen.legible < _LEGIBLE)


def without_doubt(strips: Sequence[Strip], seen: Sequence[Seen], dpi: float) -> list[Seen]:
    """What was seen, that in first columns which can be no figure without the doubt about which figure it is."""
    heights = [one.box[3] - one.box[1] for one, what in zip(strips, seen, strict=True) if what.text.isdigit()]
    tall = _TALL * float(np.median(heights)) if heights else dpi

    def is_none(strip: Strip, what: Seen) -> bool:
        high = strip.box[3] - strip.box[1]
        return strip.first and bool(what.readings) and (high > tall or set(what.readings) == {UNREAD})

    return [Seen(UNREAD) if is_none(strip, what) else what for strip, what in zip(strips, seen, strict=True)]
