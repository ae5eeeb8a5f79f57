"""Every select of bank statements."""

from collections.abc import Collection as Some
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import for_update
from kernel.encryption import vault
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.places.models import Dwelling, Place
from payments.cash_desk.models import CashBanking, Taking
from payments.models import Collection, Deposit, PaymentAttempt
from payments.rules.attempt import AttemptState
from payments.rules.bank_line import OPEN_LINES, LineDecision, LineState, PartState, ReversalState
from payments.rules.channel import Desk
from payments.rules.deposit import COUNTED, DepositState, Purpose
from payments.statements.models import BankAccount, BankFile, BankLine, LinePart, LineReversal


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
    """Who handed the cash of some parts in, or ran their cards."""
    bankings = [part.banking_id for part in parts if part.banking_id is not None]
    takings = [part.taking_id for part in parts if part.taking_id is not None]
    found = set(session.scalars(sa.select(CashBanking.banked_by).where(CashBanking.id.in_(bankings))))
    return found | set(session.scalars(sa.select(Taking.collector_id).where(Taking.id.in_(takings))))


def once_undone(session: Session, account_id: int) -> set[int]:
    """Lines two people took something back of: what they are is no longer found by itself."""
    return set(
        session.scalars(
            sa.select(LinePart.line_id)
            .join(BankLine, BankLine.id == LinePart.line_id)
            .where(BankLine.account_id == account_id, LinePart.state == PartState.UNDONE)
        )
    )


def estates_of_lines(session: Session, line_ids: Iterable[int]) -> dict[int, set[int]]:
    """Line -> the estates of the households it credited."""
    found: dict[int, set[int]] = {}
    rows = session.execute(
        sa.select(LinePart.line_id, Dwelling.estate_id)
        .join(Dwelling, Dwelling.id == LinePart.dwelling_id)
        .where(LinePart.line_id.in_(list(line_ids)), LinePart.state == PartState.DONE)
    )
    for line_id, estate_id in rows:
        found.setdefault(line_id, set()).add(estate_id)
    return found


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
            LineReversal.line_id.in_(list(line_ids)), LineReversal.state == ReversalState.PROPOSED
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
