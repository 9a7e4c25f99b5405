"""The members of a 7z archive one after another in memory. Importing this needs py7zr (the extra `archives`).

py7zr pushes what it unpacks; a thread turns that round, so that never more than two members are held at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from queue import Empty, Queue
from threading import Event, Thread
from typing import IO

from py7zr import SevenZipFile
from py7zr.exceptions import PasswordRequired
from py7zr.io import Py7zIO, WriterFactory

from pipeline.errors import UnreadableInput

_Handed = tuple[str, bytes] | BaseException | None


def read_seven(file: IO[bytes], path: str, choose: Callable[[str, int], bool]) -> Iterator[tuple[int, bytes]]:
    """The places in the list and the bytes of the members that `choose` wants, which is given the name and size of
    each file in the list before anything is unpacked.

    Raises UnreadableInput `encrypted`, and whatever py7zr raises for archives that are damaged.
    """
    try:
        with SevenZipFile(file) as archive:
            if archive.needs_password():
                raise PasswordRequired("", "")
            targets, places = _targets(archive, choose)
            if targets:
                yield from ((places[called], data) for called, data in _unpack(archive, targets) if called in places)
    except PasswordRequired:
        raise UnreadableInput(f"{path} is locked by a password; unpack it first.", code="encrypted") from None


def _targets(archive: SevenZipFile, choose: Callable[[str, int], bool]) -> tuple[set[str], dict[str, int]]:
    """The chosen names, and the place of each as py7zr calls them: where a name comes again, name_0, name_1 …"""
    seen: Counter[str] = Counter()
    targets, places = set(), {}
    for place, one in enumerate(one for one in archive.list() if not (one.is_directory or one.is_symlink)):
        name = one.filename
        called = f"{name}_{seen[name] - 1}" if seen[name] else name
        seen[name] += 1
        if choose(name, one.uncompressed or 0):
            targets.add(name)
            places[PurePosixPath(called).as_posix()] = place
    return targets, places


def _unpack(archive: SevenZipFile, targets: set[str]) -> Iterator[tuple[str, bytes]]:
    queue: Queue[_Handed] = Queue(maxsize=1)
    stopped = Event()

    def run() -> None:
        end: _Handed = None
        try:
            archive.extract(targets=targets, factory=_Factory(queue, stopped))
        except BaseException as error:
            end = error
        queue.put(end)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        while (handed := queue.get()) is not None:
            if isinstance(handed, BaseException):
                raise handed
            yield handed
    finally:
        stopped.set()
        while thread.is_alive():
            with suppress(Empty):
                queue.get(timeout=0.05)


class _Stopped(Exception):
    pass


class _Factory(WriterFactory):
    def __init__(self, queue: Queue[_Handed], stopped: Event) -> None:
        self._queue, self._stopped = queue, stopped

    def create(self, filename: str) -> Py7zIO:
        return _Buffer(filename, self._queue, self._stopped)


class _Buffer(Py7zIO):
    def __init__(self, name: str, queue: Queue[_Handed], stopped: Event) -> None:
        self._name, self._queue, self._stopped = name, queue, stopped
        self._data = bytearray()

    def write(self, s: bytes | bytearray) -> int:
        if self._stopped.is_set():
            raise _Stopped
        self._data += s
        return len(s)

    def close(self) -> None:
        self._queue.put((self._name, bytes(self._data)))

    def read(self, size: int | None = None) -> bytes:
        return bytes(self._data[:size])

    def seek(self, offset: int, whence: int = 0) -> int:
        return whence + offset  # py7zr only rewinds

    def flush(self) -> None:
        pass

    def size(self) -> int:
        return len(self._data)
