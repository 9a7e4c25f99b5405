"""The review page's addresses: documents as JSON, corrections by several people at once, what is told of trouble."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason='the review page is not installed: pip install "nianbao[review]"')

from pipeline.bulk.worker import Job, failed_record
from pipeline.errors import UnreadableInput, UsageError
from pipeline.review.app import make_app
from pipeline.review.doors import Door
from pipeline.review.serve import serve, user_name
from pipeline.storage import Store
from tests.browsers import Browser
from tests.test_corrections import ID, MISREAD, RECEIVED, SOUND, TOTAL

VIEW = {"kind": "text", "blocks": [], "cut": False}
ADDRESS = f"/api/document/{ID}"


class Shown:
    def page(self, path: str, *_: Any) -> bytes:
        if path == "gone.pdf":
            raise UnreadableInput("gone.pdf is not there.", code="missing_file")
        return b"picture"

    def view(self, *_: str) -> dict[str, Any]:
        return VIEW


def opened(store: Store, who: str) -> Browser:
    door = Door("127.0.0.1", 8765, who, "token")
    return Browser(make_app(store, Shown(), door)).enter(door)  # type: ignore[arg-type]


@pytest.fixture
def kept(store: Store) -> Store:
    store.save(MISREAD)
    return store


def value(number: int, version: int) -> dict[str, Any]:
    return {"version": version, "changes": [{"field": TOTAL, "action": "value", "value": number}]}


def test_a_document_comes_with_all_that_its_page_needs(kept: Store) -> None:
    answer = opened(kept, "王").get(ADDRESS)
    assert answer.headers["content-type"] == "application/json"
    told = answer.json
    assert told["record"] == MISREAD
    assert (told["id"], told["version"], told["source_view"]) == (ID, 0, VIEW)
    assert (told["history"], told["can_undo"]) == ([], False)
    fields = {
        cell["field"]
        for table in told["tables"]
        for line in table["lines"]
        for cell in line["cells"]
        if "field" in cell
    }
    assert fields == set(MISREAD["fields"]) == set(told["labels"])
    assert {one["id"] for one in told["identities"]} >= {check["id"] for check in MISREAD["checks"]}


def test_a_correction_is_answered_with_the_document_as_it_is_then(kept: Store) -> None:
    browser = opened(kept, "王")
    answer = browser.post(f"{ADDRESS}/correct", value(5, 0))
    assert answer.status == 200
    told = answer.json
    assert told["record"]["fields"][TOTAL]["value"] == 5
    assert [check["id"] for check in told["record"]["checks"] if check["holds"] is False] == []
    assert (told["version"], told["can_undo"]) == (1, True)
    (made,) = told["history"]
    assert (made["who"], made["field"], made["before"]["value"], made["after"]["value"]) == ("王", TOTAL, 6, 5)
    assert {**browser.get(ADDRESS).json, "source_view": None} == {**told, "source_view": None}
    back = browser.post(f"{ADDRESS}/undo", {"version": 1}).json
    assert (back["record"], back["version"], back["can_undo"]) == (MISREAD, 2, False)
    assert browser.post(f"{ADDRESS}/undo", {"version": 2}).status == 422


def test_of_two_people_at_once_the_slower_is_told_by_whom_and_nothing_is_lost(kept: Store) -> None:
    first, second = opened(kept, "王"), opened(kept, "李")
    seen = [one.get(ADDRESS).json["version"] for one in (first, second)]
    assert first.post(f"{ADDRESS}/correct", value(5, seen[0])).status == 200
    told = second.post(f"{ADDRESS}/correct", value(7, seen[1]))
    assert told.status == 409
    at = next(kept.corrections()).at
    said = f"王 changed this document at {at}, after you opened it: look again, nothing was changed."
    assert told.json == {"error": said, "by": "王", "at": at, "version": 1}
    assert second.post(f"{ADDRESS}/undo", {"version": seen[1]}).status == 409
    again = second.get(ADDRESS).json
    assert again["record"]["fields"][TOTAL]["value"] == 5
    both = second.post(f"{ADDRESS}/correct", {"version": again["version"], "changes": [
        {"field": RECEIVED[0], "action": "accept"}]}).json  # fmt: skip
    assert {name for name, one in both["record"]["fields"].items() if "corrected" in one} == {TOTAL, RECEIVED[0]}
    assert {one["who"] for one in both["history"]} == {"王", "李"}
    assert first.post(f"{ADDRESS}/undo", {"version": 1}).json["by"] == "李"


def test_a_conversion_in_between_is_told_as_such(kept: Store) -> None:
    browser = opened(kept, "王")
    kept.save(SOUND)
    told = browser.post(f"{ADDRESS}/correct", value(7, 0))
    assert (told.status, told.json["by"], told.json["version"]) == (409, "", 1)
    assert "read anew" in told.json["error"]


def test_what_cannot_be_changed_is_told(kept: Store) -> None:
    browser = opened(kept, "王")
    failure = failed_record(Job("b.pdf", "b" * 64), MISREAD["versions"], stage="x", code="timeout", message="Too long.")
    kept.save(failure)
    for changes in ([{"field": "x", "action": "blank"}], [{"field": TOTAL, "action": "erase"}], []):
        assert browser.post(f"{ADDRESS}/correct", {"version": 0, "changes": changes}).status == 422
    of_failed = browser.post(f"/api/document/{'b' * 64}/correct", value(5, 0))
    assert (of_failed.status, "no field" in of_failed.json["error"]) == (422, True)
    assert (
        browser.post(f"/api/document/{'c' * 64}/correct", value(5, 0)).json["error"]
        == "The store has no such document."
    )
    assert list(kept.corrections()) == []
    read = browser.get(f"/api/document/{'b' * 64}").json
    assert (read["tables"], read["record"]["status"]) == ([], "failed")


def test_a_picture_that_cannot_be_made_is_told(kept: Store) -> None:
    browser = opened(kept, "王")
    assert browser.get(f"/document/{ID}/page/1.png").body == b"picture"
    gone = SOUND | {"source": SOUND["source"] | {"path": "gone.pdf"}}
    kept.save(gone)
    answer = browser.get(f"/document/{ID}/page/1.png")
    assert (answer.status, "gone.pdf is not there." in answer.text) == (422, True)


def test_trouble_with_the_store_is_told(kept: Store) -> None:
    browser = opened(kept, "王")
    with kept._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE reviews")
    assert browser.get(ADDRESS).status == 503
    assert browser.post(f"{ADDRESS}/correct", value(5, 0)).status == 503
    assert browser.get("/").status == 503


def test_a_fault_of_the_program_is_told_without_its_inside(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = opened(kept, "王")
    monkeypatch.setattr("pipeline.review.pages.queue_page", lambda *_: 1 / 0)
    answer = browser.get("/")
    assert (answer.status, "ZeroDivisionError" in answer.text, "division by" in answer.text) == (500, True, False)


def test_without_its_libraries_the_page_says_how_to_get_them(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UsageError, match=r'pip install "nianbao\[review\]"'):
        serve(kept, who="x")


def test_the_command_needs_a_store_and_reads_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer.testing

    from pipeline.commands import app

    ran = typer.testing.CliRunner().invoke(app, ["review", "--store", f"sqlite:///{tmp_path / 'none.sqlite'}"])
    assert "There is no store" in str(ran.exception)
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr("pipeline.review.serve.serve", lambda store, **given: asked.append(given))
    url = f"sqlite:///{tmp_path / 'made.sqlite'}"
    from pipeline.storage import open_store

    open_store(url).close()
    file = tmp_path / "password"
    file.write_text("a long password \nmore", encoding="utf-8")
    for more in ([], ["--host", "0.0.0.0", "--password-file", str(file), "--name", "李", "--server-name", "r.example"]):
        assert typer.testing.CliRunner().invoke(app, ["review", "--store", url, *more]).exit_code == 0
    monkeypatch.setenv("NIANBAO_REVIEW_PASSWORD", "another password")
    assert typer.testing.CliRunner().invoke(app, ["review", "--store", url, "--host", "0.0.0.0"]).exit_code == 0
    told = [(one["who"], one["host"], one["port"], one["password"], tuple(one["names"])) for one in asked]
    assert told == [
        (user_name(), "127.0.0.1", None, None, ()),
        ("李", "0.0.0.0", None, "a long password", ("r.example",)),
        (user_name(), "0.0.0.0", None, "another password", ()),
    ]
    missing = typer.testing.CliRunner().invoke(app, ["review", "--store", url, "--password-file", str(tmp_path / "no")])
    assert "cannot be read" in str(missing.exception)
