"""Every select of accounts' days."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.money import Fen
from payments.account_days.models import AccountDay
from payments.cash_desk.models import CashBox
from payments.models import LedgerAccount, LedgerEntry, LedgerPosting
from payments.rules.bank_line import LineDecision, LineState
from payments.rules.ledger import AccountKind, EntryKind
from payments.rules.two_people import ProposalState
from payments.statements.models import BankAccount, BankFile, BankLine
from payments.statements.queries import COUNTS

_OUT = (EntryKind.REFUND_PAID_OUT, EntryKind.SPENT, EntryKind.SPENT_BACK)


def account_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> BankAccount:
    """An account; locked, its imports and decisions wait. Raises NotFound."""
    statement = sa.select(BankAccount).where(BankAccount.public_id == public_id)
    found = session.scalar(for_update(statement) if lock else statement)
    if found is None:
        raise NotFound("no-such-account", "没有找到这个账户。")
    return found


def day_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> tuple[AccountDay, BankAccount]:
    """A day and its account, the account locked first. Raises NotFound."""
    statement = sa.select(AccountDay).where(AccountDay.public_id == public_id)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("no-such-day", "没有找到这份账户日结。")
    account_statement = sa.select(BankAccount).where(BankAccount.id == found.account_id)
    account = session.scalars(for_update(account_statement) if lock else account_statement).one()
    if lock:
        found = session.scalars(for_update(statement).execution_options(populate_existing=True)).one()
    return found, account


def days_of(session: Session, account_ids: Sequence[int], *, limit: int = 62) -> Sequence[AccountDay]:
    """Days of some accounts that are proposed or signed, newest first."""
    return session.scalars(
        sa.select(AccountDay)
        .where(AccountDay.account_id.in_(account_ids), AccountDay.state != ProposalState.SENT_BACK)
        .order_by(AccountDay.until.desc(), AccountDay.proposed_at.desc())
        .limit(limit)
    ).all()


def day_until(session: Session, account_id: int, until: date) -> AccountDay | None:
    """The newest day of an account to some day that is proposed or signed, or None."""
    return session.scalar(
        sa.select(AccountDay)
        .where(
            AccountDay.account_id == account_id, AccountDay.until == until, AccountDay.state != ProposalState.SENT_BACK
        )
        .order_by(AccountDay.proposed_at.desc())
        .limit(1)
    )


def late_lines(session: Session, day: AccountDay) -> int:
    """How many lines of a signed day, or of days before it, were imported after it was signed."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(BankLine)
            .join(BankFile, BankFile.id == BankLine.file_id)
            .where(
                BankLine.account_id == day.account_id, BankLine.day <= day.until, BankFile.imported_at > day.decided_at
            )
        )
        or 0
    )


def amounts_and_balances(session: Session, account_id: int) -> list[tuple[Fen, Fen | None]]:
    """(amount, balance after it) of every line of an account that was read and counts, by day."""
    rows = session.execute(
        sa.select(BankLine.amount_fen, BankLine.balance_fen)
        .where(BankLine.account_id == account_id, BankLine.amount_fen.is_not(None), COUNTS)
        .order_by(BankLine.day, BankLine.file_id, BankLine.row)
    )
    return [(int(fen or 0), balance) for fen, balance in rows]


def waiting_lines(session: Session, account_id: int, states: Sequence[LineState]) -> int:
    """How many lines of an account are in some states."""
    return (
        session.scalar(sa.select(sa.func.count()).where(BankLine.account_id == account_id, BankLine.state.in_(states)))
        or 0
    )


def paid_out_by_lines(session: Session, account_id: int) -> Fen:
    """What lines decided to be payments the books hold took out; below 0."""
    found = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(BankLine.amount_fen), 0)).where(
            BankLine.account_id == account_id,
            BankLine.state == LineState.DECIDED,
            BankLine.decision == LineDecision.PAID_OUT,
        )
    )
    return int(found or 0)


def paid_out_by_books(session: Session, collection_ids: Sequence[int]) -> Fen:
    """What the books say was paid out of the bank; below 0."""
    found = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(LedgerPosting.amount_fen), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(
            LedgerAccount.collection_id.in_(collection_ids),
            LedgerAccount.kind == AccountKind.AT_BANK,
            LedgerEntry.kind.in_(_OUT),
        )
    )
    return int(found or 0)


def boxes_before(session: Session, collection_ids: Sequence[int], today: date) -> int:
    """How many boxes of earlier days are not counted."""
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                CashBox.collection_id.in_(collection_ids), CashBox.closed_at.is_(None), CashBox.day < today
            )
        )
        or 0
    )
