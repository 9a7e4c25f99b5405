"""What is asked of the review page by others than itself is refused, and what reports hold runs nowhere."""

from __future__ import annotations

import copy
import hashlib
import http.client
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason='the review page is not installed: pip install "nianbao[review]"')
pytest.importorskip("uvicorn", reason='the review page is not installed: pip install "nianbao[review]"')

from reportlab.pdfgen.canvas import Canvas

from pipeline.errors import NianbaoError, UnreadableInput, UsageError
from pipeline.review.app import make_app
from pipeline.review.doors import Door, clean_name
from pipeline.review.pictures import Pictures
from pipeline.review.security import LARGEST_BODY, Guard
from pipeline.review.serve import serve
from pipeline.storage import Store, open_store
from tests.browsers import HOST, Answer, Browser
from tests.conftest import url_of
from tests.hostile_pages import draw
from tests.test_corrections import ID, MISREAD, TOTAL

TOKEN = "a-token-of-the-test"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"


def door(**changes: Any) -> Door:
    return Door(**{"host": "127.0.0.1", "port": 8765, "who": "王", "token": TOKEN} | changes)


class Still:
    """Stands for the pictures where no document is shown."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def page(self, *asked: Any) -> bytes:
        self.asked.append(asked)
        return b"png"

    def view(self, path: str, sha256: str) -> dict[str, Any]:
        self.asked.append((path, sha256))
        return {"kind": "missing", "message": "gone"}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    with open_store(url_of(tmp_path)) as store:
        store.save(MISREAD)
        yield store


@pytest.fixture
def stranger(kept: Store) -> Browser:
    return Browser(make_app(kept, Still(), door()))  # type: ignore[arg-type]


@pytest.fixture
def browser(stranger: Browser) -> Browser:
    return stranger.enter(door())


CHANGE = {"version": 0, "changes": [{"field": TOTAL, "action": "value", "value": 5}]}
CORRECT = f"/api/document/{ID}/correct"
PAGES = ["/", "/overview", f"/document/{ID}", f"/document/{ID}/page/1.png", f"/api/document/{ID}"]


def test_the_printed_address_lets_in_and_the_cookie_is_no_script_s_and_no_other_site_s(stranger: Browser) -> None:
    answer = stranger.get(f"/?token={TOKEN}")
    assert answer.status == 200
    cookie = answer.headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert TOKEN not in answer.text
    assert stranger.get("/").status == 200
    assert door().address == f"http://{HOST}/?token={TOKEN}"
    assert door(host="::1").address == f"http://[::1]:8765/?token={TOKEN}"
    assert door(host="0.0.0.0", password="right horse").address == f"http://{socket.gethostname()}:8765/"


@pytest.mark.parametrize("path", PAGES)
def test_who_was_not_let_in_sees_nothing(stranger: Browser, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status == 401
    assert "云岭" not in answer.text
    assert ID not in answer.text
    other = stranger.get(path, cookie="nianbao-review-8765=guess; nianbao-review-8765=")
    assert other.status == 401


@pytest.mark.parametrize("token", ["", "a-token", TOKEN + "x", TOKEN.upper(), "%00", "é", f"x&token={TOKEN}"])
def test_another_token_lets_nobody_in(stranger: Browser, token: str) -> None:
    answer = stranger.get(f"/?token={token}")
    assert answer.status == 401
    assert "set-cookie" not in answer.headers


def test_the_token_opens_the_door_alone(stranger: Browser) -> None:
    assert stranger.get(f"/overview?token={TOKEN}").status == 401
    assert stranger.get("/login").status == 404


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example:8765", "127.0.0.1:8766", "127.0.0.1", "evil@127.0.0.1:8765", "127.1:8765",
     "127.0.0.1:8765 ", "127.0.0.1:8765/", "[::1:8765", "127.0.0.1:port", "192.168.0.7:8765", "", "0.0.0.0:8765"],
)  # fmt: skip
def test_a_name_that_is_not_ours_is_refused(browser: Browser, host: str) -> None:
    """DNS rebinding: another site's name is made to point here, and its script then has our origin."""
    assert browser.ask("GET", "/", headers={"host": host}).status == 403
    assert browser.ask("POST", CORRECT, headers={"host": host, "origin": f"http://{host}"}).status == 403


def test_two_hosts_or_none_are_refused(browser: Browser) -> None:
    assert browser.ask("GET", "/", headers=[("host", HOST), ("host", "evil.example")]).status == 403
    assert browser.ask("GET", "/", headers=[("host", HOST), ("host", HOST)]).status == 403


