"""Type on a PDF page: measuring, breaking and drawing lines of mixed Chinese and Latin text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

_CLOSING = "，。、；：！？）》”’"


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws text on a canvas whose pages are `height` points high; y is measured from the top.

    `latin` is the font of ASCII text, "" for the face of the rest; `single` places every character by itself, as
    office programs do; `spread` widens the space between characters.
    """

    canvas: Canvas
    height: float
    latin: str = ""
    single: bool = False
    spread: float = 0.0

    def measure(self, text: str, size: float, face: str) -> float:
        """The width of a line in points."""
        width = sum(stringWidth(run, name, size) for run, name in self.runs(text, face))
        return float(width) + self.spread * len(text)

    def line(self, x: float, y: float, text: str, size: float, face: str, *, centred: bool = False) -> None:
        """A line with its baseline at y, beginning at x or centred on it."""
        x -= self.measure(text, size, face) / 2 if centred else 0
        for run, name in self.runs(text, face):
            self.canvas.setFont(name, size)
            for piece in run if self.single or self.spread else (run,):
                self.canvas.drawString(x, self.height - y, piece)
                x += stringWidth(piece, name, size) + self.spread

    def upwards(self, x: float, y: float, text: str, size: float, face: str) -> None:
        """A line that reads upwards, centred on the point."""
        self.canvas.saveState()
        self.canvas.translate(x + size * 0.35, self.height - y)
        self.canvas.rotate(90)
        self.canvas.setFont(face, size)
        self.canvas.drawCentredString(0, 0, text)
        self.canvas.restoreState()

    def runs(self, text: str, face: str) -> Iterator[tuple[str, str]]:
        """The text in pieces of one font each, with the font's name."""
        if not self.latin:
            yield text, face
            return
        places = [0, *(n for n, (a, b) in enumerate(pairwise(text), 1) if a.isascii() != b.isascii()), len(text)]
        for start, end in pairwise(places):
            if start < end:
                yield text[start:end], self.latin if text[start].isascii() else face


def wrap(text: str, room: float, measure: Callable[[str], float], indent: float = 0.0) -> list[str]:
    """The text in lines no wider than the room, broken between any two characters but before a closing mark; the
    first line starts indented."""
    lines, current, width, left = [], "", 0.0, room - indent
    for character in text:
        step = measure(character)
        if current and width + step > left and character not in _CLOSING:
            lines.append(current)
            current, width, left = "", 0.0, room
        current += character
        width += step
    return [*lines, current]
