"""Answers made for one request, packed on their way out. (Static files and kept pages are packed beforehand.)"""

import functools
import gzip

import brotli
from flask import Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

SMALLEST_DYNAMIC_BYTES = 1024
DYNAMIC_TYPES = {"text/html", "application/json", "application/problem+json", "image/svg+xml", "text/csv", "text/plain"}


@functools.lru_cache(maxsize=256)
def coding_of(accepted: str) -> str:
    """The packing to send to whoever says ``Accept-Encoding: <accepted>``: br, gzip, or "" for none."""
    qualities = parse_accept_header(accepted, Accept)
    return "br" if qualities["br"] else "gzip" if qualities["gzip"] else ""


def pack(answer: Response) -> Response:
    """Compresses a dynamic text answer of 1 kB or more (an ``after_request``).

    BREACH needs three things in one body: a secret worth guessing, text the attacker chose, and many tries carrying
    the victim's cookie. Our pages hold no CSRF token (JSON-only writes, Origin check) and no session id; the cookie
    is SameSite=Lax, so another site's images and scripts fetch without it. A page that would all the same rather not
    says ``Cache-Control: no-transform``.
    """
    headers = answer.headers
    if (
        answer.direct_passthrough
        or answer.status_code < 200
        or answer.status_code in (204, 206, 304)
        or headers.get("Content-Type", "").partition(";")[0] not in DYNAMIC_TYPES
        or headers.get("Content-Encoding")
        or "no-transform" in headers.get("Cache-Control", "")
        or answer.is_streamed
    ):
        return answer
    if headers.get("Vary"):
        answer.vary.add("Accept-Encoding")
    else:
        headers.set("Vary", "Accept-Encoding")
    data = answer.get_data()
    coding = coding_of(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
    if not coding or len(data) < SMALLEST_DYNAMIC_BYTES:
        return answer
    # quality 4: 18 kB of HTML take about half a millisecond; higher ones cost more than the wire saves
    packed = brotli.compress(data, quality=4) if coding == "br" else gzip.compress(data, 5, mtime=0)
    answer.set_data(packed)
    headers["Content-Encoding"] = coding
    etag, weak = answer.get_etag()
    if etag:
        answer.set_etag(f"{etag}-{coding}", bool(weak))
    return answer
