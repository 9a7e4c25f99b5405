"""Where a figure comes from: the machine, and the commit only where the file is really kept in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from evaluation.machine import commit, machine


def git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_commit_is_that_of_the_file_s_own_checkout(tmp_path: Path) -> None:
    file = tmp_path / "kept.py"
    file.write_text("1", encoding="utf-8")
    assert commit(file) is None
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "kept.py")
    git(tmp_path, "commit", "-q", "-m", "one")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert commit(file) == head[:12]
    file.write_text("2", encoding="utf-8")
    assert commit(file) == f"{head[:12]}-dirty"
    installed = tmp_path / "site-packages" / "other.py"
    installed.parent.mkdir()
    installed.write_text("3", encoding="utf-8")
    assert commit(installed) is None


def test_the_machine_is_named() -> None:
    found = machine()
    assert set(found) == {"system", "processor", "processors", "python"}
    assert found["processors"] >= 1
    assert found["python"].startswith("3.")
