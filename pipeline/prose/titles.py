"""What a document calls itself: its title, its agency whole, its reporting year, and how many reports it holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import NamedTuple

from pipeline.datamodel import Line, Location, Table
from pipeline.prose.paragraphs import compact

_HEAD_LINES = 60
_LONGEST = 70  # characters of a title
# What is looked behind at stands after the first characters: those are found faster.
_CHINESE_YEAR = re.compile("[二2](?<![一二三四五六七八九].)[〇○零Oo0][一二三四五六七八九〇○零0-9]{2}(?=年)")
_CHINESE_DIGITS = str.maketrans("〇○零Oo一二三四五六七八九", "00000123456789")
_YEAR = re.compile("(20(?<![0-9]..)[0-9]{2})年")
_YEAR_IN_NAME = re.compile("(20(?<![0-9]..)[0-9]{2})(?![0-9])")
_LEAD = re.compile(r"^(?:[#*>]+|(?:标题|题名|名称|信息名称|文件名称)[:]|正文)+")
_TOPIC = "(?:政府信息和?政务公开|政府信息公开|政务信息公开|政务公开|信息公开)"
_TITLE = re.compile(
    rf"(?P<before>[^。,，;:]{{0,50}}?){_TOPIC}(?P<after>[^。,，;:]{{0,24}}?(?:报告|年报)(?:比对|对比|全文|正文)?)(?P<note>[(\[][^。]{{0,12}}[)\]])?(?P<site>[-_|].{{0,40}})?"
)
_OPENING = re.compile(rf"(?P<title>.{{2,50}}?{_TOPIC}[^。,，;:、]{{0,20}}?(?:年度报告|年报)(?:\(20[0-9]{{2}}年度?\))?)")
_YEAR_BELOW = re.compile(r"[(\[〔]?(20[0-9]{2})年度?[)\]〕]?")
_NO_TITLE = re.compile("根据|依据|按照|通知|印发|规定|条例|格式|下载|编制|解读|上一篇|下一篇|关于做好|包括")
_DATE_OF_ISSUE = re.compile("(?:发布|公开|生成|成文|印发|更新)(?:时间|日期)")
_NEW_YEAR = "年1月1日"
_PERIOD = re.compile("(20[0-9]{2})年1月1日(?:起|开始)?(?:至|到|-|—|~|－)(?:(20[0-9]{2})年)?12月31日")
_PUBLISHER = re.compile(
    r"(?:发布机构|公开机构|发布单位|发文机关|公开主体|责任单位|编制单位|信息来源|来源)[:](?P<name>[\u4e00-\u9fff()]{2,30}?)"
    r"(?=发布|公开|成文|生成|索引|文号|日期|时间|主题|浏览|字体|字号|名称|[^\u4e00-\u9fff()]|$)"
)
_BODY = (
    "人民政府办公厅|人民政府办公室|人民政府|政府办公室|政府办|办公厅|办公室|办事处|管理委员会|管委会|委员会|街道|监督管理局|分局|局|"
    "厅|委|院|中心|镇|乡|区|县|市|省|自治州|州|盟|旗|部|署|所|站|处|办|社|会|总队|支队|大队|学院|大学|学校|医院|集团|公司|政府"
)
_NAME = re.compile(rf"[\u4e00-\u9fff()·]{{1,40}}?(?:{_BODY})(?![\u4e00-\u9fff])")
_FILLER = re.compile(r"^(?:关于|中共)?|(?:年度|年|关于|的|本|工作|之)+$|[,，、。;:\"'“”《》\s]+")
_GENERIC = re.compile(
    "^(?:本机关|本单位|本部门|我局|我委|我市|我县|我区|本市|政府|我镇|全市|全区|全县|首页|关于|各级|市|区|县|年度|法定主动公开内容)?$"
)
_FIRST_CHAPTER = re.compile(
    r"^(?:一[、.]|第一部分|\(一\)|1[、.])?[:、]?(?:总体情况|总体概况|概述|基本情况|工作概况|总体工作情况)"
)


@dataclass(frozen=True, slots=True)
class TitleInfo:
    """A report's title as printed (without white space), its agency, its reporting year; None where unknown."""

    title: str | None
    agency: str | None
    year: int | None
    location: Location | None = None


class _Text(NamedTuple):
    """A line without white space: folded for reading, and as printed; both of one length."""

    text: str
    printed: str
    location: Location


