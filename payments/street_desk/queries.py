"""Every select of the street's desk."""

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.money import Fen
from payments.account_days.models import AccountDay
from payments.models import Collection, LedgerAccount, LedgerPosting
from payments.rules.bank_line import OPEN_LINES, WORKS, LineDecision, LineState
from payments.rules.two_people import ProposalState
from payments.statements.models import BankLine
from payments.statements.queries import COUNTS
from payments.street_desk.rules import Position

_IN_BOOKS = (*WORKS, LineDecision.PAID_OUT)


def collections_of_merchant(session: Session, merchant_id: str) -> Sequence[Collection]:
    """The collections that are paid into one merchant account."""
    return session.scalars(
        sa.select(Collection).where(Collection.merchant_id == merchant_id).order_by(Collection.opened_at)
    ).all()


def balances(session: Session, collection_ids: Iterable[int]) -> dict[str, Fen]:
    """Account kind -> balance over some collections."""
    rows = session.execute(
        sa.select(LedgerAccount.kind, sa.func.coalesce(sa.func.sum(LedgerPosting.amount_fen), 0))
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .where(LedgerAccount.collection_id.in_(list(collection_ids)))
        .group_by(LedgerAccount.kind)
    )
    return {kind: int(fen) for kind, fen in rows}


def position(session: Session, account_id: int, at_bank: Fen) -> Position:
    """The lines of an account beside its books' balance."""

    def total(*where: sa.ColumnElement[bool]) -> Fen:
        statement = sa.select(sa.func.coalesce(sa.func.sum(BankLine.amount_fen), 0)).where(
            BankLine.account_id == account_id, COUNTS, *where
        )
        return int(session.scalar(statement) or 0)

    unreadable = session.scalar(
        sa.select(sa.func.count()).where(BankLine.account_id == account_id, BankLine.amount_fen.is_(None))
    )
    return Position(
        at_bank,
        total(BankLine.state == LineState.DECIDED, BankLine.decision.not_in(_IN_BOOKS)),
        total(BankLine.state.in_(OPEN_LINES)),
        total(),
        unreadable or 0,
    )


def newest_day(session: Session, account_id: int) -> date | None:
    """The last day the account's statements reach."""
    return session.scalar(sa.select(sa.func.max(BankLine.day)).where(BankLine.account_id == account_id))


def days_waiting(session: Session, account_ids: Sequence[int]) -> int:
    """How many closes of some accounts wait for a second person."""
    waits = sa.select(sa.func.count()).where(
        AccountDay.account_id.in_(account_ids), AccountDay.state == ProposalState.PROPOSED
    )
    return session.scalar(waits) or 0


def open_lines(session: Session, account_ids: Sequence[int]) -> int:
    """How many lines of some accounts wait for a person."""
    return (
        session.scalar(
            sa.select(sa.func.count()).where(BankLine.account_id.in_(account_ids), BankLine.state.in_(OPEN_LINES))
        )
        or 0
    )
