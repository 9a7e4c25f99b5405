"""Writers: records out of a store into files. WRITERS names the module for each kind; it is imported when needed."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from pipeline.errors import StoreError, UsageError

WRITERS = {
    "csv": "pipeline.writers.to_csv",
    "jsonl": "pipeline.writers.to_jsonl",
    "parquet": "pipeline.writers.to_parquet",
    "xlsx": "pipeline.writers.to_xlsx",
}
DESCRIPTION = "datapackage.json"  # stands in every folder that an export made, and says what belongs to it
PACKAGE_NAME = "nianbao-export"


def write(records: Iterable[Mapping[str, Any]], to: str, path: str | Path) -> int:
    """Write records (as `Record.to_dict()` gives them) to a file or folder of the kind `to`; the number of records.

    Parquet is a folder; CSV is one, with all tables in it, where `path` has no suffix, else a file with the long table.
    Records are taken one by one, never held all at once; Parquet wants those of one form and year together.

    Raises UsageError for an unknown kind or a place that may not be written, StoreError where the disk gives out.
    """
    if to not in WRITERS:
        raise UsageError(f"There is no export to {to}: choose one of {', '.join(sorted(WRITERS))}.")
    number: int = import_module(WRITERS[to]).write(records, path)
    return number


@contextmanager
def whole_file(path: str | Path) -> Iterator[TextIO]:
    """A text file in UTF-8 that takes the place of `path` once it is complete, and leaves no trace otherwise."""
    with (
        whole_path(path) as draft,
        draft.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        yield file


@contextmanager
def whole_path(path: str | Path) -> Iterator[Path]:
    """The path of a file yet to be made that takes the place of `path` once it is complete, or leaves no trace."""
    target = Path(path)
    draft = _beside(target, "part")
    with _told(target, draft):
        yield draft
        os.replace(draft, target)


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """A folder that takes the place of `path` once it is complete, and leaves no trace otherwise.

    Raises UsageError where something else than an earlier export or an empty folder stands there.
    """
    target = Path(path).resolve()  # a link stays, what it leads to is replaced
    draft, earlier = _beside(target, "part"), _beside(target, "old")
    with _told(target, draft):
        _may_be_replaced(target)
        draft.mkdir()
        yield draft
        if target.exists():
            os.replace(target, earlier)
        os.replace(draft, target)
        shutil.rmtree(earlier, ignore_errors=True)


@contextmanager
def _told(target: Path, draft: Path) -> Iterator[None]:
    """Trouble with a disk as an error with advice; whatever the trouble, no draft stays."""
    try:
        yield
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        draft.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        said = f"{target} cannot be written: {error.strerror or error}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise StoreError(f"{said}; free some space and run the same command again.") from None
        raise UsageError(f"{said}; name another place.") from None


def _may_be_replaced(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file: this export is a folder of tables; name another place.")
    strangers = sorted({one.name for one in folder.iterdir()} - _of_an_export(folder))
    if strangers:
        raise UsageError(f"{folder} holds {strangers[0]}, which no export put there: name a folder of its own.")


def _of_an_export(folder: Path) -> set[str]:
    """What the description in a folder says that it holds; nothing where there is no such description of ours."""
    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        if described["name"] != PACKAGE_NAME:
            return set()
        paths = [one["path"] for one in described["resources"]]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {
        DESCRIPTION,
        *(Path(path).parts[0] for some in paths for path in ([some] if isinstance(some, str) else some)),
    }


def _beside(target: Path, suffix: str) -> Path:
    one = f"{os.getpid()}-{secrets.token_hex(4)}"  # process numbers of several machines may be the same
    return target.with_name(f".{target.name[:100]}.{one}.{suffix}")
