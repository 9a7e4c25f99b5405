"""A PostgreSQL server of the tests' own, from the system's package: on a Unix socket, without fsync, gone afterwards.

Each test process that asks for it has its own, so that they never meet. The server refuses to run as root: there it
runs as the package's user, or as nobody.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

SETTINGS = """
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 20
"""


@dataclass(frozen=True)
class Server:
    """A running server: its superuser is `nianbao`, who needs no password."""

    programs: Path
    folder: Path

    def url(self, database: str, user: str = "nianbao") -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder), safe='')}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        import psycopg

        with psycopg.connect(f"host={self.folder} user=nianbao dbname={database}", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def new_database(self, options: str = "") -> str:
        name = f"t{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return name

    def control(self, *arguments: str) -> None:
        run(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "-s", *arguments, "-l", self.folder / "log")


def why_not() -> str | None:
    """Why no server can be started here; None where one can."""
    if find_spec("psycopg") is None:
        return 'psycopg is not installed: pip install "nianbao[postgres]"'
    return None if programs() else "PostgreSQL's server is not installed: apt-get install postgresql"


def programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent, *folders] if found else folders
    return next((folder for folder in reversed(folders) if (folder / "pg_ctl").exists()), None)


@contextmanager
def server() -> Iterator[Server]:
    """A server that runs until the block is left."""
    where = programs()
    assert where is not None
    folder = Path(tempfile.mkdtemp(prefix="nianbao-pg-", dir="/tmp"))  # a socket's path must be short
    try:
        if user := _user():
            shutil.chown(folder, user)
        run(where / "initdb", "-D", folder / "data", "-U", "nianbao", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        (folder / "data" / "pg_hba.conf").write_text("local all guarded scram-sha-256\nlocal all all trust\n")
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"unix_socket_directories = '{folder}'{SETTINGS}")
        running = Server(where, folder)
        running.control("start")
        try:
            yield running
        finally:
            running.control("-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(*command: object) -> None:
    """Run one of the server's programs; its output goes to a file, as the server itself would keep a pipe open."""
    with tempfile.TemporaryFile() as said:
        user = _user()
        group = pwd.getpwnam(user).pw_gid if user else None
        result = subprocess.run(list(map(str, command)), stdout=said, stderr=said, user=user, group=group)
        said.seek(0)
        assert result.returncode == 0, said.read().decode(errors="replace")


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)
