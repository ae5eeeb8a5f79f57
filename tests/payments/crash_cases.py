"""What staff do with money that came: deeds of several steps, each done again under its own key after a crash."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from kernel import clock
from kernel.database import end_reading, reading
from kernel.idempotency import Key
from kernel.outbox import OutboxRow
from kernel.outbox.services import LEASE
from payments.cash_desk.services import boxes, scanning, taking
from payments.gateways.bill import from_file
from payments.gateways.writing import write_fund_flow_bill, write_trade_bill
from payments.models import PaymentAttempt, PaymentConfirmation
from payments.reconciliation.services import days
from payments.refunds.batches.services import proposing
from payments.refunds.models import DepositRefund
from payments.refunds.services import transferring
from payments.rollover import services as rollover
from payments.rules.bank_line import LineDecision
from payments.rules.batch import BatchKind
from payments.rules.bill import BillKind, BillRow, RowKind
from payments.rules.fund_flow import FlowLine
from payments.rules.giving_back import RequestState
from payments.rules.rollover import RolloverChoice
from payments.spending import services as spending
from payments.statements.models import BankLine
from payments.statements.services import deciding, importing
from payments.statements.services.effects import Part, Told
from payments.two_people import mark
from payments.withdrawals import services as withdrawals
from sandbox.testing import Running
from tests.payments.cash_desk.conftest import FULL, Counter
from tests.payments.refunds.conftest import PAYEE
from tests.payments.spending.conftest import Till

HEADS = "交易日期,对方户名,收入金额,支出金额,摘要,流水号"


@dataclass
class Case:
    """A deed that a client or the job runner does again when it heard nothing, and how its world then comes to rest."""

    deed: Callable[[], object]
    rest: Callable[[], object] = lambda: None


def key(name: str) -> Key:
    """The key a client sends again with what it does again."""
    return Key("staff", f"{name}-just-once", "0" * 64)


def paid(desk: Counter, sandbox: Running, home: int = 0):
    """A payer has paid through WeChat; his deposit and account."""
    account = desk.payer(desk.homes[home])
    sandbox.persona(account.openid, "付款人")
    deposit = desk.pledge(account, desk.homes[home], now=clock.now())
    trade_no = desk.begin(account, deposit, now=clock.now())
    sandbox.pay(trade_no)
    desk.tell(sandbox.write_callback(trade_no), now=clock.now())
    desk.run_jobs(clock.now())
    return desk.deposit_of(trade_no), account


def _news_arrives(desk: Counter) -> None:
    """News is heard before the deed goes on; what a dead runner had in hand (taken, never failed) a lease later."""
    now = clock.now()
    desk.run_jobs(now)
    in_hand = sa.select(sa.func.count()).where(OutboxRow.tries > 0, OutboxRow.last_error.is_(None))
    if reading().scalar(in_hand):
        end_reading()
        desk.run_jobs(now + LEASE + timedelta(seconds=1))
    end_reading()


def _imported(*rows: str) -> BankLine:
    day = clock.china_day(clock.now()).isoformat()
    text = "\n".join([HEADS, *(f"{day},{row}" for row in rows)])
    importing.import_statement(text.encode(), tail="0187", actor="test", now=clock.now())
    session = reading()
    found = session.scalars(sa.select(BankLine).order_by(BankLine.row)).first()
    session.close()
    assert found is not None
    return found


def _proposed(desk: Counter, line: BankLine, decision: LineDecision, told: Told) -> str:
    """One person says what a line is; the mark the other one reads."""
    given = {"decision": decision, "why": "看了回单", "told": told, "now": clock.now()}
    deciding.propose(line.public_id, **given, **desk.who("one"))
    session = reading()
    session.rollback()
    seen = mark(session.get_one(BankLine, line.id))
    session.close()
    return seen


def _agree(desk: Counter, line: BankLine, seen: str) -> None:
    told = {"agree": True, "seen": seen, "key": key("agree"), "now": clock.now()}
    deciding.decide(line.public_id, **told, **desk.who("two"))


def _take_back(desk: Counter, line: BankLine) -> None:
    told = {"why": "对错了行", "key": key("reversal"), "now": clock.now()}
    made = deciding.propose_reversal(line.public_id, **told, **desk.who("one"))
    deciding.decide_reversal(made, agree=True, key=key("reverse"), now=clock.now(), **desk.who("two"))


def crediting_a_transfer(desk: Counter, sandbox: Running) -> Case:
    """The second person agrees to a transfer while a code is open at the household; then it was wrong after all."""
    line = _imported("陈秀英,500.00,,诚意金,A1")
    seen = _proposed(desk, line, LineDecision.CREDITED, Told([Part(desk.homes[0].public_id, FULL)]))
    asked = {"amount_fen": FULL, "person": desk.owner.public_id, "name": "", "now": clock.now()}
    scanning.begin(desk.homes[0].public_id, **asked, **desk.who("cashier"))

    def agree() -> None:
        _agree(desk, line, seen)
        _news_arrives(desk)
        _take_back(desk, line)
        desk.run_jobs(clock.now())

    return Case(agree)


def closing_the_day(desk: Counter, sandbox: Running) -> Case:
    """A box is counted and handed in; its cash, and a terminal's cards less their fee, reach the bank."""
    now = clock.now()
    box = desk.box(desk.take(now=now))
    card = taking.Card("43010057", "000187", "农商银行", clock.china_day(now))
    desk.take(home=desk.homes[1], card=card, now=now)
    desk.run_jobs(now)
    photo, account = desk.photo(), desk.make.account("cashier").id
    line = _imported("银联,497.00,,POS,A1", "银行柜面,500.00,,现金缴款,A2")
    seen = _proposed(desk, line, LineDecision.POS, Told(fee_fen=300))

    def close() -> None:
        boxes.close(box.public_id, counted_fen=FULL, why=None, key=key("count"), now=now, **desk.who("one"))
        slip = {"slip_no": "XJ-1", "photos": [photo], "account_id": account, "key": key("bank"), "now": now}
        boxes.bank([box.public_id], **slip, **desk.who("cashier"))
        _agree(desk, line, seen)
        importing.match_all(now=clock.now())

    return Case(close)


