"""The use cases of groups: forming one out of an election and reading it; who leaves, moves up, leads, is recalled."""

from portal.groups.services.changing import appoint, leave, move_up, next_alternates, recall, waiting_alternates
from portal.groups.services.forming import (
    GroupView,
    elected_candidates,
    end,
    form,
    hand_over,
    managed_view,
    matches,
    recognise,
    view,
)

__all__ = [
    "GroupView",
    "appoint",
    "elected_candidates",
    "end",
    "form",
    "hand_over",
    "leave",
    "managed_view",
    "matches",
    "move_up",
    "next_alternates",
    "recall",
    "recognise",
    "view",
    "waiting_alternates",
]
