"""Corrections made on the review page become labelled rows; what they do not settle is said, not guessed."""

import sys
import zipfile
from pathlib import Path

import pytest

from models.inputs import gather
from models.label_files import write_lines
from models.labels import examples_of
from models.reviewed import lines_told, read_store
from pipeline import commands
from pipeline.corrections import Change
from pipeline.errors import UsageError
from pipeline.extract import extract, load_model
from pipeline.readers import open_source
from pipeline.storage import open_store

PRINTED = (
    ("一、本年度收到各方面提出的公开请求总件次", "requests.received.total", 41),
    ("1.当面申请数", "requests.received.in_person", 5),
    ("2.传真申请数", "requests.received.fax", 0),
    ("3.网络申请数", "requests.received.online", 29),
    ("4.信函申请数", "requests.received.letter", 7),
    ("二、因政府信息公开被提起行政复议数", "review.total", 43),
    ("三、本级政务热线接听电话数", "", 9120),
)


def report(folder: Path, name: str = "report.html") -> Path:
    lines = "".join(f"<tr><td>{label}</td><td>件</td><td>{value}</td></tr>" for label, _, value in PRINTED)
    head = "<h1>溪口县2014年政府信息公开工作年度报告</h1><h2>政府信息公开情况统计表</h2>"
    path = folder / name
    path.write_text(
        f"{head}<table><tr><td>统计指标</td><td>单位</td><td>统计数</td></tr>{lines}</table>", encoding="utf-8"
    )
    return path


def reviewed(folder: Path, path: Path | str, changes: list[Change], data: bytes | None = None) -> str:
    """A store with the report of which somebody changed fields on the review page."""
    url = f"sqlite:///{folder / 'nianbao.sqlite'}"
    record = extract(open_source(path, data), load_model())
    with open_store(url) as store:
        store.save(record.to_dict())
        seen = store.reviewed(record.sha256)
        if changes:
            store.correct(record.sha256, seen.version, changes, "王审核")
    return url


EVERY = [Change(name, "value", value) for _, name, value in PRINTED if name]


def test_a_corrected_figure_names_its_row(tmp_path: Path) -> None:
    path = report(tmp_path)
    url = reviewed(tmp_path, path, EVERY)
    (found,), open_rows = read_store(url, load_model())
    assert open_rows == []
    by_text = {line.text: line.correction for line in found.lines}
    assert by_text[PRINTED[0][0]] == "requests.received.total"
    assert [by_text[label] for label, name, _ in PRINTED[1:5]] == [name for _, name, _ in PRINTED[1:5]]
    (example,) = examples_of(lines_told([found])).examples
    assert dict(zip((row.labels[-1] for row in example.rows), example.names, strict=True))[PRINTED[0][0]] == (
        "requests.received.total"
    )


def test_of_a_report_that_is_settled_what_is_left_is_no_field(tmp_path: Path) -> None:
    path = report(tmp_path)
    known = {change.field for change in EVERY}
    others = [Change(name, "absent") for name in extract(path, load_model()).fields if name not in known]
    (found,), _ = read_store(reviewed(tmp_path, path, [*EVERY, *others]), load_model())
    assert found.lines[-1].correction == "none"
    folder = tmp_path / "b"
    folder.mkdir()
    (partly,), _ = read_store(reviewed(folder, report(tmp_path, "b.html"), EVERY), load_model())
    assert partly.lines[-1].correction == ""


def test_figures_that_stand_nowhere_settle_nothing_and_are_listed(tmp_path: Path) -> None:
    url = reviewed(tmp_path, report(tmp_path), [Change("requests.received.total", "value", 77)])
    (found,), open_rows = read_store(url, load_model())
    assert "requests.received.total" not in {line.correction for line in found.lines}
    assert len(open_rows) == 1
    assert "which row requests.received.total is cannot be told" in open_rows[0]
    lessons = examples_of(lines_told([found]))
    assert "requests.received.total" not in lessons.examples[0].names  # nor does the guess stand that gold refutes


def test_a_file_that_is_gone_or_another_is_named(tmp_path: Path) -> None:
    path = report(tmp_path)
    url = reviewed(tmp_path, path, EVERY)
    path.write_text("another", encoding="utf-8")
    assert "other bytes than those that were converted" in read_store(url, load_model())[1][0]
    path.unlink()
    reports, open_rows = read_store(url, load_model())
    assert reports == []
    assert "report.html is not there" in open_rows[0]


def test_a_document_inside_an_archive_teaches_like_any_other(tmp_path: Path) -> None:
    """From the store, and by the file of rows that was made of it, wherever the two are moved together."""
    path = report(tmp_path)
    (tmp_path / "in").mkdir()
    archive = tmp_path / "in" / "2014.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(path, "county/report.html")
    url = reviewed(tmp_path, f"{archive}!/county/report.html", EVERY, path.read_bytes())
    path.unlink()
    (found,), open_rows = read_store(url, load_model())
    assert open_rows == []
    (example,) = examples_of(lines_told([found])).examples
    assert len(example.rows) == 6
    assert "requests.received.total" in example.names
    write_lines(found.lines, tmp_path / "in" / "rows.csv")
    (tmp_path / "in").rename(tmp_path / "moved")
    assert gather([tmp_path / "moved" / "rows.csv"], None).new == [example]
    (tmp_path / "moved" / "2014.zip").write_bytes(b"PK")
    with pytest.raises(UsageError, match=r"rows.csv, line 2: .*2014.zip"):
        gather([tmp_path / "moved" / "rows.csv"], None)
    (tmp_path / "moved" / "2014.zip").unlink()
    assert "is not there" in read_store(url, load_model())[1][0]


def test_a_store_without_corrections_teaches_nothing(tmp_path: Path) -> None:
    url = reviewed(tmp_path, report(tmp_path), [])
    with pytest.raises(UsageError, match=r"Nobody has corrected anything in sqlite.*nianbao review"):
        read_store(url, load_model())


def test_training_takes_a_store_by_its_url(tmp_path: Path) -> None:
    url = reviewed(tmp_path, report(tmp_path), EVERY)
    inputs = gather([url], None)
    assert len(inputs.new) == 1
    assert "requests.received.total" in inputs.new[0].names
    assert next(iter(inputs.places.values())).endswith("report.html, row 1")


def test_the_command_writes_the_rows_of_a_store(tmp_path: Path, monkeypatch, capsys) -> None:
    url = reviewed(tmp_path, report(tmp_path), EVERY)
    monkeypatch.setattr(sys, "argv", ["nianbao", "label", "--store", url, "--out", str(tmp_path / "rows.csv")])
    with pytest.raises(SystemExit) as left:
        commands.main()
    assert not left.value.code
    assert "7 rows of 1 documents" in capsys.readouterr().out
    assert "requests.received.total" in (tmp_path / "rows.csv").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["nianbao", "label", "--out", str(tmp_path / "rows.csv")])
    with pytest.raises(SystemExit) as left:
        commands.main()
    assert left.value.code == 2
    assert "There is nothing to label" in capsys.readouterr().err
