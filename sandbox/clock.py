"""The sandbox's own clock: expiry, retries and settlement follow it, and a test may move it.

Signatures are another matter. A receiver refuses a signature older than five minutes by *its* clock, so stamps on the
wire follow the real clock unless ``stamps`` is "story".
"""

import time
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")


class Clock:
    """Story time = real time + what was advanced. Aware UTC datetimes."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self.stamps = "real"

    def now(self) -> datetime:
        """The moment in the story."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds; raises ValueError for a negative number, time does not run back."""
        if seconds < 0:
            raise ValueError("the clock only runs forward")
        self._offset += timedelta(seconds=seconds)

    def put_at(self, moment: datetime) -> None:
        """Make it ``moment`` now (aware); also backwards, for a test that plays on another day."""
        self._offset = moment - datetime.now(UTC)

    def reset(self) -> None:
        """Back to real time."""
        self._offset, self.stamps = timedelta(), "real"

    def stamp(self) -> int:
        """Unix seconds for a signature made now."""
        return int(self.now().timestamp()) if self.stamps == "story" else int(time.time())

    @property
    def ahead_s(self) -> float:
        """How far the story is ahead of the real clock, in seconds."""
        return self._offset.total_seconds()


def china_text(moment: datetime) -> str:
    """RFC 3339 at +08:00 with whole seconds, as WeChat Pay writes moments."""
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


def parse(text: str) -> datetime:
    """An RFC 3339 moment as aware UTC; raises ValueError without an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset such as +08:00")
    return moment.astimezone(UTC)
