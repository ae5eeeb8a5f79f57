"""Crediting a confirmed payment exactly once, whoever tells it first: a notice or our own question.

One function, one transaction, the payer's deposit locked first. What arrives again is recognised, what differs from the
order is kept and shown to a person, and a second success for a deposit already paid goes back by itself.
"""

import hashlib
import json
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.database import change, core, insert_once, transaction, use_case
from payments import queries
from payments.gateways.port import Notice
from payments.models import Deposit, NoticeOutcome, PaymentAttempt, PaymentConfirmation, PaymentNotice, ToldBy, table_of
from payments.rules import ledger
from payments.rules.alarm import AlarmKind
from payments.rules.attempt import OPEN, AttemptState
from payments.rules.compare import Expected, Verdict, judge
from payments.rules.deposit import DepositState, Purpose, moved
from payments.rules.ledger import EntryKind
from payments.rules.trade import Trade
from payments.services import doubles, refunding
from payments.services.bookkeeping import enter, raise_alarm

PAID_TOPIC = "deposit.paid"

# Built once: a statement made anew for each payment costs more than the payment's row.
_CONFIRM = table_of(PaymentConfirmation).insert().inline()
_NOTICES = table_of(PaymentNotice)


@use_case
def take_notice(channel: str, notice: Notice, *, now: datetime) -> NoticeOutcome:
    """Keep a believed notice and act on it, once. After this returned it is stored and may be acknowledged.

    READ COMMITTED on purpose: what keeps it right is the lock on the payer's deposit and the unique confirmation, tried
    at both levels; SERIALIZABLE sent one callback in fifty away (503) for reading index pages others wrote to.
    """
    with transaction() as session:
        trade, refund = notice.trade, notice.refund
        same = {"channel": channel, "notice": notice.id, "digest": _hash_of(notice)}
        deposit = queries.deposit_of_trade_no(session, trade.trade_no) if trade else None
        # Under the lock: a twin has either committed, and is seen here, or comes after us.
        if trade is not None and deposit is not None:
            attempt, confirmed, known = queries.told_before(session, trade.trade_no, same)
        else:
            if refund is not None:
                queries.intent_by_number(session, refund.refund_no, lock=True)
            known = queries.outcome_of_notice(session, same)
        if known is not None:
            return NoticeOutcome(known)
        if trade is not None and deposit is not None:
            outcome = _act(session, attempt, deposit, trade, confirmed, told_by=ToldBy.NOTICE, now=now)
        elif trade is not None:
            raise_alarm(session, AlarmKind.UNMATCHED, trade.trade_no, merchant_id=trade.merchant_id, now=now)
            outcome = NoticeOutcome.UNMATCHED
        elif refund is not None:
            outcome = refunding.apply(session, refund, now=now)
        else:
            raise_alarm(session, AlarmKind.UNMATCHED, f"notice:{notice.id}", now=now)
            outcome = NoticeOutcome.OTHER
        kept = {
            "channel": channel,
            "notice_id": notice.id,
            "facts_hash": same["digest"],
            "number": trade.trade_no if trade else refund.refund_no if refund else None,
            "outcome": outcome,
            "facts": dict(notice.facts),
            "received_at": now,
        }
        link = core(session)
        link.execute(insert_once(link.dialect.name, _NOTICES), kept)
        return outcome


def _hash_of(notice: Notice) -> str:
    """SHA-256 over what a notice says: a retry says the same, whatever its signature and seal."""
    said = json.dumps(notice.facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def credit(
    session: Session, attempt: PaymentAttempt, deposit: Deposit, trade: Trade, *, told_by: ToldBy, now: datetime
) -> NoticeOutcome:
    """Act on a reported trade, with attempt and deposit locked: credit it, recognise it, or set it aside."""
    confirmed = queries.confirmed_transaction(session, attempt.id)
    return _act(session, attempt, deposit, trade, confirmed, told_by=told_by, now=now)


def _act(
    session: Session,
    attempt: PaymentAttempt,
    deposit: Deposit,
    trade: Trade,
    confirmed: str | None,
    *,
    told_by: ToldBy,
    now: datetime,
) -> NoticeOutcome:
    """``confirmed``: the gateway's number of the payment already confirmed for the attempt, or None."""
    judgement = judge(
        trade, Expected(attempt.trade_no, attempt.merchant_id, attempt.app_id, attempt.amount_fen, confirmed)
    )
    if judgement.verdict is Verdict.REPEATED:
        return NoticeOutcome.REPEATED
    if judgement.verdict is Verdict.NOT_PAID:
        return NoticeOutcome.NOT_PAID
    if judgement.verdict is Verdict.MISMATCH:
        raise_alarm(session, AlarmKind.MISMATCH, attempt.trade_no, differs=judgement.differs, now=now)
        return NoticeOutcome.MISMATCH
    first = deposit.state == DepositState.PLEDGED
    entry = audit.record(
        session,
        actor=f"{attempt.channel}:{told_by}",
        action="payment.confirmed",
        subject=f"deposit:{deposit.public_id}",
        now=now,
        payload={
            "trade_no": attempt.trade_no,
            "transaction_id": trade.transaction_id,
            "amount_fen": attempt.amount_fen,
            "credited": first,
        },
    )
    confirmation = {
        "attempt_id": attempt.id,
        "channel": attempt.channel,
        "transaction_id": trade.transaction_id,
        "amount_fen": attempt.amount_fen,
        "paid_at": trade.paid_at or now,
        "told_by": told_by,
        "at": now,
        "audit_hash": entry.row_hash,
    }
    core(session).execute(_CONFIRM, confirmation)
    was_open = attempt.state in OPEN
    change(session, attempt, state=AttemptState.PAID, next_look_at=None)
    if first:
        _credit(session, attempt, deposit, was_open=was_open, paid_at=trade.paid_at or now, now=now)
        if deposit.payer_account_id is None:
            # A code somebody scanned: the same household's money may have come another way, too.
            doubles.watch(session, deposit, now=now)
        return NoticeOutcome.CREDITED
    _owe_back(session, attempt, deposit, now=now)
    return NoticeOutcome.SECOND_PAYMENT


ENTRIES = {
    Purpose.DEPOSIT: (EntryKind.DEPOSIT_PAID, ledger.deposit_paid),
    Purpose.CONTRIBUTION: (EntryKind.CONTRIBUTION_PAID, ledger.contribution_paid),
}
"""What a payment is in the books, by what it was made for."""


def _credit(
    session: Session, attempt: PaymentAttempt, deposit: Deposit, *, was_open: bool, paid_at: datetime, now: datetime
) -> None:
    state = moved(DepositState(deposit.state), DepositState.PAID)
    # A late success of an attempt closed before the pledge was changed: what was paid is what counts.
    change(session, deposit, state=state, amount_fen=attempt.amount_fen, paid_at=paid_at)
    kind, postings = ENTRIES[Purpose(deposit.purpose)]
    enter(session, deposit.collection_id, kind, attempt.trade_no, postings(attempt.amount_fen), now=now)
    # A deposit has at most one open attempt (``payment_attempt_one_open``): if this was it, there is no other.
    other = None if was_open else queries.open_attempt(session, deposit.id, but=attempt.id)
    if other is not None:
        # It must not be paid as well: the job closes it at the gateway at once.
        other.next_look_at = now
        payload = {"attempt": other.public_id, "at": now.isoformat()}
        outbox.stage(session, "payment.look", payload, now=now)
    outbox.stage(session, PAID_TOPIC, {"deposit": deposit.public_id}, now=now)


def _owe_back(session: Session, attempt: PaymentAttempt, deposit: Deposit, *, now: datetime) -> None:
    """A second success: owed back from this moment, sent back by itself, and seen by a person."""
    enter(
        session,
        deposit.collection_id,
        EntryKind.SECOND_PAYMENT,
        attempt.trade_no,
        ledger.second_payment(attempt.amount_fen),
        now=now,
    )
    refunding.want(session, attempt, now=now)
    raise_alarm(session, AlarmKind.SECOND_PAYMENT, attempt.trade_no, now=now)
