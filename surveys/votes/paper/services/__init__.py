"""Printing, handing out, taking back, keying twice, deciding and voiding papers."""

from surveys.votes.paper.services.handling import ENTER, VOIDED, hand_out, people_of, print_papers, take_back, void
from surveys.votes.paper.services.keying import decide, key_in, look_at_differences

__all__ = [
    "ENTER",
    "VOIDED",
    "decide",
    "hand_out",
    "key_in",
    "look_at_differences",
    "people_of",
    "print_papers",
    "take_back",
    "void",
]
