"""The tables that an export is made of, each by its columns and by the lines that a record puts into it.

CSV and Parquet write all of them, with one description for both (`datapackage.py`); XLSX draws its own from them.
Nothing here knows a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.writers.linking import Named, agency_key
from pipeline.writers.panel import counterparts, field_rows, panel_cells, variables

Record = Mapping[str, Any]
Line = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what kind of value it holds, and one sentence on what that is. `title` is in Chinese."""

    name: str
    kind: Literal["text", "integer", "number", "boolean"]
    about: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `lines` gives those of one record; of a table that is the same in every export, of {}. `ends` gives what
    can only be said once all records went by."""

    name: str
    about: str
    columns: tuple[Column, ...]
    lines: Callable[[Record], Iterable[Line]]
    by_form_and_year: bool = False
    fixed: bool = False
    ends: Callable[[], Iterable[Line]] = tuple


_STATES = "printed, blank, absent (no such row or column), or unreadable"
_SHA = Column("sha256", "text", "Hash of the document's bytes, by which it is known in all tables", "文件指纹")
_PATH = Column("path", "text", "Where the document lay", "文件")
_FORM = Column("form", "text", "Version of the statutory tables: 2021, 2019 or pre2019", "表式")
_AGENCY = Column("agency", "text", "Agency that reports, as the document names it", "机关")
_YEAR = Column("year", "integer", "Reporting year", "年度")
_KEY = Column(
    "agency_key", "text", "What all reports of one body share, whatever its spelling; empty if doubtful", "机关键"
)
_STATUS = Column("status", "text", "accepted, needs_review or failed", "状态")
_HEAD = (_SHA, _PATH, _FORM, _AGENCY, _YEAR)
_ACCEPTED = Column("accepted", "boolean", "Whether nobody needs to look", "采信")
_CONFIDENCE = Column("confidence", "number", "Calibrated probability that this is right", "置信度")
_CORRECTED = (
    Column("corrected", "boolean", "Whether value and state are what a person said", "人工核定"),
    Column("corrected_by", "text", "Who said so", "核定人"),
    Column("corrected_at", "text", "When, in UTC", "核定时间"),
    Column("predicted_value", "number", "Where a person corrected it: the number that was read", "机读数值"),
    Column("predicted_state", "text", f"Where a person corrected it: what was read there: {_STATES}", "机读情形"),
)
_DOUBTFUL = Column("doubtful", "text", "Names of columns that somebody should look at, parted by blanks", "待核字段")


def documents() -> Table:
    """One line a document, read or not."""
    columns = (
        *_HEAD,
        _KEY,
        Column("title", "text", "Title of the report", "标题"),
        _STATUS,
        Column("problems", "text", "Codes of what was met in reading it, parted by blanks", "问题"),
        Column("fields", "integer", "Number of fields that were found", "字段数"),
        Column("accepted", "integer", "Number of those that nobody needs to look at", "采信字段数"),
        Column("corrected", "integer", "Number of fields that a person corrected or confirmed", "人工核定字段数"),
        Column("media_type", "text", "What kind of file it is", "文件类型"),
        Column("pages", "integer", "Number of its pages", "页数"),
        Column("model", "text", "Model that read it", "模型"),
        Column("version", "text", "Version of the program that read it", "程序版本"),
    )
    return Table("documents", "One line a document, read or not.", columns, _document_lines)


def fields() -> Table:
    """One line a field of a document: the long table."""
    columns = (
        *_HEAD,
        Column("field", "text", "Name of the field, explained in the table dictionary", "字段"),
        Column("value", "number", "The number as printed; nothing unless the state is printed", "数值"),
        Column("state", "text", f"What the document shows: {_STATES}", "情形"),
        _CONFIDENCE,
        _ACCEPTED,
        Column("page", "integer", "Page on which it stands, from 1", "页码"),
        Column("x0", "number", "Left side of its box, in points from the page's left", "左"),
        Column("top", "number", "Upper side of its box, in points from the page's top", "上"),
        Column("x1", "number", "Right side of its box", "右"),
        Column("bottom", "number", "Lower side of its box", "下"),
        Column("start", "integer", "First character of it in sources without boxes", "起"),
        Column("end", "integer", "Character after its last one", "止"),
        Column("raw", "text", "The text of the cell", "原文"),
        *_CORRECTED,
    )
    return Table("fields", "One line a field of a document.", columns, field_lines, by_form_and_year=True)


def wide() -> Table:
    """One line a document, one column a field of any form."""
    names = field_names()
    columns = (
        *_HEAD,
        _STATUS,
        _DOUBTFUL,
        Column("blank", "text", "Names of fields whose cell holds nothing, parted by blanks", "空白字段"),
        Column("unreadable", "text", "Names of fields whose cell cannot be read, parted by blanks", "无法识别字段"),
        Column("corrected", "text", "Names of fields that a person corrected or confirmed, by blanks", "人工核定字段"),
        *(Column(name, "number", about, about) for name, about in names.items()),
    )
    about = "One line a document, one column a field; empty where it is blank, absent, unreadable or of another form."
    return Table("wide", about, columns, lambda record: [_wide_line(record, tuple(names))], by_form_and_year=True)


def panel() -> Table:
    """One line a variable of a report, over all forms, by the concordance."""
    columns = (
        *_HEAD,
        _KEY,
        Column("variable", "text", "Name of the variable, explained in the table concordance", "变量"),
        Column("value", "number", "The number printed, or the sum of those printed", "数值"),
        Column("state", "text", f"{_STATES}; summed, partly_blank or incomplete of sums", "情形"),
        Column("match", "text", "How this form's fields stand for it: same, sum or close", "口径"),
        Column("confidence", "number", "Probability that all its parts are right", "置信度"),
        _ACCEPTED,
    )
    return Table("panel", "One line a variable of a report: all forms under common names.", columns, _panel_lines)


def panel_wide() -> Table:
    """One line a report, one column a variable, over all forms."""
    columns = (
        *_HEAD,
        _KEY,
        _STATUS,
        _DOUBTFUL,
        *(Column(one.name, "number", f"{one.label} ({one.unit})", one.label) for one in variables()),
    )
    about = "One line a report, one column a variable: all forms under common names."
    return Table("panel_wide", about, columns, lambda record: [_panel_line(record)])


def dictionary() -> Table:
    """One line a field of a form: what it is called in the table, and which variables of the panel it enters."""
    columns = (
        _FORM,
        Column("table", "text", "Table of the form", "表"),
        Column("field", "text", "Name of the field", "字段"),
        Column("label", "text", "Label of its row as printed, after the groups above it", "行标签"),
        Column("head", "text", "Head of its column as printed", "列头"),
        Column("unit", "text", "Unit of its figure", "单位"),
        Column("kind", "text", "count, amount, or change (may be below zero)", "类型"),
        Column("variables", "text", "Variables of the panel that it enters, parted by blanks", "面板变量"),
    )
    return Table("dictionary", "What each field is.", columns, lambda _: _dictionary_lines(), fixed=True)


def concordance() -> Table:
    """One line a variable and form: which fields stand for it there, how well, and why."""
    columns = (
        Column("variable", "text", "Name of the variable", "变量"),
        Column("label", "text", "What it is", "名称"),
        Column("unit", "text", "Unit of its figure", "单位"),
        _FORM,
        Column("fields", "text", "Fields that stand for it; + adds; one with ? may be absent", "对应字段"),
        Column("match", "text", "same, sum (equals the sum), close (see the reason), or none", "口径"),
        Column("reason", "text", "Why", "说明"),
    )
    return Table("concordance", "What stands for what.", columns, lambda _: _concordance_lines(), fixed=True)


def links() -> Table:
    """One line a link between agencies that is possible and was not made."""
    named = Named()
    columns = (
        _AGENCY,
        Column("years", "text", "Years of its reports", "年度"),
        Column("may_be", "text", "Agency that it may be; none where its own reports may be of several", "可能即"),
        Column("its_years", "text", "Years of that one's reports", "其年度"),
        Column("years_of_both", "text", "Years for which both report, which speaks against it", "同年均有报告"),
        Column("reason", "text", "Why it is doubtful", "存疑原因"),
    )
    about = "Agencies that may be one body: their reports have no key in common."
    return Table("doubtful_links", about, columns, named.add, ends=named.lines)


def all_tables() -> tuple[Table, ...]:
    """The tables of a data package."""
    return documents(), fields(), wide(), panel(), panel_wide(), links(), dictionary(), concordance()


def field_names() -> dict[str, str]:
    """The fields of all forms in their order, newest form first, each with its labels in the newest form."""
    found: dict[str, str] = {}
    for row in field_rows():
        found.setdefault(row["field"], f"{row['label']}·{row['head']}")
    return found


def field_lines(record: Record) -> Iterator[Line]:
    """The lines of the long table."""
    head = _head(record)
    for name, field in record["fields"].items():
        place = field["location"] or {"page": None, "box": None, "span": None}
        yield (
            *head,
            name,
            field["value"],
            field["state"],
            field["confidence"],
            field["accepted"],
            place["page"],
            *(place["box"] or (None, None, None, None)),
            *(place["span"] or (None, None)),
            field["raw"],
            *_correction(field),
        )


def _correction(field: Mapping[str, Any]) -> Line:
    made = field.get("corrected")
    if made is None:
        return False, None, None, None, None
    return True, made["who"], made["at"], made["predicted"]["value"], made["predicted"]["state"]


def _head(record: Record) -> Line:
    source = record["source"]
    return source["sha256"], source["path"], record["form"], record["agency"], record["year"]


def _document_lines(record: Record) -> Iterator[Line]:
    present = [field for field in record["fields"].values() if field["state"] != "absent"]
    yield (
        *_head(record),
        agency_key(record),
        record["title"],
        record["status"],
        " ".join(dict.fromkeys(problem["code"] for problem in record["problems"])),
        len(present),
        sum(field["accepted"] for field in present),
        sum("corrected" in field for field in record["fields"].values()),
        record["source"]["media_type"],
        record["source"]["pages"],
        record["versions"]["model"],
        record["versions"]["nianbao"],
    )


def _wide_line(record: Record, names: tuple[str, ...]) -> Line:
    fields = record["fields"]
    values = (field["value"] if (field := fields.get(name)) else None for name in names)
    return *_head(record), record["status"], *_marks(fields), *values


def _marks(fields: Mapping[str, Any]) -> Line:
    doubtful = " ".join(name for name, field in fields.items() if not field["accepted"])
    blank = " ".join(name for name, field in fields.items() if field["state"] == "blank")
    unreadable = " ".join(name for name, field in fields.items() if field["state"] == "unreadable")
    return doubtful, blank, unreadable, " ".join(name for name, field in fields.items() if "corrected" in field)


def _panel_lines(record: Record) -> Iterator[Line]:
    head = *_head(record), agency_key(record)
    return ((*head, *cell) for cell in panel_cells(record))


def _panel_line(record: Record) -> Line:
    cells = {cell.variable: cell for cell in panel_cells(record)}
    doubtful = " ".join(cell.variable for cell in cells.values() if not cell.accepted)
    values = (cells[one.name].value if one.name in cells else None for one in variables())
    return *_head(record), agency_key(record), record["status"], doubtful, *values


def _dictionary_lines() -> Iterator[Line]:
    enters: dict[tuple[str, str], list[str]] = {}
    for one in counterparts():
        for name in one.fields:
            enters.setdefault((one.form, name), []).append(one.variable)
    for row in field_rows():
        head = (row[name] for name in ("form", "table", "field", "label", "head", "unit", "kind"))
        yield *head, " ".join(enters.get((row["form"], row["field"]), ()))


def _concordance_lines() -> Iterator[Line]:
    known = {one.name: one for one in variables()}
    for one in counterparts():
        names = " + ".join(f"{name}?" if name in one.optional else name for name in one.fields)
        variable = known[one.variable]
        yield one.variable, variable.label, variable.unit, one.form, names, one.match, one.reason
