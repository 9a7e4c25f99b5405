"""Documents that decide about a model are seen once, elsewhere, and read with any model as if it had read them."""

from dataclasses import replace
from pathlib import Path

import pytest

from corpora import Document, read_corpus
from evaluation.frozen import Sight, looking, score_with, threshold_for
from evaluation.score import score_record
from pipeline.extract import extract, load_model, see

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [one for one in read_corpus(SAMPLES) if one.source.suffix in (".txt", ".html")][:3]


def test_what_is_seen_ahead_is_scored_as_what_is_read(documents, tmp_path: Path) -> None:
    gone = replace(documents[0], source=tmp_path / "gone.txt")
    (tmp_path / "empty.txt").touch()
    empty = replace(documents[0], source=tmp_path / "empty.txt")
    with looking([gone, *documents, empty], 1) as sights:
        seen = list(sights)
    assert [one.document for one in seen] == [gone, *documents, empty]
    assert [one.seen is None for one in seen] == [True, False, False, False, True]
    assert "is not there" in seen[0].problem
    assert "is empty" in seen[-1].problem
    model = load_model()
    for one in seen[1:-1]:
        score = score_with(model, one)
        assert score == score_record(extract(one.document.source, model), one.document)
        assert score.right == score.fields > 50
    assert (score_with(model, seen[0]).right, score_with(model, seen[0]).accepted) == (0, 0)


def test_an_error_meanwhile_does_not_wait_for_the_documents(documents) -> None:
    with pytest.raises(KeyError, match="meanwhile"), looking(documents * 50, 1):
        raise KeyError("meanwhile")


def test_dev_documents_may_raise_the_threshold_and_never_lower_it(documents) -> None:
    model = load_model()
    right = [Sight(one, see(one.source)) for one in documents]
    wrong = [
        replace(one, document=replace(one.document, values=dict.fromkeys(one.document.values, 7))) for one in right
    ]
    assert threshold_for(model, [], 0.99) == 0.99
    assert threshold_for(model, right, 0.9999) == 0.9999
    assert threshold_for(model, wrong, 0.99) is None
