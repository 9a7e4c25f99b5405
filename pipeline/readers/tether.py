"""Runs another program that ends when we do, whatever ends us.

A worker that reads a document may be killed at any moment, and a program that it started would go on by itself. So
the program runs in a process group of its own under a watcher (this file, run as a script) that holds one end of a
pipe: the pipe closes when the worker is gone, and the watcher ends the whole group.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress


def run(command: list[str], timeout: float) -> int:
    """The exit code of a program run in silence; it is ended with all that it started after `timeout` seconds.

    Raises subprocess.TimeoutExpired, and OSError where it cannot be started.
    """
    watched = [sys.executable, "-I", "-S", __file__, *command] if hasattr(os, "killpg") else command
    process = subprocess.Popen(  # noqa: S603
        watched,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(timeout)
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):  # nothing of it is left
        _kill_group(process.pid) if hasattr(os, "killpg") else process.kill()
    process.wait()
    if process.stdin:
        process.stdin.close()


def _kill_group(group: int) -> None:
    os.killpg(group, signal.SIGKILL)


def _watch(command: list[str]) -> int:
    """Run the program; end this whole group as soon as nobody holds the other end of standard input."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603
    return program.wait()


def _wait_for_the_end() -> None:
    while os.read(0, 1):
        pass
    _kill_group(os.getpgrp())


if __name__ == "__main__":
    sys.exit(_watch(sys.argv[1:]))
