"""What a conversion does, as JSON Lines for other programs to follow: one event a line, in the order it happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from pipeline.entries import Entry
from pipeline.errors import UsageError


class RunLog:
    """A log that lines are added to; without a path nothing is written. A context manager.

    Events: `start`, `document` (path, sha256, status, causes, seconds: None where the worker died), `skipped`,
    `duplicate`, `end`. Every line has `time` (UTC, ISO 8601) and `event`.
    """

    def __init__(self, path: str | Path | None) -> None:
        self._file: IO[str] | None = None
        if path is not None:
            try:
                # one line a write: whatever stops the program leaves whole lines
                self._file = open(path, "a", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115
            except OSError as error:
                raise UsageError(f"The log {path} cannot be written: {error.strerror}; name another place.") from None

    def __enter__(self) -> RunLog:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def tell(self, event: str, **details: Any) -> None:
        """Add a line."""
        if self._file:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._file.write(json.dumps({"time": now, "event": event, **details}, ensure_ascii=False) + "\n")

    def document(self, path: str, entry: Entry, seconds: float | None) -> None:
        """Add the line of a document that was read."""
        self.tell(
            "document",
            path=path,
            sha256=entry.sha256,
            status=entry.status,
            causes=entry.outcome.causes,
            seconds=None if seconds is None else round(seconds, 4),
        )
