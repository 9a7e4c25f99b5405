"""Where the time of reading a document goes, stage by stage, beside bare pypdfium2 over the same bytes."""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from evaluation.benchmark import read_floor
from evaluation.rivals import RIVALS
from pipeline.datamodel import Record, Source
from pipeline.entries import Entry, entry_of, text_of
from pipeline.extract import Model, extract
from pipeline.storage import open_store

# What `extract` calls -> the name of the stage that it belongs to.
_STAGES = {
    "find_tables": "tables", "read_blocks": "lines", "read_rows": "rows", "read_titles": "titles",
    "read_paragraphs": "chapters", "read_sections": "chapters", "find_statements": "facts", "settle_facts": "facts",
    "find_contradictions": "facts", "_find_form": "form", "without_columns": "rows",
    "_figures": "alignment, decoding, checks", "check_prose": "alignment, decoding, checks",
}  # fmt: skip
_AT_ONCE = 10  # entries that are saved together


def stage_times(sources: Sequence[Source], model: Model) -> dict[str, float]:
    """Processor seconds a document of each stage, of all of `extract`, of `floor` (bare pypdfium2), of making the entry
    and of saving it. The first document only warms up, all are new to the process, and the ways take turns."""
    spent: Counter[str] = Counter()
    extract(sources[0], model)
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/s.sqlite") as store, _timed(spent):
        timed_extract, timed_floor = _clocked(extract, "extract", spent), _clocked(read_floor, "floor", spent)
        make, save = _clocked(_entry, "entry", spent), _clocked(store.save_entries, "store", spent)
        waiting: list[Entry] = []
        gc.collect()
        for number, source in enumerate(sources[1:], start=1):
            timed_floor(source.data)
            waiting.append(make(timed_extract(source, model)))
            if len(waiting) == _AT_ONCE or number == len(sources) - 1:
                save(waiting)
                waiting = []
    return {name: seconds / (len(sources) - 1) for name, seconds in spent.items()}


def _entry(record: Record) -> Entry:
    """What a worker makes of a record for the store."""
    plain = record.to_dict()
    return entry_of(plain, text_of(plain))


def rival_times(paths: Sequence[Path]) -> dict[str, float | str]:
    """Seconds a document of each rival's own extraction of tables, one document to warm up; or why there are none."""
    found: dict[str, float | str] = {}
    for rival in RIVALS:
        if rival.only and rival.missing:
            found[rival.name] = rival.missing
        elif rival.only:
            rival.read(paths[0])
            begin = time.perf_counter()
            for path in paths:
                rival.read(path)
            found[rival.name] = (time.perf_counter() - begin) / len(paths)
    return found


@contextmanager
def _timed(spent: Counter[str]) -> Iterator[None]:
    """While this lasts, what `extract` calls is clocked."""
    from pipeline import readers
    from pipeline.classify import RowClassifier

    whole = sys.modules["pipeline.extract"]
    places: list[tuple[Any, str, str]] = [
        (whole, name, stage) for name, stage in _STAGES.items() if hasattr(whole, name)
    ]
    places += [(readers, "read", "PDF"), (RowClassifier, "label", "classifier")]
    before = [getattr(owner, name) for owner, name, _ in places]
    for (owner, name, stage), function in zip(places, before, strict=True):
        setattr(owner, name, _clocked(function, stage, spent))
    try:
        yield
    finally:
        for (owner, name, _), function in zip(places, before, strict=True):
            setattr(owner, name, function)


def _clocked(function: Callable[..., Any], stage: str, spent: Counter[str]) -> Callable[..., Any]:
    @wraps(function)
    def clocked(*given: Any, **named: Any) -> Any:
        begin = time.process_time()
        try:
            return function(*given, **named)
        finally:
            spent[stage] += time.process_time() - begin  # type: ignore[assignment]  # counts seconds

    return clocked
