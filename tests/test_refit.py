"""Fitting again and again: the same weights as training from scratch, on the documents chosen and no others."""

from pathlib import Path

import numpy as np
import pytest

from corpora import read_corpus
from models.fit import fit, linear, splits_of
from models.refit import fitter
from models.train import read_example
from models.training_set import training_set
from pipeline.classify import document_parts
from pipeline.text import label_key

SAMPLES = Path(__file__).parents[1] / "corpora" / "samples"
SEED = 4


@pytest.fixture(scope="module")
def documents():
    known = [document for document in read_corpus(SAMPLES) if document.source.suffix in (".txt", ".html", ".md")]
    return [document for document in known if document.rows][:4]


@pytest.fixture(scope="module")
def fit_to(documents):
    return fitter(documents, SEED)


def test_it_fits_what_training_from_scratch_fits(documents, fit_to) -> None:
    some = documents[1:]
    sets = [training_set([read_example(one)], SEED + documents.index(one)) for one in some]
    rows = {}
    for features, names, groups in sets:
        for item, name, group in zip(features, names, groups, strict=True):
            rows.setdefault((name, *sorted(item.items())), (item, name, group))
    expected = linear(fit(*zip(*rows.values(), strict=True), SEED))
    found = fit_to(some).estimator
    parts = document_parts(read_example(documents[0]).rows)
    assert list(found.classes_) == list(expected.classes_)
    assert set(found.vocabulary) == set(expected.vocabulary)
    assert np.allclose(found.predict_proba(parts), expected.predict_proba(parts), atol=1e-6)


def test_documents_left_out_leave_no_trace(documents, fit_to) -> None:
    first = fit_to(documents[:3]).estimator
    other = fit_to(documents[1:]).estimator
    own = {f"{name}={key}" for name, key in _labels(documents[3]) - set().union(*map(_labels, documents[:3]))}
    assert own & set(other.vocabulary)
    assert not own & set(first.vocabulary)
    assert np.array_equal(first.weights, fit_to(documents[:3]).estimator.weights)


def _labels(document) -> set[tuple[str, str]]:
    return {("label", label_key(row.labels[-1])) for row in read_example(document).rows if row.labels}


def test_a_name_that_one_group_alone_has_is_fitted_in_every_part() -> None:
    names = [*"aabbaabb", "rare"]
    groups = [*"11223344", "4"]
    for fitted, scaled in splits_of(names, groups, SEED):
        assert {names[row] for row in fitted} == {"a", "b", "rare"}
        assert len(scaled) > 0
    assert sorted(row for _, scaled in splits_of(names, groups, SEED) for row in scaled) == list(range(9))


def test_nothing_is_lent_where_every_part_has_every_name() -> None:
    names = [*"abababababab"]
    groups = [*"112233445566"]
    for fitted, scaled in splits_of(names, groups, SEED):
        assert not set(fitted) & set(scaled.tolist())
