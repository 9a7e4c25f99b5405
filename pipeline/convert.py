"""Many documents into a store: found, hashed, read in worker processes, saved one by one; a re-run goes on.

What counts as a document: every file named as such; in a folder, files with one of DOCUMENT_SUFFIXES and files
without a suffix that begin like a PDF, a Word document or a web page. Hidden files and folders, folders behind
symbolic links, and Markdown or text files about other files (README, ORIGIN, INDEX, LICENSE, CHANGELOG) are left out
and counted as ignored.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import UnreadableInput, UsageError
from pipeline.isolation import Limits, Workers
from pipeline.storage import Outcome, Store, open_store, record_causes
from pipeline.worker import Job, Work, default_work, failed_record, file_hash
from pipeline.writers import to_csv, to_jsonl

DOCUMENT_SUFFIXES = frozenset(
    {".pdf", ".html", ".htm", ".xhtml", ".txt", ".text", ".md", ".markdown", ".docx", ".doc", ".wps", ".rtf"}
)
_ABOUT = frozenset({"readme", "origin", "index", "license", "changelog"})
_BEGINNINGS = (b"%pdf-", b"pk\x03\x04", b"\xd0\xcf\x11\xe0", b"<!doctype html", b"<html")  # in lower case


@dataclass
class Summary:
    """What a run has done so far: `total` = converted + skipped (done before) + duplicates, once it is through.

    `statuses` counts documents, skipped ones too; `causes` counts documents by status and cause, where one document
    may have several causes.
    """

    store: str
    total: int = 0
    ignored: int = 0
    converted: int = 0
    skipped: int = 0
    duplicates: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    interrupted: bool = False
    outputs: tuple[Path, ...] = ()

    @property
    def done(self) -> int:
        return self.converted + self.skipped + self.duplicates

    @property
    def exit_code(self) -> int:
        return 130 if self.interrupted else 1 if self.statuses["failed"] else 0

    def count(self, outcome: Outcome) -> None:
        self.statuses[outcome.status] += 1
        self.causes.update((outcome.status, cause) for cause in outcome.causes)


def convert(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    store_url: str | None = None,
    workers: int | None = None,
    timeout: float = 60,
    memory_mb: int = 2048,
    fresh: bool = False,
    model_folder: str | Path | None = None,
    progress: Callable[[Summary], None] = lambda _: None,
    work: Work | None = None,
) -> Summary:
    """Read files and folders into a store; then write its `records.jsonl` and, if any failed, `failures.csv` in `out`.

    Documents that the store holds from the same bytes, model and program version are skipped unless `fresh`; the same
    bytes under several paths are read once. `workers` is as many processes as there are processors by default.
    `progress` gets the running summary after each document. Ctrl-C ends with `interrupted` set and all that was done
    kept. Scripts that call this need the usual `if __name__ == "__main__":` of programs that start processes.

    Raises UnreadableInput where a path is missing or nothing is a document, ModelError, StoreError, UsageError.
    """
    limits, count = _checked(timeout, memory_mb, workers)
    folder = _output_folder(out)
    total, ignored = _count(paths)
    with open_store(store_url or f"sqlite:///{folder / 'nianbao.sqlite'}") as store:
        summary = Summary(store.url, total=total, ignored=ignored)
        try:
            with Workers(count, limits, work or default_work(str(model_folder) if model_folder else None)) as pool:
                progress(summary)
                for record in pool.records(_jobs(paths, store, pool.versions, fresh, summary, progress)):
                    _keep(record, store, summary)
                    progress(summary)
            summary.outputs = _write_outputs(store, folder)
        except KeyboardInterrupt:
            summary.interrupted = True
    return summary


def find_documents(paths: Sequence[str | Path]) -> Iterator[Path]:
    """The documents among files and in folders: files in the order given, folders sorted by name."""
    return (path for path, wanted in _walk(paths) if wanted)


def _jobs(
    paths: Sequence[str | Path],
    store: Store,
    versions: dict[str, str],
    fresh: bool,
    summary: Summary,
    progress: Callable[[Summary], None],
) -> Iterator[Job]:
    """What is left to read; the rest is counted, and files that cannot be opened are saved as failures."""
    seen: set[bytes] = set()
    for path in find_documents(paths):
        try:
            sha256 = file_hash(path)
        except OSError as error:
            said = f"{path} cannot be read: {error.strerror or error}."
            failure = failed_record(
                Job(str(path), ""), versions, stage="readers", code="unreadable_input", message=said
            )
            _keep(failure, store, summary)
            progress(summary)
            continue
        key = bytes.fromhex(sha256)
        if key in seen:
            summary.duplicates += 1
        elif not fresh and (before := store.outcome(sha256, versions["model"], versions["nianbao"])):
            summary.skipped += 1
            summary.count(before)
        else:
            yield Job(str(path), sha256)
        seen.add(key)
        progress(summary)


def _keep(record: dict[str, Any], store: Store, summary: Summary) -> None:
    store.save(record)
    summary.converted += 1
    summary.count(Outcome(record["status"], record_causes(record)))


def _walk(paths: Sequence[str | Path]) -> Iterator[tuple[Path, bool]]:
    """Every file with whether it is a document. A folder that cannot be listed stands for its contents."""
    for given in map(Path, paths):
        if not given.is_dir():
            yield given, True
            continue
        left = [given]
        while left:
            here = left.pop()
            if here.is_dir() and (here is given or not here.is_symlink()):
                try:
                    left.extend(sorted((one for one in here.iterdir() if one.name[0] != "."), reverse=True))
                except OSError:
                    yield here, True
            elif here.is_file():
                yield here, _is_document(here)


def _is_document(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in (".md", ".markdown", ".txt", "") and path.stem.lower() in _ABOUT:
        return False
    if suffix:
        return suffix in DOCUMENT_SUFFIXES
    try:
        with path.open("rb") as file:
            return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_BEGINNINGS)
    except OSError:
        return False


def _count(paths: Sequence[str | Path]) -> tuple[int, int]:
    for path in map(Path, paths):
        if not os.path.lexists(path):
            raise UnreadableInput(f"There is no file or folder {path}.", code="missing_input")
    wanted = Counter(wanted for _, wanted in _walk(paths))
    if not wanted[True]:
        given = ", ".join(map(str, paths[:3])) + (" …" if len(paths) > 3 else "")
        raise UnreadableInput(f"There is no document in {given} ({wanted[False]} other files).", code="no_documents")
    return wanted[True], wanted[False]


def _checked(timeout: float, memory_mb: int, workers: int | None) -> tuple[Limits, int]:
    count = workers if workers is not None else _processors()
    if count < 1 or timeout <= 0 or memory_mb < 1:
        raise UsageError("workers, timeout and memory must be above zero.")
    return Limits(timeout, memory_mb), count


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _output_folder(out: str | Path) -> Path:
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The output folder {out} cannot be made: {error.strerror}.") from None
    return Path(out)


def _write_outputs(store: Store, folder: Path) -> tuple[Path, ...]:
    records, failures = folder / "records.jsonl", folder / "failures.csv"
    to_jsonl.write(store.records(), records)
    if to_csv.write_failures(store.records(status="failed"), failures):
        return records, failures
    failures.unlink()
    return (records,)
