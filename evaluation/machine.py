"""What a measurement was made on and made with: every published figure names both."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """What the evaluation ran on: system, processor, number of processors, Python."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def commit(file: str | Path = __file__) -> str | None:
    """The commit of the checkout that a file (by default of this program) is kept in, with "-dirty" where the checkout
    differs from it; None for a file that git does not keep, also where some other project's checkout lies around it."""
    here = Path(file).resolve()
    try:
        _git("ls-files", "--error-unmatch", here.name, folder=here.parent)
        return _git("describe", "--always", "--dirty", "--abbrev=12", "--exclude=*", folder=here.parent)
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments: str, folder: Path) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)  # noqa: S603
    return done.stdout.strip()
