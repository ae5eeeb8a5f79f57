"""The tables of bodies. A member's name is public by his consent to stand; ``shown`` asks again."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.bodies import Office


class Body(Model):
    """A body of a kind at an estate for a term, formed from one vote's result. ``ended_at``: replaced or dissolved
    before. ``kind`` is a word of ``rules.bodies.KINDS``.
    """

    __tablename__ = "body"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", name="body_one_a_vote"),
        sa.Index(
            "body_one_in_office",
            "place_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name="body_term_runs_forward"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    kind: Mapped[str] = mapped_column(sa.String(24))
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    formed_by: Mapped[str] = mapped_column(sa.String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class BodyMember(Model):
    """An elected candidate matched to a person by staff. ``shown``: agreed to have the name shown as a member."""

    __tablename__ = "body_member"
    __table_args__ = (
        one_of("office", Office, "body_member"),
        sa.UniqueConstraint("body_id", "person_id", name="body_member_once"),
        sa.UniqueConstraint("body_id", "candidate_id", name="body_member_one_a_candidate"),
        sa.Index("body_member_person_id_idx", "person_id"),
    )

    id: Mapped[int] = big_id()
    body_id: Mapped[int] = mapped_column(fk("body.id"))
    candidate_id: Mapped[int] = mapped_column(fk("candidate.id"))
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    grant_id: Mapped[int] = mapped_column(fk("grant_given.id"))
    office: Mapped[str] = mapped_column(sa.String(24))
    name: Mapped[str] = mapped_column(sa.String(40))
    """as the register has it; it stood on the ballot paper with consent"""
    shown: Mapped[bool] = mapped_column(sa.Boolean)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_why: Mapped[str | None] = mapped_column(sa.String(24))
    """resigned, moved, sold, recalled, other; only with ``left_at``"""


class BodyHandover(Model):
    """One thing the former body hands to a new one."""

    __tablename__ = "body_handover"
    __table_args__ = (sa.UniqueConstraint("body_id", "position", name="body_handover_one_place"),)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    body_id: Mapped[int] = mapped_column(fk("body.id"))
    position: Mapped[int] = mapped_column(sa.Integer)
    title: Mapped[str] = mapped_column(sa.String(60))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_by: Mapped[str | None] = mapped_column(sa.String(80))


class BodyFiling(Model):
    """A body put on file (备案) with the street: the number and day of the record. The last one holds."""

    __tablename__ = "body_filing"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "number", name="body_filing_number_once"),
        sa.CheckConstraint("number <> ''", name="body_filing_has_a_number"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    body_id: Mapped[int] = mapped_column(fk("body.id"))
    number: Mapped[str] = mapped_column(sa.String(60))
    filed_on: Mapped[date] = mapped_column(sa.Date)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(sa.String(80))
