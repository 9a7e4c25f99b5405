"""`python -m corpora.synthesis.rescan CORPUS --out DIR [--dpi N…] [--skew D] [--jpeg Q]`: a corpus's PDFs as scans.

Each document whose source is a PDF becomes one folder a resolution, pictures only, with its labels as they were, so
that `nianbao evaluate DIR` says what is lost by scanning. Every page lies askew by exactly the angle given.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from corpora import Document, read_corpus
from corpora.synthesis import scan_files, scan_views
from pipeline.errors import NianbaoError

_LABELS = ("gold.json", "facts.json", "ambiguous.json", "rows.json", "meta.json", "ORIGIN.md")


def rescanned(data: bytes, dpi: int, skew: float, quality: int) -> bytes:
    """The PDF's pages as pictures, each turned by `skew` degrees on white, as JPEG of that quality in a PDF."""
    pages = [scan_views.turned_by(page, skew) for page in scan_files.render(data, dpi)]
    return scan_files.as_pdf(pages, (dpi, dpi), quality)


def rescan(document: Document, out: Path, dpi: int, skew: float, quality: int) -> Path:
    """The folder of the document as a scan, with its labels; the folder is made anew."""
    folder = out / f"{document.id.replace('/', '-')}-{dpi}dpi"
    folder.mkdir(parents=True, exist_ok=True)
    for name in _LABELS:
        if (document.source.parent / name).exists():
            shutil.copy(document.source.parent / name, folder / name)
    (folder / "source.pdf").write_bytes(rescanned(document.source.read_bytes(), dpi, skew, quality))
    return folder


def main(arguments: list[str] | None = None) -> int:
    """Write the scans; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m corpora.synthesis.rescan", description="A corpus's PDFs as scans.")
    parser.add_argument("corpus", help="folder of documents, or one document")
    parser.add_argument("--out", required=True, metavar="DIR")
    parser.add_argument("--dpi", type=int, nargs="+", default=[200, 150])
    parser.add_argument("--skew", type=float, default=1.0, help="degrees (default 1)")
    parser.add_argument("--jpeg", type=int, default=75, help="quality (default 75)")
    options = parser.parse_args(arguments)
    try:
        documents = [one for one in read_corpus(options.corpus) if one.source.suffix == ".pdf"]
    except NianbaoError as error:
        parser.error(str(error))
    made = [rescan(one, Path(options.out), dpi, options.skew, options.jpeg) for one in documents for dpi in options.dpi]
    print(f"{len(made)} scans of {len(documents)} PDFs in {options.out}")
    return 0 if made else 1


if __name__ == "__main__":
    sys.exit(main())
