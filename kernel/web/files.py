"""Files that an address answers with: what they are, what they are called, whether they open or are saved."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from flask import Response, json

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLAIN = re.compile(r"[\w .-]+", re.ASCII)


def shown(data: bytes, mimetype: str, name: str = "") -> Response:
    """A file that opens where it was asked for; ``name`` is what it is called when it is saved all the same."""
    return _file("inline", data, mimetype, name)


def saved(data: bytes | Iterable[bytes], mimetype: str, name: str) -> Response:
    """A file to keep, under ``name``."""
    return _file("attachment", data, mimetype, name)


def saved_json(document: object, name: str) -> Response:
    """A JSON document to keep, under ``name``."""
    return saved(json.dumps(document, separators=(",", ":")).encode(), "application/json", name)


def _file(how: str, data: bytes | Iterable[bytes], mimetype: str, name: str) -> Response:
    answer = Response(data, mimetype=mimetype)
    if _PLAIN.fullmatch(name):
        how += f'; filename="{name}"'
    elif name:  # RFC 6266: a name beyond ASCII, or with quotes in it, travels as UTF-8 in percent signs
        how += f"; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Content-Disposition"] = how
    return answer
