"""The short answers of the review page that need no template, and the headers that all answers carry."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from starlette.responses import Response

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def page(status: int, said: str, chinese: str, *, onward: str = "") -> Response:
    """A short page of ours; with `onward` it goes on to that path by itself."""
    move = f'<meta http-equiv="refresh" content="0;url={escape(onward)}">' if onward else ""
    link = f'<p><a href="{escape(onward)}">→</a></p>' if onward else ""
    return _html(
        status, f"{move}<title>nianbao</title>", f"<h1>{escape(said)}</h1><p lang=zh>{escape(chinese)}</p>{link}"
    )


def problem(status: int, said: str, **more: Any) -> Response:
    """What is wrong, for scripts: {"error": …}."""
    text = json.dumps({"error": said, **more}, ensure_ascii=False)
    return Response(text, status, media_type="application/json")


def login_page(said: str, status: int = 200) -> Response:
    """The page that asks for a name and the password, with what was wrong with the last try."""
    told = f"<p role=alert>{escape(said)}</p>" if said else ""
    return _html(
        status,
        "<title>nianbao review</title>",
        f"<h1>nianbao review · 审核</h1>{told}<form method=post action=/login>"
        "<p><label>Name · 姓名 <input name=name required maxlength=60 autocomplete=username></label></p>"
        "<p><label>Password · 密码 <input name=password type=password required autocomplete=current-password>"
        "</label></p>"
        "<p><button>Log in · 登录</button></p></form>",
    )


def _html(status: int, head: str, body: str) -> Response:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="/static/review.css"><link rel="stylesheet" href="/static/plain.css">'
        f'{head}</head><body class="plain"><main>{body}</main></body></html>'
    )
    return Response(text, status, media_type="text/html")
