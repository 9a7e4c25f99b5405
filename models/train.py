"""Train the row classifier on labelled documents and write a model folder: `python -m models.train CORPUS --out DIR`.

A corpus with `rows.json` beside its gold names the row of the form that each printed row is. The rows themselves come
from the pipeline, so that what is learnt is what will be seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora import Document, read_corpus
from corpora.matching import match_rows
from models.fit import STRENGTH, fit, linear
from models.lessons import ROWS_FILE, Example, orders_of, save_rows
from models.training_set import training_set
from pipeline import readers
from pipeline.classify import (
    MODEL_FORMAT,
    Features,
    RowClassifier,
    WordingLookup,
    forms_known,
)
from pipeline.datamodel import LabelledRow, Row, Source
from pipeline.lines import read_blocks
from pipeline.rows import read_rows
from pipeline.tables import find_tables
from pipeline.version import __version__

THRESHOLD = 0.99


@dataclass(frozen=True, slots=True)
class Scores:
    """Of a classifier on labelled rows: the share named right, and of those surer than 0.99 the number wrong."""

    rows: int
    right: float
    sure: float
    sure_and_wrong: int


def read_examples(corpus: Path) -> Iterator[Example]:
    """The labelled rows of each document of a corpus that has rows.json, sorted by folder."""
    for document in read_corpus(corpus):
        if document.rows:
            yield read_example(document)


def read_example(document: Document) -> Example:
    """The labelled rows of one document that has rows.json."""
    rows = read_document_rows(document.source)
    named = list(_name_rows(rows, document))
    layout, split = (
        str(document.meta.get(key, default)) for key, default in (("layout", document.id), ("split", "train"))
    )
    return Example(document.id, layout, split, *_unzipped(named))


def read_document_rows(file: Path | Source) -> list[Row]:
    """The rows of a document as the pipeline reads them; raises UnreadableInput."""
    pages = readers.read(file if isinstance(file, Source) else readers.open_source(file))
    return read_rows(read_blocks(pages, {page.number: find_tables(page) for page in pages}))


def _unzipped(named: Sequence[tuple[Row, str]]) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    return tuple(row for row, _ in named), tuple(name for _, name in named)


def _name_rows(rows: Sequence[Row], document: Document) -> Iterator[tuple[Row, str]]:
    """Each row with the name of the printed row that it is; rows that match none are left out."""
    printed = document.rows or ()
    for ours, theirs in match_rows(rows, printed):
        yield rows[ours], printed[theirs].row


def score(labelled: Sequence[LabelledRow], names: Sequence[str]) -> Scores:
    """How often the likeliest name is right, and how often a name above 0.99 is wrong."""
    best = [max(item.probabilities.items(), key=lambda pair: pair[1], default=("none", 0.0)) for item in labelled]
    right = [name == gold for (name, _), gold in zip(best, names, strict=True)]
    sure = [share > 0.99 for _, share in best]
    wrong = sum(s and not r for s, r in zip(sure, right, strict=True))
    count = max(len(names), 1)
    return Scores(len(names), sum(right) / count, sum(sure) / count, wrong)


def score_examples(classifier: RowClassifier | WordingLookup, examples: Sequence[Example]) -> Scores:
    """The scores of a classifier over all rows of the examples."""
    labelled = [item for example in examples for item in classifier.label(example.rows)]
    return score(labelled, [name for example in examples for name in example.names])


def save(estimator: Any, settings: dict[str, Any], card: str, folder: Path) -> None:
    """Write the model folder: model.skops, settings.json, card.md."""
    import skops.io

    folder.mkdir(parents=True, exist_ok=True)
    skops.io.dump(estimator, folder / "model.skops", compression=8)
    linear(estimator).save(folder / "weights.npz")
    save_settings(settings, folder)
    (folder / "card.md").write_text(card, encoding="utf-8")


def save_settings(settings: Mapping[str, Any], folder: Path) -> None:
    """Write settings.json."""
    (folder / "settings.json").write_text(json.dumps(settings, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def data_hash(features: Sequence[Features], names: Sequence[str]) -> str:
    """A hash of what the model is trained on, the same for the same corpus and seed."""
    digest = hashlib.sha256()
    for item, name in zip(features, names, strict=True):
        digest.update(json.dumps([name, sorted(item.items())], ensure_ascii=False).encode())
    return digest.hexdigest()


def settings_of(digest: str, seed: int, threshold: float = THRESHOLD, strength: float = STRENGTH) -> dict[str, Any]:
    """What settings.json says of a model that was trained on data of this hash by this installation."""
    import sklearn

    return {
        "format": MODEL_FORMAT,
        "version": f"rows-{__version__}-{digest[:8]}",
        "threshold": threshold,
        "strength": strength,
        "seed": seed,
        "data_sha256": digest,
        "scikit_learn": sklearn.__version__,
        "forms": forms_known(),
    }


def train(corpus: Path, out: Path, seed: int) -> tuple[Scores, Scores]:
    """Train on the documents of split "train", write the model, and score it and the lookup on those of "test"."""
    examples = list(read_examples(corpus))
    known = [example for example in examples if example.split == "train"]
    unseen = [example for example in examples if example.split == "test"]
    features, names, groups = training_set(known, seed)
    estimator = fit(features, names, groups, seed)
    settings = {**settings_of(data_hash(features, names), seed), "orders": orders_of(known)}
    scores = (
        score_examples(RowClassifier(linear(estimator), settings), unseen),
        score_examples(WordingLookup(), unseen),
    )
    save(estimator, settings, _card(settings, known, unseen, names, scores), out)
    save_rows(known, out / ROWS_FILE)
    return scores


def _card(
    settings: dict[str, Any], known: Sequence[Example], unseen: Sequence[Example], names: Sequence[str], scores: Any
) -> str:
    rarest = Counter(names).most_common()[-3:]
    model, lookup = scores
    return f"""# Row classifier {settings["version"]}

Says which row of the statutory forms a row of a report is, from its label, groups, shape and neighbours.

- Trained on {len(known)} generated documents ({len({example.group for example in known})} layouts),
  {len(names)} different rows with {len(set(names))} names.
- Rarest names: {", ".join(f"{name} ({count})" for name, count in rarest)}.
- Kept out for testing: {len(unseen)} documents, among them whole layouts:
  {", ".join(sorted(_unseen_layouts(known, unseen)))}.
- On their {model.rows} rows: {model.right:.2%} right, {model.sure:.2%} surer than 0.99, of those {model.sure_and_wrong}
  wrong;  the exact-label lookup {lookup.right:.2%} right.
- Seed {settings["seed"]}, data sha256 {settings["data_sha256"][:16]}…, scikit-learn {settings["scikit_learn"]}.
- Made of stock scikit-learn parts, saved with skops: loading it runs no code of the model's.
- Limits: trained on generated documents only; a wording it has not met gets a low probability and is not accepted.
"""


def _unseen_layouts(known: Sequence[Example], unseen: Sequence[Example]) -> set[str]:
    return {example.group for example in unseen} - {example.group for example in known}


def main() -> int:
    """Command line of the trainer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    model, lookup = train(args.corpus, args.out, args.seed)
    print(f"held-out documents: {model.rows} rows, model {model.right:.4%} right, lookup {lookup.right:.4%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
