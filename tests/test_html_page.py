"""The pages that commands write: one base, one policy, every text escaped."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from pipeline.bulk.summary import Summary
from pipeline.bulk.summary_page import Example
from pipeline.bulk.summary_page import write_page as write_summary
from pipeline.compare.index import Found
from pipeline.compare.to_page import write_index, write_pairs
from pipeline.findings.check import Tally
from pipeline.findings.to_page import write_page as write_findings
from pipeline.html_page import render

EVIL = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}"
PAGES = {  # templates that commands fill, by their package
    "pipeline.bulk": ["summary.html"],
    "pipeline.findings": ["findings.html"],
    "pipeline.compare": ["index.html", "pairs.html"],
    "evaluation": ["report.html"],
}


class Tags(HTMLParser):
    """The tags of a page in their order, and the text of each kind of tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        tag = self.tags[-1][0] if self.tags else ""
        self.texts[tag] = self.texts.get(tag, "") + data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def summary(path: Path) -> None:
    told = Summary(f"sqlite:///{EVIL}", total=1, converted=1, retry=EVIL)
    told.statuses["failed"] = 1
    told.causes["failed", EVIL] = 1
    write_summary(path, told, [(EVIL, 2022, "failed", 1)], {EVIL: [Example(EVIL, EVIL)]})


def findings(path: Path) -> None:
    write_findings([], path, Tally(unmatched=[EVIL]))


def pairs(path: Path) -> None:
    write_pairs(path, EVIL, [], shown=1, bodies=9)


def index(path: Path) -> None:
    write_index(path, Found(), 0.5, {})


@pytest.mark.parametrize("write", [summary, findings, pairs, index])
def test_a_written_page_has_one_head_and_policy_and_runs_nothing(tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path / "page.html")
    page = Tags((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert [page.count(tag) for tag in ("title", "style", "main", "h1")] == [1, 1, 1, 1]
    assert page.count("script") == page.count("img") == page.count("link") == 0
    policies = [one["content"] for _, one in page.tags if one.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page.tags
    assert all(not name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_a_title_is_text(tmp_path: Path) -> None:
    pairs(tmp_path / "page.html")
    page = Tags((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert page.texts["title"].strip() == f"nianbao compare: {EVIL}"
    assert EVIL in page.texts["span"]


@pytest.mark.parametrize(("package", "name"), [(package, name) for package in PAGES for name in PAGES[package]])
def test_every_page_extends_the_base_and_marks_nothing_safe(package: str, name: str) -> None:
    folder = files(package).joinpath("templates")
    assert folder.joinpath(name).read_text(encoding="utf-8").startswith('{% extends "page.html" %}\n')
    for template in folder.iterdir():
        assert "safe" not in template.read_text(encoding="utf-8").replace("safe-inline", ""), template.name


def test_a_value_that_is_missing_is_an_error_and_no_blank() -> None:
    with pytest.raises(UndefinedError, match="'title' is undefined"):
        render("pipeline.compare", "pairs.html")


def test_shares_and_numbers_are_written_alike(tmp_path: Path) -> None:
    told = Summary("sqlite:///s", total=2468, converted=1234)
    told.statuses.update(accepted=1233, failed=1)
    write_summary(tmp_path / "s.html", told, [], {})
    text = (tmp_path / "s.html").read_text(encoding="utf-8")
    assert "<h1>1,234 of 2,468 documents</h1>" in text
    assert '<b>1,233</b>accepted <span class="soft">99.9 %</span>' in text
