"""Reports come body by body and year by year, on every kind of database, and what is wrong among many is all found."""

from __future__ import annotations

import random
from typing import Any

from pipeline.findings import check_store
from pipeline.shelf import Shelf, by_year
from pipeline.storage import Store
from tests.reports import COLUMNS, report, row


def test_reports_come_by_body_and_year_the_fullest_first(store: Store) -> None:
    store.save_all(
        [
            report("岚浦市", 2022, path="d.pdf"),
            report("云岭市人民政府", 2022, path="c.pdf"),
            report("云岭市", 2021, path="b.pdf"),
            report("云岭市", 2021, row("requests.received", 1), path="z.pdf"),
            report("市财政局", 2021, path="e.pdf"),
            report(None, 2021, path="f.pdf"),
            report("云岭市", None, path="g.pdf"),
        ]
    )
    shelf = Shelf(store)
    years = [
        (
            year.body.partition("?")[0],
            [one.record["source"]["path"] for one in year.now],
            len(year.before),
            year.is_certain,
        )
        for year in by_year(shelf.reports(shelf.outlines()))
    ]
    assert years == [
        ("~", ["f.pdf"], 0, False),
        ("云岭市|政府", ["z.pdf", "b.pdf"], 0, True),
        ("云岭市|政府", ["c.pdf"], 2, True),
        ("云岭市|政府", ["g.pdf"], 0, False),
        ("岚浦市|政府", ["d.pdf"], 0, True),
        ("市|财政局", ["e.pdf"], 0, False),
    ]


def test_documents_are_asked_for_by_id_in_any_order(store: Store) -> None:
    store.save_all([report("云岭市", 2022, path=f"{number:03}.pdf") for number in range(120)])
    ids = [one.id for one in store.outline()]
    wanted = [*reversed(ids), "nowhere"]
    assert [id_ for id_, _ in store.some(wanted)] == ids[::-1]
    assert [record["source"]["path"] for _, record in store.some(wanted[:2])] == ["119.pdf", "118.pdf"]


def test_of_a_crowd_in_one_year_a_few_are_held_against_each_other_and_all_are_looked_at(store: Store) -> None:
    wrong = row("requests.received", 1) | {"requests.received.total": 2}
    store.save_all([report("云岭市", 2022, wrong, path=f"{number}.pdf") for number in range(9)])
    [year] = list(by_year(Shelf(store).reports(Shelf(store).outlines())))
    assert len(year.now) == 6
    assert sum(one.kind == "sum" for one in check_store(store)) == 9


def chain(rng: random.Random, agency: str) -> list[dict[str, Any]]:
    """Reports of five years of which each carries in what the one before carries out."""
    carried, made = [0] * 6, []
    for year in range(2019, 2024):
        out = [rng.randint(0, 4) for _ in range(6)]
        values = row("requests.carried_in", *carried) | row("requests.carried_out", *out)
        made.append(report(agency, year, values, form="2019" if year < 2021 else "2021"))
        carried = out
    return made


def spoil(rng: random.Random, record: dict[str, Any]) -> str:
    column = rng.choice(COLUMNS)
    record["fields"][f"requests.carried_in.{column}"]["value"] += rng.randint(1, 9)
    return f"cross_year.carried_over.{column}"


def test_of_many_reports_all_that_were_spoiled_are_found_and_no_others(store: Store) -> None:
    rng = random.Random(7)
    bodies = [
        chain(rng, f"{place}{office}") for place in ("云岭市", "岚浦县") for office in ("财政局", "教育局", "民政局")
    ]
    wanted = set()
    for reports in rng.sample(bodies, 4):
        year = rng.randint(1, 4)
        wanted.add((reports[year]["agency"], reports[year]["year"], spoil(rng, reports[year])))
    everything = [record for reports in bodies for record in reports]
    rng.shuffle(everything)
    store.save_all(everything)
    found = {(one.agency, one.year, one.check) for one in check_store(store) if one.kind == "cross_year"}
    assert found == wanted
