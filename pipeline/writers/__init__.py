"""Writers: records out of a store into a file. WRITERS names the module for each kind; it is imported when needed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from pipeline.errors import StoreError, UsageError

WRITERS = {
    "csv": "pipeline.writers.to_csv",
    "jsonl": "pipeline.writers.to_jsonl",
}


def write(records: Iterable[Mapping[str, Any]], to: str, path: str | Path) -> int:
    """Write records (as `Record.to_dict()` gives them) to a file of the kind `to`; the number of records written.

    Raises UsageError for an unknown kind or a file that may not be written, StoreError where the disk gives out.
    """
    if to not in WRITERS:
        raise UsageError(f"There is no export to {to}: choose one of {', '.join(sorted(WRITERS))}.")
    number: int = import_module(WRITERS[to]).write(records, path)
    return number


@contextmanager
def whole_file(path: str | Path) -> Iterator[TextIO]:
    """A text file in UTF-8 that takes the place of `path` once it is complete, and leaves no trace otherwise."""
    target = Path(path)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with draft.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        os.replace(draft, target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        said = f"{target} cannot be written: {error.strerror or error}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise StoreError(f"{said}; free some space and run the same command again.") from None
        raise UsageError(f"{said}; name another place.") from None
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
