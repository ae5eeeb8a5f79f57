"""Every select of bank statements."""

from collections.abc import Collection as Some
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.encryption import vault
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.places.models import Dwelling, Place
from payments.models import Collection, Deposit, PaymentAttempt
from payments.rules.attempt import AttemptState
from payments.rules.bank_line import OPEN_LINES, LineDecision, LineState
from payments.rules.deposit import COUNTED, DepositState, Purpose
from payments.rules.two_people import ProposalState
from payments.statements.models import BankAccount, BankFile, BankLine, LineReversal


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


def accounts_below(session: Session, places: Sequence[Place]) -> Sequence[BankAccount]:
    """Those of them some estate at or below some places gathers into."""
    within = sa.or_(sa.false(), *(Place.path.startswith(place.path, autoescape=True) for place in places))
    theirs = sa.exists().where(
        Collection.estate_id == Place.id,
        Collection.account_holder == BankAccount.holder,
        Collection.account_bank == BankAccount.bank,
        Collection.account_tail == BankAccount.tail,
        within,
    )
    return session.scalars(sa.select(BankAccount).where(theirs).order_by(BankAccount.holder, BankAccount.tail)).all()


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


def lines_of_days(session: Session, account_id: int, days: Some[date]) -> Sequence[BankLine]:
    """All lines of an account of the span of some days."""
    if not days:
        return []
    return session.scalars(
        sa.select(BankLine).where(BankLine.account_id == account_id, BankLine.day.between(min(days), max(days)))
    ).all()


def waiting_lines(session: Session, account_id: int) -> Sequence[BankLine]:
    """Lines that were read and are nothing yet, locked, oldest first: what is proposed meanwhile is not among them."""
    return session.scalars(
        for_update(
            sa.select(BankLine)
            .where(BankLine.account_id == account_id, BankLine.state == LineState.WAITING)
            .order_by(BankLine.day, BankLine.public_id)
        ).execution_options(populate_existing=True)
    ).all()


def open_lines(session: Session, account_id: int, *, limit: int = 100) -> Sequence[BankLine]:
    """Lines that wait for a person, oldest first, those that could not be read before all."""
    return session.scalars(
        sa.select(BankLine)
        .where(BankLine.account_id == account_id, BankLine.state.in_(OPEN_LINES))
        .order_by(BankLine.state != LineState.REVIEW, BankLine.day, BankLine.public_id)
        .limit(limit)
    ).all()


def counts(session: Session, account_id: int) -> dict[str, tuple[int, Fen]]:
    """State -> (how many lines, their sum)."""
    rows = session.execute(
        sa.select(BankLine.state, sa.func.count(), sa.func.coalesce(sa.func.sum(BankLine.amount_fen), 0))
        .where(BankLine.account_id == account_id)
        .group_by(BankLine.state)
    )
    return {state: (many, int(fen or 0)) for state, many, fen in rows}


def line_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> tuple[BankLine, BankAccount]:
    """A line and its account. Raises NotFound."""
    statement = sa.select(BankLine).where(BankLine.public_id == public_id)
    found = session.scalar(for_update(statement) if lock else statement)
    if found is None:
        raise NotFound("no-such-line", "没有找到这一行流水。")
    return found, session.get_one(BankAccount, found.account_id)


def line_of_account(session: Session, account_id: int, public_id: str) -> BankLine | None:
    """A line of an account, locked, or None."""
    return session.scalar(
        for_update(
            sa.select(BankLine).where(BankLine.account_id == account_id, BankLine.public_id == public_id)
        ).execution_options(populate_existing=True)
    )


COUNTS = sa.not_(
    sa.and_(BankLine.state == LineState.DECIDED, sa.func.coalesce(BankLine.decision, "") == LineDecision.DUPLICATE)
)
"""Lines that are not another one told again."""


