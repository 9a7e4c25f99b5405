"""What the review page shows, without a browser: the tables as printed, sources in pieces, queue and overview."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jinja2")

from pipeline.corrections import Change
from pipeline.datamodel import Source
from pipeline.forms import load_forms
from pipeline.readers import open_source
from pipeline.review import pages, queue
from pipeline.review.arrangement import arrangement
from pipeline.review.overview import overview
from pipeline.review.small_multiples import outliers
from pipeline.review.source_view import MAX_TEXT, source_view
from pipeline.storage import Store, open_store
from tests import postgres

CORPUS = Path(__file__).parents[1] / "corpora" / "documents"
ENGLISH = pages.Visit("en", "word", "李审")
EVIL = "<b>&\"'{{ 1 }}</b>"


def record(number: int, **given: Any) -> dict[str, Any]:
    """A record of the 2021 form in which every cell says `value`; those that `doubtful` names are not accepted."""
    doubtful, value = given.pop("doubtful", ()), given.pop("value", 0)
    fields = {
        name: {
            "value": value, "state": "printed", "raw": str(value), "confidence": 0.9 if name in doubtful else 1.0,
            "accepted": name not in doubtful, "location": None, "candidates": [], "because": [],
        }
        for name in load_forms()["2021"].fields
    }  # fmt: skip
    said = {
        "schema": "nianbao.record/1", "form": "2021", "agency": "松霁市", "year": 2021, "title": f"Report {number}",
        "source": {"path": f"/{number}.txt", "sha256": f"{number:064x}", "media_type": "text/plain", "pages": 1},
        "status": "needs_review" if doubtful else "accepted", "fields": fields, "facts": {}, "sections": [],
        "checks": [], "problems": [], "versions": {"nianbao": "0", "model": "0", "forms": "1"},
    }  # fmt: skip
    return said | given


@pytest.fixture
def store(tmp_path: Path):
    with open_store(f"sqlite:///{tmp_path / 'nianbao.sqlite'}") as store:
        yield store


# The tables of a form


@pytest.mark.parametrize("form", list(load_forms()))
def test_every_field_of_a_form_stands_in_its_tables_once_and_every_identity_somewhere(form):
    shown = arrangement(form)
    cells = [cell for table in shown["tables"] for line in table["lines"] for cell in line["cells"]]
    assert [cell["field"] for cell in cells if "field" in cell] == list(load_forms()[form].fields)
    placed = [one for cell in cells for one in cell.get("checks", ())]
    assert sorted(placed) == sorted(one.id for one in load_forms()[form].identities)
    assert set(shown["labels"]) == set(load_forms()[form].fields)


@pytest.mark.parametrize("form", list(load_forms()))
def test_the_spans_of_a_table_leave_no_hole_and_nothing_overlaps(form):
    for table in arrangement(form)["tables"]:
        taken: dict[tuple[int, int], int] = {}
        for down, line in enumerate(table["lines"]):
            right = 0
            for cell in line["cells"]:
                while (down, right) in taken:
                    right += 1
                for row in range(down, down + cell.get("rows", 1)):
                    for column in range(right, right + cell.get("columns", 1)):
                        assert taken.setdefault((row, column), down) == down, (table["name"], cell)
        figures = [[at for at in range(40) if (down, at) in taken] for down in range(len(table["lines"]))]
        assert all(row == list(range(len(row))) for row in figures), table["name"]


def test_the_heads_and_groups_of_the_table_of_applications_are_those_that_are_printed():
    table = arrangement("2021")["tables"][1]
    assert table["title"] == {"zh": "收到和处理政府信息公开申请情况", "en": "Requests received and handled"}
    heads = [[cell["text"] for cell in line["cells"] if "text" in cell] for line in table["lines"][:3]]
    assert heads[0][1:] == ["申请人情况"]
    assert heads[1] == ["自然人", "法人或其他组织", "总计"]
    assert heads[2] == ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    groups = {
        cell["text"]: cell["rows"] for line in table["lines"] for cell in line["cells"] if cell.get("head") == "group"
    }
    assert groups == {
        "三、本年度办理结果": 22, "（三）不予公开": 8, "（四）无法提供": 3, "（五）不予处理": 5, "（六）其他处理": 3,
    }  # fmt: skip


def test_rows_below_rows_are_indented_and_groups_said_once():
    (table,) = arrangement("pre2019")["tables"]
    sections = [cell["text"] for line in table["lines"] for cell in line["cells"] if cell.get("head") == "section"]
    assert len(sections) == len(set(sections))
    assert sections[0] == "一、主动公开情况"
    labels = {line["row"]: line["cells"][0] for line in table["lines"] if line["row"]}
    assert labels["requests.received.total"]["indent"] == 1
    assert labels["requests.received.online"] == {"text": "3.网络申请数", "head": "row", "indent": 2}


def test_a_document_without_a_form_has_no_tables():
    assert arrangement(None) == {"tables": [], "identities": [], "labels": {}}


# The source


def shown_text(block: dict[str, Any]) -> str:
    return "".join(piece[0] for piece in block["text"])


def test_pieces_of_a_page_stand_for_their_characters():
    text = "<p>一&nbsp;二<b>三</b></p><table><tr><td>规章</td><td> 1<i>2</i> </td></tr></table>"
    view = source_view(open_source("a.html", f"<html><body>{text}</body></html>".encode()))
    pieces = [piece for block in view["blocks"] for piece in block.get("text", ())]
    pieces += [
        piece for block in view["blocks"] for row in block.get("rows", ()) for cell in row for piece in cell["text"]
    ]
    whole = f"<html><body>{text}</body></html>"
    for said, start, end in pieces:
        assert said == (whole[start:end] if "&" not in whole[start:end] else "\xa0")
    assert "".join(piece[0] for piece in pieces).split() == ["一", "二三规章", "12"]


def test_figures_of_a_page_stand_in_the_pieces_that_are_shown():
    folder = next(CORPUS.glob("html-nested-1-000"))
    from pipeline import extract, load_model

    source = open_source(folder / "source.html")
    fields = extract(str(folder / "source.html"), load_model()).to_dict()["fields"]
    view = source_view(source)
    cells = [cell for block in view["blocks"] for row in block.get("rows", ()) for cell in row]
    pieces = [piece for block in (*view["blocks"], *cells) for piece in block.get("text", ())]
    spans = [field["location"]["span"] for field in fields.values() if field["location"]]
    assert len(spans) > 150
    assert all(any(start <= span[0] and span[1] <= end for _, start, end in pieces) for span in spans)


def test_text_is_shown_whole_until_it_is_too_long():
    view = source_view(open_source("a.txt", "松霁市\t1\n".encode()))
    assert view == {"kind": "text", "blocks": [{"text": [("松霁市\t1\n", 0, 6)], "plain": True}], "cut": False}
    view = source_view(open_source("a.txt", b"1 2 3\n" * 100_000))
    assert view["cut"]
    assert len(shown_text(view["blocks"][0])) == MAX_TEXT


def test_pages_are_as_large_as_their_paper():
    view = source_view(open_source(CORPUS / "pdf-landscape-1-000" / "source.pdf"))
    assert view["kind"] == "pages"
    assert view["pages"][0]["width"] > view["pages"][0]["height"]
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (1240, 1754)).save(data, "PNG", dpi=(150, 150))
    view = source_view(Source("a.png", data.getvalue(), "0", "image/png"))
    assert view["pages"][0]["height"] == pytest.approx(841.9, abs=0.5)


# The queue


def test_what_is_worth_most_comes_first_and_what_is_settled_leaves(store: Store):
    names = load_forms()["2021"].fields
    store.save_all([record(1, doubtful=names[:1]), record(2), record(3, doubtful=names[:9], year=2022)])
    found = queue.find(store, queue.Filters())
    assert [(row.title, row.doubtful) for row in found.rows] in (
        [("Report 3", 9), ("Report 1", 1)],
        [("Report 1", 1), ("Report 3", 9)],
    )
    assert [row.worth for row in found.rows] == sorted((row.worth for row in found.rows), reverse=True)
    assert (found.reports, found.cells) == (2, 10)
    version = store.reviewed(f"{1:064x}").version
    store.correct(f"{1:064x}", version, [Change(names[0], "accept")], "李审")
    assert [row.title for row in queue.find(store, queue.Filters()).rows] == ["Report 3"]
    assert [row.title for row in queue.find(store, queue.Filters(status="settled")).rows] == ["Report 1"]


def test_the_next_report_is_the_one_behind_in_the_queue_and_at_the_end_the_first(store: Store):
    names = load_forms()["2021"].fields
    store.save_all([record(number, doubtful=names[:3]) for number in range(1, 5)])
    order = [row.document for row in queue.find(store, queue.Filters()).rows]
    rows = [queue.about(store, one) for one in order]
    assert [queue.next_document(store, row, queue.Filters()) for row in rows] == [*order[1:], order[0]]
    assert queue.next_document(store, rows[0], queue.Filters(year="1999")) is None


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"year": "2022"}, ["Report 3"]),
        ({"agency": "霁"}, ["Report 1"]),
        ({"q": "Report 1"}, ["Report 1"]),
        ({"q": "本年度 加强"}, ["Report 3"]),
        ({"q": "100%"}, []),
        ({"q": "_"}, []),
        ({"q": "requests"}, []),
        ({"cause": "doubtful_field"}, ["Report 1", "Report 3"]),
        ({"cause": "doubtful"}, []),
        ({"form": "2019"}, []),
    ],
)
def test_filters_let_through_what_they_say(store: Store, filters, titles):
    names = load_forms()["2021"].fields[:1]
    prose = [{"number": "一", "title": "总体情况", "text": "本年度继续加强公开"}]
    store.save_all([record(1, doubtful=names), record(3, doubtful=names, year=2022, agency="梧汀市", sections=prose)])
    found = queue.find(store, queue.Filters(**filters))
    assert sorted(row.title for row in found.rows) == titles


def test_a_page_beyond_the_last_is_the_last(store: Store, monkeypatch):
    monkeypatch.setattr(queue, "PAGE", 2)
    store.save_all([record(number, doubtful=load_forms()["2021"].fields[:1]) for number in range(1, 4)])
    assert [len(queue.find(store, queue.Filters(), page).rows) for page in (1, 2, 3, 99, -1)] == [2, 1, 1, 1, 2]


def test_what_makes_no_sense_in_an_address_narrows_nothing():
    assert queue.read_filters({"status": "x", "year": "２０２１", "q": " a " * 300}).q == (" a " * 300).strip()[:200]
    assert queue.read_filters({"status": "x", "year": "２０２１"}) == queue.Filters()
    assert queue.Filters(form="2021", q="a&b").address(page=2) == "form=2021&q=a%26b&page=2"


# The pages


def test_nothing_of_a_report_is_markup(store: Store):
    names = load_forms()["2021"].fields[:1]
    told = record(1, doubtful=names, title=EVIL, agency=EVIL, source=record(1)["source"] | {"path": EVIL})
    again = told | {"year": 2022, "source": told["source"] | {"sha256": f"{2:064x}"}}
    store.save_all([told, again])
    query = {"q": EVIL, "agency": EVIL, "page": "x"}
    document = pages.document_page(store, f"{1:064x}", query, ENGLISH)
    for page in (pages.queue_page(store, {}, ENGLISH), document, pages.overview_page(store, query, ENGLISH)):
        assert "<b>&" not in page
        assert "&lt;b&gt;&amp;" in page
        assert not re.search(r"<[^>]+\s(?:on\w+|style)=", page)
        assert "{{" not in page.replace("{{ 1 }}", "")


def test_a_document_that_the_store_does_not_have_has_no_page(store: Store):
    assert pages.document_page(store, "0" * 64, {}, ENGLISH) is None


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("zh", "en", "zh"),
        ("en", "zh", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("xx", "fr, en-US;q=0.5", "en"),
        (None, None, "en"),
    ],
)
def test_the_language_is_what_was_chosen_else_what_the_browser_asks_for(cookie, accepted, language):
    assert pages.language_of(cookie, accepted) == language


def test_both_languages_say_everything_with_the_same_gaps():
    english, chinese = (pages.strings(language) for language in pages.LANGUAGES)
    assert not [key for key in english if hasattr(english, key)]  # a template would show the method
    assert all(english.values())
    assert all(chinese.values())
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", chinese[key])), key


def test_every_text_that_scripts_and_templates_ask_for_is_there():
    root = Path(pages.__file__).parent
    asked = {key for file in root.glob("static/*.js") for key in re.findall(r'say\("(\w+)"', file.read_text("utf-8"))}
    asked |= {
        key
        for file in root.glob("templates/*.html")
        for key in re.findall(r"\bt\.(?!get\b)(\w+)", file.read_text("utf-8"))
    }
    assert len(asked) > 80
    assert asked <= set(pages.strings("en"))


# The overview


def test_the_overview_counts_what_was_read_and_what_people_settled(store: Store):
    names = load_forms()["2021"].fields
    store.save_all([record(1, doubtful=names[:3]), record(2), record(3, doubtful=names[:1], form="2021")])
    store.correct(f"{3:064x}", store.reviewed(f"{3:064x}").version, [Change(names[0], "accept")], "李审")
    seen = overview(store, "", 1, pages.strings("en"))
    assert seen.reports == {"o_by_reading": 1, "o_by_hand": 1, "o_left": 1, "o_failed": 0}
    assert seen.cells == {"o_by_reading": 596, "o_by_hand": 1, "o_left": 3}
    forms, kinds = seen.groups[0]
    assert (forms[0], forms[1][0][:4]) == ("o_by_form", ("2021 form", 3, 1, 0))
    assert kinds[1][0].name == "text"
    assert seen.causes == [("doubtful_field", 2, 1)]
    (pace,) = seen.paces
    assert (pace.day, pace.who, pace.cells) == (datetime.now(UTC).date().isoformat(), "李审", 1)


def test_figures_over_the_years_with_outliers_marked(store: Store):
    values = {2021: 100, 2022: 110, 2023: 990, 2024: 105}
    store.save_all([record(year, year=year, value=value) for year, value in values.items()])
    seen = overview(store, "松", 1, pages.strings("en"))
    (agency,) = seen.plots
    received = next(plot for plot in agency.plots if plot.label == "本年新收申请·总计")
    assert [(point.year, point.value, point.outlier) for point in received.points] == [
        (2021, 100, False), (2022, 110, False), (2023, 990, True), (2024, 105, False),
    ]  # fmt: skip
    assert [point.x for point in received.points] == sorted(point.x for point in received.points)
    assert min(point.y for point in received.points) == received.points[2].y
    assert overview(store, "nobody", 1, pages.strings("en")).plots == []


@pytest.mark.parametrize(
    ("values", "found"),
    [([1, 9], []), ([1, 1, 9], []), ([10, 10, 50], [2]), ([100, 10, 90, 95], [1]), ([0, 0, 0], []), ([], [])],
)
def test_an_outlier_is_far_from_the_others_by_factor_and_by_number(values, found):
    assert [at for at, out in enumerate(outliers(values)) if out] == found


def test_a_server_gives_the_same_views():
    if reason := postgres.why_not():
        pytest.skip(reason)
    same = (
        test_what_is_worth_most_comes_first_and_what_is_settled_leaves,
        test_the_overview_counts_what_was_read_and_what_people_settled,
        test_figures_over_the_years_with_outliers_marked,
    )
    with postgres.server() as server:
        for views in same:
            base = server.new_database("ENCODING 'UTF8' TEMPLATE template0")
            with open_store(server.url(base)) as store:
                views(store)
