"""What a conversion leaves in its folder beside the store: records, failures, duplicates, and a page to look at."""

from __future__ import annotations

import csv
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.bulk.failures import Command, first_problem, write_failures
from pipeline.bulk.shard_folder import ShardFolder
from pipeline.bulk.summary import Summary
from pipeline.bulk.summary_page import Example, write_page
from pipeline.bulk.versions import marked_lines
from pipeline.storage import Store
from pipeline.writers import whole_file
from pipeline.writers.to_csv import no_formula

_EXAMPLES = 5  # failures of one cause that the page names


def write_files(
    kept: Store | ShardFolder, summary: Summary, duplicates: Duplicates, folder: Path, command: Command
) -> None:
    """Write the files and set the summary's `outputs`, `versions` and `retry`. `records.jsonl`, which takes a look at
    every record of the store, is left as it is after an interruption, and where shards are kept instead."""
    records, failures, doubles = (folder / name for name in ("records.jsonl", "failures.csv", "duplicates.csv"))
    outputs = []
    if not summary.interrupted and isinstance(kept, Store):
        summary.versions = _write_records(kept, records)
        outputs.append(records)
    failed = _Failures(kept)
    if write_failures(failed.records(), failures, command):
        summary.retry = command(str(failures))
        outputs.append(failures)
    else:
        failures.unlink()
    if duplicates.write(doubles, kept):
        outputs.append(doubles)
    page = folder / "summary.html"
    write_page(page, summary, kept.reports(), failed.examples)
    summary.outputs = (*outputs, page)


class Duplicates:
    """The paths whose bytes were met before, kept on disk because they may be many; a context manager."""

    def __enter__(self) -> Duplicates:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogateescape", newline="")
        self._lines = csv.writer(self._file)
        self._number = 0
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, path: str, sha256: str) -> None:
        """Note a path and the hash of its bytes."""
        self._number += 1
        self._lines.writerow([path, sha256])

    def write(self, path: Path, kept: Store | ShardFolder) -> int:
        """Write path, the path that stands for the same bytes in what is kept, and the hash; their number."""
        if not self._number:
            path.unlink(missing_ok=True)
            return 0
        self._file.seek(0)
        paths = _paths_of(kept, {sha256 for _, sha256 in csv.reader(self._file)})
        self._file.seek(0)
        with whole_file(path) as file:
            table = csv.writer(file)
            table.writerow(("path", "same_as", "sha256"))
            for where, sha256 in csv.reader(self._file):
                table.writerow([no_formula(where), no_formula(paths.get(sha256)), sha256])
        return self._number


@dataclass
class _Failures:
    """The records that failed, and a few examples of each cause once they have been gone through."""

    kept: Store | ShardFolder
    examples: dict[str, list[Example]] = field(default_factory=lambda: defaultdict(list))

    def records(self) -> Iterator[dict[str, Any]]:
        for record in _failed(self.kept):
            problem = first_problem(record)
            of_cause = self.examples[problem["code"]]
            if len(of_cause) < _EXAMPLES:
                path = record["source"]["path"]
                of_cause.append(Example(path, problem["message"].replace(f"{path} ", "It ", 1)))
            yield record


def _failed(kept: Store | ShardFolder) -> Iterable[dict[str, Any]]:
    return kept.records(status="failed") if isinstance(kept, Store) else kept.failures()


def _paths_of(kept: Store | ShardFolder, wanted: Set[str]) -> Mapping[str, str | None]:
    return {one: kept.path_of(one) for one in wanted} if isinstance(kept, Store) else kept.paths_of(wanted)


def _write_records(store: Store, path: Path) -> int:
    """Write all records of the store, marked where there are several versions; the number that are marked."""
    number = 0
    with whole_file(path) as file:
        for line, marked in marked_lines(store):
            number += marked
            file.write(line + "\n")
    return number
