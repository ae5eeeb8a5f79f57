"""Every select over reminders, and over who has not answered."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.people.models import Tie
from kernel.places.models import Dwelling, DwellingUse
from surveys.questionnaires.models import ValidResponse
from surveys.questionnaires.running.models import Reminder
from surveys.questionnaires.standing.models import Dispute


def sent(session: Session, campaign_id: int, estate_id: int) -> list[datetime]:
    """When an estate was reminded, oldest first."""
    return list(
        session.scalars(
            sa.select(Reminder.sent_at)
            .where(Reminder.campaign_id == campaign_id, Reminder.estate_id == estate_id)
            .order_by(Reminder.number)
        )
    )


def _unanswered(campaign_id: int) -> sa.ColumnElement[bool]:
    """A home without a sheet that counts, nor one that waits to be settled."""
    answered = sa.exists().where(ValidResponse.campaign_id == campaign_id, ValidResponse.dwelling_id == Dwelling.id)
    waiting = sa.exists().where(
        Dispute.campaign_id == campaign_id, Dispute.dwelling_id == Dwelling.id, Dispute.settled_at.is_(None)
    )
    return sa.and_(Dwelling.use == DwellingUse.HOME, ~answered, ~waiting)


def to_remind(session: Session, campaign_id: int, estate_id: int) -> list[tuple[int, int, str]]:
    """(account id, dwelling id, dwelling public id) of everybody tied to a home that has not answered."""
    rows = session.execute(
        sa.select(Tie.account_id, Dwelling.id, Dwelling.public_id)
        .join(Dwelling, Dwelling.id == Tie.dwelling_id)
        .where(Dwelling.estate_id == estate_id, Tie.ended_at.is_(None), _unanswered(campaign_id))
        .order_by(Dwelling.id, Tie.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def reachable(session: Session, campaign_id: int, estate_id: int) -> tuple[int, int]:
    """Homes of an estate that have not answered, and how many of them a phone of the household is tied to."""
    tied = sa.exists().where(Tie.dwelling_id == Dwelling.id, Tie.ended_at.is_(None))
    row = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.case((tied, 1), else_=0)), 0)).where(
            Dwelling.estate_id == estate_id, _unanswered(campaign_id)
        )
    ).one()
    return row[0], int(row[1])


def to_call(session: Session, campaign_id: int, building_id: int) -> Sequence[Dwelling]:
    """The homes of a building that have not answered, in the order of its doors."""
    return session.scalars(
        sa.select(Dwelling)
        .where(Dwelling.building_id == building_id, _unanswered(campaign_id))
        .order_by(Dwelling.sort_key)
    ).all()
