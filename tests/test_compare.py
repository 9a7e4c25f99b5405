"""What one report repeats of another is found, marked where it stands, and measured without what everybody writes."""

from __future__ import annotations

import csv
import random
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.commands import app
from pipeline.compare import Common, chapters, common_wording, compare
from pipeline.compare.common import CommonCounter
from pipeline.compare.index import find_similar
from pipeline.compare.layout import facing, shares_by_kind
from pipeline.compare.wording import RUN, hashes, kind_of
from pipeline.errors import UsageError
from pipeline.shelf import Shelf
from pipeline.storage import open_store
from tests.conftest import url_of
from tests.reports import report

NOBODY = CommonCounter().common()
HAN = "安宁平康泰和顺昌盛荣华富裕瑞祥福禄寿喜庆丰登谷稻麦粟桑麻棉松柏竹梅兰菊荷莲桃李杏梨橘柚柿枣栗榆槐柳杨桐"


def prose(seed: int, length: int = 300) -> str:
    """Text that no other seed shares a run of, in sentences of 20 characters."""
    rng = random.Random(seed)
    return "".join("".join(rng.choice(HAN) for _ in range(19)) + "。" for _ in range(length // 20))


def text(agency: str, year: int, **sections: str) -> dict[str, Any]:
    titles = {"overview": "总体情况", "problems": "存在的主要问题及改进情况", "others": "其他需要报告的事项"}
    return report(agency, year, sections={titles.get(kind, kind): said for kind, said in sections.items()})


def compared(one: dict[str, Any], two: dict[str, Any], common: Common = NOBODY) -> Any:
    return compare(chapters(one), chapters(two), common)


def test_what_is_copied_counts_and_what_is_new_does_not() -> None:
    copied, new = prose(1, 240), prose(2, 80)
    found = compared(text("云岭市", 2021, overview=copied), text("云岭市", 2022, overview=copied + new))
    assert found.shares[0].own == 304  # characters, of which punctuation is none
    assert (found.shares[0].repeated, found.shares[0].reworded) == (228, 0)
    assert found.shares[0].share == 0.75
    assert [passage[:3] for passage in found.passages] == [(0, 0, 228)]


def test_figures_names_and_punctuation_do_not_hide_a_copy() -> None:
    one = "云岭市财政局全年主动公开政府信息1,234条，我局召开新闻发布会三场；全市共收到申请十二件。"
    two = "岚浦县教育局全年主动公开政府信息 56 条、我局召开新闻发布会十一场。全县共收到申请7件！"
    found = compared(text("云岭市财政局", 2021, overview=one), text("岚浦县教育局", 2021, overview=two))
    assert found.shares[0].share == 1


def test_a_passage_that_moved_to_another_chapter_is_found_where_it_was() -> None:
    moved = prose(1, 100)
    one = text("云岭市", 2021, overview=prose(2), problems=moved)
    two = text("云岭市", 2022, overview=prose(3, 100) + moved, problems=prose(4))
    [passage] = compared(one, two).passages
    assert (passage.chapter, passage.start, passage.end) == (0, 95, 190)
    assert (passage.other_chapter, passage.other_start, passage.other_end) == (1, 0, 95)


def test_runs_shorter_than_thirteen_characters_are_chance() -> None:
    shared = prose(1, 20).rstrip("。")
    for length, number in ((RUN - 1, 0), (RUN, 1)):
        one = text("云岭市", 2021, overview="甲" + shared[:length] + "乙。" + prose(2))
        two = text("云岭市", 2022, overview="丙" + shared[:length] + "丁。" + prose(3))
        assert len([one for one in compared(one, two).passages if not one.reworded]) == number


def test_a_sentence_with_words_changed_is_reworded() -> None:
    one = "进一步完善政务公开工作机制，健全信息发布审核流程，确保公开内容准确及时。"
    two = "进一步健全政务公开工作制度，完善信息发布审查流程，确保公开内容及时准确。"
    found = compared(text("云岭市", 2021, problems=one + prose(1)), text("云岭市", 2022, problems=two + prose(2)))
    assert [passage.reworded for passage in found.passages] == [True]
    assert found.shares[0].reworded == len(chapters(text("云岭市", 2022, problems=two))[0].wording)
    assert found.shares[0].repeated == 0


def matters() -> list[list[str]]:
    """Sentences of the generator's prose, those on one matter in other words together."""
    lines = csv.DictReader(files("corpora.synthesis").joinpath("prose.csv").read_text(encoding="utf-8").splitlines())
    found: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        said = re.sub(r"\{(\w+)\}", lambda slot: {"we": "我局", "all": "全市"}.get(slot[1], "12"), line["text"])
        if len(said) >= 18:
            found.setdefault((line["kind"], line["name"]), []).append(re.sub("[。；\n]", "，", said).strip("，") + "。")
    return [some for some in found.values() if len(some) > 1]


def edited(rng: random.Random, said: str, share: float) -> str:
    """A sentence of which that share of characters is left out, replaced or followed by another."""
    changes = (lambda one: "", lambda one: rng.choice(HAN), lambda one: one + rng.choice(HAN))
    return "".join(rng.choice(changes)(one) if one > "一" and rng.random() < share else one for one in said)


@pytest.mark.parametrize(("share", "least"), [(0.05, 0.98), (0.1, 0.93), (0.2, 0.8)])
def test_copies_with_characters_changed_are_found(share: float, least: float) -> None:
    rng = random.Random(3)
    one = [rng.choice(some) for some in matters()]
    two = [edited(rng, said, share) for said in one]
    found = compared(text("云岭市", 2021, overview="".join(one)), text("云岭市", 2022, overview="".join(two)))
    assert found.total.share is not None
    assert found.total.share >= least


def test_other_words_on_the_same_matter_are_no_copies() -> None:
    rng = random.Random(3)
    pairs = [rng.sample(some, 2) for some in matters()]
    one, two = ("".join(side) for side in zip(*pairs, strict=True))
    found = compared(text("云岭市", 2021, overview=one), text("云岭市", 2022, overview=two))
    assert found.total.reworded <= 0.03 * found.total.own
    assert found.total.repeated <= 0.2 * found.total.own


def test_what_most_bodies_write_is_nobodys_copy() -> None:
    everybodys, own = prose(1, 100), prose(2, 100)
    reports = [(str(body), chapters(text("云岭市", 2021, overview=everybodys + prose(body, 100)))) for body in range(9)]
    common = common_wording(reports)
    assert common.bodies == 9
    one, two = text("云岭市", 2021, overview=everybodys + own), text("岚浦市", 2021, overview=everybodys + own)
    found = compared(one, two, common)
    assert (found.shares[0].own, found.shares[0].share) == (95, 1)
    assert compared(one, text("岚浦市", 2021, overview=everybodys + prose(3, 100)), common).shares[0].share == 0


def test_a_store_of_few_bodies_does_not_say_what_is_common() -> None:
    said = prose(1, 100)
    common = common_wording((str(body), chapters(text("云岭市", 2021, overview=said))) for body in range(7))
    assert not common.places(chapters(text("云岭市", 2021, overview=said))[0]).any()


def test_a_bodys_many_years_are_one_body() -> None:
    said = chapters(text("云岭市", 2021, overview=prose(1, 100)))
    years = [("one", said)] * 20
    others = [(str(body), chapters(text("云岭市", 2021, overview=prose(body, 100)))) for body in range(2, 9)]
    assert not common_wording([*years, *others]).is_common(hashes(said[0].wording)).any()


def test_the_regulations_wording_counts_for_nothing() -> None:
    said = "根据《中华人民共和国政府信息公开条例》，本报告中所列数据的统计期限自2022年1月1日起至2022年12月31日止。"
    found = compared(text("云岭市", 2021, overview=said), text("岚浦市", 2022, overview=said))
    assert found.shares[0].own == len("根据")
    assert found.shares[0].share is None


def test_titles_dates_and_links_of_a_page_are_no_prose() -> None:
    furniture = (
        "标题：政务公开年报全文\n发布时间：2022-02-08 来源：门户网站管理处\nhttps://www.example.cn/zwgk/t2022_1.htm\n"
    )
    found = compared(
        report("云岭市", 2021, sections={"": furniture + prose(1, 100)}),
        report("云岭市", 2022, sections={"": furniture + prose(2, 100)}),
    )
    assert (found.shares[0].own, found.shares[0].share) == (95, 0)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("总体情况", "overview"),
        ("主动公开政府信息情况", "disclosure"),
        ("收到和处理政府信息公开申请情况", "requests"),
        ("因政府信息公开申请行政复议、提起行政诉讼情况", "disputes"),
        ("存在的不足和整改措施", "problems"),
        ("其他需要报告的事项", "others"),
        ("附件", ""),
    ],
)
def test_chapters_are_known_by_their_titles(title: str, kind: str) -> None:
    assert kind_of(title) == kind


