"""The two cookies: the session's, and the one that binds a sign-in under way to its browser."""

from flask import Response, request

from portal.auth.rules import RESIDENT_TERM, SIGN_IN_TERM


def _name(bare: str, https: bool) -> str:
    """``__Host-`` makes browsers insist on https, on this host alone and on the root path."""
    return f"__Host-{bare}" if https else bare


def session_token(*, https: bool) -> str | None:
    """The token this browser sent, if it can be one."""
    token = request.cookies.get(_name("s", https), "")
    return token if 20 <= len(token) <= 100 else None


def set_session(response: Response, token: str, *, https: bool) -> None:
    """Give the browser its session. Lax, not Strict: it must survive the way back from WeChat and a scanned label."""
    _set(response, _name("s", https), token, https, max_age=int(RESIDENT_TERM.total_seconds()))


def drop_session(response: Response, *, https: bool) -> None:
    """Take the session from the browser."""
    _set(response, _name("s", https), "", https, max_age=0)


def sign_in_cookie(*, https: bool) -> str | None:
    """The cookie of a sign-in under way."""
    value = request.cookies.get(_name("b", https), "")
    return value if 16 <= len(value) <= 64 else None


def set_sign_in(response: Response, value: str, *, https: bool) -> None:
    """Bind sign-ins to this browser; one cookie serves several tabs."""
    _set(response, _name("b", https), value, https, max_age=int(SIGN_IN_TERM.total_seconds()))


def _set(response: Response, name: str, value: str, https: bool, *, max_age: int) -> None:
    response.set_cookie(name, value, max_age=max_age, path="/", secure=https, httponly=True, samesite="Lax")
