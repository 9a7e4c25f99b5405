"""The layouts in which the reading of chapters is tried: some to develop on, others to test with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from corpora.synthesis import to_text
from corpora.synthesis.chapters import Trial
from corpora.synthesis.layout import ALL, Layout, text
from corpora.synthesis.layouts import LAYOUTS
from corpora.synthesis.tables import TableStyle

_DEV = (
    "text-tabs", "text-tabs-cut", "text-run-blanks", "text-run-blanks-statistics", "text-pdftotext", "markdown-pipes",
    "markdown-words", "html-clean", "html-word", "html-run-blanks", "pdf-ruled", "pdf-cut-rows", "pdf-horizontal-rules",
    "pdf-chromium", "docx-grid",
)  # fmt: skip
_TEST = (
    "text-spaces", "text-cell-a-line", "text-run-together", "text-run-together-statistics", "text-run-together-tables",
    "text-rows-run-together", "text-pdftotext-wide", "markdown-broken", "markdown-labels-around", "html-site",
    "html-editor", "html-letter-spans", "html-nested", "html-run-together", "pdf-shaded-heads", "pdf-cut-anywhere",
    "pdf-repeated-heads", "pdf-single-characters", "pdf-three-rules", "pdf-libreoffice-shaded", "pdf-chromium-site",
    "docx-shaded", "docx-tabs",
)  # fmt: skip
_FOLDED = (
    Layout("text-folded", "txt", text(partial(to_text.folded, width=76)), TableStyle(wording=0.2), ALL),
    Layout("text-folded-narrow", "txt", text(partial(to_text.folded, width=40, indent="")), TableStyle(), ALL, "test"),
)


def _tried(layouts: Iterable[Layout], trial: Trial) -> Iterator[Layout]:
    for layout in layouts:
        yield replace(layout, name=f"chapters-{trial}-{layout.name}", split=trial, family="chapters", chapters=trial)


CHAPTERED: Mapping[str, Layout] = {
    layout.name: layout
    for layout in (
        *_tried((*(LAYOUTS[name] for name in _DEV), _FOLDED[0]), "dev"),
        *_tried((*(LAYOUTS[name] for name in _TEST), _FOLDED[1]), "test"),
    )
}
