"""The command line: what it prints, its exit codes, and that it never shows a traceback."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

import pipeline.bulk.convert
from pipeline import commands
from pipeline.datamodel import Cell, Edge, LabelledRow, Line, Location, Page, Row, Table, Word
from pipeline.errors import ModelError
from tests import doubles

PROJECT = Path(__file__).parents[1]
NIANBAO = [sys.executable, "-c", "from pipeline.commands import main; main()"]
APP: Any = typer.main.get_command(commands.app)


@pytest.fixture(autouse=True)
def _doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doubles for the reading of documents, in this process and in workers."""
    fake = ModuleType("pipeline.extract")
    fake.__dict__.update(load_model=load_model, extract=lambda path, model: doubles.extract(str(path), model))
    monkeypatch.setitem(sys.modules, "pipeline.extract", fake)
    monkeypatch.setattr(pipeline.bulk.convert, "default_work", doubles.work)


def load_model(folder: Path | None = None) -> doubles.DoubleModel:
    return doubles.load_model(str(folder) if folder else None)


class Ran:
    """What a run of the command gave."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def nianbao(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["nianbao", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            commands.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ran(int(left.value.code or 0), said.out, said.err)

    return run


def document(folder: Path, word: str) -> Path:
    path = folder / f"{word}.txt"
    path.write_text(f"{word} report", encoding="utf-8")
    return path


def test_extract_prints_one_record_a_line(nianbao: Any, tmp_path: Path) -> None:
    ran = nianbao("extract", document(tmp_path, "good"), document(tmp_path, "doubtful"))
    records = [json.loads(line) for line in ran.out.splitlines()]
    assert [record["status"] for record in records] == ["accepted", "needs_review"]
    assert list(records[0]) == [
        "schema", "source", "form", "agency", "year", "title", "status", "fields", "facts", "sections", "checks",
        "problems", "versions",
    ]  # fmt: skip
    assert records[0]["fields"]["staff.full_time"]["confidence"] == 1.0
    assert records[0]["fields"]["staff.part_time"]["location"] == {"page": 2, "box": [1.23, 2, 3, 4.5], "span": None}
    assert "云岭市" in ran.out
    assert (ran.code, ran.err) == (0, "")


def test_extract_pretty_is_the_same_record_for_reading(nianbao: Any, tmp_path: Path) -> None:
    path = document(tmp_path, "good")
    plain, pretty = nianbao("extract", path), nianbao("extract", "--pretty", path)
    assert json.loads(plain.out) == json.loads(pretty.out)
    assert pretty.out.count("\n") > 20


def test_extract_goes_on_after_failures_and_says_each(nianbao: Any, tmp_path: Path) -> None:
    bad, odd, fine = (document(tmp_path, word) for word in ("encrypted", "formless", "good"))
    ran = nianbao("extract", bad, odd, fine)
    records = [json.loads(line) for line in ran.out.splitlines()]
    assert [record["status"] for record in records] == ["failed", "failed", "accepted"]
    assert records[0]["problems"] == [
        {"stage": "readers", "code": "encrypted", "message": "It asks for a password.", "location": None}
    ]
    assert len(records[0]["source"]["sha256"]) == 64
    assert records[0]["versions"] == records[2]["versions"]
    assert ran.err.splitlines() == ["nianbao: It asks for a password.", f"nianbao: {odd}: No form was recognised."]
    assert ran.code == 3
    assert nianbao("extract", odd, fine).code == 1


def test_a_bug_is_one_sentence_and_does_not_stop_the_others(nianbao: Any, tmp_path: Path) -> None:
    ran = nianbao("extract", document(tmp_path, "raise"), document(tmp_path, "good"))
    assert ran.code == 1
    assert "RuntimeError: a fault of the double" in ran.err
    assert "NIANBAO_DEBUG=1" in ran.err
    assert len(ran.out.splitlines()) == 1


def test_a_bug_shows_where_it_happened_when_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NIANBAO_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["nianbao", "extract", str(document(tmp_path, "raise"))])
    with pytest.raises(RuntimeError):
        commands.main()


def test_a_missing_model_is_exit_4(nianbao: Any, tmp_path: Path) -> None:
    for command in (["extract"], ["convert", "--out", tmp_path / "out"]):
        ran = nianbao(*command, document(tmp_path, "good"), "--model", "missing")
        assert (ran.code, ran.err) == (4, "nianbao: There is no model in missing.\n")


def test_wrong_usage_is_exit_2(nianbao: Any, tmp_path: Path) -> None:
    path = document(tmp_path, "good")
    for wrong in (
        ["extract"],
        ["nonsense"],
        ["convert", path],
        ["convert", path, "--out", tmp_path / "out", "--workers", "0"],
        ["convert", path, "--out", tmp_path / "out", "--store", "no-url"],
        ["export", "--store", "sqlite:///x", "--to", "docx", "--out", "y"],
        ["inspect", path, "--stage", "nonsense"],
        ["forms", "1990"],
    ):
        ran = nianbao(*wrong)
        assert (ran.code, ran.out) == (2, ""), wrong
        assert ran.err


def test_convert_then_export(nianbao: Any, tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for word in ("good", "doubtful", "encrypted"):
        document(folder, word)
    (folder / "gold.json").write_text("{}")
    ran = nianbao("convert", folder, "--out", out, "--workers", 1)
    assert ran.code == 1
    assert "3 of 3 documents" in ran.out
    assert "Other files ignored: 1." in ran.out
    table = [re.split(r"\s{2,}", line.strip()) for line in ran.out.splitlines()]
    assert ["accepted", "1"] in table
    assert ["needs review", "1", "doubtful_field", "1"] in table
    assert ["failed", "1", "encrypted", "1"] in table
    assert f"sqlite:///{out}/nianbao.sqlite" in ran.out
    assert str(out / "failures.csv") in ran.out

    again = nianbao("convert", folder, "--out", out)
    assert (again.code, "Read now: 0 " in again.out, "Done before: 3." in again.out) == (1, True, True)

    store = f"sqlite:///{out}/nianbao.sqlite"
    assert nianbao("export", "--store", store, "--to", "csv", "--out", tmp_path / "f.csv").code == 0
    with (tmp_path / "f.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 6
    assert nianbao("export", "--store", store, "--to", "jsonl", "--out", tmp_path / "f.jsonl").code == 0
    assert (tmp_path / "f.jsonl").read_bytes() == (out / "records.jsonl").read_bytes()


def test_a_store_that_cannot_be_used_is_exit_5(nianbao: Any, tmp_path: Path) -> None:
    ran = nianbao("export", "--store", f"sqlite:///{tmp_path}/none.sqlite", "--to", "csv", "--out", tmp_path / "f")
    assert ran.code == 5
    assert "nianbao convert" in ran.err
    ran = nianbao("convert", document(tmp_path, "good"), "--out", tmp_path, "--store", "sqlite:////nowhere/s.sqlite")
    assert ran.code == 5


def test_a_missing_input_is_exit_3(nianbao: Any, tmp_path: Path) -> None:
    ran = nianbao("convert", tmp_path / "typo.pdf", "--out", tmp_path / "out")
    assert (ran.code, ran.err) == (3, f"nianbao: There is no file or folder {tmp_path}/typo.pdf.\n")


def test_forms_lists_forms_and_fields(nianbao: Any) -> None:
    lines = [line.split("\t") for line in nianbao("forms").out.splitlines()]
    assert [line[0] for line in lines] == ["form", "2021", "2019", "pre2019"]
    assert [line[2] for line in lines[1:]] == ["200", "198", "58"]
    fields = nianbao("forms", "2021").out.splitlines()
    assert len(fields) == 201
    assert any(
        line.startswith("requests.refused.state_secret.natural_person\t") and "国家秘密" in line for line in fields
    )


def cell(text: str, column: int, page: int = 1) -> Cell:
    return Cell(text, 0, column, Location(page, (10.0 + 40 * column, 20.0, 40.0 + 40 * column, 30.123456)))


@pytest.fixture
def inspected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A document whose stages are known."""
    row = Row(0, 0, "ruled", ("规章",), (cell("3", 1),), ("",), Location(1, (10, 20, 90, 30)))
    later = Row(1, 0, "ruled", ("规章",), (cell("4", 1, 2),), ("",), Location(2, (10, 20, 90, 30)))
    made = ModuleType("stages")
    made.__dict__.update(
        pages=[Page(1, 200, 100, (Word("规章", (10, 20, 30, 30)),), (Edge(10, 15, 90, 15),))],
        tables={1: [Table("ruled", (cell("规章", 0), cell("3", 1)), Location(1, (10, 20, 90, 30)))]},
        blocks=[Line("一、总体情况", Location(1, (10, 5, 60, 12)))],
        rows=[row, later],
        labelled=[LabelledRow(row, {"regulations": 0.97}), LabelledRow(later, {})],
        record=doubles.record("a", b"a"),
    )
    monkeypatch.setattr(sys.modules["pipeline.extract"], "stages", lambda file, model: made, raising=False)
    return document(tmp_path, "good")


