"""Named cases: one document for each fault that was met and mended, read as a user would have it read."""

from pathlib import Path

import pytest

from corpora import Document, read_corpus
from evaluation.score import score_record
from pipeline import extract, load_model

CASES = {document.id: document for document in read_corpus(Path(__file__).parent / "cases")}


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.mark.parametrize("document", CASES.values(), ids=CASES)
def test_case(document: Document, model) -> None:
    score = score_record(extract(document.source, model), document)
    assert score.silent == ()
    assert score.extra == ()
    assert score.flagged == ()
    assert score.form_right
    assert score.year_right


@pytest.mark.parametrize("document", CASES.values(), ids=CASES)
def test_every_figure_of_a_case_points_at_its_place(document: Document, model) -> None:
    fields = extract(document.source, model).fields
    for name in document.values:
        place = fields[name].location
        assert place is not None
        assert (place.box is None) != (place.span is None)
