"""Every select over payments out of the account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.people.models import Person
from payments.contributions.models import BudgetItem, BudgetLine
from payments.models import LedgerAccount, LedgerEntry, LedgerPosting
from payments.rules.ledger import AccountKind, EntryKind
from payments.rules.spending import COMMITTED, SignedAs, SpendingState, public_payee
from payments.spending.models import Spending, SpendingSetting, SpendingSignature

WAITING = (SpendingState.ASKED, SpendingState.COSIGNED, SpendingState.APPROVED)
"""What waits for a signature or for payment."""


def _locking(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Lock the rows for this transaction and read them as they are now, whatever this session has read before."""
    return for_update(statement).execution_options(populate_existing=True)


def signatories_of(session: Session, collection_id: int) -> int:
    """How many sign a payment of a collection."""
    return (
        session.scalar(sa.select(SpendingSetting.signatories).where(SpendingSetting.collection_id == collection_id))
        or 2
    )


def setting_of(session: Session, collection_id: int, *, lock: bool = False) -> SpendingSetting | None:
    """What was set for a collection, or None before anything was."""
    statement = sa.select(SpendingSetting).where(SpendingSetting.collection_id == collection_id)
    return session.scalar(_locking(statement) if lock else statement)


def spending_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> Spending:
    """A request. Raises NotFound."""
    statement = sa.select(Spending).where(Spending.public_id == public_id)
    found = session.scalar(_locking(statement) if lock else statement)
    if found is None:
        raise NotFound("no-such-spending", "没有找到这笔付款申请。")
    return found


def locked_item(session: Session, item_id: int) -> BudgetItem:
    """The budget item, locked: the parent of a cap over a sum."""
    return session.scalars(_locking(sa.select(BudgetItem).where(BudgetItem.id == item_id))).one()


def item_of_budget(session: Session, budget_id: int, item_public_id: str) -> tuple[BudgetItem, Fen]:
    """An item with its amount in a version. Raises NotFound when the version has no such item."""
    row = session.execute(
        sa.select(BudgetItem, BudgetLine.amount_fen)
        .join(BudgetLine, BudgetLine.item_id == BudgetItem.id)
        .where(BudgetLine.budget_id == budget_id, BudgetItem.public_id == item_public_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no-such-item", "现行预算里没有这一项。请刷新页面。")
    return row[0], row[1]


def budget_fen(session: Session, budget_id: int, item_id: int) -> Fen:
    """What a version gives an item, 0 when nothing."""
    return (
        session.scalar(
            sa.select(BudgetLine.amount_fen).where(BudgetLine.budget_id == budget_id, BudgetLine.item_id == item_id)
        )
        or 0
    )


def committed_of(session: Session, item_ids: Sequence[int]) -> dict[int, Fen]:
    """What is approved or paid of each item."""
    rows = session.execute(
        sa.select(Spending.item_id, sa.func.sum(Spending.amount_fen))
        .where(Spending.item_id.in_(item_ids), Spending.state.in_(COMMITTED))
        .group_by(Spending.item_id)
    )
    return {item: int(fen) for item, fen in rows}


def promised_of(session: Session, collection_id: int) -> Fen:
    """What is approved of a collection's money and not paid yet."""
    return int(
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(Spending.amount_fen), 0)).where(
                Spending.collection_id == collection_id, Spending.state == SpendingState.APPROVED
            )
        )
        or 0
    )


def contributed_fen(session: Session, collection_id: int) -> Fen:
    """What the households contributed to the works by the books, less what was spent and what goes back."""
    held = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(LedgerPosting.amount_fen), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.collection_id == collection_id, LedgerAccount.kind == AccountKind.CONTRIBUTIONS)
    )
    return -int(held or 0)


def signers_of(session: Session, spending_id: int) -> Sequence[tuple[SpendingSignature, Person]]:
    """Who signed, in the order of time."""
    rows = session.execute(
        sa.select(SpendingSignature, Person)
        .join(Person, Person.id == SpendingSignature.person_id)
        .where(SpendingSignature.spending_id == spending_id)
        .order_by(SpendingSignature.at)
    )
    return [(row[0], row[1]) for row in rows]


