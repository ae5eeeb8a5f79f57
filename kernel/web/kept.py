"""Pages that are the same for everybody: rendered once, kept as ready-made bytes, answered before the application.

Two things are remembered, each process for itself, and neither holds anything personal:

* a *page*, under a key that names all its text depends on (city, version, second …), in the three packings;
* an *answer*: that page with the headers the application gave it, under the address it was asked at. ``KeptAnswers``,
  in front of the application, sends it again without waking Flask: no route, no session, no database. After a push
  thousands open the same page, and each costs less than the smallest Flask view.

An answer is remembered for as long as its page cannot change: until the second ends, or for good where the address
itself names the version. Only views that are ``open_to_all`` get that far: a guard in front of a view must run.
"""

import functools
import gzip
import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import brotli
from flask import Flask, Response, current_app, request
from werkzeug.http import parse_cookie, parse_etags, quote_etag, remove_entity_headers

from kernel import clock
from kernel.database import current_city
from kernel.web.assets import SIZE_COOKIE, TYPE_SIZES, YEAR_S, AssetBuild, size_in, type_size
from kernel.web.guards import open_to_all
from kernel.web.packing import coding_of

_EXTENSION = "gongjian_kept_pages"
_MARK = "gongjian.kept"

Address = tuple[str, str, str, str, str]
"""Host, path, query, packing, type size: all that an answer for everybody may depend on."""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """One rendering in the three forms a client may ask for. ``tag``: hash of the plain bytes."""

    raw: bytes
    br: bytes
    gz: bytes
    tag: str
    mimetype: str

    @classmethod
    def of(cls, text: str, mimetype: str = "text/html") -> "KeptPage":
        """Packs ``text`` at full strength: it is done once and read many times."""
        raw = text.encode()
        br, gz = brotli.compress(raw, quality=9), gzip.compress(raw, 9, mtime=0)
        return cls(raw, br, gz, hashlib.sha256(raw).hexdigest()[:20], mimetype)


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a view says of its answer: body, ETag, and the last second (of 1970) it may be sent again unasked."""

    body: bytes
    tag: str
    until: float


@dataclass(frozen=True, slots=True)
class _Answer:
    """A finished answer: what follows 200, and what follows 304."""

    mark: _Mark
    headers: list[tuple[str, str]]
    unchanged: list[tuple[str, str]]


class KeptPages:
    """The last ``most`` renderings of this process, oldest unused first out, and the answers made of them.

    ``a_second``: whether pages that may change are kept until the second ends (tests look again at once).
    """

    def __init__(self, most: int = 256, *, a_second: bool = True) -> None:
        self._most = most
        self.a_second = a_second
        self._kept: OrderedDict[str, KeptPage] = OrderedDict()
        self._turns: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._answers: dict[Address, _Answer] = {}
        self._making: set[Address] = set()

    def get(self, key: str, render: Callable[[], KeptPage]) -> KeptPage:
        """The rendering kept under ``key``, or a new one. One thread renders it while the others wait: when a second
        is over, all who read a page kept for a second come at once.
        """
        page = self._held(key)
        if page is not None:
            return page
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            page = self._held(key)
            if page is not None:
                return page
            try:
                page = render()
                with self._lock:
                    self._kept[key] = page
                    while len(self._kept) > self._most:
                        self._kept.popitem(last=False)
                return page
            finally:
                with self._lock:
                    self._turns.pop(key, None)

    def _held(self, key: str) -> KeptPage | None:
        with self._lock:
            page = self._kept.get(key)
            if page is not None:
                self._kept.move_to_end(key)
            return page

    def answer(self, address: Address) -> _Answer | None:
        """The answer remembered for an address, while it may still be sent; with None the caller makes a new one and
        calls ``made``. While he does, the others are sent the last second's: nobody waits for a page to be drawn.
        """
        found = self._answers.get(address)
        if found is None:
            return None
        second = _second()
        if found.mark.until >= second:
            return found
        with self._lock:
            if address in self._making and found.mark.until >= second - 1:
                return found
            self._making.add(address)
        return None

    def made(self, address: Address) -> None:
        """A new answer was made, or could not be."""
        self._making.discard(address)

    def remember(self, address: Address, answer: _Answer) -> None:
        """Send ``answer`` from now on. When there are too many, all are forgotten: the next visitor asks Flask."""
        if len(self._answers) >= 2 * self._most:
            self._answers.clear()
        self._answers[address] = answer


class KeptAnswers:
    """Answers what is remembered, and asks ``app`` for the rest (WSGI)."""

    def __init__(self, app: WSGIApplication, flask: Flask) -> None:
        self._app, self._flask = app, flask

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """GET and HEAD only; with If-Match or Range, which no page of ours needs, Flask is asked."""
        address = None
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and not ("HTTP_IF_MATCH" in environ or "HTTP_RANGE" in environ):
            address = _address(environ)
        if address is None:
            return self._app(environ, start_response)
        pages: KeptPages = self._flask.extensions[_EXTENSION]
        answer = pages.answer(address)
        if answer is not None:
            return _send(answer, environ, start_response)
        try:
            return self._make(pages, address, environ, start_response)
        finally:
            pages.made(address)

    def _make(
        self, pages: KeptPages, address: Address, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        given: list[list[tuple[str, str]]] = []

        def start(status: str, headers: list[tuple[str, str]], *fault: Any) -> Any:
            if _MARK not in environ or not status.startswith("200"):
                return start_response(status, headers, *fault)
            given.append(headers)
            return None

        body = self._app(environ, start)
        if not given:
            return body
        body.close()  # type: ignore[attr-defined]
        answer = _finished(environ[_MARK], given[0])
        if answer.mark.until > 0 and not _of_one_caller(answer):
            pages.remember(address, answer)
        return _send(answer, environ, start_response)


def _send(answer: _Answer, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None and parse_etags(known).contains_weak(answer.mark.tag):
        start_response("304 NOT MODIFIED", list(answer.unchanged))
        return []
    start_response("200 OK", list(answer.headers))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.mark.body]


def _finished(mark: _Mark, headers: list[tuple[str, str]]) -> _Answer:
    unchanged = list(headers)
    remove_entity_headers(unchanged)
    return _Answer(mark, headers, unchanged)


def _of_one_caller(answer: _Answer) -> bool:
    """Whether a header speaks to the one who asked first: such an answer is not for the next."""
    return any(name.lower().startswith(("set-cookie", "x-ratelimit", "retry-after")) for name, _ in answer.headers)


def _address(environ: WSGIEnvironment) -> Address | None:
    """What this request asks for, or None when its cookie is so odd that Flask had better read it."""
    cookie, size = environ.get("HTTP_COOKIE", ""), TYPE_SIZES[0]
    if SIZE_COOKIE in cookie:  # and not "type=": who reads cookies lets blanks stand before the sign
        if not cookie.isascii():
            return None
        size = size_in(parse_cookie(cookie))
    coding = coding_of(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""), coding, size


def _second() -> int:
    return int(clock.now().timestamp())


def install(app: Flask) -> None:
    """Remember pages and answers of this application; call it after all other middleware."""
    app.extensions[_EXTENSION] = KeptPages()
    app.wsgi_app = KeptAnswers(app.wsgi_app, app)  # type: ignore[method-assign]


def versioned_bytes(
    key: str, render: Callable[[], str], *, mimetype: str = "text/html", immutable: bool = False
) -> Response:
    """An answer that is rendered once per ``key`` and kept as plain, brotli and gzip bytes with an ETag.

    ``key`` names everything the text depends on (city, questionnaire version, mode …) and nothing personal may be in
    the text. The visitor's type size and the static build are added to the key here. ``immutable`` (never a page,
    since pages name the static build): the address itself names the version, so a browser may keep it a year.
    Otherwise it asks each time and gets a 304, and this process answers it unasked until the second ends.
    """
    pages: KeptPages = current_app.extensions[_EXTENSION]
    until = math.inf if immutable else _second() if pages.a_second else 0
    page = pages.get(_whole(key, mimetype == "text/html"), lambda: KeptPage.of(render(), mimetype))
    return _answer_with(page, until=until)


def kept_a_second(*arguments: str) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Decorate a view that is the same for everybody and may change at any time: it runs once a second and process,
    however many ask. ``arguments`` are the names of the query it reads; the view answers 200 or raises.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @functools.wraps(view)
        def kept(*args: Any, **values: Any) -> Response:
            def render() -> KeptPage:
                answer = current_app.make_response(view(*args, **values))
                if answer.status_code != 200:
                    raise RuntimeError(f"{request.endpoint} answered {answer.status_code}: only whole pages are kept")
                return KeptPage.of(answer.get_data(as_text=True), answer.mimetype or "text/html")

            pages: KeptPages = current_app.extensions[_EXTENSION]
            second = _second()
            if not pages.a_second:
                return _answer_with(render(), until=0)
            asked = (request.args.get(name, "") for name in arguments)
            key = "\0".join((current_city(), request.path, *asked, str(second)))
            return _answer_with(pages.get(_whole(key, sized=True), render), until=second)

        return kept

    return decorate


def _whole(key: str, sized: bool) -> str:
    held: AssetBuild = current_app.extensions["gongjian_assets"]
    return f"{key}\0{type_size() if sized else ''}\0{held.build_hash}"


def _answer_with(page: KeptPage, *, until: float) -> Response:
    coding = coding_of(request.headers.get("Accept-Encoding", ""))
    body = {"br": page.br, "gzip": page.gz}.get(coding, page.raw)
    answer = Response(body, mimetype=page.mimetype)
    if coding:
        answer.headers["Content-Encoding"] = coding
    answer.vary.add("Accept-Encoding")
    if page.mimetype == "text/html":
        answer.vary.add("Cookie")
    answer.headers["Cache-Control"] = (
        f"public, max-age={YEAR_S}, immutable" if until == math.inf else "private, no-cache"
    )
    tag = f"{page.tag}-{coding or 'raw'}"
    answer.headers["ETag"] = quote_etag(tag)
    guard = getattr(current_app.blueprints.get(request.blueprint or ""), "guard", None)
    request.environ[_MARK] = _Mark(body, tag, until if guard is open_to_all else 0)
    return answer
