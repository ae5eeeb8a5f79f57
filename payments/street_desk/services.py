"""What the street's desk shows: counts of what waits, each with where to do it, and the three sides of each account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.money import Fen
from payments.alarms.services import showing as alarms
from payments.cash_desk import queries as cash
from payments.cash_desk.differences import queries as differences
from payments.models import Collection
from payments.reconciliation import queries as reconciliation
from payments.reconciliation.services import deciding
from payments.refunds import queries as refunds
from payments.rules.giving_back import WAITING, RequestState
from payments.rules.ledger import AccountKind
from payments.statements import queries as statements
from payments.street_desk import queries
from payments.street_desk.rules import Position

MANAGE = "collection.manage"


@dataclass(frozen=True)
class Task:
    """Something that waits: how many, where it is done. ``tone``: "bad" when it must not wait."""

    title: str
    many: int
    href: str
    tone: str = "todo"


@dataclass(frozen=True)
class Account:
    """An account's three sides. ``short``: what is to be made good of cash that was missing, ``over``: what is kept of
    cash that was too much; ``holder_funds``: the account holder's own money among it; ``until``: how far the bank's
    statements reach; ``unsigned``: days compared with WeChat's bill that are not signed yet.
    """

    holder: str
    tail: str
    at_wechat: Fen
    cash_on_hand: Fen
    in_transit: Fen
    from_wechat: Fen
    at_pos: Fen
    differences: Fen
    short: Fen
    over: Fen
    fees: Fen
    wechat_fees: Fen
    holder_funds: Fen
    until: date | None
    position: Position | None
    unsigned: int


@dataclass(frozen=True)
class DeskView:
    """The whole desk."""

    tasks: list[Task]
    accounts: list[Account]

    @property
    def waiting(self) -> int:
        """How much waits altogether."""
        return sum(task.many for task in self.tasks)


def desk_view(session: Session, person_id: int | None, *, now: datetime) -> DeskView:
    """What waits at the collections somebody manages."""
    places = grants.places_for(session, person_id, MANAGE, now)
    found = cash.collections_below(session, places)
    collections = [collection for collection, _ in found]
    merchants = [one.merchant_id for one in deciding.merchants_of(session, person_id, now=now) if one.may_manage]
    days = reconciliation.days_of(session, merchants)
    accounts = _accounts(session, collections, days)
    return DeskView(_tasks(session, collections, days, person_id, now=now), accounts)


def accounts_of_merchant(session: Session, merchant_id: str) -> list[Account]:
    """The three sides of the accounts a merchant's collections gather into, as they stand now."""
    collections = queries.collections_of_merchant(session, merchant_id)
    return _accounts(session, collections, reconciliation.days_of(session, [merchant_id]))


def _tasks(
    session: Session, collections: Sequence[Collection], days: Sequence, person_id: int | None, *, now: datetime
) -> list[Task]:
    ids = [one.id for one in collections]
    counts = refunds.counts_of_estates(session, [one.estate_id for one in collections])

    def asked(*states: RequestState) -> int:
        return sum(many for (_, state), many in counts.items() if state in states)

    boxes = cash.boxes_to_check(session, ids)
    names = {(one.account_holder, one.account_bank, one.account_tail) for one in collections}
    accounts = [one.id for one in statements.accounts(session) if (one.holder, one.bank, one.tail) in names]
    return [
        Task("资金提醒", len(alarms.open_alarms(session, person_id, now=now)), "/work/alarms", "bad"),
        Task("微信账单差异", sum(waiting for _, waiting in days), "/work/reconciliation", "bad"),
        Task("微信账单没有日结的天数", sum(day.closed_at is None for day, _ in days), "/work/reconciliation"),
        Task("银行流水待处理", queries.open_lines(session, accounts), "/work/statements"),
        Task("账户日结待签字", queries.days_waiting(session, accounts), "/work/account-days"),
        Task("钱箱待清点", sum(box.closed_at is None for box, _ in boxes), "/work/cash-desk"),
        Task("现金长短款待处理", differences.waiting_of(session, ids), "/work/cash-desk", "bad"),
        Task("作废待复核", len(cash.voids_waiting(session, ids)), "/work/cash-desk"),
        Task("钱箱待解款", sum(box.closed_at is not None for box, _ in boxes), "/work/cash-desk"),
        Task("已送存、银行还没到账", len(cash.bankings_waiting(session, ids)), "/work/cash-desk"),
        Task("退还申请待核准", asked(*WAITING), "/work/refunds"),
        Task("微信退款没有成功", asked(RequestState.FAILED), "/work/refunds", "bad"),
        Task("待银行转账退款", asked(RequestState.TO_TRANSFER), "/work/refunds"),
        Task("转账退款待确认到账", asked(RequestState.TRANSFERRED), "/work/refunds"),
    ]


def _accounts(session: Session, collections: Sequence[Collection], days: Sequence) -> list[Account]:
    known = {(one.holder, one.bank, one.tail): one.id for one in statements.accounts(session)}
    by_account: dict[tuple[str, str, str], list[Collection]] = {}
    for one in collections:
        by_account.setdefault((one.account_holder, one.account_bank, one.account_tail), []).append(one)
    made = []
    for name, theirs in sorted(by_account.items()):
        held = queries.balances(session, [one.id for one in theirs])
        account_id, merchants = known.get(name), {one.merchant_id for one in theirs}
        at_bank = held.get(AccountKind.AT_BANK, 0)
        made.append(
            Account(
                name[0],
                name[2],
                held.get(AccountKind.AT_WECHAT, 0),
                held.get(AccountKind.CASH_ON_HAND, 0),
                held.get(AccountKind.CASH_IN_TRANSIT, 0),
                held.get(AccountKind.FROM_WECHAT, 0),
                held.get(AccountKind.AT_POS, 0),
                held.get(AccountKind.CASH_DIFFERENCES, 0),
                held.get(AccountKind.CASH_SHORT, 0),
                -held.get(AccountKind.CASH_OVER, 0),
                held.get(AccountKind.BANK_FEES, 0),
                held.get(AccountKind.WECHAT_FEES, 0),
                -held.get(AccountKind.HOLDER_FUNDS, 0),
                queries.newest_day(session, account_id) if account_id else None,
                queries.position(session, account_id, at_bank) if account_id else None,
                sum(day.closed_at is None for day, _ in days if day.merchant_id in merchants),
            )
        )
    return made
