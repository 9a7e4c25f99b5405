"""What a layout is, and the functions that set a sheet, each with its look fixed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from corpora.synthesis import printers, to_docx, to_html, to_pdf, to_text, wrecks
from corpora.synthesis.chapters import Trial
from corpora.synthesis.damage import Damage
from corpora.synthesis.repeats import repeated_heads
from corpora.synthesis.sheet import Printed, Sheet
from corpora.synthesis.tables import TableStyle
from corpora.synthesis.to_docx import DocxLook
from corpora.synthesis.to_html import HtmlLook
from corpora.synthesis.to_pdf import PdfLook
from corpora.synthesis.wrecks import Wreck

Render = Callable[[Sheet, random.Random], Printed | None]
Split = Literal["train", "dev", "test"]
ALL = ("2021", "2019", "pre2019")
NEWER = ("2021", "2019")
OLDER = ("pre2019",)


@dataclass(frozen=True, slots=True)
class Layout:
    """A way of setting a form. `split` "test" layouts are never trained on; others are split by agency.
    Layouts of one `family` are alike: all are trained on, or none is. `irregular` ones are text that some converter
    has wrecked. `damage` is done to the tables before they are set; `excerpt` ones show only some of the rows;
    `bare` ones print title, headings and tables without the prose between; `level` is the size of its agencies where
    the layout tells only with such figures. `run_on` ones have no line ends; `restart` ones number the chapters with
    tables from 一 again. `chapters` names the trial that has other prose: chapters and titles of every wording.
    `render` gives None where the program that it needs is not installed."""

    name: str
    extension: str
    render: Render
    style: TableStyle
    forms: tuple[str, ...] = ALL
    split: Split = "train"
    family: str = ""
    irregular: bool = False
    damage: Damage | None = None
    excerpt: bool = False
    bare: bool = False
    level: str | None = None
    run_on: bool = False
    restart: bool = False
    chapters: Literal["", Trial] = ""

    @property
    def joined(self) -> bool:
        """Whether figures run together, so that some stay open."""
        return self.damage is not None and self.damage.joints is not None


def text(write: Callable[[Sheet, random.Random], bytes]) -> Render:
    """Sets the sheet as text."""
    return partial(_printed, write=write)


def _printed(sheet: Sheet, rng: random.Random, *, write: Callable[[Sheet, random.Random], bytes]) -> Printed:
    return Printed(write(sheet, rng))


def tabs(**options: Any) -> Render:
    """Sets the sheet with tabs between cells."""
    return text(partial(to_text.tabs, **options))


def html(look: HtmlLook) -> Render:
    """Sets the sheet as a web page."""
    return partial(to_html.to_html, look=look)


def pdf(look: PdfLook) -> Render:
    """Sets the sheet as a PDF."""
    return partial(to_pdf.to_pdf, look=look)


def docx(look: DocxLook) -> Render:
    """Sets the sheet as a DOCX file."""
    return text(partial(to_docx.to_docx, look=look))


def wreck(**how: Any) -> Render:
    """Sets the sheet as Markdown that a PDF tool has wrecked."""
    return text(partial(wrecks.broken_markdown, wreck=Wreck(**how)))


def chromium(sheet: Sheet, rng: random.Random, *, look: HtmlLook) -> Printed | None:
    """The sheet as Chromium prints it."""
    page = to_html.to_html(sheet, rng, look)
    data = printers.print_html(page.data)
    return None if data is None else replace(page, data=data)


def office(sheet: Sheet, rng: random.Random, *, look: DocxLook, tagged: bool = True) -> Printed | None:
    """The sheet as LibreOffice exports it."""
    data = printers.print_office(to_docx.to_docx(sheet, rng, look), tagged=tagged)
    if data is None:
        return None
    return Printed(data, repeats=repeated_heads(data, sheet) if look.repeat_heads else ())


def pdftotext(sheet: Sheet, rng: random.Random, *, look: PdfLook) -> Printed | None:
    """What `pdftotext -layout` reads from the sheet as a PDF."""
    pdf = to_pdf.to_pdf(sheet, rng, look)
    data = to_text.layout_of(pdf.data) if pdf else None
    return None if pdf is None or data is None else replace(pdf, data=data)
