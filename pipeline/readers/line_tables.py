"""Tables whose lines nothing parts but blanks or line ends: a row a line (`规章 3 0 15`), or a cell a line.

Only the statutory wording tells such lines from prose, so only rows that bear it are taken.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from pipeline.datamodel import Line, Table
from pipeline.forms import head_keys, head_wordings, row_wordings
from pipeline.readers.cells import Texts, make_table, placer
from pipeline.text import label_key

_FIGURE = re.compile(r"[+-]?\d{1,15}(?:,\d{3}){0,5}(?:\.\d{1,10})?(?:万元|元|件|条|次|个|人)?|[/\-—–－]{1,4}|无")
_NUMBERING = re.compile(r"\s*[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s?[）)、.．]\s*")
_TOKEN = re.compile(r"\S+")
_ENDS_LIKE_FIGURE = re.compile(r"[\d/\-—–－元件条次个人无]\s*$")
_MAX_ROW = 400  # characters; a longer line is prose
_MAX_WRAP = 3  # lines over which the label of a row may run before its figures
_BARE_ROW = 5  # figures that make a row without a label
_LABELLESS = 15  # figures of the one row of the forms that has no label
_MAX_HEADS = 3
_NEAR = 0.85  # likeness of a label with a slip of the pen to the form's wording
_MIN_NEAR, _MAX_NEAR = 6, 60  # characters of such a label
_UNITS = frozenset({"条", "件", "次", "篇", "个", "人", "人次", "万元", "元", "项", "场", "期", "份"})


def _key(text: str) -> str:
    """A label's key without its numbering, which comes and goes."""
    return label_key(_NUMBERING.sub("", text, count=1))


@lru_cache(maxsize=1)
def _row_keys() -> frozenset[str]:
    return frozenset(map(_key, row_wordings()))


def find_row_lines(lines: list[Line], at: int, source: str) -> tuple[list[Line | Table], int]:
    """The rows `label figure …` from `at` on, with the head lines above them, as a table of origin "spaces"."""
    rows: list[Texts] = []
    end = at
    while end < len(lines) and len(rows) < _MAX_HEADS and (head := _head_line(lines[end], source)):
        rows.append(head)
        end += 1
    heads = len(rows)
    while end < len(lines):
        row, used = _row_line(lines, end, source)
        if not row or (used > 1 and _stands_under_its_row(lines, end, rows[heads:], lines[end + used - 1])):
            break
        rows.append(row)
        end += used
    return ([make_table("spaces", rows)], end) if len(rows) > heads else ([], at)


def _stands_under_its_row(lines: list[Line], at: int, rows: list[Texts], last: Line) -> bool:
    """Whether the label that begins at a line may be that of bare figures above it, as where labels follow their
    rows: then the bare figures in the `last` line, below the label, are not surely its own."""
    if not _is_bare(last.text):
        return False
    if rows:
        return len(rows[-1]) >= _BARE_ROW and all(_FIGURE.fullmatch(text) for text, _ in rows[-1])
    texts = [line.text for line in reversed(lines[max(at - 4, 0) : at])]
    above = next((text for text in texts if text.strip() and label_key(text) not in head_keys()), "")
    return _is_bare(above)


def _is_bare(text: str) -> bool:
    tokens = text.split()
    return len("".join(tokens)) >= _BARE_ROW and all(token.isdigit() or _FIGURE.fullmatch(token) for token in tokens)


def _head_line(line: Line, source: str) -> Texts:
    if len(line.text) > _MAX_ROW or line.text[-1:].isdigit():
        return []
    found = list(_TOKEN.finditer(line.text))
    if len(found) < 2 or not all(label_key(token[0]) in head_keys() for token in found):
        return []
    return [(token[0], placer(line, source)(token.start(), token.end())) for token in found]


def _row_line(lines: list[Line], at: int, source: str) -> tuple[Texts, int]:
    """The row that begins at a line and the number of lines that it takes; none where the label is not the forms'."""
    above = ""
    for used in range(1, _MAX_WRAP + 2):
        if at + used > len(lines):
            break
        line = lines[at + used - 1]
        text = line.text
        if not text.strip() or len(text) > _MAX_ROW or len(above) > _MAX_ROW:
            break
        figures = _figures(text) if _ENDS_LIKE_FIGURE.search(text[-20:]) else []
        start = figures[0].start() if figures else len(text)
        if figures and (labels := _labels(lines[at], above, line, text[:start], source)) is not None:
            if labels or len(figures) >= _BARE_ROW:
                return [*labels, *((f[0], placer(line, source)(f.start(), f.end())) for f in figures)], used
            break
        if figures or (used == 1 and not _may_begin_label(text)):
            break
        above += text.strip()
    return [], 0


def _figures(text: str) -> list[re.Match[str]]:
    """The run of figures at the end of a line; empty where a mere dash or 无 is all there is."""
    found = list(_TOKEN.finditer(text))
    start = len(found)
    while start and _FIGURE.fullmatch(found[start - 1][0]):
        start -= 1
    figures = found[start:]
    return figures if any(figure[0][-1:].isdigit() or figure[0][:1].isdigit() for figure in figures) else []


def _labels(first: Line, above: str, last: Line, before: str, source: str) -> Texts | None:
    """The label cells of a row: none where nothing stands before the figures, None where it is no statutory label."""
    before, unit = _without_unit(before, last, source)
    label = above + before.strip()
    if not label:
        return []
    start = len(first.text) - len(first.text.lstrip())
    if above:
        begin = placer(first, source)(start, len(first.text))[0]
        end = placer(last, source)(0, len(before.rstrip()))[1]
        return [(label, (begin, end)), *unit] if _key(label) in _row_keys() else None
    if _key(label) in _row_keys():
        return [(label, placer(first, source)(start, len(before.rstrip()))), *unit]
    for gap in re.finditer(r"\s+", before.rstrip()):
        group, own = before[: gap.start()].strip(), before[gap.end() :].strip()
        if _key(own) in _row_keys() and label_key(group) in head_wordings():
            return [
                (group, placer(first, source)(start, gap.start())),
                (own, placer(first, source)(gap.end(), gap.end() + len(own))),
                *unit,
            ]
    return None


