"""The table of visits asked for or put down."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from portal.home_visits.rules import Half, Purpose


class VisitState(StrEnum):
    """Where a visit stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    """nobody saw to it for a month"""


class HomeVisit(Model):
    """A worker is to come to a dwelling; one open each. ``tries``: how often nobody was met. Holds no text of anybody's
    own and no name.
    """

    __tablename__ = "home_visit"
    __table_args__ = (
        one_of("purpose", Purpose, "home_visit"),
        one_of("half", Half, "home_visit"),
        one_of("state", VisitState, "home_visit"),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="home_visit_ended"),
        sa.CheckConstraint("tries >= 0", name="home_visit_tries"),
        sa.Index(
            "home_visit_one_open",
            "dwelling_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("home_visit_dwelling_id_idx", "dwelling_id", "made_at"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    by_worker: Mapped[bool] = mapped_column(sa.Boolean)
    purpose: Mapped[str] = mapped_column(sa.String(24))
    day: Mapped[date] = mapped_column(sa.Date)
    half: Mapped[str] = mapped_column(sa.String(24))
    state: Mapped[str] = mapped_column(sa.String(24))
    tries: Mapped[int] = mapped_column(sa.Integer)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
