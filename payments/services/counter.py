"""Crediting money that came by our own counter (cash, card, a recognised bank transfer), and taking it back out.

A deposit paid here looks like any other: an attempt with its number, a confirmation, an entry, a state, news. The
attempt is born paid, for nobody has to be asked about it; its confirmation's outside number (a taking, a voucher, a
bank line) is unique for its channel, so the same paper credits once. The callers hold the deposit's lock.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.database import current_city, new_public_id, translating
from kernel.errors import Conflict
from payments import queries
from payments.models import Deposit, PaymentAttempt, PaymentConfirmation, ToldBy
from payments.refunds import queries as returns
from payments.rules import ledger
from payments.rules.attempt import AttemptState
from payments.rules.channel import Desk, held_in
from payments.rules.deposit import DepositState, Purpose, moved
from payments.rules.giving_back import BACK
from payments.rules.ledger import AccountKind, EntryKind
from payments.services.bookkeeping import enter
from payments.services.crediting import ENTRIES, PAID_TOPIC
from payments.services.paying import new_trade_no

PAPER_USED = Conflict("paper-used", "这张凭证已经登记过一笔，不能再用。")
_HELD = {Purpose.DEPOSIT: AccountKind.DEPOSITS_HELD, Purpose.CONTRIBUTION: AccountKind.CONTRIBUTIONS}


def credit(
    session: Session,
    deposit: Deposit,
    channel: Desk,
    outside_id: str,
    *,
    actor: str,
    description: str,
    paid_at: datetime,
    now: datetime,
) -> PaymentAttempt:
    """Credit a pledged deposit with its amount. Conflict when the same paper has credited something before.

    A payment still open in WeChat is closed by the job; should it succeed first, it goes back as any second payment.
    """
    attempt = PaymentAttempt(
        public_id=new_public_id(),
        deposit_id=deposit.id,
        channel=channel,
        merchant_id="",
        app_id="",
        trade_no=new_trade_no(current_city()),
        amount_fen=deposit.amount_fen,
        description=description,
        payer_openid="",
        notify_url="",
        state=AttemptState.PAID,
        begun_at=now,
        expires_at=now,
    )
    session.add(attempt)
    session.flush()
    entry = audit.record(
        session,
        actor=actor,
        action="payment.taken",
        subject=f"deposit:{deposit.public_id}",
        now=now,
        payload={
            "trade_no": attempt.trade_no,
            "channel": channel,
            "paper": outside_id,
            "amount_fen": attempt.amount_fen,
        },
    )
    with translating({"payment_confirmation_transaction": PAPER_USED}):
        session.execute(
            sa.insert(PaymentConfirmation).values(
                attempt_id=attempt.id,
                channel=channel,
                transaction_id=outside_id,
                amount_fen=attempt.amount_fen,
                paid_at=paid_at,
                told_by=ToldBy.COUNTER,
                at=now,
                audit_hash=entry.row_hash,
            )
        )
    deposit.state = moved(DepositState(deposit.state), DepositState.PAID)
    deposit.paid_at = paid_at
    kind, postings = ENTRIES[Purpose(deposit.purpose)]
    lines = postings(attempt.amount_fen, into=held_in(channel))
    enter(session, deposit.collection_id, kind, attempt.trade_no, lines, now=now)
    waiting = queries.open_attempt(session, deposit.id)
    if waiting is not None:
        waiting.next_look_at = now
        outbox.stage(session, "payment.look", {"attempt": waiting.public_id, "at": now.isoformat()}, now=now)
    outbox.stage(session, PAID_TOPIC, {"deposit": deposit.public_id}, now=now)
    return attempt


def reverse(
    session: Session, deposit: Deposit, attempt: PaymentAttempt, *, actor: str, why: str, now: datetime
) -> None:
    """Take a credit of our own counter out of the books by an entry the other way; the deposit is void from now on.

    Two people decided it. Conflict when the deposit has moved on: what was converted, is on its way back or went back
    (also a part, as a surplus) stays.
    """
    if deposit.state != DepositState.PAID or returns.live_request(session, deposit.id) is not None:
        raise Conflict("deposit-moved-on", "这笔钱已经申请退还或转为出资，不能作废。请先撤回申请，或按退还办理。")
    if any(state in BACK for state, _ in returns.requests_of_deposit(session, deposit.id)):
        raise Conflict("partly-returned", "这笔钱已经退还过一部分，不能再整笔作废。余下的钱要退，请按退还办理。")
    deposit.state = moved(DepositState(deposit.state), DepositState.VOIDED)
    enter(
        session,
        deposit.collection_id,
        EntryKind.PAYMENT_VOIDED,
        attempt.trade_no,
        ledger.payment_voided(
            attempt.amount_fen, held=_HELD[Purpose(deposit.purpose)], out_of=held_in(attempt.channel)
        ),
        now=now,
    )
    audit.record(
        session,
        actor=actor,
        action="payment.voided",
        subject=f"deposit:{deposit.public_id}",
        now=now,
        payload={
            "trade_no": attempt.trade_no,
            "channel": attempt.channel,
            "amount_fen": attempt.amount_fen,
            "why": why,
        },
    )
