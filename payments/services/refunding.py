"""Sending money back under one number that never changes, and learning when it has arrived.

Accepted is not done: the books move only when the gateway says SUCCESS. What cannot go on without a person is an alarm.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.errors import Unavailable
from kernel.money import Fen
from payments import queries
from payments.gateways import registry
from payments.gateways.port import RefundOrder, Rejected, Unknown
from payments.models import NoticeOutcome, PaymentAttempt, RefundIntent
from payments.refunds.services import following
from payments.rules import ledger
from payments.rules.alarm import AlarmKind
from payments.rules.compare import differing
from payments.rules.ledger import EntryKind
from payments.rules.refund import OPEN, REASON_TEXTS, IntentState, Reason, after, next_try, number
from payments.rules.trade import Refund, RefundState
from payments.services.bookkeeping import enter, raise_alarm

REFUND_TOPIC = "payment.refund"


def want(
    session: Session,
    attempt: PaymentAttempt,
    *,
    now: datetime,
    reason: Reason = Reason.SECOND_PAYMENT,
    amount_fen: Fen | None = None,
) -> RefundIntent:
    """Store the intent to send an attempt's money back (all of it, or ``amount_fen``), and stage the sending.

    The caller holds the lock of what was paid, so that parts are counted one after another.
    """
    part = 1 + queries.parts_of_attempt(session, attempt.id)
    intent = RefundIntent(
        public_id=new_public_id(),
        attempt_id=attempt.id,
        refund_no=number(attempt.trade_no, reason, part=part),
        reason=reason,
        amount_fen=attempt.amount_fen if amount_fen is None else amount_fen,
        state=IntentState.WANTED,
        tries=0,
        wanted_at=now,
        next_try_at=now,
    )
    session.add(intent)
    session.flush()
    _stage(session, intent, now=now)
    return intent


def _stage(session: Session, intent: RefundIntent, *, now: datetime) -> None:
    if intent.next_try_at is not None:
        payload = {"refund": intent.refund_no, "at": intent.next_try_at.isoformat()}
        outbox.stage(session, REFUND_TOPIC, payload, now=now, due_at=intent.next_try_at)


def on_refund(payload: dict[str, Any], *, now: datetime) -> None:
    """Job: send a refund, or ask where it stands; the same number every time."""
    session = reading()
    intent = queries.intent_by_number(session, payload["refund"])
    attempt = session.get(PaymentAttempt, intent.attempt_id) if intent else None
    session.close()
    if intent is None or attempt is None or IntentState(intent.state) not in OPEN or intent.next_try_at is None:
        return
    if intent.next_try_at.isoformat() != payload["at"]:
        return
    order = RefundOrder(
        intent.refund_no,
        attempt.trade_no,
        intent.amount_fen,
        attempt.amount_fen,
        REASON_TEXTS[Reason(intent.reason)],
        attempt.notify_url,
    )
    told, refusal = Refund(intent.refund_no, RefundState.ABSENT), None
    try:
        gateway = registry.of(attempt.channel, attempt.merchant_id)
        if intent.state == IntentState.PROCESSING:
            told = gateway.look_refund(intent.refund_no, patience="job")
        if told.state is RefundState.ABSENT:
            told = gateway.refund(order, patience="job")
    except (Unknown, Unavailable):
        told = Refund(intent.refund_no, RefundState.ABSENT)
    except Rejected as no:
        refusal = no.code
        told = Refund(
            intent.refund_no,
            RefundState.ABNORMAL,
            attempt.trade_no,
            intent.amount_fen,
            merchant_id=attempt.merchant_id,
        )
    _record(told, refusal=refusal, now=now)


@use_case
def _record(told: Refund, *, refusal: str | None, now: datetime) -> None:
    with transaction(serializable=True) as session:
        apply(session, told, refusal=refusal, tried=True, now=now)


def apply(
    session: Session, told: Refund, *, now: datetime, refusal: str | None = None, tried: bool = False
) -> NoticeOutcome:
    """Act on news of a refund, whoever tells it, inside the caller's transaction.

    Under the number of one refund somebody else's may be told (several merchants): such news is kept and shown to a
    person, and moves nothing.
    """
    intent = queries.intent_by_number(session, told.refund_no, lock=True)
    if intent is None:
        raise_alarm(session, AlarmKind.UNMATCHED, told.refund_no, merchant_id=told.merchant_id, now=now)
        return NoticeOutcome.UNMATCHED
    attempt = session.get_one(PaymentAttempt, intent.attempt_id)
    differs = differing(told, merchant_id=attempt.merchant_id, trade_no=attempt.trade_no, refund_fen=intent.amount_fen)
    if differs:
        raise_alarm(session, AlarmKind.MISMATCH, told.refund_no, differs=differs, now=now)
        return NoticeOutcome.MISMATCH
    before, state = IntentState(intent.state), after(IntentState(intent.state), told.state)
    intent.state = state
    if tried:
        intent.tries += 1
    if state is IntentState.DONE and before is not IntentState.DONE:
        intent.done_at = told.refunded_at or now
        _enter_done(session, intent, now=now)
    if state is IntentState.ABNORMAL and before is not IntentState.ABNORMAL:
        raise_alarm(
            session, AlarmKind.REFUND_ABNORMAL, intent.refund_no, differs=(refusal,) if refusal else (), now=now
        )
    if state is not before and intent.reason != Reason.SECOND_PAYMENT:
        following.follow(session, intent, now=now)
    if state not in OPEN:
        intent.next_try_at = None
    elif tried:
        intent.next_try_at = next_try(intent.tries - 1, now=now)
        _stage(session, intent, now=now)
    return NoticeOutcome.REFUND


def _enter_done(session: Session, intent: RefundIntent, *, now: datetime) -> None:
    attempt = session.get_one(PaymentAttempt, intent.attempt_id)
    deposit = queries.deposit_by_id(session, attempt.deposit_id)
    enter(
        session,
        deposit.collection_id,
        EntryKind.REFUND_DONE,
        intent.refund_no,
        ledger.refund_done(intent.amount_fen),
        now=now,
    )
    audit.record(
        session,
        actor=f"{attempt.channel}:refund",
        action="payment.refunded",
        subject=f"deposit:{deposit.public_id}",
        now=now,
        payload={"refund_no": intent.refund_no, "amount_fen": intent.amount_fen},
    )
