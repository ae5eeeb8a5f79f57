"""How the books, the bank's statement and what is still open hang together for one account.

Every line of the statement is in the books, was settled as nothing of ours, or waits.
So what the bank moved is the sum of these, and a difference is a fact somebody has to find.
"""

from dataclasses import dataclass

from kernel.money import Fen


@dataclass(frozen=True)
class Position:
    """One account, in fen. ``at_bank``: the books' balance there; ``other``: lines settled as nothing of the books';
    ``waiting``: lines nobody settled; ``moved``: all lines together.
    """

    at_bank: Fen
    other: Fen
    waiting: Fen
    moved: Fen
    unreadable: int

    @property
    def should(self) -> Fen:
        """What the bank should have moved by the books and what is known of the rest."""
        return self.at_bank + self.other + self.waiting

    @property
    def gap(self) -> Fen:
        """What the bank moved beyond that: not 0 while entries of the books have no line yet."""
        return self.moved - self.should
