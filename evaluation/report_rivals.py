"""Results of other measurements beside an evaluation: rivals on the same documents, and layouts never learned from."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Layouts that training never met, and after some of their documents were learned from, as a plot and by layout."""
    steps = [str(step) for step in found["steps"]]
    rows = [
        (
            name.replace("_", " "),
            _said(step),
            f"{totals[name]['layouts']:,}",
            *(figure(key, totals[name].get(key)) for key in _UNSEEN),
        )
        for name in found["totals"][steps[0]]
        for step, totals in (("", found["zero_shot"]), *((step, found["totals"][step]) for step in steps))
        if totals[name].get("layouts")
    ]
    text = (
        "Each layout was left out of training with all layouts of its family, and read as it is (zero-shot); then "
        "after some of its documents were learned from, which are not scored. The same documents are scored at every "
        "step. Only layouts with documents enough for every step are compared; “zero-shot, every layout” is over all. "
        f"Measured on {'; '.join(found['corpora'])}; commit {found.get('commit') or 'unknown'}."
    )
    heads = ("layouts of kind", "documents learned from", "layouts", *map(name_of, _UNSEEN))
    every = Part("All unseen layouts", text, heads, rows, 2)
    return Section("unseen", "Unseen layouts", (every, _by_layout(found, steps)))


def _said(step: str) -> str:
    return {"": "zero-shot, every layout", "0": "zero-shot"}.get(step, step)


def _by_layout(found: Entry, steps: Sequence[str]) -> Part:
    lines: list[dict[str, Any]] = [
        {**one, "values": [(one["shots"].get(step) or {}).get("exact_fields") for step in steps]}
        for one in found["layouts"]
    ]
    lines.sort(key=lambda line: ([-1.0 if value is None else value for value in line["values"]], line["layout"]))
    mean = [found["totals"][step].get("all", {}).get("exact_fields") for step in steps]
    rows = [
        (
            line["layout"],
            f"{line['format']}{', irregular' if line['irregular'] else ''}",
            f"{line['documents']:,}",
            *map(share, line["values"]),
        )
        for line in lines
    ]
    return Part(
        title="Exact fields by layout",
        heads=("layout", "kind", "documents", *(f"after {step}" if int(step) else "zero-shot" for step in steps)),
        rows=rows,
        texts=2,
        svg=Markup(plots.learning(lines, mean, [int(step) for step in steps])),  # noqa: S704
        caption="A thin line for each layout, a thick one for those with documents enough for every step together.",
    )
