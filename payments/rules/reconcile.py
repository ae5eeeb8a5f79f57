"""Two accounts of the same money side by side: every line is matched or named as a difference, and the sums hold.

Ours is the ledger, theirs a bill or a bank statement. Both come sorted by (item, number), so a day of any size is
compared in one pass. What is told: missing here, missing there, amount differs, state differs, twice. Whatever was
shuffled, doubled or dropped, ``theirs - ours`` is exactly the sum of the differences' effects.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.money import Fen


class Item(StrEnum):
    """What is compared."""

    PAYMENT = "payment"
    REFUND = "refund"
    TRANSFER = "transfer"
    FEE = "fee"
    """What the service took for a trade; below 0 what it gave back with a refund."""
    OTHER = "other"
    """A line of the fund-flow bill that is none of what we know; its amount is below 0 when money left."""
    MOVEMENT = "movement"
    """The day of the account as a whole."""


class DifferenceKind(StrEnum):
    """How two accounts disagree."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    AMOUNT = "amount"
    STATE = "state"
    TWICE = "twice"
    OTHER_DAY = "other_day"
    """The very same thing stands on both sides, under different days."""


class DifferenceState(StrEnum):
    """What became of a difference."""

    OPEN = "open"
    PROPOSED = "proposed"
    DECIDED = "decided"
    HEALED = "healed"
    """Credited through the ordinary path after the service was asked."""
    EXPLAINED = "explained"
    """It went away by itself: found under another day, or settled when looked at again."""


class ReversalState(StrEnum):
    """Where the taking back of a decision stands."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    SENT_BACK = "sent_back"
    TOLD = "told"
    """Nobody's decision: a later bill told what had been decided by hand."""


WAITING = frozenset({DifferenceState.OPEN, DifferenceState.PROPOSED})


class Decision(StrEnum):
    """What may be decided about a difference. Money itself moves by other use cases; this says how it was settled."""

    ENTERED = "entered"
    RETURNED = "returned"
    THEIRS = "theirs"
    ACCEPTED = "accepted"
    CHARGE = "charge"
    """The service's charge, or one given back: the account holder's cost."""
    HOLDER = "holder"
    """Money of the account holder's own, put in or taken out."""
    BOUNCED = "bounced"
    """A withdrawal the bank did not take."""


BOOKED = frozenset({Decision.CHARGE, Decision.HOLDER, Decision.BOUNCED})
"""Decisions that enter the difference in the books when the second person agrees."""


def came_fen(item: str, ours_fen: Fen | None, theirs_fen: Fen | None) -> Fen:
    """What a difference brought to the account at the service beyond what the books hold: a line as it says, a fee that
    was not booked less.
    """
    return theirs_fen or 0 if item == Item.OTHER else (ours_fen or 0) - (theirs_fen or 0)


def may_be_decided(item: str, decision: Decision) -> bool:
    """May such a difference be settled so? Only what moved the account can be a charge, the holder's own money or a
    bounce; a payment or refund that differs is never booked as anything else.
    """
    if decision is Decision.CHARGE:
        return item in (Item.OTHER, Item.FEE)
    return decision not in BOOKED or item == Item.OTHER


DECISION_WORDS = {
    Decision.ENTERED: "已按规定补记入账",
    Decision.RETURNED: "已退回付款人",
    Decision.THEIRS: "对方账单有误，已取得书面说明",
    Decision.ACCEPTED: "核实无误，认可差异",
    Decision.CHARGE: "微信支付的收费或退费，由收款单位承担",
    Decision.HOLDER: "收款单位自己的钱（充值、转出），与住户无关",
    Decision.BOUNCED: "提现被银行退回",
}
KIND_WORDS = {
    DifferenceKind.MISSING_HERE: "对方有、本账没有",
    DifferenceKind.MISSING_THERE: "本账有、对方没有",
    DifferenceKind.AMOUNT: "金额不同",
    DifferenceKind.STATE: "状态不同",
    DifferenceKind.TWICE: "出现两次",
    DifferenceKind.OTHER_DAY: "同一笔记在不同的日子",
}


@dataclass(frozen=True, order=True)
class Fact:
    """One line of one side. ``state``: a word of that side; ``outside_id``: the service's number, "" when unknown."""

    item: str
    number: str
    amount_fen: Fen
    outside_id: str = ""
    state: str = ""


@dataclass(frozen=True)
class Difference:
    """One disagreement. ``nth``: of several alike under one number; amounts are ``None`` where that side has none."""

    kind: DifferenceKind
    item: str
    number: str
    ours_fen: Fen | None
    theirs_fen: Fen | None
    ours_says: str = ""
    theirs_says: str = ""
    nth: int = 1

    @property
    def effect_fen(self) -> Fen:
        """What it adds to theirs minus ours."""
        return (self.theirs_fen or 0) - (self.ours_fen or 0)


@dataclass
class Side:
    """What one side told of an item."""

    many: int = 0
    fen: Fen = 0

    def add(self, fen: Fen) -> None:
        """One more line."""
        self.many += 1
        self.fen += fen