def test_inspect_shows_every_stage_as_json(nianbao: Any, inspected: Path) -> None:
    for stage in ("pages", "tables", "lines", "rows", "labelled", "fields", "checks", "sections", "facts"):
        ran = nianbao("inspect", inspected, "--stage", stage)
        assert (ran.code, isinstance(json.loads(ran.out), list)) == (0, True), stage
    labelled = json.loads(nianbao("inspect", inspected, "--stage", "labelled").out)
    assert labelled[0]["probabilities"] == {"regulations": 0.97}
    assert labelled[0]["row"]["cells"][0]["location"]["box"] == [50.0, 20.0, 80.0, 30.1235]


def test_inspect_of_one_page(nianbao: Any, inspected: Path) -> None:
    for stage, texts in (("rows", ["4"]), ("labelled", ["4"])):
        shown = json.loads(nianbao("inspect", inspected, "--stage", stage, "--page", 2).out)
        assert [(one.get("row") or one)["cells"][0]["text"] for one in shown if one] == texts
    assert json.loads(nianbao("inspect", inspected, "--stage", "lines", "--page", 2).out) == []


def pdf(folder: Path) -> Path:
    canvas = Canvas(str(folder / "page.pdf"), pagesize=(200, 100))
    canvas.drawString(10, 70, "1")
    canvas.save()
    return folder / "page.pdf"