def read_title(blocks: Sequence[Line | Table], path: str = "") -> TitleInfo:
    """Title, agency and reporting year, each from the best place that names it, never guessed between contradictions.

    The year is that of the title; without one, of the statistics period, else the one that the prose speaks of. The
    agency is what the title names; without one, the publishing line, the signature, the file's name.
    """
    return read_titles(blocks, path)[0]


def read_titles(blocks: Sequence[Line | Table], path: str = "") -> tuple[TitleInfo, int]:
    """What `read_title` and `count_reports` say of a document."""
    lines = _texts(blocks)
    return _read_title(lines, path), max(1, len(_find_reports(lines)))


def _read_title(lines: list[_Text], path: str) -> TitleInfo:
    name = compact(PurePath(path).stem)[0]
    prose = _prose(lines)
    period, spoken = _period_year(prose), _spoken_year(prose)
    titles = sorted(_titles(lines[:_HEAD_LINES]), key=lambda title: _rank(title, {period, spoken}))
    title = titles[0] if titles else TitleInfo(None, None, None)
    agency = title.agency or _publisher(lines) or _signature(lines) or _agency_of(name)
    return replace(title, agency=agency, year=_reporting_year(title.year, period, spoken, name))


def find_reports(blocks: Sequence[Line | Table]) -> tuple[TitleInfo, ...]:
    """The reports in a document, more than one only where each has a title of its own before a first chapter.

    Catalogues of other years, tables of contents and comparisons name other reports but hold none.
    """
    return tuple(_find_reports(_texts(blocks)))


def _find_reports(lines: list[_Text]) -> Collection[TitleInfo]:
    found: dict[tuple[str | None, int | None], TitleInfo] = {}
    begin = 0
    for index, line in enumerate(lines):
        if not _FIRST_CHAPTER.match(line.text) or not _has_prose(lines[index + 1 : index + 4]):
            continue
        owners = [title for title in _titles(lines[begin:index]) if title.year and title.agency]
        if owners:
            found.setdefault((owners[-1].agency, owners[-1].year), owners[-1])
        begin = index + 1
    return found.values()


def count_reports(blocks: Sequence[Line | Table]) -> int:
    """How many reports a document holds; 1 where only one or none announces itself."""
    return max(1, len(find_reports(blocks)))


def _texts(blocks: Sequence[Line | Table]) -> list[_Text]:
    return [_text(block) for block in blocks if isinstance(block, Line) and block.text.strip()]


def _text(line: Line) -> _Text:
    text, offsets = compact(line.text)
    printed = line.text if len(offsets) == len(line.text) else "".join([line.text[offset] for offset in offsets])
    return _Text(_arabic_years(text), printed, line.location)


def _arabic_years(text: str) -> str:
    if "年" not in text:
        return text
    return _CHINESE_YEAR.sub(lambda match: match.group().translate(_CHINESE_DIGITS), text)


def _has_prose(lines: list[_Text]) -> bool:
    """Whether a chapter's text follows; after an entry of a table of contents comes the next entry."""
    return any(len(line.text) > 40 for line in lines)


def _rank(title: TitleInfo, years: set[int | None]) -> tuple[int, bool]:
    """Whole titles first, and among those (a catalogue may list other years) the one that the prose agrees with."""
    return (title.agency is None) + (title.year is None), title.year not in years


def _titles(lines: list[_Text]) -> Iterator[TitleInfo]:
    """Everything among the lines that reads as a report's title, alone or over two or three lines, in order."""
    reported = ["报" in line.text for line in lines]
    for index, line in enumerate(lines):
        if True not in reported[index : index + 3]:
            continue
        if not _may_be_title("".join([one.text for one in lines[index : index + 3]])):
            continue
        for size in (1, 2, 3):
            group = lines[index : index + size]
            if len(group) == size and (size == 1 or max(len(one.text) for one in group) <= 40):
                title = _title_of("".join(one.text for one in group), "".join(one.printed for one in group), line)
                if title is not None:
                    yield _with_year_below(title, lines[index + size : index + size + 1])
                    break
        else:
            yield from _title_before_prose(line)


def _with_year_below(title: TitleInfo, below: Sequence[_Text]) -> TitleInfo:
    """A title without a year whose next line is a year alone, in brackets: both are the title."""
    note = _YEAR_BELOW.fullmatch(below[0].text) if below and title.year is None and title.title else None
    return replace(title, title=f"{title.title}{below[0].printed}", year=int(note[1])) if note else title


