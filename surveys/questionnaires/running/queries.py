"""Every select over reminders, and over who has not answered."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.people.models import Tie
from kernel.places.models import Dwelling
from surveys.questionnaires.running.models import Reminder
from surveys.questionnaires.standing.queries import has_not_answered


def sent(session: Session, campaign_id: int, estate_id: int) -> list[datetime]:
    """When an estate was reminded, oldest first."""
    return sent_by_estate(session, campaign_id, [estate_id])[estate_id]


def sent_by_estate(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> dict[int, list[datetime]]:
    """The same of several estates, by their inner ids."""
    found: dict[int, list[datetime]] = {estate_id: [] for estate_id in estate_ids}
    for estate_id, at in session.execute(
        sa.select(Reminder.estate_id, Reminder.sent_at)
        .where(Reminder.campaign_id == campaign_id, Reminder.estate_id.in_(estate_ids))
        .order_by(Reminder.number)
    ):
        found[estate_id].append(at)
    return found


def to_remind(session: Session, campaign_id: int, estate_id: int) -> list[tuple[int, int, str]]:
    """(account id, dwelling id, dwelling public id) of everybody tied to a home that has not answered."""
    rows = session.execute(
        sa.select(Tie.account_id, Dwelling.id, Dwelling.public_id)
        .join(Dwelling, Dwelling.id == Tie.dwelling_id)
        .where(Dwelling.estate_id == estate_id, Tie.ended_at.is_(None), has_not_answered(campaign_id))
        .order_by(Dwelling.id, Tie.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def reachable(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Estate (inner id) -> its homes that have not answered, and how many of them a household's phone is tied to."""
    tied = sa.exists().where(Tie.dwelling_id == Dwelling.id, Tie.ended_at.is_(None))
    rows = session.execute(
        sa.select(Dwelling.estate_id, sa.func.count(), sa.func.sum(sa.case((tied, 1), else_=0)))
        .where(Dwelling.estate_id.in_(estate_ids), has_not_answered(campaign_id))
        .group_by(Dwelling.estate_id)
    )
    return dict.fromkeys(estate_ids, (0, 0)) | {row[0]: (row[1], int(row[2])) for row in rows}
