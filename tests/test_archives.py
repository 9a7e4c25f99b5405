"""Archives from strangers: every wanted member is read, every limit has a name, and nothing is written to disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.bulk.archive_limits import ArchiveLimits, Member
from pipeline.bulk.archives import is_archive, member_names, read_members
from pipeline.errors import UnreadableInput

py7zr = pytest.importorskip("py7zr", reason="7z archives need the extra `archives`")
LIMITS = ArchiveLimits(members=20, member=1 << 20, ratio=100, free=4 << 20, name=100, depth=2)
Files = list[tuple[str, bytes]]


def make_zip(files: Files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return made.getvalue()


def make_tar(files: Files) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def make_7z(files: Files, password: str | None = None, *, hide: bool = False, plain: bool = False) -> bytes:
    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w", password=password, header_encryption=hide) as archive:
        archive.encoded_header_mode = not plain  # plain: the list of names is not packed
        for name, data in files:
            archive.writestr(data, name)
    return made.getvalue()


KINDS: dict[str, Callable[[Files], bytes]] = {
    "a.zip": make_zip,
    "a.tar": make_tar,
    "a.tar.gz": lambda files: gzip.compress(make_tar(files)),
    "a.TGZ": lambda files: gzip.compress(make_tar(files)),
    "a.tar.bz2": lambda files: bz2.compress(make_tar(files)),
    "a.tar.xz": lambda files: lzma.compress(make_tar(files)),
    "a.7z": make_7z,
}


def read(path: Path, limits: ArchiveLimits = LIMITS, suffixes: tuple[str, ...] = (".txt",)) -> Iterator[Member | None]:
    return read_members(str(path), lambda name: name.endswith(suffixes) or is_archive(name), limits)


def contents(path: Path, limits: ArchiveLimits = LIMITS) -> dict[str, bytes | str]:
    """The bytes of each member, or the code of what is wrong with it; the archive's own trouble under ""."""
    found: dict[str, bytes | str] = {}
    try:
        for member in read(path, limits):
            if member:
                found[member.name.removeprefix(f"{path}!/")] = member.trouble.code if member.trouble else member.data
    except UnreadableInput as trouble:
        found[""] = trouble.code
    return found


def put(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("name", KINDS)
def test_wanted_members_come_in_order_and_the_rest_is_counted(name: str, tmp_path: Path) -> None:
    files = [("b.txt", b"second"), ("深/年报.txt", "一".encode()), ("photo.gif", b"x" * 9999), ("a.txt", b"")]
    path = put(tmp_path, name, KINDS[name](files))
    members = list(read(path))
    assert sorted(member.name for member in members if member) == sorted(
        f"{path}!/{name}" for name in ("b.txt", "深/年报.txt", "a.txt")
    )
    assert contents(path) == {"b.txt": b"second", "深/年报.txt": "一".encode(), "a.txt": b""}
    assert members.count(None) == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.7z"])
def test_names_are_listed_without_unpacking(name: str, tmp_path: Path) -> None:
    path = put(tmp_path, name, KINDS[name]([("b.txt", b"1"), ("年报.txt", b"2")]))
    assert member_names(str(path)) == ["b.txt", "年报.txt"]
    assert member_names(str(put(tmp_path, "broken" + name, b"no archive"))) is None


def test_names_of_chinese_windows_are_read(tmp_path: Path) -> None:
    made = make_zip([("xxxx.txt", b"1"), ("plain.txt", b"2")]).replace(b"xxxx", "年报".encode("gb18030"))
    assert contents(put(tmp_path, "a.zip", made)) == {"年报.txt": b"1", "plain.txt": b"2"}


@pytest.mark.parametrize("outer", ["a.zip", "a.tar", "a.tar.gz", "a.7z"])
def test_archives_in_archives_are_read_to_a_depth(outer: str, tmp_path: Path) -> None:
    third = make_zip([("deep.txt", b"3")])
    second = make_zip([("inner.txt", b"2"), ("third.zip", third)])
    path = put(tmp_path, outer, KINDS[outer]([("second.zip", second), ("last.txt", b"1")]))
    assert contents(path) == {
        "second.zip!/inner.txt": b"2",
        "second.zip!/third.zip": "archive_nesting",
        "last.txt": b"1",
    }


@pytest.mark.parametrize("name", [name for name in KINDS if name != "a.7z"])
@pytest.mark.parametrize("evil", ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "C:\\evil.txt", "..\\evil.txt"])
def test_a_name_that_leads_out_is_refused_and_the_others_are_read(name: str, evil: str, tmp_path: Path) -> None:
    path = put(tmp_path, name, KINDS[name]([(evil, b"evil"), ("good.txt", b"fine")]))
    found = contents(path)
    assert found.pop("good.txt") == b"fine"
    assert list(found.values()) == ["archive_path"]


