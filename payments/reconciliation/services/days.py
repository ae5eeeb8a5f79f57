"""Comparing a day: fetch its bills, compare them with the ledger, credit what was never told, write down the rest.

Run twice it is the same: the bill is known by its hash, a difference by its number, a payment by its confirmation.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

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
from payments.reconciliation.queries import facts
from payments.reconciliation.services import comparing, recording
from payments.reconciliation.services.recording import Outcome
from payments.rules.bill import BadBill, BillKind
from payments.rules.reconcile import Difference, DifferenceKind, Item
from payments.rules.trade import Refund, RefundState, Trade, TradeState
from payments.services import crediting, refunding

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=14)
BY_JOB = "job:reconcile"
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
    gateway: PaymentGateway,
    day: date,
    *,
    actor: str,
    now: datetime,
    given: Bill | None = None,
    given_flow: Bill | None = None,
) -> Outcome:
    """Compare one merchant's day with the service's two bills, or with the ``given`` trade bill and fund-flow bill;
    what the account cost and what left it is entered on the way.

    Raises Invalid for a day that is not over or a bill that contradicts itself, Conflict for a closed day or a bill
    that is not ours, Unavailable while the service does not answer or still writes. A trouble is kept with the day.
    """
    if day >= clock.china_day(now):
        raise Invalid("day-not-over", "这一天还没有过完，次日 10 点以后才有账单。")
    _must_be_open(gateway, day)
    try:
        bill = given or gateway.bill(day, BillKind.TRADE)
        flow_bill = given_flow or (None if given else _fund_flow(gateway, day))
        account = comparing.account_of(gateway, flow_bill, now=now) if flow_bill else None
        found = comparing.with_ledger(gateway, bill, fees=account is not None)
        healed = _heal(gateway, found.differences, now=now)
        if healed:
            found = comparing.with_ledger(gateway, bill, fees=account is not None)
        if account is not None:
            comparing.with_account(gateway, account, bill, found, now=now)
    except (BadBill, Unknown, Rejected) as error:
        problem = _as_problem(error)
        recording.keep_trouble(gateway, day, problem.detail, now=now)
        raise problem from None
    source = BillSource.FILE if given else BillSource.SERVICE
    return recording.record_day(gateway, bill, account, source, found, healed, actor=actor, now=now)


def _fund_flow(gateway: PaymentGateway, day: date) -> Bill | None:
    """How the account moved; None where the merchant may not ask for it. Then nothing is known of fees."""
    try:
        return gateway.bill(day, BillKind.FUND_FLOW)
    except Rejected as no:
        if no.code == "STATEMENT_CREATING":
            raise
        log.warning("fund-flow bill of %s refused: %s", day, no.code)
        return None


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


# ----------------------------------------------------------------------------------------------------------- healing


def _heal(gateway: PaymentGateway, differences: Sequence[Difference], *, now: datetime) -> list[Difference]:
    """Ask the service about what the bill holds and we do not, and act on its signed answer by the ordinary paths.

    The bill alone credits nothing: it is not signed. Raises Unknown or Rejected when the service cannot be asked.
    """
    session = reading()
    missing = [one for one in differences if one.kind is DifferenceKind.MISSING_HERE and one.item == Item.PAYMENT]
    late = [one for one in differences if one.kind is DifferenceKind.STATE and one.item == Item.REFUND]
    channel, merchant = gateway.channel, gateway.merchant_id
    orders = facts.attempts_of(session, channel, merchant, [one.number for one in missing])
    refunds = facts.refunds_of(session, [one.number for one in late])
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
        attempt, deposit = money.attempt_and_deposit(session, attempt.public_id)
        return crediting.credit(session, attempt, deposit, trade, told_by=ToldBy.QUERY, now=now)


@use_case
def _settled(refund: Refund, *, now: datetime) -> bool:
    """Act on where the service says a refund stands; whether it is over."""
    with transaction(serializable=True) as session:
        outcome = refunding.apply(session, refund, now=now)
        return outcome in _SETTLED and refund.state is not RefundState.PROCESSING