@pytest.mark.parametrize("host", [HOST, "localhost:8765", "LOCALHOST:8765", "[::1]:8765", "127.0.0.9:8765"])
def test_every_name_of_this_machine_s_own_works(browser: Browser, host: str) -> None:
    assert browser.ask("GET", "/", headers={"host": host}).status == 200


@pytest.mark.parametrize(
    "origin",
    [None, "null", "", "http://evil.example", f"http://{HOST}.evil.example", f"http://evil@{HOST}", "http://127.0.0.1",
     "http://localhost:8765", f"file://{HOST}", f"http://{HOST}@evil.example", "http://[::1"],
)  # fmt: skip
def test_what_another_page_posts_is_refused(browser: Browser, kept: Store, origin: str | None) -> None:
    assert browser.post(CORRECT, CHANGE, origin=origin).status == 403
    assert list(kept.corrections()) == []


def test_two_origins_are_refused(browser: Browser) -> None:
    headers = [("origin", f"http://{HOST}"), ("origin", "http://evil.example"), ("x-csrf-token", browser.csrf)]
    assert browser.ask("POST", CORRECT, headers=headers, body=b"{}").status == 403


@pytest.mark.parametrize("token", [None, "", "guess", "é", TOKEN])
def test_who_cannot_say_the_page_s_word_writes_nothing(browser: Browser, kept: Store, token: str | None) -> None:
    assert browser.post(CORRECT, CHANGE, x_csrf_token=token).status == 403
    assert browser.post(f"/api/document/{ID}/undo", {"version": 0}, x_csrf_token=token).status == 403
    assert list(kept.corrections()) == []


def test_the_word_of_another_session_is_not_taken(browser: Browser) -> None:
    other = Browser(browser.app).enter(door())
    assert other.csrf != browser.csrf
    assert browser.post(CORRECT, CHANGE, x_csrf_token=other.csrf).status == 403
    assert browser.post(CORRECT, CHANGE).status == 200


def test_pages_of_others_cannot_put_ours_in_their_pictures_or_scripts(browser: Browser) -> None:
    for site in ("cross-site", "same-site"):
        away = {"sec_fetch_site": site, "sec_fetch_mode": "no-cors"}
        assert browser.get(f"/document/{ID}/page/1.png", **away).status == 403
        assert browser.get(f"/api/document/{ID}", **away).status == 403
    assert browser.get("/", sec_fetch_site="cross-site", sec_fetch_mode="navigate").status == 200
    assert browser.get(f"/api/document/{ID}", sec_fetch_site="same-origin", sec_fetch_mode="cors").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"])
def test_other_methods_are_refused(browser: Browser, method: str) -> None:
    assert browser.ask(method, CORRECT, headers={"origin": f"http://{HOST}"}).status == 405


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_forms_can_send_is_no_change(browser: Browser, kept: Store, kind: str | None) -> None:
    assert browser.post(CORRECT, CHANGE, content_type=kind).status == 415
    assert list(kept.corrections()) == []


