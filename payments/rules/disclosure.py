"""Who sees what of payments: the one rule, and all that carries it out.

* **Everybody, and whoever leads a building or an estate**, reads what the books have published and nothing newer:
  counts of payers, sums, averages, and at a leader's doors the word 已缴. None of it moves with a payment; it moves
  when a period is published, and a period never lets out fewer than five households at once (``let_out``). Whoever
  knows which door has turned finds at least five rows that may be its row.
* **Whoever takes or accounts for the money** (``cash.take``, ``collection.see``, ``collection.manage``) and whoever
  works at the doors (``dwelling.contact``) reads it exactly, at once, with the look on record, on pages that say they
  are not to be passed on.
* **The payer** reads his own payment at once, wherever he is.

A debtor by complement is no less a debtor: where fewer than five households are left, a public figure says only that
most have paid (``Count``), and rows of their building name it no more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from kernel.money import Fen
from kernel.ratio import percent_text

SEE = "collection.see"
"""What the street and the community may do who see every door's standing and take the official sheet."""

SMALLEST_GROUP = 5
OTHERS = "其他楼栋"
LONGEST_WAIT = timedelta(days=91)
"""A quarter: what belongs to owners in common is published at least so often (DOMAIN §3.5). What is older waits no
longer."""


# ---------------------------------------------------------------------------------------------- rows of the books


@dataclass(frozen=True)
class Move:
    """One movement that waits to be published. ``home``: the household it is of, None where it is nobody's in
    particular (a payment out, a bank's fee); ``amount_fen`` below 0 went back; ``tells``: its amount tells of what
    households paid (a fee taken for payments).
    """

    home: int | None
    building: str
    amount_fen: Fen
    day: date
    tells: bool = False


def let_out(
    moves: Sequence[Move], *, unlisted: Mapping[str, AbstractSet[int]], last: date, opening_fen: Fen = 0
) -> list[str | None]:
    """What each movement is published under in a period that ends on ``last``: its building, ``OTHERS``, ``""`` for
    nobody's; None: it waits for a later period.

    Households that gave and households that took back, all in all, are told apart, for their doors turn different ways.
    A building is named where five of its households moved, unless fewer than five would then be left in it. The others
    go out together once they are five; from a quarter on with the smallest named building, and where there is none by
    themselves: their doors then wait for four others. What came and went again turns no door and waits for nobody.

    Of what is nobody's, what tells of payments waits while a payment of that day or before waits; and a payment out
    waits for the money it was made from, so that what is published never spends more than it holds. Neither waits
    longer than a quarter: by then all it depends on is published, and what is still below zero is so in truth.

    ``unlisted``: building -> households nothing was ever published of; ``opening_fen``: what is left of all that is.
    """
    nets: dict[int, Fen] = {}
    for move in moves:
        if move.home is not None:
            nets[move.home] = nets.get(move.home, 0) + move.amount_fen
    labels: list[str | None] = ["" if move.home is None else OTHERS for move in moves]
    for came in (True, False):
        places = [
            place
            for place, move in enumerate(moves)
            if move.home is not None and nets[move.home] and (nets[move.home] > 0) is came
        ]
        named, together = _groups([moves[place] for place in places], unlisted if came else {}, last=last)
        for place in places:
            move = moves[place]
            if move.building in named:
                labels[place] = move.building
            elif not together and not _is_overdue(move, last):
                labels[place] = None
    for place in _untimely(moves, labels, last=last, opening_fen=opening_fen):
        labels[place] = None
    return labels


def _untimely(moves: Sequence[Move], labels: Sequence[str | None], *, last: date, opening_fen: Fen) -> list[int]:
    """Which of the movements that are nobody's have to wait: what tells too much, what is not covered yet."""
    oldest = min((move.day for move, label in zip(moves, labels, strict=True) if label is None), default=None)
    found, left, outgoing = [], opening_fen, []
    for place, move in enumerate(moves):
        if labels[place] is None:
            continue
        if move.tells and oldest is not None and oldest <= move.day and not _is_overdue(move, last):
            found.append(place)
        elif move.home is None and move.amount_fen < 0 and not _is_overdue(move, last):
            outgoing.append(place)
        else:
            left += move.amount_fen
    for place in outgoing:
        if left + moves[place].amount_fen < 0:
            found.append(place)
        else:
            left += moves[place].amount_fen
    return found


def _groups(moves: Sequence[Move], unlisted: Mapping[str, AbstractSet[int]], *, last: date) -> tuple[set[str], bool]:
    """The buildings that are named, and whether the other movements go out together."""
    homes: dict[str, set[int]] = {}
    for move in moves:
        if move.home is not None:
            homes.setdefault(move.building, set()).add(move.home)
    named = {
        building
        for building, some in homes.items()
        if len(some) >= SMALLEST_GROUP and not 0 < len(unlisted.get(building, set()) - some) < SMALLEST_GROUP
    }
    others = sum(len(some) for building, some in homes.items() if building not in named)
    overdue = any(_is_overdue(move, last) for move in moves if move.building not in named)
    if named and overdue and others < SMALLEST_GROUP:
        smallest = min(named, key=lambda building: (len(homes[building]), building))
        named.remove(smallest)
        others += len(homes[smallest])
    return named, others >= SMALLEST_GROUP


