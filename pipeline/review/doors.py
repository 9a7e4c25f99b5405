"""Where the review page is served, who is let in, and how often somebody may guess."""

from __future__ import annotations

import hmac
import socket
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

_TRIES, _WINDOW = 5, 60.0  # wrong passwords of one address in so many seconds
_TRIES_OF_ALL = 50


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who was let in: the name that corrections carry, and the word that writes must say."""

    who: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Door:
    """Where the page is served and who is let in: whoever has the `token`, or, where a `password` is set, only who
    says it with a name. `names` are further names of this server, for one that stands behind another."""

    host: str
    port: int
    who: str
    token: str = field(repr=False)
    password: str | None = field(default=None, repr=False)
    names: frozenset[str] = frozenset()

    @property
    def cookie(self) -> str:
        return f"nianbao-review-{self.port}"  # cookies do not know ports

    @property
    def address(self) -> str:
        """The address to open; of a server at all addresses of the machine, by the machine's name."""
        host = socket.gethostname() if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self.port}/" + ("" if self.password else f"?token={self.token}")

    def is_ours(self, host: str) -> bool:
        """Whether a `Host` is one under which this page is reached. A name that others may give an address of ours (DNS
        rebinding) is none; a bare address cannot be rebound."""
        name, port = _split_host(host)
        if name in self.names:
            return True
        if port != self.port:
            return False
        if is_loopback(self.host):
            return name == "localhost" or (_is_address(name) and is_loopback(name))
        return _is_address(name) or name in {"localhost", self.host.lower(), socket.gethostname().lower()}


class Throttle:
    """Counts wrong passwords of the last minute, by address and of all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failed: deque[tuple[float, str]] = deque(maxlen=_TRIES_OF_ALL)

    def failed(self, address: str) -> None:
        self._failed.append((self._clock(), address))

    def wait(self, address: str) -> int:
        """The seconds until this address may try again; 0 where it may now."""
        now = self._clock()
        while self._failed and now - self._failed[0][0] >= _WINDOW:
            self._failed.popleft()
        own = [at for at, whose in self._failed if whose == address]
        if len(self._failed) >= _TRIES_OF_ALL:
            own = [self._failed[0][0]]
        elif len(own) < _TRIES:
            return 0
        return max(1, round(own[0] + _WINDOW - now))


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host."""
    return host.lower() == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def clean_name(name: str) -> str:
    """A name as corrections carry it: one line of at most 60 letters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:60]


def same_word(said: str, word: str) -> bool:
    """In a time that tells neither where they differ nor how long they are."""
    return hmac.compare_digest(*(sha256(one.encode("utf-8", "surrogatepass")).digest() for one in (said, word)))


def names_of(given: Iterable[str]) -> frozenset[str]:
    """Names of the server as they are compared."""
    return frozenset(name.strip().lower() for name in given if name.strip())


def _split_host(host: str) -> tuple[str, int]:
    """The name and port of a `Host`; port 80 where it names none, -1 where it is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        plain = parts.netloc == host and "@" not in host
        return (parts.hostname or "").lower(), (parts.port or 80) if plain else -1
    except ValueError:
        return "", -1


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
