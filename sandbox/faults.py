"""What may go wrong on the way, on order: the next call of a name is answered badly.

``accept`` says whether the work was done before the answer went wrong. "Accepted, but the answer never came" is where
money bugs live, so it is the default wherever it makes sense.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Response, g, jsonify, make_response, request

HOLD_S = 15.0


@dataclass
class Fault:
    """One order: for the next ``times`` calls of ``on`` ("pay.jsapi", "pay.*", "*") do ``do``."""

    on: str
    do: str
    accept: bool
    times: int = 1
    seconds: float = HOLD_S
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 400

    def fits(self, call: str) -> bool:
        """Whether this order is about ``call``."""
        return self.on in ("*", call) or (self.on.endswith(".*") and call.startswith(self.on[:-1]))


# name: (accept by default, what happens)
WAYS: dict[str, tuple[bool, str]] = {
    "timeout": (True, "no answer for `seconds`, then the connection is cut"),
    "cut": (True, "the connection is cut at once, without an answer"),
    "half_body": (True, "the connection is cut in the middle of the answer's body"),
    "slow": (True, "the right answer after `seconds`"),
    "500": (True, "500 SYSTEM_ERROR (official account: errcode -1)"),
    "429": (False, "429 FREQUENCY_LIMITED (official account: errcode 45009)"),
    "unsigned": (True, "the right answer without its Wechatpay headers"),
    "bad_signature": (True, "the right answer, one byte changed after signing"),
    "stale_signature": (True, "the right answer, rightly signed ten minutes ago"),
    "unknown_serial": (True, "the right answer under a serial nobody knows"),
    "not_json": (True, "200 with an HTML page, as from a captive portal"),
    "wrong_hash": (True, "a bill's hash_value belongs to another file"),
    "answer": (False, "`status` and `answer` exactly as given"),
}


class Faults:
    """The orders waiting. ``stopping`` frees everybody who is being held."""

    def __init__(self) -> None:
        self.waiting: deque[Fault] = deque()
        self.stopping = threading.Event()

    def order(self, raw: dict[str, Any]) -> Fault:
        """Read an order from the control API and queue it; raises ValueError in one sentence."""
        do = str(raw.get("do", ""))
        if do not in WAYS:
            raise ValueError(f"do must be one of {', '.join(WAYS)}")
        on = raw.get("on")
        if not isinstance(on, str) or not on:
            raise ValueError("on names a call such as pay.jsapi, pay.* or *")
        fault = Fault(
            on=on,
            do=do,
            accept=bool(raw.get("accept", WAYS[do][0])),
            times=int(raw.get("times", 1)),
            seconds=float(raw.get("seconds", HOLD_S)),
            answer=dict(raw.get("answer") or {}),
            status=int(raw.get("status", 400)),
        )
        self.waiting.append(fault)
        return fault

    def take(self, call: str) -> Fault | None:
        """The order for this call, counted down."""
        fault = next((f for f in self.waiting if f.fits(call)), None)
        if fault is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
        return fault

    def reset(self) -> None:
        """Nothing goes wrong any more."""
        self.waiting.clear()


def played(call: str, world: Any) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Name a view for the fault orders and the journal, and let a waiting order spoil its answer."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def run(**arguments: Any) -> Response:
            g.call = call
            with world.lock:
                fault = world.faults.take(call)
            if fault is None:
                return make_response(view(**arguments))
            g.fault = fault.do + ("" if fault.accept else ", not accepted")
            answer = make_response(view(**arguments)) if fault.accept else _plain_refusal(call)
            return _spoil(answer, fault, call, world)

        return run

    return decorate


def _plain_refusal(call: str) -> Response:
    return _error(call, 500, "SYSTEM_ERROR", "系统错误", -1)


def _error(call: str, status: int, code: str, message: str, errcode: int) -> Response:
    if call.startswith("pay."):
        response = jsonify(code=code, message=message)
        response.status_code = status
        return response
    return jsonify(errcode=errcode, errmsg=message)


def _spoil(answer: Response, fault: Fault, call: str, world: Any) -> Response:
    if fault.do == "timeout":
        world.faults.stopping.wait(fault.seconds)
        return _cut()
    if fault.do == "cut":
        return _cut()
    if fault.do == "slow":
        world.faults.stopping.wait(fault.seconds)
        return answer
    if fault.do == "half_body":
        return _half(answer)
    if fault.do == "500":
        return _error(call, 500, "SYSTEM_ERROR", "系统异常，请稍后重试", -1)
    if fault.do == "429":
        return _error(call, 429, "FREQUENCY_LIMITED", "频率超限，请稍后重试", 45009)
    if fault.do == "answer":
        response = jsonify(fault.answer)
        response.status_code = fault.status
        return response
    if fault.do == "not_json":
        return Response("<!doctype html><title>认证</title>", 200, content_type="text/html; charset=utf-8")
    if fault.do == "wrong_hash":
        return _wrong_hash(answer, world)
    return _misuse_signature(answer, fault.do, world)


def _wrong_hash(answer: Response, world: Any) -> Response:
    told = answer.get_json(silent=True)
    if isinstance(told, dict) and "hash_value" in told:
        told["hash_value"] = "0123456789abcdef0123456789abcdef01234567"
        answer.set_data(json.dumps(told).encode())
        world.sign_again(answer)
    return answer


def _misuse_signature(answer: Response, do: str, world: Any) -> Response:
    if do == "unsigned":
        for name in [name for name, _ in answer.headers if name.startswith("Wechatpay-")]:
            del answer.headers[name]
    elif do == "bad_signature":
        answer.set_data(answer.get_data().rstrip() + b" ")
    elif do == "unknown_serial":
        answer.headers["Wechatpay-Serial"] = "PUB_KEY_ID_" + "9" * 34
    elif do == "stale_signature" and "Wechatpay-Serial" in answer.headers:
        world.sign_again(answer, late_s=600)
    return answer


def _socket() -> Any:
    return request.environ.get("werkzeug.socket") or request.environ.get("gunicorn.socket")


def _close() -> None:
    connection = _socket()
    if connection is not None:
        try:
            connection.shutdown(2)
        except OSError:
            # The other side was faster.
            g.fault = f"{g.get('fault', '')} (client gone)"


def _cut() -> Response:
    """Close the connection under the answer; without a real socket (a test client) a bare 502 stands for it."""
    if _socket() is None:
        return Response(b"", 502)
    _close()
    return Response(b"", 500)


def _half(answer: Response) -> Response:
    body = answer.get_data()
    connection = _socket()

    def halves() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        if connection is not None:
            connection.shutdown(2)

    headers = [(name, value) for name, value in answer.headers.items() if name != "Content-Length"]
    return Response(halves(), answer.status_code, [*headers, ("Content-Length", str(len(body)))])
