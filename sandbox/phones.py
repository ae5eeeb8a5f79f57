"""A gate for text messages, and the phones they arrive on."""

import re
import secrets
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

PHONE = re.compile(r"1\d{10}")


@dataclass(frozen=True)
class Message:
    """One text message."""

    message_id: str
    to: str
    text: str
    at: str


class Phones:
    """Every message sent, newest last."""

    def __init__(self) -> None:
        self.messages: deque[Message] = deque(maxlen=1000)

    def send(self, to: object, text: object, at: str) -> Message:
        """Deliver a message; raises ValueError for a number that is none or a text not of 1 to 500 letters."""
        if not isinstance(to, str) or not PHONE.fullmatch(to):
            raise ValueError("to must be an 11-digit mobile number")
        if not isinstance(text, str) or not 1 <= len(text) <= 500:
            raise ValueError("text must have 1 to 500 characters")
        message = Message("sms" + secrets.token_hex(8), to, text, at)
        self.messages.append(message)
        return message

    def by_phone(self, to: str = "") -> dict[str, list[Message]]:
        """Messages by number, newest first; only ``to``'s when given."""
        phones: dict[str, list[Message]] = {}
        for message in reversed(self.messages):
            if to in ("", message.to):
                phones.setdefault(message.to, []).append(message)
        return phones

    def as_json(self, to: str = "") -> list[dict[str, Any]]:
        """Messages newest first."""
        return [asdict(m) for m in reversed(self.messages) if to in ("", m.to)]

    def reset(self) -> None:
        """Forget them."""
        self.messages.clear()