@pytest.mark.parametrize("evil", ["../evil.txt", "/etc/evil.txt", "C:\\evil.txt"])
def test_a_7z_name_that_leads_out_is_refused_too(evil: str, tmp_path: Path) -> None:
    """py7zr writes no such names, so a harmless one is exchanged; the list is then as its own checksums say."""
    harmless = "x" * len(evil)
    made = make_7z([(harmless, b"evil"), ("good.txt", b"fine")], plain=True)
    path = put(tmp_path, "a.7z", exchange(made, harmless, evil))
    found = contents(path)
    assert found.pop("good.txt") == b"fine"
    assert list(found.values()) == ["archive_path"]


def exchange(archive: bytes, old: str, new: str) -> bytes:
    """A 7z archive with a name exchanged for one of the same length, and the two checksums of its head set right."""
    made = bytearray(archive)
    place = made.index(old.encode("utf-16-le"))
    made[place : place + 2 * len(new)] = new.encode("utf-16-le")
    begin, size = (int.from_bytes(made[at : at + 8], "little") for at in (12, 20))
    made[28:32] = zlib.crc32(made[32 + begin : 32 + begin + size]).to_bytes(4, "little")
    made[8:12] = zlib.crc32(made[12:32]).to_bytes(4, "little")
    return bytes(made)


def test_long_names_are_refused(tmp_path: Path) -> None:
    found = contents(put(tmp_path, "a.zip", make_zip([("x" * 200 + ".txt", b"1"), ("good.txt", b"2")])))
    assert found.pop("good.txt") == b"2"
    assert list(found.values()) == ["archive_path"]


@pytest.mark.parametrize("name", KINDS)
def test_a_member_too_large_costs_itself(name: str, tmp_path: Path) -> None:
    files = [("large.txt", bytes(range(256)) * 4097), ("good.txt", b"fine")]
    assert contents(put(tmp_path, name, KINDS[name](files))) == {"large.txt": "too_large", "good.txt": b"fine"}


@pytest.mark.parametrize("name", KINDS)
def test_an_archive_of_too_many_files_is_read_to_the_limit(name: str, tmp_path: Path) -> None:
    found = contents(put(tmp_path, name, KINDS[name]([(f"{number}.txt", b"1") for number in range(30)])))
    assert found.pop("") == "archive_members"
    assert len(found) == (0 if name == "a.7z" else 20)  # a 7z archive tells how many it holds beforehand


@pytest.mark.parametrize("name", [name for name in KINDS if name != "a.tar"])
def test_a_bomb_is_stopped(name: str, tmp_path: Path) -> None:
    files = [("good.txt", b"fine"), *((f"{number}.txt", bytes(1 << 20)) for number in range(10))]
    found = contents(put(tmp_path, name, KINDS[name](files)))
    assert found.pop("") == "archive_ratio"
    assert len(found) <= 4


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tar.xz", "a.7z"])
def test_a_bomb_among_unwanted_members_is_stopped_too(name: str, tmp_path: Path) -> None:
    files = [("zeros.bin", bytes(30 << 20)), ("good.txt", b"fine")]
    assert contents(put(tmp_path, name, KINDS[name](files))) == {"": "archive_ratio"}


def test_a_bomb_of_bombs_is_stopped(tmp_path: Path) -> None:
    bomb = make_zip([(f"{number}.txt", bytes(1 << 19)) for number in range(8)])
    found = contents(put(tmp_path, "a.zip", make_zip([(f"{number}.zip", bomb) for number in range(8)])))
    assert found[""] == "archive_ratio"
    assert len(found) < 12


def test_members_that_share_their_bytes_are_a_bomb_too(tmp_path: Path) -> None:
    """All entries of the list point at the one member that is there."""
    made = bytearray(make_zip([("0.txt", bytes(1 << 20))]))
    begin = made.index(b"PK\x01\x02")
    end = made.index(b"PK\x05\x06")
    entries = bytes(made[begin:end])
    tail = bytearray(made[end:])
    tail[8:12] = (12).to_bytes(2, "little") * 2
    tail[12:16] = (12 * len(entries)).to_bytes(4, "little")
    found = contents(put(tmp_path, "a.zip", bytes(made[:begin]) + entries * 12 + bytes(tail)))
    assert found[""] == "archive_ratio"


