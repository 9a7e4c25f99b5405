"""The pages as HTML: queue, document and overview, in English or Chinese.

Every text of a report is a stranger's: the templates escape all they are given, and what scripts need comes as JSON.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from pipeline.html_page import render
from pipeline.review import queue
from pipeline.review.overview import overview
from pipeline.review.small_multiples import size
from pipeline.storage import Store

LANGUAGES = ("en", "zh")
_TAGS = {"en": "en", "zh": "zh-Hans"}


class Visit(NamedTuple):
    """What a page must know of the request: the language of its interface, its token against forged writes, and who
    looks at it."""

    language: str
    csrf: str
    who: str


def language_of(cookie: str | None, accepted: str | None) -> str:
    """The language of the interface: what the cookie says, else the first that the browser asks for and we have."""
    if cookie in LANGUAGES:
        return cookie
    for part in (accepted or "").split(","):
        if (asked := part.split(";")[0].strip().lower()[:2]) in LANGUAGES:
            return asked
    return "en"


def queue_page(store: Store, query: Mapping[str, str], visit: Visit) -> str:
    """The queue under the filters in the query of the address (`form`, `year`, `agency`, `cause`, `q`, `status`,
    `page`)."""
    filters = queue.read_filters(query)
    asked = query.get("page", "1")
    found = queue.find(store, filters, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1)
    return _render("queue.html", visit, filters=filters, found=found, choices=queue.choices(store))


def document_page(store: Store, document: str, query: Mapping[str, str], visit: Visit) -> str | None:
    """The page of one document, whose cells its script asks for; None where the store has no such document. The query
    holds the filters of the queue that one comes from."""
    row = queue.about(store, document)
    if row is None:
        return None
    filters = queue.read_filters(query)
    following = queue.next_document(store, row, filters)
    return _render("document.html", visit, row=row, filters=filters, following=following)


def overview_page(store: Store, query: Mapping[str, str], visit: Visit) -> str:
    """How far reviewing has come, what holds reports back, and figures over the years of the agencies that `agency` and
    `page` in the query ask for."""
    asked = query.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    seen = overview(store, query.get("agency", "").strip()[:200], page, strings(visit.language))
    return _render("overview.html", visit, seen=seen, size=size())


@lru_cache(maxsize=len(LANGUAGES))
def strings(language: str) -> dict[str, str]:
    """The texts of the interface in a language, by their keys."""
    text = files("pipeline.review").joinpath("strings.csv").read_text(encoding="utf-8")
    return {line["key"]: line[language] for line in csv.DictReader(text.splitlines())}


def _render(template: str, visit: Visit, **values: Any) -> str:
    t = strings(visit.language)
    return render("pipeline.review", template, t=t, visit=visit, tag=_TAGS[visit.language], **values)
