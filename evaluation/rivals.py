"""The programs that nianbao is held against, each at its best setting, as one function from a path to raw tables.

The settings were chosen on the train and dev layouts of the generator. None of the libraries is needed by nianbao or
shipped with it (`pip install nianbao[rivals]`, tabula also needs Java); each is imported only where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import which
from typing import Any, cast

from evaluation.rival_tables import RawTable
from pipeline.classify import RowClassifier, WordingLookup
from pipeline.datamodel import LabelledRow, Record, Row
from pipeline.extract import Model, extract, load_model

Reading = Sequence[RawTable] | Record


@dataclass(frozen=True, slots=True)
class Rival:
    """A program to measure. `package` is what must be installed ("" for nothing), `program` what must be on the path;
    `only` is the one format that it reads ("" for all)."""

    name: str
    read: Callable[[Path], Reading]
    setting: str
    package: str = ""
    program: str = ""
    only: str = "pdf"

    @property
    def version(self) -> str | None:
        """The installed version of its package, None without one."""
        try:
            return version(self.package) if self.package else None
        except PackageNotFoundError:
            return None

    @property
    def missing(self) -> str | None:
        """Why it cannot run here, None where it can."""
        if self.package and self.version is None:
            return f"{self.package} is not installed: pip install nianbao[rivals]"
        if self.program and which(self.program) is None:
            return f"there is no program {self.program} on the path"
        return None


def read_by_nianbao(path: Path) -> Record:
    """The record of the whole pipeline with the model that ships."""
    return extract(path, _default_model())


def read_by_lookup(path: Path) -> Record:
    """The record of the same pipeline with the exact-label lookup in place of the classifier."""
    return extract(path, _lookup_model())


@lru_cache(maxsize=1)
def _default_model() -> Model:
    return load_model()


@lru_cache(maxsize=1)
def _lookup_model() -> Model:
    return Model(cast(RowClassifier, _Lookup(WordingLookup(), _default_model().rows.threshold)))


@dataclass(frozen=True)
class _Lookup:
    """The lookup with what the pipeline asks of a classifier; the threshold is that of the model that ships."""

    lookup: WordingLookup
    threshold: float
    version: str = "wording-lookup"
    orders: frozenset[tuple[str, str]] = frozenset()  # nothing was taught
    running_totals: frozenset[str] = frozenset()

    def label(self, rows: Sequence[Row]) -> list[LabelledRow]:
        return self.lookup.label(rows)


def read_by_plumber(path: Path) -> list[RawTable]:
    """The tables of pdfplumber's `extract_tables`: by drawn lines, on pages where that finds none by texts in line."""
    import pdfplumber

    aligned = {"vertical_strategy": "text", "horizontal_strategy": "text"}
    with pdfplumber.open(path) as document:
        pages = [page.extract_tables() or page.extract_tables(aligned) for page in document.pages]
        return [_texts(table) for tables in pages for table in tables]


def read_by_mupdf(path: Path) -> list[RawTable]:
    """The tables of PyMuPDF's `find_tables` as it comes, from top to bottom of each page.

    Version 2 asks a layout model that it brings along; without it pages without vertical lines have no tables.
    """
    import pymupdf

    with pymupdf.open(path) as document:
        pages = [sorted(page.find_tables().tables, key=lambda table: table.bbox[1]) for page in document]
        return [_texts(table.extract()) for tables in pages for table in tables]


def read_by_lattice(path: Path) -> list[RawTable]:
    """The tables of camelot's lattice flavor; drawn lines from the PDF itself are as right as those that OpenCV sees,
    and faster."""
    return _read_by_camelot(path, "lattice", engine="vector")


def read_by_network(path: Path) -> list[RawTable]:
    """The tables of camelot's network flavor (texts that stand in line with each other)."""
    return _read_by_camelot(path, "network")


def _read_by_camelot(path: Path, flavor: str, **options: str) -> list[RawTable]:
    import camelot

    tables = camelot.read_pdf(str(path), pages="all", flavor=flavor, suppress_stdout=True, **options)
    ordered = sorted(tables, key=lambda table: (table.page, -table._bbox[3]))
    return [_texts(table.df.values.tolist()) for table in ordered]


def read_by_tabula(path: Path) -> list[RawTable]:
    """The tables of tabula: by drawn lines, in documents where that finds none by texts in line on whole pages.

    Its rows come without the cells that a merged cell covers; the places of cells give the columns back.
    """
    import tabula

    every = {"pages": "all", "output_format": "json", "silent": True}
    drawn = tabula.read_pdf(str(path), lattice=True, **every)
    found = drawn or tabula.read_pdf(str(path), stream=True, guess=False, **every)
    return [_regular(table["data"]) for table in found]


def _regular(rows: Sequence[Sequence[dict[str, Any]]]) -> RawTable:
    """Rows of cells with places as rows of texts that all have the same columns."""
    cells = [[cell for cell in row if cell["width"]] for row in rows]
    lefts = sorted({round(cell["left"]) for row in cells for cell in row})
    grid = [[""] * len(lefts) for _ in cells]
    for texts, row in zip(grid, cells, strict=True):
        for cell in row:
            texts[lefts.index(round(cell["left"]))] = cell["text"].replace("\r", "\n")
    return grid


def _texts(rows: Iterable[Iterable[object]]) -> RawTable:
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


RIVALS = (
    Rival("nianbao", read_by_nianbao, "the model that ships; in process", only=""),
    Rival("exact-label lookup", read_by_lookup, "nianbao with WordingLookup for the classifier; in process", only=""),
    Rival("pdfplumber", read_by_plumber, "extract_tables by lines, else by texts; in process", "pdfplumber"),
    Rival("camelot lattice", read_by_lattice, "flavor lattice, engine vector; in process", "camelot-py"),
    Rival("camelot network", read_by_network, "flavor network; in process", "camelot-py"),
    Rival("PyMuPDF", read_by_mupdf, "find_tables with its layout model; in process", "pymupdf"),
    Rival("tabula", read_by_tabula, "lattice, else stream; JVM in process by JPype", "tabula-py", "java"),
)
