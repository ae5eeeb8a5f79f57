"""Learning what became of an attempt by asking: the payer's page does, and a job does at fixed moments.

Callbacks are never promised to arrive (WECHAT §3.5); an attempt left open by a crash, a lost answer or a lost callback
is asked about until the gateway says paid or closed.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kernel import outbox
from kernel.database import reading, transaction, use_case
from kernel.errors import Unavailable
from payments import queries
from payments.gateways import registry
from payments.gateways.port import Patience, Rejected, Unknown
from payments.models import Deposit, PaymentAttempt, ToldBy
from payments.rules.attempt import OPEN, AttemptState, may_move, next_look
from payments.rules.deposit import DepositState
from payments.rules.trade import Trade, TradeState
from payments.services import crediting

LOOK_TOPIC = "payment.look"
ASK_AGAIN = timedelta(hours=1)
"""After the expiry of an order whose end the gateway has not told yet."""


def stage_look(session: Session, attempt: PaymentAttempt, *, now: datetime) -> None:
    """Stage the question due at the attempt's ``next_look_at``; only the question staged last is asked."""
    if attempt.next_look_at is not None:
        payload = {"attempt": attempt.public_id, "at": attempt.next_look_at.isoformat()}
        outbox.stage(session, LOOK_TOPIC, payload, now=now, due_at=attempt.next_look_at)


def as_it_stands(attempt_public_id: str) -> tuple[PaymentAttempt | None, Deposit | None]:
    """An attempt and its deposit as they are now. The read is over when this returns: nobody waits on the network
    with a snapshot in hand.
    """
    session = reading()
    attempt = queries.attempt_by_public_id(session, attempt_public_id)
    deposit = queries.deposit_by_id(session, attempt.deposit_id) if attempt else None
    session.close()
    return attempt, deposit


def on_look(payload: dict[str, Any], *, now: datetime) -> None:
    """Job: ask about an open attempt when its moment has come, and settle on the next moment."""
    attempt, _ = as_it_stands(payload["attempt"])
    if attempt is None or AttemptState(attempt.state) not in OPEN or attempt.next_look_at is None:
        return
    if attempt.next_look_at.isoformat() != payload["at"]:
        return
    try:
        look(attempt.public_id, now=now, patience="job", by_job=True)
    except (Unknown, Rejected, Unavailable):
        # Raising would hand the question to the outbox's own retries, which end; an open attempt is never given up.
        _ask_later(attempt.public_id, now=now)


def look(
    attempt_public_id: str,
    *,
    now: datetime,
    patience: Patience,
    closing: bool = False,
    by_job: bool = False,
    refusal: str | None = None,
) -> AttemptState:
    """Ask the gateway about an attempt and record its answer; return the state it leads to.

    ``closing``: first ask that it can no longer be paid; so it is when the order is past its time, or the deposit was
    paid by another attempt. ``by_job``: an order the gateway never heard of is given up. ``refusal``: the gateway's
    word when it refused the order. Raises Unknown; Rejected when the gateway refuses the question itself.
    """
    attempt, deposit = as_it_stands(attempt_public_id)
    if attempt is None or deposit is None or AttemptState(attempt.state) not in OPEN:
        return AttemptState(attempt.state) if attempt else AttemptState.CLOSED
    gateway = registry.of(attempt.channel, attempt.merchant_id)
    if closing or now >= attempt.expires_at or deposit.state != DepositState.PLEDGED:
        closing = True
        # Refused when it is paid already or cannot be closed: the question below tells which.
        with contextlib.suppress(Rejected):
            gateway.close(attempt.trade_no, patience=patience)
    trade = gateway.look(attempt.trade_no, patience=patience)
    return _record(attempt_public_id, trade, closing=closing or by_job, refusal=refusal, now=now)


@use_case
def _record(attempt_public_id: str, trade: Trade, *, closing: bool, refusal: str | None, now: datetime) -> AttemptState:
    """Write down what the gateway answered. ``closing``: an order it never heard of is closed for good.

    READ COMMITTED, as a notice is: it credits by the same function under the same lock.
    """
    with transaction() as session:
        attempt, deposit = queries.attempt_and_deposit(session, attempt_public_id)
        attempt.asked_at = now
        if trade.state in {TradeState.SUCCESS, TradeState.REFUNDED}:
            crediting.credit(session, attempt, deposit, trade, told_by=ToldBy.QUERY, now=now)
        else:
            to = _state_told(trade.state, AttemptState(attempt.state), closing=closing, refusal=refusal)
            if may_move(AttemptState(attempt.state), to):
                attempt.state = to
        _plan_next(session, attempt, now=now)
        return AttemptState(attempt.state)


def _state_told(told: TradeState, state: AttemptState, *, closing: bool, refusal: str | None) -> AttemptState:
    over = AttemptState.FAILED if refusal and may_move(state, AttemptState.FAILED) else AttemptState.CLOSED
    if told is TradeState.CLOSED:
        return over
    if told is TradeState.ABSENT:
        return over if closing else state
    return AttemptState.PLACED


def _plan_next(session: Session, attempt: PaymentAttempt, *, now: datetime) -> None:
    """The next question of an open attempt; none once it is paid or closed. A question already due ahead stays."""
    if AttemptState(attempt.state) not in OPEN:
        attempt.next_look_at = None
    elif attempt.next_look_at is None or attempt.next_look_at <= now:
        attempt.next_look_at = next_look(attempt.begun_at, attempt.expires_at, after=now) or now + ASK_AGAIN
        stage_look(session, attempt, now=now)


@use_case
def _ask_later(attempt_public_id: str, *, now: datetime) -> None:
    with transaction(serializable=True) as session:
        attempt, _ = queries.attempt_and_deposit(session, attempt_public_id)
        attempt.asked_at = now
        _plan_next(session, attempt, now=now)
