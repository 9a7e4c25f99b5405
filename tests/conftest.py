"""What several tests share: databases that a store may live in, SQLite and PostgreSQL in turn, and worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.processes import LIBRARIES, worker_context
from pipeline.storage import Store, open_store
from tests import postgres

# Modules of many seconds, those that wait beside those that count; begun first, so that none is left for the end.
LONGEST = (
    "test_kill", "test_review_browser", "test_retrain", "test_cluster", "test_scans", "test_convert",
    "test_review_security", "test_synthesis", "test_bulk", "test_baselines", "test_evaluate", "test_writers",
    "test_report", "test_storage", "test_tuning", "test_corrections", "test_fact_model", "test_unseen",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(scope="session", autouse=True)
def _libraries_loaded_once() -> None:
    """Worker processes of all pools come out of one that has loaded what any of them needs."""
    worker_context((*LIBRARIES, "PIL.Image", "evaluation.row_scores", "pipeline.review.sources", "tests.doubles"))


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.sqlite'}"


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    if reason := postgres.why_not():
        pytest.skip(reason)
    with postgres.server() as running:
        yield running


@pytest.fixture
def base(server: postgres.Server) -> str:
    """The name of an empty PostgreSQL database."""
    return server.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return url_of(tmp_path)
    server = request.getfixturevalue("server")
    return str(server.url(server.new_database()))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened
