"""A row of a document as a person sees it in a spreadsheet or on a page picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A row of a document as a person sees it. `row` counts from 1, `text` joins the labels from the outermost group
    inwards, `year_column` is the number from 1 of the cell that is the year's: "" where there is no choice, "?" where
    it is open. `correction` is "" where nobody said anything."""

    document: str
    sha256: str
    page: int
    row: int
    text: str
    cells: str
    heads: str
    label: str
    confidence: float
    correction: str = ""
    year_column: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A line that somebody has been over, with the file and the number of its line (or other `unit`) that errors
    name."""

    file: Path
    number: int
    line: LabelLine
    unit: str = "line"

    @property
    def where(self) -> str:
        return f"{self.file}, {self.unit} {self.number}"
