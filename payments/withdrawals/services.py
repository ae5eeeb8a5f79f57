"""Entering what left the payment service for the bank. A withdrawal of an account that several estates share is shared
by what each has there, to the fen.
"""

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
from payments.rules.bill import BillRow, RowKind
from payments.rules.ledger import EntryKind
from payments.services.bookkeeping import enter, raise_alarm
from payments.withdrawals import queries
from payments.withdrawals.models import Withdrawal, WithdrawalShare

BY = "job:reconcile"
WITHDRAWN = "提现"
"""The service's own word for money it sends to the bank."""


def enter_from(gateway: PaymentGateway, bill: Bill, *, now: datetime) -> int:
    """Enter the withdrawals a fund-flow bill tells of, and what earlier ones could not be; return how many were
    entered. Told again, nothing is entered twice. What the books have too little for waits, under an alarm. What the
    service took otherwise (扣除交易手续费) is not on its way to the bank: it is no withdrawal.
    """
    for row in bill.rows():
        if row.kind is RowKind.OTHER and not row.incoming and WITHDRAWN in row.state:
            _told(gateway, bill, row)
    session = reading()
    waiting = [one.number for one in queries.not_entered(session, gateway.merchant_id)]
    end_reading()
    return sum(_enter(gateway, number, now=now) for number in waiting)


@use_case
def _told(gateway: PaymentGateway, bill: Bill, row: BillRow) -> None:
    with transaction() as session:
        session.execute(
            insert_ignoring(session, Withdrawal)
            .values(
                public_id=new_public_id(),
                channel=gateway.channel,
                merchant_id=gateway.merchant_id,
                number=row.outside_id,
                day=bill.day,
                amount_fen=row.amount_fen,
            )
            .on_conflict_do_nothing(index_elements=["channel", "merchant_id", "number"])
        )


@use_case
def _enter(gateway: PaymentGateway, number: str, *, now: datetime) -> bool:
    with transaction(serializable=True) as session:
        found = queries.withdrawal_by_number(session, gateway.channel, gateway.merchant_id, number)
        if found.entered_at is not None:
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
