"""Papers on their way: registering, keying twice, deciding (``keying``); taking one off the way (``voiding``);
its household says that it is none of theirs (``contesting``)."""

from surveys.questionnaires.paper.services.keying import (
    ENTER,
    PURPOSE,
    Staff,
    View,
    decide,
    key_in,
    may_enter,
    register,
    subject_of,
    view,
    waiting,
)

__all__ = [
    "ENTER",
    "PURPOSE",
    "Staff",
    "View",
    "decide",
    "key_in",
    "may_enter",
    "register",
    "subject_of",
    "view",
    "waiting",
]
