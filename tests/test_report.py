"""The report of an evaluation: figures where they belong, nothing unescaped, nothing from elsewhere, in a browser."""

from __future__ import annotations

import base64
import copy
import html
import io
import re
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from corpora import read_corpus
from evaluation.cell_pictures import picture_cells
from evaluation.changes import ALL, compare
from evaluation.plots import exact_interval, learning, reliability, risk_coverage, shares
from evaluation.reading import read_document
from evaluation.report import write_report
from evaluation.report_parts import figure, share
from evaluation.run import Evaluation
from pipeline.extract import load_model

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"
EVIL = "<script>document.title='owned'</script><img src=http://leak.invalid/x.png>"
VOID = {"meta", "img", "br", "link", "path", "use", "rect", "input", "hr"}
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def evaluation() -> dict[str, Any]:
    """Three samples (PDF, HTML, text) read by the model that ships; the gold of each is made wrong in two fields, and
    the PDF's names are an attack."""
    model = load_model()
    chosen = [one for one in read_corpus(SAMPLES) if one.id.startswith(("qinghe", "wangji", "yanting"))]
    readings = []
    for document in chosen:
        names = [name for name, value in document.values.items() if value][:2]
        spoilt = {**document.values, **{name: (document.values[name] or 0) + 1000 for name in names}}
        if document.source.suffix == ".pdf":
            document = replace(document, id=f"pdf {EVIL}", agency=EVIL, meta={"layout": EVIL, "split": "test"})
        readings.append(read_document(replace(document, values=spoilt), model))
    versions = {"nianbao": "1", "model": f"rows {EVIL}", "forms": "1"}
    return Evaluation((EVIL,), None, tuple(readings), (), 0.99, versions, 0).to_dict()


