"""read_corpus: what a labelled folder becomes, and one clear sentence for each way its labels can be wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora import GoldRow, read_corpus
from corpora.manifest import read_manifest, verify, write_manifest
from corpora.synthesis import generate
from corpora.synthesis.layouts import LAYOUTS
from pipeline.errors import UnreadableInput

GOLD: dict[str, Any] = {
    "form": "2021",
    "year": 2023,
    "agency": "云岭市",
    "values": {"disclosure.regulations.issued": 3, "disclosure.fees.amount": 1.5, "review.total": None},
    "notes": ["made by hand"],
}


def make(folder: Path, gold: Any = GOLD, **files: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source.txt").write_text("云岭市2023年政府信息公开工作年度报告", encoding="utf-8")
    for name, content in {"gold": gold, **files}.items():
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


def test_a_document_with_all_its_labels(tmp_path: Path) -> None:
    facts = {"facts": {"requests_received": {"value": 3, "text": "收到申请3件"}}}
    rows = [{"row": "disclosure.regulations", "label": "规章", "values": [3, 0, None]}]
    ambiguous = {"ambiguous_fields": ["review.total"]}
    make(tmp_path / "a", facts=facts, rows=rows, ambiguous=ambiguous, meta={"layout": "by-hand", "split": "dev"})
    (document,) = read_corpus(tmp_path)
    assert (document.id, document.form, document.year, document.agency) == ("a", "2021", 2023, "云岭市")
    assert document.values == GOLD["values"]
    assert document.notes == ("made by hand",)
    assert document.facts == facts["facts"]
    assert document.ambiguous == {"review.total"}
    assert document.rows == (GoldRow("disclosure.regulations", "规章", (3, 0, None)),)
    assert document.meta["split"] == "dev"
    assert document.source == tmp_path / "a" / "source.txt"


def test_what_is_not_labelled_is_empty_and_order_is_by_name(tmp_path: Path) -> None:
    make(tmp_path / "b" / "deep")
    make(tmp_path / "a")
    first, second = read_corpus(str(tmp_path))
    assert (first.id, second.id) == ("a", "b/deep")
    assert first.rows is None
    assert not first.facts
    assert not first.ambiguous


def test_one_document_folder_is_a_corpus(tmp_path: Path) -> None:
    (document,) = read_corpus(make(tmp_path / "alone"))
    assert document.id == "alone"


@pytest.mark.parametrize(
    ("gold", "says"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"form": "2021", "year": 2023, "values": {"review.total": NaN}}', "NaN is not a number"),
        ({**GOLD, "form": "2030"}, "its form is '2030'"),
        ({**GOLD, "form": ["2021"]}, "its form is"),
        ({**GOLD, "year": "2023"}, "its year is '2023'"),
        ({**GOLD, "year": True}, "its year is True"),
        ({**GOLD, "agency": 7}, "its agency is 7"),
        ({**GOLD, "values": []}, "no object named values"),
        ({**GOLD, "values": {"review.all": 1}}, "no field review.all"),
        ({**GOLD, "values": {"review.total": "1"}}, "neither number nor null"),
        ({**GOLD, "values": {"review.total": False}}, "neither number nor null"),
        ({**GOLD, "notes": "none"}, "notes is not a list"),
    ],
)
def test_malformed_gold_is_named(tmp_path: Path, gold: Any, says: str) -> None:
    make(tmp_path / "a", gold)
    with pytest.raises(UnreadableInput, match=says) as caught:
        list(read_corpus(tmp_path))
    assert "gold.json" in str(caught.value)
    assert caught.value.code == "malformed_gold"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("facts", {"facts": []}, "no object named facts"),
        ("facts", {"facts": {"requests_received": 3}}, "no object named facts"),
        ("ambiguous", {"ambiguous_fields": ["nothing"]}, "no field nothing"),
        ("ambiguous", {}, "ambiguous_fields is not a list"),
        ("rows", {}, "not a list of rows"),
        ("rows", [3], "row 1 is not an object"),
        ("rows", [{"row": "head", "label": "", "values": []}, {"row": "head"}], "row 2 needs"),
        ("rows", [{"row": "none", "label": "小计", "values": ["1"]}], "row 1 holds a value"),
    ],
)
def test_malformed_companions_are_named(tmp_path: Path, name: str, content: Any, says: str) -> None:
    make(tmp_path / "a", **{name: content})
    with pytest.raises(UnreadableInput, match=says) as caught:
        list(read_corpus(tmp_path))
    assert f"{name}.json" in str(caught.value)


def test_a_document_needs_one_source(tmp_path: Path) -> None:
    folder = make(tmp_path / "a")
    (folder / "source.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(UnreadableInput, match=r"found source\.pdf, source\.txt"):
        list(read_corpus(tmp_path))


def test_no_folder_and_no_documents(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="not a folder"):
        list(read_corpus(tmp_path / "missing"))
    with pytest.raises(UnreadableInput, match=r"holds no gold\.json"):
        list(read_corpus(tmp_path))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(gold=JSON, rows=JSON, facts=JSON, ambiguous=JSON)
def test_any_json_is_read_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, gold: Any, rows: Any, facts: Any, ambiguous: Any
) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    make(folder / "a", {**GOLD, "values": gold}, rows=rows, facts=facts, ambiguous=ambiguous)
    try:
        (document,) = read_corpus(folder)
    except UnreadableInput:
        return
    assert all(name in document.values for name in gold)


def test_the_real_reports_are_a_corpus() -> None:
    folder = Path(__file__).parents[2] / "shared" / "real"
    if not folder.is_dir():
        pytest.skip("the real reports are not beside this checkout")
    documents = {document.id: document for document in read_corpus(folder)}
    assert len(documents) == 12
    assert documents["hongze-2024-pdf"].values["requests.received.total"] == 95


def test_the_samples_show_every_form_and_format() -> None:
    documents = list(read_corpus(Path(__file__).parents[1] / "corpora" / "samples"))
    assert {document.form for document in documents} == {"2021", "2019", "pre2019"}
    assert {document.source.suffix for document in documents} == {".pdf", ".html", ".txt", ".md", ".docx"}
    assert len({document.meta["layout"] for document in documents}) >= 8
    assert sum(document.source.stat().st_size for document in documents) < 1_500_000


def test_a_manifest_tells_what_changed(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        make(tmp_path / name, meta={"layout": "by-hand", "split": "train"})
    write_manifest(tmp_path)
    assert verify(tmp_path) == []
    assert [entry.id for entry in read_manifest(tmp_path)] == ["a", "b", "c"]
    assert read_manifest(tmp_path)[0].format == "txt"
    (tmp_path / "a" / "source.txt").write_text("other", encoding="utf-8")
    make(tmp_path / "b", {**GOLD, "agency": "青禾区"}, meta={"layout": "by-hand", "split": "train"})
    make(tmp_path / "d")
    shutil.rmtree(tmp_path / "c")
    assert verify(tmp_path) == [
        "c is listed and not there",
        "d is there and not listed",
        "a has another sha256 than the manifest says",
        "b has another agency than the manifest says",
        "b has another labels than the manifest says",
    ]
    (tmp_path / "a" / "facts.json").write_text('{"facts": {}}', encoding="utf-8")
    assert "a has another labels than the manifest says" in verify(tmp_path)


@pytest.mark.parametrize(
    "content", [b"id,hash\na,b\n", b"id\xff", b"id,sha256,form,layout,format,agency,split,family,irregular,labels\na\n"]
)
def test_a_malformed_manifest_is_named(tmp_path: Path, content: bytes) -> None:
    make(tmp_path / "a")
    with pytest.raises(UnreadableInput, match=r"no manifest\.csv"):
        verify(tmp_path)
    (tmp_path / "manifest.csv").write_bytes(content)
    if content.endswith(b"a\n"):
        assert "a has another sha256 than the manifest says" in verify(tmp_path)
    else:
        with pytest.raises(UnreadableInput, match="must have the columns"):
            read_manifest(tmp_path)


DOCUMENTS = Path(__file__).parents[1] / "corpora" / "documents"


def test_the_committed_documents_are_what_their_manifest_says() -> None:
    assert verify(DOCUMENTS) == []
    listed = read_manifest(DOCUMENTS)
    assert len(listed) >= 150
    assert sum(entry.split == "test" for entry in listed) >= len(listed) / 3
    assert {entry.split for entry in listed} == {"train", "dev", "test"}
    assert {entry.layout for entry in listed} == set(LAYOUTS)
    assert sum(file.stat().st_size for file in DOCUMENTS.rglob("*") if file.is_file()) < 60_000_000


def test_the_committed_documents_are_split_by_place_agency_and_family() -> None:
    listed = read_manifest(DOCUMENTS)
    splits: dict[str, set[str]] = {}
    for entry in listed:
        splits.setdefault(entry.agency, set()).add(entry.split)
        splits.setdefault(entry.agency[:2], set()).add(entry.split)
    assert len(splits) > 100
    assert all(len(found) == 1 for found in splits.values())
    unseen = {entry.family for entry in listed if LAYOUTS[entry.layout].split == "test"}
    assert not unseen & {entry.family for entry in listed if entry.split != "test"}
    zero_shot = {(entry.format, entry.irregular) for entry in listed if entry.family in unseen}
    assert zero_shot >= {("pdf", ""), ("html", ""), ("txt", ""), ("docx", ""), ("txt", "yes"), ("md", "yes")}


def test_the_committed_documents_are_made_again(tmp_path: Path) -> None:
    made = generate(tmp_path, 1, 3, ["text-tabs", "html-nested", "markdown-many-wounds", "text-run-together"])
    assert len(made) == 12
    for file in (file for folder in made for file in folder.iterdir()):
        committed = DOCUMENTS / file.relative_to(tmp_path)
        assert file.read_bytes() == committed.read_bytes(), committed
