"""All reports of a store held against each other at once: which pairs share much of their wording.

A sample of each report's runs of characters (those whose hash is a multiple of SAMPLE, the same in every report) stands
for all of them; what two reports share of it is one product of sparse matrices. After Broder (1997), On the resemblance
and containment of documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.compare.common import Common, CommonCounter
from pipeline.compare.wording import Hashes, chapters, hashes
from pipeline.shelf import Report

SAMPLE = 8
KEPT = 1000  # pairs of each kind that are named, those that share most
_LEAST = 30  # sampled runs of its own without which a report says too little (some 240 characters)
_BLOCK = 256  # reports that are held against all others at once


class Member(NamedTuple):
    """A report in the index."""

    id: str
    name: str
    body: str
    year: int | None
    path: str


class Similar(NamedTuple):
    """Two reports and the share of the second's own runs that stand in the first too, estimated by the sample.

    It is below the share of characters where copied sentences stand in another order, as runs over their ends differ:
    by 0.09 on average for sentences of 40 characters.
    """

    share: float
    one: Member
    two: Member


@dataclass
class Found:
    """The pairs above the threshold: those of one body's neighbouring years, and those of two bodies in one year or in
    neighbouring ones. `numbers` counts all of them, also those that are not kept."""

    members: int = 0
    common: Common | None = None
    years: list[Similar] = field(default_factory=list)
    bodies: list[Similar] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=lambda: {"years": 0, "bodies": 0})


def find_similar(reports: Iterable[Report], threshold: float) -> Found:
    """The pairs of reports of which one repeats at least `threshold` (0 to 1) of its wording from the other.

    Reports come by body. Memory is that of the samples: some 5 KB a report, and of the pairs that are kept.
    """
    counter, members, samples = CommonCounter(), [], []
    for report in reports:
        runs = [hashes(chapter.wording) for chapter in chapters(report.record)]
        together = np.concatenate([*runs, np.empty(0, dtype=np.uint64)])
        counter.add(report.body, together)
        year, path = report.record["year"], report.record["source"]["path"]
        members.append(Member(report.id, report.name, report.body, year, path))
        samples.append(np.unique(together[together % np.uint64(SAMPLE) == 0]))
    found = Found(len(members), counter.common())
    assert found.common is not None
    own = [sample[~found.common.is_common(sample)] for sample in samples]
    for pair in _pairs(members, own, threshold):
        kind = "years" if pair.one.body == pair.two.body else "bodies"
        found.numbers[kind] += 1
        kept: list[Similar] = getattr(found, kind)
        kept.append(pair)
        if len(kept) > 2 * KEPT:
            kept[:] = _most(kept)
    found.years, found.bodies = _most(found.years), _most(found.bodies)
    return found


def _most(pairs: list[Similar]) -> list[Similar]:
    return sorted(pairs, key=lambda pair: (-round(pair.share, 3), pair.one.name, pair.two.name, pair.two.year or 0))[
        :KEPT
    ]


def _pairs(members: list[Member], samples: list[Hashes], threshold: float) -> Iterator[Similar]:
    kept = [number for number, sample in enumerate(samples) if len(sample) >= _LEAST]
    if len(kept) < 2:
        return
    matrix = _matrix([samples[number] for number in kept])
    sizes = np.array([len(samples[number]) for number in kept], dtype=np.float64)
    turned = matrix.T.tocsc()
    body = np.unique([members[number].body for number in kept], return_inverse=True)[1]
    year = np.array([members[number].year or 0 for number in kept])
    for start in range(0, len(kept), _BLOCK):
        shared = sparse.coo_matrix(matrix[start : start + _BLOCK] @ turned)
        rows, columns = shared.row + start, shared.col
        share = shared.data / sizes[columns]
        wanted = (share >= threshold) & _comparable(rows, columns, share, body, year, shared.data / sizes[rows])
        for row, column, value in zip(rows[wanted], columns[wanted], share[wanted], strict=True):
            yield Similar(float(value), members[kept[row]], members[kept[column]])


def _comparable(
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    share: npt.NDArray[np.float64],
    body: npt.NDArray[np.int64],
    year: npt.NDArray[np.int64],
    turned: npt.NDArray[np.float64],
) -> npt.NDArray[np.bool_]:
    """Of each pair whether it is one to name: a later year of one body after the year before; of two bodies once, with
    the later report second, or of one year the report that repeats more."""
    later = year[columns] - year[rows]
    same = body[rows] == body[columns]
    second = (later == 1) | ((later == 0) & ((share > turned) | ((share == turned) & (rows < columns))))
    wanted: npt.NDArray[np.bool_] = np.where(same, later == 1, second) & (year[rows] > 0) & (year[columns] > 0)
    return wanted


def _matrix(samples: list[Hashes]) -> sparse.csr_matrix:
    """A row a report, a column a run that stands in several of them."""
    runs, columns, counts = np.unique(np.concatenate(samples), return_inverse=True, return_counts=True)
    ends = np.cumsum([0, *map(len, samples)])
    whole = sparse.csr_matrix((np.ones(len(columns), dtype=np.int32), columns, ends), shape=(len(samples), len(runs)))
    return whole[:, np.flatnonzero(counts > 1)]
