"""What stops a command: each class knows its exit code; each message says what, where, and what to do next."""

from __future__ import annotations


class NianbaoError(Exception):
    """Base of all errors that a user can cause or cure. `code` is stable and names the cause in records."""

    exit_code = 1
    code = "error"


class UsageError(NianbaoError):
    """The command was called wrongly."""

    exit_code = 2
    code = "usage"


class UnreadableInput(NianbaoError):
    """A file that cannot be read at all: missing, empty, not a document, encrypted, damaged, or over a limit."""

    exit_code = 3
    code = "unreadable_input"

    def __init__(self, message: str, *, code: str = "unreadable_input") -> None:
        super().__init__(message)
        self.code = code


class ModelError(NianbaoError):
    """The model folder is missing, damaged, or made by another version."""

    exit_code = 4
    code = "model"


class StoreError(NianbaoError):
    """The store cannot be reached, is locked, is full, or was made by another version."""

    exit_code = 5
    code = "store"


class GateError(NianbaoError):
    """A gate refused: a score below its floor, or a new model that is worse on old layouts."""

    exit_code = 6
    code = "gate"


class ConflictError(NianbaoError):
    """Somebody else changed a document since it was shown: `by` whom ("" where it was read anew), when, and the
    `version` that it has now."""

    code = "conflict"

    def __init__(self, message: str, *, by: str, at: str, version: int) -> None:
        super().__init__(message)
        self.by, self.at, self.version = by, at, version
