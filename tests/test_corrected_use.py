"""What people corrected is used: exports show it, an evaluation takes it for gold, a conversion keeps it."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluation.reading import read_document
from evaluation.run import evaluate
from evaluation.store_gold import read_gold, shown
from pipeline import extract, load_model
from pipeline.bulk.convert import convert
from pipeline.corrections import Change
from pipeline.errors import UnreadableInput
from pipeline.storage import Store, open_store
from pipeline.writers import write
from tests import doubles
from tests.conftest import url_of
from tests.test_corrections import ID, MISREAD, RECEIVED, SOUND, TOTAL, WHO

SAMPLE = next(Path(__file__).parents[1].glob("corpora/samples/*/source.html"))


@pytest.fixture
def kept(tmp_path: Path) -> Any:
    with open_store(url_of(tmp_path)) as store:
        store.save(MISREAD)
        yield store


def doubtful(record: dict[str, Any]) -> list[str]:
    return [name for name, field in record["fields"].items() if not field["accepted"]]


def test_an_export_shows_what_was_said_by_whom_and_what_was_read(kept: Store, tmp_path: Path) -> None:
    after = kept.correct(ID, 0, [Change(TOTAL, "value", 5), Change(RECEIVED[1], "absent")], "=王")
    write(kept.corrected_records(), "csv", tmp_path / "out")
    tables = {one.stem: list(csv.DictReader(one.open(encoding="utf-8"))) for one in (tmp_path / "out").glob("*.csv")}
    lines = {line["field"]: line for line in tables["fields"]}
    told = ("value", "state", "accepted", "corrected", "corrected_by", "predicted_value", "predicted_state")
    assert [lines[TOTAL][name] for name in told] == ["5", "printed", "true", "true", "'=王", "6", "printed"]
    assert lines[TOTAL]["corrected_at"] == after.corrections[0].at
    assert [lines[RECEIVED[1]][name] for name in told] == ["", "absent", "true", "true", "'=王", "0", "printed"]
    assert [lines[RECEIVED[2]][name] for name in told[3:]] == ["false", "", "", ""]
    assert tables["documents"][0]["corrected"] == "2"
    assert tables["wide"][0]["corrected"].split() == [RECEIVED[1], TOTAL]
    assert (tables["wide"][0][TOTAL], tables["panel_wide"][0][TOTAL]) == ("5", "5")


def test_a_record_a_line_tells_corrections_and_a_workbook_colours_them(kept: Store, tmp_path: Path) -> None:
    import openpyxl

    kept.correct(ID, 0, [Change(TOTAL, "value", 5)], WHO)
    write(kept.corrected_records(), "jsonl", tmp_path / "out.jsonl")
    field = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["fields"][TOTAL]
    assert (field["value"], field["corrected"]["who"], field["corrected"]["predicted"]["value"]) == (5, WHO, 6)
    write(kept.corrected_records(order="report"), "xlsx", tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["2021 申请办理"]
    column = next(cell.column for cell in sheet[4] if cell.value == TOTAL)
    cell = sheet.cell(5, column)
    assert (cell.value, cell.fill.start_color.rgb[2:]) == (5, "E2EFDA")


def converted(folder: Path, inside: bool = False) -> tuple[str, str]:
    """A store with one real document, and its id; the document lies in an archive if asked for."""
    file = folder / "report.html"
    file.write_bytes(SAMPLE.read_bytes())
    record = extract(file, load_model()).to_dict()
    if inside:
        with zipfile.ZipFile(folder / "all.zip", "w") as archive:
            archive.write(file, "x/report.html")
        file.unlink()
        record["source"]["path"] = f"{folder / 'all.zip'}!/x/report.html"
    with open_store(url_of(folder)) as store:
        store.save(record)
    return url_of(folder), record["source"]["sha256"]


def test_a_corrected_store_is_gold(tmp_path: Path) -> None:
    url, document = converted(tmp_path)
    with open_store(url) as store:
        seen = store.reviewed(document)
        assert seen is not None
        printed = [name for name, one in seen.record["fields"].items() if one["state"] == "printed"]
        wrong = printed[0]
        number = seen.record["fields"][wrong]["value"] + 1
        changes = [Change(name, "accept") for name in doubtful(seen.record)]
        changes = [one for one in changes if one.field != wrong] + [Change(wrong, "value", number)]
        after = store.correct(document, 0, changes, WHO)
        left = [Change(name, "accept") for name in doubtful(after.record)]
        if left:
            store.correct(document, 1, left, WHO)
    (gold,) = read_gold(url)
    assert (gold.id, gold.values[wrong], gold.source) == (document, number, tmp_path / "report.html")
    score = read_document(gold, load_model()).score
    assert score.fields == len(gold.values)
    assert list(score.silent) == [wrong]


def test_evaluate_takes_a_store_beside_folders(kept: Store) -> None:
    kept.correct(ID, 0, [Change(name, "accept") for name in doubtful(MISREAD)], WHO)
    result = evaluate([kept.url], workers=1)
    assert (result.corpora, [score.id for score in result.scores]) == ((kept.url,), [ID])
    assert result.unread()[0].startswith(f"{ID}: a.pdf is not there")


def test_only_what_somebody_looked_at_and_settled_is_gold(kept: Store) -> None:
    sound = SOUND | {"source": SOUND["source"] | {"sha256": "b" * 64}}
    kept.save(sound)
    with pytest.raises(UnreadableInput, match="`nianbao review --store URL`"):
        list(read_gold(kept.url))
    kept.correct(ID, 0, [Change(TOTAL, "value", 5)], WHO)
    with pytest.raises(UnreadableInput, match="No document"):
        list(read_gold(kept.url))
    now = kept.reviewed(ID)
    assert now is not None
    kept.correct(ID, 1, [Change(name, "accept") for name in doubtful(now.record)], WHO)
    (gold,) = read_gold(kept.url)
    assert (gold.values[TOTAL], gold.ambiguous) == (5, frozenset())
    assert str(gold.source) == "a.pdf", "it is gone, so that it counts as not read"
    kept.correct(ID, 2, [Change(TOTAL, "absent"), Change(RECEIVED[1], "blank")], WHO)
    kept.correct(ID, 3, [Change(name, "accept") for name in (TOTAL, RECEIVED[1])], WHO)
    later = kept.reviewed(ID)
    assert later is not None
    if left := doubtful(later.record):
        kept.correct(ID, 4, [Change(name, "accept") for name in left], WHO)
    (gold,) = read_gold(kept.url)
    assert TOTAL not in gold.values
    assert gold.values[RECEIVED[1]] is None


def test_gold_in_an_archive_is_read_and_a_changed_file_is_told(tmp_path: Path) -> None:
    for name in ("archive", "plain"):
        (tmp_path / name).mkdir()
        url, document = converted(tmp_path / name, inside=name == "archive")
        with open_store(url) as store:
            seen = store.reviewed(document)
            assert seen is not None
            some = [next(iter(seen.record["fields"])), *doubtful(seen.record)]
            store.correct(document, 0, [Change(field, "accept") for field in dict.fromkeys(some)], WHO)
        (gold,) = read_gold(url)
        assert gold.source.read_bytes() == SAMPLE.read_bytes()
    (tmp_path / "plain" / "report.html").write_text("<p>another</p>")
    with pytest.raises(UnreadableInput, match="other bytes"):
        list(read_gold(url))


def test_a_conversion_keeps_corrections_also_when_it_reads_everything_anew_or_fails(tmp_path: Path) -> None:
    file = tmp_path / "in" / "a.txt"
    file.parent.mkdir()
    file.write_text("good")
    field, work = "training.meetings", replace(doubles.work(), extract=doubles.extract_known)
    url = url_of(tmp_path)

    def run(**how: Any) -> dict[str, Any]:
        convert([file.parent], tmp_path / "out", store_url=url, workers=1, work=work, **how)
        with open_store(url) as store:
            return next(one for one in store.corrected_records() if one["source"]["sha256"] == document)

    document = hashlib.sha256(b"good").hexdigest()
    assert run()["fields"][field]["value"] == 3
    with open_store(url) as store:
        store.correct(document, 0, [Change(field, "value", 8)], WHO)
    for how in ({}, {"fresh": True}):
        assert run(**how)["fields"][field] | {"corrected": None} == {
            "value": 8, "state": "printed", "raw": "3", "confidence": 1.0, "accepted": True, "candidates": [],
            "because": [], "location": {"page": 1, "box": None, "span": [0, 1]}, "corrected": None,
        }  # fmt: skip
    file.write_text("encrypted")  # other bytes under the same path
    assert run(fresh=True)["fields"][field]["value"] == 8


def test_a_store_is_named_without_its_password() -> None:
    assert shown("postgresql://me:secret@host/base") == "postgresql://me:***@host/base"
    assert shown(Path("a/b")) == "a/b"