def test_inspect_draws_a_stage_on_the_page(nianbao: Any, inspected: Path, tmp_path: Path) -> None:
    source, image = pdf(tmp_path), tmp_path / "out.png"
    for stage, colour in (("pages", (220, 60, 60)), ("tables", (230, 140, 0)), ("labelled", (0, 140, 140))):
        ran = nianbao("inspect", source, "--stage", stage, "--image", image)
        assert (ran.code, ran.out) == (0, f"Page 1 with its {stage} is in {image}\n")
        with Image.open(image) as picture:
            assert colour in {found for _, found in picture.convert("RGB").getcolors(100_000)}, stage
    assert nianbao("inspect", source, "--stage", "checks", "--image", image).code == 2
    assert nianbao("inspect", inspected, "--stage", "pages", "--image", image).code == 2


def test_version_and_help(nianbao: Any) -> None:
    assert nianbao("--version").out == "nianbao 0.1.0\n"
    ran = nianbao("--help")
    assert (ran.code, all(name in ran.out for name in APP.commands)) == (0, True)
    for name in APP.commands:
        assert nianbao(name, "--help").code == 0


def test_help_loads_nothing_heavy() -> None:
    heavy = ("sqlalchemy", "pebble", "sklearn", "spacy", "jieba", "pdfplumber", "pypdfium2", "lxml", "numpy")
    code = f"import sys, pipeline.commands; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_an_unexpected_error_anywhere_is_one_sentence(nianbao: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.forms.load_forms", lambda: 1 / 0)
    ran = nianbao("forms")
    assert ran.code == 1
    assert ran.err.startswith("nianbao: The program has a fault (ZeroDivisionError: division by zero).")
    monkeypatch.setattr("pipeline.forms.load_forms", interrupt)
    assert nianbao("forms").code == 130
    monkeypatch.setattr("pipeline.forms.load_forms", expected)
    assert nianbao("forms").code == 4


def interrupt() -> None:
    raise KeyboardInterrupt


def expected() -> None:
    raise ModelError("The model is of another version.")


def test_a_closed_pipe_is_quiet() -> None:
    shown = subprocess.Popen([*NIANBAO, "forms", "2021"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert shown.stdout is not None
    shown.stdout.close()
    assert shown.stderr is not None
    assert shown.stderr.read() == b""
    shown.wait()


def options_of(command: Any) -> set[str]:
    return {name for one in command.params for name in one.opts if name.startswith("--") and name != "--help"}


@pytest.mark.parametrize("name", sorted(APP.commands))
def test_the_readme_documents_every_command_and_option_and_no_other(name: str) -> None:
    """The README's lines that begin a mention of a command (`nianbao NAME …`) together name all of its options."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.search(rf"\bnianbao {name}\b", line)]
    assert lines, f"README.md does not name `nianbao {name}`"
    documented = set(re.findall(r"--[a-z][a-z-]*", " ".join(lines)))
    assert options_of(APP.commands[name]) - documented == set()
    assert documented - {option for command in APP.commands.values() for option in options_of(command)} == set()


def test_the_readme_documents_the_program_s_own_options() -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert {name for name in options_of(APP) if f"nianbao {name}" not in text} == set()
