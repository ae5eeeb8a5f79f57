"""Every select over reminders, and over who has not answered."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.people.models import Tie
from kernel.places.models import Dwelling
from surveys.questionnaires.running.models import Reminder
from surveys.questionnaires.standing.queries import has_not_answered


def sent(session: Session, campaign_id: int, estate_id: int) -> list[datetime]:
    """When an estate was reminded, oldest first."""
    return list(
        session.scalars(
            sa.select(Reminder.sent_at)
            .where(Reminder.campaign_id == campaign_id, Reminder.estate_id == estate_id)
            .order_by(Reminder.number)
        )
    )


def to_remind(session: Session, campaign_id: int, estate_id: int) -> list[tuple[int, int, str]]:
    """(account id, dwelling id, dwelling public id) of everybody tied to a home that has not answered."""
    rows = session.execute(
        sa.select(Tie.account_id, Dwelling.id, Dwelling.public_id)
        .join(Dwelling, Dwelling.id == Tie.dwelling_id)
        .where(Dwelling.estate_id == estate_id, Tie.ended_at.is_(None), has_not_answered(campaign_id))
        .order_by(Dwelling.id, Tie.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def reachable(session: Session, campaign_id: int, estate_id: int) -> tuple[int, int]:
    """Homes of an estate that have not answered, and how many of them a phone of the household is tied to."""
    tied = sa.exists().where(Tie.dwelling_id == Dwelling.id, Tie.ended_at.is_(None))
    row = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.case((tied, 1), else_=0)), 0)).where(
            Dwelling.estate_id == estate_id, has_not_answered(campaign_id)
        )
    ).one()
    return row[0], int(row[1])
