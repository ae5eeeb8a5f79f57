"""What every control call shares: who may call, how a body is read, how a refusal looks."""

import ipaddress
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.ledger import Refusal


class NoSuch(LookupError):
    """What was named is not here."""


def asked() -> dict[str, Any]:
    """The request's JSON object; an empty body is an empty object. Raises ValueError for anything else."""
    raw = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(raw, dict):
        raise ValueError("the body must be a JSON object")
    return raw


def error(status: int, text: str) -> Response:
    """A refusal in one sentence."""
    response = jsonify(error=text)
    response.status_code = status
    return response


def guarded(name: str) -> Blueprint:
    """A blueprint under ``/_sandbox`` that answers to this machine only, and takes writes only as JSON.

    A page on the internet must not steer the sandbox of whoever looks at it.
    """
    blp = Blueprint(name, __name__, url_prefix="/_sandbox")

    @blp.before_request
    def from_here_only() -> Any:
        try:
            here = ipaddress.ip_address(request.remote_addr or "127.0.0.1").is_loopback
        except ValueError:
            here = False
        if not here:
            return error(403, "the control API answers to this machine only")
        if request.method == "POST" and request.mimetype != "application/json":
            return error(415, "send Content-Type: application/json")
        return None

    @blp.errorhandler(ValueError)
    @blp.errorhandler(TypeError)
    def wrong(trouble: Exception) -> Response:
        return error(400, str(trouble))

    @blp.errorhandler(NoSuch)
    def missing(trouble: NoSuch) -> Response:
        return error(404, str(trouble))

    @blp.errorhandler(Refusal)
    def refused(trouble: Refusal) -> Response:
        return error(409, f"{trouble.code}: {trouble.message}")

    return blp
