"""Findings as a table for people: CSV and XLSX, with one line a finding and both figures where they stand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.agencies import DoubtfulLink
from pipeline.errors import UsageError
from pipeline.findings.finding import KINDS, Finding, Place
from pipeline.writers import whole_file, whole_path
from pipeline.writers.sheets import ListSheet, Styles
from pipeline.writers.to_csv import no_formula

# Name, Chinese head and width in a sheet of each column.
COLUMNS = (
    ("agency", "机关", 26), ("year", "年度", 7), ("kind", "类别", 14), ("compared_with", "对照", 26),
    ("finding", "问题说明", 80), ("left", "一方数值", 11), ("right", "另一方数值", 11), ("difference", "差额", 9),
    ("blames", "归因", 10), ("sure", "识读把握", 10), ("note", "备注", 40), ("left_at", "一方出处", 50),
    ("right_at", "另一方出处", 50), ("check", "校验编号", 30), ("fields", "字段", 40), ("suspects", "可疑字段", 30),
)  # fmt: skip
LINK_COLUMNS = (
    ("agency", "机关", 30), ("years", "年度", 24), ("may_be", "可能即", 30), ("its_years", "其年度", 24),
    ("years_of_both", "同年均有报告", 16), ("why_in_doubt", "存疑原因", 60),
)  # fmt: skip
BLAMES = {"report": "report 报告", "reading": "reading 识读", None: ""}
_PLACES = 8  # that a cell names


def write_csv(findings: Iterable[Finding], path: Path) -> int:
    """Write findings as CSV (UTF-8 with the mark that spreadsheets look for), nothing in it a formula; their number."""
    number = 0
    with whole_file(path) as file:
        file.write("\ufeff")
        table = csv.writer(file)
        table.writerow([name for name, _, _ in COLUMNS])
        for finding in findings:
            number += 1
            table.writerow([_safe(value) for value in line(finding)])
    return number


def write_links(links: Iterable[DoubtfulLink], path: Path) -> None:
    """Write the doubtful links between agencies as CSV, for somebody to decide."""
    with whole_file(path) as file:
        file.write("\ufeff")
        table = csv.writer(file)
        table.writerow([name for name, _, _ in LINK_COLUMNS])
        table.writerows([_safe(value) for value in link_line(link)] for link in links)


def write_xlsx(findings: Iterable[Finding], path: Path, links: Sequence[DoubtfulLink]) -> int:
    """Write findings and doubtful links as sheets of a workbook; the number of findings. `links` may be filled while
    the findings are taken. Raises UsageError where a sheet is full."""
    import xlsxwriter

    with whole_path(path) as draft, TemporaryDirectory() as folder:
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False}
        workbook = xlsxwriter.Workbook(str(draft), options)
        try:
            styles = Styles(workbook)
            number = _sheet(workbook, styles, "问题", COLUMNS, map(line, findings))
            _sheet(workbook, styles, "存疑机关", LINK_COLUMNS, map(link_line, links))
            workbook.close()
        except UsageError as full:
            raise UsageError(f"{full} Write findings to .csv instead.") from None
        finally:
            for sheet in workbook.worksheets():
                sheet.row_data_fh.close()
    return number


def line(finding: Finding) -> tuple[Any, ...]:
    """The values of a finding in the order of COLUMNS."""
    check = finding.to_check()
    return (
        finding.agency,
        finding.year,
        f"{finding.kind} {KINDS[finding.kind][1]}",
        finding.other,
        finding.sentence,
        finding.left,
        finding.right,
        finding.difference,
        BLAMES[finding.blames],
        finding.sure,
        finding.note,
        where(finding.left_places),
        where(finding.right_places),
        finding.check,
        " ".join(check["fields"]),
        " ".join(finding.suspects),
    )


def link_line(link: DoubtfulLink) -> tuple[Any, ...]:
    """The values of a doubtful link in the order of LINK_COLUMNS."""
    years, others, both = (" ".join(map(str, some)) for some in (link.years, link.other_years, link.years_of_both))
    return link.name, years, link.other, others, both, link.reason


def where(places: Sequence[Place]) -> str:
    """Where figures stand: document, page, and box in points from the page's top left, or characters of the text."""
    said = [f"{_shown(place)} {_spot(place)}" for place in places[:_PLACES]]
    return "; ".join(said) + (f"; and {len(places) - _PLACES} more" if len(places) > _PLACES else "")


def _shown(place: Place) -> str:
    return f"{place.label} = {place.value if place.value is not None else place.state} @"


def _spot(place: Place) -> str:
    if place.page is None:
        return place.path
    if place.box:
        return f"{place.path} p. {place.page} [{', '.join(f'{side:g}' for side in place.box)}]"
    return f"{place.path} p. {place.page}" + (f" characters {place.span[0]}–{place.span[1]}" if place.span else "")


def _sheet(workbook: Any, styles: Styles, name: str, columns: Any, lines: Iterable[Sequence[Any]]) -> int:
    sheet = ListSheet(
        workbook.add_worksheet(name), styles, [(f"{title}\n{key}", key, width) for key, title, width in columns]
    )
    for values in lines:
        sheet.add(values)
    sheet.finish()
    return sheet.lines


def _safe(value: Any) -> Any:
    return no_formula(value) if isinstance(value, str) else value
