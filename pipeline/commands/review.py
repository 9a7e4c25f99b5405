"""nianbao review: what is not accepted, put before a person in a browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.review.doors import Door

_PASSWORD = "NIANBAO_REVIEW_PASSWORD"  # noqa: S105  the name of a variable


def review(
    store: Annotated[str, typer.Option(metavar="URL", help="The store, like sqlite:///out/nianbao.sqlite.")],
    host: Annotated[
        str, typer.Option(help="Where to serve; other than 127.0.0.1 it asks for a password.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="8765 by default, or a free one where that is taken.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(metavar="F", help="A file whose first line is the password.")
    ] = None,
    name: Annotated[str, typer.Option(metavar="WHO", help="Who corrects; the user's name by default.")] = "",
    server_name: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A further name of this server, behind a proxy; may be repeated."),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", metavar="", help="Print the address only; open no browser.")
    ] = False,
) -> None:
    """Serve the review page of a store on this machine until Ctrl-C, and print its address.

    The address holds a token that lets its reader in. With a --host that other machines reach, people log in with
    their names and a password instead, which comes from --password-file, from NIANBAO_REVIEW_PASSWORD, or is asked for.
    What passes between is not encrypted: put a server that speaks TLS before it.
    """
    from pipeline.review.doors import is_loopback
    from pipeline.review.serve import serve, user_name
    from pipeline.storage import open_store

    password = None if is_loopback(host) and password_file is None else _password(password_file)

    def ready(door: Door) -> None:
        print(f"Review page: {door.address}", flush=True)
        print("Ctrl-C ends it.", file=sys.stderr, flush=True)
        if not no_browser:
            _open(door.address)

    with open_store(store, create=False) as opened:
        opened.refresh_reviews(_show if sys.stderr.isatty() else lambda *_: None)
        names = server_name or ()
        serve(opened, who=name or user_name(), host=host, port=port, password=password, names=names, ready=ready)


def _password(file: Path | None) -> str | None:
    from pipeline.errors import UsageError

    if file is not None:
        try:
            return file.read_text(encoding="utf-8").partition("\n")[0].strip()
        except (OSError, ValueError) as error:
            raise UsageError(f"The password cannot be read from {file} ({error}).") from None
    if given := os.environ.get(_PASSWORD):
        return given.strip()
    if not sys.stdin.isatty():
        return None
    from getpass import getpass

    return getpass("Password for reviewers: ").strip()


def _show(done: int, number: int) -> None:
    print(f"\r{done} of {number} documents made ready", end="\n" if done == number else "", file=sys.stderr, flush=True)


def _open(address: str) -> None:
    """Open a browser where there is a screen: one in the terminal would take the command's place.

    It is given a file of this user's alone that leads to the address: what stands in a command line, all users see.
    """
    import atexit
    import tempfile
    import webbrowser
    from html import escape

    if sys.platform not in ("win32", "darwin") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    with tempfile.NamedTemporaryFile("w", suffix=".html", prefix="nianbao-", delete=False) as file:
        file.write(f'<meta http-equiv="refresh" content="0;url={escape(address)}">')
    atexit.register(Path(file.name).unlink, missing_ok=True)
    webbrowser.open(Path(file.name).as_uri())
