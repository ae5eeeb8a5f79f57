"""What results do by the clock."""

from datetime import datetime
from typing import Any

from surveys.votes.results import services


def on_publicity_over(payload: dict[str, Any], *, now: datetime) -> None:
    """The publicity of a result is over (topic ``vote.publicity_over``): final, or waiting for the street's word."""
    services.finish_by_clock(payload["vote"], now=now)
