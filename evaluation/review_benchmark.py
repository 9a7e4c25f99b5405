"""How long the review page takes to answer over a large store: `python -m evaluation.review_benchmark`.

The store holds many copies of the committed documents' records, each under a hash, an agency and a year of its own. The
page is asked as a browser asks it, of a real server in a process of its own, one request after the other.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import http.client
import json
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from corpora import Document, read_corpus
from pipeline.extract import extract, load_model
from pipeline.storage import open_store

CORPUS = Path(__file__).parents[1] / "corpora" / "documents"
_SHOWN = 40  # documents whose sources are there, so that their pages can be drawn
_KINDS = 40  # documents that are read, and copied
_ROUNDS = 20
_BATCH = 100
_TAILS = {".pdf": "\n%{}\n", ".html": "\n<!-- {} -->\n"}  # what makes bytes others and leaves the document as it is


class Taken(NamedTuple):
    """What was asked for, the milliseconds of each answer, and how large one was."""

    name: str
    milliseconds: list[float]
    size: int

    def plain(self) -> dict[str, Any]:
        ordered = sorted(self.milliseconds)
        return {
            "asked": self.name,
            "times": len(ordered),
            "median_ms": round(statistics.median(ordered), 1),
            "p95_ms": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
            "most_ms": round(ordered[-1], 1),
            "kilobytes": round(self.size / 1024, 1),
        }


def make_store(url: str, folder: Path, count: int, seed: int) -> list[str]:
    """A store of `count` records; the ids of some whose sources lie in `folder`."""
    chosen = random.Random(seed)  # noqa: S311  which copies are made, not a secret
    model = load_model()
    documents = [one for one in read_corpus(CORPUS) if one.source.suffix in _TAILS]
    some = chosen.sample(documents, min(_KINDS, len(documents)))
    kept = [(one, extract(one.source, model).to_dict()) for one in some]
    shown: list[str] = []
    with open_store(url) as store:
        for start in range(0, count, _BATCH):
            batch = []
            for number in range(start, min(start + _BATCH, count)):
                document, record = kept[number % len(kept)]
                batch.append(_copy(document, record, number, folder if number < _SHOWN else None))
                if number < _SHOWN:
                    shown.append(batch[-1]["source"]["sha256"])
            store.save_all(batch)
    return shown


def _copy(document: Document, record: Mapping[str, Any], number: int, folder: Path | None) -> dict[str, Any]:
    new = copy.deepcopy(dict(record))
    suffix = document.source.suffix
    path = f"reports/{number:06}{suffix}"
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    if folder is not None:
        data = document.source.read_bytes() + _TAILS[suffix].format(number).encode()
        file = folder / f"{number:06}{suffix}"
        file.write_bytes(data)
        path, sha256 = str(file), hashlib.sha256(data).hexdigest()
    new["source"] |= {"path": path, "sha256": sha256}
    new["agency"] = f"{record['agency']}第{number % 997}局"
    new["year"] = (record["year"] or 2021) - number % 3
    return new


@contextmanager
def serving(url: str) -> Iterator[tuple[str, float]]:
    """The printed address of the review page of a store, and the seconds until it was printed."""
    command = [sys.executable, "-c", "from pipeline.commands import main; main()", "review", "--store", url]
    begin = time.perf_counter()
    with subprocess.Popen([*command, "--port", "0", "--no-browser"], stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None
        address = server.stdout.readline().split()[-1]
        try:
            yield address, time.perf_counter() - begin
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)


class Asker:
    """Asks like a browser that was let in, and keeps the time."""

    def __init__(self, address: str) -> None:
        _, _, self._place, opening = address.split("/", 3)
        self._connection = http.client.HTTPConnection(self._place, timeout=60)
        answer, _ = self._ask("GET", f"/{opening}", {})
        self._headers = {"cookie": str(answer.getheader("set-cookie")).split(";")[0]}

    def get(self, path: str) -> tuple[float, bytes]:
        """The milliseconds until the whole answer was there, and the answer; it must be a good one."""
        begin = time.perf_counter()
        answer, body = self._ask("GET", path, self._headers)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: {body[:300].decode(errors='replace')}")
        return 1000 * (time.perf_counter() - begin), body

    def post(self, path: str, value: Any, csrf: str) -> tuple[float, bytes]:
        headers = {"origin": f"http://{self._place}", "x-csrf-token": csrf, "content-type": "application/json"}
        begin = time.perf_counter()
        answer, body = self._ask("POST", path, self._headers | headers, json.dumps(value))
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: {body[:300].decode(errors='replace')}")
        return 1000 * (time.perf_counter() - begin), body

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: str | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer, answer.read()


def measure(address: str, shown: list[str]) -> Iterator[Taken]:
    """What each kind of page takes; a document new to the server counts by itself."""
    asker = Asker(address)
    first, body = asker.get("/")
    yield Taken("queue, first", [first], len(body))
    found = re.search(rb'name="csrf-token" content="([^"]+)"', body)
    assert found is not None
    csrf = found[1].decode()
    filters = {
        "queue": "/",
        "queue, by form and year": "/?form=2021&year=2021",
        "queue, by agency": "/?agency=" + quote("第7局"),
        "queue, by cause": "/?cause=failed_check",
        "queue, words": "/?q=" + quote("第42局"),
        "queue, words that nothing has": "/?q=" + quote("没有这样的字"),
        "queue, last page": "/?page=9999",
        "overview": "/overview",
    }
    for name, path in filters.items():
        answers = [asker.get(path) for _ in range(_ROUNDS)]
        yield Taken(name, [taken for taken, _ in answers], len(answers[-1][1]))
    yield from _documents(asker, shown, csrf)


def _documents(asker: Asker, shown: list[str], csrf: str) -> Iterator[Taken]:
    opened: dict[str, list[tuple[float, int]]] = {}
    for document in shown:
        kinds = {
            "document, page": f"/document/{document}",
            "document, figures and source": f"/api/document/{document}",
            "document, picture of page 1": f"/document/{document}/page/1.png?width=800",
        }
        taken, body = asker.get(kinds["document, page"])
        told, plain = asker.get(kinds["document, figures and source"])
        record = json.loads(plain)
        sizes = [(taken, len(body)), (told, len(plain))]
        if record["source_view"]["kind"] == "pages":
            drawn, png = asker.get(kinds["document, picture of page 1"])
            sizes.append((drawn, len(png)))
        for name, one in zip(kinds, sizes, strict=False):
            opened.setdefault(name, []).append(one)
        whole = sum(milliseconds for milliseconds, _ in sizes)
        opened.setdefault("document, all of it, one after the other", []).append(
            (whole, sum(size for _, size in sizes))
        )
        if record["record"]["fields"]:
            opened.setdefault("correction", []).append(_correct(asker, document, record, csrf))
    for name, answers in opened.items():
        yield Taken(name, [milliseconds for milliseconds, _ in answers], answers[-1][1])


def _correct(asker: Asker, document: str, told: Mapping[str, Any], csrf: str) -> tuple[float, int]:
    field = next(iter(told["record"]["fields"]))
    change = {"version": told["version"], "changes": [{"field": field, "action": "value", "value": 1}]}
    taken, body = asker.post(f"/api/document/{document}/correct", change, csrf)
    return taken, len(body)


def main() -> None:
    """Make the store where it is not there yet, measure, and print a line for each kind of page."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.review_benchmark", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="Where the store and some sources go.")
    parser.add_argument("--store", metavar="URL", help="An empty database to use instead of a file in DIR.")
    parser.add_argument("--count", type=int, default=10_000, metavar="N", help="Records in the store.")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="F", help="Write what was measured as JSON.")
    given = parser.parse_args()
    sources: Path = given.out / "sources"
    sources.mkdir(parents=True, exist_ok=True)
    url = given.store or f"sqlite:///{given.out / 'nianbao.sqlite'}"
    list_ = given.out / "shown.json"
    if not list_.exists():
        list_.write_text(json.dumps(make_store(url, sources, given.count, given.seed)), encoding="utf-8")
    with serving(url) as (address, seconds):
        found = [taken.plain() for taken in measure(address, json.loads(list_.read_text(encoding="utf-8")))]
    print(f"{given.count} records; the address is printed after {seconds:.1f} s.")
    for one in found:
        print("\t".join(map(str, one.values())))
    if given.json:
        told = {"records": given.count, "start_seconds": round(seconds, 2), "answers": found}
        given.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
