"""What several tests share: databases that a store may live in, SQLite and PostgreSQL in turn, and worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.processes import LIBRARIES, worker_context
from pipeline.storage import Store, open_store
from tests import postgres


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
