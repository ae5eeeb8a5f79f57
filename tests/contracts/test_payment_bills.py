"""A day's bill, alike from the simulator in memory and from WeChat Pay through the sandbox's wire."""

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import pytest

from kernel import clock
from payments.gateways.bill import from_file
from payments.gateways.memory import MemoryGateway
from payments.gateways.port import Order, PaymentGateway, RefundOrder, Rejected, Unknown
from payments.rules.bill import BadBill, BillKind, BillRow, RowKind
from payments.rules.fund_flow import Move, flow_of
from sandbox.testing import Running
from tests.contracts.test_payment_gateway import PAYER, URL, wechat_gateway

DAY = date(2026, 6, 18)
NOON = datetime(2026, 6, 18, 4, tzinfo=UTC)


class Outside(Protocol):
    """The world beyond the port, with a clock of its own."""

    gateway: PaymentGateway

    def at(self, moment: datetime) -> None:
        """It is ``moment`` there."""

    def pay(self, trade_no: str) -> None:
        """The payer pays."""

    def cost(self, per_10000: int, *, within: bool) -> None:
        """What payments cost from now on, and whether the account's bill tells it within their lines."""

    def withdraw(self, fen: int) -> str:
        """The merchant takes money to its bank; the service's number of it."""

    def bounce(self, number: str) -> None:
        """The bank did not take it."""

    def move(self, fen: int, word: str) -> None:
        """Anything else moves the account."""


class InMemory:
    def __init__(self) -> None:
        self.moment = NOON
        self.memory = MemoryGateway(now=lambda: self.moment)
        self.gateway: PaymentGateway = self.memory

    def at(self, moment: datetime) -> None:
        self.moment = moment

    def pay(self, trade_no: str) -> None:
        self.memory.pay(trade_no, now=self.moment)

    def cost(self, per_10000: int, *, within: bool) -> None:
        self.memory.account.fee_per_10000, self.memory.account.fees_within = per_10000, within

    def withdraw(self, fen: int) -> str:
        return self.memory.account.withdraw(fen, at=self.moment)

    def bounce(self, number: str) -> None:
        self.memory.account.bounce(number, at=self.moment)

    def move(self, fen: int, word: str) -> None:
        self.memory.account.move(fen, word, at=self.moment)


class OnTheWire:
    def __init__(self, sandbox: Running) -> None:
        self.sandbox = sandbox
        self.gateway: PaymentGateway = wechat_gateway(sandbox)

    def at(self, moment: datetime) -> None:
        self.sandbox.post("clock", at=moment.isoformat())

    def pay(self, trade_no: str) -> None:
        self.sandbox.pay(trade_no)

    def cost(self, per_10000: int, *, within: bool) -> None:
        self.sandbox.money(fee_per_10000=per_10000, fees_within=within)

    def withdraw(self, fen: int) -> str:
        return str(self.sandbox.money(withdraw_fen=fen)["withdrawal"])

    def bounce(self, number: str) -> None:
        self.sandbox.money(bounce_withdrawal=number)

    def move(self, fen: int, word: str) -> None:
        self.sandbox.money(move={"fen": fen, "word": word})


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Running() as running:
        yield running


@pytest.fixture
def sandbox(running: Running) -> Running:
    running.reset()
    running.persona(PAYER, "账单测试")
    running.hold_callbacks()
    return running


@pytest.fixture(params=["memory", "wechat"])
def outside(request: pytest.FixtureRequest) -> Outside:
    """The same test on both, at noon of the day."""
    made = InMemory() if request.param == "memory" else OnTheWire(request.getfixturevalue("sandbox"))
    made.at(NOON)
    return made


def paid(outside: Outside, number: str, fen: int) -> None:
    order = Order(number, fen, "桃园北巷，改造诚意金（自愿）", PAYER, URL, NOON + timedelta(days=7))
    outside.gateway.place(order, patience="request")
    outside.pay(number)


def facts(rows: Iterator[BillRow]) -> list[tuple]:
    return [(row.kind, row.number, row.amount_fen, row.state, clock.china_day(row.at)) for row in rows]


def test_a_bill_tells_every_payment_and_refund_of_its_day_in_fen(outside: Outside) -> None:
    paid(outside, "BILLED0001", 50_000)
    paid(outside, "BILLED0002", 1)
    outside.gateway.refund(RefundOrder("BILLED0001R1", "BILLED0001", 20_005, 50_000, "重复", URL), patience="job")
    outside.at(NOON + timedelta(days=1))
    bill = outside.gateway.bill(DAY, BillKind.TRADE)
    assert bill.rows_told == 3
    found = facts(bill.rows())
    assert found[:2] == [
        (RowKind.PAYMENT, "BILLED0001", 50_000, "SUCCESS", DAY),
        (RowKind.PAYMENT, "BILLED0002", 1, "SUCCESS", DAY),
    ]
    assert found[2][:3] == (RowKind.REFUND, "BILLED0001R1", 20_005)
    assert found[2][3] in {"SUCCESS", "PROCESSING"}
    assert facts(bill.rows()) == found, "it may be read again"
    trade = outside.gateway.look("BILLED0002", patience="job")
    assert [row.outside_id for row in bill.rows()][1] == trade.transaction_id


