"""May a new model take the place of an old one? Both have read the same frozen documents; what counts is layouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.intervals import Interval, paired_bootstrap
from evaluation.score import DocumentScore, parts


@dataclass(frozen=True, slots=True)
class Change:
    """Of one layout ("" is all documents together) the shares of exact and of accepted fields before and after, and
    the difference of exact fields with its 95 % interval."""

    layout: str
    documents: int
    before: float
    after: float
    accepted_before: float
    accepted_after: float
    exact: Interval

    @property
    def lost(self) -> bool:
        """Whether exact fields were lost beyond the luck of the documents."""
        return self.exact.high is not None and self.exact.high < 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The changes by layout, worst first, that of all together, and the accepted wrong figures that are new."""

    total: Change
    layouts: tuple[Change, ...]
    silent: tuple[str, ...]

    @property
    def reasons(self) -> list[str]:
        """Why the new model is refused, in plain words; nothing where it may be taken."""
        lost = [f"{one.layout or 'all layouts'}: {_fell(one)}" for one in (self.total, *self.layouts) if one.lost]
        return [*lost, *(f"a wrong figure is accepted: {one}" for one in self.silent)]


def compare(before: Sequence[DocumentScore], after: Sequence[DocumentScore], *, seed: int) -> Verdict:
    """The verdict on a new model by what both read of the same documents in the same order; ValueError for others."""
    if [one.id for one in before] != [one.id for one in after]:
        raise ValueError("the old and the new model did not read the same documents")
    pairs = list(zip(before, after, strict=True))
    layouts = [
        _change(name, [pair for pair in pairs if pair[0].layout == name], seed)
        for name in sorted({one.layout for one in before})
    ]
    layouts.sort(key=lambda one: (one.after - one.before, one.layout))
    silent = tuple(wrong for old, new in pairs for wrong in sorted(_wrong(new) - _wrong(old)))
    return Verdict(_change("", pairs, seed), tuple(layouts), silent)


def _fell(one: Change) -> str:
    return f"exact fields fell from {one.before:.2%} to {one.after:.2%}"


def _wrong(score: DocumentScore) -> set[str]:
    return {f"{score.id}, {name}" for name in (*score.silent, *score.extra)}


def _change(name: str, pairs: Sequence[tuple[DocumentScore, DocumentScore]], seed: int) -> Change:
    columns = [[parts(one[side]) for one in pairs] for side in (0, 1)]
    exact = [[one["exact_fields"] for one in side] for side in columns]
    accepted = [[one["coverage"] for one in side] for side in columns]
    difference = paired_bootstrap(exact[0], exact[1], seed=seed)
    before, after, given, kept = map(_share, (*exact, *accepted))
    return Change(name, len(pairs), before, after, given, kept, difference)


def _share(pairs: Sequence[tuple[float, float]]) -> float:
    return sum(top for top, _ in pairs) / (sum(bottom for _, bottom in pairs) or 1)
