"""The irregular layouts: text that converters and editors have wrecked, in families that are trained on or are not."""

from __future__ import annotations

from functools import partial

from corpora.synthesis import to_text
from corpora.synthesis.damage import Damage, Joints
from corpora.synthesis.layout import ALL, NEWER, OLDER, Layout, Split, html, text, wreck
from corpora.synthesis.tables import TableStyle
from corpora.synthesis.to_html import HtmlLook

_PLAIN, _VARIED = TableStyle(wording=0.1), TableStyle(wording=0.3, slips=0.03)
_PROVINCIAL = TableStyle(provincial=True)
_NOTED = TableStyle(wording=0.2, noted=0.08)
_RUN, _LINES = text(to_text.run_together), text(partial(to_text.run_together, lines=True))
_HEADS_LOST = Damage(heads_lost=True)


def _joined(
    name: str,
    family: str,
    joints: Joints,
    style: TableStyle = _PLAIN,
    forms: tuple[str, ...] = NEWER,
    *,
    split: Split = "train",
    lines: bool = False,
    heads_lost: bool = False,
) -> Layout:
    """Text whose cells run together; with `lines` paragraphs and tables keep lines of their own."""
    damage = Damage(heads_lost=heads_lost, joints=joints)
    render = _LINES if lines else _RUN
    return Layout(name, "txt", render, style, forms, split, family, irregular=True, damage=damage, run_on=not lines)


def _wreck(
    name: str,
    family: str,
    style: TableStyle = _VARIED,
    forms: tuple[str, ...] = NEWER,
    *,
    split: Split = "train",
    damage: Damage | None = None,
    restart: bool = False,
    **how: object,
) -> Layout:
    render = wreck(**how)
    return Layout(name, "md", render, style, forms, split, family, irregular=True, damage=damage, restart=restart)


_NOTHING, _ROWS = Joints(), Joints(row="\n")
_TOGETHER = (
    _joined("text-run-together", "run-together", _NOTHING, split="test"),
    _joined("text-run-together-bare", "run-together", _NOTHING, split="test", heads_lost=True),
    _joined("text-run-together-groups", "run-together", Joints(groups=0.3), split="test"),
    _joined("text-run-together-tables", "run-together", _NOTHING, _VARIED, split="test", lines=True),
    _joined("text-run-together-provincial", "run-together", _NOTHING, _PROVINCIAL, OLDER, split="test"),
    _joined("text-run-together-statistics", "run-together", _NOTHING, _PLAIN, OLDER, split="test"),
    Layout(
        "html-run-together",
        "html",
        html(HtmlLook(flat=True)),
        _PLAIN,
        NEWER,
        "test",
        "run-together",
        irregular=True,
        damage=Damage(joints=_NOTHING),
    ),
    _joined("text-run-blanks", "run-blanks", Joints(" ", 0.15)),
    Layout(
        "html-run-blanks",
        "html",
        html(HtmlLook(flat=True)),
        _VARIED,
        NEWER,
        family="run-blanks",
        irregular=True,
        damage=Damage(joints=Joints(" ", 0.5)),
    ),
    _joined("text-run-blanks-many", "run-blanks", Joints(" ", 0.6), _VARIED),
    _joined("text-run-blanks-bare", "run-blanks", Joints(" ", 0.15, groups=0.2), heads_lost=True),
    _joined("text-run-blanks-provincial", "run-blanks", Joints(" ", 0.5), _PROVINCIAL, OLDER),
    _joined("text-run-blanks-statistics", "run-blanks", Joints(" ", 0.4), _PLAIN, OLDER),
    _joined("text-rows-run-together", "rows-run-together", _ROWS, lines=True),
    _joined("text-rows-label-apart", "rows-run-together", Joints(label=" ", row="\n"), _VARIED, lines=True),
    _joined("text-rows-bare", "rows-run-together", Joints(label=" ", row="\n"), lines=True, heads_lost=True),
    _joined("text-rows-provincial", "rows-run-together", _ROWS, _PROVINCIAL, OLDER, lines=True),
    _joined("text-column-pair", "column-pair", Joints("\t", row="\n", pair=True), _VARIED, split="test", lines=True),
    _joined("text-column-pair-blanks", "column-pair", Joints(" ", row="\n", pair=True), split="test", lines=True),
    _joined(
        "text-column-pair-provincial",
        "column-pair",
        Joints("\t", row="\n", pair=True),
        _PROVINCIAL,
        OLDER,
        split="test",
        lines=True,
    ),
)
_MARKDOWN = (
    _wreck("markdown-broken", "labels-before", split="test"),
    _wreck(
        "markdown-broken-restart",
        "labels-before",
        split="test",
        labels="before",
        blocks=(2, 3, 4),
        heads="pieces",
        captions=True,
        restart=True,
    ),
    _wreck("markdown-labels-around", "labels-around", split="test", labels="around", share=0.8),
    _wreck("markdown-totals-fallen", "figures-fallen", split="test", labels="kept", totals=0.15, rows="lines"),
    _wreck("markdown-notes-fallen", "figures-fallen", _NOTED, split="test", labels="kept", notes=True, rows="lines"),
    _wreck(
        "markdown-many-wounds",
        "many-wounds",
        _NOTED,
        split="test",
        labels="mixed",
        totals=0.05,
        notes=True,
        heads="pieces",
        captions=True,
        restart=True,
        damage=Damage(moved=True),
    ),
    _wreck("markdown-labels-after", "labels-after", labels="after", damage=_HEADS_LOST),
    _wreck("markdown-labels-after-lines", "labels-after", labels="after", rows="words", blocks=(4, 6)),
    _wreck("markdown-labels-mixed", "labels-mixed", labels="mixed", share=0.8, restart=True),
    _wreck("markdown-row-tables", "row-tables", _VARIED, ALL, labels="kept", blocks=(1,)),
    _wreck("markdown-row-tables-bare", "row-tables", labels="kept", blocks=(1,), damage=_HEADS_LOST),
    _wreck("markdown-words", "words", _VARIED, ALL, labels="kept", rows="words"),
    _wreck("markdown-heads-in-pieces", "heads-in-pieces", labels="kept", rows="lines", heads="pieces", captions=True),
    _wreck("markdown-moved", "moved", labels="kept", rows="lines", captions=True, damage=Damage(moved=True)),
)
_LINE_BY_LINE = (
    Layout(
        "text-cell-a-line-bare", "txt", text(to_text.cell_a_line), _VARIED, NEWER, family="cell-a-line",
        irregular=True, damage=_HEADS_LOST,
    ),
    Layout(
        "text-cell-a-line-cut", "txt", text(to_text.cell_a_line), _VARIED, ALL, family="cell-a-line",
        irregular=True, damage=Damage(cut="with"),
    ),
)  # fmt: skip
IRREGULAR = (*_TOGETHER, *_MARKDOWN, *_LINE_BY_LINE)
