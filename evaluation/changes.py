"""An evaluation against an earlier one: what got better, what worse, by layout and metric, and field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.intervals import Interval, paired_bootstrap
from evaluation.metrics import METRICS

Entry = Mapping[str, Any]
ALL = "all documents"
FEWEST = 10  # documents: of fewer a bootstrap draws intervals that are too narrow, so none is said to be sure
_SAME = 1e-12
# Metrics that each document's own score gives, as (what counts, out of how many).
_BY_DOCUMENT: Mapping[str, Callable[[Entry], tuple[float, float]]] = {
    "exact_fields": lambda one: (one["right"], one["fields"]),
    "exact_reports": lambda one: (one["exact"], 1),
    "coverage": lambda one: (one["accepted"], one["fields"]),
    "silent_rate": lambda one: (one["silent"] + one["extra"], one["accepted"] + one["extra"]),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A metric before and after. `gain` is positive where it got better; `difference` (after less before) has a paired
    95 % interval where the scores of `documents` documents are in both evaluations, else no interval."""

    scope: str
    metric: str
    before: float
    after: float
    difference: Interval
    documents: int | None

    @property
    def gain(self) -> float:
        change = self.difference.value or 0.0
        return change if METRICS[self.metric].better == "high" else -change

    @property
    def is_sure(self) -> bool:
        """Whether there are documents enough for an interval."""
        return self.documents is not None and self.documents >= FEWEST

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval, of documents enough for one, leaves out no change at all."""
        low, high = self.difference.low, self.difference.high
        return self.is_sure and low is not None and high is not None and (low > 0 or high < 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Changes sorted by size, greatest first; fields that became wrong or right; and how many documents are in both
    evaluations, in the earlier one alone, and in this one alone."""

    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    now_wrong: tuple[Entry, ...]
    now_right: tuple[Entry, ...]
    both: int
    only_before: int
    only_after: int


def compare(before: Entry, after: Entry, *, seed: int = 0) -> Comparison:
    """What changed between two evaluations as their JSON tells it.

    Documents are the same where form and id are. Shares of fields and reports are compared over the documents
    of both; what is not known by document only where both evaluations are over the same documents.
    """
    earlier, later = _by_key(before), _by_key(after)
    shared = [key for key in later if key in earlier]
    same = len(shared) == len(earlier) == len(later)
    found = list(_paired(earlier, later, shared, seed))
    if same:
        found += _unpaired(before, after)
    moved = sorted((one for one in found if abs(one.gain) > _SAME), key=lambda one: (-abs(one.gain), one.scope))
    now_wrong, now_right = _fields(before, after, {key[1] for key in shared})
    return Comparison(
        better=tuple(one for one in moved if one.gain > 0),
        worse=tuple(one for one in moved if one.gain < 0),
        now_wrong=now_wrong,
        now_right=now_right,
        both=len(shared),
        only_before=len(earlier) - len(shared),
        only_after=len(later) - len(shared),
    )


def _by_key(evaluation: Entry) -> dict[tuple[str, str], Entry]:
    """Documents by form and id: an id without its form would take another document that got its name for the same."""
    return {(one["form"], one["id"]): one for one in evaluation.get("documents", ())}


def _paired(
    earlier: Mapping[Any, Entry], later: Mapping[Any, Entry], shared: Sequence[Any], seed: int
) -> Iterator[Change]:
    scopes: dict[str, list[Any]] = {ALL: list(shared)}
    for key in shared:
        scopes.setdefault(later[key]["layout"], []).append(key)
    for scope, keys in scopes.items():
        for metric, parts in _BY_DOCUMENT.items():
            pairs = [parts(earlier[key]) for key in keys], [parts(later[key]) for key in keys]
            values = [_share(side) for side in pairs]
            if values[0] is not None and values[1] is not None:
                difference = paired_bootstrap(*pairs, seed=seed)
                yield Change(scope, metric, values[0], values[1], difference, len(keys))


def _share(pairs: Iterable[tuple[float, float]]) -> float | None:
    tops, bottoms = (sum(side) for side in zip((0.0, 0.0), *pairs, strict=True))
    return tops / bottoms if bottoms else None


def _unpaired(before: Entry, after: Entry) -> Iterator[Change]:
    """Changes of what the totals and layouts say and single documents do not; counts of the corpus are no metric."""
    values = {ALL: [{name: one["value"] for name, one in side["totals"].items()} for side in (before, after)]}
    layouts = [side["groups"]["layout"] for side in (before, after)]
    values |= {name: [layouts[0][name], layouts[1][name]] for name in layouts[1] if name in layouts[0]}
    for scope, (old, new) in values.items():
        for metric in METRICS:
            if metric in _BY_DOCUMENT or metric in ("documents", "fields"):
                continue
            one, other = old.get(metric), new.get(metric)
            if one is not None and other is not None:
                yield Change(scope, metric, one, other, Interval(other - one), None)


def _fields(before: Entry, after: Entry, shared: set[str]) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Wrong fields of documents in both evaluations that are wrong in one alone: (now wrong, now right)."""
    old, new = ({(one["document"], one["field"]): one for one in side.get("wrong", ())} for side in (before, after))
    now_wrong = (one for key, one in new.items() if key[0] in shared and key not in old)
    now_right = (one for key, one in old.items() if key[0] in shared and key not in new)
    return tuple(now_wrong), tuple(now_right)
