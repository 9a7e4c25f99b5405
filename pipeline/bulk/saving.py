"""One writer to the store for all workers: a thread that saves in batches, with a bounded queue before it."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Thread

from pipeline.entries import Entry
from pipeline.storage import Store

BATCH = 100  # entries that one transaction saves at most


class Saver:
    """Saves what it is given at once, a batch a transaction; a context manager that ends when all of it is saved.

    `room` is how many entries may wait, and how many one transaction saves: of what was handed over no more than twice
    as many are lost when the process is killed, however slow the disk.
    """

    def __init__(self, store: Store, room: int) -> None:
        self._store, self._most = store, min(room, BATCH)
        self._queue: Queue[Entry | None] = Queue(room)
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="saver", daemon=True)

    def __enter__(self) -> Saver:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._hand_over(None)
        self._thread.join()
        if self._error and kind is None:
            raise self._error

    def save(self, entry: Entry) -> None:
        """Hand an entry over; waits while too many are not saved yet. Raises what saving earlier ones raised."""
        self._hand_over(entry)
        if self._error:
            raise self._error

    def _hand_over(self, entry: Entry | None) -> None:
        while self._thread.is_alive():
            with suppress(Full):
                self._queue.put(entry, timeout=0.5)
                return

    def _run(self) -> None:
        try:
            more = True
            while more:
                batch, more = self._batch()
                self._store.save_entries(batch)
        except BaseException as error:
            self._error = error

    def _batch(self) -> tuple[list[Entry], bool]:
        """A first entry, with all that came while the last batch was saved; and whether more may come."""
        batch: list[Entry] = []
        with suppress(Empty):
            while len(batch) < self._most:
                entry = self._queue.get(block=not batch)
                if entry is None:
                    return batch, False
                batch.append(entry)
        return batch, True