def refunding_a_batch(desk: Counter, sandbox: Running) -> Case:
    """The second person agrees to a batch: one payment goes back through WeChat, one by a transfer that two confirm."""
    paid(desk, sandbox, 1)
    desk.take(now=clock.now())
    desk.run_jobs(clock.now())
    estate, person = desk.estate.public_id, desk.people["one"].id
    session = reading()
    seen = proposing.preview(session, estate, BatchKind.CANCELLED, None, person_id=person, now=clock.now())
    session.close()
    given = {"kind": BatchKind.CANCELLED, "total_fen": None, "seen": (seen.payments, seen.total_fen), "why": "公告"}
    batch = proposing.propose(estate, **given, now=clock.now(), **desk.who("one"))

    def agree() -> None:
        proposing.decide(batch, agree=True, key=key("batch"), now=clock.now(), **desk.who("two"))
        _news_arrives(desk)
        _transfer(desk)

    def arrive() -> None:
        for one in desk.refunds():
            desk.run_jobs(clock.now() + timedelta(minutes=2))
            sandbox.settle_refund(one.refund_no, "SUCCESS")
            desk.tell(sandbox.write_callback(one.refund_no), now=clock.now())

    return Case(agree, arrive)


def _transfer(desk: Counter) -> None:
    """The refund that goes by bank: its card entered, transferred, confirmed; what was done already is passed over."""
    session = reading()
    session.rollback()
    statement = sa.select(DepositRefund.public_id).where(DepositRefund.road == "bank")
    (request,) = session.scalars(statement).all()
    session.close()
    if desk.request(request).state == RequestState.TO_TRANSFER:
        transferring.enter_payee(request, PAYEE, key=key("payee"), now=clock.now(), **desk.who("one"))
    told = {"voucher_no": "HD-1", "key": key("execute"), "now": clock.now()}
    transferring.execute(request, **told, **desk.who("cashier"))
    transferring.confirm(request, arrived_there=True, key=key("confirm"), now=clock.now(), **desk.who("two"))


