"""The review page on a port of this machine, until it is interrupted."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterable

from pipeline.errors import NianbaoError, UsageError
from pipeline.review.doors import Door, clean_name, is_loopback, names_of
from pipeline.storage import Store

PORT = 8765
_SHORTEST = 10  # characters of a password
_BACKLOG = 64
_CONNECTIONS = 200  # at once; what comes beyond is told to come again


def serve(
    store: Store,
    *,
    who: str,
    host: str = "127.0.0.1",
    port: int | None = None,
    password: str | None = None,
    names: Iterable[str] = (),
    ready: Callable[[Door], None] = lambda _: None,
) -> None:
    """Serve the review page over a store until Ctrl-C; `ready` is told where, as soon as it can be opened.

    `port` is 8765, or any free one where that is taken, unless it is given; `names` are further names of this server,
    behind a proxy. Raises UsageError where a host that other machines reach has no password of 10 characters, or the
    address cannot be had.
    """
    if not is_loopback(host) and (password is None or len(password) < _SHORTEST):
        raise UsageError(
            f"Other machines reach {host}: set a password of at least {_SHORTEST} characters with --password-file or "
            "NIANBAO_REVIEW_PASSWORD."
        )
    try:
        import uvicorn

        from pipeline.review.app import make_app
        from pipeline.review.pictures import Pictures
    except ModuleNotFoundError as missing:
        raise UsageError(f'The review page needs: pip install "nianbao[review]" ({missing}).') from None
    with _listening(host, port) as listener, Pictures() as pictures:
        name = clean_name(who)
        door = Door(host, listener.getsockname()[1], name, secrets.token_urlsafe(32), password, names_of(names))
        config = uvicorn.Config(
            make_app(store, pictures, door),
            access_log=False,
            log_level="warning",
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
            ws="none",
            limit_concurrency=_CONNECTIONS,
        )
        _warm_up(store)
        ready(door)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:
            return


def _warm_up(store: Store) -> None:
    """Make the first pages once, so that nobody waits for templates and for the store's pages on the disk."""
    from pipeline.review import pages

    visit = pages.Visit("en", "", "")
    pages.queue_page(store, {}, visit)
    pages.overview_page(store, {}, visit)


def _listening(host: str, port: int | None) -> socket.socket:
    """A socket that listens at the address already, so that whoever is told of it can connect."""
    wanted = [PORT, 0] if port is None else [port]
    for one in wanted:
        try:
            return _bound(host, one)
        except OSError as error:
            trouble = error
        except OverflowError:
            raise UsageError(f"There is no port {one}.") from None
    said = trouble.strerror or trouble
    raise UsageError(f"The review page cannot be served at {host}:{wanted[-1]}: {said}. Name another with --port.")


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def user_name() -> str:
    """The name of whoever runs this, "reviewer" where the system does not know it."""
    import getpass

    try:
        return clean_name(getpass.getuser()) or "reviewer"
    except (KeyError, OSError, NianbaoError):
        return "reviewer"