def _may_be_title(text: str) -> bool:
    """Whether a text holds what no title, and no part of a text that is one, can do without."""
    return "公开" in text and "报" in text


def _title_before_prose(line: _Text) -> Iterator[TitleInfo]:
    """A title at the start of run-together text."""
    match = _OPENING.match(line.text) if len(line.text) > _LONGEST else None
    if match and (title := _title_of(match["title"], line.printed[: match.end()], line)):
        yield title


def _title_of(text: str, printed: str, first: _Text) -> TitleInfo | None:
    if not _may_be_title(text):
        return None
    lead = _LEAD.match(text)
    text, printed = text[lead.end() if lead else 0 :], printed[lead.end() if lead else 0 :]
    match = _TITLE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or _NO_TITLE.search(text) or _DATE_OF_ISSUE.match(first.text):
        return None
    end = match.start("site") if match["site"] else len(text)
    years = set(_YEAR.findall(text[:end])) or set(_YEAR_IN_NAME.findall(text[:end]))
    year = int(years.pop()) if len(years) == 1 else None
    agency = _agency_of(_whole_agency(match["before"], text[match.end("before") :]))
    return TitleInfo(printed[:end], agency, year, first.location)


def _whole_agency(before: str, rest: str) -> str:
    """`云岭市人民` + `政府信息公开` is 云岭市人民政府: the name must not lose its end to the topic."""
    return before + "政府" if before.endswith("人民") and rest.startswith("政府") else before


def _agency_of(text: str) -> str | None:
    """The agency's name in the part of a title before its topic, without the year and what only joins."""
    bare = re.sub(r"(?:20[0-9]{2}(?:-20[0-9]{2})?)(?:年度|年)?", " ", text).strip()
    bare = re.split(_TOPIC, bare)[0]
    parts = [_FILLER.sub("", part) for part in bare.split()]
    names = [part for part in parts if re.fullmatch(r"[\u4e00-\u9fff()·]{2,40}", part) and not _GENERIC.match(part)]
    return _strip_brackets(max(names, key=len)) if names else None


def _strip_brackets(name: str) -> str:
    return name if name.count("(") == name.count(")") else name.replace("(", "").replace(")", "")


def _publisher(lines: list[_Text]) -> str | None:
    for line in lines[:_HEAD_LINES]:
        match = _PUBLISHER.search(line.text)
        if match and _NAME.fullmatch(match["name"]):
            return match["name"]
    return None


def _signature(lines: list[_Text]) -> str | None:
    """The last lines' name of a body that stands alone, as under a letter."""
    for line in reversed(lines[-8:]):
        bare = re.sub("20[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日$", "", line.text)
        if 3 <= len(bare) <= 30 and _NAME.fullmatch(bare):
            return bare
    return None


def _reporting_year(title: int | None, period: int | None, spoken: int | None, name: str) -> int | None:
    if title is not None:
        return title if period in (None, title) or spoken == title else None
    if period is not None:
        return period if spoken in (None, period) else None
    named = {int(year) for year in _YEAR_IN_NAME.findall(name)}
    if spoken is not None:
        return spoken if not named or spoken in named else None
    return named.pop() if len(named) == 1 else None


def _period_year(prose: str) -> int | None:
    """The year of the statistics period, where the document names one period only."""
    if _NEW_YEAR not in prose:
        return None
    years = {int(begin) for begin, end in _PERIOD.findall(prose) if end in ("", begin)}
    return years.pop() if len(years) == 1 else None


def _spoken_year(prose: str) -> int | None:
    """The year that the prose names most, if clearly (at least twice, and twice as often as any other)."""
    text = re.sub("《[^《》]{0,100}》", "", prose)
    if _NEW_YEAR in text:
        text = _PERIOD.sub("", text)
    ranked = Counter(int(year) for year in _YEAR.findall(text)).most_common(2)
    if not ranked or ranked[0][1] < 2 or (len(ranked) == 2 and ranked[1][1] * 2 > ranked[0][1]):
        return None
    return ranked[0][0]


def _prose(lines: list[_Text]) -> str:
    return "".join([line.text for line in lines if not _DATE_OF_ISSUE.search(line.text)])
