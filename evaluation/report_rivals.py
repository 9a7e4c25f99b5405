"""Results of other measurements beside an evaluation: rivals on the same documents, and layouts never learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from evaluation import plots
from evaluation.report_parts import Entry, Part, Section, counted, figure, name_of, share

OURS = "nianbao"
_UNSEEN = ("documents", "exact_fields", "exact_reports", "coverage", "silent", "extra")


def rivals(found: Entry) -> Section:
    """Every rival beside ours: accuracy, accepted and wrong, speed, and which did not run and why."""
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    text = (
        f"Measured on {found['corpus']}{', split ' + found['split'] if found.get('split') else ''}; commit "
        f"{found.get('commit') or 'unknown'}; {machine}. All were scored by the same functions on the same documents. "
        "What a table extractor reads counts as accepted, because it does not say how sure it is; it was told the "
        "form. Times are the median of a warm reading."
    )
    parts = [Part(text=text)]
    for group, entries in found["groups"].items():
        parts += _group(str(group), entries)
    return Section("rivals", "Rivals", parts)


def _group(group: str, entries: Sequence[Entry]) -> list[Part]:
    ran = [one for one in entries if not one.get("skipped")]
    ran.sort(key=lambda one: (-(one["totals"]["exact_fields"] or 0), one["name"]))
    timed = [_point(one) for one in ran if one.get("milliseconds") and one["totals"]["exact_fields"] is not None]
    skipped = "; ".join(f"{one['name']}: {one['skipped']}" for one in entries if one.get("skipped"))
    documents = max((int(one["totals"]["documents"] or 0) for one in ran), default=0)
    title = f"{group}: {counted(documents, 'document')}"
    heads = ("program", "setting", "exact fields", "exact tables", "exact reports", "accepted and wrong", "unread")
    part = Part(
        title=title,
        text=f"Not run: {skipped}." if skipped else "",
        heads=(*heads, "failed", "ms a document"),
        rows=[_row(one) for one in ran],
        texts=2,
        svg=Markup(plots.speed(timed)) if len(timed) > 2 else "",  # noqa: S704
        caption="Upper left is best: right and fast. The diamond is nianbao.",
    )
    return [part]


def _point(one: Entry) -> Entry:
    exact = one["totals"]["exact_fields"]
    return {
        "name": one["name"],
        "milliseconds": one["milliseconds"],
        "exact": exact,
        "ours": one["name"] == OURS,
    }


def _row(one: Entry) -> list[str]:
    totals = one["totals"]
    wrong = (totals["silent"] or 0) + (totals["extra"] or 0)
    version = f" {one['version']}" if one.get("version") else ""
    return [
        f"{one['name']}{version}",
        one["setting"],
        *(share(totals[name]) for name in ("exact_fields", "exact_tables", "exact_reports")),
        f"{wrong:,.0f}",
        figure("unread", totals["unread"]),
        f"{len(one['failures']):,}",
        "–" if one.get("milliseconds") is None else f"{one['milliseconds']:,.1f}",
    ]


def unseen(found: Entry) -> Section:
    """Layouts that were never learned from, and after learning from a few of their documents.

    `found["layouts"]` holds for each layout the metrics by the number of documents learned from ("0", "1", …) and
    `found["totals"]` those over all of them; what was not measured is left out.
    """
    layouts: Mapping[str, Mapping[str, Entry]] = found["layouts"]
    steps = sorted({int(step) for some in (*layouts.values(), found["totals"]) for step in some})
    lines: list[dict[str, Any]] = [{"name": name, "values": _exact(some, steps)} for name, some in layouts.items()]
    lines.sort(key=lambda line: ([-1.0 if value is None else value for value in line["values"]], line["name"]))
    text = (
        "Each layout was kept from training and then tested: as it is (zero-shot), and after some of its documents "
        f"were learned from; these were not scored. Commit {found.get('commit') or 'unknown'}."
    )
    rows = [(str(step), *_unseen_row(found["totals"].get(str(step), {}))) for step in steps]
    heads = ("documents learned from", *(name_of(name) for name in _UNSEEN))
    every = Part("All unseen layouts", text, heads, rows, 1)
    mean = _exact(found["totals"], steps)
    by_layout = Part(
        title="Exact fields by layout",
        heads=("layout", *("zero-shot" if not step else f"after {step}" for step in steps)),
        rows=[(line["name"], *map(share, line["values"])) for line in lines],
        svg=Markup(plots.learning(lines, mean, steps)),  # noqa: S704
        caption="A thin line for each layout, worst first in the table; the thick one is over all of them.",
    )
    return Section("unseen", "Unseen layouts", (every, by_layout))


def _exact(some: Mapping[str, Entry], steps: Sequence[int]) -> list[float | None]:
    return [some.get(str(step), {}).get("exact_fields") for step in steps]


def _unseen_row(totals: Entry) -> list[str]:
    return [figure(name, totals.get(name)) for name in _UNSEEN]
