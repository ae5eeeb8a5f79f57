"""One table from what went wrong to what the caller is told: RFC 9457 problems for programs, kind pages for people."""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, jsonify, redirect, render_template, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from kernel import database, errors

log = logging.getLogger(__name__)

STATUS: dict[type[errors.DomainError], int] = {
    errors.Invalid: 422,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PreconditionNeeded: 428,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}

PLAIN_WORDS: dict[int, tuple[str, str]] = {
    400: ("bad-request", "发来的内容看不懂。请返回上一页重试。"),
    404: ("no-such-page", "没有这个页面。请重新扫门口的二维码。"),
    405: ("method-not-allowed", "这个地址不能这样使用。"),
    406: ("not-acceptable", "没有您要的格式。"),
    408: ("too-slow", "网络太慢，没有收完。请重试。"),
    411: ("length-required", "发来的内容没有说明长度。"),
    413: ("too-large", "内容太大。照片请少选几张，或重新拍一张。"),
    414: ("address-too-long", "网址太长。请重新扫门口的二维码。"),
    415: ("wrong-media-type", "只接受 JSON 格式。"),
    422: ("invalid", "有几处需要改一下，请看标出的地方。"),
    429: ("too-often", "操作太频繁，请稍等一会儿再试。"),
}

TITLES: dict[int, str] = {
    401: "请先登录",
    403: "您没有这个权限",
    404: "没有找到",
    409: "已经有了",
    410: "已经结束",
    422: "有几处要改",
    429: "请稍等",
    500: "系统出错了",
    503: "暂时办不了",
}


def status_of(error: errors.DomainError) -> int:
    """The HTTP status of a refusal: its own class's, or its nearest parent's."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def wants_json() -> bool:
    """Whether the caller is a program: anything under /api, or a request that asks for JSON first."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and "text/html" not in request.headers.get("Accept", "")


def install(app: Flask) -> None:
    """Register the table with the application."""
    app.register_error_handler(errors.DomainError, _domain)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _unexpected)


def _domain(error: errors.DomainError) -> AnyResponse:
    # A refusal said in several places is one object, and Python adds to its traceback each time it is raised: it would
    # hold, for ever, every frame it ever left, with the answers and names in them.
    error.__traceback__ = error.__context__ = error.__cause__ = None
    status = status_of(error)
    if status == 401 and not wants_json() and request.method == "GET":
        here = request.full_path.rstrip("?")
        return redirect(f"/signin?next={quote(here, safe='/')}")
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, errors.TooMany) else {}
    return _answer(status, error.code, error.detail, error.fields, headers)


def _http(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    code, detail = PLAIN_WORDS.get(error.code, (HTTPStatus(error.code).name.lower().replace("_", "-"), ""))
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return _answer(error.code, code, detail or "请求没有成功。请返回上一页重试。", _fields(error), headers)


def _fields(error: HTTPException) -> dict[str, list[str]]:
    """marshmallow's messages (by place: json, query …) as one flat map from dotted name to texts."""
    data: dict[str, Any] = getattr(error, "data", None) or {}
    flat: dict[str, list[str]] = {}

    def walk(prefix: str, node: Any) -> None:
        if isinstance(node, dict):
            for name, below in node.items():
                walk(f"{prefix}.{name}" if prefix else str(name), below)
        else:
            flat[prefix or "_schema"] = [str(text) for text in (node if isinstance(node, list) else [node])]

    for messages in data.get("messages", {}).values():
        walk("", messages)
    return flat


def _database(error: DBAPIError) -> AnyResponse:
    refusal = database.unavailable(error)
    if refusal is None:
        return _unexpected(error)
    log.error("database unavailable", extra={"error": type(error.orig).__name__})
    return _domain(refusal)


def _unexpected(error: Exception) -> AnyResponse:
    log.error("unexpected error", extra={"error": type(error).__name__, "path": request.path}, exc_info=error)
    return _answer(500, "unexpected", "系统出错了，没有改动任何内容。请稍后再试；若一直这样，请告诉社区。", {}, {})


def _answer(status: int, code: str, detail: str, fields: dict[str, list[str]], headers: dict[str, str]) -> AnyResponse:
    title = TITLES.get(status, "没有成功")
    response: Response
    if wants_json():
        body: dict[str, Any] = {
            "type": f"urn:gongjian:problem:{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": detail,
        }
        if fields:
            body["fields"] = fields
        response = jsonify(body)
        response.mimetype = "application/problem+json"
    else:
        response = Response(render_template("problem.html", status=status, code=code, title=title, detail=detail))
    response.status_code = status
    response.headers.update(headers)
    response.headers["Cache-Control"] = "no-store"
    return response
