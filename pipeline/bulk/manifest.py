"""Lists of documents: a manifest (CSV with what is known beforehand), or one path a line on standard input.

What is known never takes the place of what a document says: it fills what the document leaves open, and where the two
disagree the record says so.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pipeline.bulk.archive_limits import INSIDE
from pipeline.errors import UsageError
from pipeline.text import normalise

_HEADS = {
    "path": ("path", "file", "路径", "文件"),
    "agency": ("agency", "机构", "单位", "机关"),
    "year": ("year", "年度", "年份"),
}
_YEARS = range(1990, 2101)
_FILLED, _DIFFERS = "{}_from_manifest", "{}_differs_from_manifest"
_FORMULA = re.compile(r"'(?=[=+\-@\t\r\n＝＋－＠])")
_LONGEST = 1 << 17  # characters of a cell; csv has the same limit, but any library of the process may lift that
_ESCAPED = re.compile(r"\\udc([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a document before it is read."""

    agency: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list: what it names, and what is known of it."""

    path: str
    known: Known = Known()


NOTHING = Known()


def with_known(record: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """A record with what is known filled in, each filling and each disagreement as a problem; doing it again, also
    with something else known, gives what doing it once gives."""
    told = {problem["code"] for problem in record["problems"]}
    new = dict(record)
    new["problems"] = [problem for problem in record["problems"] if not problem["code"].endswith("_from_manifest")]
    for name, value in (("agency", known.agency), ("year", known.year)):
        if _FILLED.format(name) in told:
            new[name] = None
        if value is None:
            continue
        if new[name] is None:
            new[name] = value
            new["problems"].append(
                _problem(_FILLED, name, f"The {name} {value} is the manifest's; the document says none.")
            )
        elif _same(new[name]) != _same(value):
            said = f"The manifest gives the {name} {value}, the document {new[name]}; the document's stands."
            new["problems"].append(_problem(_DIFFERS, name, said))
    return new


def read_manifest(path: Path) -> Iterator[Listed]:
    """The lines of a CSV file with a column `path` and, where known, `agency` and `year`; other columns are passed
    over. UTF-8 or GB18030. Paths are looked up from the working directory, then from the manifest's folder.

    Raises UsageError, with the line, for a file that is no such table or a year that is none.
    """
    with _opened(path) as file:
        lines = csv.reader(file, strict=True)
        try:
            columns = _columns(next(lines, []), path)
            for cells in lines:
                if any(len(cell) > _LONGEST for cell in cells):
                    raise csv.Error(f"a cell has more than {_LONGEST} characters")
                if any(cells):
                    line = dict(zip(columns, cells, strict=False))
                    yield _listed(line, f"{path}, line {lines.line_num}", path.parent)
        except (csv.Error, UnicodeDecodeError) as error:
            raise UsageError(f"{path}, line {lines.line_num}, is not CSV: {error}.") from None


def read_list(file: IO[bytes]) -> Iterator[Listed]:
    """One path a line, or ended by NUL as `find -print0` writes them; empty lines are passed over."""
    begin = file.read(1 << 16)
    file.seek(0)
    end = b"\0" if b"\0" in begin else b"\n"
    left = b""
    while chunk := file.read(1 << 16):
        *whole, left = (left + chunk).split(end)
        yield from _paths(whole)
    yield from _paths([left])


def _paths(lines: list[bytes]) -> Iterator[Listed]:
    for line in lines:
        if path := line.rstrip(b"\r").decode("utf-8", "surrogateescape"):
            yield Listed(path)


def _opened(path: Path) -> IO[str]:
    """The file as text: UTF-8 if its beginning is, else as spreadsheets in Chinese Windows save it."""
    try:
        with path.open("rb") as file:
            begin = file.read(1 << 16)
        try:
            io.TextIOWrapper(io.BytesIO(begin[: begin.rfind(b"\n") + 1] or begin), "utf-8-sig").read()
        except UnicodeDecodeError:
            return path.open(encoding="gb18030", newline="")
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _columns(heads: list[str], path: Path) -> list[str]:
    names = [next((name for name, words in _HEADS.items() if head.strip().lower() in words), "") for head in heads]
    if names.count("path") != 1:
        raise UsageError(f"{path} has no column `path` in its first line; a manifest has path, and agency and year.")
    return names


def _listed(line: Mapping[str, str], where: str, folder: Path) -> Listed:
    if not line.get("path"):
        raise UsageError(f"{where}, names no path.")
    year = line.get("year", "").strip().removesuffix("年")
    if year and not (year.isascii() and year.isdigit() and int(year) in _YEARS):
        raise UsageError(f"{where}, has the year {year[:20]}; write it like 2023, or leave it empty.")
    known = Known(line.get("agency", "").strip() or None, int(year) if year else None)
    return Listed(_located(line["path"], folder), known)


def _located(path: str, folder: Path) -> str:
    """The path as it was before it was made safe for a spreadsheet and for UTF-8 (see failures.csv)."""
    raw = _ESCAPED.sub(lambda match: bytes.fromhex(match[1]).decode("utf-8", "surrogateescape"), path)
    plain = [form for text in (path, raw) for form in (text, _FORMULA.sub("", text, count=1))]
    for form in plain:
        for place in (Path(form), folder / form):
            if _exists(place):
                return str(place)
    return path


def _exists(place: Path) -> bool:
    try:
        return os.path.lexists(place) or (INSIDE in str(place) and os.path.isfile(str(place).partition(INSIDE)[0]))
    except ValueError:  # a NUL in it
        return False


def _same(value: object) -> str:
    return normalise(str(value)).replace(" ", "").removesuffix("人民政府")


def _problem(code: str, name: str, said: str) -> dict[str, Any]:
    return {"stage": "convert", "code": code.format(name), "message": said, "location": None}
