"""The members of zip, tar and 7z files, one by one in memory."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from pipeline.bulk.archive_limits import Allowance, Member, Metered, Wanted, checked, damaged, refusal
from pipeline.errors import UnreadableInput

TAR = {".tar": None, ".tgz": gzip.open, ".tar.gz": gzip.open, ".tbz2": bz2.open, ".tar.bz2": bz2.open,
       ".txz": lzma.open, ".tar.xz": lzma.open}  # fmt: skip
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1  # flags of a zip member


def read_zip(file: IO[bytes], path: str, wanted: Wanted, allowance: Allowance) -> Iterator[Member | None]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            member = checked(zip_name(info), path, wanted, allowance)
            yield member if member is None or member.trouble else _unzip(archive, info, member.name, allowance)


def _unzip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, allowance: Allowance) -> Member:
    try:
        if info.flag_bits & _ENCRYPTED:
            raise refusal(name, "is locked by a password; unpack it first", "encrypted")
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
        return Member(name, trouble=refusal(name, said, "unsupported_member"))
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        return Member(name, trouble=damaged(name, error))


def zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name; zipfile takes for DOS letters what was written in Chinese Windows without saying so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return _decoded(info.orig_filename.encode("cp437")).replace("\\", "/")
    except UnicodeEncodeError:
        return info.filename


def tar_name(info: tarfile.TarInfo) -> str:
    return _decoded(info.name.encode("utf-8", "surrogateescape"))


def _decoded(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "surrogateescape")


def read_tar(file: IO[bytes], path: str, wanted: Wanted, allowance: Allowance) -> Iterator[Member | None]:
    lower = path.lower()
    suffix = max((suffix for suffix in TAR if lower.endswith(suffix)), key=len)
    unpack: Any = TAR[suffix]
    stream: Any = Metered(unpack(file, "rb"), allowance, path) if unpack else file
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # else it keeps every head it has seen
            if info.isdir():
                continue
            member = checked(tar_name(info), path, wanted, allowance) if info.isreg() else None
            yield member if member is None or member.trouble else _untar(archive, info, member.name, allowance)
        stream.seek(archive.offset)
        if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):  # tarfile takes any end for the end
            raise tarfile.ReadError("it is cut off")


def _untar(archive: tarfile.TarFile, info: tarfile.TarInfo, name: str, allowance: Allowance) -> Member:
    if info.size > allowance.limits.member:
        return Member(name, trouble=allowance.too_large(name))
    part = archive.extractfile(info)
    return Member(name, part.read() if part else b"")


def read_seven_zip(file: IO[bytes], path: str, wanted: Wanted, allowance: Allowance) -> Iterator[Member | None]:
    try:
        from pipeline.bulk.seven_zip import read_seven
    except ModuleNotFoundError:
        said = 'is a 7z archive: pip install "nianbao[archives]" to read it, or unpack it'
        raise refusal(path, said, "needs_py7zr") from None
    members: list[Member | None] = []

    def choose(name: str, size: int) -> bool:
        member = checked(name, path, wanted, allowance)
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
