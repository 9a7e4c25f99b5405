"""What a conversion has done so far, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.entries import Outcome


@dataclass
class Summary:
    """What a run has done so far: `total` = converted + skipped (done before) + duplicates, once it is through.

    `statuses` counts documents, skipped ones too; `causes` counts documents by status and cause, where one document
    may have several causes. `versions` counts the documents in the store whose agency and year have several. `retry` is
    the command that reads all that failed again. Where the run wrote shards, `sharded`, the store is their folder.
    """

    store: str
    total: int = 0
    ignored: int = 0
    converted: int = 0
    skipped: int = 0
    duplicates: int = 0
    versions: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    interrupted: bool = False
    seconds: float = 0.0
    outputs: tuple[Path, ...] = ()
    retry: str | None = None
    sharded: bool = False

    @property
    def done(self) -> int:
        return self.converted + self.skipped + self.duplicates

    @property
    def exit_code(self) -> int:
        return 130 if self.interrupted else 1 if self.statuses["failed"] else 0

    def count(self, outcome: Outcome) -> None:
        self.statuses[outcome.status] += 1
        self.causes.update((outcome.status, cause) for cause in outcome.causes)
