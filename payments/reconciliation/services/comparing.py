"""A day's two sides, line by line: the ledger and the service's bills."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.database import end_reading, reading
from kernel.money import Fen
from payments.fund_flow import services as fund_flow
from payments.gateways.bill import Bill
from payments.gateways.port import PaymentGateway
from payments.reconciliation import queries
from payments.reconciliation.queries import facts
from payments.rules.bill import BadBill, BillRow, RowKind
from payments.rules.fund_flow import Flow, FlowLine, Move
from payments.rules.reconcile import Difference, DifferenceKind, Fact, Item, Tally, compare, numbered, pair
from payments.spool import in_order
from payments.withdrawals import services as withdrawals

MOST_DIFFERENCES = 20_000
"""More than that is no day's business: another merchant's bill, or a database restored from long ago."""
_ITEMS = {RowKind.PAYMENT: Item.PAYMENT, RowKind.REFUND: Item.REFUND}
_CLOSED = "FAIL"
"""WeChat's word in a trade bill for a refund that moved nothing."""


@dataclass
class Compared:
    """What a comparison of a day found."""

    tally: Tally
    differences: list[Difference]


def with_ledger(gateway: PaymentGateway, bill: Bill, *, fees: bool) -> Compared:
    """Compare the ledger with the trade bill. Ours is read in one snapshot; the bill comes line by line. ``fees``: are
    the day's fees in the books by now, so that they can be compared too?

    Raises BadBill when hardly anything agrees.
    """
    session, tally = reading(), Tally()
    ours = in_order(facts.facts_of_day(session, gateway.channel, gateway.merchant_id, bill.day))
    theirs = in_order(fact for row in bill.rows() for fact in _facts(row))
    found: list[Difference] = []
    for one in compare(ours, theirs, tally):
        if one.item == Item.FEE and not fees:
            continue
        found.append(one)
        if len(found) > MOST_DIFFERENCES:
            end_reading()
            raise BadBill("与本账几乎没有一笔相同，多半是别的商户号或别的日期的账单")
    if tally.of("ours", Item.FEE).fen == tally.of("theirs", Item.FEE).fen:
        # The same fees altogether: which number a bill tells one under is its own affair.
        found = [one for one in found if one.item != Item.FEE]
    found = _by_any_day(session, gateway, found)
    end_reading()
    return Compared(tally, found)


def _facts(row: BillRow) -> Iterator[Fact]:
    # A refund's outside number is not kept here, so it is not compared.
    outside = row.outside_id if row.kind is RowKind.PAYMENT else ""
    yield Fact(_ITEMS[row.kind].value, row.number, row.amount_fen, outside, row.state)
    if row.fee_fen:
        yield Fact(Item.FEE.value, row.number, row.fee_fen)


def _by_any_day(session: Session, gateway: PaymentGateway, found: list[Difference]) -> list[Difference]:
    """What seems missing here may stand under another day: then the two lines are compared after all."""
    known: dict[tuple[str, str], Fact] = {}
    for item in facts.ANY_DAY:
        numbers = [one.number for one in found if one.kind is DifferenceKind.MISSING_HERE and one.item == item]
        there = facts.facts_by_number(session, gateway.channel, gateway.merchant_id, item, numbers) if numbers else {}
        known |= {(item.value, number): fact for number, fact in there.items()}
    return [_judged_again(one, known.get((one.item, one.number))) for one in found]


def _judged_again(one: Difference, ours: Fact | None) -> Difference:
    if one.kind is not DifferenceKind.MISSING_HERE or ours is None:
        return one
    theirs = Fact(one.item, one.number, one.theirs_fen or 0, "", one.theirs_says)
    apart = pair(ours, theirs)
    if apart is not None:
        return apart
    # Their amount stands in the bill of this day and ours in the ledger of another: the day's sums differ by it.
    return replace(one, kind=DifferenceKind.OTHER_DAY)


# ---------------------------------------------------------------------------------------------------------- the account


@dataclass
class Account:
    """A day of the merchant's account: its bill, its sums, and the lines a person has to look at."""

    bill: Bill
    flow: Flow
    unknown: list[FlowLine]


def account_of(gateway: PaymentGateway, bill: Bill, *, now: datetime) -> Account:
    """Read a fund-flow bill; its fees are entered on the way."""
    return Account(bill, *fund_flow.read_and_enter(gateway, bill, now=now))


def with_account(gateway: PaymentGateway, account: Account, trade: Bill, found: Compared, *, now: datetime) -> None:
    """Enter what left for the bank and what bounced, once the day's payments are credited; add to what was ``found``
    what a person has to look at: lines nobody can place, sums the two bills of the day tell differently, a balance that
    does not go on from the day before.
    """
    withdrawals.enter_from(gateway, account.bill, now=now)
    strange = account.unknown + withdrawals.bounced_in(gateway, account.bill, now=now)
    refunded = found.tally.of("theirs", Item.REFUND).fen - sum(
        row.amount_fen for row in trade.rows() if row.kind is RowKind.REFUND and row.state == _CLOSED
    )
    session = reading()
    closing = queries.closing_before(session, gateway.channel, gateway.merchant_id, trade.day)
    end_reading()
    flow = account.flow
    sums = [
        ("收款合计", found.tally.of("theirs", Item.PAYMENT).fen, flow.paid_fen, ("交易账单", "资金账单")),
        ("退款合计", refunded, flow.refunded_fen, ("交易账单", "资金账单")),
    ]
    if closing is not None and flow.opening_fen is not None:
        sums.append(("期初余额", closing, flow.opening_fen, ("前一天的期末余额", "资金账单")))
    # The fee of a trade that is not ours stands in both bills: it is told once, as what it did to the account.
    told = {line.voucher for line in strange}
    found.differences = [one for one in found.differences if one.item != Item.FEE or one.number not in told]
    found.differences += _placed_by_nobody(strange)
    found.differences += [
        Difference(DifferenceKind.AMOUNT, Item.MOVEMENT, name, one, other, *says)
        for name, one, other, says in sums
        if one != other
    ]


def _placed_by_nobody(lines: Sequence[FlowLine]) -> list[Difference]:
    told = [(line.flow_no or line.service_no or line.word, line) for line in lines]
    return [
        Difference(
            DifferenceKind.MISSING_HERE,
            Item.OTHER,
            number,
            None,
            _moved(line),
            "",
            f"{line.word} {line.remark}".strip(),
            nth,
        )
        for (number, line), nth in zip(told, numbered(number for number, _ in told), strict=True)
    ]


def _moved(line: FlowLine) -> Fen:
    """What a line nobody can place did to the account; of a payment or refund only the fee that stands in it."""
    return -line.fee_fen if line.move in (Move.PAYMENT, Move.REFUND) else line.moved_fen
