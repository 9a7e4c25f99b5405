"""The whole way from a document to its record, and what every kind of bad input gets."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

import pipeline.extract
from pipeline import extract, load_model
from pipeline.errors import UnreadableInput

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"
RULED = SAMPLES / "yunling-city-2023-ruled" / "source.pdf"
TABS = SAMPLES / "yanting-county-liuyan-town-2023-tabs" / "source.txt"


@pytest.fixture(scope="module")
def model():
    return load_model()


def pdf(draw, pages: int = 1, **options) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1, **options)
    for _ in range(pages):
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def codes(record) -> set[str]:
    return {problem.code for problem in record.problems}


def test_the_same_document_gives_the_same_bytes(model) -> None:
    first, second = (json.dumps(extract(RULED, model).to_dict(), ensure_ascii=False) for _ in range(2))
    assert first == second


def test_a_record_has_every_field_of_its_form_and_the_versions(model) -> None:
    record = extract(RULED, model).to_dict()
    assert (record["form"], record["year"], record["agency"]) == ("2021", 2023, "云岭市")
    assert len(record["fields"]) == 200
    assert record["versions"]["model"] == model.version
    assert record["schema"] == "nianbao.record/1"
    assert [check["kind"] for check in record["checks"]].count("balance") == 7


def test_bytes_and_path_say_the_same(model) -> None:
    by_path, by_bytes = extract(TABS, model), extract(TABS.read_bytes(), model)
    assert by_path.fields == by_bytes.fields
    assert by_path.sha256 == by_bytes.sha256


def test_the_package_gives_the_function_although_a_module_has_its_name() -> None:
    assert callable(pipeline.extract)
    assert pipeline.extract is extract


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (bytes(range(256)) * 40, "not_a_document"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 64, "damaged"),
        (b"%PDF-1.7\n%%EOF", "damaged_pdf"),
    ],
)
def test_what_is_no_document_is_refused_by_name(tmp_path: Path, model, data: bytes, code: str) -> None:
    (tmp_path / "report.pdf").write_bytes(data)
    with pytest.raises(UnreadableInput) as caught:
        extract(tmp_path / "report.pdf", model)
    assert caught.value.code == code
    assert "report.pdf" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path, model) -> None:
    with pytest.raises(UnreadableInput, match=r"nowhere\.pdf") as caught:
        extract(tmp_path / "nowhere.pdf", model)
    assert caught.value.exit_code == 3


def test_an_encrypted_pdf_asks_for_one_without_password(tmp_path: Path, model) -> None:
    data = pdf(lambda canvas: canvas.drawString(72, 700, "x"), encrypt=StandardEncryption("secret"))
    (tmp_path / "locked.pdf").write_bytes(data)
    with pytest.raises(UnreadableInput) as caught:
        extract(tmp_path / "locked.pdf", model)
    assert caught.value.code == "encrypted_pdf"


def test_five_hundred_pages_are_too_many(tmp_path: Path, model) -> None:
    (tmp_path / "budget.pdf").write_bytes(pdf(lambda canvas: canvas.drawString(72, 700, "x"), pages=500))
    with pytest.raises(UnreadableInput) as caught:
        extract(tmp_path / "budget.pdf", model)
    assert caught.value.code == "too_many_pages"


def test_a_pdf_of_pictures_is_a_failed_record_that_says_why(tmp_path: Path, model) -> None:
    picture = ImageReader(Image.new("RGB", (200, 300), "white"))
    (tmp_path / "scan.pdf").write_bytes(pdf(lambda canvas: canvas.drawImage(picture, 0, 0, 595, 842)))
    record = extract(tmp_path / "scan.pdf", model)
    assert record.status == "failed"
    assert "scan_without_text" in codes(record)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_pdf_is_refused_or_read_without_a_guess(tmp_path: Path, model, share: float) -> None:
    whole = RULED.read_bytes()
    (tmp_path / "half.pdf").write_bytes(whole[: int(len(whole) * share)])
    gold = extract(RULED, model).fields
    try:
        record = extract(tmp_path / "half.pdf", model)
    except UnreadableInput:
        return
    for name, field in record.fields.items():
        assert not field.accepted or field.value == gold[name].value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("note.txt", "明天下午两点在三楼会议室开会，请带好材料。\n" * 5),
        ("page.html", "<html><body><h1>通知公告</h1><table><tr><td>序号</td><td>1</td></tr></table></body></html>"),
    ],
)
def test_a_text_without_a_report_fails_and_says_so(tmp_path: Path, model, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    record = extract(tmp_path / name, model)
    assert (record.status, record.form, dict(record.fields)) == ("failed", None, {})
    assert "no_known_form" in codes(record)


def test_a_form_whose_tables_are_missing_is_failed_not_zero(tmp_path: Path, model) -> None:
    text = "某县2023年政府信息公开工作年度报告\n表中列出本年制发件数、本年废止件数、现行有效件数、本年处理决定数量。\n"
    (tmp_path / "prose.txt").write_text(text, encoding="utf-8")
    record = extract(tmp_path / "prose.txt", model)
    assert (record.status, record.form) == ("failed", "2021")
    assert codes(record) == {"no_rows_read"}
    assert not any(field.accepted for field in record.fields.values())


def test_of_two_reports_in_one_file_nothing_is_accepted(tmp_path: Path, model) -> None:
    first = TABS.read_text(encoding="utf-8")
    second = first.replace("柳堰镇", "石桥镇").replace("2023", "2022")
    assert second != first
    (tmp_path / "two.txt").write_text(first + "\n\n" + second, encoding="utf-8")
    record = extract(tmp_path / "two.txt", model)
    assert "several_reports" in codes(record)
    assert not any(field.accepted for field in record.fields.values())
    assert record.status != "accepted"


def test_a_printed_total_that_is_wrong_is_kept_flagged_and_blamed_on_the_report(model) -> None:
    record = extract(SAMPLES / "tangpu-district-2025-wrong-total" / "source.pdf", model)
    total = record.fields["requests.carried_out.total"]
    assert (total.value, total.accepted) == (27, False)
    failed = [check for check in record.checks if check.holds is False]
    assert {check.id for check in failed} == {"row_total.requests.carried_out", "balance.total"}
    assert {check.blames for check in failed} == {"report"}
    assert all(check.suspects == ("requests.carried_out.total",) for check in failed)


def test_the_prose_is_held_against_the_tables(model) -> None:
    record = extract(RULED, model)
    prose = [check for check in record.checks if check.kind == "prose"]
    assert prose
    assert all(check.left == record.facts[check.id.removeprefix("prose.")].value for check in prose)
