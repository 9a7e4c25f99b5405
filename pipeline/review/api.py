"""What the document page asks for and says: a document with its corrections as JSON, changes, undoing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pipeline.corrections import not_undone, read_changes
from pipeline.errors import UsageError
from pipeline.review.arrangement import arrangement
from pipeline.review_tables import Reviewed
from pipeline.storage import Store

_MOST_CHANGES = 500


def shown(document: str, reviewed: Reviewed) -> dict[str, Any]:
    """A document as plain JSON: {"id", "version", "record", "tables", "identities", "labels", "history", "can_undo"}.

    The record has its corrections laid over; the tables are those of its form as printed.
    """
    return {
        "id": document,
        "version": reviewed.version,
        "record": reviewed.record,
        **arrangement(reviewed.record["form"]),
        "history": [_plain(one) for one in reviewed.corrections],
        "can_undo": bool(not_undone(reviewed.corrections)),
    }


def correct(store: Store, document: str, body: bytes, who: str) -> Reviewed:
    """Keep the changes in a request's body ({"version", "changes"}).

    Raises UsageError where it is none, ConflictError where the document has another version by now.
    """
    given = _read(body)
    seen = store.reviewed(document)
    if seen is None:
        raise UsageError("The store has no such document.")
    changes = given.get("changes")
    if isinstance(changes, list) and len(changes) > _MOST_CHANGES:
        raise UsageError(f"More than {_MOST_CHANGES} changes at once.")
    return store.correct(document, _version(given), read_changes(changes, seen.record["form"]), who)


def undo(store: Store, document: str, body: bytes, who: str) -> Reviewed:
    """Take back what was changed last; the body is {"version"}. Errors as of `correct`."""
    return store.undo(document, _version(_read(body)), who)


def _read(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise UsageError("The body is not JSON.") from None
    if not isinstance(given, dict):
        raise UsageError("The body is no JSON object.")
    return given


def _version(given: dict[str, Any]) -> int:
    version = given.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**31:
        raise UsageError("The version that was seen is missing.")
    return version


def _plain(one: Any) -> dict[str, Any]:
    kept = ("id", "version", "field", "at", "who", "action", "before", "after", "undone_by")
    return {name: value for name, value in asdict(one).items() if name in kept}
