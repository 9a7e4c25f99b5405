"""What got better and what worse since an earlier evaluation, as a section of a report."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.changes import FEWEST, Change, Comparison
from evaluation.report_parts import Entry, Part, Section, counted, figure, name_of, number

_MOST_LISTED = 200  # changed fields listed for each direction


def comparison(found: Comparison, before: Entry) -> Section:
    """What got better and what worse since an earlier evaluation."""
    versions = before.get("versions", {})
    text = (
        f"Before: model {versions.get('model') or 'unknown'}, nianbao {versions.get('nianbao') or 'unknown'}, commit "
        f"{before.get('commit') or 'unknown'}. {counted(found.both, 'document')} in both evaluations"
    )
    if found.only_before or found.only_after:
        text += (
            f"; {found.only_before:,} only before and {found.only_after:,} only now are left out, and so are metrics "
            "that single documents do not tell"
        )
    text += (
        ". The interval is that of the difference, by paired bootstrap over the documents; “beyond chance” marks those "
        f"without 0 in it. Of fewer than {FEWEST} documents it would be too narrow and is not given."
    )
    parts = [Part(text=text), _changes("What got worse", found.worse), _changes("What got better", found.better)]
    parts += [_moved("Fields now wrong that were right", found.now_wrong, "read now")]
    parts += [_moved("Fields now right that were wrong", found.now_right, "read before")]
    return Section("changes", "Before and after", parts)


def _changes(title: str, changes: Sequence[Change]) -> Part:
    if not changes:
        return Part(title, "Nothing.")
    rows = [
        (
            one.scope,
            name_of(one.metric),
            figure(one.metric, one.before),
            figure(one.metric, one.after),
            _difference(one),
            _difference_interval(one),
            "yes" if one.beyond_chance else "",
            "" if one.documents is None else f"{one.documents:,}",
        )
        for one in changes
    ]
    heads = ("over", "metric", "before", "now", "difference", "95 % interval", "beyond chance", "documents")
    return Part(title, "", heads, rows, 2)


def _difference(one: Change) -> str:
    return _signed(one.metric, one.difference.value)


def _difference_interval(one: Change) -> str:
    low, high = one.difference.low, one.difference.high
    if not one.is_sure or low is None or high is None:
        return ""
    return f"{_signed(one.metric, low).removesuffix(' %')} to {_signed(one.metric, high)}"


def _signed(metric: str, value: float | None) -> str:
    if value is None or abs(value) < 1e-12:
        return "0"
    return f"{'+' if value > 0 else '−'}{figure(metric, abs(value))}"


def _moved(title: str, fields: Sequence[Entry], head: str) -> Part:
    if not fields:
        return Part(title, "None.")
    rows = [
        (one["document"], one["layout"], one["field"], number(one["gold"]), number(one["value"], one["state"]))
        for one in fields[:_MOST_LISTED]
    ]
    left = len(fields) - len(rows)
    text = f"The first {len(rows):,} of {len(fields):,}; {left:,} are left out." if left else ""
    return Part(title, text, ("document", "layout", "field", "in the document", head), rows, 3)
