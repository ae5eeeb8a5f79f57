"""Two days held against WeChat's bills, with what each payment cost: one agrees; on the other a payment of 桃园北巷 is
missing there, so somebody has said why and waits for a second person, a payment stands in the bill that nobody here
knows, and so does its fee, and the account holder put money in.
"""

from datetime import timedelta

import sqlalchemy as sa

from kernel import clock, grants
from kernel.database import end_reading, reading, transaction, use_case
from kernel.grants import Role
from kernel.people.models import Account
from kernel.places import queries as places
from kernel.places.models import PlaceKind
from payments.alarms.queries import estates_of
from payments.gateways import registry
from payments.gateways.bill import empty, from_file
from payments.gateways.memory import MemoryGateway
from payments.gateways.memory_account import MemoryAccount, Traded
from payments.gateways.writing import write_fund_flow_bill, write_trade_bill
from payments.reconciliation import queries
from payments.reconciliation.models import BillDifference
from payments.reconciliation.queries import facts
from payments.reconciliation.services import days, deciding
from payments.rules.bill import BillKind, RowKind
from payments.rules.reconcile import Decision, DifferenceKind, Item
from portal.demo import Demo
from portal.demo.payments import SANDBOX_MERCHANT
from portal.demo.personas import TAOYUAN

AGREES, DIFFERS = 4, 3
"""Days ago."""
SETTLERS = ("demo-settler", "demo-settler-two")


def bills(demo: Demo) -> str:
    """Compare the two days, with the ledger's own rows as the bill."""
    gateway = MemoryGateway(merchant_id=next(iter(registry.merchants()), SANDBOX_MERCHANT), now=lambda: demo.now)
    account, traded, waiting = MemoryAccount(fee_per_10000=60), list[Traded](), 0
    for ago in (AGREES, DIFFERS):
        day = clock.china_day(demo.ago(ago))
        told = _traded(gateway, demo, ago)
        if ago == DIFFERS:
            told = _spoilt(told)
            account.move(20_000, "充值", at=clock.china_moment(day, 20))
        traded += told
        rows, lines = account.rows(traded, day), account.lines(traded, day)
        trade = write_trade_bill(rows, app_id=gateway.app_id, merchant_id=gateway.merchant_id)
        waiting += days.reconcile_day(
            gateway,
            day,
            actor="demo",
            now=demo.ago(ago - 2),
            given=from_file(day, BillKind.TRADE, trade) if rows else empty(day, BillKind.TRADE),
            given_flow=from_file(day, BillKind.FUND_FLOW, write_fund_flow_bill(lines))
            if lines
            else empty(day, BillKind.FUND_FLOW),
        ).waiting
    _explain(demo)
    _settlers(demo)
    return f"微信账单：对了 2 天，{waiting} 条差异待处理"


def _traded(gateway: MemoryGateway, demo: Demo, ago: int) -> list[Traded]:
    """What the ledger says of a day's payments and refunds, as the service tells them in agreement."""
    session, day = reading(), clock.china_day(demo.ago(ago))
    noon = clock.china_moment(day, 12)
    told = list(facts.facts_of_day(session, gateway.channel, gateway.merchant_id, day))
    end_reading()
    return [
        Traded(
            noon + timedelta(minutes=at),
            RowKind.PAYMENT if fact.item == Item.PAYMENT else RowKind.REFUND,
            fact.number,
            fact.outside_id or f"5030{fact.number}",
            fact.outside_id or fact.number,
            fact.amount_fen,
            "SUCCESS",
            fact.amount_fen,
        )
        for at, fact in enumerate(fact for fact in told if fact.item in (Item.PAYMENT, Item.REFUND))
    ]


def _spoilt(rows: list[Traded]) -> list[Traded]:
    """The rows without the first payment of 桃园北巷, and with one of another shop."""
    session = reading()
    estate = places.place_by_code(session, TAOYUAN)
    of = estates_of(session, [row.number for row in rows])
    mine = next((row for row in rows if (known := of.get(row.number)) is not None and known.id == estate.id), None)
    end_reading()
    kept = [row for row in rows if row is not mine]
    last = rows[-1] if rows else None
    if last is None:
        return kept
    return [*kept, Traded(last.at, RowKind.PAYMENT, "QT0001", "4200009999", "4200009999", 8_800, "SUCCESS", 8_800)]


@use_case
def _settlers(demo: Demo) -> None:
    """The streets share the sandbox's one merchant, so that none of them signs its days: two people work for all."""
    with transaction() as session:
        estates = [estate for _, _, estate in queries.estates_of_merchants(session)]
        streets = {one.code: one for estate in estates for one in places.ancestors(session, estate)}
        for account in session.scalars(sa.select(Account).where(Account.openid.in_(SETTLERS))):
            for street in streets.values():
                if street.kind == PlaceKind.STREET and account.person_id is not None:
                    grants.give(
                        session,
                        person_id=account.person_id,
                        role=Role.STREET_OFFICER,
                        place=street,
                        now=demo.now,
                        granted_by="demo",
                        starts_at=demo.ago(180),
                        ends_at=demo.now + timedelta(days=3 * 365),
                    )


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
