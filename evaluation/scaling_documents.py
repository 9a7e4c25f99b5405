"""Many small PDFs to convert: generated reports, every one with figures of its own, and among them broken and hostile
files. The same seed makes the same files."""

from __future__ import annotations

import io
import random
import shutil
import tempfile
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from corpora.synthesis import write_document
from corpora.synthesis.layouts import LAYOUTS

EVERY = 50  # one file in so many is broken or hostile: 2 %
_LAYOUTS = ("pdf-ruled", "pdf-shaded-heads", "pdf-zebra", "pdf-landscape", "pdf-repeated-heads")
_A_FOLDER = 1000


def make_documents(folder: Path, count: int, seed: int, processes: int) -> list[Path]:
    """The paths of `count` files below a folder; those that are there already are left as they are."""
    paths = [folder / f"{number // _A_FOLDER:03d}" / f"{number:06d}.pdf" for number in range(count)]
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    with ProcessPoolExecutor(processes) as pool:
        work = partial(_make, seed=seed)
        for number, data in zip(missing, pool.map(work, missing, chunksize=20), strict=True):
            _write(paths[number], data)
    return paths


def copy_documents(folder: Path, count: int, originals: Path) -> list[Path]:
    """`count` copies of the PDFs below `originals` in turn, each with a comment of its own at the end, so that no two
    are the same document."""
    files = sorted(originals.rglob("*.pdf"))
    if not files:
        raise SystemExit(f"There is no PDF below {originals}.")
    paths = []
    for number, original in enumerate(islice(cycle(files), count)):
        paths.append(folder / f"{number:06d}.pdf")
        _write(paths[-1], original.read_bytes() + f"\n% {number}\n".encode())
    return paths


def is_broken(number: int) -> bool:
    """Whether a file is a broken or hostile one."""
    return number % EVERY == EVERY // 2


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(data)
    draft.rename(path)


def _make(number: int, seed: int) -> bytes:
    if not is_broken(number):
        return _report(number, seed)
    wreck = _WRECKS[number // EVERY % len(_WRECKS)]
    return wreck(number, seed)


def _report(number: int, seed: int) -> bytes:
    layout = LAYOUTS[_LAYOUTS[number % len(_LAYOUTS)]]
    form = layout.forms[number // len(_LAYOUTS) % len(layout.forms)]
    folder = Path(tempfile.mkdtemp(prefix="nianbao-scaling-"))
    try:
        if not write_document(folder, layout, f"scaling/{seed}/{number}", form):
            raise SystemExit(f"The layout {layout.name} needs fonts that are not installed.")
        return (folder / f"source.{layout.extension}").read_bytes()
    finally:
        shutil.rmtree(folder)


def _cut_off(number: int, seed: int) -> bytes:
    data = _report(number, seed)
    return data[: len(data) // 2]


def _noise(number: int, seed: int) -> bytes:
    return b"%PDF-1.7\n" + random.Random(f"{seed}/{number}").randbytes(20_000)  # noqa: S311


def _letter(number: int, seed: int) -> bytes:
    """A letter, and no report."""
    return _typeset(f"Letter {seed}/{number}: the report will follow.")


def _locked(number: int, seed: int) -> bytes:
    return _typeset(f"{seed}/{number}", password="a password")  # noqa: S106


def _typeset(text: str, password: str | None = None) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, encrypt=password)
    canvas.drawString(72, 720, text)
    canvas.save()
    return out.getvalue()


def _many_pages(number: int, seed: int) -> bytes:
    kids = b"3 0 R " * 5000
    return _objects(number, seed, b"<</Type/Pages/Count 5000/Kids[" + kids + b"]>>", _PAGE)


def _loop(number: int, seed: int) -> bytes:
    """A tree of pages that is its own branch."""
    return _objects(number, seed, b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R 3 0 R]/Parent 2 0 R>>", _PAGE)


def _drawing(number: int, seed: int) -> bytes:
    """Far more lines than a report has use for."""
    lines = b"".join(b"%d %d m %d %d l S\n" % (x % 600, x % 800, x % 500, x % 700) for x in range(70_000))
    return _objects(number, seed, _ONE_PAGE, _PAGE, _stream(lines))


def _bomb(number: int, seed: int) -> bytes:
    """A page that unpacks to 200 MB."""
    packer = zlib.compressobj(9)
    blank = bytes([32]) * (1 << 20)
    data = b"".join(packer.compress(blank) for _ in range(200)) + packer.flush()
    return _objects(number, seed, _ONE_PAGE, _PAGE, _stream(data, packed=True))


def _nested(number: int, seed: int) -> bytes:
    return _objects(number, seed, b"[" * 100_000 + b"]" * 100_000, _PAGE)


def _empty(number: int, seed: int) -> bytes:
    return b"" if number < EVERY else b"%d/%d" % (seed, number)


_WRECKS: tuple[Callable[[int, int], bytes], ...] = (
    _empty, _cut_off, _noise, _letter, _locked, _many_pages, _loop, _drawing, _bomb, _nested,
)  # fmt: skip
_ONE_PAGE = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<>>>>"


def _stream(data: bytes, *, packed: bool = False) -> bytes:
    how = b"/Filter/FlateDecode" if packed else b""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), how, data)


def _objects(number: int, seed: int, *objects: bytes) -> bytes:
    """A PDF file of a catalogue and these objects, numbered from 2."""
    out, offsets = bytearray(b"%%PDF-1.7\n%% %d/%d\n" % (seed, number)), []
    for place, content in enumerate((b"<</Type/Catalog/Pages 2 0 R>>", *objects), start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (place, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(offsets) + 1, table)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out) + end % (len(offsets) + 1, bytes(out).rindex(b"xref\n0"))