def test_the_same_matter_faces_each_other_and_nothing_is_lost() -> None:
    one = text("云岭市", 2021, overview=prose(1), problems=prose(2))
    two = text("云岭市", 2022, overview=prose(1), others=prose(3))
    found = compared(one, two)
    rows = facing(found)
    assert [(row.title, bool(row.one), bool(row.two)) for row in rows] == [
        ("总体情况", True, True),
        ("其他事项", False, True),
        ("问题与改进", True, False),
    ]
    assert "".join(piece.text for piece in rows[0].two) == prose(1)
    assert [piece.mark for piece in rows[0].two] == ["same", ""]
    assert shares_by_kind(found) == {
        "overview": 1.0, "disclosure": None, "requests": None, "disputes": None, "problems": None, "others": 0.0
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([prose(1, 60), prose(2, 40), "三十件", "云岭市", "，", "7", "\n", "a b"]), max_size=12),
    st.data(),
)
def test_passages_are_equal_wording_and_pieces_make_the_text_again(parts: list[str], data: st.DataObject) -> None:
    other = data.draw(st.permutations(parts))
    one, two = text("云岭市", 2021, overview="".join(parts)), text("云岭市", 2022, overview="".join(other))
    found = compared(one, two)
    ends = 0
    for passage in (one for one in found.passages if not one.reworded):
        left = found.one[passage.other_chapter].wording[passage.other_start : passage.other_end]
        assert found.two[passage.chapter].wording[passage.start : passage.end] == left
        assert len(left) >= RUN
        assert passage.start >= ends
        ends = passage.end
    for row, said in zip(facing(found), ("".join(other),), strict=False):
        assert "".join(piece.text for piece in row.two) == said
        assert "".join(piece.text for piece in row.one) == "".join(parts)


