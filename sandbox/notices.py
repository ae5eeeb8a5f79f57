"""One piece of news for the merchant, and every try to tell it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.clock import china_text

# WeChat Pay's table: fifteen retries in 24 hours and 4 minutes, then silence.
RETRY_S = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
HOWS = ("lost", "twice", "concurrent", "late", "overtaken", "unheard", "probe_first", "forge_first")


@dataclass
class Attempt:
    """One try: when, in which manner, and what the merchant said."""

    at: str
    kind: str
    status: int | None
    said: str
    took_ms: int

    @property
    def accepted(self) -> bool:
        """Only 200 and 204 end the retries."""
        return self.status in (200, 204)


@dataclass
class Notice:
    """One piece of news. ``state``: waiting, delivered, given_up or lost."""

    notice_id: str
    of: str
    number: str
    url: str
    event_type: str
    original_type: str
    summary: str
    plain: dict[str, Any]
    created: datetime
    due: datetime | None
    how: str = ""
    kind: str = "genuine"
    state: str = "waiting"
    tries: int = 0
    in_flight: bool = False
    attempts: list[Attempt] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The notice as the control API shows it."""
        return {
            "id": self.notice_id,
            "of": self.of,
            "number": self.number,
            "url": self.url,
            "event_type": self.event_type,
            "state": self.state,
            "how": self.how,
            "due": china_text(self.due) if self.due else None,
            "attempts": [vars(attempt) | {"accepted": attempt.accepted} for attempt in self.attempts],
        }


@dataclass
class Plan:
    """How the next callback of a kind goes: one of HOWS, or a forgery's name for ``kind``."""

    of: str
    how: str
    seconds: float = 0.0
    kind: str = ""
