"""The tables of adopted rules."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.bylaws import Silence


class Bylaws(Model):
    """议事规则 as adopted: entered by one officer from the paper, confirmed by another; withdrawn, never changed."""

    __tablename__ = "bylaws"
    __table_args__ = (
        one_of("silence", Silence, "bylaws"),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR confirmed_by <> entered_by)",
            name="bylaws_two_people",
        ),
        sa.CheckConstraint("vote_id IS NOT NULL OR meeting <> ''", name="bylaws_come_from_somewhere"),
        sa.Index("bylaws_place_id_idx", "place_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    title: Mapped[str] = mapped_column(sa.String(120))
    adopted_on: Mapped[date] = mapped_column(sa.Date)
    vote_id: Mapped[int | None] = mapped_column(fk("vote.id"))
    """the vote here that adopted them, if it was held here"""
    meeting: Mapped[str] = mapped_column(sa.String(200), default="")
    """else the meeting they came from"""
    silence: Mapped[str] = mapped_column(sa.String(24))
    warning: Mapped[str] = mapped_column(sa.String(500), default="")
    """what owners must be told of the consequence; printed on notice and ballot"""
    clauses: Mapped[str] = mapped_column(sa.Text, default="")
    """the clauses about voting, as they read"""
    entered_by: Mapped[str] = mapped_column(sa.String(80))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(80))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class DeemedVote(Model):
    """A vote that counts silence by adopted rules; set while it is a draft, fixed by the notice. No row: off."""

    __tablename__ = "deemed_vote"

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    bylaws_id: Mapped[int] = mapped_column(fk("bylaws.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
    set_by: Mapped[str] = mapped_column(sa.String(80))
