"""The gate for short messages: ``POST {base}/sms/send`` with a key. Called by jobs only, never while somebody waits."""

from dataclasses import dataclass

from kernel.errors import Unavailable
from kernel.outbound import upstream


@dataclass(frozen=True)
class _Gate:
    base: str
    key: str

    def __repr__(self) -> str:
        return f"_Gate({self.base})"


_gate: _Gate | None = None


def configure(base: str, key: str) -> None:
    """Set this process's gate; the application factory does. An empty ``base``: none is set up."""
    global _gate
    _gate = _Gate(base.rstrip("/"), key) if base else None


def send(phone: str, text: str) -> None:
    """Send a message to a mobile number. Raises Unavailable when the gate does not take it: the outbox tries again.

    Neither number nor text reaches a log or an exception.
    """
    if _gate is None:
        raise Unavailable("sms-not-set-up", "这里还没有接通短信。请社区工作者上门确认。")
    answer = (
        upstream("sms")
        .session("job")
        .post(f"{_gate.base}/sms/send", json={"to": phone, "text": text}, headers={"X-Sms-Key": _gate.key})
    )
    if answer.status_code >= 400:
        raise Unavailable(f"sms-refused-{answer.status_code}", "短信没有发出，请过几分钟再试。")