def _is_overdue(move: Move, last: date) -> bool:
    return last - move.day >= LONGEST_WAIT


def in_fives(homes: Sequence[int]) -> set[int]:
    """The doors that may turn of those whose money was published alone, in their order, five at a time."""
    return set(homes[: len(homes) // SMALLEST_GROUP * SMALLEST_GROUP])


# ------------------------------------------------------------------------------------------------- counts and sums


@dataclass(frozen=True)
class Count:
    """How many of all households have paid, as everybody may read it: exact, unless only one to four are left."""

    paid: int
    of: int

    @property
    def is_exact(self) -> bool:
        """Is the number told the number there is?"""
        return not 0 < self.of - self.paid < SMALLEST_GROUP

    @property
    def told(self) -> int:
        """The number that is told."""
        return self.paid if self.is_exact else max(0, self.of - SMALLEST_GROUP)

    @property
    def text(self) -> str:
        """``45/50``, or ``45 以上/50`` where fewer than five are left."""
        return f"{self.told}{self._more}/{self.of}"

    @property
    def share(self) -> Fraction:
        """The share that is told, as a fraction; 0 without households."""
        return Fraction(self.told, self.of) if self.of else Fraction()

    @property
    def share_text(self) -> str:
        """The share that is told, "—" without households."""
        return percent_text(self.told, self.of) + self._more

    @property
    def _more(self) -> str:
        return "" if self.is_exact else " 以上"


def sum_may_be_shown(paid_households: int) -> bool:
    """May a sum be shown that so many households made up? None at all says nothing about anybody."""
    return paid_households == 0 or paid_households >= SMALLEST_GROUP


@dataclass(frozen=True)
class Group:
    """What the paying households of a building gave together."""

    building: str
    paid_households: int
    paid_fen: Fen


WHOLE = ""
"""The group of all households of an estate."""


def summed(given: Iterable[tuple[int, str, Fen]]) -> list[Group]:
    """What households had given by a day, by what their rows are published under; all of them together as ``WHOLE``.

    ``given``: (household, label, what came less what went back under it). A household counts once, under its building
    as soon as one of its rows names it; the sums are those of the published rows and tell nothing that they do not.
    """
    nets: dict[int, Fen] = {}
    labels: dict[int, str] = {}
    fens: dict[str, Fen] = {}
    for home, label, fen in given:
        nets[home] = nets.get(home, 0) + fen
        fens[label] = fens.get(label, 0) + fen
        if label != OTHERS or home not in labels:
            labels[home] = label
    givers = [home for home, net in nets.items() if net > 0]
    many = Counter(labels[home] for home in givers)
    groups = [Group(label, many[label], fen) for label, fen in fens.items() if many[label] and fen > 0]
    return [*groups, Group(WHOLE, len(givers), sum(nets[home] for home in givers))] if givers else []


def shown(groups: Sequence[Group]) -> list[Group]:
    """Return the groups of five payers or more as they are, the smaller ones as one group, if that has five.

    When what is left over has fewer than five payers it is not shown at all, and neither is the smallest shown group:
    from the estate's total one could otherwise subtract one's way to the few.
    """
    large = [group for group in groups if group.paid_households >= SMALLEST_GROUP and group.building != OTHERS]
    small = [group for group in groups if group.paid_households > 0 and group not in large]
    if not small:
        return large
    left = Group(OTHERS, sum(one.paid_households for one in small), sum(one.paid_fen for one in small))
    if left.paid_households < SMALLEST_GROUP and large:
        smallest = min(large, key=lambda group: group.paid_households)
        large.remove(smallest)
        left = Group(OTHERS, left.paid_households + smallest.paid_households, left.paid_fen + smallest.paid_fen)
    # A group that holds everybody is the total, which is shown anyway.
    return [*large, left] if large and left.paid_households >= SMALLEST_GROUP else large


def folded(bearers: Mapping[int, AbstractSet[int]]) -> set[int]:
    """Which costs are told only together: those that fewer than five homes bear, and with them, where they are still
    fewer than five all in all, the next larger ones until they are five; none when all costs are borne by five.

    ``bearers``: cost -> homes. From the total one could otherwise subtract one's way to what a single home bears.
    """
    together = {cost for cost, homes in bearers.items() if len(homes) < SMALLEST_GROUP}
    if not together:
        return set()
    rest = sorted((cost for cost in bearers if cost not in together), key=lambda cost: (len(bearers[cost]), cost))
    while rest and len(set().union(*(bearers[cost] for cost in together))) < SMALLEST_GROUP:
        together.add(rest.pop(0))
    return together
