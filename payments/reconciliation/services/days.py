"""Comparing a day: fetch the bill, compare it with the ledger, credit what was never told, write down the rest.

Run twice it is the same: the bill is known by its hash, a difference by its number, a payment by its confirmation.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import end_reading, reading, transaction, use_case
from kernel.errors import Conflict, DomainError, Invalid, Unavailable
from payments import queries as money
from payments.gateways import registry
from payments.gateways.bill import Bill
from payments.gateways.port import PaymentGateway, Rejected, Unknown
from payments.models import NoticeOutcome, ToldBy
from payments.reconciliation import queries
from payments.reconciliation.models import BillSource
from payments.reconciliation.services import recording
from payments.reconciliation.services.recording import Outcome
from payments.rules.bill import BadBill, BillKind, BillRow, RowKind
from payments.rules.reconcile import (
    Difference,
    DifferenceKind,
    Fact,
    Item,
    Tally,
    compare,
    pair,
)
from payments.rules.trade import Refund, RefundState, Trade, TradeState
from payments.services import crediting, refunding
from payments.spool import in_order
from payments.withdrawals import services as withdrawals

log = logging.getLogger(__name__)

MOST_DIFFERENCES = 20_000
"""More than that is no day's business: another merchant's bill, or a database restored from long ago."""
LOOK_BACK = timedelta(days=14)
BY_JOB = "job:reconcile"
_ITEMS = {RowKind.PAYMENT: Item.PAYMENT, RowKind.REFUND: Item.REFUND}
_SETTLED = {NoticeOutcome.CREDITED, NoticeOutcome.SECOND_PAYMENT, NoticeOutcome.REPEATED, NoticeOutcome.REFUND}


def reconcile_due(*, now: datetime) -> int:
    """Job: compare every past day not compared yet, of every merchant, back to two weeks; one failing stops none."""
    done = 0
    for merchant_id in registry.merchants():
        gateway = registry.for_new(merchant_id)
        for day in _due(gateway, now=now):
            try:
                reconcile_day(gateway, day, actor=BY_JOB, now=now)
                done += 1
                keep_fund_flow(gateway, day, now=now)
            except DomainError as error:
                log.warning("reconciliation of %s not done: %s", day, error.code)
    return done


def _due(gateway: PaymentGateway, *, now: datetime) -> list[date]:
    session, today = reading(), clock.china_day(now)
    first = queries.first_day(session, gateway.merchant_id)
    since = max(first, today - LOOK_BACK) if first else today
    done = queries.done_days(session, gateway.channel, gateway.merchant_id, since)
    end_reading()
    days = [since + timedelta(days=at) for at in range((today - since).days)]
    return [day for day in days if day not in done]


def reconcile_day(
    gateway: PaymentGateway, day: date, *, actor: str, now: datetime, given: Bill | None = None
) -> Outcome:
    """Compare one merchant's day with the service's bill, or with the ``given`` file.

    Raises Invalid for a day that is not over or a bill that contradicts itself, Conflict for a closed day or a bill
    that is not ours, Unavailable while the service does not answer or still writes. A trouble is kept with the day.
    """
    if day >= clock.china_day(now):
        raise Invalid("day-not-over", "这一天还没有过完，次日 10 点以后才有账单。")
    _must_be_open(gateway, day)
    try:
        bill = given or gateway.bill(day, BillKind.TRADE)
        tally, differences = _compared(gateway, bill)
        healed = _heal(gateway, differences, now=now)
        if healed:
            tally, differences = _compared(gateway, bill)
    except (BadBill, Unknown, Rejected) as error:
        problem = _as_problem(error)
        recording.keep_trouble(gateway, day, problem.detail, now=now)
        raise problem from None
    source = BillSource.FILE if given else BillSource.SERVICE
    return recording.record_day(gateway, bill, source, tally, differences, healed, actor=actor, now=now)


def keep_fund_flow(gateway: PaymentGateway, day: date, *, now: datetime) -> int:
    """Fetch and keep how the merchant's account moved on a day; what left for the bank is entered and looked for.

    Returns how many lines. Raises as ``reconcile_day`` does.
    """
    try:
        bill = gateway.bill(day, BillKind.FUND_FLOW)
    except (BadBill, Unknown, Rejected) as error:
        raise _as_problem(error) from None
    recording.keep_file(gateway, bill, BillSource.SERVICE, now=now)
    withdrawals.enter_from(gateway, bill, now=now)
    return bill.rows_told


def _must_be_open(gateway: PaymentGateway, day: date) -> None:
    session = reading()
    known = queries.day_of(session, gateway.channel, gateway.merchant_id, day)
    end_reading()
    if known is not None and known.closed_at is not None:
        raise Conflict("day-closed", "这一天已经日结签字，不能重新对账。")


def _as_problem(error: Exception) -> DomainError:
    if isinstance(error, BadBill):
        return Invalid("bad-bill", f"账单不能用：{error}。没有据此改动任何账目。")
    if isinstance(error, Rejected) and error.code == "STATEMENT_CREATING":
        return Unavailable("bill-not-ready", "微信还在生成这一天的账单，次日 10 点以后再试。")
    if isinstance(error, Rejected):
        return Conflict("bill-refused", f"微信没有给账单（{error.code}）。请核对商户号和权限。")
    return Unavailable("wechat-pay-unreachable", "微信支付暂时没有回应，过一会儿再试。")


# -------------------------------------------------------------------------------------------------------- comparing


def _fact(row: BillRow) -> Fact:
    # A refund's outside number is not kept here, so it is not compared.
    outside = row.outside_id if row.kind is RowKind.PAYMENT else ""
    return Fact(_ITEMS[row.kind].value, row.number, row.amount_fen, outside, row.state)


def _compared(gateway: PaymentGateway, bill: Bill) -> tuple[Tally, list[Difference]]:
    """Both sides of a day. Ours is read in one snapshot; the bill comes line by line."""
    session, tally = reading(), Tally()
    channel, merchant = gateway.channel, gateway.merchant_id
    ours = in_order(queries.facts_of_day(session, channel, merchant, bill.day))
    theirs = in_order(_fact(row) for row in bill.rows())
    found: list[Difference] = []
    for one in compare(ours, theirs, tally):
        found.append(one)
        if len(found) > MOST_DIFFERENCES:
            end_reading()
            raise BadBill("与本账几乎没有一笔相同，多半是别的商户号或别的日期的账单")
    found = _by_any_day(session, gateway, found)
    end_reading()
    return tally, found


def _by_any_day(session: Session, gateway: PaymentGateway, found: list[Difference]) -> list[Difference]:
    """What seems missing here may stand under another day: then the two lines are compared after all."""
    known: dict[tuple[str, str], Fact] = {}
    for item in Item:
        numbers = [one.number for one in found if one.kind is DifferenceKind.MISSING_HERE and one.item == item]
        facts = queries.facts_by_number(session, gateway.channel, gateway.merchant_id, item, numbers) if numbers else {}
        known |= {(item.value, number): fact for number, fact in facts.items()}
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


# ----------------------------------------------------------------------------------------------------------- healing


def _heal(gateway: PaymentGateway, differences: Sequence[Difference], *, now: datetime) -> list[Difference]:
    """Ask the service about what the bill holds and we do not, and act on its signed answer by the ordinary paths.

    The bill alone credits nothing: it is not signed. Raises Unknown or Rejected when the service cannot be asked.
    """
    session = reading()
    missing = [one for one in differences if one.kind is DifferenceKind.MISSING_HERE and one.item == Item.PAYMENT]
    late = [one for one in differences if one.kind is DifferenceKind.STATE and one.item == Item.REFUND]
    channel, merchant = gateway.channel, gateway.merchant_id
    orders = queries.attempts_of(session, channel, merchant, [one.number for one in missing])
    refunds = queries.refunds_of(session, [one.number for one in late])
    end_reading()
    healed = []
    for one in missing:
        if one.number in orders and _credited(gateway.look(one.number, patience="job"), now=now) in _SETTLED:
            healed.append(one)
    for one in late:
        if one.number in refunds and _settled(gateway.look_refund(one.number, patience="job"), now=now):
            healed.append(one)
    return healed


@use_case
def _credited(trade: Trade, *, now: datetime) -> NoticeOutcome:
    """Credit what the service confirmed when asked: once, whoever else tells it at the same time."""
    with transaction(serializable=True) as session:
        attempt = money.attempt_by_trade_no(session, trade.trade_no)
        if attempt is None or trade.state not in {TradeState.SUCCESS, TradeState.REFUNDED}:
            return NoticeOutcome.NOT_PAID
        attempt, deposit = crediting.locked(session, attempt.public_id)
        return crediting.credit(session, attempt, deposit, trade, told_by=ToldBy.QUERY, now=now)


@use_case
def _settled(refund: Refund, *, now: datetime) -> bool:
    """Act on where the service says a refund stands; whether it is over."""
    with transaction(serializable=True) as session:
        outcome = refunding.apply(session, refund, now=now)
        return outcome in _SETTLED and refund.state is not RefundState.PROCESSING
