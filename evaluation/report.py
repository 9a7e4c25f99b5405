"""An evaluation as one HTML file that needs nothing else: no network, no script, no font but the reader's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evaluation import report_rivals, report_sections
from evaluation.changes import compare
from evaluation.report_changes import comparison
from evaluation.report_parts import Entry, Section, counted, figure, groups, interval, share, summary
from evaluation.report_wrong import wrong_fields
from pipeline.html_page import render
from pipeline.writers import whole_file

PICTURES = 150


def write_report(
    evaluation: Entry,
    out: Path,
    *,
    before: Entry | None = None,
    rivals: Entry | None = None,
    unseen: Entry | None = None,
    pictures: int = PICTURES,
) -> None:
    """Write the report of an evaluation (its JSON) to `out`: one HTML file in UTF-8, the same bytes for the same input.

    `before` is an earlier evaluation to compare with, `rivals` and `unseen` the results of those measurements; at most
    `pictures` wrong fields are shown with their place in the source, which is read again for that.
    """
    sections = _sections(evaluation, before, rivals, unseen, pictures)
    page = {
        "title": "nianbao evaluation",
        "lead": _lead(evaluation["totals"]),
        "about": _about(evaluation),
        "cautions": _cautions(evaluation),
        "tiles": _tiles(evaluation["totals"]),
        "sections": sections,
    }
    with whole_file(out) as file:
        file.write(render("evaluation", "report.html", **page))


def _sections(
    evaluation: Entry, before: Entry | None, rivals: Entry | None, unseen: Entry | None, pictures: int
) -> list[Section]:
    found: list[Section | None] = [
        summary(evaluation),
        comparison(compare(before, evaluation), before) if before else None,
        report_rivals.rivals(rivals) if rivals else None,
        report_rivals.unseen(unseen) if unseen else None,
        report_sections.layouts(evaluation),
        groups(evaluation),
        report_sections.calibration(evaluation),
        report_sections.row_labels(evaluation),
        report_sections.facts(evaluation),
        wrong_fields(evaluation, pictures),
    ]
    return [section for section in found if section]


def _lead(totals: Entry) -> str:
    value = {name: one["value"] for name, one in totals.items()}
    silent = int((value.get("silent") or 0) + (value.get("extra") or 0))
    return (
        f"{counted(int(value['documents'] or 0), 'document')} with {int(value['fields'] or 0):,} labelled fields: "
        f"{share(value['exact_fields'])} of the fields and {share(value['exact_reports'])} of whole reports are "
        f"exactly right; {counted(silent, 'accepted figure is', 'accepted figures are')} wrong."
    )


def _about(evaluation: Entry) -> list[tuple[str, str]]:
    versions, machine = evaluation["versions"], evaluation["machine"]
    split = evaluation.get("split")
    seconds = sum(one["seconds"] for one in evaluation["documents"])
    return [
        ("Corpus", "; ".join(map(str, evaluation["corpora"]))),
        ("Documents", _documents(evaluation["documents"])),
        ("Split", f"only {split}" if split else f"all: {_splits(evaluation['documents'])}"),
        ("Model", f"{versions.get('model')} (nianbao {versions.get('nianbao')}, forms {versions.get('forms')})"),
        ("Commit", evaluation.get("commit") or "unknown: not run from a checkout, or its files are not in it"),
        ("Machine", ", ".join(f"{name} {value}" for name, value in machine.items() if value)),
        ("Reading", f"{seconds:.1f} s of reading, {seconds / max(1, len(evaluation['documents'])):.2f} s a document"),
    ]


def _documents(documents: Sequence[Entry]) -> str:
    """How many were generated, said of the documents that lie beside a meta.json of the generator."""
    made = sum(_is_generated(Path(str(one.get("source", "")))) for one in documents)
    layouts = len({one["layout"] for one in documents})
    text = f"{len(documents):,} in {counted(layouts, 'layout')}"
    if made:
        text += f"; {made:,} made by corpora/synthesis (invented agencies and figures, layouts drawn by program)"
    if made < len(documents):
        text += f"; {len(documents) - made:,} not marked as generated"
    return text


def _is_generated(source: Path) -> bool:
    import json

    try:
        meta = json.loads((source.parent / "meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(meta, dict) and "seed" in meta and "layout" in meta


def _splits(documents: Sequence[Entry]) -> str:
    counts: dict[str, int] = {}
    for one in documents:
        name = one.get("split") or "of no split"
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{counts[name]:,} {name}" for name in sorted(counts))


def _cautions(evaluation: Entry) -> list[str]:
    """What a reader must know before believing the figures."""
    documents = evaluation["documents"]
    found = {one.get("split") or "" for one in documents}
    cautions = []
    if found & {"train", "dev"}:
        cautions.append(
            "These figures include documents of "
            + " and ".join(sorted(found & {"train", "dev"}))
            + ", which a model or its threshold may have been made from. Only those of test were kept from it; see By "
            "split. Documents are split by layout and by agency, never by row: test layouts occur in test alone."
        )
    elif "test" in found:
        cautions.append(
            "Documents are split by layout and by agency, never by row: test holds agencies that training never saw, "
            "and the layouts that are kept for test; its other layouts are trained on."
        )
    unread = [one for one in documents if one.get("problem")]
    if unread:
        shown = "; ".join(f"{one['id']}: {one['problem']}" for one in unread[:5])
        more = f"; and {len(unread) - 5:,} more" if len(unread) > 5 else ""
        count = counted(len(unread), "document")
        cautions.append(f"Nothing could be read of {count}, whose fields all count as wrong: {shown}{more}")
    return cautions


def _tiles(totals: Entry) -> list[dict[str, str]]:
    return [_tile(totals, "exact_fields"), _tile(totals, "exact_reports"), _tile(totals, "coverage"), _silent(totals)]


def _tile(totals: Entry, metric: str) -> dict[str, str]:
    one = totals[metric]
    names = {"exact_fields": "Exact fields", "exact_reports": "Exact whole reports", "coverage": "Accepted fields"}
    ends = interval(metric, one["low"], one["high"])
    return {
        "name": names[metric],
        "value": figure(metric, one["value"]),
        "below": f"95 %: {ends}" if ends else "",
        "tone": "",
    }


def _silent(totals: Entry) -> dict[str, str]:
    wrong = sum(int(totals[name]["value"] or 0) for name in ("silent", "extra"))
    upper = totals.get("silent_upper", {}).get("value")
    below = f"at most {share(upper)} of what is accepted (95 %)" if upper is not None else ""
    return {"name": "Accepted and wrong", "value": f"{wrong:,}", "below": below, "tone": "bad" if wrong else "good"}
