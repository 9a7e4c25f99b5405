"""Documents in zip, tar and 7z archives, read one by one in memory: nothing is ever unpacked to disk."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator
from typing import IO

from pipeline.bulk.archive_formats import TAR, read_seven_zip, read_tar, read_zip, tar_name, zip_name
from pipeline.bulk.archive_limits import Allowance, ArchiveLimits, Member, Wanted, damaged, refusal
from pipeline.errors import UnreadableInput

SUFFIXES = (".zip", ".7z", *TAR)


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive which can be read."""
    return name.lower().endswith(SUFFIXES)


def member_names(path: str) -> list[str] | None:
    """The names in an archive if they can be had without unpacking it; None if not, or if it cannot be opened."""
    lower = path.lower()
    try:
        if lower.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                return [zip_name(info) for info in archive.infolist() if not info.is_dir()]
        if lower.endswith(".7z"):
            from py7zr import SevenZipFile

            with SevenZipFile(path) as seven:
                return [one.filename for one in seven.list() if not one.is_directory]
        if lower.endswith(".tar"):
            with tarfile.open(path, "r:") as tar:
                return [tar_name(one) for one in tar if one.isreg()]
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
            allowance = Allowance(path, limits, file.seek(0, io.SEEK_END))
            file.seek(0)
            yield from _read(file, path, wanted, allowance, 1)
    except OSError as error:
        raise UnreadableInput(f"{path} cannot be read: {error.strerror or error}.", code="unreadable_file") from None


def _read(file: IO[bytes], path: str, wanted: Wanted, allowance: Allowance, depth: int) -> Iterator[Member | None]:
    lower = path.lower()
    reader = read_zip if lower.endswith(".zip") else read_seven_zip if lower.endswith(".7z") else read_tar
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
        raise damaged(path, error) from None
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # the libraries let many kinds escape on hostile archives
        raise damaged(path, error) from None


def _read_inner(member: Member, wanted: Wanted, allowance: Allowance, depth: int) -> Iterator[Member | None]:
    if depth > allowance.limits.depth:
        said = f"lies more than {allowance.limits.depth} archives deep; unpack the outer ones"
        yield Member(member.name, trouble=refusal(member.name, said, "archive_nesting"))
        return
    try:
        yield from _read(io.BytesIO(member.data), member.name, wanted, allowance, depth)
    except UnreadableInput as trouble:
        if trouble.code in ("archive_members", "archive_ratio"):
            raise
        yield Member(member.name, trouble=trouble)
