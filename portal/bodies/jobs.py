"""What bodies do on news: the recalled leave; a member who proves who he is may use the member's grants."""

from datetime import datetime
from typing import Any

from portal.bodies import services


def on_vote_final(payload: dict[str, Any], *, now: datetime) -> None:
    """A result became final (topic ``vote.final``): who was recalled by it leaves, with the grants, at once."""
    services.recall(payload["vote"], now=now)


def on_new_tie(payload: dict[str, Any], *, now: datetime) -> None:
    """A new tie (topic ``claim.tie``) may be a member's."""
    services.recognise(payload["tie"], now=now)
