"""Sheets as web pages: clean, as Word saves them, padded, in single-character spans, with a site around."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape

from corpora.synthesis.prose import Paragraph
from corpora.synthesis.sheet import Printed, Sheet, grid
from corpora.synthesis.tables import PrintedCell, PrintedTable

_WORD_HEAD = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta http-equiv=Content-Type content="text/html; charset={charset}"><meta name=ProgId content=Word.Document>
<title>{title}</title>
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Print</w:View></w:WordDocument></xml><![endif]-->
<style><!-- p.MsoNormal {{margin:0cm; text-align:justify; font-size:10.5pt; font-family:"Times New Roman","serif";}}
table.MsoTableGrid {{border:solid windowtext 1.0pt; border-collapse:collapse;}} --></style></head>
<body lang=ZH-CN style='text-justify-trim:punctuation'><div class=WordSection1>
"""
_CLEAN_HEAD = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="{charset}"><title>{title}</title>
<style>body{{width:900px;margin:0 auto;font-family:SimSun,"Noto Serif CJK SC",serif;line-height:1.8}}
table{{width:100%;border-collapse:collapse;margin:12px 0}}td,th{{border:1px solid #333;padding:4px;text-align:center}}
h1{{text-align:center}}@media print{{body{{width:auto}}}}{css}</style></head><body>
"""
_CHROME_TOP = """<div class="top"><ul><li><a href="#">首页</a></li><li><a href="#">政务公开</a></li>
<li><a href="#">办事服务</a></li>
<li><a href="#">互动交流</a></li></ul><form><input type="text" name="q"><input type="submit" value="搜索"></form></div>
<table class="catalogue"><tr><td>索引号</td><td>0{number}/2024-000{small}</td>
<td>主题分类</td><td>政府信息公开年报</td></tr>
<tr><td>发布机构</td><td>{agency}</td><td>发布日期</td><td>2024-01-{small}</td></tr>
<tr><td>名称</td><td colspan="3">{title}</td></tr>
<tr><td>文号</td><td>无</td><td>浏览次数</td><td>{number}</td></tr></table>
<div class="position">当前位置：首页 &gt; 政府信息公开 &gt; 年度报告</div>
"""
_CHROME_END = """<table class="links"><tr><td>相关链接</td>
<td><a href="#">2019年</a></td><td><a href="#">2020年</a></td></tr></table>
<div class="footer"><p>主办单位：{agency}　网站标识码：{number}</p><script>var hits = {number};</script></div>
"""


@dataclass(frozen=True, slots=True)
class HtmlLook:
    """How a page is written. `letter_spans` sets every character in a span; `padded` fills what cells span downwards
    with empty cells; `editor` is what a web editor makes of a pasted table: paragraphs and widths in every cell, and in
    the second chapter's table one column more than there is, which each row gives to another of its cells.
    `declared` is the character set that the page claims where it is not its own; `flat` tables have lost their tags
    and stand in a paragraph.
    """

    word: bool = False
    padded: bool = False
    letter_spans: bool = False
    blank: str = "&nbsp;"
    charset: str = "utf-8"
    declared: str = ""
    chrome: bool = False
    css: str = ""
    nested: bool = False
    line_breaks: bool = False
    th: bool = False
    editor: bool = False
    flat: bool = False


def to_html(sheet: Sheet, rng: random.Random, look: HtmlLook) -> Printed:
    """The sheet as a web page in the look's character set, with the rows of the site's own tables."""
    head = _WORD_HEAD if look.word else _CLEAN_HEAD
    parts = [head.format(charset=look.declared or look.charset, title=escape(sheet.title), css=look.css)]
    words = {"agency": escape(sheet.title[:6]), "title": escape(sheet.title)}
    words |= {"number": str(rng.randint(1000, 99999)), "small": str(rng.randint(10, 28))}
    if look.chrome:
        parts.append(_CHROME_TOP.format(**words) + '<div class="article" id="zoom">\n')
    parts += [_paragraph(b, look) if isinstance(b, Paragraph) else _table(b, look, rng) for b in sheet.blocks]
    if look.chrome:
        parts.append("</div>\n" + _CHROME_END.format(**words))
    parts.append("</div></body></html>\n" if look.word else "</body></html>\n")
    data = "".join(parts).encode(look.charset)
    catalogue = tuple((label, ()) for label in ("索引号", "发布机构", "名称"))
    hits = ("文号", (int(words["number"]),))
    return Printed(data, (*catalogue, hits), (("相关链接", ()),)) if look.chrome else Printed(data)


def _paragraph(block: Paragraph, look: HtmlLook) -> str:
    text = _letters(block.text) if look.letter_spans and block.kind != "body" else escape(block.text)
    text = text.replace("\n", "<br>")
    if look.word:
        size = {"title": "22.0", "heading": "16.0"}.get(block.kind, "14.0")
        return (
            f"<p class=MsoNormal style='text-indent:32.0pt;line-height:28.0pt'>"
            f"<span style='font-size:{size}pt;font-family:仿宋_GB2312'>{text}<o:p></o:p></span></p>\n"
        )
    tag = {"title": "h1", "heading": "h2", "subheading": "h3"}.get(block.kind, "p")
    return f"<{tag}>{text}</{tag}>\n"


def _table(table: PrintedTable, look: HtmlLook, rng: random.Random) -> str:
    if look.flat:
        cells = (cell for place in range(len(table.rows)) for cell in table.at_row(place))
        return f"<p>{escape(''.join(cell.text for cell in cells))}</p>\n"
    rows = "".join(f"<tr>{''.join(_cells(table, place, look, rng))}</tr>\n" for place in range(len(table.rows)))
    if look.word:
        rows = f"<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0>\n{rows}</table>\n"
        return f"<div align=center>\n{rows}</div>\n"
    open_tag = "<table>" if look.css else '<table border="1" cellspacing="0">'
    inner = f"{open_tag}\n<tbody>\n{rows}</tbody></table>\n"
    return f'<table class="frame"><tr><td>{inner}</td></tr></table>\n' if look.nested else inner


def _cells(table: PrintedTable, place: int, look: HtmlLook, rng: random.Random) -> Iterator[str]:
    above = {cell.column: cell for cell in table.cells if cell.row < place < cell.row + cell.row_span}
    uneven = look.editor and table.name == "disclosure"
    wider = rng.choice(table.at_row(place)) if uneven else None
    for column, cell in enumerate(grid(table)[place]):
        if cell is not None:
            yield _cell(replace(cell, column_span=cell.column_span + 1) if cell is wider else cell, look, rng)
        elif look.padded and column in above:
            yield f"<td{_span('colspan', above[column].column_span)}></td>"


def _cell(cell: PrintedCell, look: HtmlLook, rng: random.Random) -> str:
    text = cell.text.strip("　") if look.word else cell.text
    inner = _letters(text) if look.letter_spans else escape(text)
    if look.line_breaks and cell.kind == "head" and 3 < len(text) < 12:
        inner = escape(text[: len(text) // 2]) + "<br />" + escape(text[len(text) // 2 :])
    inner = inner or look.blank
    down = "" if look.padded else _span("rowspan", cell.row_span)
    attributes = _span("colspan", cell.column_span) + down
    if look.word:
        width = rng.choice((48, 52, 60)) * cell.column_span
        return (
            f"<td width={width}{attributes} style='width:{width}pt;border:solid windowtext 1pt;padding:0cm 5.4pt'>\n"
            f"<p class=MsoNormal align=center><span lang=EN-US style='font-size:9.0pt'>{inner}</span>"
            "<o:p></o:p></p></td>\n"
        )
    if look.editor:
        align = "" if cell.kind == "label" else ' align="center"'
        attributes += f' nowrap="nowrap" style="width:{48 * cell.column_span}px;"'
        inner = f"<p{align}>{inner}</p>"
    tag = "th" if look.th and cell.kind in ("head", "title") else "td"
    return f"<{tag}{attributes}>{inner}</{tag}>"


def _span(name: str, count: int) -> str:
    return f' {name}="{count}"' if count > 1 else ""


def _letters(text: str) -> str:
    return "".join(f"<span>{escape(character)}</span>" for character in text)
