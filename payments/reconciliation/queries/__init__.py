"""Every select of reconciliation: days and bills, differences, who."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel import clock
from kernel.database import for_update
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.people.models import Person
from kernel.places.models import Place
from payments.models import Collection
from payments.reconciliation.models import BillDifference, BillFile, ReconciledDay
from payments.rules.reconcile import WAITING, DifferenceKind, DifferenceState

TOGETHER = 400
"""Numbers asked for at a time."""

# ----------------------------------------------------------------------------------------------------- days and bills


def bill_known(session: Session, channel: str, merchant_id: str, day: date, kind: str, sha256: str) -> BillFile | None:
    """The same file, kept before, or None."""
    return session.scalar(
        sa.select(BillFile).where(
            BillFile.channel == channel,
            BillFile.merchant_id == merchant_id,
            BillFile.day == day,
            BillFile.kind == kind,
            BillFile.sha256 == sha256,
        )
    )


def day_of(session: Session, channel: str, merchant_id: str, day: date, *, lock: bool = False) -> ReconciledDay | None:
    """A merchant's day, or None before its first comparison."""
    statement = sa.select(ReconciledDay).where(
        ReconciledDay.channel == channel, ReconciledDay.merchant_id == merchant_id, ReconciledDay.day == day
    )
    return session.scalar(for_update(statement) if lock else statement)


def day_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> ReconciledDay:
    """A day by its public id. Raises NotFound."""
    statement = sa.select(ReconciledDay).where(ReconciledDay.public_id == public_id)
    found = session.scalar(for_update(statement) if lock else statement)
    if found is None:
        raise NotFound("no-such-day", "没有找到这一天的对账。")
    return found


def days_of(session: Session, merchants: Iterable[str], *, limit: int = 62) -> Sequence[tuple[ReconciledDay, int]]:
    """The newest days of some merchants, each with how many differences wait."""
    waiting = (
        sa.select(sa.func.count())
        .where(BillDifference.day_id == ReconciledDay.id, BillDifference.state.in_(WAITING))
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(ReconciledDay, waiting)
        .where(ReconciledDay.merchant_id.in_(list(merchants)))
        .order_by(ReconciledDay.day.desc(), ReconciledDay.merchant_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def done_days(session: Session, channel: str, merchant_id: str, since: date) -> set[date]:
    """Days from ``since`` on that were compared with both their bills, or signed."""
    return set(
        session.scalars(
            sa.select(ReconciledDay.day).where(
                ReconciledDay.channel == channel,
                ReconciledDay.merchant_id == merchant_id,
                ReconciledDay.day >= since,
                sa.or_(
                    ReconciledDay.closed_at.is_not(None),
                    sa.and_(
                        ReconciledDay.bill_id.is_not(None),
                        ReconciledDay.flow_bill_id.is_not(None),
                        ReconciledDay.trouble.is_(None),
                    ),
                ),
            )
        )
    )


def first_day(session: Session, merchant_id: str) -> date | None:
    """The day a merchant's first collection was opened, or None."""
    opened: datetime | None = session.scalar(
        sa.select(sa.func.min(Collection.opened_at)).where(Collection.merchant_id == merchant_id)
    )
    return clock.china_day(opened) if opened else None


def closing_before(session: Session, channel: str, merchant_id: str, day: date) -> Fen | None:
    """Where a merchant's account stood at the end of the day before, if that day's movements were read and it moved."""
    before = day_of(session, channel, merchant_id, day - timedelta(days=1))
    return before.flow.get("closing_fen") if before is not None and before.flow else None


def bill_of(session: Session, day: ReconciledDay) -> BillFile | None:
    """The bill a day was last compared with."""
    return session.get(BillFile, day.bill_id) if day.bill_id else None


# -------------------------------------------------------------------------------------------------------- differences


def differences_of(session: Session, day_id: int) -> Sequence[BillDifference]:
    """A day's differences: what waits first, then by number."""
    return session.scalars(
        sa.select(BillDifference)
        .where(BillDifference.day_id == day_id)
        .order_by(BillDifference.state.not_in(WAITING), BillDifference.item, BillDifference.number, BillDifference.nth)
    ).all()


def difference_by_public_id(
    session: Session, public_id: str, *, lock: bool = False
) -> tuple[BillDifference, ReconciledDay]:
    """A difference and its day, locked day first. Raises NotFound."""
    statement = sa.select(BillDifference).where(BillDifference.public_id == public_id)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("no-such-difference", "没有找到这一条差异。")
    day_statement = sa.select(ReconciledDay).where(ReconciledDay.id == found.day_id)
    day = session.scalars(for_update(day_statement) if lock else day_statement).one()
    if lock:
        found = session.scalars(for_update(statement).execution_options(populate_existing=True)).one()
    return found, day


def waiting_of(session: Session, day_id: int) -> int:
    """How many differences of a day wait for somebody."""
    return (
        session.scalar(
            sa.select(sa.func.count()).where(BillDifference.day_id == day_id, BillDifference.state.in_(WAITING))
        )
        or 0
    )


def seen_on_other_days(session: Session, day_id: int, numbers: Sequence[str]) -> set[str]:
    """Which of some numbers a bill of another day of the same merchant held."""
    other, here = aliased(ReconciledDay), aliased(ReconciledDay)
    found: set[str] = set()
    for at in range(0, len(numbers), TOGETHER):
        found |= set(
            session.scalars(
                sa.select(BillDifference.number)
                .join(other, other.id == BillDifference.day_id)
                .join(here, sa.and_(here.merchant_id == other.merchant_id, here.channel == other.channel))
                .where(
                    here.id == day_id,
                    BillDifference.day_id != day_id,
                    BillDifference.kind == DifferenceKind.OTHER_DAY,
                    BillDifference.number.in_(numbers[at : at + TOGETHER]),
                )
            )
        )
    return found


def missing_there(session: Session, merchant_id: str, numbers: Sequence[str]) -> Sequence[BillDifference]:
    """Open differences of a merchant's days that say a bill lacks one of some numbers."""
    found: list[BillDifference] = []
    for at in range(0, len(numbers), TOGETHER):
        found += session.scalars(
            sa.select(BillDifference)
            .join(ReconciledDay, ReconciledDay.id == BillDifference.day_id)
            .where(
                ReconciledDay.merchant_id == merchant_id,
                BillDifference.kind == DifferenceKind.MISSING_THERE,
                BillDifference.state == DifferenceState.OPEN,
                BillDifference.number.in_(numbers[at : at + TOGETHER]),
            )
        )
    return found


# ---------------------------------------------------------------------------------------------------------------- who


def estates_of_merchants(session: Session) -> Sequence[tuple[str, str, Place]]:
    """(merchant, account holder, estate) of every collection."""
    rows = session.execute(
        sa.select(Collection.merchant_id, Collection.account_holder, Place)
        .join(Place, Place.id == Collection.estate_id)
        .order_by(Collection.merchant_id, Place.code)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def collections_of_merchant(session: Session, merchant_id: str) -> Sequence[tuple[int, Place]]:
    """(collection, estate) of every collection paid into a merchant's account."""
    rows = session.execute(
        sa.select(Collection.id, Place)
        .join(Place, Place.id == Collection.estate_id)
        .where(Collection.merchant_id == merchant_id)
        .order_by(Place.code)
    )
    return [(row[0], row[1]) for row in rows]


def persons(session: Session, ids: Iterable[int]) -> dict[int, Person]:
    """People by inner id."""
    found = session.scalars(sa.select(Person).where(Person.id.in_(list(ids))))
    return {person.id: person for person in found}
