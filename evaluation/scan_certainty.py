"""`python -m evaluation.scan_certainty CORPUS… [--seed N] [--json OUT]`: how far two looks at a figure can be trusted.

Every figure that stands alone in a cell of the scans is looked at as the pipeline does, as it is and once more worn
(blurred, coarser, noisy: drawn from the seed), and its readings are held against gold. For each set of limits of
`pipeline.scan.figures` the table says how many figures are believed, how many of those are wrong, and for how many of
the others the truth is not among the candidates. Chosen are the limits that believe most without one wrong and without
a truth lost that the limits in use do not lose. Give it scans to develop on, never those kept for testing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from corpora import Document, read_corpus
from evaluation.intervals import upper_bound
from pipeline.datamodel import Box, Number, Record
from pipeline.scan.figures import LIMITS, Limits, judged
from pipeline.text import parse_number

SURE, LIKELY, POSSIBLE = (0.9, 0.95, 0.98, 0.99), (0.7, 0.8, 0.9), (0.0005, 0.001, 0.002, 0.005, 0.01)
Looks = Sequence[Mapping[str, float]]


class Trust(NamedTuple):
    """Of so many `figures`, those `believed`, those of them that are `wrong`, and the others whose truth is `lost`."""

    figures: int
    believed: int
    wrong: int
    lost: int


def trust(samples: Sequence[tuple[Number, Looks]], limits: Limits) -> Trust:
    """What limits make of figures, each its true value and its looks; the third counts where two leave it open."""
    believed = wrong = lost = 0
    for truth, looks in samples:
        seen = judged(looks[:2], limits)
        seen = judged(looks, limits) if seen.readings else seen
        if not seen.readings:
            believed += 1
            wrong += parse_number(seen.text).value != truth
        else:
            lost += all(parse_number(text).value != truth for text in seen.readings)
    return Trust(len(samples), believed, wrong, lost)


def chosen(table: Mapping[Limits, Trust]) -> Limits:
    """The limits that believe most of those that believe nothing wrong and lose no more truths than those in use;
    those in use where there are none."""
    safe = [one for one, got in table.items() if not got.wrong and got.lost <= table[LIMITS].lost]
    return max(safe, key=lambda one: (table[one].believed, one == LIMITS, one), default=LIMITS)


def samples_of(document: Document, model: Any, rng: Any) -> Iterator[tuple[str, Number, Looks]]:
    """("clean" or "worn", true value, looks) of each figure of a scan that stands alone in the cell of a field."""
    from pipeline.extract import extract
    from pipeline.readers import open_source
    from pipeline.readers.from_scan import pictures_of
    from pipeline.scan.alternatives import figure_texts
    from pipeline.scan.page import figure_crops
    from pipeline.scan.recogniser import load_models, recognise

    source = open_source(document.source)
    cells = _cells(extract(source, model), document)
    alphabet = load_models().alphabet
    for number, picture, size in pictures_of(source):
        inside = [(truth, box) for page, truth, box in cells if page == number]
        for truth, crops in _alone(inside, figure_crops(picture, size)):
            for kind, pictures in (("clean", crops), ("worn", [_worn(crop, rng) for crop in crops])):
                yield kind, truth, [dict(figure_texts(look, alphabet)) for look in recognise(pictures)]


def _cells(record: Record, document: Document) -> list[tuple[int, Number, Box]]:
    """Page, true value and box of each cell that prints a figure."""
    found = []
    for name, truth in document.values.items():
        place = record.fields[name].location if name in record.fields else None
        if truth is not None and place and place.page and place.box:
            found.append((place.page, truth, place.box))
    return found


def _alone(cells: Sequence[tuple[Number, Box]], strips: Sequence[tuple[Box, Any]]) -> Iterator[tuple[Number, Any]]:
    for truth, (x0, y0, x1, y1) in cells:
        mine = [c for b, c in strips if x0 <= (b[0] + b[2]) / 2 <= x1 and y0 <= (b[1] + b[3]) / 2 <= y1]
        if len(mine) == 1:
            yield truth, mine[0]


def _worn(crop: Any, rng: Any) -> Any:
    """A crop as a worse scanner gives it."""
    import cv2
    import numpy as np

    high, wide = crop.shape
    scale = float(rng.uniform(0.45, 0.9))
    small = cv2.resize(crop, (max(round(wide * scale), 4), max(round(high * scale), 4)), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.3, 0.9)))
    noisy = blurred.astype(np.float32) + rng.normal(0, float(rng.uniform(2, 18)), blurred.shape)
    return cv2.resize(np.clip(noisy, 0, 255).astype(np.uint8), (wide, high), interpolation=cv2.INTER_LINEAR)


def report(table: Mapping[Limits, Trust], best: Limits) -> str:
    """The table as text, the limits in use and those chosen marked."""
    lines = [f"{'sure':>6} {'likely':>6} {'possible':>8} {'believed':>9} {'wrong':>5} {'lost':>5}"]
    for limits, got in table.items():
        mark = " in use" * (limits == LIMITS) + " chosen" * (limits == best)
        shown = f"{limits.sure:6} {limits.likely:6} {limits.possible:8} {got.believed:9} {got.wrong:5} {got.lost:5}"
        lines.append(shown + mark)
    got = table[best]
    lines.append(f"{got.figures} figures; at most {upper_bound(got.wrong, got.believed):.2e} of the believed are wrong")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Look, count, print; 1 where the limits in use are not those chosen."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.scan_certainty", description="Limits of looks, fitted.")
    parser.add_argument("corpus", nargs="+", type=Path, help="folders of scans to develop on")
    parser.add_argument("--seed", type=int, default=1, help="of the wear (default 1)")
    parser.add_argument("--json", type=Path, help="also write the table there")
    options = parser.parse_args(arguments)
    import numpy as np

    from pipeline.extract import load_model

    model, rng = load_model(), np.random.default_rng(options.seed)
    documents = [one for folder in options.corpus for one in read_corpus(folder) if one.meta.get("split") != "test"]
    found = [sample for one in documents for sample in samples_of(one, model, rng)]
    samples = [(truth, looks) for _, truth, looks in found]
    table = {limits: trust(samples, limits) for limits in map(Limits._make, product(SURE, LIKELY, POSSIBLE))}
    best = chosen(table)
    print(f"{len(documents)} scans, {sum(kind == 'worn' for kind, *_ in found)} of the looks at worn figures")
    print(report(table, best))
    if options.json:
        rows = [{**limits._asdict(), **got._asdict()} for limits, got in table.items()]
        result = {"scans": len(documents), "seed": options.seed, "chosen": best._asdict(), "table": rows}
        options.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return int(best != LIMITS)


if __name__ == "__main__":
    sys.exit(main())