def test_bodies_are_limited_whatever_they_say_of_their_length(browser: Browser) -> None:
    headers = {"origin": f"http://{HOST}", "x-csrf-token": browser.csrf, "content-type": "application/json"}
    assert browser.post(CORRECT, body=b" " * (LARGEST_BODY + 1)).status == 413
    assert browser.ask("POST", CORRECT, headers=headers, pieces=[b" " * 65536] * 10).status == 413
    for length in ("-1", "1e3", "99999999999999999999", "²", ""):
        assert browser.ask("POST", CORRECT, headers=headers | {"content-length": length}, pieces=[b"{}"]).status == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff", b'"x"', b"[" * 100_000, b"{}", b'{"version": true, "changes": []}', b'{"version": -1}',
     b'{"version": 0}', b'{"version": 0, "changes": {}}', b'{"version": 1e9, "changes": [1]}',
     b'{"version": 0, "changes": [{"field": "requests.received.total", "action": "value", "value": NaN}]}',
     b'{"version": 0, "changes": [' + b",".join([b"{}"] * 501) + b"]}"],
)  # fmt: skip
def test_what_is_no_change_is_told(browser: Browser, kept: Store, body: bytes) -> None:
    answer = browser.post(CORRECT, body=body)
    assert answer.status == 422
    assert answer.json["error"]
    assert list(kept.corrections()) == []


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/static/review.css", "/static/none", "/?token=x", CORRECT])
def test_every_answer_carries_the_headers_that_keep_it_in(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cache-control"]


def test_refusals_carry_them_too(browser: Browser) -> None:
    for answer in (browser.get("/", host="evil.example"), browser.post(CORRECT, CHANGE, origin="null")):
        assert answer.status == 403
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


class Strict(HTMLParser):
    """Finds what a page would run by itself, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.faults += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        if (
            tag == "script"
            and not (given.get("src") or "").startswith("/static/")
            and given.get("type") != "application/json"
        ):
            self.faults.append("script without our src")
        if tag in ("style", "iframe", "object", "embed", "base"):
            self.faults.append(tag)
        for name in ("src", "href", "action"):
            if (given.get(name) or "/").partition("?")[0][:1] not in "/?#" or (given.get(name) or "").startswith("//"):
                self.faults.append(f"{tag} {name}={given[name]}")


def test_what_a_report_says_is_text_and_nothing_else(tmp_path: Path) -> None:
    record = copy.deepcopy(MISREAD)
    record |= {"title": HOSTILE, "agency": HOSTILE}
    record["source"]["path"] = f"/x/{HOSTILE}.pdf"
    record["fields"][TOTAL]["raw"] = HOSTILE
    record["problems"].append({"stage": "x", "code": "x", "message": HOSTILE, "location": None})
    with open_store(url_of(tmp_path)) as store:
        store.save(record)
        browser = Browser(make_app(store, Still(), door(who=clean_name(HOSTILE))))  # type: ignore[arg-type]
        browser.enter(door())
        for language in ("en", "zh"):
            browser.cookies["language"] = language
            for path in ("/", "/overview", f"/document/{ID}"):
                asked = f"{path}?q={HOSTILE}&agency={HOSTILE}&form={HOSTILE}&cause={HOSTILE}"
                answer = browser.get(asked)
                assert answer.status == 200
                assert browser.get(path).status == 200
                assert "49" not in answer.text or "{{ 7*7 }}" in answer.text
                strict = Strict()
                strict.feed(answer.text)
                assert strict.faults == []
                assert "<script>alert" not in answer.text
                assert "<img src=x" not in answer.text
        told = browser.get(f"/api/document/{ID}")
        assert told.json["record"]["title"] == HOSTILE
        assert told.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/..\\app.py",
     "/static/%2fetc%2fpasswd", "/static/", "/document/..%2f..%2fetc%2fpasswd", "/document/%2e%2e",
     "/document/path:a.pdf", f"/document/{ID.upper()}", f"/document/{ID}%00", f"/document/{ID}%0a",
     f"/document/{'b' * 64}", f"/api/document/{'b' * 64}", "/document//etc/passwd",
     f"/document/{ID}/page/x.png", f"/document/{ID}/page/-1.png", f"/document/{ID}/page/1.5.png",
     f"/document/{ID}/page/1.png/..%2f2.png", f"/api/document/{ID}'%20OR%201=1", "/document/a.pdf"],
)  # fmt: skip
def test_no_path_from_outside_reaches_the_disk(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 404


def test_a_page_is_asked_for_by_the_path_that_the_store_knows(browser: Browser) -> None:
    still: Any = browser.app._app.routes[0].endpoint.__self__._pictures
    widths = {"": 1200, "?width=1001": 1100, "?width=1": 200, "?width=99999": 2400, "?width=9999999": 2400,
              "?width=-5": 2400, "?width=/etc/passwd": 2400, "?width=²": 2400}  # fmt: skip
    for asked, width in widths.items():
        still.asked.clear()
        assert browser.get(f"/document/{ID}/page/3.png{asked}").status == 200
        assert still.asked == [("a.pdf", ID, 3, width)]


# --- where other machines reach it ---


def login(browser: Browser, password: str, name: str = "李四", **headers: str | None) -> Answer:
    from urllib.parse import urlencode

    body = urlencode({"name": name, "password": password}).encode()
    return browser.post("/login", body=body, content_type="application/x-www-form-urlencoded", **headers)


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def outside(kept: Store, clock: list[float]) -> Browser:
    app: Any = make_app(kept, Still(), door())  # type: ignore[arg-type]
    guarded = Guard(app._app, door(host="0.0.0.0", password="right horse"), clock=lambda: clock[0])
    return Browser(guarded, host="192.168.0.7:8765", client="192.168.0.9")


def test_without_a_password_nobody_else_is_served(kept: Store) -> None:
    for host in ("0.0.0.0", "192.168.0.7", "::", "example.org"):
        for password in (None, "", "short"):
            with pytest.raises(UsageError, match="set a password of at least 10"):
                serve(kept, who="x", host=host, password=password)


def test_a_password_and_a_name_let_in(outside: Browser, kept: Store) -> None:
    for path in ("/", f"/?token={TOKEN}", f"/document/{ID}"):
        answer = outside.get(path)
        assert (answer.status, answer.headers.get("location")) == (303, "/login")
    assert outside.get(f"/api/document/{ID}").status == 401
    assert "type=password" in outside.get("/login").text
    assert login(outside, "right horse").status == 200
    outside.learn_csrf()
    assert outside.post(CORRECT, CHANGE).status == 200
    assert next(kept.corrections()).who == "李四"


def test_wrong_passwords_are_counted_by_address(outside: Browser, clock: list[float]) -> None:
    for _ in range(5):
        assert login(outside, "wrong horse").status == 403
    refused = login(outside, "right horse")
    assert (refused.status, refused.headers["retry-after"]) == (429, "60")
    assert "set-cookie" not in refused.headers
    assert login(Browser(outside.app, host=outside.host, client="192.168.0.10"), "right horse").status == 200
    clock[0] += 61
    assert login(outside, "right horse").status == 200


def test_guessing_from_many_addresses_is_slowed_for_all(outside: Browser, clock: list[float]) -> None:
    for number in range(50):
        assert login(Browser(outside.app, host=outside.host, client=f"10.0.0.{number}"), "guess").status == 403
    fresh = Browser(outside.app, host=outside.host, client="10.0.1.1")
    assert login(fresh, "right horse").status == 429
    clock[0] += 61
    assert login(fresh, "right horse").status == 200


@pytest.mark.parametrize("password", ["", " ", "Right horse", "right horse" * 1000, "\udcff", "right"])
def test_other_passwords_let_nobody_in(outside: Browser, password: str) -> None:
    answer = login(outside, password.encode("utf-8", "replace").decode())
    assert answer.status == 403
    assert "set-cookie" not in answer.headers


def test_logging_in_from_another_page_or_without_a_name_is_refused(outside: Browser) -> None:
    assert login(outside, "right horse", origin="http://evil.example").status == 403
    assert login(outside, "right horse", name=" \x00").status == 422


def test_a_name_may_be_added_for_a_proxy_and_no_other(outside: Browser) -> None:
    assert outside.get("/login", host="evil.example:8765").status == 403
    app: Any = outside.app._app
    guarded = Guard(app, door(host="0.0.0.0", password="right horse", names=frozenset({"review.example"})))
    proxied = Browser(guarded, host="review.example")
    assert proxied.get("/login").status == 200
    assert login(proxied, "right horse", origin="https://review.example").status == 200
    assert proxied.get("/", host="other.review.example").status == 403


def test_names_that_corrections_carry_are_one_short_line() -> None:
    assert clean_name(" 王\n\t五\x00\u202e ") == "王 五"
    assert len(clean_name("x" * 500)) == 60


# --- documents are strangers' ---


@pytest.fixture(scope="module")
def pictures() -> Iterator[Pictures]:
    with Pictures() as made:
        yield made


def written_pdf(path: Path, pages: int = 1) -> str:
    canvas = Canvas(str(path), pagesize=(300, 400))
    for number in range(pages):
        canvas.drawString(50, 200, f"page {number + 1}")
        canvas.showPage()
    canvas.save()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def test_a_page_is_drawn_as_wide_as_asked_for(pictures: Pictures, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    sha256 = written_pdf(file, 2)
    assert size_of(pictures.page(str(file), sha256, 2, 600)) == (600, 800)
    with pytest.raises(NianbaoError, match="has 2 pages, no page 3"):
        pictures.page(str(file), sha256, 3, 600)


def test_a_photograph_is_drawn_upright_as_it_was_read(pictures: Pictures, tmp_path: Path) -> None:
    from PIL import Image

    file = tmp_path / "photo.jpg"
    turned = Image.Exif()
    turned[0x0112] = 6  # taken with the camera on its side
    Image.new("RGB", (400, 200), "white").save(file, exif=turned)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert size_of(pictures.page(str(file), sha256, 1, 300)) == (300, 600)
    for page in (0, 2):
        with pytest.raises(NianbaoError, match=f"no page {page}"):
            pictures.page(str(file), sha256, page, 300)


def test_a_document_that_changed_or_is_gone_is_not_shown(pictures: Pictures, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    sha256 = written_pdf(file)
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(UnreadableInput, match="other bytes"):
        pictures.page(str(file), sha256, 1, 600)
    assert pictures.view(str(file), sha256)["kind"] == "missing"
    file.unlink()
    view = pictures.view(str(file), sha256)
    assert (view["kind"], str(file) in view["message"]) == ("missing", True)
    secret = pictures.view("/etc/hostname", sha256)
    assert set(secret) == {"kind", "message"}


def test_documents_in_archives_are_shown(pictures: Pictures, tmp_path: Path) -> None:
    plain = tmp_path / "a.pdf"
    sha256 = written_pdf(plain)
    inner, outer = tmp_path / "inner.zip", tmp_path / "outer.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(plain, "年报/a.pdf")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "x/inner.zip")
        archive.writestr("x/other.txt", "x")
    plain.unlink()
    inner.unlink()
    path = f"{outer}!/x/inner.zip!/年报/a.pdf"
    assert size_of(pictures.page(path, sha256, 1, 300)) == (300, 400)
    with pytest.raises(UnreadableInput, match="other bytes"):
        pictures.page(f"{outer}!/x/other.txt", "c" * 64, 1, 300)
    with pytest.raises(UnreadableInput, match="There is no"):
        pictures.page(f"{outer}!/x/none.pdf", "d" * 64, 1, 300)


def test_a_hostile_document_costs_its_own_picture_alone() -> None:
    with Pictures(seconds=0.7, draw=draw) as made:
        for path, said in [
            ("hang", "longer than 0.7 s"),
            ("die", "died"),
            ("eat", "memory"),
            ("fail", "RecursionError"),
        ]:
            with pytest.raises(UnreadableInput, match=said):
                made.page(path, "a" * 64, 1, 300)
            assert made.page("good", path, 1, 300) == b"good 1"


def test_pictures_are_kept_and_the_oldest_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.review.pictures._KEPT_BYTES", 20)
    with Pictures(draw=draw) as made:
        for page in (1, 2, 3, 4):
            made.page("good", "a" * 64, page, 300)
        assert [page for _, page, _ in made._drawn] == [2, 3, 4]
        made._draw = lambda *_: b"never"
        assert made.page("good", "a" * 64, 4, 300) == b"good 4"


# --- on a port ---


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The printed address of a real server."""
    url = url_of(tmp_path_factory.mktemp("served"))
    with open_store(url) as store:
        store.save(MISREAD)
    code = "from pipeline.commands import main; main()"
    command = [sys.executable, "-c", code, "review", "--store", url, "--port", "0", "--no-browser", "--name", "王"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        try:
            yield line.split()[-1]
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(20) == 0


def raw(address: str, path: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
    """A request as it is written, past what clients tidy up."""
    place = address.split("/")[2]
    connection = http.client.HTTPConnection(place, timeout=10)
    connection.putrequest(method, path, skip_host="host" in headers)
    for name, said in headers.items():
        connection.putheader(name, said)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), {name.lower(): said for name, said in answer.getheaders()}
    connection.close()
    return found


def test_the_command_serves_its_printed_address_on_this_machine_alone(running: str) -> None:
    assert running.startswith("http://127.0.0.1:")
    status, text, headers = raw(running, "/" + running.split("/")[3])
    assert status == 200
    assert "server" not in headers
    cookie = headers["set-cookie"].split(";")[0]
    status, text, _ = raw(running, "/", cookie=cookie)
    assert (status, "云岭市" in text) == (200, True)
    assert raw(running, "/")[0] == 401
    assert raw(running, "/", cookie=cookie, host="evil.example")[0] == 403
    for path in ("/static/../app.py", "/static/%2e%2e%2fapp.py", "/../../etc/passwd", "//etc/passwd"):
        assert raw(running, path, cookie=cookie)[0] == 404
    assert raw(running, CORRECT, "POST", cookie=cookie)[0] == 403
    assert raw(running, "/", "BREW", cookie=cookie)[0] == 405


def test_the_port_that_is_taken_is_told(running: str, kept: Store) -> None:
    port = int(running.split(":")[2].split("/")[0])
    with pytest.raises(UsageError, match=rf"127\.0\.0\.1:{port}: .*--port"):
        serve(kept, who="x", port=port)
    with pytest.raises(UsageError, match=r"cannot be served at 192\.0\.2\.1"):
        serve(kept, who="x", host="192.0.2.1", port=0, password="long enough for it")


def test_a_browser_is_opened_by_a_file_that_only_this_user_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other users of the machine see command lines, and the token would stand in the browser's."""
    import webbrowser

    from pipeline.commands import review

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setenv("DISPLAY", ":0")
    review._open(door().address)
    (address,) = opened
    assert TOKEN not in address
    file = Path(address.removeprefix("file://"))
    assert f"url=http://{HOST}/?token={TOKEN}" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    file.unlink()
