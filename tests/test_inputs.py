"""What the user names, as documents: patterns, lists, manifests, archives and what is in them."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from pipeline.bulk.archive_limits import ArchiveLimits
from pipeline.bulk.inputs import Inputs
from pipeline.bulk.manifest import Known, Listed, read_list, read_manifest, with_known
from pipeline.errors import UnreadableInput, UsageError
from tests import doubles


def found(*given: object, stdin: bytes = b"", limits: ArchiveLimits | None = None) -> dict[str, str | None]:
    """The documents in their order, with the code of what is wrong with each."""
    with Inputs([str(one) for one in given], limits or ArchiveLimits(), io.BytesIO(stdin)) as inputs:
        documents = {one.path: one.trouble and one.trouble.code for one in inputs}
        assert inputs.total == len(documents)
    return documents


def known(*given: object) -> dict[str, Known]:
    with Inputs([str(one) for one in given], ArchiveLimits()) as inputs:
        return {one.path: one.known for one in inputs}


def archive(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, text in members.items():
            file.writestr(name.replace("__", "."), text)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("2021/a.txt", "2021/b.html", "2022/deep/c.txt", "2022/photo.gif", "d [1].txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    return tmp_path


def test_patterns_name_files_and_folders(here: Path) -> None:
    assert list(found("20*/*.txt")) == ["2021/a.txt"]
    assert list(found("**/*.txt")) == ["2021/a.txt", "2022/deep/c.txt", "d [1].txt"]
    assert list(found("20??")) == ["2021/a.txt", "2021/b.html", "2022/deep/c.txt"]
    assert list(found("d [1].txt")) == ["d [1].txt"]
    with pytest.raises(UnreadableInput, match=r"no file or folder 19\*"):
        found("19*")


def test_pictures_are_documents_unless_a_browser_saved_them_beside_a_page(here: Path) -> None:
    for name in ("report_files/logo.png", "scans/1.tiff", "scans/2.JPG", "scans/icon.gif"):
        (here / "saved" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "saved" / name).write_text("picture")
    archive(here / "saved.zip", **{"page.files/logo__jpg": "a", "./page__png": "b", ".hidden/x__png": "c"})
    assert list(found("saved", "saved.zip")) == ["saved/scans/1.tiff", "saved/scans/2.JPG", "saved.zip!/./page.png"]


def test_a_list_on_standard_input(here: Path) -> None:
    lines = b"2021/a.txt\r\n\n2022\n*.txt\nnone.txt\n"
    assert found("-", stdin=lines) == {
        "2021/a.txt": None,
        "2022/deep/c.txt": None,
        "d [1].txt": None,
        "none.txt": "missing_file",
    }
    assert list(found("2022", "-", stdin=b"2021/a.txt\0d [1].txt\0")) == ["2022/deep/c.txt", "2021/a.txt", "d [1].txt"]
    with pytest.raises(UnreadableInput) as told:
        found("-", stdin=b"")
    assert told.value.code == "no_documents"


def test_a_list_may_name_files_that_are_not_utf8(here: Path) -> None:
    name = os.fsdecode(b"\xc4\xea\xb1\xa8.txt")
    (here / name).write_text("text")
    assert found("-", stdin=os.fsencode(name)) == {name: None}


def test_long_lists_are_read_in_pieces() -> None:
    paths = [f"folder/{number:05}.pdf" for number in range(20_000)]
    assert [one.path for one in read_list(io.BytesIO("\n".join(paths).encode()))] == paths


def test_archives_are_read_wherever_they_lie(here: Path) -> None:
    inner = archive(here / "inner.zip", e__pdf="5")
    outer = here / "2022/all.zip"
    with zipfile.ZipFile(outer, "w") as file:
        file.writestr("2020/f.txt", "6")
        file.writestr("report", "%PDF-1.7")
        file.writestr("photo", "JFIF")
        file.writestr("README.md", "about")
        file.writestr("__MACOSX/._f.txt", "rubbish")
        file.write(inner, "inner.zip")
    with Inputs(["2022"], ArchiveLimits()) as inputs:
        assert inputs.total == 4  # `report` and `photo` may be documents, and the inner archive is still closed
        documents = list(inputs)
        assert (inputs.total, inputs.ignored) == (4, 4)
    assert [(one.path, one.data) for one in documents] == [
        ("2022/all.zip!/2020/f.txt", b"6"),
        ("2022/all.zip!/report", b"%PDF-1.7"),
        ("2022/all.zip!/inner.zip!/e.pdf", b"5"),
        ("2022/deep/c.txt", None),
    ]


def test_members_can_be_named(here: Path) -> None:
    archive(here / "a.zip", b__txt="1", c__txt="2", photo__gif="3")
    with zipfile.ZipFile(here / "o.zip", "w") as file:
        file.write(here / "a.zip", "in/a.zip")
        file.writestr("d.txt", "4")
    assert found("a.zip!/c.txt", "a.zip!/photo.gif") == {"a.zip!/c.txt": None, "a.zip!/photo.gif": None}
    assert found("o.zip!/in/a.zip!/b.txt") == {"o.zip!/in/a.zip!/b.txt": None}
    assert list(found("o.zip!/in/a.zip")) == ["o.zip!/in/a.zip!/b.txt", "o.zip!/in/a.zip!/c.txt"]
    lines = b"a.zip!/b.txt\na.zip!/none.txt\no.zip!/d.txt"
    assert found("-", stdin=lines) == {"a.zip!/b.txt": None, "a.zip!/none.txt": "missing_file", "o.zip!/d.txt": None}


def test_an_archive_that_cannot_be_read_is_one_failure(here: Path) -> None:
    (here / "2021/z.zip").write_bytes(b"rubbish")
    assert found("2021") == {"2021/a.txt": None, "2021/b.html": None, "2021/z.zip": "damaged"}
    archive(here / "many.zip", **{f"{number}__txt": "1" for number in range(5)})
    cut = found("many.zip", limits=ArchiveLimits(members=3))
    assert list(cut.values()) == [None, None, None, "archive_members"]


def manifest(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_manifest_says_what_is_known(encoding: str, here: Path) -> None:
    archive(here / "a.zip", b__txt="1", c__txt="2")
    lines = (
        "note,path,Agency,year",
        "x,2021/a.txt,云岭市,2021",
        ",2022,,2022年",
        ",a.zip!/b.txt,甲县,",
        ",a.zip!/c.txt,乙县,",
    )
    text = "\r\n".join((*lines, ",,,", ""))
    assert known(manifest(here / "list.csv", text, encoding)) == {
        "2021/a.txt": Known("云岭市", 2021),
        "2022/deep/c.txt": Known(None, 2022),
        "a.zip!/b.txt": Known("甲县"),
        "a.zip!/c.txt": Known("乙县"),
    }


def test_a_manifest_may_have_chinese_heads_and_lie_beside_its_files(here: Path) -> None:
    manifest(here / "2021/list.csv", "路径,单位,年度\na.txt,云岭市,2020\nnone.txt,,\n")
    path = "2021/list.csv"
    assert known(path) == {"2021/a.txt": Known("云岭市", 2020), "none.txt": Known()}
    assert found(path) == {"2021/a.txt": None, "none.txt": "missing_file"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column `path`"),
        ("file name\na.txt\n", "no column `path`"),
        ("path,path\na,b\n", "no column `path`"),
        ("path,year\n2021/a.txt,twenty\n", "line 2, has the year twenty"),
        ("path,year\n2021/a.txt,1066\n", "line 2, has the year 1066"),
        ("year,path\n2021,\n", "line 2, names no path"),
        ('path\n"2021/a.txt\n', "line 2, is not CSV"),
        ("path\n" + "x" * 200_000, "is not CSV"),
    ],
)
def test_a_manifest_that_is_none_stops_before_the_run(text: str, said: str, here: Path) -> None:
    with pytest.raises(UsageError, match=said):
        found(manifest(here / "list.csv", text))


def test_a_manifest_that_is_no_text_is_told(here: Path) -> None:
    (here / "list.csv").write_bytes(b"path\n\xff\xff\xff\n")
    with pytest.raises(UsageError, match="is not CSV"):
        found(here / "list.csv")


def test_paths_made_safe_for_spreadsheets_are_found_again(here: Path) -> None:
    odd = os.fsdecode(b"\xc4\xea.txt")
    for name in ("=a.txt", odd, "'b.txt"):
        (here / name).write_text("text")
    escaped = odd.encode("utf-8", "backslashreplace").decode()
    lines = manifest(here / "list.csv", f"path\n'=a.txt\n{escaped}\n'b.txt\n")
    assert [one.path for one in read_manifest(lines)] == ["=a.txt", odd, "'b.txt"]


def test_what_is_known_fills_and_overrides_nothing() -> None:
    printed = doubles.record("a", b"a").to_dict()
    silent = doubles.record("a", b"a", agency=None).to_dict()
    filled = with_known(silent, Known("云岭市", 2016))
    assert (filled["agency"], filled["year"]) == ("云岭市", 2016)
    assert [one["code"] for one in filled["problems"]] == ["agency_from_manifest", "year_from_manifest"]
    assert with_known(printed, Known("云岭市人民政府", 2016)) == printed
    other = with_known(printed, Known("甲县", 2017))
    assert (other["agency"], other["year"]) == ("云岭市", 2016)
    assert [one["code"] for one in other["problems"]] == [
        "agency_differs_from_manifest",
        "year_differs_from_manifest",
    ]
    assert "甲县" in other["problems"][0]["message"]
    assert "云岭市" in other["problems"][0]["message"]


@pytest.mark.parametrize("agency", ["云岭市", None])
def test_what_is_known_may_change(agency: str | None) -> None:
    record = doubles.record("a", b"a", agency=agency).to_dict()
    known = Known("甲县", 2017)
    assert with_known(with_known(record, Known("乙县", 2018)), known) == with_known(record, known)
    assert with_known(with_known(record, known), known) == with_known(record, known)
    assert with_known(with_known(record, known), Known()) == record


def test_a_listed_path_knows_nothing_by_itself() -> None:
    assert Listed("a.pdf").known == Known(None, None)
