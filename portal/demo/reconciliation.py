"""Two days held against WeChat's bill: one agrees; on the other a payment of 桃园北巷 is missing there, so somebody has
said why and waits for a second person, and a payment stands in the bill that nobody here knows."""

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from kernel import clock
from kernel.database import end_reading, reading
from kernel.people.models import Account
from kernel.places import queries as places
from payments.alarms.queries import estates_of
from payments.gateways import registry
from payments.gateways.bill import empty, from_file
from payments.gateways.memory import MemoryGateway
from payments.gateways.writing import write_trade_bill
from payments.reconciliation import queries
from payments.reconciliation.models import BillDifference
from payments.reconciliation.services import days, deciding
from payments.rules.bill import BillKind, BillRow, RowKind
from payments.rules.reconcile import Decision, DifferenceKind, Item
from portal.demo import Demo
from portal.demo.payments import SANDBOX_MERCHANT
from portal.demo.personas import TAOYUAN

AGREES, DIFFERS = 4, 3
"""Days ago."""


def bills(demo: Demo) -> str:
    """Compare the two days, with the ledger's own rows as the bill."""
    gateway = MemoryGateway(merchant_id=next(iter(registry.merchants()), SANDBOX_MERCHANT), now=lambda: demo.now)
    waiting = 0
    for ago in (AGREES, DIFFERS):
        day = clock.china_day(demo.ago(ago))
        rows = _rows(gateway, demo, ago)
        if ago == DIFFERS:
            rows = _spoilt(rows)
        file = write_trade_bill(rows, app_id=gateway.app_id, merchant_id=gateway.merchant_id)
        given = from_file(day, BillKind.TRADE, file) if rows else empty(day, BillKind.TRADE)
        waiting += days.reconcile_day(gateway, day, actor="demo", now=demo.ago(ago - 2), given=given).waiting
    _explain(demo)
    return f"微信账单：对了 2 天，{waiting} 条差异待处理"


def _rows(gateway: MemoryGateway, demo: Demo, ago: int) -> list[BillRow]:
    """What the ledger says of a day, as a bill that agrees with it in every line."""
    session, day = reading(), clock.china_day(demo.ago(ago))
    noon = clock.china_moment(day, 12)
    rows = [
        BillRow(
            RowKind.PAYMENT if fact.item == Item.PAYMENT else RowKind.REFUND,
            fact.number,
            fact.outside_id or f"5030{fact.number}",
            fact.amount_fen,
            "SUCCESS",
            noon,
        )
        for fact in queries.facts_of_day(session, gateway.channel, gateway.merchant_id, day)
    ]
    end_reading()
    return [replace(row, at=noon + timedelta(minutes=at)) for at, row in enumerate(rows)]


def _spoilt(rows: list[BillRow]) -> list[BillRow]:
    """The rows without the first payment of 桃园北巷, and with one of another shop."""
    session = reading()
    estate = places.place_by_code(session, TAOYUAN)
    of = estates_of(session, [row.number for row in rows])
    mine = next((row for row in rows if (known := of.get(row.number)) is not None and known.id == estate.id), None)
    end_reading()
    kept = [row for row in rows if row is not mine]
    last = rows[-1] if rows else None
    return [*kept, replace(last, number="QT0001", outside_id="4200009999", amount_fen=8_800)] if last else kept


def _explain(demo: Demo) -> None:
    """The street says why the payment is missing in the bill; its accountant has not looked yet."""
    session = reading()
    officer = session.scalar(sa.select(Account).where(Account.openid == "demo-street"))
    found = session.scalar(
        sa.select(BillDifference.public_id).where(BillDifference.kind == DifferenceKind.MISSING_THERE)
    )
    end_reading()
    if officer is None or found is None:
        return
    deciding.propose(
        found,
        decision=Decision.ACCEPTED,
        why="微信后台能查到这一笔，账单次日补出",
        person_id=officer.person_id,
        actor=f"account:{officer.public_id}",
        now=demo.ago(DIFFERS - 2),
    )
