"""Labels by Label Studio: tasks that it can load, and its exports read back as what they say of the rows."""

import json
import shutil
from pathlib import Path

import pytest

from models.label_studio import write_project
from models.label_studio_export import read_export
from models.labels import examples_of, report_of
from pipeline.errors import UsageError
from pipeline.extract import load_model

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"
PDF = SAMPLES / "linxi-county-2024-office-export"
WEB = SAMPLES / "weichuan-county-2017-statistics-web-page"
TABS = SAMPLES / "yanting-county-liuyan-town-2023-tabs"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("reports")
    sources = [next(sample.glob("source.*")) for sample in (PDF, WEB, TABS)]
    copies = [Path(shutil.copy(one, folder / f"{one.parent.name}{one.suffix}")) for one in sources]
    return [report_of(one, load_model()) for one in copies]


@pytest.fixture(scope="module")
def project(reports, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("studio") / "project"
    write_project(reports, out, "rows-1")
    return out


def tasks_of(project: Path, kind: str):
    return json.loads((project / f"{kind}.json").read_text(encoding="utf-8"))


def annotated(tasks, **about):
    """The tasks as Label Studio exports them once somebody submitted the predictions as they are."""
    return [
        {
            "id": place,
            "data": task["data"],
            "annotations": [{"id": place, "result": task["predictions"][0]["result"], "was_cancelled": False, **about}],
        }
        for place, task in enumerate(tasks, 1)
    ]


def exported(tasks, file: Path) -> Path:
    file.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    return file


def labels_in(task):
    return [one for one in task["annotations"][0]["result"] if one["from_name"] == "label"]


def test_each_page_with_rows_is_a_task_with_its_picture_and_a_box_a_row(project, reports) -> None:
    from PIL import Image

    tasks = tasks_of(project, "pages")
    assert [task["data"]["page"] for task in tasks] == [2, 3]
    assert sum(len(task["predictions"][0]["result"]) for task in tasks) == len(reports[0].lines) == 32
    for task in tasks:
        url = task["data"]["image"]
        assert url.startswith("/data/local-files/?d=project/pages/")
        with Image.open(project / "pages" / url.rsplit("/", 1)[1]) as picture:
            size = picture.size
        regions = task["predictions"][0]["result"]
        assert {(one["original_width"], one["original_height"]) for one in regions} == {size}
        assert all(0 <= one["value"]["x"] <= one["value"]["x"] + one["value"]["width"] <= 100 for one in regions)
    row, page = reports[0].made.rows[0], reports[0].made.pages[1]
    first = tasks[0]["predictions"][0]["result"][0]["value"]
    assert first["y"] == pytest.approx(100 * row.location.box[1] / page.height, abs=0.001)
    assert first["rectanglelabels"] == ["disclosure.regulations"]
    assert tasks[0]["predictions"][0]["model_version"] == "rows-1"


def test_a_span_is_the_rows_text_and_a_web_page_is_written_out(project, reports) -> None:
    web, tabs = tasks_of(project, "texts")
    assert tabs["data"]["text"] == reports[2].made.pages[0].text
    for task in (web, tabs):
        for one in task["predictions"][0]["result"]:
            place = one["value"]
            assert task["data"]["text"][place["start"] : place["end"]] == place["text"]
    assert "<td" not in web["data"]["text"]
    assert web["predictions"][0]["result"][1]["value"]["text"] == "其中：主动公开规范性文件数: 496"


def test_the_configuration_offers_the_labels_of_the_forms(project) -> None:
    from xml.etree import ElementTree

    view = ElementTree.parse(project / "pages.xml").getroot()
    offered = [one.get("value") for one in view.iter("Label")]
    assert offered[0] == "disclosure.regulations"
    assert offered[-3:] == ["none", "head", "note"]
    assert "disclosure.items" not in offered  # a row of pre2019, of which no page is
    assert "disclosure.items" in [one.get("value") for one in ElementTree.parse(project / "texts.xml").iter("Label")]


@pytest.mark.parametrize("kind", ["pages", "texts"])
def test_what_label_studio_says_it_takes(project, kind: str) -> None:
    interface = pytest.importorskip(
        "label_studio_sdk.label_interface", reason="needs pip install 'nianbao[label-studio]'"
    )
    studio = interface.LabelInterface((project / f"{kind}.xml").read_text(encoding="utf-8"))
    studio.validate()
    for task in tasks_of(project, kind):
        assert studio.validate_prediction(task["predictions"][0], return_errors=True) == []
        assert studio.validate_task({"data": task["data"]})


@pytest.mark.parametrize("kind", ["pages", "texts"])
@pytest.mark.parametrize("form", ["JSON", "JSON_MIN"])
def test_the_converters_exports_are_read_back(project, reports, kind: str, form: str, tmp_path: Path) -> None:
    converter = pytest.importorskip("label_studio_sdk.converter", reason="needs pip install 'nianbao[label-studio]'")
    tasks = annotated(tasks_of(project, kind), created_at="2026-01-05T10:00:00Z", updated_at="2026-01-05T10:00:00Z")
    changed = labels_in(tasks[0])[1]["value"]
    changed["rectanglelabels" if kind == "pages" else "labels"] = ["none"]
    exported(tasks, tmp_path / "tasks.json")
    settings = (project / f"{kind}.xml").read_text(encoding="utf-8")
    studio = converter.Converter(settings, str(tmp_path), download_resources=False)
    studio.convert(str(tmp_path / "tasks.json"), str(tmp_path / "out"), form, is_dir=False)
    told, remarks = read_export(tmp_path / "out" / "result.json")
    assert remarks == []
    lessons = examples_of(told)
    wanted = [reports[0]] if kind == "pages" else reports[1:]
    assert len(lessons.examples) == len(wanted)
    for example, report in zip(lessons.examples, wanted, strict=True):
        names = [line.label for line in report.lines]
        assert len(example.names) == len(names)
        assert example.names[1] == ("none" if report is wanted[0] else names[1])
        assert example.names[2:] == tuple(names[2:])


def test_a_correction_names_its_row_and_errors_name_the_task(project, tmp_path: Path) -> None:
    tasks = annotated(tasks_of(project, "pages"))
    value = labels_in(tasks[0])[0]["value"]
    value |= {"x": value["x"] + 1, "y": value["y"] + 0.3, "rectanglelabels": ["head"]}  # drawn anew by hand
    lessons = examples_of(read_export(exported(tasks, tmp_path / "x.json"))[0])
    assert lessons.examples[0].names[0] == "head"
    value["rectanglelabels"] = ["disclosure.regulation"]
    with pytest.raises(UsageError, match=r"x\.json, task 1: there is no label .* 'disclosure\.regulations'"):
        examples_of(read_export(exported(tasks, tmp_path / "x.json"))[0])


def test_a_row_without_region_or_with_two_opinions_teaches_nothing(project, tmp_path: Path) -> None:
    tasks = annotated(tasks_of(project, "pages"))
    first, second = tasks[0]["annotations"][0], json.loads(json.dumps(tasks[0]["annotations"][0]))
    tasks[0]["annotations"].append(second)
    second["result"][3]["value"]["rectanglelabels"] = ["note"]
    del first["result"][5], second["result"][5]
    stray = json.loads(json.dumps(first["result"][0]))
    stray["value"] |= {"y": 1.0, "height": 2.0}
    first["result"].append(stray)
    told, remarks = read_export(exported(tasks, tmp_path / "x.json"))
    lessons = examples_of(told)
    every = {line.line.row for line in told}
    assert len(lessons.examples[0].rows) == len(every) - 2 == 30
    assert any("row 4 is left out: annotations call it disclosure.penalty, note." in one for one in remarks)
    assert any("on no row that the program reads" in one for one in remarks)
    assert any("2 rows with an unsure guess" in one for one in lessons.remarks)
    second["ground_truth"] = True
    lessons = examples_of(read_export(exported(tasks, tmp_path / "x.json"))[0])
    assert lessons.examples[0].names[3] == "none"


def test_what_nobody_submitted_is_no_lesson(project, tmp_path: Path) -> None:
    tasks = annotated(tasks_of(project, "pages"))
    tasks[0]["annotations"][0]["was_cancelled"] = True
    told, remarks = read_export(exported(tasks, tmp_path / "x.json"))
    assert {one.number for one in told} == {2}
    assert "1 tasks without a submitted annotation" in remarks[0]
    with pytest.raises(UsageError, match="no task has an annotation"):
        read_export(exported(tasks_of(project, "pages"), tmp_path / "x.json"))


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[1]", "[" * 100_000, '[{"id": 1, "data": {}, "annotations": [{"result": [{"value": 3}]}]}]',
     '[{"data": {"rows": 7}, "annotations": [{"result": [{"from_name": "label", "value": {"labels": ["none"]}}]}]}]'],
)  # fmt: skip
def test_what_is_no_export_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"x\.json"):
        read_export(tmp_path / "x.json")
