"""Every select over visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.places.models import Dwelling, Place
from portal.home_visits.models import HomeVisit


@dataclass(frozen=True)
class Stop:
    """An open visit with the door it is at."""

    visit: HomeVisit
    dwelling: Dwelling
    building: Place
    estate: Place


def no_such_visit() -> NotFound:
    """The refusal for a visit that is not there, or not one's own business."""
    return NotFound("no-such-visit", "没有找到这次上门，或者它不归您办。请刷新页面。")


def visit_for_change(session: Session, public_id: str) -> HomeVisit:
    """The visit with a public id, locked. Raises NotFound."""
    found = session.scalar(for_update(sa.select(HomeVisit).where(HomeVisit.public_id == public_id)))
    if found is None:
        raise no_such_visit()
    return found


def visit_by_public_id(session: Session, public_id: str) -> HomeVisit:
    """A visit by its public id, which is known to be there."""
    return session.scalars(sa.select(HomeVisit).where(HomeVisit.public_id == public_id)).one()


def newest(session: Session, dwelling_id: int) -> HomeVisit | None:
    """The dwelling's newest visit, open or over; or None."""
    return session.scalar(
        sa.select(HomeVisit)
        .where(HomeVisit.dwelling_id == dwelling_id)
        .order_by(HomeVisit.made_at.desc(), HomeVisit.id.desc())
        .limit(1)
    )


def open_for_change(session: Session, dwelling_id: int) -> HomeVisit | None:
    """The dwelling's open visit, locked; or None."""
    return session.scalar(
        for_update(sa.select(HomeVisit).where(HomeVisit.dwelling_id == dwelling_id, HomeVisit.ended_at.is_(None)))
    )


def open_before(session: Session, day: date) -> Sequence[HomeVisit]:
    """Open visits whose day lies before one, locked, oldest first."""
    return session.scalars(
        for_update(sa.select(HomeVisit).where(HomeVisit.ended_at.is_(None), HomeVisit.day < day).order_by(HomeVisit.id))
    ).all()


def of_account(session: Session, account_id: int, dwelling_ids: Sequence[int]) -> list[tuple[HomeVisit, Dwelling]]:
    """What is kept of an account's visits, newest first: those it asked for, wherever, and those a worker put down at
    its dwellings. What somebody else of the household asked for is not among them.
    """
    mine = sa.or_(
        sa.and_(HomeVisit.account_id == account_id, HomeVisit.by_worker.is_(False)),
        sa.and_(HomeVisit.dwelling_id.in_(dwelling_ids), HomeVisit.by_worker.is_(True)),
    )
    rows = session.execute(
        sa.select(HomeVisit, Dwelling)
        .join(Dwelling, Dwelling.id == HomeVisit.dwelling_id)
        .where(mine)
        .order_by(HomeVisit.made_at.desc(), HomeVisit.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def stops(session: Session, places: Sequence[Place]) -> list[Stop]:
    """All open visits at or under some places."""
    if not places:
        return []
    building, estate = aliased(Place), aliased(Place)
    rows = session.execute(
        sa.select(HomeVisit, Dwelling, building, estate)
        .join(Dwelling, Dwelling.id == HomeVisit.dwelling_id)
        .join(building, building.id == Dwelling.building_id)
        .join(estate, estate.id == Dwelling.estate_id)
        .where(HomeVisit.ended_at.is_(None), _under(building, places))
    )
    return [Stop(*row) for row in rows]


def due(session: Session, places: Sequence[Place], today: date) -> int:
    """How many doors at or under some places wait today, the overdue ones among them."""
    if not places:
        return 0
    building = aliased(Place)
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(HomeVisit)
            .join(Dwelling, Dwelling.id == HomeVisit.dwelling_id)
            .join(building, building.id == Dwelling.building_id)
            .where(HomeVisit.ended_at.is_(None), HomeVisit.day <= today, _under(building, places))
        )
        or 0
    )


def _under(building: type[Place], places: Sequence[Place]) -> sa.ColumnElement[bool]:
    return sa.or_(*(building.path.startswith(place.path, autoescape=True) for place in places))
