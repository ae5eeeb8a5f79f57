"""Every select of what lines do: households credited, our own money that arrived, fees."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import for_update
from kernel.places.models import Dwelling
from payments.cash_desk.differences.models import CashDifference
from payments.cash_desk.differences.rules import DifferenceState
from payments.cash_desk.models import CashBanking, CashBox, Taking
from payments.models import Collection, Deposit, LedgerAccount, LedgerPosting
from payments.rules.bank_line import PartState
from payments.rules.channel import Desk
from payments.rules.deposit import DepositState
from payments.rules.ledger import AccountKind
from payments.statements.models import BankLine, LinePart
from payments.withdrawals.models import WithdrawalShare


def parts_of(session: Session, line_id: int, state: PartState) -> Sequence[LinePart]:
    """A line's effects in a state, in their order, locked."""
    return session.scalars(
        for_update(
            sa.select(LinePart).where(LinePart.line_id == line_id, LinePart.state == state).order_by(LinePart.position)
        )
    ).all()


def parts_with_homes(session: Session, line_ids: Iterable[int]) -> dict[int, list[tuple[LinePart, str]]]:
    """Line -> its effects that are planned or done, each with the door of its household ("" when it is none)."""
    found: dict[int, list[tuple[LinePart, str]]] = {}
    rows = session.execute(
        sa.select(LinePart, Dwelling.label)
        .outerjoin(Dwelling, Dwelling.id == LinePart.dwelling_id)
        .where(LinePart.line_id.in_(list(line_ids)), LinePart.state.in_((PartState.PLANNED, PartState.DONE)))
        .order_by(LinePart.position)
    )
    for part, label in rows:
        found.setdefault(part.line_id, []).append((part, label or ""))
    return found


def line_of_deposit(session: Session, deposit_id: int) -> BankLine | None:
    """The line that credited a deposit, or None."""
    return session.scalar(
        sa.select(BankLine).join(LinePart, LinePart.line_id == BankLine.id).where(LinePart.deposit_id == deposit_id)
    )


def locked_banking(session: Session, banking_id: int | None) -> CashBanking:
    """Cash handed in, locked."""
    return session.scalars(
        for_update(sa.select(CashBanking).where(CashBanking.id == banking_id)).execution_options(populate_existing=True)
    ).one()


def bankings_proposed(session: Session, banking_ids: Iterable[int]) -> set[int]:
    """Which of some sums of cash somebody has proposed a line for; another person has yet to agree."""
    return set(
        session.scalars(
            sa.select(LinePart.banking_id).where(
                LinePart.banking_id.in_(list(banking_ids)), LinePart.state == PartState.PLANNED
            )
        )
    )


def unsettled_cards(session: Session, collection_ids: Iterable[int], *, until: date | None) -> Sequence[Taking]:
    """Card payments no line settled, up to a day, oldest first."""
    settled = sa.exists().where(
        LinePart.taking_id == Taking.id, LinePart.state.in_((PartState.PLANNED, PartState.DONE))
    )
    statement = (
        sa.select(Taking)
        .join(Deposit, Deposit.id == Taking.deposit_id)
        .where(
            Taking.channel == Desk.POS,
            Deposit.collection_id.in_(list(collection_ids)),
            Deposit.state != DepositState.VOIDED,
            ~settled,
        )
        .order_by(Taking.taken_at, Taking.public_id)
    )
    if until is not None:
        statement = statement.where(Taking.taken_at < clock.china_moment(until + timedelta(days=1)))
    return session.scalars(statement).all()


def card_deposit(session: Session, taking_id: int | None) -> Deposit | None:
    """The deposit a card payment paid, locked; None once it is void."""
    return session.scalar(
        for_update(
            sa.select(Deposit)
            .join(Taking, Taking.deposit_id == Deposit.id)
            .where(Taking.id == taking_id, Deposit.state != DepositState.VOIDED)
        ).execution_options(populate_existing=True)
    )


