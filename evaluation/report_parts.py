"""What a page of results is put together from: sections of tables and plots, and figures written for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.metrics import METRICS

Entry = Mapping[str, Any]
NOTHING = "–"
# Where the metric's own name would not be plain words.
_NAMES = {
    "silent": "silent errors",
    "extra": "extra figures",
    "silent_rate": "silent rate",
    "facts_silent": "silent facts",
    "silent_upper": "silent rate, upper bound",
    "silent_reports_upper": "silent reports, upper bound",
    "blank_zero": "blank and zero confused",
    "row_labels_f1": "row labels, F1",
    "ece": "calibration error (ECE)",
    "aurc": "risk-coverage area (AURC)",
}
_SIZES = ("documents", "fields")  # what the corpus holds: nothing to be sure or unsure of
_GROUP_METRICS = ("exact_fields", "exact_tables", "exact_reports", "coverage", "silent", "extra", "facts")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a section, each bit of it optional: heading, sentences, a table whose first `texts` columns are text,
    a plot (SVG made by us, which is not escaped again) with its caption, and cards of wrong fields."""

    title: str = ""
    text: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    texts: int = 1
    svg: Any = ""
    caption: str = ""
    cards: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    parts: Sequence[Part]


def name_of(metric: str) -> str:
    """A metric's name in plain words."""
    return _NAMES.get(metric, metric.replace("_", " "))


def share(value: float | None) -> str:
    """A share in per cent with two decimals, or as many more as give its distance from 0 or 100 % two figures."""
    if value is None:
        return NOTHING
    nearest = 100 * min(abs(value), abs(1 - value))
    decimals = 2 if nearest < 1e-9 else min(6, max(2, 1 - math.floor(math.log10(nearest))))
    return f"{100 * value:.{decimals}f} %"


def figure(metric: str, value: float | None) -> str:
    """The value of a metric as a count or in per cent."""
    if value is None:
        return NOTHING
    known = METRICS.get(metric)
    return share(value) if known is None or known.kind == "share" else f"{value:,.0f}"


def interval(metric: str, low: float | None, high: float | None) -> str:
    """The two ends of an interval, with one sign of per cent; "" where there is none."""
    return "" if low is None or high is None else f"{figure(metric, low).removesuffix(' %')} to {figure(metric, high)}"


def number(value: float | None, blank: str = "blank") -> str:
    """A figure of a report as it would be written, without a needless .0."""
    return blank if value is None else f"{value:.12g}"


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def summary(evaluation: Entry) -> Section:
    """Every metric with its interval and what it means."""
    rows = [
        (name_of(name), METRICS[name].says if name in METRICS else "", figure(name, one["value"]), _ends(name, one))
        for name, one in evaluation["totals"].items()
    ]
    text = (
        "Intervals are 95 % bootstrap intervals over documents, because fields of one document go wrong together. "
        "Where nothing went wrong such an interval is a point and says nothing: the upper bounds "
        "(Clopper-Pearson) say what may still be wrong."
    )
    heads = ("metric", "what it says", "value", "95 % interval")
    return Section("summary", "Summary", (Part(text=text, heads=heads, rows=rows, texts=2),))


def _ends(name: str, one: Entry) -> str:
    return "" if name in _SIZES else interval(name, one["low"], one["high"])


def splits(evaluation: Entry) -> Part:
    """The documents by split, so that nobody takes what was trained on for what was tested."""
    found: dict[str, list[Entry]] = {}
    for one in evaluation["documents"]:
        found.setdefault(one.get("split") or "(none)", []).append(one)
    order = sorted(found, key=lambda name: (("train", "dev", "test").index(name) if name in _SPLITS else 9, name))
    rows = [(name, *_counts(found[name])) for name in order]
    return Part("By split", heads=("split", "documents", "layouts", *_COUNT_HEADS), rows=rows)


_SPLITS = ("train", "dev", "test")
_COUNT_HEADS = ("fields", "exact fields", "exact reports", "accepted", "silent and extra")


def _counts(documents: Sequence[Entry]) -> list[str]:
    fields = sum(one["fields"] for one in documents)
    return [
        f"{len(documents):,}",
        f"{len({one['layout'] for one in documents}):,}",
        f"{fields:,}",
        share(sum(one["right"] for one in documents) / fields if fields else None),
        share(sum(bool(one["exact"]) for one in documents) / len(documents)),
        share(sum(one["accepted"] for one in documents) / fields if fields else None),
        f"{sum(one['silent'] + one['extra'] for one in documents):,}",
    ]


def groups(evaluation: Entry) -> Section:
    """Metrics by form, format, table and agency, and the fields that are wrong anywhere."""
    found = evaluation["groups"]
    parts = [splits(evaluation)]
    parts += [_group(f"By {kind}", found.get(kind, {})) for kind in ("kind", "form", "format", "table")]
    agencies = {name: one for name, one in found.get("agency", {}).items() if _is_faulty(one)}
    rest = len(found.get("agency", {})) - len(agencies)
    text = f"{counted(rest, 'agency', 'agencies')} with every field right {'is' if rest == 1 else 'are'} not listed."
    parts += [_group("By agency", agencies, text), _fields(evaluation)]
    return Section("groups", "By split, form, format, table, agency, field", parts)


def _group(title: str, found: Mapping[str, Entry], text: str = "") -> Part:
    metrics = [name for name in (*_SIZES, *_GROUP_METRICS) if any(name in one for one in found.values())]
    rows = [
        (name or "(unknown)", *(figure(metric, one.get(metric)) for metric in metrics)) for name, one in _worst(found)
    ]
    return Part(title, text, (title[3:], *map(name_of, metrics)), rows)


def _worst(found: Mapping[str, Entry]) -> list[tuple[str, Entry]]:
    return sorted(found.items(), key=lambda item: (_or_one(item[1].get("exact_fields")), item[0]))


def _is_faulty(one: Entry) -> bool:
    return _or_one(one.get("exact_fields")) < 1 or bool(one.get("silent")) or bool(one.get("extra"))


def _or_one(value: float | None) -> float:
    return 1.0 if value is None else value


def _fields(evaluation: Entry) -> Part:
    """One line for all fields that are wrong equally often, so that a few unread documents fill no page."""
    counts = evaluation["fields"]
    alike: dict[tuple[int, int], list[str]] = {}
    for name, one in sorted(counts.items()):
        alike.setdefault((one["silent"], one["gold"] - one["right"]), []).append(name)
    right = alike.pop((0, 0), [])
    rows = [
        (f"{silent:,}", f"{missed:,}", f"{len(names):,}", ", ".join(names))
        for (silent, missed), names in sorted(alike.items(), reverse=True)
    ]
    text = f"{counted(len(right), 'field')} right in every document {'is' if len(right) == 1 else 'are'} not listed."
    return Part("By field", text, ("silent or extra", "wrong or missed", "fields", "which"), rows, 4)
