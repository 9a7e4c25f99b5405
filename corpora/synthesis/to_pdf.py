"""Sheets as PDF through reportlab: prose and tables set page by page, tables cut where a page ends."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, replace
from typing import Literal

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from corpora.synthesis.fonts import font
from corpora.synthesis.pdf_grid import Box, Part, Strip, cut, edges, row_heights
from corpora.synthesis.pdf_type import Pen, wrap
from corpora.synthesis.prose import Paragraph
from corpora.synthesis.sheet import Printed, Sheet
from corpora.synthesis.tables import PrintedCell, PrintedTable

_SIZES = {"title": 20.0, "heading": 15.0, "subheading": 14.0, "body": 13.0, "contents": 13.0}


@dataclass(frozen=True, slots=True)
class PdfLook:
    """How pages are set. Sizes in points. `digits` is the font of ASCII text, "" for that of the rest; `tall` is the
    height of pages that are not A4. `borders` "three" are rules above, below and under the heads. `cut_after`
    ends a page after that row (0-based, -1 any) of the tables named `cut_table`, "" for every table; `whole_rows`
    moves a row that does not fit to the next page, else its lines flow over. `turned` pages are wide ones kept upright
    with an order to the viewer to turn them."""

    face: str = "song"
    heading_face: str = "hei"
    digits: str = ""
    wide: bool = False
    turned: bool = False
    tall: float = 0.0
    size: float = 9.0
    figure_size: float = 0.0
    pad: float = 4.0
    row_gap: float = 6.0
    borders: Literal["all", "none", "horizontal", "three"] = "all"
    strokes: Literal["lines", "rectangles", "boxes"] = "lines"
    shade: Literal["", "heads", "zebra"] = ""
    first_column: Literal["", "rotated", "letters"] = ""
    repeat_heads: bool = False
    whole_rows: bool = True
    open_cuts: bool = False
    cut_after: int | None = None
    cut_table: str = "requests"
    page_number: str = "- {} -"
    running_head: str = ""
    margin: float = 72.0
    narrow_figures: float = 1.0
    stray_edge: bool = False
    to_unicode: bool = True
    single: bool = False
    spread: float = 0.0


def to_pdf(sheet: Sheet, rng: random.Random, look: PdfLook) -> Printed | None:
    """The sheet as a PDF with a text layer, and where pages repeat heads; None where the look's fonts are not on this
    system."""
    if None in (font(look.face), font(look.heading_face), font(look.digits)):
        return None
    if look.cut_after is not None and look.cut_after < 0:
        rows = [len(table.rows) for table in sheet.tables if look.cut_table in ("", table.name)]
        look = replace(look, cut_after=rng.randrange(1, 30) if look.cut_table else rng.randrange(max(rows)))
    buffer = io.BytesIO()
    setter = _Setter(Canvas(buffer, pagesize=_page_size(look), invariant=1), look)
    setter.canvas.setTitle(sheet.title)
    for block in sheet.blocks:
        if isinstance(block, Paragraph):
            setter.paragraph(block)
        else:
            setter.table(block)
    setter.end_page(last=True)
    setter.canvas.save()
    data = buffer.getvalue()
    data = data if look.to_unicode else data.replace(b"/ToUnicode", b"/XoUnicode")
    return Printed(data, repeats=tuple(setter.repeats))


def _page_size(look: PdfLook) -> tuple[float, float]:
    wide, high = landscape(A4) if look.wide else A4
    return wide, look.tall or high


class _Setter:
    """Sets blocks down the pages of one canvas; `top` is the distance from the top of the page."""

    def __init__(self, canvas: Canvas, look: PdfLook) -> None:
        self.canvas, self.look, self.page = canvas, look, 1
        self.width, self.height = _page_size(look)
        self.pen = Pen(canvas, self.height, font(look.digits) or "", look.single, look.spread)
        self.face, self.heading_face = font(look.face) or "", font(look.heading_face) or ""
        self.bottom = self.height - look.margin
        self.tables, self.repeats = 0, list[tuple[int, int]]()
        self.begin_page()

    def begin_page(self) -> None:
        self.top = self.look.margin
        if self.look.turned:
            self.canvas.setPageRotation(90)
            self.canvas.translate(self.height, 0)
            self.canvas.rotate(90)

    def end_page(self, *, last: bool = False) -> None:
        if self.look.page_number:
            self.pen.line(
                self.width / 2, self.height - 40, self.look.page_number.format(self.page), 9, self.face, centred=True
            )
        if self.look.running_head:
            self.pen.line(self.width / 2, 40, self.look.running_head, 9, self.face, centred=True)
            self.canvas.line(self.look.margin, self.height - 46, self.width - self.look.margin, self.height - 46)
        self.canvas.showPage()
        self.page += 1
        if not last:
            self.begin_page()

    def paragraph(self, block: Paragraph) -> None:
        size, face = _SIZES[block.kind], self.face if block.kind in ("body", "contents") else self.heading_face
        leading, room = size * 1.75, self.width - 2 * self.look.margin
        centred = block.kind == "title"
        indent = 0 if centred else 2 * size
        texts = block.text.split("\n")
        lines = [
            line
            for number, text in enumerate(texts)
            for line in wrap(text, room, lambda text: self.pen.measure(text, size, face), 0 if number else indent)
        ]
        for number, line in enumerate(lines):
            if self.top + leading > self.bottom:
                self.end_page()
            self.top += leading
            x = self.width / 2 if centred else self.look.margin + (indent if number == 0 else 0)
            self.pen.line(x, self.top - leading * 0.3, line, size, face, centred=centred)
        self.top += size * 0.6 if block.kind != "body" else 0

    def table(self, table: PrintedTable) -> None:
        """The table from the present place on, over as many pages as it takes."""
        look = self.look
        columns = self.columns(table)
        lines = {cell: self.lines(cell, columns) for cell in table.cells}
        heights = row_heights(table, lines, look.row_gap, self.leading(max(look.size, look.figure_size)))
        cut_after = look.cut_after if look.cut_table in ("", table.name) else None
        room = (self.bottom - self.top, self.bottom - look.margin)
        head = sum(heights[: table.head_rows]) if look.repeat_heads else 0.0
        strips = cut(
            heights, room, cut_after=cut_after, head=head, line=None if look.whole_rows else self.leading(look.size)
        )
        whole = dict(lines)
        for number, strip in enumerate(strips):
            if number or strip.rows[0].height > self.bottom - self.top:
                self.end_page()
            if number and look.repeat_heads and table.head_rows:
                self.strip(
                    table,
                    Strip(tuple(Part(n, heights[n], True, True) for n in range(table.head_rows))),
                    columns,
                    dict(whole),
                )
                self.repeats.append((self.tables, strip.rows[0].row + (not strip.rows[0].begins)))
            self.strip(table, strip, columns, lines)
        self.tables += 1
        self.top += look.size

    def columns(self, table: PrintedTable) -> list[float]:
        """The x of every column's left edge and of the last one's right edge."""
        shares = list(table.widths)
        if table.name == "requests":
            shares = [*shares[:3], *(share * self.look.narrow_figures for share in shares[3:])]
        unit = (self.width - 2 * self.look.margin) / sum(shares)
        edges_at = [self.look.margin]
        for share in shares:
            edges_at.append(edges_at[-1] + share * unit)
        return edges_at

    def leading(self, size: float) -> float:
        return size * 1.3

    def size_of(self, cell: PrintedCell) -> float:
        return self.look.figure_size or self.look.size if cell.kind == "figure" else self.look.size

    def narrow(self, cell: PrintedCell) -> bool:
        return bool(self.look.first_column) and cell.column == 0 and cell.column_span == 1 and cell.row_span > 9

    def lines(self, cell: PrintedCell, columns: list[float]) -> list[str]:
        """The cell's text wrapped to its width; rotated it is one line, lettered it has a line a character."""
        if self.narrow(cell):
            return [cell.text] if self.look.first_column == "rotated" else list(cell.text)
        room = columns[cell.column + cell.column_span] - columns[cell.column] - self.look.pad
        size = self.size_of(cell)
        return wrap(cell.text, room, lambda text: self.pen.measure(text, size, self.face)) if cell.text.strip() else []

    def strip(
        self, table: PrintedTable, strip: Strip, columns: list[float], lines: dict[PrintedCell, list[str]]
    ) -> None:
        """One page's share of the table; takes the lines it sets out of `lines`."""
        tops = [self.top]
        for part in strip.rows:
            tops.append(tops[-1] + part.height)
        place = {part.row: number for number, part in enumerate(strip.rows)}
        boxes = []
        for cell in table.cells:
            inside = [place[row] for row in range(cell.row, cell.row + cell.row_span) if row in place]
            if inside:
                box = (
                    columns[cell.column],
                    tops[inside[0]],
                    columns[cell.column + cell.column_span],
                    tops[inside[-1] + 1],
                )
                last_row = cell.row + cell.row_span - 1
                ends = last_row in place and strip.rows[place[last_row]].ends
                boxes.append((cell, box, ends))
        for cell, box, _ in boxes:
            self.shade(cell, box)
        heads = {tops[place[row] + 1] for row, of in enumerate(table.rows) if of.name == "head" and row in place}
        open_top = not strip.rows[0].begins and self.look.open_cuts
        self.draw_edges(table, [box for _, box, _ in boxes], heads, open_top=open_top)
        for cell, box, ends in boxes:
            self.fill(table, cell, box, lines, ends)
        self.top = tops[-1]

    def shade(self, cell: PrintedCell, box: Box) -> None:
        dark = (
            cell.kind in ("title", "head") if self.look.shade == "heads" else cell.row % 2 == 1 and cell.row_span == 1
        )
        if self.look.shade and dark:
            self.canvas.setFillColorRGB(0.78, 0.85, 0.94)
            self.canvas.rect(box[0], self.height - box[3], box[2] - box[0], box[3] - box[1], stroke=0, fill=1)
            self.canvas.setFillColorRGB(0, 0, 0)

    def draw_edges(self, table: PrintedTable, boxes: list[Box], heads: set[float], *, open_top: bool) -> None:
        look, canvas = self.look, self.canvas
        if look.borders == "none":
            return
        canvas.setLineWidth(0.5)
        if look.strokes == "boxes" and look.borders == "all":
            for x0, top, x1, bottom in boxes:
                canvas.rect(x0, self.height - bottom, x1 - x0, bottom - top, stroke=1, fill=0)
            return
        found = edges(boxes, horizontal_only=look.borders != "all")
        if look.borders == "three":
            ends = {round(min(box[1] for box in boxes), 2), round(max(box[3] for box in boxes), 2)}
            ends |= {round(y, 2) for y in heads}
            found = [edge for edge in found if edge[1] in ends]
        if open_top:
            first = min(box[1] for box in boxes)
            found = [edge for edge in found if not edge[1] == edge[3] == first]
        if look.stray_edge and table.name == "requests":
            x = boxes[-1][0] + 3.0
            found.append((x, boxes[0][1], x, boxes[0][3]))
        for x0, top, x1, bottom in found:
            if look.strokes == "rectangles":
                canvas.rect(
                    x0 - 0.24, self.height - bottom - 0.24, x1 - x0 + 0.48, bottom - top + 0.48, stroke=0, fill=1
                )
            else:
                canvas.line(x0, self.height - top, x1, self.height - bottom)

    def fill(
        self,
        table: PrintedTable,
        cell: PrintedCell,
        box: Box,
        lines: dict[PrintedCell, list[str]],
        ends: bool,
    ) -> None:
        """Sets what fits of the cell's lines in its box, all of them where the cell ends here."""
        size = self.size_of(cell)
        leading = self.leading(size)
        room = max(1, int((box[3] - box[1] - 2) / leading))
        now = lines[cell] if ends else lines[cell][:room]
        lines[cell] = lines[cell][len(now) :]
        if self.narrow(cell) and self.look.first_column == "rotated":
            for line in now:
                self.pen.upwards((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, line, size, self.face)
            return
        top = (box[1] + box[3]) / 2 - leading * len(now) / 2
        left = (
            cell.kind == "label" and not self.narrow(cell) and cell.row_span == 1 and table.name != "review_litigation"
        )
        x = box[0] + self.look.pad / 2 if left else (box[0] + box[2]) / 2
        for number, line in enumerate(now):
            self.pen.line(x, top + leading * number + size * 1.02, line, size, self.face, centred=not left)
