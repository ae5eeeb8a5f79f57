"""One try at paying a deposit through a gateway, and when to ask the gateway about it.

The trade number is fixed and stored before the gateway is called. A gateway that did not answer leaves the attempt
``unknown``: a state of its own, healed by asking, never by guessing (WECHAT §6 no. 9–11, 14).
"""

from datetime import datetime, timedelta
from enum import StrEnum


class How(StrEnum):
    """How the payer is handed over to WeChat (WECHAT §3.4)."""

    JSAPI = "jsapi"
    """The pay sheet over our page, in WeChat."""
    NATIVE = "native"
    """A code on somebody else's screen, scanned by whoever pays."""
    H5 = "h5"
    """A page that opens WeChat from another browser of the same phone."""


class AttemptState(StrEnum):
    """Where an attempt stands."""

    BEGUN = "begun"
    """Stored with its number; the gateway may or may not have heard of it yet."""
    PLACED = "placed"
    """The gateway has the order and waits for the payer."""
    UNKNOWN = "unknown"
    """The gateway was asked and its answer is not known."""
    PAID = "paid"
    CLOSED = "closed"
    """The gateway confirmed that this number can no longer be paid."""
    FAILED = "failed"
    """The gateway refused the order."""


OPEN = frozenset({AttemptState.BEGUN, AttemptState.PLACED, AttemptState.UNKNOWN})
"""A deposit has at most one attempt in these states, by a partial unique index."""

MOVES: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.BEGUN: frozenset(
        {AttemptState.PLACED, AttemptState.UNKNOWN, AttemptState.PAID, AttemptState.CLOSED, AttemptState.FAILED}
    ),
    AttemptState.UNKNOWN: frozenset(
        {AttemptState.PLACED, AttemptState.UNKNOWN, AttemptState.PAID, AttemptState.CLOSED, AttemptState.FAILED}
    ),
    AttemptState.PLACED: frozenset({AttemptState.PLACED, AttemptState.UNKNOWN, AttemptState.PAID, AttemptState.CLOSED}),
    # Money that arrives late is money: our own closing is only a wish until the gateway agrees.
    AttemptState.CLOSED: frozenset({AttemptState.PAID}),
    AttemptState.FAILED: frozenset({AttemptState.PAID}),
    AttemptState.PAID: frozenset(),
}


def may_move(state: AttemptState, to: AttemptState) -> bool:
    """Does the table allow it? News that comes too late for the table (placed, after paid) is dropped by the caller."""
    return to in MOVES[state]


# An order stays payable this long; after that it is closed at the gateway and the payer starts anew.
ORDER_LIFE = timedelta(days=7)
# WeChat's prepay id and code live two hours, the address of its page five minutes; an older one is replaced by asking
# again with the very same order.
HANDLE_LIFE = {How.JSAPI: timedelta(minutes=110), How.NATIVE: timedelta(minutes=110), How.H5: timedelta(minutes=4)}

FIRST_LOOKS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
LATER_LOOKS = timedelta(days=1)


def next_look(begun_at: datetime, expires_at: datetime, *, after: datetime) -> datetime | None:
    """Return the first moment later than ``after`` at which the gateway is to be asked about an open attempt.

    30 s, 2 min, 10 min and 1 h after the beginning, then daily, at last at the expiry itself (when the order is
    closed); ``None`` when that has passed. Instants, so a job that runs late or twice asks neither more often nor less.
    """
    if after >= expires_at:
        return None
    for delay in FIRST_LOOKS:
        if begun_at + delay > after:
            return min(begun_at + delay, expires_at)
    days = (after - begun_at) // LATER_LOOKS + 1
    return min(begun_at + days * LATER_LOOKS, expires_at)


def handle_is_fresh(how: How, placed_at: datetime | None, *, now: datetime) -> bool:
    """May what the gateway gave for the order (prepay id, code or page) still be handed to the payer?"""
    return placed_at is not None and now < placed_at + HANDLE_LIFE[how]