def collection_of_taking(session: Session, taking_id: int) -> int:
    """The collection a card payment is of."""
    return session.scalars(
        sa.select(Deposit.collection_id).join(Taking, Taking.deposit_id == Deposit.id).where(Taking.id == taking_id)
    ).one()


def hands_of(session: Session, parts: Sequence[LinePart]) -> set[int]:
    """Who handed the cash of some parts in, ran their cards, or collected the boxes whose shortages and surpluses are
    settled by them.
    """
    bankings = [part.banking_id for part in parts if part.banking_id is not None]
    takings = [part.taking_id for part in parts if part.taking_id is not None]
    found = set(session.scalars(sa.select(CashBanking.banked_by).where(CashBanking.id.in_(bankings))))
    found |= set(session.scalars(sa.select(Taking.collector_id).where(Taking.id.in_(takings))))
    cash = (AccountKind.CASH_SHORT, AccountKind.CASH_OVER)
    differing = {part.collection_id for part in parts if part.settles in cash}
    if differing:
        decided = sa.select(CashBox.collector_id).join(CashDifference, CashDifference.box_id == CashBox.id)
        wanted = (CashBox.collection_id.in_(differing), CashDifference.state == DifferenceState.DECIDED)
        found |= set(session.scalars(decided.where(*wanted)))
    return found


def once_undone(session: Session, account_id: int) -> set[int]:
    """Lines two people took something back of: what they are is no longer found by itself."""
    return set(
        session.scalars(
            sa.select(LinePart.line_id)
            .join(BankLine, BankLine.id == LinePart.line_id)
            .where(BankLine.account_id == account_id, LinePart.state == PartState.UNDONE)
        )
    )


def locked_balances(
    session: Session, collection_ids: Sequence[int], kinds: Iterable[AccountKind]
) -> dict[tuple[int, AccountKind], int]:
    """(collection, account) -> what stands there, in fen; the collections locked, in their order."""
    for collection_id in sorted(collection_ids):
        session.execute(for_update(sa.select(Collection.id).where(Collection.id == collection_id)))
    rows = session.execute(
        sa.select(LedgerAccount.collection_id, LedgerAccount.kind, sa.func.sum(LedgerPosting.amount_fen))
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .where(LedgerAccount.collection_id.in_(collection_ids), LedgerAccount.kind.in_(list(kinds)))
        .group_by(LedgerAccount.collection_id, LedgerAccount.kind)
    )
    return {(collection_id, AccountKind(kind)): int(fen) for collection_id, kind, fen in rows}


def estates_of_lines(session: Session, line_ids: Iterable[int]) -> dict[int, set[int]]:
    """Line -> the estates whose money its effects are, planned or done; those with none are missing."""
    live = sa.and_(LinePart.line_id.in_(list(line_ids)), LinePart.state.in_((PartState.PLANNED, PartState.DONE)))
    theirs = sa.union(
        sa.select(LinePart.line_id, LinePart.collection_id).where(live),
        sa.select(LinePart.line_id, CashBanking.collection_id)
        .join_from(LinePart, CashBanking, CashBanking.id == LinePart.banking_id)
        .where(live),
        sa.select(LinePart.line_id, Deposit.collection_id)
        .join_from(LinePart, Taking, Taking.id == LinePart.taking_id)
        .join(Deposit, Deposit.id == Taking.deposit_id)
        .where(live),
        sa.select(LinePart.line_id, WithdrawalShare.collection_id)
        .join_from(LinePart, WithdrawalShare, WithdrawalShare.withdrawal_id == LinePart.withdrawal_id)
        .where(live),
    ).subquery()
    homes = sa.select(LinePart.line_id, Dwelling.estate_id).join_from(
        LinePart, Dwelling, Dwelling.id == LinePart.dwelling_id
    )
    others = sa.select(theirs.c.line_id, Collection.estate_id).join(Collection, Collection.id == theirs.c.collection_id)
    found: dict[int, set[int]] = {}
    for line_id, estate_id in session.execute(sa.union(homes.where(live), others)):
        found.setdefault(line_id, set()).add(estate_id)
    return found
