"""HTML source to tokens with their exact places.

lxml and selectolax give no character offsets, and html.parser (which does) takes minutes over 100 KB of `<a <a <a`
on the Pythons that we support; a record's figures must point at the source and reports are hostile input. Hence this
scanner: it never looks at a character more often than a fixed number of times, and follows the tokenizer of the HTML
standard as far as tables and text need it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

# Possessive, and blind beyond the next angle bracket: linear.
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)((?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+')*+)>")
_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)")
_ATTRIBUTE = re.compile(r"([a-zA-Z][a-zA-Z-]*+)(?:\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++))?+")
_RAW = frozenset({"script", "style", "textarea", "noscript", "iframe", "xmp", "noembed", "noframes", "template", "svg"})


class Token(NamedTuple):
    """A piece of the source: source[start:end]. `name` is the tag's in lower case; `rest` its attributes as written."""

    kind: Literal["text", "open", "close"]
    start: int
    end: int
    name: str = ""
    rest: str = ""


def tokens(source: str) -> Iterator[Token]:
    """The texts and tags of a page in order; comments, declarations, scripts, styles and text areas are left out."""
    finder = _Finder(source)
    at, length = 0, len(source)
    while at < length:
        bracket = finder.find("<", at)
        if bracket > at:
            yield Token("text", at, bracket)
        if bracket >= length:
            return
        match = _TAG.match(source, bracket)
        token = _tag(match) if match else _odd(source, bracket, finder)
        if token.kind == "open" and token.name in _RAW:
            at = _raw_end(token, finder)
            continue
        if token.name or token.kind == "text":
            yield token
        at = token.end


def attributes(rest: str) -> dict[str, str]:
    """A tag's attributes by lower-case name, entities decoded; the first of a name counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(rest):
        value = match[2] or ""
        found.setdefault(match[1].lower(), unescape(value[1:-1] if value[:1] in ("'", '"') else value))
    return found


def unescape(text: str) -> str:
    """The text with its character references decoded; as it stands where one of them is absurd."""
    if "&" not in text:
        return text
    try:
        return html.unescape(text)
    except (ValueError, OverflowError):  # a reference of thousands of digits
        return text


def _raw_end(token: Token, finder: _Finder) -> int:
    """Where the content of an element ends that holds no text to show; pages forget to close the harmless ones."""
    end = finder.closing(token.name, token.end)
    if token.name in ("script", "style"):
        return end
    return token.end if token.rest.endswith("/") or end == finder.length else end


def _tag(match: re.Match[str]) -> Token:
    return Token("close" if match[1] else "open", match.start(), match.end(), match[2].lower(), match[3])


def _odd(source: str, at: int, finder: _Finder) -> Token:
    """A comment, a declaration, a tag with brackets in its attributes or without end, or a mere `<` (a text token)."""
    if source.startswith("<!--", at):
        end = finder.find("-->", at + 2)
        return Token("close", at, min(end + 3, len(source)))
    match = _NAME.match(source, at)
    if match is None:
        if source[at + 1 : at + 2] in ("!", "?", "/") and source[at + 1 : at + 2]:
            return Token("close", at, min(finder.find(">", at + 1) + 1, len(source)))
        return Token("text", at, at + 1)
    end = _tag_end(source, match.end(), finder)
    kind: Literal["open", "close"] = "close" if match[1] else "open"
    return Token(kind, at, end, match[2].lower(), source[match.end() : end - 1])


def _tag_end(source: str, at: int, finder: _Finder) -> int:
    """The end of a tag whose attribute values may hold `<` and `>` between quotes."""
    length = len(source)
    while at < length:
        close = finder.find(">", at)
        quote = min(finder.find('="', at), finder.find("='", at))
        if close < quote or close >= length:
            return min(close + 1, length)
        ending = finder.find(source[quote + 1], quote + 2)
        # A quote that nothing closes is a slip of the pen, not the rest of the page.
        at = ending + 1 if ending < length else close
        if at == close:
            return close + 1
    return length


class _Finder:
    """`str.find` for growing positions that never searches the same stretch twice; the source's length for "none"."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.length = len(source)
        self._next: dict[str, int] = {}
        self._closing: dict[str, int] = {}

    def find(self, mark: str, at: int) -> int:
        known = self._next.get(mark, -1)
        if known < at:
            known = self._source.find(mark, at)
            self._next[mark] = known = len(self._source) if known < 0 else known
        return known

    def closing(self, name: str, at: int) -> int:
        """Where the end tag of a raw text element begins."""
        known = self._closing.get(name, -1)
        if known < at:
            match = re.compile(f"</{name}(?![a-z])", re.IGNORECASE).search(self._source, at)
            self._closing[name] = known = match.start() if match else len(self._source)
        return known
