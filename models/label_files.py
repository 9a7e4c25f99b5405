"""Lines of labels as CSV and as Excel workbooks, written to be corrected by hand and read back as they come."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from models.labels import legal_lines
from models.lines import LabelLine, Told
from pipeline.errors import UsageError
from pipeline.writers import whole_file

COLUMNS = tuple(one.name for one in fields(LabelLine))
_NEEDED = ("document", "sha256", "row", "text", "label", "confidence", "correction")
_WIDTHS = (28, 12, 6, 6, 46, 40, 40, 40, 11, 40, 12)
_MOST_BYTES = 200_000_000
# What makes a formula in a spreadsheet; the full-width forms do so in East Asian editions.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SHEET, _LABELS = "rows", "labels"


def write_lines(lines: Sequence[LabelLine], out: Path) -> None:
    """Write lines to a .csv (UTF-8 with the mark that Excel needs) or to an .xlsx with a drop-down list of the legal
    labels; UsageError for another suffix. Text of documents never becomes a formula."""
    if out.suffix.lower() == ".xlsx":
        _write_workbook(lines, out)
    elif out.suffix.lower() == ".csv":
        with whole_file(out) as file:
            file.write("\ufeff")
            table = csv.writer(file)
            table.writerow(COLUMNS)
            table.writerows([_safe(value) for value in astuple(line)] for line in lines)
    else:
        raise UsageError(f"{out} must end in .csv or .xlsx.")


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula with an apostrophe before it; other values as they are."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_workbook(lines: Sequence[LabelLine], out: Path) -> None:
    import xlsxwriter

    legal = list(legal_lines())
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(out), options) as book:
        sheet, labels = book.add_worksheet(_SHEET), book.add_worksheet(_LABELS)
        bold, yours = book.add_format({"bold": True}), book.add_format({"bg_color": "#FFF7D6", "border": 1})
        labels.write_row(0, 0, ("label", "printed as"), bold)
        for number, pair in enumerate(legal, 1):
            labels.write_row(number, 0, pair)
        labels.set_column(0, 1, 48)
        sheet.write_row(0, 0, COLUMNS, bold)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for number, line in enumerate(lines, 1):
            sheet.write_row(number, 0, astuple(line))
        _shape(sheet, len(lines), len(legal), yours)


def _shape(sheet: Any, lines: int, labels: int, yours: Any) -> None:
    """Widths, and in the column of corrections the drop-down list; what is none of it is asked about, not refused."""
    for place, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
        sheet.set_column(place, place, width, yours if name == "correction" else None)
    if lines:
        place = COLUMNS.index("correction")
        asked = {
            "validate": "list",
            "source": f"={_LABELS}!$A$2:$A${labels + 1}",
            "error_type": "warning",
            "error_title": "Unknown label",
            "error_message": "Choose a label of the sheet labels; none, head and note for rows without a field.",
        }
        sheet.data_validation(1, place, lines, place, asked)
        sheet.autofilter(0, 0, lines, len(COLUMNS) - 1)


def read_lines(file: Path) -> list[Told]:
    """The lines of a .csv (UTF-8 or, as Excel saves it in China, GB18030) or .xlsx; UsageError names file, line and
    remedy where they are none."""
    if not file.is_file():
        raise UsageError(f"There is no file {file}.")
    table = _workbook(file) if file.suffix.lower() == ".xlsx" else _csv(file)
    missing = [name for name in _NEEDED if name not in table[0]] if table else list(_NEEDED)
    if missing:
        raise UsageError(
            f"{file}, line 1: the columns {', '.join(missing)} are missing. Write the file with `nianbao label`."
        )
    head = table[0]
    lines = (dict(zip(head, line, strict=False)) for line in table[1:])
    return [_told(file, number, line) for number, line in enumerate(lines, 2) if any(line.values())]


def _told(file: Path, number: int, given: Mapping[str, str]) -> Told:
    texts: dict[str, Any] = {name: given.get(name, "").strip() for name in COLUMNS}
    try:
        numbers = {
            "row": int(float(texts["row"])),
            "page": int(float(texts["page"] or 1)),
            "confidence": float(texts["confidence"].replace(",", ".") or 0),
        }
    except (ValueError, OverflowError):
        raise UsageError(
            f"{file}, line {number}: row, page and confidence must be numbers as `nianbao label` wrote them; only "
            "correction and year_column are yours to fill."
        ) from None
    texts["year_column"] = texts["year_column"].removesuffix(".0")
    return Told(file, number, LabelLine(**{**texts, **numbers}))


def _csv(file: Path) -> list[list[str]]:
    data = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UsageError(f"{file} is neither UTF-8 nor GB18030 text. Save it as CSV UTF-8.")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        return [list(map(_unsafe, line)) for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise UsageError(f"{file} is no CSV ({error}). Write it with `nianbao label`.") from None


def _unsafe(text: str) -> str:
    """The text without the apostrophe that kept it from becoming a formula."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def _workbook(file: Path) -> list[list[str]]:
    try:
        import openpyxl  # type: ignore[import-untyped]
    except ImportError:
        raise UsageError(f"{file} needs openpyxl to be read: `pip install openpyxl`, or save it as CSV.") from None
    try:
        with zipfile.ZipFile(file) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MOST_BYTES:
                raise UsageError(f"{file} unpacks to more than {_MOST_BYTES // 1_000_000} MB. Split it.")
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            sheet = book[_SHEET] if _SHEET in book.sheetnames else book.worksheets[0]
            return [list(map(_text, line)) for line in _values(sheet)]
        finally:
            book.close()
    except UsageError:
        raise
    except Exception as error:  # zipfile, XML and openpyxl meet damage with whatever their parts raise
        raise UsageError(f"{file} is no workbook that can be read ({error}). Save it again, or as CSV.") from error


def _values(sheet: Any) -> Iterator[Iterable[Any]]:
    yield from sheet.iter_rows(values_only=True)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
