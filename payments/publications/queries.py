"""Every select of published books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.errors import NotFound
from kernel.money import Fen
from kernel.places.models import Dwelling, Place
from payments.models import (
    Collection,
    Deposit,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    PaymentAttempt,
    Receipt,
    RefundIntent,
)
from payments.publications.models import Publication, PublishedRow, PublishedSum
from payments.refunds.models import DepositRefund
from payments.rules.books import Group
from payments.rules.publication import MONEY
from payments.spending.models import Spending


@dataclass(frozen=True)
class Movement:
    """One ledger entry that moved money, with the receipt it belongs to where there is one."""

    entry_id: int
    kind: str
    reference: str
    at: datetime
    amount_fen: Fen
    channel: str | None
    deposit_id: int | None
    receipt_number: str | None
    receipt_hash: str | None
    building: str | None
    voucher_no: str | None = None


def movements(session: Session, collection_id: int, begin: datetime, end: datetime) -> Sequence[Movement]:
    """What moved a collection's money from ``begin`` until before ``end``, in the order of time."""
    paid, returned = aliased(PaymentAttempt), aliased(PaymentAttempt)
    # PostgreSQL sums bigint as numeric: back to a whole number.
    amount = sa.cast(sa.func.sum(LedgerPosting.amount_fen), sa.BigInteger).label("amount")
    moved = (
        sa.select(
            LedgerEntry.id, LedgerEntry.public_id, LedgerEntry.kind, LedgerEntry.reference, LedgerEntry.at, amount
        )
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(
            LedgerEntry.collection_id == collection_id,
            LedgerEntry.at >= begin,
            LedgerEntry.at < end,
            LedgerAccount.kind.in_(MONEY),
        )
        .group_by(LedgerEntry.id, LedgerEntry.public_id, LedgerEntry.kind, LedgerEntry.reference, LedgerEntry.at)
        .having(sa.func.sum(LedgerPosting.amount_fen) != 0)
        .subquery()
    )
    rows = session.execute(
        sa.select(
            moved.c.id,
            moved.c.kind,
            moved.c.reference,
            moved.c.at,
            moved.c.amount,
            sa.func.coalesce(paid.channel, returned.channel),
            Deposit.id,
            Receipt.number,
            Receipt.audit_hash,
            Place.name,
            Spending.voucher_no,
        )
        .select_from(moved)
        .outerjoin(paid, paid.trade_no == moved.c.reference)
        .outerjoin(RefundIntent, RefundIntent.refund_no == moved.c.reference)
        .outerjoin(returned, returned.id == RefundIntent.attempt_id)
        .outerjoin(DepositRefund, DepositRefund.public_id == moved.c.reference)
        .outerjoin(Spending, Spending.public_id == moved.c.reference)
        .outerjoin(
            Deposit, Deposit.id == sa.func.coalesce(paid.deposit_id, returned.deposit_id, DepositRefund.deposit_id)
        )
        .outerjoin(Receipt, Receipt.deposit_id == Deposit.id)
        .outerjoin(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .outerjoin(Place, Place.id == Dwelling.building_id)
        .order_by(moved.c.at, moved.c.public_id)
    )
    return [Movement(*row) for row in rows]


def balance_before(session: Session, collection_id: int, moment: datetime) -> Fen:
    """What the money accounts held just before a moment."""
    return int(
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(LedgerPosting.amount_fen), 0))
            .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
            .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
            .where(
                LedgerEntry.collection_id == collection_id,
                LedgerEntry.at < moment,
                LedgerAccount.kind.in_(MONEY),
            )
        )
        or 0
    )


def collections_with_estates(session: Session) -> Sequence[tuple[Collection, Place]]:
    """Every collection and its estate."""
    rows = session.execute(
        sa.select(Collection, Place).join(Place, Place.id == Collection.estate_id).order_by(Collection.opened_at)
    )
    return [(row[0], row[1]) for row in rows]


def last_publication(session: Session, collection_id: int) -> Publication | None:
    """A collection's newest publication, or None."""
    return session.scalar(
        sa.select(Publication)
        .where(Publication.collection_id == collection_id)
        .order_by(Publication.number.desc())
        .limit(1)
    )


