"""The sections of a report that draw: layouts, calibration, row labels; and the facts of the prose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from evaluation import plots
from evaluation.intervals import bootstrap
from evaluation.report_parts import Entry, Part, Section, counted, figure, interval, number, share

_MOST_LISTED = 200  # wrong facts


def layouts(evaluation: Entry) -> Section:
    """Exact fields and reports of each layout with their intervals, worst first, as a plot and as a table."""
    by_layout: dict[str, list[Entry]] = {}
    for one in evaluation["documents"]:
        by_layout.setdefault(one["layout"], []).append(one)
    rows = sorted(
        (_layout(name, some) for name, some in by_layout.items()),
        key=lambda row: (row["fields"][0], row["reports"][0], row["name"]),
    )
    caption = (
        "Worst first; in brackets the number of documents. Exact fields: 95 % bootstrap interval over the documents "
        "(too narrow where they are few, a point where they are alike). Exact reports: 95 % Clopper-Pearson "
        "interval, wide where documents are few, even if all of them are right."
    )
    measured = ("exact fields", "95 % interval", "exact reports", "95 % interval", "accepted", "silent", "extra")
    heads = ("layout", "documents", *measured, "s a document")
    plot = Part(svg=Markup(plots.shares(rows)), caption=caption)  # noqa: S704
    return Section("layouts", "By layout", (plot, Part(heads=heads, rows=[_layout_row(row) for row in rows])))


def _layout(name: str, documents: Sequence[Entry]) -> dict[str, Any]:
    fields = bootstrap([(one["right"], one["fields"]) for one in documents], seed=0)
    exact = sum(bool(one["exact"]) for one in documents)
    ends = plots.exact_interval(exact, len(documents))
    value = 0.0 if fields.value is None else fields.value
    return {
        "name": name,
        "documents": len(documents),
        "fields": (value, value if fields.low is None else fields.low, value if fields.high is None else fields.high),
        "reports": (exact / len(documents), *ends),
        "accepted": sum(one["accepted"] for one in documents) / (sum(one["fields"] for one in documents) or 1),
        "silent": sum(one["silent"] for one in documents),
        "extra": sum(one["extra"] for one in documents),
        "seconds": sum(one["seconds"] for one in documents) / len(documents),
    }


def _layout_row(row: Entry) -> list[str]:
    shares = [
        cell for key in ("fields", "reports") for cell in (share(row[key][0]), interval("exact_fields", *row[key][1:]))
    ]
    counts = [f"{row[key]:,}" for key in ("silent", "extra")]
    return [row["name"], f"{row['documents']:,}", *shares, share(row["accepted"]), *counts, f"{row['seconds']:.2f}"]


def calibration(evaluation: Entry) -> Section:
    """Whether confidences keep their word: reliability, risk against coverage, and what thresholds accept."""
    found = evaluation["calibration"]
    bins = [one for one in found["bins"] if one["count"]]
    rows = [
        (
            f"{one['low']:g} to {one['high']:g}",
            f"{one['count']:,}",
            share(one["mean"]),
            share(one["right"]),
            f"{one['count'] - round(one['right'] * one['count']):,}",
        )
        for one in bins
    ]
    caption = (
        "Fields by the confidence they were given: dots are the share that is right with its 95 % interval, diamonds "
        "the mean confidence. A dot below its diamond is over-confidence. Bins are drawn side by side, not to scale."
    )
    heads = ("confidence", "fields", "mean confidence", "right", "wrong")
    reliability = Part("Reliability", "", heads, rows, 1, Markup(plots.reliability(bins)), caption)  # noqa: S704
    return Section("calibration", "Calibration", (reliability, _risk(found), _thresholds(found.get("threshold"))))


def _risk(found: Entry) -> Part:
    threshold = found.get("threshold")
    served = threshold["served"] if isinstance(threshold, Mapping) and threshold.get("served") else {}
    svg = Markup(plots.risk_coverage(found["risk_coverage"], served.get("coverage")))  # noqa: S704
    ece, aurc = figure("ece", found["ece"]), figure("aurc", found["aurc"])
    text = f"Expected calibration error {ece}; area under the risk-coverage curve {aurc}."
    rows = [(f"{name} %", share(value)) for name, value in found["accuracy_at"].items()]
    caption = "How many in 1,000 fields are wrong where only the most confident are kept."
    return Part("Risk and coverage", text, ("most confident fields kept", "right"), rows, 1, svg, caption)


def _thresholds(found: Any) -> Part:
    if not isinstance(found, Mapping):
        return Part()
    chosen = found.get("chosen") or {}
    named = {
        "the model's own, on all documents here": found.get("served"),
        "chosen on dev, there": chosen.get("on_dev"),
        "chosen on dev, on documents not of dev": chosen.get("verified"),
    }
    rows = [
        (
            name,
            f"{one['threshold']:g}",
            f"{one['fields']:,}",
            f"{one['accepted']:,}",
            share(one["coverage"]),
            f"{one['wrong']:,}",
            share(one["upper"]),
        )
        for name, one in named.items()
        if one
    ]
    text = (
        "What accepting every field at or above a threshold would accept. The aim is at most 1 wrong in 1,000; the "
        "upper bound takes fields as independent, which those of one document are not."
    )
    if not chosen:
        text += " No threshold was chosen: there are no documents of dev here, or none of the thresholds will do."
    heads = ("threshold", "value", "fields", "accepted", "coverage", "wrong", "wrong share at most")
    return Part("Thresholds of acceptance", text, heads, rows)


def row_labels(evaluation: Entry) -> Section:
    """Rows that were taken for others, most often first, and the row names that are not found perfectly."""
    found = evaluation["rows"]
    if not found["labels"]:
        text = "These documents keep no row labels, so the classifier cannot be scored by itself."
        return Section("rows", "Row labels", (Part(text=text),))
    confusion = sorted(found["confusion"], key=lambda one: (-one["count"], one["gold"], one["predicted"]))
    rows = [(one["gold"], one["predicted"], f"{one['count']:,}") for one in confusion]
    text = (
        f"Columns right in {share(found['columns'])} of the rows whose figures can be told apart. “(not read)” is a "
        "printed row that was not found, “(not printed)” a row found that the document does not print as a row of its "
        "own, “none” a row that belongs to no form."
    )
    confused = Part("Rows taken for others", text, ("printed row", "taken for", "times"), rows, 2)
    if not rows:
        confused = Part("Rows taken for others", text + " Every row was named right.")
    return Section("rows", "Row labels", (confused, _labels(found["labels"])))


def _labels(labels: Sequence[Entry]) -> Part:
    faulty = sorted((one for one in labels if one["f1"] < 1), key=lambda one: (one["f1"], one["label"]))
    rows = [
        (one["label"], *(share(one[name]) for name in ("precision", "recall", "f1")), f"{one['support']:,}")
        for one in faulty
    ]
    text = f"{counted(len(labels) - len(faulty), 'row name')} with precision and recall of 100 % are not listed."
    return Part("Precision and recall", text, ("row", "precision", "recall", "F1", "printed"), rows)


def facts(evaluation: Entry) -> Section | None:
    """Facts of the prose that are not all right, by name, and each one that is wrong; None without facts in gold."""
    found = evaluation["facts"]
    if not found.get("gold"):
        return None
    names = [(name, one) for name, one in found["names"].items() if one["right"] < one["gold"] or one["silent"]]
    names.sort(key=lambda item: (-item[1]["silent"], item[1]["right"] - item[1]["gold"], item[0]))
    rows = [(name, *(f"{one[key]:,}" for key in ("gold", "right", "silent"))) for name, one in names]
    text = f"{found['right']:,} of {counted(found['gold'], 'fact')} right, {found['silent']:,} accepted and wrong."
    by_name = Part("", text, ("fact", "in documents", "right", "silent"), rows)
    order = sorted(found["wrong"], key=lambda one: (one["kind"] != "silent", one["document"], one["fact"]))
    wrong = [
        (
            one["document"],
            one["fact"],
            one["kind"],
            " or ".join(map(number, one["gold"])) or "none",
            number(one["value"], "nothing"),
        )
        for one in order[:_MOST_LISTED]
    ]
    left = len(order) - len(wrong)
    cut = f"{left:,} more are left out; the JSON holds them." if left else ""
    every = Part("Wrong and missed facts", cut, ("document", "fact", "what", "in the document", "read"), wrong, 3)
    return Section("facts", "Facts of the prose", (by_name, every) if wrong else (by_name,))
