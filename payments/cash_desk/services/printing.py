"""Receipts printed for somebody by staff: each print is kept, the first and every one again."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import transaction, use_case
from kernel.errors import NotFound
from kernel.idempotency import Key, recall, remember
from payments import queries as payments
from payments.cash_desk import queries
from payments.cash_desk.models import ReceiptPrint, Taking
from payments.cash_desk.rules import CHECK, TAKE
from payments.models import Deposit, Receipt


def must_see(session: Session, taking: Taking, person_id: int | None, *, now: datetime) -> Deposit:
    """The deposit a taking paid, for staff of its estate. Raises NotFound."""
    deposit = payments.deposit_by_id(session, taking.deposit_id)
    estate = queries.estate_of_collection(session, deposit.collection_id)
    if not any(grants.may(session, person_id, action, estate, now) for action in (TAKE, CHECK)):
        raise NotFound("no-such-taking", "没有找到这笔收款。")
    return deposit


@use_case
def note(taking: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> int:
    """Keep that a taking's receipt is printed; which print it is. Raises NotFound."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return int(done)
        found = queries.taking_by_public_id(session, taking)
        deposit = must_see(session, found, person_id, now=now)
        payments.deposit_by_id(session, deposit.id, lock=True)
        receipt: Receipt | None = payments.receipt_of(session, deposit.id)
        if receipt is None or person_id is None:
            raise NotFound("no-receipt-yet", "收据还没有开出来，请稍后再打开。")
        nth = queries.prints_of(session, receipt.id) + 1
        session.add(ReceiptPrint(receipt_id=receipt.id, nth=nth, printed_by=person_id, printed_at=now))
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="receipt.printed",
            subject=f"deposit:{deposit.public_id}",
            now=now,
            payload={"receipt": receipt.number, "nth": nth},
        )
        remember(session, key, str(nth), now=now)
        return nth
