"""The same reading on many machines: Dask distributed hands out batches, each of its threads keeps a worker process.

The scheduler and its workers are started by whoever owns the machines; every one of them needs this program, the same
model, and the documents under the same paths (members of archives are sent along). A machine that goes away costs
nothing: what it had in hand is given to another. Importing this needs distributed (the extra `cluster`).
"""

from __future__ import annotations

import atexit
import hashlib
import logging
import multiprocessing
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from distributed import Client, KilledWorker, wait

from pipeline.bulk.isolation import Reading, Workers
from pipeline.bulk.shards import SHARD_SIZE, write_shard
from pipeline.bulk.worker import Job, Limits, Versions, Work, entry_for, failed_record
from pipeline.entries import Entry
from pipeline.errors import ModelError, NianbaoError, UsageError

_BATCH = 10  # documents that are handed out together
_BATCH_BYTES = 32 << 20  # of members of archives, which travel with their batch
_SECONDS = 30  # to find the scheduler, and for it to have a worker

_Answer = tuple[Entry, float | None]


class Cluster:
    """The workers of a Dask cluster, used like `isolation.Workers`.

    Where `shards` is given, a folder that all machines share, they write there what they read, and what comes back of
    it are entries without their records; what failed comes back whole.
    """

    def __init__(self, address: str, limits: Limits, work: Work, shards: Path | None = None) -> None:
        self._address, self._limits, self._work, self._shards = address, limits, work, shards
        self._most = _BATCH if shards is None else SHARD_SIZE
        self._run = uuid.uuid4().hex  # keys of one run never meet those of another
        self.versions: Versions = {}

    def __enter__(self) -> Cluster:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is told by us
        try:
            self._client = Client(self._address, timeout=_SECONDS)
            self._client.wait_for_workers(1, timeout=_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise UsageError(
                f"There is no Dask scheduler with workers at {self._address} ({error}); see `dask scheduler --help`."
            ) from None
        try:
            self.versions = self._common_versions()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()  # the scheduler drops what nobody waits for

    def read(self, jobs: Iterable[Job]) -> Iterator[Reading]:
        """What becomes of each job, in the order in which they get ready; few batches are taken ahead of need."""
        coming = iter(jobs)
        waiting: dict[Any, list[Job]] = {}
        while True:
            while len(waiting) < self._ahead() and (batch := _batch(coming, self._most)):
                waiting[self._submit(batch)] = batch
            if not waiting:
                return
            for future in self._ready(list(waiting)):
                batch = waiting.pop(future)
                answers = self._answers(future, batch)
                if answers is None:  # one of them kills whoever reads it: each by itself, to see which
                    waiting.update((self._submit([job]), [job]) for job in batch)
                    continue
                for job, (entry, seconds) in zip(batch, answers, strict=True):
                    yield Reading(job, entry, seconds)

    def _common_versions(self) -> Versions:
        """What the records of all workers carry; workers that come later are not asked."""
        asked = [
            self._client.submit(_versions, self._limits, self._work, workers=[one], key=f"nianbao-{self._run}-{one}")
            for one in self._client.nthreads()
        ]
        told: list[Versions] = self._client.gather(asked)
        if any(versions != told[0] for versions in told):
            raise ModelError(f"The cluster's machines have different programs or models: {told}; make them the same.")
        return told[0]

    def _ahead(self) -> int:
        threads: dict[str, int] = self._client.nthreads()
        return 2 * sum(threads.values()) + 1

    def _submit(self, batch: list[Job]) -> Any:
        name = hashlib.sha256("".join(job.sha256 + job.path for job in batch).encode("utf-8", "replace")).hexdigest()
        key = f"nianbao-{self._run}-{len(batch)}-{name}"
        return self._client.submit(_read_batch, batch, self._limits, self._work, self._shards, key=key, pure=False)

    def _ready(self, futures: list[Any]) -> list[Any]:
        done = wait(futures, return_when="FIRST_COMPLETED").done
        return [future for future in futures if future in done]

    def _answers(self, future: Any, batch: Sequence[Job]) -> list[_Answer] | None:
        """What became of a batch; None where it is not known which of its documents kills whoever reads it."""
        try:
            answers: list[_Answer]
            answers, shard = future.result()
        except KilledWorker:
            if len(batch) > 1:
                return None
            said = "Every machine of the cluster that read it died."
            record = failed_record(batch[0], self.versions, stage="convert", code="crashed", message=said)
            return [(entry_for(batch[0], record), None)]
        except NianbaoError:
            raise
        except Exception as error:
            raise NianbaoError(
                f"The cluster at {self._address} was lost ({type(error).__name__}: {str(error)[:200]}); run the same "
                "command again to go on."
            ) from None
        if shard and not shard.is_file():
            raise UsageError(f"{shard.parent} is not the same folder on every machine: name one that all share.")
        return answers


def _batch(jobs: Iterator[Job], most: int) -> list[Job]:
    """The next few jobs, fewer where they come with many bytes."""
    batch: list[Job] = []
    room = _BATCH_BYTES
    while len(batch) < most and room > 0 and (job := next(jobs, None)):
        batch.append(job)
        room -= len(job.data or b"")
    return batch


# What follows runs on the cluster's machines. Each of their threads keeps one worker process.
_mine = threading.local()


def _versions(limits: Limits, work: Work) -> Versions:
    return _workers(limits, work).versions


def _read_batch(batch: list[Job], limits: Limits, work: Work, shards: Path | None) -> tuple[list[_Answer], Path | None]:
    """What became of each job, and the shard that what was read lies in, if it is to lie in one."""
    places = {id(job): place for place, job in enumerate(batch)}
    found: dict[int, _Answer] = {}
    for job, entry, seconds in _workers(limits, work).read(batch):
        found[places[id(job)]] = (entry, seconds)
    answers = [found[place] for place in range(len(batch))]
    if shards is None:
        return answers, None
    shard = write_shard(shards, [entry for entry, _ in answers if entry.status != "failed"])
    return [(_without_record(entry), seconds) for entry, seconds in answers], shard


def _without_record(entry: Entry) -> Entry:
    return entry if entry.status == "failed" else entry._replace(record="")


def _workers(limits: Limits, work: Work) -> Workers:
    kept: tuple[Limits, Work, Workers] | None = getattr(_mine, "workers", None)
    if kept and kept[:2] == (limits, work):
        return kept[2]
    if kept:
        kept[2].__exit__()
    # A Dask worker under a nanny is a daemon, which may have no children; these end when it ends.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    workers = Workers(1, limits, work).__enter__()
    atexit.register(workers.__exit__)
    _mine.workers = (limits, work, workers)
    return workers
