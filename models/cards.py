"""The card of a trained model: what it learnt from, how it was judged, and what was accepted in spite of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from models.lessons import Example
from models.tuning import Judged

_NAMED, _ID = 20, 16


def write_card(
    settings: Mapping[str, Any],
    base: Sequence[Example],
    new: Sequence[Example],
    judged: Sequence[Judged],
    measured: Sequence[str],
) -> str:
    """The card as Markdown; `judged` are rows as models see them that did not learn their layout, `measured` lines
    about what the model did on documents, the regressions that were accepted among them."""
    names = Counter(name for one in (*base, *new) for name in one.names)
    rarest = ", ".join(f"{name} ({count})" for name, count in names.most_common()[-3:])
    heads = ", ".join(settings.get("running_totals", ()))
    lines = [
        f"# Row classifier {settings['version']}",
        "",
        "Says which row of the statutory forms a row of a report is, from its label, groups, shape and neighbours.",
        "",
        f"- Trained on {len(base)} documents of the base and {len(new)} new ones, {sum(names.values())} rows with "
        f"{len(names)} names; rarest: {rarest}.",
        f"- New documents: {_named(new)}.",
        f"- Seed {settings['seed']}, data sha256 {settings['data_sha256']}, scikit-learn {settings['scikit_learn']}, "
        f"forms {', '.join(f'{name} {digest}' for name, digest in settings['forms'].items())}.",
        f"- Regularisation 1/{settings['strength']:g} by grid search over splits that keep layouts whole; sharpness "
        f"{settings['sharpness']:.3f} by temperature scaling; threshold of acceptance {settings['threshold']:g}.",
        *([f"- Taught that columns under these heads are none of the year's: {heads}."] if heads else []),
        *(f"- {line}" for line in measured),
        "- Made of stock scikit-learn parts, saved with skops: loading it runs no code of the model's.",
        "",
        "Rows named right by models that did not learn their layout (new documents: their document):",
        "",
        "| layout | rows | right | surer than 0.99 | of those wrong |",
        "|---|---|---|---|---|",
        *(_line(name, rows) for name, rows in _by_group(judged)),
    ]
    return "\n".join(lines) + "\n"


def _named(new: Sequence[Example]) -> str:
    """The first documents by id (of labelled files the hash) with their number of rows."""
    shown = [f"{one.document[:_ID]} ({len(one.rows)} rows)" for one in new[:_NAMED]]
    return ", ".join([*shown, *["…"] * (len(new) > _NAMED)]) or "none"


def _by_group(judged: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    groups: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.group].append(one)
    return [*sorted(groups.items()), ("all", list(judged))]


def _line(name: str, rows: Sequence[Judged]) -> str:
    sure = [row for row in rows if row.likeliest_share > 0.99]
    right = sum(row.right for row in rows) / max(len(rows), 1)
    return f"| {name[:32]} | {len(rows)} | {right:.2%} | {len(sure) / max(len(rows), 1):.2%} | " + (
        f"{sum(not row.right for row in sure)} |"
    )