def asking_and_leaving(desk: Counter, sandbox: Running) -> Case:
    """A payer who is asked wants his deposit back; the other says nothing."""
    deposit, account = paid(desk, sandbox, 1)
    paid(desk, sandbox, 2)
    asked = {"plan_year": 2027, "why": "今年没有列入计划", "key": key("ask"), "now": clock.now()}
    question = rollover.ask(desk.estate.public_id, **asked, **desk.who("one"))

    def answer() -> None:
        told = {"account_id": account.id, "actor": "payer", "key": key("answer"), "now": clock.now()}
        rollover.answer(deposit.public_id, RolloverChoice.GIVE_BACK, **told)
        rollover.close(question, key=key("close"), now=clock.now(), **desk.who("two"))
        desk.run_jobs(clock.now())

    return Case(answer)


def withdrawing(desk: Counter, sandbox: Running) -> Case:
    """What left WeChat Pay is entered and found at the bank."""
    paid(desk, sandbox, 1)
    day = clock.china_day(clock.now())
    flow = (
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
        "资金变更提交申请人,备注,业务凭证号\n"
        f"`{day.isoformat()} 09:00:00,`W1,`F1,`提现,`提现,`支出,`400.00,`100.00,`system,`,`\n"
        "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`1,`0,`0.00,`1,`400.00\n"
    )
    bill = from_file(day, BillKind.FUND_FLOW, flow.encode())
    _imported("财付通支付科技有限公司,400.00,,微信提现,A1")

    def enter() -> None:
        withdrawals.enter_from(desk.gateway, bill, now=clock.now())
        importing.match_all(now=clock.now())

    return Case(enter)


def holding_a_day_against_its_bills(desk: Counter, sandbox: Running) -> Case:
    """A day is compared with both its bills: its fee is entered, a withdrawal left and bounced, a top-up waits."""
    deposit, _ = paid(desk, sandbox, 1)
    session = reading()
    attempt = session.scalars(sa.select(PaymentAttempt).where(PaymentAttempt.deposit_id == deposit.id)).one()
    transaction_id = session.scalars(
        sa.select(PaymentConfirmation.transaction_id).where(PaymentConfirmation.attempt_id == attempt.id)
    ).one()
    session.close()
    at, fen, number = deposit.paid_at or clock.now(), deposit.amount_fen, attempt.trade_no
    day = clock.china_day(at)
    row = BillRow(RowKind.PAYMENT, number, transaction_id, fen, "SUCCESS", at, 300)
    trade = write_trade_bill([row], app_id=desk.gateway.app_id, merchant_id=desk.gateway.merchant_id)
    moved = [
        FlowLine(transaction_id, transaction_id, "交易", True, fen, fen, at, number, ""),
        FlowLine(transaction_id, transaction_id, "扣除交易手续费", False, 300, fen - 300, at, number, ""),
        FlowLine("W9", "W9", "提现", False, 10_000, fen - 10_300, at, "", ""),
        FlowLine("W9", "W9", "提现", True, 10_000, fen - 300, at, "", ""),
        FlowLine("T9", "T9", "充值", True, 500, fen + 200, at, "", ""),
    ]
    bills = {
        "given": from_file(day, BillKind.TRADE, trade),
        "given_flow": from_file(day, BillKind.FUND_FLOW, write_fund_flow_bill(moved)),
    }

    def compare() -> None:
        # As the job does: a day that was compared is not compared again.
        session = reading()
        done = days.queries.done_days(session, desk.gateway.channel, desk.gateway.merchant_id, day)
        session.close()
        if day in done:
            return
        days.reconcile_day(desk.gateway, day, actor="test", now=clock.now() + timedelta(days=1), **bills)

    return Case(compare)


def paying_for_the_works(till: Till, sandbox: Running) -> Case:
    """A payment out is approved, executed, and turns out to be wrong: two take it back."""
    made = till.ask(now=clock.now())

    def pay() -> None:
        now = clock.now()
        spending.approve(made, key=key("approve"), now=now, **till.who("one"))
        spending.mark_paid(made, bank_reference="HD-1", key=key("paid"), now=now, **till.who("cashier"))
        spending.propose_reversal(made, why="付错了", key=key("wrong"), now=now, **till.who("one"))
        spending.reverse(made, key=key("back"), now=now, **till.who("two"))
        till.run_jobs(now)

    return Case(pay)


OF_STAFF = [
    crediting_a_transfer,
    closing_the_day,
    refunding_a_batch,
    asking_and_leaving,
    withdrawing,
    holding_a_day_against_its_bills,
    paying_for_the_works,
]
