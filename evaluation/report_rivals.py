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
    """Layouts that were never learned from, and after learning from a few of their documents; `found` is a study of
    schema nianbao.unseen/1. What was not measured is left out."""
    layouts: dict[str, Mapping[str, Entry | None]] = {one["layout"]: one["shots"] for one in found["layouts"]}
    steps: Sequence[int] = found["steps"]
    lines: list[dict[str, Any]] = [{"name": name, "values": _exact(some, steps)} for name, some in layouts.items()]
    lines.sort(key=lambda line: ([-1.0 if value is None else value for value in line["values"]], line["name"]))
    text = (
        "Each family of layouts was kept from training and its layouts then tested: as they are (zero-shot), and after "
        "some documents of the layout were learned from; these were not scored. Measured on "
        f"{', '.join(found['corpora'])}; commit {found.get('commit') or 'unknown'}."
    )
    heads = ("layouts", "documents learned from", *(name_of(name) for name in _UNSEEN))
    every = Part("All unseen layouts", text, heads, [row for step in steps for row in _unseen_rows(found, step)], 2)
    by_layout = Part(
        title="Exact fields by layout",
        heads=("layout", *("zero-shot" if not step else f"after {step}" for step in steps)),
        rows=[(line["name"], *map(share, line["values"])) for line in lines],
        svg=Markup(plots.learning(lines, _exact(found["totals"], steps), steps)),  # noqa: S704
        caption="A thin line for each layout, worst first in the table; the thick one is over all of them.",
    )
    return Section("unseen", "Unseen layouts", (every, by_layout))


def _exact(some: Mapping[str, Entry | None], steps: Sequence[int]) -> list[float | None]:
    return [(some.get(str(step)) or {}).get("exact_fields") for step in steps]


def _unseen_rows(found: Entry, step: int) -> list[tuple[str, ...]]:
    totals = found["totals"][str(step)]
    kinds = {"all": totals, "regular": totals["regular"], "irregular": totals["irregular"]}
    return [(kind, str(step), *(figure(name, one.get(name)) for name in _UNSEEN)) for kind, one in kinds.items()]
