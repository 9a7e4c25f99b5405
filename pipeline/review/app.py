"""The review page as an application: its addresses, and what answers them.

A browser names documents by their hash and pages by their number; what files these are only the store knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.errors import ConflictError, NianbaoError, StoreError, UsageError
from pipeline.review import api, pages
from pipeline.review.answers import page, problem
from pipeline.review.doors import Door, Session
from pipeline.review.pictures import Pictures
from pipeline.review.security import App, Guard
from pipeline.review_tables import Reviewed
from pipeline.storage import Store

_HASH = re.compile(r"[0-9a-f]{64}")
_NARROWEST, _WIDEST, _STEP = 200, 2400, 100  # pixels of a page: few widths, so that few pictures are made
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}


def make_app(store: Store, pictures: Pictures, door: Door) -> App:
    """The review page over a store, with its guard before it."""
    house = _House(store, pictures)
    routes = [
        Route("/", house.queue),
        Route("/overview", house.overview),
        Route("/document/{id}", house.document),
        Route("/document/{id}/page/{number:int}.png", house.picture),
        Route("/api/document/{id}", house.read),
        Route("/api/document/{id}/correct", house.correct, methods=["POST"]),
        Route("/api/document/{id}/undo", house.undo, methods=["POST"]),
        Route("/static/{name}", house.static),
    ]
    handlers: Mapping[Any, Any] = {
        HTTPException: _refused,
        ConflictError: _conflict,
        StoreError: _store_trouble,
        UsageError: _unusable,
        NianbaoError: _unusable,
        Exception: _fault,
    }
    return Guard(Starlette(routes=routes, exception_handlers=handlers), door)


class _House:
    """The answers; each runs in a thread of its own, as the store and the workers are waited for."""

    def __init__(self, store: Store, pictures: Pictures) -> None:
        self._store, self._pictures = store, pictures
        self._static = _static_files()

    def queue(self, request: Request) -> Response:
        return _html(pages.queue_page(self._store, request.query_params, _visit(request)))

    def overview(self, request: Request) -> Response:
        return _html(pages.overview_page(self._store, request.query_params, _visit(request)))

    def document(self, request: Request) -> Response:
        found = pages.document_page(self._store, _document(request), request.query_params, _visit(request))
        return _html(_found(found))

    def picture(self, request: Request) -> Response:
        document, asked = _document(request), request.query_params.get("width", "1200")
        width = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else _WIDEST
        width = -(-min(max(width, _NARROWEST), _WIDEST) // _STEP) * _STEP
        source = _found(self._store.find(document))["source"]
        made = self._pictures.page(source["path"], document, request.path_params["number"], width)
        return Response(made, media_type="image/png", headers={"cache-control": "private, max-age=3600"})

    def read(self, request: Request) -> Response:
        document = _document(request)
        reviewed = _found(self._store.reviewed(document))
        view = self._pictures.view(reviewed.predicted["source"]["path"], document)
        return _json(api.shown(document, reviewed) | {"source_view": view})

    async def correct(self, request: Request) -> Response:
        return await _changed(request, self._store, api.correct)

    async def undo(self, request: Request) -> Response:
        return await _changed(request, self._store, api.undo)

    def static(self, request: Request) -> Response:
        data, media_type = _found(self._static.get(request.path_params["name"]))
        return Response(data, media_type=media_type, headers={"cache-control": "no-cache"})


async def _changed(request: Request, store: Store, change: Callable[[Store, str, bytes, str], Reviewed]) -> Response:
    from starlette.concurrency import run_in_threadpool

    document, session = _document(request), _session(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "Changes come as application/json.")
    body = await request.body()
    reviewed = await run_in_threadpool(change, store, document, body, session.who)
    return _json(api.shown(document, reviewed))


def _static_files() -> dict[str, tuple[bytes, str]]:
    """Our own files by name, read once: no name from outside is ever looked up on the disk."""
    found = {}
    for file in files("pipeline.review").joinpath("static").iterdir():
        suffix = "." + file.name.rpartition(".")[2]
        if suffix in _TYPES:
            found[file.name] = file.read_bytes(), _TYPES[suffix]
    return found


def _document(request: Request) -> str:
    name: str = request.path_params["id"]
    if not _HASH.fullmatch(name):
        raise HTTPException(404)
    return name


def _found(thing: Any) -> Any:
    if thing is None:
        raise HTTPException(404)
    return thing


def _session(request: Request) -> Session:
    session: Session = request.scope["session"]
    return session


def _visit(request: Request) -> pages.Visit:
    language = pages.language_of(request.cookies.get("language"), request.headers.get("accept-language"))
    return pages.Visit(language, _session(request).csrf, _session(request).who)


def _html(text: str) -> Response:
    return Response(text, media_type="text/html")


def _json(value: Any) -> Response:
    return Response(json.dumps(value, ensure_ascii=False, allow_nan=False), media_type="application/json")


def _told(request: Request, status: int, said: str, chinese: str) -> Response:
    return problem(status, said) if request.url.path.startswith("/api/") else page(status, said, chinese)


_SAID = {
    404: ("There is no such page.", "没有此页面。"),
    405: ("There is no such method here.", "不支持的请求方法。"),
}


def _refused(request: Request, error: HTTPException) -> Response:
    said, chinese = _SAID.get(error.status_code, (error.detail, "请求无效。"))
    return _told(request, error.status_code, said, chinese)


def _conflict(_: Request, error: ConflictError) -> Response:
    return problem(409, str(error), by=error.by, at=error.at, version=error.version)


def _store_trouble(request: Request, error: StoreError) -> Response:
    return _told(request, 503, str(error), "数据库暂时无法使用。")


def _unusable(request: Request, error: NianbaoError) -> Response:
    return _told(request, 422, str(error), "无法处理。")


def _fault(request: Request, error: Exception) -> Response:
    said = f"The program has a fault ({type(error).__name__}); its terminal says where. Please report it."
    return _told(request, 500, said, "程序出错。")
