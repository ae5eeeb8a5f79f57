"""An account's day as its pages and its print show it."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.errors import NotFound
from kernel.money import Fen, yuan_text
from kernel.people.queries import names_of
from kernel.people.services import name_of
from payments.account_days import queries, services
from payments.account_days.models import AccountDay
from payments.account_days.rules import Snapshot
from payments.cash_desk.queries import persons
from payments.rules.two_people import ProposalState
from payments.statements import queries as statements
from payments.statements.models import BankAccount

WORDS = {
    ProposalState.PROPOSED: ("待第二人签字", "wait"),
    ProposalState.DECIDED: ("已签字", "ok"),
    ProposalState.SENT_BACK: ("已退回", "bad"),
}


@dataclass(frozen=True)
class DayView:
    """One day: its figures as rows, who proposed and signed it."""

    id: str
    holder: str
    tail: str
    until: date
    figures: Snapshot
    word: str
    tone: str
    why: str
    proposed_by: str
    proposed_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    may_decide: bool
    own: bool
    adds: bool
    """Does it add late lines to a day that was signed before?"""

    @property
    def at_bank(self) -> list[list[str]]:
        """The bank side, from the books to the statement, in yuan."""
        return rows_at_bank(self.figures)

    @property
    def elsewhere(self) -> list[list[str]]:
        """What stands elsewhere, in yuan."""
        return rows_elsewhere(self.figures)


def rows_at_bank(one: Snapshot) -> list[list[str]]:
    """From the books' balance to the statement's sum."""
    rows = [
        ["本账银行存款", _yuan(one.books_fen)],
        ["账上已付出、流水还没有", _yuan(-one.not_shown_fen)],
        ["核实与缴款无关的流水", _yuan(one.other_fen)],
        ["还没有处理的流水", _yuan(one.waiting_fen)],
        ["以上合计", _yuan(one.moved_fen - one.unexplained_fen)],
        ["流水合计", _yuan(one.moved_fen)],
        ["说不清的相差", _yuan(one.unexplained_fen)],
    ]
    if one.bank_fen is not None:
        rows += [["流水开始时余额", _yuan(one.opening_fen)], ["流水上的余额", _yuan(one.bank_fen)]]
    return rows


def rows_elsewhere(one: Snapshot) -> list[list[str]]:
    """What is on its way to the bank, or was its cost."""
    return [
        ["在微信支付", _yuan(one.at_wechat_fen)],
        ["微信提现、在途", _yuan(one.from_wechat_fen)],
        ["收款员手里的现金", _yuan(one.cash_on_hand_fen)],
        ["已送存、在途", _yuan(one.in_transit_fen)],
        ["刷卡、银行还没付", _yuan(one.at_pos_fen)],
        ["银行和刷卡手续费", _yuan(one.fees_fen)],
        ["微信支付手续费", _yuan(one.wechat_fees_fen)],
    ]


def _yuan(fen: Fen | None) -> str:
    return "" if fen is None else yuan_text(fen)


@dataclass(frozen=True)
class AccountView:
    """An account as it stands now, with its days. ``taken``: today's figures are proposed or signed already; ``late``:
    lines of the day that was signed last, or before it, which came after it was signed.
    """

    account: BankAccount
    now: Snapshot | None
    taken: bool
    late: int
    may_propose: bool
    days: list[DayView]

    @property
    def at_bank(self) -> list[list[str]]:
        """As of a day's view."""
        return rows_at_bank(self.now) if self.now else []


def account_views(session: Session, person_id: int | None, *, now: datetime) -> list[AccountView]:
    """The accounts somebody signs or audits, each with how it stands and its days."""
    places = [
        place
        for action in (services.MANAGE, services.LOOK)
        for place in grants.places_for(session, person_id, action, now)
    ]
    made: list[AccountView] = []
    himself = names_of(session, person_id)
    for account in statements.accounts_below(session, places):
        if not services.may_see(session, account, person_id, now=now):
            continue
        days = queries.days_of(session, [account.id])
        figures = services.snapshot(session, account, now=now)
        newest = queries.day_until(session, account.id, figures.until) if figures else None
        late = queries.late_lines(session, newest) if newest and newest.state == ProposalState.DECIDED else 0
        may = services.may(session, account, person_id, services.MANAGE, now=now)
        made.append(
            AccountView(
                account,
                figures,
                newest is not None and not late,
                late,
                may,
                [_view(session, day, account, himself, may=may) for day in days],
            )
        )
    return made


def day_view(session: Session, day: str, *, person_id: int | None, now: datetime) -> DayView:
    """One day. Raises NotFound, also for an account that is not in the person's charge."""
    found, account = queries.day_by_public_id(session, day)
    if not services.may_see(session, account, person_id, now=now):
        raise NotFound("no-such-day", "没有找到这份账户日结。")
    may = services.may(session, account, person_id, services.MANAGE, now=now)
    return _view(session, found, account, names_of(session, person_id), may=may)


def _view(session: Session, day: AccountDay, account: BankAccount, himself: AbstractSet[int], *, may: bool) -> DayView:
    known = persons(session, {one for one in (day.proposed_by, day.decided_by) if one is not None})
    names = {number: name_of(person) for number, person in known.items()}
    waits, own = day.state == ProposalState.PROPOSED and may, day.proposed_by in himself
    word, tone = WORDS[ProposalState(day.state)]
    return DayView(
        day.public_id,
        account.holder,
        account.tail,
        day.until,
        services.kept(day),
        word,
        tone,
        day.why or "",
        names.get(day.proposed_by or 0, ""),
        day.proposed_at,
        names.get(day.decided_by or 0, ""),
        day.decided_at,
        waits and not own,
        waits and own,
        day.amends is not None,
    )
