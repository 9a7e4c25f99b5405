"""What elements mean for text: which part lines, which make tables, and which the page does not show."""

from __future__ import annotations

import re

from pipeline.readers.html_tokens import Token, attributes

_BLOCK_NAMES = """
address article aside blockquote body br caption center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5
h6 header hr legend li main nav ol option p pre section select summary title ul
"""
_VOID_NAMES = "area base br col embed hr img input link meta param source track wbr"
BLOCKS = frozenset(_BLOCK_NAMES.split())
PARTS = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th"})
_VOID = frozenset(_VOID_NAMES.split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_MAYBE_HIDDEN = re.compile("hid|display", re.IGNORECASE)


def step(token: Token) -> int:
    """1 for a start tag, -1 for an end tag."""
    return 1 if token.kind == "open" else -1


class Hidden:
    """Knows whether the tokens that pass stand within an element that the page does not show."""

    def __init__(self) -> None:
        self.tables_seen = False
        self._name = ""
        self._depth = 0
        self._tables = 0

    def covers(self, token: Token) -> bool:
        """Whether to leave a token out."""
        if not self._name:
            return token.kind == "open" and self._begins(token)
        if token.kind == "text":
            return True
        if self._ends_before(token):
            self._name = ""
            return token.kind == "open" and self._begins(token)
        self._tables += step(token) if token.name == "table" else 0
        self.tables_seen = self.tables_seen or token.name == "table"
        if token.name == self._name and (not self._tables or token.name not in PARTS or token.name == "table"):
            self._depth += step(token)
            if not self._depth:
                self._name = ""
        return True

    def _begins(self, token: Token) -> bool:
        if not _MAYBE_HIDDEN.search(token.rest) or token.name in _VOID:
            return False
        given = attributes(token.rest)
        if "hidden" not in given and not _HIDDEN.search(given.get("style", "")):
            return False
        self._name, self._depth, self._tables = token.name, 1, int(token.name == "table")
        self.tables_seen = self.tables_seen or token.name == "table"
        return True

    def _ends_before(self, token: Token) -> bool:
        """Whether the hidden element ends without an end tag of its own, because this token cannot stand in it."""
        if self._tables or token.name not in PARTS:
            return self._name == "p" and token.kind == "open" and token.name in BLOCKS and token.name != "br"
        if token.name == "table":
            return token.kind == "close" and self._name != "table"
        if self._name == "tr":
            return token.name not in ("td", "th") and token.kind == "open"
        if self._name in ("tbody", "thead", "tfoot"):
            return False
        return token.kind == "open" or token.name != self._name
