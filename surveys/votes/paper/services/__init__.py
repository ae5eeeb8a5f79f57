"""Printing, handing out, taking back, keying twice, deciding and voiding papers."""

from surveys.votes.paper.services.handling import ENTER, hand_out, print_papers, take_back, void
from surveys.votes.paper.services.keying import decide, key_in, look_at_differences

__all__ = ["ENTER", "decide", "hand_out", "key_in", "look_at_differences", "print_papers", "take_back", "void"]
