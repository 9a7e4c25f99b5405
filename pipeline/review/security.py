"""Who may use the review page: a guard before the app that lets through what the page itself asks, and nothing else.

Another page in the same browser may send requests here (a name that it rebinds, a form, a picture), another program or
another user of the machine may too. So the name in `Host` must be ours, what writes must come from this page (`Origin`)
and say the word that only this page knows (`X-CSRF-Token`), and who comes must have been let in, by the token in the
printed address or by a password. What the page shows is a stranger's text: nothing runs but our own script files.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.responses import Response

from pipeline.review.answers import HEADERS, login_page, page, problem
from pipeline.review.doors import Door, Session, Throttle, clean_name, same_word

LARGEST_BODY = 256 * 1024  # bytes; a table of 200 corrected cells takes 20 KB
_SESSIONS = 1000
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """The guard as ASGI middleware; what it lets through finds its `Session` in scope["session"]."""

    def __init__(self, app: App, door: Door, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._door = app, door
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._throttle = Throttle(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        send = _with_headers(send)
        headers = _headers(scope)
        refusal = self._refusal(scope, headers)
        if refusal is None and scope["method"] == "POST":
            receive, refusal = await _bounded(receive, headers)
        if refusal is None:
            refusal = await self._enter(scope, headers, receive)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[str, list[str]]) -> Response | None:
        """Why nobody may ask this, whoever it is."""
        hosts = headers.get("host", [])
        if len(hosts) != 1 or not self._door.is_ours(hosts[0]):
            return page(403, "This is not a name of the review page.", "请使用 nianbao review 给出的地址。")
        if scope["method"] in ("GET", "HEAD"):
            away = headers.get("sec-fetch-site", ["none"])[0] in ("cross-site", "same-site")
            if away and headers.get("sec-fetch-mode", ["navigate"])[0] != "navigate":
                return page(403, "Other pages may not ask this.", "不接受其他网页的请求。")
            return None
        if scope["method"] != "POST":
            return page(405, "There is no such method here.", "不支持的请求方法。")
        origins = headers.get("origin", [])
        if len(origins) != 1 or not _same_origin(origins[0], hosts[0]):
            return page(403, "Only the review page itself may write.", "只有审核页面自身可以提交。")
        return None

    async def _enter(self, scope: Scope, headers: dict[str, list[str]], receive: Receive) -> Response | None:
        """Let in who may, or what to tell those who may not."""
        path, query = scope["path"], parse_qs(scope["query_string"].decode("latin-1"))
        if path == "/login":
            return await self._login(scope, receive)
        if path == "/" and self._door.password is None and "token" in query:
            return self._by_token(query["token"][0])
        session = self._sessions.get(_cookie(headers, self._door.cookie))
        if session is None:
            return None if path.startswith("/static/") else self._closed(path)
        said = headers.get("x-csrf-token", [""])[0]
        if scope["method"] == "POST" and not hmac.compare_digest(said.encode(), session.csrf.encode()):
            return problem(403, "The page is out of date: load it again.")
        scope["session"] = session
        return None

    def _by_token(self, token: str) -> Response:
        if not hmac.compare_digest(token.encode(), self._door.token.encode()):
            return self._closed("/")
        return self._admit(self._door.who)

    def _closed(self, path: str) -> Response:
        if path.startswith("/api/"):
            return problem(401, "Nobody is logged in: open the address that `nianbao review` printed.")
        if self._door.password is not None:
            return Response(status_code=303, headers={"location": "/login"})
        return page(
            401, "Open the whole address that nianbao review printed.", "请打开 nianbao review 在终端里给出的完整地址。"
        )

    async def _login(self, scope: Scope, receive: Receive) -> Response:
        if self._door.password is None:
            return page(404, "There is no such page.", "没有此页面。")
        if scope["method"] != "POST":
            return login_page("")
        address = (scope.get("client") or ("?",))[0]
        if wait := self._throttle.wait(address):
            refused = login_page("Too many wrong passwords: wait a minute. 密码错误次数过多，请稍候。", 429)
            refused.headers["retry-after"] = str(wait)
            return refused
        form = parse_qs((await receive())["body"].decode("utf-8", "replace"))
        who, said = (form.get(name, [""])[0].strip() for name in ("name", "password"))
        if not same_word(said, self._door.password):
            self._throttle.failed(address)
            return login_page("That is not the password. 密码不正确。", 403)
        return self._admit(clean_name(who)) if clean_name(who) else login_page("Who are you? 请填写姓名。", 422)

    def _admit(self, who: str) -> Response:
        """A session for somebody, in a cookie that no script reads and no other site's link carries.

        A page that goes on by itself, as a redirect would still count as the other site's.
        """
        key = secrets.token_urlsafe(32)
        self._sessions[key] = Session(who, secrets.token_urlsafe(32))
        while len(self._sessions) > _SESSIONS:
            self._sessions.popitem(last=False)
        answer = page(200, "nianbao review", "审核", onward="/")
        answer.set_cookie(self._door.cookie, key, httponly=True, samesite="strict", path="/")
        return answer


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _ in message["headers"]}
            more = HEADERS | ({} if b"cache-control" in own else {"cache-control": "no-store"})
            message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in more.items())]
        await send(message)

    return sending


async def _bounded(receive: Receive, headers: dict[str, list[str]]) -> tuple[Receive, Response | None]:
    """The body read whole, as the app will receive it, or a refusal where it is too large."""
    large = problem(413, f"More than {LARGEST_BODY >> 10} KB at once.")
    told = headers.get("content-length", ["0"])[0]
    if not told.isdecimal() or int(told) > LARGEST_BODY:
        return receive, large
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return receive, problem(400, "The request broke off.")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_BODY:
            return receive, large

    async def again() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return again, None


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _cookie(headers: dict[str, list[str]], name: str) -> str:
    """The value of a cookie, "" where there is none; what else a browser sends along does not matter."""
    pairs = (pair.strip().partition("=") for line in headers.get("cookie", []) for pair in line.split(";"))
    return next((value for key, _, value in pairs if key == name), "")


def _same_origin(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
