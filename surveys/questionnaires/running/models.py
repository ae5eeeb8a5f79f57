"""The table of reminders."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, fk


class Reminder(Model):
    """One reminder to the households of an estate that had not answered; ``number``: the first, the second."""

    __tablename__ = "survey_reminder"
    __table_args__ = (sa.CheckConstraint("number > 0", name="survey_reminder_number_positive"), APPEND_ONLY)

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    estate_id: Mapped[int] = mapped_column(fk("place.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_person_id: Mapped[int | None] = mapped_column(fk("person.id"))
