"""What an archive may be and hold, and what is said of what is not.

Archives come from strangers. What one may hold is limited: the number of its members, the size of each, the bytes
that it may unpack to (with all archives inside it), the length of names, and how deep archives may lie in archives.
A member over a limit costs itself; an archive over one costs what is left of it. Names that lead out of the archive
are refused although nothing is written, because they are there to deceive whoever reads the list.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from pipeline.errors import UnreadableInput
from pipeline.readers import MAX_BYTES

INSIDE = "!/"  # between an archive's path and a member's name
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


class Allowance:
    """What an archive with all archives in it may still hold."""

    def __init__(self, path: str, limits: ArchiveLimits, size: int) -> None:
        self.path, self.limits = path, limits
        self._members, self._bytes = limits.members, max(limits.free, limits.ratio * size)

    def count(self) -> None:
        self._members -= 1
        if self._members < 0:
            raise refusal(self.path, f"holds more than {self.limits.members} files; split it", "archive_members")

    def spend(self, number: int) -> None:
        self._bytes -= number
        if self._bytes < 0:
            said = f"unpacks to more than {self.limits.ratio} times its size, like a bomb; unpack it by hand"
            raise refusal(self.path, said, "archive_ratio")

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
        return refusal(name, f"is larger than {self.limits.member >> 20} MB", "too_large")


def refusal(path: str, said: str, code: str) -> UnreadableInput:
    return UnreadableInput(f"{path} {said}.", code=code)


def damaged(path: str, error: Exception) -> UnreadableInput:
    said = f"is damaged, or no such archive as its name says ({type(error).__name__}: {str(error)[:200]})"
    return refusal(path, said, "damaged")


def checked(name: str, path: str, wanted: Wanted, allowance: Allowance) -> Member | None:
    """A member that is wanted, without its bytes yet; with its trouble where its name is none to trust."""
    allowance.count()
    whole = path + INSIDE + name
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if len(name.encode("utf-8", "surrogateescape")) > allowance.limits.name:
        short = f"{path}{INSIDE}{name[:100]}…"
        return Member(short, trouble=refusal(short, "has a name that is too long", "archive_path"))
    if not parts or ".." in parts or parts[0] == "/" or parts[0][1:2] == ":" or "\0" in name:
        return Member(whole, trouble=refusal(whole, "has a name that leads out of its archive", "archive_path"))
    return Member(whole) if wanted(whole) else None


class Metered(io.RawIOBase):
    """What a packed stream unpacks to, counted also where it is only passed over."""

    def __init__(self, stream: Any, allowance: Allowance, path: str) -> None:
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
