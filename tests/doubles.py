"""Stand-ins for `extract` and `load_model`: the first word of a document says what becomes of its reader."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.bulk.worker import Work
from pipeline.datamodel import Field, Location, Problem, Record
from pipeline.errors import ModelError, UnreadableInput
from pipeline.readers.patience import scan_begins
from pipeline.readers.tether import run
from pipeline.version import __version__


@dataclass(frozen=True)
class DoubleModel:
    version: str = "double/1"


def load_model(folder: str | None) -> DoubleModel:
    if folder == "missing":
        raise ModelError("There is no model in missing.")
    if folder == "large":
        bytearray(4 << 30)
    return DoubleModel(folder or "double/1")


def devour(_: str) -> None:
    eaten = []
    while True:
        eaten.append(bytes(1 << 20))


def starve() -> None:
    raise RuntimeError("[ONNXRuntimeError] : 1 : FAIL : std::bad_alloc")


def leave(_: str) -> None:
    raise SystemExit(0)


def fail(_: str) -> None:
    raise RuntimeError("a fault of the double")


def refuse(_: str) -> None:
    raise UnreadableInput("It asks for a password.", code="encrypted")


def print_rubbish(_: str) -> None:
    print("rubbish", flush=True)
    os.write(1, b"rubbish")
    os.write(2, b"rubbish")


def recognise(seconds: float) -> None:
    scan_begins()
    time.sleep(seconds)


_DEEDS: dict[str, Callable[[str], object]] = {
    "hang": lambda _: time.sleep(3600),
    "spin": lambda _: re.match("(a+)+$", "a" * 64 + "b"),  # never comes back, and lets no other thread run
    "slow": lambda _: time.sleep(0.3),
    "scan": lambda _: recognise(0.8),
    "scan-hang": lambda _: recognise(3600),
    "brief": lambda _: time.sleep(0.02),
    "eat": lambda _: bytearray(4 << 30),
    "devour": devour,
    "bad-alloc": lambda _: starve(),
    "segfault": lambda _: ctypes.string_at(0),
    "parent": lambda path: run(["sh", "-c", f"sleep 300 & echo $! > {path}.pid; wait"], 3600),
    "exit": leave,
    "raise": fail,
    "encrypted": refuse,
    "print": print_rubbish,
}


def extract(path: str, model: DoubleModel, data: bytes | None = None) -> Record:
    data = Path(path).read_bytes() if data is None else data
    word, *more = data.decode().split()
    if word in _DEEDS:
        _DEEDS[word](path)
    agency = next((f"云岭{part}县" for part in more if part.isdigit()), "云岭市")
    return record(path, data, model.version, word, None if word == "nameless" else agency)


def extract_known(path: str, model: DoubleModel, data: bytes | None = None) -> Record:
    """Like `extract`, of a report that prints 3 in a field that its form has."""
    made = extract(path, model, data)
    return replace(made, fields={"training.meetings": made.fields["staff.full_time"]})


def record(
    path: str, data: bytes, model: str = "double/1", word: str = "good", agency: str | None = "云岭市"
) -> Record:
    fields = {
        "staff.full_time": Field(
            "staff.full_time", 3, "printed", "3", 0.99996, word != "doubtful", Location(1, None, (0, 1))
        ),
        "staff.part_time": Field("staff.part_time", None, "blank", "/", 0.98765, True, Location(2, (1.234, 2, 3, 4.5))),
        "staff.other": Field("staff.other", None, "absent", accepted=True),
    }
    problems = (Problem("forms", "no_known_form", "No form was recognised."),) if word == "formless" else ()
    return Record(
        path,
        hashlib.sha256(data).hexdigest(),
        "text/plain",
        1,
        form=None if word == "formless" else "pre2019",
        agency=agency,
        year=2016 if agency else None,
        fields=fields,
        problems=problems,
        versions={"nianbao": __version__, "model": model, "forms": "1"},
    )


def work(model: str | None = None) -> Work:
    return Work(extract, load_model, model, preload=("tests.doubles",))
