"""What holds a record back, and what looking at it is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

_DOUBTS = {"doubtful_field": False, "missing_row": True}
_SILENT = 10.0  # a wrong cell that nobody looks at counts as much as this many that somebody will

Record = Mapping[str, Any]


def record_causes(record: Record) -> tuple[str, ...]:
    """Why a record is not accepted: the codes of its problems, and what else holds it back.

    That is `failed_check` (a check blames the reading), `doubtful_field`, `missing_row` (a row was not found that may
    be there), or `no_report` where a failure has no other name.
    """
    if record["status"] == "accepted":
        return ()
    codes = dict.fromkeys(problem["code"] for problem in record["problems"])
    if record["status"] == "needs_review":
        if failed_checks(record):
            codes["failed_check"] = None
        doubted = {field["state"] == "absent" for field in record["fields"].values() if not field["accepted"]}
        codes.update((code, None) for code, absent in _DOUBTS.items() if absent in doubted)
    return tuple(codes) or ("no_report",)


def failed_checks(record: Record) -> int:
    """How many checks of a record fail and blame the reading."""
    return sum(check["holds"] is False and check["blames"] == "reading" for check in record["checks"])


def cell_worths(record: Record) -> dict[str, float]:
    """What settling each doubtful field of a record is worth, in cells.

    That is how likely it is wrong, and its share of the doubtful cells of each failed check that suspects it.
    """
    doubtful = {name: field for name, field in record["fields"].items() if not field["accepted"]}
    settles: defaultdict[str, float] = defaultdict(float)
    for check in record["checks"]:
        if check["holds"] is False and check["blames"] == "reading":
            waiting = sum(name in doubtful for name in check["fields"])
            for name in check["suspects"]:
                settles[name] += waiting / len(check["suspects"])
    return {name: 1 - field["confidence"] + settles[name] for name, field in doubtful.items()}


def worth(record: Record) -> float:
    """What a first correction of a record is worth, in cells: its best cell, and what may be wrong unseen."""
    silent: float = sum(1 - field["confidence"] for field in record["fields"].values() if field["accepted"])
    return round(max(cell_worths(record).values(), default=0.0) + _SILENT * silent, 4)