def _without_unit(before: str, line: Line, source: str) -> tuple[str, Texts]:
    """The text before a row's figures without the cell 单位 of the older form, and that cell."""
    bare = before.rstrip()
    unit = bare.split()[-1] if bare.strip() else ""
    if unit not in _UNITS or unit == bare.strip():
        return before, []
    return bare[: -len(unit)], [(unit, placer(line, source)(len(bare) - len(unit), len(bare)))]


@lru_cache(maxsize=4096)
def _may_begin_label(text: str) -> bool:
    key = _key(text[:100])
    return len(key) > 2 and any(known.startswith(key) and known != key for known in _row_keys())


def find_single_cells(lines: list[Line], at: int, source: str) -> tuple[list[Line | Table], int]:
    """The lines from `at` on that hold one cell each, as a table of origin "lines": heads, then label and figures.

    An empty cell leaves no line behind, so rows may be short of figures.
    """
    if column := _lone_column(lines, at):
        return [make_table("lines", _single_rows(column, source))], at + len(column)
    if not _is_known(lines[at].text):
        return [], at
    cells, end = _region(lines, at)
    rows = _single_rows(cells, source)
    labelled = [row for row in rows if len(row) > 1 and _key(row[0][0]) in _row_keys()]
    bare = [row for row in rows if len(row) >= _BARE_ROW and all(_FIGURE.fullmatch(text) for text, _ in row)]
    if len(cells) < 4 or not (len(labelled) >= 2 or any(len(row) > 3 for row in labelled) or bare):
        return list(lines[at:end]), end
    return [make_table("lines", rows)], end


def _lone_column(lines: list[Line], at: int) -> list[Line]:
    """The lines from `at` on that are the figures of the one row without a label, its heads lost; else nothing."""
    if at and _is_figure(lines[at - 1]):
        return []
    end = at
    while end < len(lines) and end - at <= _LABELLESS and _is_figure(lines[end]):
        end += 1
    return lines[at:end] if end - at == _LABELLESS else []


def _is_figure(line: Line) -> bool:
    return _FIGURE.fullmatch(line.text.strip()) is not None


def _region(lines: list[Line], at: int) -> tuple[list[Line], int]:
    """The lines of single cells from `at` on up to the last figure, and the index after them.

    Without any figure the region is only skipped over.
    """
    cells: list[Line] = []
    kept, end, blanks = 0, at, 0
    for index in range(at, len(lines)):
        text = lines[index].text.strip()
        blanks = blanks + 1 if not text else 0
        if blanks > 1:
            break
        if not text:
            continue
        figure = bool(_FIGURE.fullmatch(text))
        if not figure and not (_is_known(text) or _is_nearly_known(text)):
            break
        cells.append(lines[index])
        if figure:
            kept, end = len(cells), index + 1
        elif not kept:
            end = index + 1
    return (cells[:kept] if kept else cells), end


def _is_known(text: str) -> bool:
    if len(text) > 80:
        return False
    if text in _UNITS:
        return True
    return _key(text) in _row_keys() or label_key(text) in head_keys()


@lru_cache(maxsize=1024)
def _is_nearly_known(text: str) -> bool:
    """Whether a line inside a table is a label of the forms but for a slip of the pen."""
    key = _key(text)
    if not _MIN_NEAR <= len(key) <= _MAX_NEAR or "|" in text:  # a row of a piped table is no label
        return False
    alike = SequenceMatcher(b=key, autojunk=False)
    for known in _row_keys():
        alike.set_seq1(known)
        if alike.real_quick_ratio() >= _NEAR and alike.quick_ratio() >= _NEAR and alike.ratio() >= _NEAR:
            return True
    return False


def _single_rows(cells: list[Line], source: str) -> list[Texts]:
    """Runs of words and runs of figures, taken in turns, as head rows and rows."""
    rows: list[Texts] = []
    words: Texts = []
    figures: Texts = []
    for line in [*cells, None]:
        text = line.text.strip() if line else ""
        if figures and (line is None or not _FIGURE.fullmatch(text)):
            heads, labels = _parted(words, bool(rows))
            rows += [heads] if heads else []
            rows.append([*labels, *figures])
            words, figures = [], []
        if line is not None:
            start = line.text.index(text)
            (figures if _FIGURE.fullmatch(text) else words).append(
                (text, placer(line, source)(start, start + len(text)))
            )
    return rows


def _parted(words: Texts, after_rows: bool) -> tuple[Texts, Texts]:
    """(head cells, label cells) of the words before a run of figures: its label and the groups directly above it.

    总计 and 其他 are heads as well as labels; at the end of other heads they are heads.
    """
    keys = [_key(text) for text, _ in words]
    if len(keys) > 1 and words[-1][0] in _UNITS:
        heads, labels = _parted(words[:-1], after_rows)
        return (heads, [*labels, words[-1]]) if labels else (words, [])
    if not keys or not (keys[-1] in _row_keys() or _is_nearly_known(words[-1][0])):
        return words, []
    if label_key(words[-1][0]) in head_keys() and not (after_rows and len(keys) == 1):
        return words, []
    start = len(keys) - 1
    while start and label_key(words[start - 1][0]) in head_wordings() and len(keys) - start < _MAX_HEADS:
        start -= 1
    return words[:start], words[start:]
