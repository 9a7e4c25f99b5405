"""A browser as tests need it: it keeps cookies and sends exactly what it is told, also what real ones never would."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

HOST = "127.0.0.1:8765"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Browser:
    """A browser before an ASGI app; it speaks to `host`, and what it posts says so unless told otherwise."""

    app: Any
    host: str = HOST
    client: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, value: Any = None, *, body: bytes | None = None, **headers: str | None) -> Answer:
        """Post JSON as our page does; `headers` replace its own, None leaves one out."""
        own = {"origin": f"http://{self.host}", "content-type": "application/json", "x-csrf-token": self.csrf}
        sent = own | {name.replace("_", "-"): said for name, said in headers.items()}
        given = {name: said for name, said in sent.items() if said is not None}
        return self.ask("POST", path, headers=given, body=json.dumps(value).encode() if body is None else body)

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | list[tuple[str, str]] | None = None,
        body: bytes = b"",
        pieces: list[bytes] | None = None,
    ) -> Answer:
        """Ask for a path as it is written, nothing tidied up; `pieces` come one after the other without a length."""
        pairs = list((headers or {}).items()) if isinstance(headers, dict | None) else headers
        pairs = [(name.replace("_", "-").lower(), said) for name, said in pairs]
        if not any(name == "host" for name, _ in pairs):
            pairs.insert(0, ("host", self.host))
        if self.cookies and not any(name == "cookie" for name, _ in pairs):
            pairs.append(("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        if pieces is None and body:
            pairs.append(("content-length", str(len(body))))
        answer = asyncio.run(_ask(self.app, method, path, pairs, pieces or [body], self.client))
        if made := re.match(r"([^=]+)=([^;]*)", answer.headers.get("set-cookie", "")):
            self.cookies[made[1]] = made[2]
        return answer

    def enter(self, door: Any) -> Browser:
        """Open the printed address and the page behind it."""
        assert self.get(f"/?token={door.token}").status == 200
        self.learn_csrf()
        return self

    def learn_csrf(self) -> None:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/").text)
        assert found is not None
        self.csrf = found[1]


async def _ask(
    app: Any, method: str, path: str, headers: list[tuple[str, str]], pieces: list[bytes], client: str
) -> Answer:
    plain, _, query = path.partition("?")
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(plain),
        "raw_path": quote(plain, safe="/%").encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), said.encode()) for name, said in headers],
        "client": (client, 50000),
        "server": ("127.0.0.1", 8765),
    }
    try:
        await app(scope, receive, send)
    except Exception:  # what is told of it has been sent by then; the rest is for the server's log
        if not sent:
            raise
    start = next(one for one in sent if one["type"] == "http.response.start")
    body = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    return Answer(start["status"], {name.decode(): said.decode() for name, said in start["headers"]}, body)
