"""What groups do on news: a member who proves who he is may use the member's grants."""

from datetime import datetime
from typing import Any

from portal.groups import services


def on_new_tie(payload: dict[str, Any], *, now: datetime) -> None:
    """A new tie (topic ``claim.tie``) may be a member's."""
    services.recognise(payload["tie"], now=now)
