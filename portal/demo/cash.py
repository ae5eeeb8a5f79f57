"""Cash at 桃园北巷: a collector's box of two days ago, counted and waiting to be banked, and today's, still open."""

import sqlalchemy as sa

from kernel import clock
from kernel.database import end_reading, reading
from kernel.people import queries as people
from kernel.people.models import Account
from kernel.places import queries as places
from kernel.places.models import Dwelling, DwellingUse, Place
from payments import queries as payments
from payments.cash_desk.models import CashBox
from payments.cash_desk.services import boxes, taking
from payments.queries.totals import paid_dwellings
from payments.rules.reference import grouped
from payments.statements.services import importing
from payments.statements.services.effects import reference_of
from portal.demo import Demo
from portal.demo.personas import PERSONAS, TAOYUAN

TAKEN = ((2, 50_000), (2, 30_000), (0, 50_000))
"""How many days ago, and how much."""


def counter(demo: Demo) -> str:
    """Let the cashier take money at three doors that had not paid; another person has counted the first box."""
    session = reading()
    estate = places.place_by_code(session, TAOYUAN)
    of_the_story = {persona.tied_to for persona in PERSONAS} | {persona.owns for persona in PERSONAS}
    paid = paid_dwellings(session, estate.id)
    homes = [
        home
        for home in places.dwellings_of_estate(session, estate.id)
        if home.use == DwellingUse.HOME and home.id not in paid and home.label not in of_the_story
    ]
    cashier, officer = (
        session.scalar(sa.select(Account).where(Account.openid == name)) for name in ("demo-cashier", "demo-street")
    )
    collecting = payments.open_collection(session, estate.id) is not None
    end_reading()
    if cashier is None or officer is None or not collecting:
        return "现金：0 笔"
    earlier, today = [pair for pair in TAKEN if pair[0]], [pair for pair in TAKEN if not pair[0]]
    first = [_take(demo, home, cashier, *pair) for home, pair in zip(homes, earlier, strict=False)]
    for box in _open_boxes():
        boxes.close(
            box,
            counted_fen=sum(fen for _, fen in earlier[: len(first)]),
            why=None,
            person_id=officer.person_id,
            actor=f"account:{officer.public_id}",
            now=demo.ago(1),
        )
    taken = first + [_take(demo, home, cashier, *pair) for home, pair in zip(homes[len(first) :], today, strict=False)]
    _statement(demo, estate, homes[len(taken)])
    return f"现金：{len(taken)} 笔，一个钱箱已清点、等解款，一个还开着；银行流水一行待处理"


def _statement(demo: Demo, estate: Place, home: Dwelling) -> None:
    """A transfer of one household whose memo names its reference: it waits for two people."""
    session = reading()
    collection = payments.open_collection(session, estate.id)
    code = grouped(reference_of(home))
    end_reading()
    assert collection is not None
    day = clock.china_day(demo.ago(1)).isoformat()
    rows = ["交易日期,对方户名,对方账号,收入金额,支出金额,余额,摘要,流水号"]
    rows.append(f"{day},住户,62284800,500.00,,,诚意金 {code},DEMO-1")
    importing.import_statement("\n".join(rows).encode(), tail=collection.account_tail, actor="demo", now=demo.now)


def _take(demo: Demo, home: Dwelling, cashier: Account, days: int, fen: int) -> str:
    session = reading()
    owner = next(iter(people.owners_of(session, home.id)), None)
    end_reading()
    tendered = taking.Tendered(fen, owner.public_id if owner else "", "" if owner else "住户")
    return taking.take(
        home.public_id,
        tendered,
        person_id=cashier.person_id,
        actor=f"account:{cashier.public_id}",
        now=demo.ago(days),
    )


def _open_boxes() -> list[str]:
    session = reading()
    found = session.scalars(sa.select(CashBox.public_id).where(CashBox.closed_at.is_(None))).all()
    end_reading()
    return list(found)
