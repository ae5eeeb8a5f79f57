"""What is checked and read on every request: the city, the sender of a write, the idempotency key, the headers."""

import contextvars
import hashlib
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, make_response, render_template, request
from flask.sessions import SessionInterface
from werkzeug.routing import IntegerConverter, Map

from kernel import clock, database
from kernel.errors import Invalid, NotAllowed, NotFound, PreconditionNeeded
from kernel.idempotency import Key
from kernel.web.blueprints import UNSAFE
from kernel.web.guards import Guard, identity

BODY_BYTES = 1 << 20
UPLOAD_BYTES = 10 << 20
REQUESTED_BY = "gongjian"

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


MOST_NUMBER = (1 << 31) - 1


class _Number(IntegerConverter):
    """A whole number in an address that every database can hold: a larger one names nothing, and so is no page."""

    def __init__(self, routes: Map, *args: Any, **options: Any) -> None:
        super().__init__(routes, *args, **{"max": MOST_NUMBER, **options})


class _NoFlaskSession(SessionInterface):
    """Sessions are rows (``portal.auth``): Flask's own signed cookie is neither read nor written at each request."""

    def open_session(self, app: Flask, request: Request) -> None:
        """None of its own."""


def install(app: Flask, *, https: bool) -> None:
    """Register the per-request steps with the application."""
    app.session_interface = _NoFlaskSession()
    app.url_map.converters["int"] = _Number
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    app.before_request(_check_address)
    app.before_request(_choose_city)
    app.before_request(_check_sender)
    app.teardown_request(_leave_city)

    added = [*SECURITY_HEADERS.items(), ("Cache-Control", "no-store")]
    if https:
        added.append(("Strict-Transport-Security", "max-age=31536000"))
    lowered = [(name.lower(), name, value) for name, value in added]

    @app.after_request
    def _headers(response: Response) -> Response:
        # Asked of a set: each `in response.headers` that finds nothing raises and catches an exception.
        there = {name.lower() for name, _ in response.headers}
        for low, name, value in lowered:
            if low not in there:
                response.headers.add(name, value)
        return response


def _check_address() -> None:
    """An address with a NUL names nothing: no text of PostgreSQL can hold one, or be compared with one. A host with
    letters no host has is empty here: nobody is to be led back to it (``portal.auth``).
    """
    if "\x00" in request.path or b"%00" in request.query_string or not request.host:
        raise NotFound("no-such-page", "没有这个页面。请重新扫门口的二维码。")


def _choose_city() -> None:
    g.city_token = database.enter_city(database.city_of_host(request.host))


def _leave_city(_error: BaseException | None) -> None:
    database.end_reading()
    token: contextvars.Token[str | None] | None = g.pop("city_token", None)
    if token is not None:
        database.leave_city(token)


def guard_of(blueprint: Any) -> Guard | None:
    """The guard a blueprint names, or None."""
    found: Guard | None = getattr(blueprint, "guard", None)
    return found


def _check_sender() -> None:
    """A write must come from our own pages: a header no form can send, and an Origin that is ours. The session cookie
    is SameSite=Lax besides. (PROMISES §4: JSON-only writes instead of tokens in forms.)
    """
    if request.method not in UNSAFE:
        return
    guard = guard_of(current_app.blueprints.get(request.blueprint or ""))
    if guard is not None and guard.own_check:
        return
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("cross-site", "这次提交不是从本系统的页面发出的。请回到页面重新操作。")
    if request.headers.get("X-Requested-By") != REQUESTED_BY:
        raise NotAllowed("not-requested-by-us", "请求缺少 X-Requested-By 标头。请从本系统的页面操作。")
    if request.mimetype == "multipart/form-data":
        request.max_content_length = UPLOAD_BYTES
    elif request.mimetype != "application/json" and request.content_length:
        raise Invalid("not-json", "只接受 JSON 格式的内容。")


def idempotency_key() -> Key:
    """The key of this request for the signed-in account. PreconditionNeeded without one, Invalid for a bad one."""
    token = request.headers.get("Idempotency-Key", "")
    if not token:
        raise PreconditionNeeded("idempotency-key-missing", "请求缺少 Idempotency-Key。请刷新页面后重试。")
    if not 8 <= len(token) <= 64 or not token.isascii() or not token.isprintable():
        raise Invalid("idempotency-key-malformed", "Idempotency-Key 应是 8 到 64 个字符。请刷新页面后重试。")
    fingerprint = hashlib.sha256()
    for part in (request.method.encode(), request.path.encode(), request.get_data()):
        fingerprint.update(part + b"\n")
    return Key(identity().actor, token, fingerprint.hexdigest())


def acting() -> dict[str, Any]:
    """Who of the staff acts, when and under which key, as a use case is told: person_id, actor, now, key."""
    who = identity()
    return {"person_id": who.person_id, "actor": who.actor, "now": clock.now(), "key": idempotency_key()}


def names_its_site(response: Response) -> Response:
    """Let where this page leads know the site, and no more of the address, that one comes from."""
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def page(template: str, /, status: int = 200, **context: Any) -> Response:
    """Render a template for a person; never stored by caches, since most pages are personal."""
    response = make_response(render_template(template, **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response