def test_a_locked_zip_member_costs_itself(tmp_path: Path) -> None:
    made = bytearray(make_zip([("locked.txt", b"secret"), ("good.txt", b"fine")]))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.index(sign) + place] |= 1
    assert contents(put(tmp_path, "a.zip", bytes(made))) == {"locked.txt": "encrypted", "good.txt": b"fine"}


@pytest.mark.parametrize("hide", [False, True])
def test_a_locked_7z_is_told(hide: bool, tmp_path: Path) -> None:
    made = make_7z([("a.txt", b"secret")], "password", hide=hide)
    assert contents(put(tmp_path, "a.7z", made)) == {"": "encrypted"}


def test_a_way_of_packing_that_is_not_known_costs_its_member(tmp_path: Path) -> None:
    made = bytearray(make_zip([("odd.txt", b"1"), ("good.txt", b"fine")]))
    made[made.index(b"PK\x01\x02") + 10] = 99
    found = contents(put(tmp_path, "a.zip", bytes(made)))
    assert found["odd.txt"] in ("unsupported_member", "damaged")
    assert found["good.txt"] == b"fine"


def test_a_member_that_is_damaged_costs_itself(tmp_path: Path) -> None:
    made = bytearray(make_zip([("bad.txt", b"first" * 100), ("good.txt", b"fine")]))
    place = made.index(b"bad.txt") + 10
    made[place : place + 4] = b"\xff\xff\xff\xff"
    assert contents(put(tmp_path, "a.zip", bytes(made))) == {"bad.txt": "damaged", "good.txt": b"fine"}


@pytest.mark.parametrize("name", KINDS)
def test_an_archive_that_is_cut_off_or_none_is_told(name: str, tmp_path: Path) -> None:
    whole = KINDS[name]([(f"{number}.txt", bytes(range(256)) * 9) for number in range(9)])
    for data in (whole[: len(whole) // 2 + 99], b"<html>no archive</html>", b""):
        found = contents(put(tmp_path, name, data))
        assert found.pop("") == "damaged"
        assert all(isinstance(one, bytes) or one == "damaged" for one in found.values())


def test_links_and_devices_in_a_tar_are_passed_over(tmp_path: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, kind in (("link.txt", tarfile.SYMTYPE), ("hard.txt", tarfile.LNKTYPE), ("dev.txt", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    path = put(tmp_path, "a.tar", made.getvalue())
    assert list(read(path)) == [None] * 3


def test_the_same_name_twice_is_two_members(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        made = make_zip([("a.txt", b"1"), ("a.txt", b"2")])
    assert [member.data for member in read(put(tmp_path, "a.zip", made)) if member] == [b"1", b"2"]
    path = put(tmp_path, "a.7z", make_7z([("a.txt", b"1"), ("a.txt", b"2")]))
    assert sorted(member.data for member in read(path) if member) == [b"1", b"2"]


def test_a_7z_archive_may_be_left_in_the_middle(tmp_path: Path) -> None:
    path = put(tmp_path, "a.7z", make_7z([(f"{number}.txt", bytes(1000)) for number in range(15)]))
    members = read(path)
    first = next(members)
    assert first is not None
    assert first.data == bytes(1000)
    members.close()  # type: ignore[attr-defined]


def test_7z_without_py7zr_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = put(tmp_path, "a.7z", make_7z([("a.txt", b"1")]))
    monkeypatch.setitem(__import__("sys").modules, "pipeline.bulk.seven_zip", None)
    with pytest.raises(UnreadableInput, match=r"nianbao\[archives\]") as told:
        list(read(path))
    assert told.value.code == "needs_py7zr"


def test_an_archive_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as told:
        list(read(tmp_path / "none.zip"))
    assert told.value.code == "unreadable_file"


WHOLE = {
    name: make([("a.txt", b"first" * 40), ("in.zip", make_zip([("b.txt", b"x")])), ("c.txt", b"")])
    for name, make in KINDS.items()
}


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.7z"])
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=8))
def test_noise_in_an_archive_gives_members_or_troubles_and_nothing_else(
    name: str, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(WHOLE[name])
    for place, value in changes:
        data[place % len(data)] = value
    with tempfile.TemporaryDirectory() as folder:
        contents(put(Path(folder), name, bytes(data)))
