"""What elections do on news and by the clock."""

from datetime import datetime
from typing import Any

from surveys.votes.elections.services import recalls


def on_recall_reached(payload: dict[str, Any], *, now: datetime) -> None:
    """Draft the recall vote (topic ``recall.reached``)."""
    recalls.draft_vote(payload["petition"], now=now)


def on_recall_lapses(payload: dict[str, Any], *, now: datetime) -> None:
    """End a petition whose days are over (topic ``recall.lapses``)."""
    recalls.lapse(payload["petition"], now=now)
