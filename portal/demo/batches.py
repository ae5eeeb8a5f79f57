"""The street's desk has work: what two households of 桃园北巷 paid twice goes back, all but one; a surplus waits
for the second person at the post office's estate; a card terminal was settled less its fee, a box was forgotten.
"""

from typing import Any

import sqlalchemy as sa

from kernel import clock
from kernel.database import end_reading, reading, transaction, use_case
from kernel.errors import DomainError
from kernel.money import Fen, yuan_text
from kernel.outbox import OutboxRow
from kernel.people.models import Account
from kernel.places import queries as places
from kernel.places.models import Dwelling, DwellingUse, Place
from payments import queries as payments
from payments.cash_desk.services import overdue, taking
from payments.models import Deposit, PaymentAttempt, Receipt
from payments.refunds.batches.models import RefundBatchLine
from payments.refunds.batches.services import proposing, releasing
from payments.refunds.services import asking
from payments.rules.bank_line import LineDecision
from payments.rules.batch import BatchKind
from payments.rules.channel import Desk
from payments.rules.deposit import DepositState
from payments.rules.giving_back import AskedReason
from payments.services import receipts
from payments.services.refunding import REFUND_TOPIC
from payments.statements.models import BankLine
from payments.statements.services import deciding, importing
from payments.statements.services.effects import Part, Told
from payments.two_people import mark
from portal.demo import Demo
from portal.demo.personas import TAOYUAN
from portal.demo.works import ESTATE as WITH_BUDGET

PEOPLE = ("street", "accountant", "cashier")
CARDS: tuple[Fen, ...] = (50_000, 30_000)
FEE: Fen = 480
CASH: Fen = 10_000
SURPLUS: Fen = 1_200_00


def batches(demo: Demo) -> str:
    """Bank lines and a batch half done at 桃园北巷, a batch that waits and a box not counted where shares are paid."""
    session = reading()
    estate, other = places.place_by_code(session, TAOYUAN), places.place_by_code(session, WITH_BUDGET)
    accounts = {name: session.scalar(sa.select(Account).where(Account.openid == f"demo-{name}")) for name in PEOPLE}
    end_reading()
    who = {name: account for name, account in accounts.items() if account is not None}
    held = _held(estate)
    if len(who) < len(PEOPLE) or len(held) < len(CARDS) + 2:
        return "批量退款：0 批"
    _bank(demo, estate, held[-2:], held[: len(CARDS)], who)
    _twice(demo, estate, who)
    _surplus(demo, other, who)
    _forget_news()
    return f"批量退款：2 批，一批等第二人复核，一批 1 笔没有办成；刷卡 {len(CARDS)} 笔已到账，一个钱箱没有清点"


def _by(account: Account) -> dict[str, Any]:
    return {"person_id": account.person_id, "actor": f"account:{account.public_id}"}


def _held(estate: Place) -> list[Deposit]:
    session = reading()
    collection = payments.open_collection(session, estate.id)
    held = sa.select(Deposit).where(
        Deposit.collection_id == (collection.id if collection else 0),
        Deposit.state == DepositState.PAID,
        Deposit.payer_account_id.is_not(None),
    )
    return list(session.scalars(held.order_by(Deposit.paid_at, Deposit.dwelling_id)))


def _home(deposit: Deposit) -> Dwelling:
    session = reading()
    found = places.dwelling_by_id(session, deposit.dwelling_id)
    end_reading()
    return found


def _bank(demo: Demo, estate: Place, twice: list[Deposit], cards: list[Deposit], who: dict[str, Account]) -> None:
    """Cards that the bank paid less its fee; transfers of two households that had paid by WeChat; one nobody knows."""
    for at, (paid, fen) in enumerate(zip(cards, CARDS, strict=True)):
        card = taking.Card("43010057", f"00018{at}", "韶关农商银行", clock.china_day(demo.ago(3)))
        tendered = taking.Tendered(fen, name="住户", card=card)
        taking.take(_home(paid).public_id, tendered, now=demo.ago(3), **_by(who["cashier"]))
    day = clock.china_day(demo.ago(2)).isoformat()
    rows = [
        "交易日期,对方户名,对方账号,收入金额,支出金额,余额,摘要,流水号",
        f"{day},银联商务,95516000,{_yuan(sum(CARDS) - FEE)},,,POS 结算,DEMO-2",
        f"{day},某商贸公司,62284802,88.00,,,货款,DEMO-3",
        *(
            f"{day},住户亲属,6228480{at},{_yuan(paid.amount_fen)},,,改造款,DEMO-{at}"
            for at, paid in enumerate(twice, 4)
        ),
    ]
    session = reading()
    collection = payments.open_collection(session, estate.id)
    end_reading()
    assert collection is not None
    importing.import_statement("\n".join(rows).encode(), tail=collection.account_tail, actor="demo", now=demo.ago(2))
    _line(demo, "DEMO-2", LineDecision.POS, Told(fee_fen=FEE), who)
    for at, paid in enumerate(twice, 4):
        told = Told([Part(_home(paid).public_id, paid.amount_fen)])
        _line(demo, f"DEMO-{at}", LineDecision.CREDITED, told, who)


