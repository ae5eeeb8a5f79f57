"""Every select of published books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.errors import NotFound
from kernel.money import Fen
from kernel.places.models import Dwelling, DwellingUse, Place
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
from payments.queries.totals import IS_MEASURED
from payments.refunds.models import DepositRefund
from payments.rules.disclosure import SMALLEST_GROUP, Group
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
    dwelling_id: int | None
    building: str | None
    voucher_no: str | None = None


def waiting_movements(session: Session, collection_id: int, end: datetime) -> Sequence[Movement]:
    """What moved a collection's money before ``end`` and is not published yet, in the order of time."""
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
            LedgerEntry.at < end,
            ~sa.exists().where(PublishedRow.entry_id == LedgerEntry.id),
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
            Deposit.dwelling_id,
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
    """(number of the publication, row) of a collection, newest first, from below ``before`` (number, place).

    Publication by publication along the rows' own key: whatever was published before costs nothing.
    """
    wanted = (
        sa.select(Publication.id, Publication.number)
        .where(Publication.collection_id == collection_id, Publication.row_count > 0)
        .order_by(Publication.number.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(Publication.number <= before[0])
    found: list[tuple[int, PublishedRow]] = []
    for publication_id, number in session.execute(wanted).all():
        rows = sa.select(PublishedRow).where(PublishedRow.publication_id == publication_id)
        if before is not None and number == before[0]:
            rows = rows.where(PublishedRow.place < before[1])
        rows = rows.order_by(PublishedRow.place.desc()).limit(limit - len(found))
        found += [(number, row) for row in session.scalars(rows)]
        if len(found) == limit:
            break
    return found


def sums_of(session: Session, publication_id: int) -> list[Group]:
    """What each building's households had given by the end of a period, by building."""
    rows = session.scalars(
        sa.select(PublishedSum)
        .where(PublishedSum.publication_id == publication_id)
        .order_by(sa.func.length(PublishedSum.building), PublishedSum.building)  # 2栋 before 10栋
    )
    return [Group(row.building, row.households, row.fen) for row in rows]


def given_by_label(session: Session, collection_id: int) -> list[tuple[int, str, Fen]]:
    """(dwelling, what its rows are published under, what came less what went back), in the order of publication."""
    rows = session.execute(
        sa.select(Deposit.dwelling_id, PublishedRow.building, sa.func.sum(PublishedRow.amount_fen))
        .join(Publication, Publication.id == PublishedRow.publication_id)
        .join(Deposit, Deposit.id == PublishedRow.deposit_id)
        .where(Publication.collection_id == collection_id)
        .group_by(Deposit.dwelling_id, PublishedRow.building)
        .order_by(sa.func.max(Publication.number), Deposit.dwelling_id)
    )
    return [(dwelling, label, int(given)) for dwelling, label, given in rows]


def unlisted_homes(session: Session, collection: Collection) -> dict[str, set[int]]:
    """Building -> its homes of which no payment into the collection was ever published."""
    listed = (
        sa.select(sa.literal(1))
        .select_from(PublishedRow)
        .join(Deposit, Deposit.id == PublishedRow.deposit_id)
        .where(Deposit.dwelling_id == Dwelling.id, Deposit.collection_id == collection.id)
    )
    rows = session.execute(
        sa.select(Place.name, Dwelling.id)
        .join(Place, Place.id == Dwelling.building_id)
        .where(Dwelling.estate_id == collection.estate_id, Dwelling.use == DwellingUse.HOME, ~listed.exists())
    )
    found: dict[str, set[int]] = {}
    for building, dwelling in rows:
        found.setdefault(building, set()).add(dwelling)
    return found


@dataclass(frozen=True)
class Given:
    """What a dwelling gave less what went back, as published. ``among_five_fen``: without what was published among
    fewer than five that moved the same way.
    """

    dwelling_id: int
    fen: Fen
    among_five_fen: Fen


def given_by_estate(session: Session, estate_ids: Sequence[int]) -> dict[int, list[Given]]:
    """Estate (inner id) -> what was published of each of its dwellings; what changed last stands last."""
    # What a home gave or had back, all in all, under one name of one publication: what came and went turns no door.
    net = sa.func.sum(PublishedRow.amount_fen)
    nets = (
        sa.select(
            PublishedRow.publication_id,
            PublishedRow.building,
            Deposit.dwelling_id,
            Collection.estate_id,
            net.label("fen"),
            sa.case((net > 0, 1), else_=-1).label("way"),
        )
        .join(Deposit, Deposit.id == PublishedRow.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
        .where(Collection.estate_id.in_(estate_ids))
        .group_by(PublishedRow.publication_id, PublishedRow.building, Deposit.dwelling_id, Collection.estate_id)
        .having(net != 0)
        .cte("nets")
    )
    group = (nets.c.publication_id, nets.c.building, nets.c.way)
    five = sa.select(*group).group_by(*group).having(sa.func.count() >= SMALLEST_GROUP).subquery()
    together = sa.case((five.c.way.is_not(None), nets.c.fen), else_=0)
    found = session.execute(
        sa.select(nets.c.estate_id, nets.c.dwelling_id, sa.func.sum(nets.c.fen), sa.func.sum(together))
        .join(Publication, Publication.id == nets.c.publication_id)
        .outerjoin(five, sa.and_(*(column == five.c[column.name] for column in group)))
        .group_by(nets.c.estate_id, nets.c.dwelling_id)
        .order_by(sa.func.max(Publication.published_at), nets.c.dwelling_id)
    )
    given: dict[int, list[Given]] = {estate_id: [] for estate_id in estate_ids}
    for estate, dwelling, fen, among in found:
        given[estate].append(Given(dwelling, int(fen), int(among)))
    return given


@dataclass(frozen=True)
class Counted:
    """How many of an estate's households had given what the gate counts, and how much, as published."""

    households: int
    fen: Fen


def counted_by_estate(session: Session, estate_ids: Sequence[int]) -> dict[int, Counted]:
    """Estate (inner id) -> what was published of that which a gate counts; those without any are left out."""
    fen = sa.func.sum(PublishedRow.amount_fen)
    nets = (
        sa.select(Dwelling.estate_id, Deposit.dwelling_id, fen.label("fen"))
        .select_from(PublishedRow)
        .join(Deposit, Deposit.id == PublishedRow.deposit_id)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(Dwelling.estate_id.in_(estate_ids), IS_MEASURED)
        .group_by(Dwelling.estate_id, Deposit.dwelling_id)
        .having(fen > 0)
        .subquery()
    )
    rows = session.execute(
        sa.select(nets.c.estate_id, sa.func.count(), sa.func.sum(nets.c.fen)).group_by(nets.c.estate_id)
    )
    return {estate: Counted(many, int(sum_fen)) for estate, many, sum_fen in rows}


def published_to(session: Session, estate_ids: Sequence[int]) -> dict[int, date]:
    """Estate (inner id) -> the last day its books are published to; those without a publication are left out."""
    rows = session.execute(
        sa.select(Collection.estate_id, sa.func.max(Publication.last_day))
        .join(Publication, Publication.collection_id == Collection.id)
        .where(Collection.estate_id.in_(estate_ids))
        .group_by(Collection.estate_id)
    )
    return {row[0]: row[1] for row in rows}