@dataclass
class Tally:
    """Both sides' counts and sums per item, filled while comparing."""

    ours: dict[str, Side] = field(default_factory=dict)
    theirs: dict[str, Side] = field(default_factory=dict)
    matched: int = 0

    def of(self, side: str, item: str) -> Side:
        """One side's figures of an item; zero when it told nothing."""
        return (self.ours if side == "ours" else self.theirs).get(item, Side())


_DONE, _ABNORMAL = "done", "abnormal"
_AGREE: dict[str, frozenset[str]] = {
    # WeChat's word for a refund in a bill -> ours it goes with. A bill is a moment of the past: what was under way
    # when it was written may be done by now.
    "SUCCESS": frozenset({_DONE}),
    "PROCESSING": frozenset({"wanted", "processing", _DONE, _ABNORMAL}),
    "CHANGE": frozenset({_ABNORMAL, _DONE}),
    "FAIL": frozenset({_ABNORMAL}),
}


def states_agree(item: str, ours: str, theirs: str) -> bool:
    """Do the two sides' words for the state of a refund go together? Payments stand in a bill only when paid."""
    return item != Item.REFUND or ours in _AGREE.get(theirs, frozenset())


def pair(ours: Fact, theirs: Fact) -> Difference | None:
    """Compare two lines of one number: the amount first, then who they say they are, then the state."""
    says = (ours.state, theirs.state)
    if ours.amount_fen != theirs.amount_fen:
        kind = DifferenceKind.AMOUNT
    elif ours.outside_id and theirs.outside_id and ours.outside_id != theirs.outside_id:
        kind, says = DifferenceKind.STATE, (ours.outside_id, theirs.outside_id)
    elif not states_agree(ours.item, ours.state, theirs.state):
        kind = DifferenceKind.STATE
    else:
        return None
    return Difference(kind, ours.item, ours.number, ours.amount_fen, theirs.amount_fen, *says)


def compare(ours: Iterable[Fact], theirs: Iterable[Fact], tally: Tally) -> Iterator[Difference]:
    """Compare two sides, both sorted by (item, number), in one pass; ``tally`` is filled on the way.

    ``ValueError`` when a side is not sorted: it would call what is there missing.
    """
    left, right = _groups(ours, tally.ours), _groups(theirs, tally.theirs)
    mine, yours = next(left, None), next(right, None)
    while mine or yours:
        if yours is None or (mine is not None and mine[0] < yours[0]):
            assert mine is not None
            yield from _alone(mine[1], DifferenceKind.MISSING_THERE)
            mine = next(left, None)
        elif mine is None or yours[0] < mine[0]:
            yield from _alone(yours[1], DifferenceKind.MISSING_HERE)
            yours = next(right, None)
        else:
            yield from _together(mine[1], yours[1], tally)
            mine, yours = next(left, None), next(right, None)


def _groups(facts: Iterable[Fact], sides: dict[str, Side]) -> Iterator[tuple[tuple[str, str], list[Fact]]]:
    last: tuple[str, str] = ("", "")
    for key, group in itertools.groupby(facts, key=lambda fact: (fact.item, fact.number)):
        if key < last:
            raise ValueError("the lines have to be sorted by item and number")
        last, lines = key, list(group)
        for line in lines:
            sides.setdefault(line.item, Side()).add(line.amount_fen)
        yield key, lines


def numbered(numbers: Iterable[str]) -> Iterator[int]:
    """Which of several alike each number is, counted from 1."""
    seen: Counter[str] = Counter()
    for number in numbers:
        seen[number] += 1
        yield seen[number]


def _one_sided(fact: Fact, kind: DifferenceKind, *, here: bool, nth: int) -> Difference:
    if here:
        return Difference(kind, fact.item, fact.number, fact.amount_fen, None, fact.state, "", nth)
    return Difference(kind, fact.item, fact.number, None, fact.amount_fen, "", fact.state, nth)


def _alone(lines: list[Fact], kind: DifferenceKind) -> Iterator[Difference]:
    here = kind is DifferenceKind.MISSING_THERE
    yield _one_sided(lines[0], kind, here=here, nth=1)
    for nth, line in enumerate(lines[1:], 2):
        yield _one_sided(line, DifferenceKind.TWICE, here=here, nth=nth)


def _together(ours: list[Fact], theirs: list[Fact], tally: Tally) -> Iterator[Difference]:
    """One number on both sides: the pair that agrees best is the pair, every line beyond it is there twice."""
    pairs = ((a, b) for a in range(len(ours)) for b in range(len(theirs)))
    a, b = next(((a, b) for a, b in pairs if pair(ours[a], theirs[b]) is None), (0, 0))
    found = pair(ours[a], theirs[b])
    if found is None:
        tally.matched += 1
    else:
        yield found
    rest = [(line, True) for at, line in enumerate(ours) if at != a]
    rest += [(line, False) for at, line in enumerate(theirs) if at != b]
    for nth, (line, here) in enumerate(rest, 2):
        yield _one_sided(line, DifferenceKind.TWICE, here=here, nth=nth)