def maker_of(session: Session, spending_id: int) -> int | None:
    """Who asked for a payment: a person's inner id."""
    return session.scalar(
        sa.select(SpendingSignature.person_id).where(
            SpendingSignature.spending_id == spending_id, SpendingSignature.signed_as == SignedAs.MAKER
        )
    )


def waiting_by_collection(session: Session, collection_ids: Sequence[int]) -> dict[int, int]:
    """Collection -> how many of its requests wait for a signature or for payment; those with none are left out."""
    rows = session.execute(
        sa.select(Spending.collection_id, sa.func.count())
        .where(Spending.collection_id.in_(collection_ids), Spending.state.in_(WAITING))
        .group_by(Spending.collection_id)
    )
    return {row[0]: row[1] for row in rows}


def spendings_of(session: Session, collection_id: int) -> Sequence[tuple[Spending, str]]:
    """A collection's requests with their items' names, newest first."""
    rows = session.execute(
        sa.select(Spending, BudgetItem.name)
        .join(BudgetItem, BudgetItem.id == Spending.item_id)
        .where(Spending.collection_id == collection_id)
        .order_by(Spending.asked_at.desc(), Spending.public_id)
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True)
class Published:
    """A payment as everybody may read it: a natural person is masked. ``item_id``: its inner id."""

    item: str
    payee: str
    voucher_no: str
    amount_fen: Fen
    paid_at: datetime
    is_reversed: bool
    item_id: int


def published_of(session: Session, collection_id: int) -> list[Published]:
    """What was paid out of a collection's account, newest first; what was reversed stays and says so."""
    rows = session.execute(
        sa.select(
            BudgetItem.name,
            Spending.payee,
            Spending.voucher_no,
            Spending.amount_fen,
            Spending.paid_at,
            Spending.state == SpendingState.REVERSED,
            Spending.payee_is_person,
            BudgetItem.id,
        )
        .join(BudgetItem, BudgetItem.id == Spending.item_id)
        .where(
            Spending.collection_id == collection_id,
            Spending.state.in_((SpendingState.PAID, SpendingState.REVERSED)),
        )
        .order_by(Spending.paid_at.desc(), Spending.public_id)
    )
    return [
        Published(row[0], public_payee(row[1], row[6]), row[2], row[3], row[4], row[5], row[7])
        for row in rows
        if row[4] is not None
    ]


def apart(session: Session) -> Sequence[Any]:
    """(public_id, state, amount) of payments whose entries are not what they are: for the proof of the books."""

    def entered(kind: EntryKind) -> sa.Subquery:
        return (
            sa.select(LedgerEntry.reference, sa.func.sum(LedgerPosting.amount_fen).label("fen"))
            .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
            .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
            .where(LedgerEntry.kind == kind, LedgerAccount.kind == AccountKind.AT_BANK)
            .group_by(LedgerEntry.reference)
            .subquery()
        )

    out, back = entered(EntryKind.SPENT), entered(EntryKind.SPENT_BACK)
    left = sa.case((Spending.state.in_((SpendingState.PAID, SpendingState.REVERSED)), -Spending.amount_fen), else_=0)
    came = sa.case((Spending.state == SpendingState.REVERSED, Spending.amount_fen), else_=0)
    return session.execute(
        sa.select(Spending.public_id, Spending.state, Spending.amount_fen.label("amount"))
        .outerjoin(out, out.c.reference == Spending.public_id)
        .outerjoin(back, back.c.reference == Spending.public_id)
        .where(sa.or_(sa.func.coalesce(out.c.fen, 0) != left, sa.func.coalesce(back.c.fen, 0) != came))
    ).all()


def unfounded(session: Session) -> Sequence[Any]:
    """(reference) of entries of spending that belong to no payment."""
    return session.execute(
        sa.select(LedgerEntry.reference)
        .outerjoin(Spending, Spending.public_id == LedgerEntry.reference)
        .where(LedgerEntry.kind.in_((EntryKind.SPENT, EntryKind.SPENT_BACK)), Spending.id.is_(None))
    ).all()
