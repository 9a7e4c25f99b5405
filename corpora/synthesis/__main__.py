"""`python -m corpora.synthesis --out DIR --seed N [--count N] [--layout NAME…]`: write labelled reports.

`--scans` writes scans, which are slow and large and made only where asked for: those to develop on, or to test with.
`--chapters` writes reports with chapters and titles of every wording and numbering, to develop on or to test with.
`--samples` writes the documents of corpora/samples instead; `--list` lists the layouts; `--manifest` lists what
was made with its hashes, and `--verify DIR` holds a folder against its manifest.
"""

from __future__ import annotations

import argparse
import sys

from corpora.manifest import verify, write_manifest
from corpora.synthesis import generate
from corpora.synthesis.chapter_layouts import CHAPTERED
from corpora.synthesis.layouts import LAYOUTS
from corpora.synthesis.samples import SAMPLES, write_samples
from corpora.synthesis.scans import SCANS


def main(arguments: list[str] | None = None) -> int:
    """Write the documents asked for, or list the layouts; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m corpora.synthesis", description="Write labelled reports.")
    parser.add_argument("--out", metavar="DIR", help="folder for the documents")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same bytes (default 1)")
    parser.add_argument("--count", type=int, default=3, help="documents of each layout (default 3)")
    parser.add_argument(
        "--layout", nargs="+", metavar="NAME", choices=sorted({**LAYOUTS, **SCANS, **CHAPTERED}), help="only these"
    )
    parser.add_argument("--scans", choices=("dev", "test"), help="the layouts of scans of that split")
    parser.add_argument("--chapters", choices=("dev", "test"), help="the layouts of that trial of chapters")
    parser.add_argument("--list", action="store_true", help="list the layouts and stop")
    parser.add_argument("--samples", action="store_true", help="write the documents of corpora/samples instead")
    parser.add_argument("--manifest", action="store_true", help="write manifest.csv beside the documents")
    parser.add_argument("--verify", metavar="DIR", help="hold a folder of documents against its manifest and stop")
    options = parser.parse_args(arguments)
    if options.list:
        for layout in (*LAYOUTS.values(), *SCANS.values(), *CHAPTERED.values()):
            kind = f"{layout.family:18} {'irregular' if layout.irregular else '':10}"
            print(f"{layout.name:30} {layout.extension:5} {layout.split:6} {kind} {' '.join(layout.forms)}")
        return 0
    if options.verify:
        differences = verify(options.verify)
        print("\n".join(differences) or f"{options.verify} is what its manifest says")
        return 1 if differences else 0
    if not options.out:
        parser.error("--out DIR is needed, or --list")
    if options.samples:
        print(f"{len(write_samples(options.out))} of {len(SAMPLES)} samples in {options.out}")
        return 0
    layouts = options.layout or list(LAYOUTS)
    if options.scans:
        layouts = [layout.name for layout in SCANS.values() if layout.split == options.scans]
    if options.chapters:
        layouts = [layout.name for layout in CHAPTERED.values() if layout.chapters == options.chapters]
    made = generate(options.out, options.seed, options.count, layouts)
    if options.manifest:
        write_manifest(options.out)
    wanted = len(layouts) * options.count
    print(f"{len(made)} documents in {options.out}")
    if len(made) < wanted:
        print(
            f"{wanted - len(made)} left out: their layouts need a program or font that is not installed",
            file=sys.stderr,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
