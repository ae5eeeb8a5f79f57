"""What the clock does: closing at the instant the notice named."""

from datetime import datetime
from typing import Any

from surveys.votes.services import counting


def on_close_due(payload: dict[str, Any], *, now: datetime) -> None:
    """Close a vote whose instant has come (topic ``vote.close_due``). A vote closed already stays as it is."""
    counting.close_if_due(payload["vote"], now=now)
