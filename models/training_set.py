"""The rows that a model is fitted to: those of the lessons, some of them twice as archives have them, worn or alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from models.lessons import Example
from pipeline.classify import Features, document_features, label_words
from pipeline.datamodel import Row
from pipeline.forms import load_forms
from pipeline.text import label_key

_MOST = 0.6  # of a wording that a worn label must keep to be taken for it
_ALONE_SHARE = 0.1  # of the rows are shown once more without their neighbours
_WORN_SHARE = 0.35  # of the rows are shown a second time with a damaged label


def training_set(examples: Sequence[Example], seed: int) -> tuple[list[Features], list[str], list[str]]:
    """Features, names and groups of all rows, a part of them again as archives have them: with worn labels, or alone
    between rows that nobody could read."""
    rng = random.Random(seed)  # noqa: S311 - reproducible examples, no secrets
    features: list[Features] = []
    names: list[str] = []
    groups: list[str] = []
    for example in examples:
        for rows in (example.rows, tuple(_worn(row, rng) for row in example.rows)):
            features += document_features(rows)
            names += example.names
            groups += [example.group] * len(rows)
        alone = [at for at in range(len(example.rows)) if rng.random() < _ALONE_SHARE]
        features += [document_features(example.rows[at : at + 1])[0] for at in alone]
        names += [example.names[at] for at in alone]
        groups += [example.group] * len(alone)
    return _without_repeats(features, names, groups)


def _without_repeats(
    features: list[Features], names: list[str], groups: list[str]
) -> tuple[list[Features], list[str], list[str]]:
    seen: dict[tuple[object, ...], int] = {}
    for i, (item, name) in enumerate(zip(features, names, strict=True)):
        seen.setdefault((name, *sorted(item.items())), i)
    kept = sorted(seen.values())
    return [features[i] for i in kept], [names[i] for i in kept], [groups[i] for i in kept]


def _worn(row: Row, rng: random.Random) -> Row:
    """The row with its label cut, thinned out, glued to its group, or lost, and its heads lost: what converters do; or
    with its label in fewer words: what offices do."""
    if not row.labels or rng.random() > _WORN_SHARE:
        return replace(row, heads=("",) * len(row.heads))
    label = row.labels[-1]
    harm = rng.choice(("thin", "short", "short", "cut end", "cut start", "lost", "glued", "typo"))
    if harm == "short":
        label = _shortened(label, rng)
    elif harm == "thin":
        label = "".join(char for char in label if rng.random() > 0.12)
    elif harm == "cut end":
        label = label[: max(2, int(len(label) * rng.uniform(0.5, 0.9)))]
    elif harm == "cut start":
        label = label[int(len(label) * rng.uniform(0.1, 0.5)) :]
    elif harm == "typo" and len(label) > 3:
        place = rng.randrange(len(label))
        label = label[:place] + rng.choice("的信息公开政府申请一二") + label[place + 1 :]
    elif harm == "glued":
        label = "".join(row.labels)
    if harm != "lost" and _is_anothers(label_key(label), label_key(row.labels[-1])):
        return row  # 不同意公开答复数 without its first character is the label of another row
    return replace(row, labels=() if harm == "lost" else (*row.labels[:-1], label))


def _shortened(label: str, rng: random.Random) -> str:
    """A label of half its words, some of them as their first character only."""
    parts = [word if rng.random() < 0.6 else word[0] for word in label_words(label_key(label)) if rng.random() < 0.55]
    shortened = "".join(parts)
    return shortened if len(shortened) > 3 else label


def _is_anothers(worn: str, own: str) -> bool:
    """Whether a worn label is most of a wording of another row than the one whose wording its own label bears."""
    names = _names_by_key()
    kept = [known for known in names if own.endswith(known) or known.endswith(own)]
    meant = names[max(kept, key=len)] if kept else frozenset()
    alike = [known for known in names if known.endswith(worn) and len(worn) >= _MOST * len(known)]
    return any(not names[known] <= meant for known in alike)


@lru_cache(maxsize=1)
def _names_by_key() -> dict[str, frozenset[str]]:
    names: dict[str, frozenset[str]] = {}
    for form in load_forms().values():
        for name, wordings in form.row_wordings.items():
            for key in map(label_key, wordings):
                names[key] = names.get(key, frozenset()) | {name}
    return names
