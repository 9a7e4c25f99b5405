"""Documents in zip, tar and 7z archives, read one by one in memory: nothing is ever unpacked to disk.

Archives come from strangers. What one may hold is limited: the number of its members, the size of each, the bytes
that it may unpack to (with all archives inside it), the length of names, and how deep archives may lie in archives.
A member over a limit costs itself; an archive over one costs what is left of it. Names that lead out of the archive
are refused although nothing is written, because they are there to deceive whoever reads the list.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple

from pipeline.errors import UnreadableInput
from pipeline.readers import MAX_BYTES

INSIDE = "!/"  # between an archive's path and a member's name
_TAR = {".tar": None, ".tgz": gzip.open, ".tar.gz": gzip.open, ".tbz2": bz2.open, ".tar.bz2": bz2.open,
        ".txz": lzma.open, ".tar.xz": lzma.open}  # fmt: skip
SUFFIXES = (".zip", ".7z", *_TAR)
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1  # flags of a zip member
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may be: `ratio` is bytes unpacked for each byte of the archive, above `free` bytes."""

    members: int = 1_000_000
    member: int = MAX_BYTES
    ratio: int = 200
    free: int = 1 << 30
    name: int = 1000
    depth: int = 3


class Member(NamedTuple):
    """A file in an archive: its name from the outermost archive on, and its bytes or why they cannot be had."""

    name: str
    data: bytes = b""
    trouble: UnreadableInput | None = None