def test_hostile_repetition_ends_soon() -> None:
    one = text("云岭市", 2021, overview="安" * 60_000 + "。" * 1000)
    found = compared(one, text("云岭市", 2022, overview="安" * 60_000 + "安宁。" * 3000))
    assert found.total.share is not None
    assert found.total.share > 0.9


def test_hashes_are_those_of_runs_alone() -> None:
    wording = prose(1, 100).replace("。", "")
    whole = hashes(wording)
    assert len(whole) == len(wording) - RUN + 1
    assert [int(hashes(wording[at : at + RUN])[0]) for at in (0, 17, 40)] == [int(whole[at]) for at in (0, 17, 40)]
    assert len(hashes(wording[: RUN - 1])) == 0
    assert len(np.unique(whole)) == len(whole)


def many() -> list[dict[str, Any]]:
    template = prose(100, 2000)
    copies = [text(f"{place}市", 2022, overview=template[:1600] + prose(at, 400)) for at, place in enumerate("安宁")]
    others = [text(f"{place}县", 2022, overview=prose(10 + at, 2000)) for at, place in enumerate("平康泰和顺昌盛")]
    years = [text("荣华市", year, overview=prose(200, 1000) + prose(year, 1000)) for year in (2020, 2021, 2023)]
    return [*copies, *others, *years]