@pytest.fixture(scope="module")
def page(evaluation: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("report") / "report.html"
    write_report(evaluation, out, before=_better(evaluation), rivals=RIVALS, unseen=UNSEEN)
    return out.read_text(encoding="utf-8")


def _better(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The evaluation as it would be with every field right."""
    before = copy.deepcopy(dict(evaluation))
    for one in before["documents"]:
        one.update(right=one["fields"], exact=True, silent=0, flagged=0, extra=0)
    return before | {"wrong": [], "commit": "0123456789ab"}


_TOTALS = {"documents": 2, "unread": 1, "exact_fields": 0.5, "exact_tables": 0.25, "exact_reports": 0.125}
RIVALS = {
    "machine": {"cores": 2},
    "corpus": "labelled",
    "split": "test",
    "commit": None,
    "groups": {
        "pdf": [
            {
                "name": name,
                "setting": EVIL,
                "version": "1.0",
                "skipped": None,
                "totals": _TOTALS | {"silent": 7, "extra": 4},
                "milliseconds": 10.0**place,
                "failures": {},
            }
            for place, name in enumerate(("nianbao", "slow", "slower"))
        ]
        + [{"name": "absent", "setting": "", "version": None, "skipped": "it is not installed"}],
    },
}


def _unseen_layout(name: str, *exact: float | None) -> dict[str, Any]:
    shots = {
        str(step): None if value is None else {"exact_fields": value} for step, value in zip((0, 5), exact, strict=True)
    }
    return {"layout": name, "format": "pdf", "irregular": name == EVIL, "documents": 3, "shots": shots}


UNSEEN = {
    "corpora": [EVIL],
    "commit": None,
    "steps": [0, 5],
    "layouts": [_unseen_layout("one", 0.75, 1.0), _unseen_layout(EVIL, 0.5, None)],
    "totals": {
        "0": {"all": {"layouts": 1, "exact_fields": 0.75, "silent": 2}, "irregular": {"layouts": 0}},
        "5": {"all": {"layouts": 1, "exact_fields": 1.0}, "irregular": {"layouts": 0}},
    },
    "zero_shot": {"all": {"layouts": 2, "exact_fields": 0.625}, "irregular": {"layouts": 1, "exact_fields": 0.5}},
}


class _Page(HTMLParser):
    """Every tag with its attributes, the text, and the table rows by section."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _section(page: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">(.*?)</section>', page, re.S)
    assert found, f"there is no section {name}"
    return found[1]


def _rows(markup: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", markup, re.S)
    return [[html.unescape(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)] for row in rows]


def test_text_is_escaped_and_nothing_comes_from_elsewhere(page: str) -> None:
    found = _Page(page)
    names = [tag for tag, _ in found.tags]
    assert EVIL in found.text
    assert "leak.invalid" not in re.sub(re.escape(html.escape(EVIL)), "", page.replace("&#39;", "&#x27;"))
    assert not {"script", "link", "iframe", "object", "base", "form"} & set(names)
    assert all(attributes["src"].startswith("data:image/png;base64,") for tag, attributes in found.tags if tag == "img")
    links = [attributes[key] for _, attributes in found.tags for key in ("href", "xlink:href") if key in attributes]
    assert links
    assert all(link.startswith("#") for link in links)
    assert all(target.startswith("#") for target in re.findall(r"url\(['\"]?([^)]*)", page))
    assert not [key for _, attributes in found.tags for key in attributes if key.startswith("on")]


def test_the_same_input_gives_the_same_bytes(evaluation: dict[str, Any], page: str, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path / "again.html", before=_better(evaluation), rivals=RIVALS, unseen=UNSEEN)
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_figures_stand_where_they_belong(evaluation: dict[str, Any], page: str) -> None:
    totals = evaluation["totals"]
    rows = {row[0]: row for row in _rows(_section(page, "summary"))}
    exact = totals["exact_fields"]
    assert 0.9 < exact["value"] < 1
    assert rows["exact fields"][2:] == [
        f"{100 * exact['value']:.2f} %",
        f"{100 * exact['low']:.2f} to {100 * exact['high']:.2f} %",
    ]
    assert rows["exact reports"][2] == "0.00 %"
    assert {row[0]: row[1] for row in _rows(_section(page, "layouts"))}[EVIL] == "1"
    splits = [row for row in _rows(_section(page, "groups")) if row[0] == "test"]
    assert [row[1] for row in splits] == ["1"]
    assert "By form" in page
    assert "No threshold was chosen" in page


def test_says_what_the_corpus_is(evaluation: dict[str, Any], page: str) -> None:
    text = _Page(page).text
    made = [one for one in evaluation["documents"] if "seed" in (Path(one["source"]).parent / "meta.json").read_text()]
    assert f"{len(made)} made by corpora/synthesis" in text
    assert "These figures include documents of" in text
    assert f"rows {EVIL} (nianbao 1, forms 1)" in text


def test_every_wrong_field_is_told_and_pictures_are_limited(evaluation: dict[str, Any], tmp_path: Path) -> None:
    wrong = evaluation["wrong"]
    assert len(wrong) >= 6
    assert {Path(one["source"]).suffix for one in wrong} == {".pdf", ".html", ".txt"}
    write_report(evaluation, tmp_path / "all.html")
    write_report(evaluation, tmp_path / "two.html", pictures=2)
    full, cut = (_section((tmp_path / name).read_text(encoding="utf-8"), "wrong") for name in ("all.html", "two.html"))
    assert full.count("<article") == len(wrong)
    assert cut.count("<article") == 2
    assert f"{len(wrong) - 2} more are left out of the pictures" in cut
    assert "more are left out" not in full
    assert len(_rows(cut)) == 1 + len(wrong) - 2
    for one in wrong:
        assert f"<dd>{one['gold']}</dd>" in full
        assert f"<dd>{one['value']}</dd>" in full


def test_silent_errors_come_before_flagged_ones(evaluation: dict[str, Any], tmp_path: Path) -> None:
    spoilt = copy.deepcopy(evaluation)
    for place, one in enumerate(spoilt["wrong"]):
        silent = place == len(spoilt["wrong"]) - 1
        one.update(kind="silent" if silent else "flagged", accepted=silent)
    write_report(spoilt, tmp_path / "report.html", pictures=1)
    shown = _section((tmp_path / "report.html").read_text(encoding="utf-8"), "wrong")
    assert shown.count("<article") == 1
    assert f"<code>{spoilt['wrong'][-1]['field']}</code>" in shown.split("<article")[1].split("</article>")[0]


def test_an_evaluation_without_rows_facts_or_wrong_fields(evaluation: dict[str, Any], tmp_path: Path) -> None:
    bare = copy.deepcopy(evaluation) | {"wrong": [], "facts": {"gold": 0, "names": {}, "wrong": []}}
    bare["rows"] = {"labels": [], "confusion": [], "columns": None, "f1": None}
    bare["calibration"] |= {"bins": [], "risk_coverage": [], "ece": None, "aurc": None}
    write_report(bare, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "None: every field is right." in _section(page, "wrong")
    assert "keep no row labels" in _section(page, "rows")
    assert "<svg" not in _section(page, "calibration")
    assert 'id="facts"' not in page


def test_rivals_stand_beside_with_speed_and_what_did_not_run(page: str) -> None:
    section = _section(page, "rivals")
    rows = _rows(section)
    assert rows[1][:1] + rows[1][2:] == ["nianbao 1.0", "50.00 %", "25.00 %", "12.50 %", "11", "1", "0", "1.0"]
    assert "absent: it is not installed" in section
    assert "milliseconds a document" in section


def test_unseen_layouts_by_documents_learned_from(page: str) -> None:
    rows = {tuple(row[:2]): row[2:] for row in _rows(_section(page, "unseen"))}
    assert rows["all", "zero-shot, every layout"][:3] == ["2", "–", "62.50 %"]
    assert rows["all", "zero-shot"] == ["1", "–", "75.00 %", "–", "–", "2", "–"]
    assert rows["all", "5"][2] == "100.00 %"
    assert rows["irregular", "zero-shot, every layout"][2] == "50.00 %"
    assert ("irregular", "5") not in rows
    assert rows["one", "pdf"] == ["3", "75.00 %", "100.00 %"]
    assert rows[EVIL, "pdf, irregular"] == ["3", "50.00 %", "–"]


def test_changes_are_paired_sorted_and_of_the_same_documents(evaluation: dict[str, Any], page: str) -> None:
    before = _better(evaluation)
    found = compare(before, evaluation)
    assert not found.better
    assert {one.metric for one in found.worse if one.scope == ALL} >= {"exact_fields", "exact_reports"}
    assert [abs(one.gain) for one in found.worse] == sorted((abs(one.gain) for one in found.worse), reverse=True)
    assert len(found.now_wrong) == len(evaluation["wrong"])
    assert compare(evaluation, before).better == tuple(
        replace(one, before=one.after, after=one.before, difference=other.difference)
        for one, other in zip(found.worse, compare(evaluation, before).better, strict=True)
    )
    assert "0123456789ab" in _section(page, "changes")
    fewer = {**before, "documents": before["documents"][:2]}
    both = compare(fewer, evaluation)
    assert (both.both, both.only_before, both.only_after) == (2, 0, 1)
    assert {one["document"] for one in both.now_wrong} <= {one["id"] for one in fewer["documents"]}


def test_a_change_is_beyond_chance_only_of_documents_enough(evaluation: dict[str, Any]) -> None:
    one = {**evaluation["documents"][0], "fields": 10, "exact": False, "silent": 0, "extra": 0, "accepted": 10}
    sides = [
        {**evaluation, "wrong": [], "documents": [{**one, "id": str(n), "right": right} for n in range(count)]}
        for count, right in ((12, 4), (12, 8), (3, 4), (3, 8))
    ]
    many = next(change for change in compare(*sides[:2]).better if change.metric == "exact_fields")
    few = next(change for change in compare(*sides[2:]).better if change.metric == "exact_fields")
    assert (many.before, many.after, many.documents, many.beyond_chance) == (0.4, 0.8, 12, True)
    assert (many.difference.low, many.difference.high) == (pytest.approx(0.4), pytest.approx(0.4))
    assert (few.documents, few.beyond_chance) == (3, False)


def test_less_wrong_is_better() -> None:
    document = {"form": "2021", "id": "a", "layout": "x", "fields": 10, "right": 9, "accepted": 10, "extra": 0}
    sides = [{"documents": [{**document, "exact": False, "silent": silent}], "wrong": []} for silent in (2, 1)]
    totals = {"totals": {}, "groups": {"layout": {}}}
    found = compare(totals | sides[0], totals | sides[1])
    assert {(one.metric, round(one.gain, 9)) for one in found.better} == {("silent_rate", 0.1)}
    assert not found.worse


def _pdf_field(evaluation: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(one for one in evaluation["wrong"] if one["source"].endswith(".pdf"))


def test_the_picture_shows_the_page_around_the_framed_box(evaluation: dict[str, Any]) -> None:
    one = _pdf_field(evaluation)
    (picture,) = picture_cells([(one["source"], one["location"])])
    assert not picture.problem
    image = Image.open(io.BytesIO(base64.b64decode(picture.image.partition(",")[2]))).convert("RGB")
    x0, _, x1, _ = one["location"]["box"]
    assert x1 - x0 < picture.width <= 595
    pixels = np.asarray(image)
    rows, columns = np.nonzero((pixels[:, :, 0] > 180) & (pixels[:, :, 2] < 60))
    assert max(columns) - min(columns) == pytest.approx(2 * (x1 - x0) + 6, abs=3)
    inside = pixels[min(rows) + 4 : max(rows) - 3, min(columns) + 4 : max(columns) - 3]
    assert inside.min() < 128, "the figure is not inside the frame"


def test_the_text_around_a_span_is_shown_with_the_span_marked(tmp_path: Path) -> None:
    text = "政府信息公开工作年度报告\n三、收到申请\t12\t3\n" + "其余" * 200
    (tmp_path / "source.txt").write_text(text, encoding="utf-8")
    start = text.index("12")
    (found,) = picture_cells([(str(tmp_path / "source.txt"), {"page": 1, "box": None, "span": [start, start + 2]})])
    assert found.before == text[:start]
    assert found.marked == "12"
    assert found.after.startswith("\t3\n其余")
    assert found.after.endswith("…")


def test_html_is_quoted_as_a_browser_shows_it(tmp_path: Path) -> None:
    source = (
        "<html><head><style>td{color:red}</style></head><body><!-- note <td>9</td> --><table>"
        "<tr><td><p>信息</p><p>内容</p></td><td>本年&nbsp;数量</td></tr>\n"
        "<tr><td>规章</td><td class='a'><b>12</b></td><td>a &lt; b</td></tr><tr><td>下</td></tr></table></body></html>"
    )
    (tmp_path / "source.html").write_text(source, encoding="utf-8")
    start = source.index("<b>12")
    (found,) = picture_cells([(str(tmp_path / "source.html"), {"page": 1, "span": [start, start + len("<b>12</b>")]})])
    assert found.before.endswith("信息 内容 | 本年 数量 |\n规章 | ")
    assert "color" not in found.before
    assert "9" not in found.before
    assert found.marked == "12"
    assert found.after.startswith(" | a < b |")
    assert found.after.rstrip().endswith("下 |")


@pytest.mark.parametrize(
    ("location", "said"),
    [
        (None, "names no place"),
        ({"page": 1, "box": None, "span": None}, "names no place"),
        ({"page": 1, "box": [0, 0, float("nan"), 5]}, "not in this source"),
        ({"page": 1, "box": [9000, 9000, 9010, 9010]}, "not in this source"),
        ({"page": 1, "box": ["x"]}, "not in this source"),
        ({"page": 99, "box": [1, 1, 5, 5]}, "no page 99"),
        ({"page": 1, "box": [1e308, 0, 1e308, 5]}, "not in this source"),
        ({"page": 1, "box": {"a": 1}}, "not in this source"),
        ({"page": 1, "span": [5, 9]}, "not in this source"),
    ],
)
def test_a_place_that_cannot_be_shown_says_so(evaluation: dict[str, Any], location: Any, said: str) -> None:
    (found,) = picture_cells([(_pdf_field(evaluation)["source"], location)])
    assert said in found.problem
    assert not found.image


def test_a_source_that_is_gone_or_hostile_says_so(tmp_path: Path) -> None:
    (tmp_path / "source.pdf").write_bytes(b"%PDF-1.4 broken")
    place = {"page": 1, "box": [1, 1, 5, 5], "span": [0, 3]}
    gone, broken = picture_cells([(str(tmp_path / "none.pdf"), place), (str(tmp_path / "source.pdf"), place)])
    assert "is not there" in gone.problem
    assert broken.problem
    (tmp_path / "source.txt").write_text("一二三", encoding="utf-8")
    spans = ([0, 99], [-1, 2], [2, 1], ["a", 2], [0])
    found = picture_cells([(str(tmp_path / "source.txt"), {"page": 1, "span": span}) for span in spans])
    assert all("not in this source" in one.problem for one in found)


def test_plots_of_nothing_are_nothing_and_names_are_escaped() -> None:
    assert (reliability([]), risk_coverage([], None), shares([]), learning([], [], [])) == ("", "", "", "")
    row = {"name": "<b>$x^2$ 版式", "documents": 3, "fields": (0.5, 0.25, 0.75), "reports": (1.0, 0.3, 1.0)}
    svg = shares([row])
    assert "&lt;b&gt;$x^2$ 版式 (3)" in svg
    assert "<b>" not in svg
    assert "#010203" not in svg
    bins = [{"low": 0.9, "high": 1.0, "mean": 0.95, "right": 0.5, "count": 12345}]
    assert "12,345" in reliability(bins)


def test_intervals_of_shares() -> None:
    assert exact_interval(0, 0) == (0.0, 1.0)
    assert exact_interval(10, 10) == (pytest.approx(0.69150, abs=1e-5), 1.0)
    assert exact_interval(0, 10) == (0.0, pytest.approx(0.30850, abs=1e-5))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0.00 %"),
        (1.0, "100.00 %"),
        (0.9585, "95.85 %"),
        (0.99996, "99.9960 %"),
        (0.000146, "0.015 %"),
        (1 - 1e-7, "99.999990 %"),
    ],
)
def test_a_share_never_rounds_to_all_or_nothing(value: float | None, text: str) -> None:
    assert share(value) == text


def test_counts_are_written_as_counts() -> None:
    assert figure("silent", 1234.0) == "1,234"
    assert figure("exact_fields", 0.5) == "50.00 %"


_OF_THE_BROWSER = re.compile(rb"(google|googleapis|gstatic|gvt1)\.com")  # its clock and updates


@contextmanager
def _listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server that takes every name's place: its port, and the beginning of all that is sent to it, which names the
    host in HTTP and in TLS alike."""
    asked: list[bytes] = []

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(0.3)
            parts = []
            with suppress(TimeoutError, ConnectionError):
                while part := self.request.recv(65536):
                    parts.append(part)
            asked.append(b"".join(parts))
            with suppress(ConnectionError):
                self.request.sendall(b"HTTP/1.0 404 Not Found\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], asked
        server.shutdown()


def _open_in_chromium(page: Path, port: int, folder: Path) -> str:
    """The page's document after loading, with every host of the world answered by the listener."""
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += [
        "--disable-component-update",
        "--no-first-run",
        "--disable-sync",
        f"--user-data-dir={folder / 'profile'}",
    ]
    command += [f"--host-resolver-rules=MAP * 127.0.0.1:{port}", "--virtual-time-budget=2000", "--window-size=1280,800"]
    done = subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, timeout=90, check=True)
    return done.stdout.decode("utf-8")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_in_chromium_no_request_leaves_the_page_and_markup_shows_as_text(page: str, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    (tmp_path / "leak.html").write_text("<p><img src='http://leak.invalid/seen.png'>", encoding="utf-8")
    with _listener() as (port, asked):
        shown = _open_in_chromium(tmp_path / "report.html", port, tmp_path)
        leaked = [sent for sent in asked if sent and not _OF_THE_BROWSER.search(sent)]
        _open_in_chromium(tmp_path / "leak.html", port, tmp_path)
    assert leaked == []
    assert any(b"seen.png" in sent for sent in asked), "the listener would not have seen a request"
    found = _Page(shown)
    assert "script" not in [tag for tag, _ in found.tags]
    assert EVIL in found.text
    assert "<title>nianbao evaluation</title>" in shown
