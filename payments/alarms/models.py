"""The table of what was decided about alarms."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, big_id, fk, one_of, public_id
from payments.rules.alarm import AlarmDecision, SettlementState
from payments.two_people import ByTwo, checks_of_two

_LIVE = sa.text("state <> 'sent_back'")


class AlarmSettlement(ByTwo, Model):
    """What somebody found out about an alarm, and who agreed. One that stands for each alarm; those sent back stay."""

    __tablename__ = "alarm_settlement"
    __table_args__ = (
        one_of("state", SettlementState, "alarm_settlement"),
        one_of("decision", AlarmDecision, "alarm_settlement"),
        *checks_of_two("alarm_settlement"),
        sa.CheckConstraint("why IS NOT NULL AND proposed_by IS NOT NULL", name="alarm_settlement_says_why"),
        sa.Index("alarm_settlement_one", "alarm_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    alarm_id: Mapped[int] = mapped_column(fk("payment_alarm.id"))
    state: Mapped[str] = mapped_column(sa.String(24))