def publications_of(session: Session, collection_id: int) -> Sequence[Publication]:
    """A collection's publications, newest first."""
    return session.scalars(
        sa.select(Publication).where(Publication.collection_id == collection_id).order_by(Publication.number.desc())
    ).all()


def publication_of(session: Session, collection_id: int, number: int) -> Publication:
    """One publication by its number. Raises NotFound."""
    found = session.scalar(
        sa.select(Publication).where(Publication.collection_id == collection_id, Publication.number == number)
    )
    if found is None:
        raise NotFound("no-such-publication", "没有这一期公示。请从公开账目里选。")
    return found


def rows_of(session: Session, publication_id: int) -> Sequence[PublishedRow]:
    """A publication's rows in their order."""
    return session.scalars(
        sa.select(PublishedRow).where(PublishedRow.publication_id == publication_id).order_by(PublishedRow.place)
    ).all()


def rows_of_deposit(session: Session, deposit_id: int) -> Sequence[tuple[PublishedRow, Publication]]:
    """Where a deposit's money was published, oldest first."""
    rows = session.execute(
        sa.select(PublishedRow, Publication)
        .join(Publication, Publication.id == PublishedRow.publication_id)
        .where(PublishedRow.deposit_id == deposit_id)
        .order_by(Publication.number, PublishedRow.place)
    )
    return [(row[0], row[1]) for row in rows]


def reference_of(session: Session, entry_id: int) -> str:
    """The trade or refund number an entry records."""
    return session.scalars(sa.select(LedgerEntry.reference).where(LedgerEntry.id == entry_id)).one()


# ------------------------------------------------------------------------------------------------------ public books


def newest_rows(
    session: Session, collection_id: int, *, before: tuple[int, int] | None, limit: int
) -> list[tuple[int, PublishedRow]]:
    """(number of the publication, row) of a collection, newest first, from below ``before`` (number, place)."""
    statement = (
        sa.select(Publication.number, PublishedRow)
        .join(PublishedRow, PublishedRow.publication_id == Publication.id)
        .where(Publication.collection_id == collection_id)
        .order_by(Publication.number.desc(), PublishedRow.place.desc())
        .limit(limit)
    )
    if before is not None:
        number, place = before
        statement = statement.where(
            sa.or_(Publication.number < number, sa.and_(Publication.number == number, PublishedRow.place < place))
        )
    return [(row[0], row[1]) for row in session.execute(statement)]


def sums_of(session: Session, publication_id: int) -> list[Group]:
    """What each building's households had given by the end of a period, by building."""
    rows = session.scalars(
        sa.select(PublishedSum)
        .where(PublishedSum.publication_id == publication_id)
        .order_by(sa.func.length(PublishedSum.building), PublishedSum.building)  # 2栋 before 10栋
    )
    return [Group(row.building, row.households, row.fen) for row in rows]


def given_by_dwelling(session: Session, collection_id: int) -> list[tuple[int, str, Fen]]:
    """(dwelling, building, what it gave less what went back) over all that is published, where more came than went."""
    fen = sa.func.sum(PublishedRow.amount_fen)
    rows = session.execute(
        sa.select(Deposit.dwelling_id, PublishedRow.building, fen)
        .join(Publication, Publication.id == PublishedRow.publication_id)
        .join(Deposit, Deposit.id == PublishedRow.deposit_id)
        .where(Publication.collection_id == collection_id)
        .group_by(Deposit.dwelling_id, PublishedRow.building)
        .having(fen > 0)
    )
    return [(dwelling, building, int(given)) for dwelling, building, given in rows]


def given_in_estate(session: Session, estate_id: int) -> dict[int, Fen]:
    """Dwelling -> what it gave less what went back, as published by now, where more came than went."""
    fen = sa.func.sum(PublishedRow.amount_fen)
    rows = session.execute(
        sa.select(Deposit.dwelling_id, fen)
        .join(Deposit, Deposit.id == PublishedRow.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
        .where(Collection.estate_id == estate_id)
        .group_by(Deposit.dwelling_id)
        .having(fen > 0)
    )
    return {dwelling: int(given) for dwelling, given in rows}
