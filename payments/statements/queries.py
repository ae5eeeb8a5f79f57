"""Every select of bank statements."""

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.places.models import Dwelling, Place
from payments.models import Collection, Deposit
from payments.reconciliation.models import BillFile
from payments.rules.bill import BillKind
from payments.rules.deposit import DepositState
from payments.rules.statement import OPEN_LINES, LineState
from payments.statements.models import BankAccount, BankFile, BankLine


def collections_of_tail(session: Session, tail: str) -> Sequence[Collection]:
    """The collections whose account number ends so."""
    return session.scalars(
        sa.select(Collection).where(Collection.account_tail == tail).order_by(Collection.opened_at)
    ).all()


def estates_of_tail(session: Session, tail: str) -> Sequence[Place]:
    """The estates that gather into an account whose number ends so."""
    return session.scalars(
        sa.select(Place).join(Collection, Collection.estate_id == Place.id).where(Collection.account_tail == tail)
    ).all()


def collections_of_account(session: Session, account: BankAccount) -> Sequence[tuple[Collection, Place]]:
    """The collections that gather into an account, each with its estate."""
    rows = session.execute(
        sa.select(Collection, Place)
        .join(Place, Place.id == Collection.estate_id)
        .where(
            Collection.account_holder == account.holder,
            Collection.account_bank == account.bank,
            Collection.account_tail == account.tail,
        )
        .order_by(Place.code)
    )
    return [(row[0], row[1]) for row in rows]


def account_named(session: Session, holder: str, bank: str, tail: str, *, lock: bool = False) -> BankAccount | None:
    """An account by what it is called, or None before its first statement."""
    statement = sa.select(BankAccount).where(
        BankAccount.holder == holder, BankAccount.bank == bank, BankAccount.tail == tail
    )
    return session.scalar(for_update(statement) if lock else statement)


def accounts(session: Session) -> Sequence[BankAccount]:
    """Every account a statement was imported for."""
    return session.scalars(sa.select(BankAccount).order_by(BankAccount.holder, BankAccount.tail)).all()


def file_known(session: Session, account_id: int, sha256: str) -> BankFile | None:
    """The same file, imported before, or None."""
    return session.scalar(sa.select(BankFile).where(BankFile.account_id == account_id, BankFile.sha256 == sha256))


def known_fingerprints(session: Session, account_id: int, wanted: Sequence[str]) -> set[str]:
    """Which of some lines are here already."""
    found: set[str] = set()
    for at in range(0, len(wanted), 400):
        found |= set(
            session.scalars(
                sa.select(BankLine.fingerprint).where(
                    BankLine.account_id == account_id, BankLine.fingerprint.in_(wanted[at : at + 400])
                )
            )
        )
    return found


def waiting_lines(session: Session, account_id: int) -> Sequence[BankLine]:
    """Lines that were read and are nothing yet, oldest first."""
    return session.scalars(
        sa.select(BankLine)
        .where(BankLine.account_id == account_id, BankLine.state == LineState.WAITING)
        .order_by(BankLine.day, BankLine.public_id)
    ).all()


def open_lines(session: Session, account_id: int, *, limit: int = 100) -> Sequence[BankLine]:
    """Lines that wait for a person, oldest first, those that could not be read before all."""
    return session.scalars(
        sa.select(BankLine)
        .where(BankLine.account_id == account_id, BankLine.state.in_(OPEN_LINES))
        .order_by(BankLine.state != LineState.REVIEW, BankLine.day, BankLine.public_id)
        .limit(limit)
    ).all()


def matched_numbers(session: Session, account_id: int) -> set[str]:
    """Withdrawals that were found at the bank."""
    found = session.scalars(
        sa.select(BankLine.matched_with).where(BankLine.account_id == account_id, BankLine.matched_with.is_not(None))
    )
    return {number for number in found if number is not None}


def counts(session: Session, account_id: int) -> dict[str, tuple[int, Fen]]:
    """State -> (how many lines, their sum)."""
    rows = session.execute(
        sa.select(BankLine.state, sa.func.count(), sa.func.coalesce(sa.func.sum(BankLine.amount_fen), 0))
        .where(BankLine.account_id == account_id)
        .group_by(BankLine.state)
    )
    return {state: (many, int(fen or 0)) for state, many, fen in rows}


def fund_flow_files(session: Session, merchants: Iterable[str], first: date, last: date) -> Sequence[BillFile]:
    """The fund-flow bills kept for some merchants' days."""
    return session.scalars(
        sa.select(BillFile).where(
            BillFile.merchant_id.in_(list(merchants)),
            BillFile.kind == BillKind.FUND_FLOW,
            BillFile.day >= first,
            BillFile.day <= last,
            BillFile.storage_key.is_not(None),
        )
    ).all()


def line_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> tuple[BankLine, BankAccount]:
    """A line and its account. Raises NotFound."""
    statement = sa.select(BankLine).where(BankLine.public_id == public_id)
    found = session.scalar(for_update(statement) if lock else statement)
    if found is None:
        raise NotFound("no-such-line", "没有找到这一行流水。")
    return found, session.get_one(BankAccount, found.account_id)


def pledges(session: Session, estate_id: int) -> dict[int, Fen]:
    """Dwelling -> a pledge of it that was not paid yet."""
    rows = session.execute(
        sa.select(Deposit.dwelling_id, sa.func.max(Deposit.amount_fen))
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(Dwelling.estate_id == estate_id, Deposit.state == DepositState.PLEDGED)
        .group_by(Deposit.dwelling_id)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}