def _yuan(fen: Fen) -> str:
    """For a cell of a bank's file: no thousands."""
    return yuan_text(fen).replace(",", "")


def _line(demo: Demo, serial: str, decision: LineDecision, told: Told, who: dict[str, Account]) -> None:
    line = _found(serial)
    deciding.propose(
        line.public_id, decision=decision, why="和回单核对一致", told=told, now=demo.ago(1.5), **_by(who["street"])
    )
    seen = mark(_found(serial))
    deciding.decide(line.public_id, agree=True, seen=seen, now=demo.ago(1.4), **_by(who["accountant"]))


def _found(serial: str) -> BankLine:
    session = reading()
    found = session.scalars(sa.select(BankLine).where(BankLine.serial == serial)).one()
    end_reading()
    return found


def _propose(
    demo: Demo, estate: Place, kind: BatchKind, why: str, who: dict[str, Account], total_fen: Fen | None = None
) -> str:
    person, now = who["street"].person_id, demo.ago(1)
    seen = proposing.preview(reading(), estate.public_id, kind, total_fen, person_id=person, now=now)
    end_reading()
    return proposing.propose(
        estate.public_id,
        kind=kind,
        total_fen=total_fen,
        seen=(seen.payments, seen.total_fen),
        why=why,
        now=now,
        **_by(who["street"]),
    )


def _twice(demo: Demo, estate: Place, who: dict[str, Account]) -> None:
    """Two agreed and the job has run; for one of the two a request had been entered meanwhile, so that one waits."""
    for deposit in _transfers():
        receipts.on_paid({"deposit": deposit}, now=demo.ago(1.3))
    batch = _propose(demo, estate, BatchKind.DUPLICATE, "电话确认：儿女扫码缴过，老人又转了一次", who)
    session = reading()
    mine = sa.select(Receipt.number).join(RefundBatchLine, RefundBatchLine.deposit_id == Receipt.deposit_id)
    number = session.scalars(mine.order_by(Receipt.number)).first()
    end_reading()
    assert number is not None
    told = {"reason": AskedReason.DUPLICATE, "now": demo.ago(0.8)}
    asking.ask_for(estate.public_id, number, **told, **_by(who["accountant"]))  # type: ignore[arg-type]
    proposing.decide(batch, agree=True, now=demo.ago(0.5), **_by(who["accountant"]))
    releasing.on_batch({"batch": batch, "again": False}, now=demo.ago(0.5))


def _transfers() -> list[str]:
    session = reading()
    paid = sa.select(Deposit.public_id).join(PaymentAttempt, PaymentAttempt.deposit_id == Deposit.id)
    found = list(session.scalars(paid.where(PaymentAttempt.channel == Desk.BANK).order_by(Deposit.dwelling_id)))
    end_reading()
    return found


def _surplus(demo: Demo, estate: Place, who: dict[str, Account]) -> None:
    """A surplus that waits for the second person, and cash of two days ago nobody has counted."""
    session = reading()
    homes = [home for home in places.dwellings_of_estate(session, estate.id) if home.use == DwellingUse.HOME]
    end_reading()
    for home in reversed(homes):
        tendered = taking.Tendered(CASH, name="住户")
        try:
            taking.take(home.public_id, tendered, now=demo.ago(2), **_by(who["cashier"]))
        except DomainError:
            continue  # its share is met
        break
    overdue.warn(now=demo.now)
    _propose(demo, estate, BatchKind.SURPLUS_PAID, "外墙结算比预算少，业主代表会议议定退回", who, SURPLUS)


@use_case
def _forget_news() -> None:
    """The simulator that took this money is gone with the seeding: nobody is there to ask about these refunds."""
    with transaction() as session:
        session.execute(sa.delete(OutboxRow).where(OutboxRow.topic.in_((REFUND_TOPIC, proposing.TOPIC))))
