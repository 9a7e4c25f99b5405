"""The document behind a record, found again where it was converted, if it still is the one that was read."""

from __future__ import annotations

import os

from pipeline.bulk.archive_limits import INSIDE, ArchiveLimits
from pipeline.bulk.archives import is_archive, read_members
from pipeline.bulk.inputs import outer_archives
from pipeline.datamodel import Source
from pipeline.errors import UnreadableInput
from pipeline.readers import open_source


def read_original(path: str, sha256: str) -> Source:
    """The document at a path, also within archives (`a.zip!/b.pdf`), if its bytes still have this hash.

    Raises UnreadableInput: `missing_file` and the like, `changed`.
    """
    source = open_source(path, _member(path))
    if source.sha256 != sha256:
        said = f"{path} has other bytes than those that were converted; convert it again to review it."
        raise UnreadableInput(said, code="changed")
    return source


def _member(path: str) -> bytes | None:
    """The bytes of a member of an archive; None where the path is that of a file."""
    archive, inside, _ = path.partition(INSIDE)
    if not inside or not is_archive(archive) or not os.path.isfile(archive):
        return None
    wanted = {path, *outer_archives(path)}
    for member in read_members(archive, wanted.__contains__, ArchiveLimits()):
        if member is not None and member.name == path:
            if member.trouble:
                raise member.trouble
            return member.data
    raise UnreadableInput(f"There is no {path} any more.", code="missing_file")