def test_a_day_without_trade_is_an_empty_bill(outside: Outside) -> None:
    outside.at(NOON + timedelta(days=1))
    bill = outside.gateway.bill(DAY, BillKind.TRADE)
    assert (bill.rows_told, bill.packed, list(bill.rows())) == (0, b"", [])


def test_a_bill_that_is_still_being_written_says_so(outside: Outside) -> None:
    paid(outside, "BILLED0003", 50_000)
    with pytest.raises(Rejected) as refusal:
        outside.gateway.bill(DAY, BillKind.TRADE)
    assert refusal.value.code == "STATEMENT_CREATING"


@pytest.mark.parametrize("within", [False, True], ids=["fees apart", "fees within"])
def test_the_account_tells_what_trades_cost_and_what_left_it(outside: Outside, within: bool) -> None:
    outside.cost(60, within=within)
    paid(outside, "BILLED0004", 50_000)  # 3.00
    paid(outside, "BILLED0005", 1_250)  # 0.075: half up
    for at, (part, fen) in enumerate((("R1", 20_000), ("R2", 30_000))):
        outside.at(NOON + timedelta(minutes=1 + 2 * at))
        outside.gateway.refund(RefundOrder(f"BILLED0004{part}", "BILLED0004", fen, 50_000, "退", URL), patience="job")
    outside.at(NOON + timedelta(minutes=5))
    number = outside.withdraw(1_000)
    outside.at(NOON + timedelta(minutes=6))
    outside.bounce(number)
    outside.at(NOON + timedelta(minutes=7))
    outside.move(-50, "商户年费")
    outside.at(NOON + timedelta(days=1))
    costs = {row.number: row.fee_fen for row in outside.gateway.bill(DAY, BillKind.TRADE).rows()}
    assert costs == {"BILLED0004": 300, "BILLED0005": 8, "BILLED0004R1": -120, "BILLED0004R2": -180}
    lines = list(outside.gateway.bill(DAY, BillKind.FUND_FLOW).lines())
    fees = {line.voucher: line.fee_fen for line in lines if line.fee_fen}
    assert fees == costs, "both bills of a day tell the same fees"
    told = [(line.move, line.gross_fen) for line in lines if line.move not in (Move.FEE, Move.FEE_BACK)]
    assert sorted(told) == sorted(
        [
            (Move.PAYMENT, 50_000),
            (Move.PAYMENT, 1_250),
            (Move.REFUND, 20_000),
            (Move.REFUND, 30_000),
            (Move.WITHDRAWAL, 1_000),
            (Move.BOUNCE, 1_000),
            (Move.OTHER, 50),
        ]
    )
    assert (lines[-3].service_no, lines[-2].service_no) == (number, number), "a bounce says of which"
    assert lines[-1].balance_fen == 1_250 - 8 - 50
    assert flow_of(lines).opening_fen == 0
    assert len({(line.service_no, line.flow_no, line.at, line.balance_fen) for line in lines}) == len(lines)


def test_a_bill_with_the_wrong_hash_is_refused(sandbox: Running) -> None:
    outside = OnTheWire(sandbox)
    outside.at(NOON)
    paid(outside, "BILLED0005", 50_000)
    outside.at(NOON + timedelta(days=1))
    sandbox.fault("pay.tradebill", "wrong_hash")
    with pytest.raises(BadBill, match="SHA1"):
        outside.gateway.bill(DAY, BillKind.TRADE)
    assert outside.gateway.bill(DAY, BillKind.TRADE).rows_told == 1


@pytest.mark.parametrize("fault", ["half_body", "cut", "500"])
def test_a_download_that_broke_off_is_unknown_and_may_be_asked_again(sandbox: Running, fault: str) -> None:
    outside = OnTheWire(sandbox)
    outside.at(NOON)
    paid(outside, "BILLED0006", 50_000)
    outside.at(NOON + timedelta(days=1))
    sandbox.fault("pay.download", fault)
    with pytest.raises(Unknown):
        outside.gateway.bill(DAY, BillKind.TRADE)
    assert outside.gateway.bill(DAY, BillKind.TRADE).rows_told == 1


def test_the_link_of_a_bill_must_lead_to_the_same_service(sandbox: Running) -> None:
    outside = OnTheWire(sandbox)
    elsewhere = {"hash_type": "SHA1", "hash_value": "0" * 40, "download_url": "http://127.0.0.1:9/file"}
    sandbox.fault("pay.tradebill", "answer", status=200, answer=elsewhere)
    with pytest.raises(Unknown):
        outside.gateway.bill(DAY, BillKind.TRADE)


def test_what_is_no_packed_file_is_refused() -> None:
    for data in (b"", b"\x1f\x8b\x00", gzip.compress("交易时间".encode("gb18030")), b"\xff\xfe", b"<html>"):
        with pytest.raises(BadBill):
            from_file(DAY, BillKind.TRADE, data)