Wanted = Callable[[str], bool]
_File = IO[bytes]


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive which can be read."""
    return name.lower().endswith(SUFFIXES)


def member_names(path: str) -> list[str] | None:
    """The names in an archive if they can be had without unpacking it; None if not, or if it cannot be opened."""
    lower = path.lower()
    try:
        if lower.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                return [_zip_name(info) for info in archive.infolist() if not info.is_dir()]
        if lower.endswith(".7z"):
            from py7zr import SevenZipFile

            with SevenZipFile(path) as seven:
                return [one.filename for one in seven.list() if not one.is_directory]
        if lower.endswith(".tar"):
            with tarfile.open(path, "r:") as tar:
                return [_tar_name(one) for one in tar if one.isreg()]
    except Exception:  # whatever is wrong is told when the archive is read
        return None
    return None


def read_members(path: str, wanted: Wanted, limits: ArchiveLimits) -> Iterator[Member | None]:
    """The wanted members of an archive and of the archives in it, in their order; None for each other file.

    `wanted` gets a member's name. Raises UnreadableInput where the rest of the archive cannot be read:
    `damaged`, `encrypted`, `needs_py7zr`, `archive_members`, `archive_ratio`, `unreadable_file`. Members carry those,
    and `too_large`, `archive_path`, `archive_nesting`, `unsupported_member`.
    """
    try:
        with open(path, "rb") as file:
            allowance = _Allowance(path, limits, file.seek(0, io.SEEK_END))
            file.seek(0)
            yield from _read(file, path, wanted, allowance, 1)
    except OSError as error:
        raise UnreadableInput(f"{path} cannot be read: {error.strerror or error}.", code="unreadable_file") from None


class _Allowance:
    """What an archive with all archives in it may still hold."""

    def __init__(self, path: str, limits: ArchiveLimits, size: int) -> None:
        self.path, self.limits = path, limits
        self._members, self._bytes = limits.members, max(limits.free, limits.ratio * size)

    def count(self) -> None:
        self._members -= 1
        if self._members < 0:
            raise _trouble(self.path, f"holds more than {self.limits.members} files; split it", "archive_members")

    def spend(self, number: int) -> None:
        self._bytes -= number
        if self._bytes < 0:
            said = f"unpacks to more than {self.limits.ratio} times its size, like a bomb; unpack it by hand"
            raise _trouble(self.path, said, "archive_ratio")

    def read(self, file: Any, name: str) -> bytes:
        """All of a member, as long as that is not too much."""
        parts, left = [], self.limits.member
        while chunk := file.read(min(_CHUNK, left + 1)):
            self.spend(len(chunk))
            left -= len(chunk)
            if left < 0:
                raise self.too_large(name)
            parts.append(chunk)
        return b"".join(parts)

    def too_large(self, name: str) -> UnreadableInput:
        return _trouble(name, f"is larger than {self.limits.member >> 20} MB", "too_large")


def _trouble(path: str, said: str, code: str) -> UnreadableInput:
    return UnreadableInput(f"{path} {said}.", code=code)


def _read(file: _File, path: str, wanted: Wanted, allowance: _Allowance, depth: int) -> Iterator[Member | None]:
    lower = path.lower()
    reader = _zip if lower.endswith(".zip") else _seven if lower.endswith(".7z") else _tar
    try:
        for member in reader(file, path, wanted, allowance):
            if member is None or member.trouble or not is_archive(member.name):
                yield member
            else:
                yield from _read_inner(member, wanted, allowance, depth + 1)
    except UnreadableInput:
        raise
    except OSError as error:
        if error.errno is not None:
            raise
        raise _damaged(path, error) from None
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # the libraries let many kinds escape on hostile archives
        raise _damaged(path, error) from None


def _read_inner(member: Member, wanted: Wanted, allowance: _Allowance, depth: int) -> Iterator[Member | None]:
    if depth > allowance.limits.depth:
        said = f"lies more than {allowance.limits.depth} archives deep; unpack the outer ones"
        yield Member(member.name, trouble=_trouble(member.name, said, "archive_nesting"))
        return
    try:
        yield from _read(io.BytesIO(member.data), member.name, wanted, allowance, depth)
    except UnreadableInput as trouble:
        if trouble.code in ("archive_members", "archive_ratio"):
            raise
        yield Member(member.name, trouble=trouble)


def _damaged(path: str, error: Exception) -> UnreadableInput:
    said = f"is damaged, or no such archive as its name says ({type(error).__name__}: {str(error)[:200]})"
    return _trouble(path, said, "damaged")


def _checked(name: str, path: str, wanted: Wanted, allowance: _Allowance) -> Member | None:
    """A member that is wanted, without its bytes yet; with its trouble where its name is none to trust."""
    allowance.count()
    whole = path + INSIDE + name
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if len(name.encode("utf-8", "surrogateescape")) > allowance.limits.name:
        short = f"{path}{INSIDE}{name[:100]}…"
        return Member(short, trouble=_trouble(short, "has a name that is too long", "archive_path"))
    if not parts or ".." in parts or parts[0] == "/" or parts[0][1:2] == ":" or "\0" in name:
        return Member(whole, trouble=_trouble(whole, "has a name that leads out of its archive", "archive_path"))
    return Member(whole) if wanted(whole) else None


def _zip(file: _File, path: str, wanted: Wanted, allowance: _Allowance) -> Iterator[Member | None]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            member = _checked(_zip_name(info), path, wanted, allowance)
            yield member if member is None or member.trouble else _unzip(archive, info, member.name, allowance)


def _unzip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, allowance: _Allowance) -> Member:
    try:
        if info.flag_bits & _ENCRYPTED:
            raise _trouble(name, "is locked by a password; unpack it first", "encrypted")
        if info.file_size > allowance.limits.member:
            raise allowance.too_large(name)
        with archive.open(info) as file:
            return Member(name, allowance.read(file, name))
    except UnreadableInput as trouble:
        if trouble.code == "archive_ratio":
            raise
        return Member(name, trouble=trouble)
    except NotImplementedError as error:
        said = f"is packed in a way that is not known ({error}); unpack it first"
        return Member(name, trouble=_trouble(name, said, "unsupported_member"))
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        return Member(name, trouble=_damaged(name, error))


def _zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name; zipfile takes for DOS letters what was written in Chinese Windows without saying so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return _decoded(info.orig_filename.encode("cp437")).replace("\\", "/")
    except UnicodeEncodeError:
        return info.filename


def _tar_name(info: tarfile.TarInfo) -> str:
    return _decoded(info.name.encode("utf-8", "surrogateescape"))


def _decoded(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "surrogateescape")


def _tar(file: _File, path: str, wanted: Wanted, allowance: _Allowance) -> Iterator[Member | None]:
    lower = path.lower()
    suffix = max((suffix for suffix in _TAR if lower.endswith(suffix)), key=len)
    unpack: Any = _TAR[suffix]
    stream: Any = _Metered(unpack(file, "rb"), allowance, path) if unpack else file
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # else it keeps every head it has seen
            if info.isdir():
                continue
            member = _checked(_tar_name(info), path, wanted, allowance) if info.isreg() else None
            yield member if member is None or member.trouble else _untar(archive, info, member.name, allowance)
        stream.seek(archive.offset)
        if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):  # tarfile takes any end for the end
            raise tarfile.ReadError("it is cut off")


def _untar(archive: tarfile.TarFile, info: tarfile.TarInfo, name: str, allowance: _Allowance) -> Member:
    if info.size > allowance.limits.member:
        return Member(name, trouble=allowance.too_large(name))
    part = archive.extractfile(info)
    return Member(name, part.read() if part else b"")


class _Metered(io.RawIOBase):
    """What a packed stream unpacks to, counted also where it is only passed over."""

    def __init__(self, stream: Any, allowance: _Allowance, path: str) -> None:
        self._stream, self._allowance, self._path, self._far = stream, allowance, path, 0

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self._allowance.limits.member:
            raise self._allowance.too_large(self._path)
        data: bytes = self._stream.read(size)
        self._spend()
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        at = int(self._stream.tell())
        target = offset if whence == 0 else at + offset
        while at < target and self._stream.read(min(_CHUNK, target - at)):
            self._spend()
            at = int(self._stream.tell())
        return at if at >= target == at else int(self._stream.seek(target))

    def tell(self) -> int:
        return int(self._stream.tell())

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def _spend(self) -> None:
        at = int(self._stream.tell())
        if at > self._far:
            self._allowance.spend(at - self._far)
            self._far = at


def _seven(file: _File, path: str, wanted: Wanted, allowance: _Allowance) -> Iterator[Member | None]:
    try:
        from pipeline.bulk.seven_zip import read_seven
    except ModuleNotFoundError:
        said = 'is a 7z archive: pip install "nianbao[archives]" to read it, or unpack it'
        raise _trouble(path, said, "needs_py7zr") from None
    members: list[Member | None] = []

    def choose(name: str, size: int) -> bool:
        member = _checked(name, path, wanted, allowance)
        allowance.spend(size)  # what is not wanted has to be unpacked too to come to what lies behind it
        if member and not member.trouble and size > allowance.limits.member:
            member = Member(member.name, trouble=allowance.too_large(member.name))
        members.append(member)
        return member is not None and member.trouble is None

    unpacked = set()
    for place, data in read_seven(file, path, choose):
        member = members[place]
        unpacked.add(place)
        yield member and member._replace(data=data)
    yield from (member for place, member in enumerate(members) if place not in unpacked)
