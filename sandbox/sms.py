"""The gate a program sends text messages through: ``POST /sms/send {to, text}`` with ``X-Sms-Key``."""

import hmac
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from sandbox.clock import china_text
from sandbox.faults import played

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: "World") -> Blueprint:
    """The gate."""
    blp = Blueprint("sms", __name__)

    @blp.post("/sms/send")
    @played("sms.send", world)
    def send() -> Any:
        given = request.headers.get("X-Sms-Key", "")
        if not hmac.compare_digest(given.encode(), world.settings.sms_key.encode()):
            return _refuse(401, "KEY_ERROR", "X-Sms-Key is wrong")
        raw = request.get_json(force=True, silent=True)
        if not isinstance(raw, dict):
            return _refuse(400, "PARAM_ERROR", "the body must be a JSON object")
        try:
            with world.lock:
                message = world.phones.send(raw.get("to"), raw.get("text"), china_text(world.clock.now()))
        except ValueError as wrong:
            return _refuse(400, "PARAM_ERROR", str(wrong))
        return jsonify(id=message.message_id, accepted=True)

    return blp


def _refuse(status: int, code: str, message: str) -> Response:
    response = jsonify(code=code, message=message)
    response.status_code = status
    return response
