"""What the user names, as documents: files, folders, patterns, archives, manifests, a list on standard input.

What counts as a document: every file named as such; in a folder or an archive, files with one of DOCUMENT_SUFFIXES
and files without a suffix that begin like a PDF, a Word document or a web page. Hidden files and folders, folders
behind symbolic links, Markdown or text files about other files (README, ORIGIN, INDEX, LICENSE, CHANGELOG) and pictures
in a folder that a browser saved beside a page (`report_files`) are left out and counted as ignored.
"""

from __future__ import annotations

import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from pipeline.bulk.archive_limits import INSIDE, ArchiveLimits
from pipeline.bulk.archives import is_archive, member_names, read_members
from pipeline.bulk.manifest import NOTHING, Known, Listed, read_list, read_manifest
from pipeline.errors import UnreadableInput

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})
DOCUMENT_SUFFIXES = _PICTURES | {
    ".pdf", ".html", ".htm", ".xhtml", ".txt", ".text", ".md", ".markdown", ".docx", ".doc", ".wps", ".rtf",
}  # fmt: skip
_SAVED_BESIDE = ("_files", ".files")  # how browsers name the folder of a saved page's pictures
_ABOUT = frozenset({"readme", "origin", "index", "license", "changelog"})
_BEGINNINGS = (b"%pdf-", b"pk\x03\x04", b"\xd0\xcf\x11\xe0", b"<!doctype html", b"<html")  # in lower case
_PATTERN = "*?["


@dataclass(frozen=True, slots=True)
class Found:
    """A document: its path, its bytes where it lies in an archive, what is known of it, or why it cannot be had."""

    path: str
    data: bytes | None = None
    known: Known = NOTHING
    trouble: UnreadableInput | None = None


@dataclass(frozen=True, slots=True)
class _Archive:
    """An archive to read: all of it, or the members named, each with what is known of it."""

    path: str
    known: Known = NOTHING
    members: Mapping[str, Known] = field(default_factory=dict)

    def expected(self) -> int:
        """How many documents it holds as far as can be told at once; archives in it count when they are opened."""
        if self.members:
            return len(self.members)
        names = member_names(self.path) or []
        return sum(_by_name(self.path + INSIDE + name) is not False and not is_archive(name) for name in names)


class Inputs:
    """The documents among what is given, to go through once; a context manager.

    `total` and `ignored` say how many documents and other files there are, as far as is known: archives whose members
    cannot be listed without unpacking them count as they are read. Raises UnreadableInput where a path that is given is
    missing or nothing is a document, UsageError where a manifest is none.
    """

    def __init__(self, given: Sequence[str | Path], limits: ArchiveLimits, stdin: IO[bytes] | None = None) -> None:
        self._given, self._limits = [str(one) for one in given], limits
        self.total = self.ignored = 0
        self._list: IO[bytes] | None = None
        if "-" in self._given:
            self._list = tempfile.TemporaryFile()  # noqa: SIM115  because it is gone through twice: closed by __exit__
            shutil.copyfileobj(stdin or sys.stdin.buffer, self._list)
        try:
            self._count()
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Inputs:
        return self

    def __exit__(self, *_: object) -> None:
        if self._list:
            self._list.close()

    def __iter__(self) -> Iterator[Found]:
        for one in self._walk():
            if isinstance(one, Found):
                yield one
            elif isinstance(one, _Archive):
                yield from self._open(one)

    def _count(self) -> None:
        archives = False
        for one in self._walk():
            archives |= isinstance(one, _Archive)
            self.total += one.expected() if isinstance(one, _Archive) else one is not None
            self.ignored += one is None
        if not self.total and not archives:
            shown = ", ".join(self._given[:3]) + (" …" if len(self._given) > 3 else "")
            raise UnreadableInput(f"There is no document in {shown} ({self.ignored} other files).", code="no_documents")

    def _walk(self) -> Iterator[Found | _Archive | None]:
        """Documents and archives in the order given; None for each file that is neither."""
        for given in self._given:
            if given == "-" and self._list:
                self._list.seek(0)
                yield from _listed(read_list(self._list))
            elif given.lower().endswith(".csv") and os.path.isfile(given):
                yield from _listed(read_manifest(Path(given)))
            else:
                found = _named(given, NOTHING)
                if found is None:
                    raise UnreadableInput(f"There is no file or folder {given}.", code="missing_input")
                yield from found

    def _open(self, archive: _Archive) -> Iterator[Found]:
        """The documents of an archive; the total is set right on the way."""
        expected, left = archive.expected(), dict(archive.members)
        for one in _members(archive, left, self._limits):
            if one is None:
                self.ignored += 1
                continue
            expected -= 1
            self.total += expected < 0
            yield one
        for name in left:
            said = UnreadableInput(f"There is no {name} in {archive.path}.", code="missing_file")
            yield Found(archive.path + INSIDE + name, trouble=said)
            expected -= 1
        self.total -= max(expected, 0)


def find_documents(paths: Sequence[str | Path]) -> Iterator[Path]:
    """The paths of the documents among what is given: in the order given, folders sorted by name."""
    with Inputs(paths, ArchiveLimits()) as inputs:
        yield from (Path(found.path) for found in inputs)


