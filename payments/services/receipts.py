"""Numbering receipts: by the job, one after another, so that crediting never waits on a counter all payers share."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import insert_ignoring, new_public_id, transaction, use_case
from payments import queries
from payments.models import Collection, Receipt, ReceiptCounter
from payments.rules.deposit import RECEIVED, DepositState
from payments.rules.receipt import number_text


def on_paid(payload: dict[str, Any], *, now: datetime) -> None:
    """Job: give a paid deposit its receipt; told twice, it stays one."""
    issue(payload["deposit"], now=now)


@use_case
def issue(deposit_public_id: str, *, now: datetime) -> str:
    """Number the receipt of a paid deposit and return the number; the one given before when there is one.

    Numbers run without a gap per collecting body and China's calendar year: the counter row and the receipt commit
    together or not at all. ``ValueError`` for a deposit that was never paid.
    """
    with transaction(serializable=True) as session:
        deposit = queries.deposit_by_id(session, queries.deposit_by_public_id(session, deposit_public_id).id, lock=True)
        known = queries.receipt_of(session, deposit.id)
        if known is not None:
            return known.number
        confirmed = queries.first_confirmation(session, deposit.id)
        if DepositState(deposit.state) not in RECEIVED or confirmed is None:
            raise ValueError("only what was paid has a receipt")
        series = session.get_one(Collection, deposit.collection_id).series
        year = clock.china_day(now).year
        counted = _next(session, series, year)
        number = number_text(year, counted)
        session.execute(
            sa.insert(Receipt).values(
                public_id=new_public_id(),
                collection_id=deposit.collection_id,
                deposit_id=deposit.id,
                series=series,
                year=year,
                counted=counted,
                number=number,
                amount_fen=deposit.amount_fen,
                issued_at=now,
                audit_hash=confirmed.audit_hash,
            )
        )
        return number


def _next(session: Session, series: str, year: int) -> int:
    session.execute(
        insert_ignoring(session, ReceiptCounter)
        .values(series=series, year=year, last=0)
        .on_conflict_do_nothing(index_elements=["series", "year"])
    )
    return session.execute(
        sa.update(ReceiptCounter)
        .where(ReceiptCounter.series == series, ReceiptCounter.year == year)
        .values(last=ReceiptCounter.last + 1)
        .returning(ReceiptCounter.last)
    ).scalar_one()
