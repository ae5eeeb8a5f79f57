"""The use cases of bodies: forming one; who leaves, moves up, leads, is recalled; hand-over and filing."""

from portal.bodies.services.changing import appoint, leave, move_up, next_alternates, recall, waiting_alternates
from portal.bodies.services.forming import current, end, form, join, kind_of, recognise
from portal.bodies.services.keeping import file, hand_over
from portal.bodies.services.matching import elected_candidates, matches
from portal.bodies.services.reading import BodyView, managed_view, views

__all__ = [
    "BodyView",
    "appoint",
    "current",
    "elected_candidates",
    "end",
    "file",
    "form",
    "hand_over",
    "join",
    "kind_of",
    "leave",
    "managed_view",
    "matches",
    "move_up",
    "next_alternates",
    "recall",
    "recognise",
    "views",
    "waiting_alternates",
]
