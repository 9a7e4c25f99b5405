"""One writer to the store for all workers: a thread that saves in batches, with a bounded queue before it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Thread
from typing import Any

from pipeline.storage import Store

BATCH = 100  # records that one transaction saves
_ROOM = 2 * BATCH

_Record = Mapping[str, Any]


class Saver:
    """Saves what it is given at once, a batch a transaction; a context manager that ends when all of it is saved."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: Queue[_Record | None] = Queue(_ROOM)
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

    def save(self, record: _Record) -> None:
        """Hand a record over; waits while too many are not saved yet. Raises what saving earlier ones raised."""
        self._hand_over(record)
        if self._error:
            raise self._error

    def _hand_over(self, record: _Record | None) -> None:
        while self._thread.is_alive():
            with suppress(Full):
                self._queue.put(record, timeout=0.5)
                return

    def _run(self) -> None:
        try:
            more = True
            while more:
                batch, more = self._batch()
                self._store.save_all(batch)
        except BaseException as error:
            self._error = error

    def _batch(self) -> tuple[list[_Record], bool]:
        """A first record, with all that came while the last batch was saved; and whether more may come."""
        batch: list[_Record] = []
        with suppress(Empty):
            while len(batch) < BATCH:
                record = self._queue.get(block=not batch)
                if record is None:
                    return batch, False
                batch.append(record)
        return batch, True
