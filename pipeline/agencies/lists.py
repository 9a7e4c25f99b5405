"""What a user says of agencies: a hierarchy (who belongs to whom), and names that are settled (who is meant)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pipeline.agencies.names import normalised
from pipeline.errors import UsageError

_PARENT = ("parent", "上级", "上级机关")
_CHILD = ("child", "下级", "下级机关")
_NAME = ("name", "名称", "机关名称")
_AGENCY = ("agency", "机构", "单位", "机关")
_LARGEST = 50_000_000  # bytes
_LONGEST = 200  # characters of a name


def read_hierarchy(path: Path) -> dict[str, tuple[str, ...]]:
    """The keys of the bodies that belong to each body, from a CSV file with the columns parent and child.

    Raises UsageError, with the line, for a file that is no such table, and for a name that may be several bodies.
    """
    found: dict[str, dict[str, None]] = {}
    for line, parent, child in _pairs(path, _PARENT, _CHILD):
        keys = [_key(name, f"{path}, line {line}") for name in (parent, child)]
        if keys[0] == keys[1]:
            raise UsageError(f"{path}, line {line}: {parent} and {child} are one body, which cannot belong to itself.")
        found.setdefault(keys[0], {})[keys[1]] = None
    return {parent: tuple(children) for parent, children in found.items()}


def read_settled(path: Path) -> dict[str, str]:
    """The agencies meant by names as documents print them, from a CSV file with the columns name and agency.

    Raises UsageError, with the line, for a file that is no such table, and where one name is given two agencies.
    """
    found: dict[str, str] = {}
    for line, name, agency in _pairs(path, _NAME, _AGENCY):
        if found.setdefault(name, agency) != agency:
            raise UsageError(f"{path}, line {line}: {name} is {found[name]} in an earlier line and {agency} in this.")
    return found


def _key(name: str, where: str) -> str:
    agency = normalised(name)
    if agency.doubtful:
        raise UsageError(f"{where}: {name} may be several bodies ({agency.doubtful}): write the name in full.")
    return agency.key


def _pairs(path: Path, *heads: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    """The number and two cells of each line that is not empty."""
    lines = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        first = [cell.strip().lower() for cell in next(lines, [])]
        columns = [_column(first, names, path) for names in heads]
        for cells in lines:
            one, other = (cells[column].strip() if column < len(cells) else "" for column in columns)
            if not one and not other:
                continue
            if not one or not other or max(len(one), len(other)) > _LONGEST:
                raise UsageError(f"{path}, line {lines.line_num}, needs a {heads[0][0]} and a {heads[1][0]}.")
            yield lines.line_num, one, other
    except csv.Error as error:
        raise UsageError(f"{path}, line {lines.line_num}, is not CSV: {error}.") from None


def _column(first: list[str], names: tuple[str, ...], path: Path) -> int:
    found = [number for number, head in enumerate(first) if head in names]
    if len(found) != 1:
        raise UsageError(f"{path} needs one column `{names[0]}` in its first line.")
    return found[0]


def _text(path: Path) -> str:
    """The file's text: UTF-8, else as spreadsheets in Chinese Windows save it."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} has more than {_LARGEST} bytes: this is no list of agencies.")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is neither UTF-8 nor GB18030: save it as CSV UTF-8.")
