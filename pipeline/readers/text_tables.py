"""Tables among the lines of a text: cells parted by tabs or by Markdown's pipes; the rest goes to line_tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.datamodel import Line, Problem, Span, Table
from pipeline.readers.cells import MAX_CELLS, Texts, join_cell, make_table, placer, table_too_large
from pipeline.readers.html_tokens import unescape
from pipeline.readers.line_tables import find_row_lines, find_single_cells
from pipeline.readers.run_tables import find_runs

_PIPED_CELL = re.compile(r"(?:[^|\\]++|\\.|\\)*+", re.DOTALL)
_SEPARATOR = re.compile(r"\s*\|?\s*:?-{1,200}:?\s*(?:\|\s*:?-{1,200}:?\s*)*+\|?\s*")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|\*|___|__|_|`)(.+)\1", re.DOTALL)
_PROSE = re.compile("[。；]")
_MAX_INDENTED_CELL = 40


def find_line_tables(
    blocks: Sequence[Line | Table], source: str
) -> tuple[tuple[Line | Table, ...], tuple[Problem, ...]]:
    """The blocks with every run of lines that sets a table replaced by that table; tables pass through.

    A table of more than MAX_CELLS cells stays lines, with a problem.

    `source` is the text that the spans index. Cells of a line that is not an exact stretch of it get the line's span.
    """
    found: list[Line | Table] = []
    problems: list[Problem] = []
    at = 0
    while at < len(blocks):
        if isinstance(blocks[at], Table):
            found.append(blocks[at])
            at += 1
            continue
        end = at
        lines: list[Line] = []
        while end < len(blocks) and isinstance(line := blocks[end], Line):
            lines.append(line)
            end += 1
        found += _scan(lines, source, problems)
        at = end
    return tuple(found), tuple(problems)


def _scan(lines: list[Line], source: str, problems: list[Problem]) -> list[Line | Table]:
    found: list[Line | Table] = []
    at = 0
    while at < len(lines):
        for find in (_find_pipes, _find_tabs, find_row_lines, find_single_cells, find_runs):
            blocks, end = find(lines, at, source)
            if end > at:
                break
        else:
            blocks, end = [lines[at]], at + 1
        large = [block for block in blocks if isinstance(block, Table) and len(block.cells) > MAX_CELLS]
        problems += [table_too_large(table.location) for table in large]
        found += lines[at:end] if large else blocks
        at = end
    return found


def _find_tabs(lines: list[Line], at: int, source: str) -> tuple[list[Line | Table], int]:
    """The tabbed lines from `at` on as one table; single blank lines between them do not part it."""
    rows: list[Line] = []
    end = at
    for index in range(at, len(lines)):
        if not lines[index].text.strip():
            if index > end:
                break
            continue
        if not _is_tabbed(lines[index].text):
            break
        rows.append(lines[index])
        end = index + 1
    if not any(sum(1 for cell in row.text.split("\t") if cell.strip()) >= 2 for row in rows):
        return list(lines[at:end]), end
    return [make_table("tabs", [_tabbed_cells(row, source) for row in rows])], end


def _is_tabbed(text: str) -> bool:
    """Whether a line's tabs part cells; those before a long or punctuated text are its indentation."""
    bare = text.strip()
    if "\t" in bare:
        return True
    return "\t" in text and len(bare) <= _MAX_INDENTED_CELL and not _PROSE.search(bare)


def _tabbed_cells(line: Line, source: str) -> Texts:
    cells: Texts = []
    place = placer(line, source)
    at = 0
    for text in line.text.split("\t"):
        cells.append((text.strip(), place(*_bare(text, at))))
        at += len(text) + 1
    return cells


def _find_pipes(lines: list[Line], at: int, source: str) -> tuple[list[Line | Table], int]:
    """The piped lines from `at` on; a separator line of another width than the table's makes the line above it the
    head of a new table."""
    parts: list[list[Texts]] = [[]]
    end = at
    ruled = at + 1 < len(lines) and "|" in lines[at].text and _is_rule(lines[at + 1].text)
    while end < len(lines) and _is_piped(lines[end].text, ruled):
        part = parts[-1]
        cells = _piped_cells(lines[end], source)
        if not _is_rule(lines[end].text):
            part.append(cells)
        elif len(part) > 1 and len(part[0]) != len(cells):
            parts.append([part.pop()])
        end += 1
    return [make_table("pipes", part) for part in parts if any(part)], end


def _is_piped(text: str, ruled: bool) -> bool:
    """Whether a line is a row: bordered by a pipe, or with any pipe in a table that began with a ruled head."""
    pipes = text.count("|")
    return (pipes >= 2 and text.lstrip().startswith("|")) or (ruled and pipes >= 1)


def _is_rule(text: str) -> bool:
    return "|" in text and _SEPARATOR.fullmatch(text) is not None


def _piped_cells(line: Line, source: str) -> Texts:
    cells: Texts = []
    place = placer(line, source)
    bare = line.text.strip()
    at = line.text.index(bare) + (1 if bare.startswith("|") else 0)
    end = line.text.index(bare) + len(bare) - (1 if bare.endswith("|") and not bare.endswith("\\|") else 0)
    while at <= end:
        match = _PIPED_CELL.match(line.text, at, max(at, end))
        assert match is not None
        cells.append((_marked_down(match[0]), place(*_bare(match[0], match.start()))))
        at = match.end() + 1
    return cells


def _marked_down(text: str) -> str:
    """A Markdown cell's text without escapes, emphasis and entities."""
    text = join_cell(_LINE_BREAK.split(unescape(text.replace("\\|", "|").strip())))
    match = _EMPHASIS.fullmatch(text)
    return match[2].strip() if match else text


def _bare(text: str, at: int) -> Span:
    """Where a cell's text stands in its line without the blanks around it; all of a blank cell."""
    if not text.strip():
        return at, at + len(text)
    return at + len(text) - len(text.lstrip()), at + len(text.rstrip())
