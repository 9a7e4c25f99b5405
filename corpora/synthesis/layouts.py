"""The named layouts: each is how an office fills in the form, and a function that sets the sheet."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from corpora.synthesis import to_html, to_text
from corpora.synthesis.sheet import Sheet
from corpora.synthesis.tables import TableStyle
from corpora.synthesis.to_html import HtmlLook

Render = Callable[[Sheet, random.Random], bytes | None]
Split = Literal["train", "dev", "test"]
_ALL = ("2021", "2019", "pre2019")
_NEWER = ("2021", "2019")


@dataclass(frozen=True, slots=True)
class Layout:
    """A way of setting a form. `split` "test" layouts are never trained on; others are split by agency.
    `joined` layouts print cells with nothing between, so that some figures stay open. `render` gives None where the
    program that it needs is not installed."""

    name: str
    extension: str
    render: Render
    style: TableStyle = TableStyle()
    forms: tuple[str, ...] = _ALL
    split: Split = "train"
    joined: bool = False


def _html(look: HtmlLook) -> Render:
    return partial(to_html.to_html, look=look)


_VARIED = TableStyle(wording=0.35, slips=0.05)

_TEXT = (
    Layout("text-tabs", "txt", partial(to_text.tabs), _VARIED),
    Layout("text-tabs-collapsed", "txt", partial(to_text.tabs, collapsed=True, bom=True), _VARIED),
    Layout("text-tabs-lost-cells", "txt", partial(to_text.tabs, collapsed=True, lost=0.15), TableStyle(wording=0.5)),
    Layout("text-tabs-blank-zeros", "txt", partial(to_text.tabs), TableStyle(zero="", zero_share=0.9, wording=0.2)),
    Layout("markdown-pipes", "md", partial(to_text.pipes), _VARIED),
    Layout("markdown-subtotals", "md", partial(to_text.pipes), TableStyle(subtotals=True, wording=0.3), _NEWER),
    Layout("markdown-broken", "md", partial(to_text.broken_markdown), _VARIED, _NEWER, "test"),
    Layout("text-cell-a-line", "txt", partial(to_text.cell_a_line), _VARIED),
    Layout(
        "text-run-together", "txt", partial(to_text.run_together), TableStyle(wording=0.1), _NEWER, "test", joined=True
    ),
    Layout("text-spaces", "txt", partial(to_text.spaces), _VARIED),
)
_WEB = (
    Layout("html-clean", "html", _html(HtmlLook()), _VARIED),
    Layout(
        "html-styled",
        "html",
        _html(HtmlLook(css="tr:nth-child(even){background:#eef}", th=True)),
        TableStyle(wording=0.3, noted=0.03),
    ),
    Layout("html-word", "html", _html(HtmlLook(word=True)), _VARIED),
    Layout(
        "html-word-gb18030",
        "html",
        _html(HtmlLook(word=True, charset="gb18030", declared="gb2312")),
        TableStyle(wording=0.3, split_other=True),
    ),
    Layout("html-padded", "html", _html(HtmlLook(padded=True, blank="")), TableStyle(padded_heads=True, wording=0.3)),
    Layout("html-padded-heads", "html", _html(HtmlLook(blank="")), TableStyle(padded_heads=True, wording=0.2)),
    Layout("html-letter-spans", "html", _html(HtmlLook(letter_spans=True)), TableStyle(wording=0.3), _ALL, "test"),
    Layout(
        "html-blank-zeros",
        "html",
        _html(HtmlLook()),
        TableStyle(zero="", zero_share=0.8, blank_totals=True, wording=0.3, unit_in_amount=0.4),
    ),
    Layout(
        "html-site",
        "html",
        _html(HtmlLook(chrome=True, line_breaks=True)),
        TableStyle(wording=0.3, zero="/", zero_share=0.5),
    ),
    Layout(
        "html-nested",
        "html",
        _html(HtmlLook(chrome=True, nested=True)),
        TableStyle(wording=0.3, many_tables=True),
        _ALL,
        "test",
    ),
)

LAYOUTS: Mapping[str, Layout] = {layout.name: layout for layout in (*_TEXT, *_WEB)}
