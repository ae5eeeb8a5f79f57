"""The tables of local rules and of those a vote's notice froze."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, public_id


class LocalRule(Model):
    """What a city or district lays down for one key from a day on: entered by one officer, confirmed by another.

    Never changed: a new value is a new entry. Taken off by two officers as well, and kept.
    """

    __tablename__ = "local_rule"
    __table_args__ = (
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR confirmed_by <> entered_by)",
            name="local_rule_two_people",
        ),
        sa.CheckConstraint(
            "(ended_by IS NULL) = (ended_at IS NULL) AND (confirmed_at IS NULL OR ended_by IS NULL"
            " OR (ending_by IS NOT NULL AND ended_by <> ending_by))",
            name="local_rule_ended_by_two_people",
        ),
        sa.CheckConstraint("document <> ''", name="local_rule_has_a_source"),
        sa.Index(
            "local_rule_one_a_day",
            "place_id",
            "key",
            "valid_from",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    key: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[str] = mapped_column(sa.String(40))
    valid_from: Mapped[date] = mapped_column(sa.Date)
    document: Mapped[str] = mapped_column(sa.String(120))
    document_no: Mapped[str] = mapped_column(sa.String(60), default="")
    issued_on: Mapped[date | None] = mapped_column(sa.Date)
    clause: Mapped[str] = mapped_column(sa.String(60), default="")
    link: Mapped[str] = mapped_column(sa.String(300), default="")
    entered_by: Mapped[str] = mapped_column(sa.String(80))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(80))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ending_by: Mapped[str | None] = mapped_column(sa.String(80))
    """who asked to take a confirmed entry off"""
    ending_why: Mapped[str] = mapped_column(sa.String(200), default="")
    ended_by: Mapped[str | None] = mapped_column(sa.String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class VoteLocalRule(Model):
    """A local rule (or, without one, the usual way) as a vote's notice froze it: what the vote does and by what."""

    __tablename__ = "vote_local_rule"
    __table_args__ = (APPEND_ONLY,)

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(40))
    local_rule_id: Mapped[int | None] = mapped_column(fk("local_rule.id"))
    words: Mapped[str] = mapped_column(sa.String(200))
    source: Mapped[str] = mapped_column(sa.String(300))