def test_all_pairs_above_the_threshold_are_found(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        store.save_all(many())
        shelf = Shelf(store)
        found = find_similar(shelf.reports(shelf.outlines()), 0.3)
    [pair] = found.bodies
    assert {pair.one.name, pair.two.name} == {"安市", "宁市"}
    assert pair.share == pytest.approx(0.8, abs=0.06)
    [years] = found.years
    assert (years.one.year, years.two.year) == (2020, 2021)
    assert years.share == pytest.approx(0.5, abs=0.08)
    assert found.numbers == {"bodies": 1, "years": 1}
    assert found.members == 12


def test_an_empty_store_has_no_pairs(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        shelf = Shelf(store)
        found = find_similar(shelf.reports(shelf.outlines()), 0.3)
    assert (found.members, found.bodies, found.years) == (0, [], [])


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["compare", *arguments])


def test_the_command_writes_an_index_with_pages_behind_it(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        store.save_all(many())
    out = tmp_path / "all.html"
    said = run("--store", url_of(tmp_path), "--out", str(out), "--threshold", "0.3", "--pages", "1")
    assert said.exit_code == 0, said.output
    assert "1 of two bodies, 1 of one body's neighbouring years." in said.output
    links = re.findall(r'href="([^"#]+)"', out.read_text(encoding="utf-8"))
    assert links == ["all_pairs/0001.html", "all_pairs/0002.html"]
    page = (tmp_path / links[0]).read_text(encoding="utf-8")
    targets = set(re.findall(r'href="#([^"]+)"', page))
    identities = re.findall(r' id="([^"]+)"', page)
    assert targets <= set(identities)
    assert len(identities) == len(set(identities))
    assert ">80 %<" in page


def test_the_command_compares_an_agency_with_itself_and_with_others(tmp_path: Path) -> None:
    with open_store(url_of(tmp_path)) as store:
        store.save_all(many())
    out = tmp_path / "one.html"
    said = run("--store", url_of(tmp_path), "--out", str(out), "--agency", "荣华市人民政府")
    assert said.output == f"2 pairs in {out}\n"
    assert "荣华市 2023" in out.read_text(encoding="utf-8")
    said = run("--store", url_of(tmp_path), "--out", str(out), "--agency", "安市", "--with", "宁市", "--with", "平县")
    assert said.output == f"2 pairs in {out}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--agency", "荣华"], "The store has no report of 荣华; it has 荣华市."),
        (["--agency", "安市"], "There is nothing to compare 安市 with: the store has 1 report (2022) of it."),
        (["--with", "安市"], "--with needs --agency"),
        (["--out", "a.pdf"], "a.pdf is no .html"),
    ],
)
def test_what_cannot_be_compared_is_said(tmp_path: Path, arguments: list[str], said: str) -> None:
    with open_store(url_of(tmp_path)) as store:
        store.save_all(many())
    result = run("--store", url_of(tmp_path), "--out", str(tmp_path / "out.html"), *arguments)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_a_page_escapes_everything(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>" + prose(1) + '"><img src=x onerror=alert(1)>'
    with open_store(url_of(tmp_path)) as store:
        records = [report("安市", year, sections={f"<b>总体情况{hostile}": hostile}) for year in (2021, 2022)]
        for one in records:
            one["source"]["path"] = f"<img src=x>{one['year']}.pdf"
        store.save_all(records)
    out = tmp_path / "out.html"
    assert run("--store", url_of(tmp_path), "--out", str(out), "--agency", "安市").exit_code == 0
    written = out.read_text(encoding="utf-8")
    assert "<script" not in written
    assert "<img" not in written
    assert "<b>" not in written
    assert "default-src 'none'" in written
