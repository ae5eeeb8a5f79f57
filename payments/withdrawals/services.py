"""Entering what left the payment service for the bank. A withdrawal of an account that several estates share is shared
by what each has there, to the fen; what the bank did not take comes back to each the same way.
"""

import re
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import end_reading, insert_ignoring, new_public_id, reading, transaction, use_case
from kernel.money import shares
from payments.gateways.bill import Bill
from payments.gateways.port import PaymentGateway
from payments.rules import ledger
from payments.rules.alarm import AlarmKind
from payments.rules.fund_flow import FlowLine, Move
from payments.rules.ledger import EntryKind
from payments.services.bookkeeping import enter, raise_alarm, settle_by_itself
from payments.withdrawals import queries
from payments.withdrawals.models import Withdrawal, WithdrawalShare

BY = "job:reconcile"
_NUMBER = re.compile(r"[0-9A-Za-z_-]{10,64}")


def enter_from(gateway: PaymentGateway, bill: Bill, *, now: datetime) -> int:
    """Enter the withdrawals a fund-flow bill tells of, and what earlier ones could not be; return how many were
    entered. Told again, nothing is entered twice. What the books have too little for waits, under an alarm.
    """
    for line in bill.lines():
        if line.move is Move.WITHDRAWAL:
            _told(gateway, bill, line)
    session = reading()
    waiting = [one.number for one in queries.not_entered(session, gateway.merchant_id)]
    end_reading()
    return sum(_enter(gateway, number, now=now) for number in waiting)


@use_case
def _told(gateway: PaymentGateway, bill: Bill, line: FlowLine) -> None:
    with transaction() as session:
        session.execute(
            insert_ignoring(session, Withdrawal)
            .values(
                public_id=new_public_id(),
                channel=gateway.channel,
                merchant_id=gateway.merchant_id,
                number=line.service_no,
                day=bill.day,
                amount_fen=line.amount_fen,
            )
            .on_conflict_do_nothing(index_elements=["channel", "merchant_id", "number"])
        )


@use_case
def _enter(gateway: PaymentGateway, number: str, *, now: datetime) -> bool:
    with transaction(serializable=True) as session:
        found = queries.withdrawal_by_number(session, gateway.channel, gateway.merchant_id, number)
        if found.entered_at is not None or found.bounced_at is not None:
            return False
        theirs = [one.id for one in queries.locked_collections(session, gateway.merchant_id)]
        held = sorted(queries.at_service(session, theirs).items())
        if found.amount_fen > sum(fen for _, fen in held):
            raise_alarm(session, AlarmKind.WITHDRAWN_BEYOND, number, now=now)
            return False
        _share(session, found, held, now=now)
        return True


def _share(session: Session, found: Withdrawal, held: list[tuple[int, int]], *, now: datetime) -> None:
    for (collection_id, _), fen in zip(held, shares(found.amount_fen, [fen for _, fen in held]), strict=True):
        if not fen:
            continue
        session.execute(
            sa.insert(WithdrawalShare).values(withdrawal_id=found.id, collection_id=collection_id, amount_fen=fen)
        )
        reference = f"{found.public_id}:{collection_id}"
        enter(session, collection_id, EntryKind.WITHDRAWN, reference, ledger.withdrawn(fen), now=now)
    found.entered_at = now
    audit.record(
        session,
        actor=BY,
        action="withdrawal.entered",
        subject=f"withdrawal:{found.public_id}",
        now=now,
        payload={"number": found.number, "day": found.day.isoformat(), "amount_fen": found.amount_fen},
    )


# ------------------------------------------------------------------------------------------------------------- bounced


def bounced_in(gateway: PaymentGateway, bill: Bill, *, now: datetime) -> list[FlowLine]:
    """Enter the withdrawals a fund-flow bill says the bank did not take; return the lines that do not say which."""
    return [line for line in bill.lines() if line.move is Move.BOUNCE and not _bounced(gateway, line, now=now)]


@use_case
def _bounced(gateway: PaymentGateway, line: FlowLine, *, now: datetime) -> bool:
    with transaction(serializable=True) as session:
        channel, merchant_id = gateway.channel, gateway.merchant_id
        bounce_no = line.flow_no or line.service_no
        if queries.bounce_is_known(session, channel, merchant_id, bounce_no):
            return True
        named = {line.service_no, line.voucher, *_NUMBER.findall(line.remark)}
        for found in queries.may_have_bounced(session, channel, merchant_id, line.amount_fen):
            if found.number in named:
                bounce(session, found, bounce_no, actor=BY, now=now)
                return True
        return False


def bounce(session: Session, found: Withdrawal, bounce_no: str, *, actor: str, now: datetime) -> None:
    """A withdrawal, locked by the caller, is back at the service: its entries the other way round."""
    for share in queries.shares_of(session, found.id):
        reference = f"{found.public_id}:{share.collection_id}"
        postings = ledger.undone(ledger.withdrawn(share.amount_fen))
        enter(session, share.collection_id, EntryKind.WITHDRAWAL_BOUNCED, reference, postings, now=now)
    found.bounced_at, found.bounce_no = now, bounce_no
    settle_by_itself(session, AlarmKind.WITHDRAWN_BEYOND, found.number, now=now)
    raise_alarm(session, AlarmKind.WITHDRAWAL_BOUNCED, found.number, now=now)
    audit.record(
        session,
        actor=actor,
        action="withdrawal.bounced",
        subject=f"withdrawal:{found.public_id}",
        now=now,
        payload={"number": found.number, "line": bounce_no, "amount_fen": found.amount_fen},
    )