def _listed(lines: Iterable[Listed]) -> Iterator[Found | _Archive | None]:
    """What the lines of a list name; members of one archive that follow each other are read in one go."""
    for archive, group in groupby(lines, key=lambda line: _split(line.path)[0]):
        if archive:
            yield _Archive(archive, members={_split(line.path)[1]: line.known for line in group})
            continue
        for line in group:
            found = _named(line.path, line.known)
            if found is None:
                said = UnreadableInput(f"There is no file or folder {line.path}.", code="missing_file")
                yield Found(line.path, known=line.known, trouble=said)
            else:
                yield from found


def _named(given: str, known: Known) -> Iterator[Found | _Archive | None] | None:
    """What a path or a pattern names; None where there is no such thing."""
    path, (archive, member) = Path(given), _split(given)
    if "\0" in given:
        return None
    if path.is_dir():
        return _folder(path, known)
    if os.path.lexists(path):
        return iter([_file(path, known)])
    if archive:
        return iter([_Archive(archive, members={member: known})])
    if any(letter in given for letter in _PATTERN):
        matches = sorted(glob.iglob(given, recursive=True))
        return (one for match in matches for one in _named(match, known) or ()) if matches else None
    return None


def _split(path: str) -> tuple[str, str]:
    """The archive and the member that a path names; "" and "" where it names no member of an archive."""
    outer, inside, member = path.partition(INSIDE)
    return (outer, member) if inside and is_archive(outer) and os.path.isfile(outer) else ("", "")


def _file(path: Path, known: Known) -> Found | _Archive:
    return _Archive(str(path), known) if is_archive(path.name) and path.is_file() else Found(str(path), known=known)


def _folder(folder: Path, known: Known) -> Iterator[Found | _Archive | None]:
    """Every file below a folder. A folder that cannot be listed stands for its contents."""
    left = [folder]
    while left:
        here = left.pop()
        if here.is_dir() and (here is folder or not here.is_symlink()):
            try:
                names = sorted((name for name in os.listdir(here) if name[0] != "."), reverse=True)
                left.extend(here / name for name in names)
            except OSError as error:
                said = UnreadableInput(f"{here} cannot be read: {error.strerror}.", code="unreadable_input")
                yield Found(str(here), known=known, trouble=said)
        elif here.is_file():
            yield _file(here, known) if is_archive(here.name) or _is_document(here) else None


def _members(archive: _Archive, left: dict[str, Known], limits: ArchiveLimits) -> Iterator[Found | None]:
    """The documents of an archive, or what is named of it, which is then taken out of `left`."""
    above = {outer for name in archive.members for outer in outer_archives(name)}

    def wanted(name: str) -> bool:
        inside = name.removeprefix(archive.path + INSIDE)
        if inside in archive.members or inside in above:
            return True
        return _known(archive, inside) is not None and (is_archive(name) or _by_name(name) is not False)

    try:
        for member in read_members(archive.path, wanted, limits):
            name = member.name.removeprefix(archive.path + INSIDE) if member else ""
            known = _known(archive, name)
            if member is None or known is None:
                yield None
                continue
            for one in (name, *outer_archives(name)):
                left.pop(one, None)
            fine = member.trouble or name in archive.members or _by_name(name) or _begins_well(member.data)
            yield Found(member.name, member.data, known, member.trouble) if fine else None
    except UnreadableInput as trouble:
        left.clear()
        yield Found(archive.path, known=archive.known, trouble=trouble)


def outer_archives(name: str) -> Iterator[str]:
    """The archives that a member lies in, innermost first."""
    while INSIDE in name:
        name = name.rpartition(INSIDE)[0]
        yield name


def _known(archive: _Archive, name: str) -> Known | None:
    """What is known of a member; None where others are named and it is not among them, nor in one of them."""
    if not archive.members:
        return archive.known
    return next((archive.members[one] for one in (name, *outer_archives(name)) if one in archive.members), None)


def _by_name(name: str) -> bool | None:
    """Whether a file's name is that of a document; None where its beginning must tell."""
    parts = name.replace("\\", "/").split("/")
    if INSIDE in name and any(part.startswith((".", "__MACOSX")) for part in _inside(name)):
        return False
    stem, suffix = os.path.splitext(parts[-1])
    suffix = suffix.lower().removesuffix(".")
    if suffix in (".md", ".markdown", ".txt", "") and stem.lower() in _ABOUT:
        return False
    if suffix in _PICTURES and len(parts) > 1 and parts[-2].endswith(_SAVED_BESIDE):
        return False
    return suffix in DOCUMENT_SUFFIXES if suffix else None


def _inside(name: str) -> list[str]:
    """The parts of a member's name that name something."""
    return [part for part in name.partition(INSIDE)[2].replace("\\", "/").split("/") if part not in (".", "..")]


def _is_document(path: Path) -> bool:
    told = _by_name(f"{path.parent.name}/{path.name}")
    if told is not None:
        return told
    try:
        with path.open("rb") as file:
            return _begins_well(file.read(64))
    except OSError:
        return False


def _begins_well(data: Any) -> bool:
    return bytes(data[:64]).removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_BEGINNINGS)
