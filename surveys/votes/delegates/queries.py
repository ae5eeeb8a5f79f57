"""Every select over residents' representatives."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Person
from kernel.places.models import Dwelling, Place
from surveys.votes.delegates.models import Delegate


def delegate_by_public_id(session: Session, public_id: str, *, hold: bool = False) -> Delegate:
    """A representative, held for a change if asked. Raises NotFound."""
    statement = sa.select(Delegate).where(Delegate.public_id == public_id)
    found = session.scalar(for_update(statement) if hold else statement)
    if found is None:
        raise NotFound("no-such-delegate", "没有找到这条居民代表登记。")
    return found


def hold_estate(session: Session, estate_id: int) -> None:
    """Hold an estate while its list is changed: how many a group has is counted under it."""
    session.execute(for_update(sa.select(Place.id).where(Place.id == estate_id)))


def of_group(session: Session, estate_id: int, group_name: str) -> int:
    """How many represent a group, those who wait for confirmation too."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Delegate)
            .where(Delegate.estate_id == estate_id, Delegate.group_name == group_name, Delegate.ended_at.is_(None))
        )
        or 0
    )


def list_of(session: Session, estate: Place, *, ended: bool = False) -> Sequence[sa.Row[Delegate, Person, Dwelling]]:
    """The representatives of an estate with person and home, by group; with ``ended``, those before them, too."""
    statement = (
        sa.select(Delegate, Person, Dwelling)
        .join(Person, Person.id == Delegate.person_id)
        .join(Dwelling, Dwelling.id == Delegate.dwelling_id)
        .where(Delegate.estate_id == estate.id)
    )
    if not ended:
        statement = statement.where(Delegate.ended_at.is_(None))
    return session.execute(
        statement.order_by(Delegate.ended_at.is_not(None), Delegate.group_name, Dwelling.sort_key, Delegate.id)
    ).all()


def on_day(session: Session, within: sa.ColumnElement[bool], day: date) -> Sequence[sa.Row[Delegate, Person, Dwelling]]:
    """Who represents the residents of some dwellings on a day, in the order one walks them."""
    return session.execute(
        sa.select(Delegate, Person, Dwelling)
        .join(Person, Person.id == Delegate.person_id)
        .join(Dwelling, Dwelling.id == Delegate.dwelling_id)
        .where(
            within,
            Delegate.confirmed_at.is_not(None),
            Delegate.ended_at.is_(None),
            Delegate.chosen_on <= day,
            Delegate.until >= day,
        )
        .order_by(Dwelling.sort_key, Dwelling.label)
    ).all()


def counts(session: Session, estate_ids: Sequence[int]) -> dict[int, int]:
    """How many represent each of some estates (by inner id), those who wait for confirmation too; none: no entry."""
    rows = session.execute(
        sa.select(Delegate.estate_id, sa.func.count().label("many"))
        .where(Delegate.estate_id.in_(estate_ids), Delegate.ended_at.is_(None))
        .group_by(Delegate.estate_id)
    )
    return {row.estate_id: row.many for row in rows}


def by_group(session: Session, estate_id: int) -> dict[str, int]:
    """Of an estate: how many represent each residents' group, those who wait for confirmation too."""
    rows = session.execute(
        sa.select(Delegate.group_name, sa.func.count().label("many"))
        .where(Delegate.estate_id == estate_id, Delegate.ended_at.is_(None))
        .group_by(Delegate.group_name)
    )
    return {row.group_name: row.many for row in rows}
