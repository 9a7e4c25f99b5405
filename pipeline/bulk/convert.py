"""Many documents into a store: found, hashed, read in worker processes, saved in batches; a re-run goes on.

What counts as a document is told in `pipeline.bulk.inputs`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pipeline.bulk.archive_limits import ArchiveLimits
from pipeline.bulk.failures import retry_command
from pipeline.bulk.inputs import Found, Inputs, outer_archives
from pipeline.bulk.isolation import Workers
from pipeline.bulk.manifest import NOTHING, with_known
from pipeline.bulk.run_files import Duplicates, write_files
from pipeline.bulk.run_log import RunLog
from pipeline.bulk.saving import BATCH, Saver
from pipeline.bulk.shard_folder import ShardFolder
from pipeline.bulk.summary import Summary
from pipeline.bulk.worker import Job, Limits, Versions, Work, default_work, entry_for, failed_record, file_hash
from pipeline.entries import Entry, entry_of
from pipeline.errors import UsageError
from pipeline.storage import Store, open_store

if TYPE_CHECKING:
    from pipeline.bulk.cluster import Cluster

Progress = Callable[[Summary], None]


def convert(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    store_url: str | None = None,
    workers: int | None = None,
    timeout: float | None = None,
    memory_mb: int = 2048,
    fresh: bool = False,
    model_folder: str | Path | None = None,
    log: str | Path | None = None,
    cluster: str | None = None,
    shards: str | Path | None = None,
    archive_limits: ArchiveLimits | None = None,
    progress: Progress = lambda _: None,
    work: Work | None = None,
    stdin: IO[bytes] | None = None,
) -> Summary:
    """Read documents into a store; then write `records.jsonl`, `summary.html` and, where there are any,
    `failures.csv` and `duplicates.csv` in `out`.

    `paths` are files, folders, patterns, zip, tar and 7z archives and members of them (`a.zip!/b.pdf`), manifests
    (CSV), and `-` for a list on `stdin`. Documents that the store holds from the same bytes, model and program version
    are skipped unless `fresh`; the same bytes under several paths are read once. One document may take `timeout`
    seconds, by default 60, or 300 where it is a scan. `workers` is as many processes as there are processors by
    default; `cluster` is the address of a Dask scheduler whose workers read instead. `shards` is a folder for Parquet
    files that take the place of the store, until `pipeline.bulk.load` brings them into one; then there is no
    `records.jsonl`. `log` is a file that gets one JSON object an event. `progress` gets the running summary after each
    document. Ctrl-C ends with `interrupted` set and all that was done kept. Scripts that call this need the usual `if
    __name__ == "__main__":` of programs that start processes.

    Raises UnreadableInput where a path is missing or nothing is a document, ModelError, StoreError, UsageError.
    """
    limits, count = _checked(timeout, memory_mb, workers)
    if cluster and workers:
        raise UsageError("A cluster has the workers that it has: leave --workers out.")
    if shards and store_url:
        raise UsageError("Shards take the place of the store: leave --store out, and give it to `nianbao load`.")
    folder = _output_folder(out)
    work = work or default_work(str(model_folder) if model_folder else None)
    with (
        Inputs(paths, archive_limits or ArchiveLimits(), stdin) as inputs,
        _kept(shards, store_url or f"sqlite:///{folder / 'nianbao.sqlite'}") as kept,
        RunLog(log) as run_log,
        Duplicates() as duplicates,
    ):
        run = _Run(inputs, kept, run_log, duplicates, fresh, progress)
        try:
            with (
                _saver(kept, BATCH if cluster else count) as saver,
                _pool(cluster, count, limits, work, shards) as pool,
            ):
                run.go(pool, saver)
        except KeyboardInterrupt:
            run.summary.interrupted = True
        run.finish(folder, retry_command(str(out), store_url, model_folder, shards))
    return run.summary


class _Run:
    """One run through the inputs: what it goes through, where it writes, and what it has counted so far."""

    _saver: Saver | ShardFolder
    _versions: Versions

    def __init__(
        self,
        inputs: Inputs,
        kept: Store | ShardFolder,
        log: RunLog,
        duplicates: Duplicates,
        fresh: bool,
        progress: Progress,
    ) -> None:
        self._inputs, self._kept, self._log, self._duplicates = inputs, kept, log, duplicates
        self._fresh, self._progress = fresh or not kept.reports(), progress  # nothing to ask for where there is nothing
        self._begin = time.monotonic()
        self._unread = kept.unread()
        self._seen: set[bytes] = set()
        self.summary = Summary(kept.url, inputs.total, inputs.ignored, sharded=isinstance(kept, ShardFolder))

    def go(self, pool: Workers | Cluster, saver: Saver | ShardFolder) -> None:
        """Read everything that is to be read."""
        self._saver, self._versions = saver, pool.versions
        self._log.tell("start", total=self.summary.total, store=self.summary.store, versions=pool.versions)
        self._tell()
        for job, entry, seconds in pool.read(self._jobs()):
            self._keep(job, entry, seconds)
            self._tell()

    def finish(self, folder: Path, command: Callable[[str], str]) -> None:
        """Write what a run leaves beside the store; after an interruption only what takes no time."""
        self.summary.seconds = time.monotonic() - self._begin
        try:
            write_files(self._kept, self.summary, self._duplicates, folder, command)
        except KeyboardInterrupt:
            self.summary.interrupted = True
        counted = {name: getattr(self.summary, name) for name in ("converted", "skipped", "duplicates", "interrupted")}
        self._log.tell("end", **counted, statuses=self.summary.statuses, seconds=round(self.summary.seconds, 3))

    def _jobs(self) -> Iterator[Job]:
        """What is left to read; the rest is counted, and what cannot be had is saved as a failure."""
        for found in self._inputs:
            job = self._job(found)
            if job is not None and not self._done(job):
                yield job
            self._tell()

    def _job(self, found: Found) -> Job | None:
        """A document with the hash of its bytes; None where these cannot be had, which is kept."""
        if found.trouble:
            self._fail(found, found.trouble.code, str(found.trouble))
            return None
        try:
            job = Job(found.path, file_hash(found.path, found.data), found.data, found.known)
        except OSError as error:
            self._fail(found, "unreadable_input", f"{found.path} cannot be read: {error.strerror or error}.")
            return None
        self._recover(found.path)
        return job

    def _recover(self, path: str) -> None:
        """Forget the failure of a path, or of a folder or an archive around it, now that it can be read."""
        if not self._unread:
            return
        around = {path, *map(str, Path(path).parents), *outer_archives(path)}
        for place in around & self._unread:
            self._kept.forget_unread(place)
            self._unread.discard(place)

    def _fail(self, found: Found, code: str, said: str) -> None:
        job = Job(found.path, "", known=found.known)
        record = failed_record(job, self._versions, stage="readers", code=code, message=said)
        self._keep(job, entry_for(job, record), None)

    def _done(self, job: Job) -> bool:
        """Whether these bytes need no reading: met before in this run, or kept from an earlier one."""
        key = bytes.fromhex(job.sha256)
        if key in self._seen:
            self.summary.duplicates += 1
            self._duplicates.add(job.path, job.sha256)
            self._log.tell("duplicate", path=job.path, sha256=job.sha256)
            return True
        self._seen.add(key)
        model, program = self._versions["model"], self._versions["nianbao"]
        before = None if self._fresh else self._kept.outcome(job.sha256, model, program)
        if before is None:
            return False
        if job.known != NOTHING:
            self._add_known(job)
        self.summary.skipped += 1
        self.summary.count(before)
        self._log.tell("skipped", path=job.path, sha256=job.sha256, status=before.status, causes=before.causes)
        return True

    def _add_known(self, job: Job) -> None:
        record = self._kept.find(job.sha256)
        if record is not None and (filled := with_known(record, job.known)) != record:
            self._saver.save(entry_of(filled))

    def _keep(self, job: Job, entry: Entry, seconds: float | None) -> None:
        self._saver.save(entry)
        self.summary.converted += 1
        self.summary.count(entry.outcome)
        self._log.document(job.path, entry, seconds)

    def _tell(self) -> None:
        self.summary.total, self.summary.ignored = self._inputs.total, self._inputs.ignored
        self._progress(self.summary)


def _kept(shards: str | Path | None, store_url: str) -> Store | ShardFolder:
    return ShardFolder(shards) if shards else open_store(store_url)


def _saver(kept: Store | ShardFolder, room: int) -> Saver | ShardFolder:
    return kept if isinstance(kept, ShardFolder) else Saver(kept, room)


def _pool(cluster: str | None, count: int, limits: Limits, work: Work, shards: str | Path | None) -> Workers | Cluster:
    if cluster is None:
        return Workers(count, limits, work)
    try:
        from pipeline.bulk.cluster import Cluster
    except ModuleNotFoundError as missing:
        raise UsageError(f'A cluster needs Dask: pip install "nianbao[cluster]" ({missing}).') from None
    return Cluster(cluster, limits, work, Path(shards).resolve() if shards else None)


def _checked(timeout: float | None, memory_mb: int, workers: int | None) -> tuple[Limits, int]:
    count = workers if workers is not None else _processors()
    if count < 1 or (timeout is not None and timeout <= 0) or memory_mb < 1:
        raise UsageError("workers, timeout and memory must be above zero.")
    if timeout is None:
        return Limits(memory_mb=memory_mb), count
    return Limits(timeout, timeout, memory_mb), count


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _output_folder(out: str | Path) -> Path:
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The output folder {out} cannot be made: {error.strerror}.") from None
    return Path(out)
