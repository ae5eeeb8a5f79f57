"""Every select over reminders."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from payments.reminders.models import Reminder, ReminderSetting
from payments.rules.reminding import MOST


def most_of(session: Session, collection_id: int) -> int:
    """How often at most a collection's households are reminded for one version."""
    found = session.scalar(sa.select(ReminderSetting.most).where(ReminderSetting.collection_id == collection_id))
    return MOST if found is None else found


def reminded(session: Session, budget_id: int) -> dict[int, tuple[int, datetime]]:
    """Dwelling → (how often it was reminded for a version, when last)."""
    rows = session.execute(
        sa.select(Reminder.dwelling_id, Reminder.counted, Reminder.at)
        .where(Reminder.budget_id == budget_id)
        .order_by(Reminder.counted)
    )
    return {row.dwelling_id: (row.counted, row.at) for row in rows}


def reminder_by_public_id(session: Session, public_id: str) -> Reminder | None:
    """A reminder, or None."""
    return session.scalar(sa.select(Reminder).where(Reminder.public_id == public_id))
