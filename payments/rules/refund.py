"""Money on its way back: the life of one refund. Accepted is not done; only SUCCESS is (WECHAT §6 no. 13).

The number is fixed when the intent is stored, and never changes: under another number the money would leave twice.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from payments.rules.trade import RefundState


class IntentState(StrEnum):
    """Where a refund stands with us."""

    WANTED = "wanted"
    """Stored with its number; whether the service has heard of it is not known."""
    PROCESSING = "processing"
    DONE = "done"
    ABNORMAL = "abnormal"
    """It cannot go on without a person: account closed, balance short, or refused."""


class Reason(StrEnum):
    """Why money goes back. Fixed words: they are shown to the payer by WeChat."""

    SECOND_PAYMENT = "second_payment"
    DEPOSIT = "deposit"
    CONTRIBUTION = "contribution"
    """What of a contribution was too much: overpaid, or left at the settlement."""


REASON_TEXTS = {
    Reason.SECOND_PAYMENT: "重复缴款，原路退回",
    Reason.DEPOSIT: "改造诚意金退还",
    Reason.CONTRIBUTION: "改造出资多缴或结余退还",
}


def number(trade_no: str, reason: Reason, *, part: int) -> str:
    """A refund's number: its payment's with an end.

    A second payment goes back once, under R1, whoever makes it, however often; other parts of a payment, for whatever
    reason, are counted from R2 (``part`` from 1) under the lock of what was paid.
    """
    return f"{trade_no}R{1 if reason is Reason.SECOND_PAYMENT else 1 + part}"


MOVES: dict[IntentState, frozenset[IntentState]] = {
    IntentState.WANTED: frozenset({IntentState.PROCESSING, IntentState.DONE, IntentState.ABNORMAL}),
    IntentState.PROCESSING: frozenset({IntentState.DONE, IntentState.ABNORMAL}),
    # A person settled it in WeChat's own console, and WeChat says so.
    IntentState.ABNORMAL: frozenset({IntentState.PROCESSING, IntentState.DONE}),
    IntentState.DONE: frozenset(),
}

_TOLD = {
    RefundState.PROCESSING: IntentState.PROCESSING,
    RefundState.SUCCESS: IntentState.DONE,
    RefundState.ABNORMAL: IntentState.ABNORMAL,
    RefundState.CLOSED: IntentState.ABNORMAL,
}

OPEN = frozenset({IntentState.WANTED, IntentState.PROCESSING})


def after(state: IntentState, told: RefundState) -> IntentState:
    """Return where the refund stands after the service's news; news that comes too late changes nothing."""
    to = _TOLD.get(told, state)
    return to if to in MOVES[state] else state


_WAITS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))


def next_try(tries: int, *, now: datetime) -> datetime:
    """Return when to ask again about an open refund after ``tries`` questions: soon, then ever later, then daily."""
    return now + (_WAITS[tries] if tries < len(_WAITS) else timedelta(days=1))