def duplicates_of(session: Session, line_id: int) -> Sequence[BankLine]:
    """Lines that are said to be this one told again, decided or proposed."""
    return session.scalars(sa.select(BankLine).where(BankLine.duplicate_of == line_id)).all()


def is_a_duplicate(session: Session, line_id: int) -> bool:
    """Is a line said to be another one told again?"""
    return session.scalar(sa.select(BankLine.duplicate_of).where(BankLine.id == line_id)) is not None


def alike(session: Session, account_id: int, lines: Iterable[BankLine]) -> dict[int, list[BankLine]]:
    """Line -> other lines of the account of the same day and amount that count, by row."""
    wanted = {(line.day, line.amount_fen) for line in lines if line.day is not None and line.amount_fen is not None}
    days = {day for day, _ in wanted if day is not None}
    by_fact: dict[tuple[date | None, Fen | None], list[BankLine]] = {}
    for line in lines_of_days(session, account_id, days):
        if (line.day, line.amount_fen) in wanted and line.duplicate_of is None:
            by_fact.setdefault((line.day, line.amount_fen), []).append(line)
    return {
        line.id: [one for one in by_fact.get((line.day, line.amount_fen), []) if one.id != line.id] for line in lines
    }


def name_of_line(line: BankLine) -> str:
    """The other side's name in clear, "" when the bank gave none."""
    return vault().open(line.name_sealed, context=f"bank_line.name:{line.public_id}")


def settled_lines(session: Session, account_id: int, *, limit: int = 30) -> Sequence[BankLine]:
    """Lines people settled, or that were found by themselves, newest first; they may be taken back."""
    return session.scalars(
        sa.select(BankLine)
        .where(
            BankLine.account_id == account_id,
            BankLine.state.in_((LineState.DECIDED, LineState.MATCHED)),
        )
        .order_by(BankLine.day.desc(), BankLine.id.desc())
        .limit(limit)
    ).all()


def open_reversals(session: Session, line_ids: Iterable[int]) -> dict[int, LineReversal]:
    """Line -> the proposal to take its credit back."""
    found = session.scalars(
        sa.select(LineReversal).where(
            LineReversal.line_id.in_(list(line_ids)), LineReversal.state == ProposalState.PROPOSED
        )
    )
    return {one.line_id: one for one in found}


def reversal_by_public_id(session: Session, public_id: str) -> LineReversal:
    """A proposal to take a credit back, locked. Raises NotFound."""
    found = session.scalar(for_update(sa.select(LineReversal).where(LineReversal.public_id == public_id)))
    if found is None:
        raise NotFound("no-such-reversal", "没有找到这条冲销申请。")
    return found


def paid(session: Session, estate_id: int) -> dict[int, list[tuple[Fen, datetime, str]]]:
    """Dwelling -> (amount, when, channel) of its deposits that count."""
    rows = session.execute(
        sa.select(Deposit.dwelling_id, Deposit.amount_fen, Deposit.paid_at, PaymentAttempt.channel)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .join(PaymentAttempt, PaymentAttempt.deposit_id == Deposit.id)
        .where(
            Dwelling.estate_id == estate_id,
            Deposit.purpose == Purpose.DEPOSIT,
            Deposit.state.in_(COUNTED),
            PaymentAttempt.state == AttemptState.PAID,
        )
        .order_by(Deposit.paid_at)
    )
    found: dict[int, list[tuple[Fen, datetime, str]]] = {}
    for dwelling_id, fen, at, channel in rows:
        if at is not None:
            found.setdefault(dwelling_id, []).append((fen, at, channel))
    return found


def pledges(session: Session, estate_id: int) -> dict[int, Fen]:
    """Dwelling -> a pledge of it that was not paid yet."""
    rows = session.execute(
        sa.select(Deposit.dwelling_id, sa.func.max(Deposit.amount_fen))
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(Dwelling.estate_id == estate_id, Deposit.state == DepositState.PLEDGED)
        .group_by(Deposit.dwelling_id)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}
