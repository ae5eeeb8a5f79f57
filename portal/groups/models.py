"""The tables of self-management groups. A member's name is public by his consent to stand; ``shown`` asks again."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id


class MemberRole(StrEnum):
    """What a member is in the group."""

    LEADER = "leader"
    MEMBER = "member"


class SelfGroup(Model):
    """A group at an estate for a term, formed from one vote's result. ``ended_at``: replaced or dissolved before."""

    __tablename__ = "self_group"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", name="self_group_one_a_vote"),
        sa.Index(
            "self_group_one_in_office",
            "place_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name="self_group_term_runs_forward"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    formed_by: Mapped[str] = mapped_column(sa.String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SelfGroupMember(Model):
    """An elected candidate matched to a person by staff. ``shown``: agreed to have the name shown as a member."""

    __tablename__ = "self_group_member"
    __table_args__ = (
        one_of("role", MemberRole, "self_group_member"),
        sa.UniqueConstraint("group_id", "person_id", name="self_group_member_once"),
        sa.UniqueConstraint("group_id", "candidate_id", name="self_group_member_one_a_candidate"),
        sa.Index("self_group_member_person_id_idx", "person_id"),
    )

    id: Mapped[int] = big_id()
    group_id: Mapped[int] = mapped_column(fk("self_group.id"))
    candidate_id: Mapped[int] = mapped_column(fk("candidate.id"))
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    grant_id: Mapped[int] = mapped_column(fk("grant_given.id"))
    role: Mapped[str] = mapped_column(sa.String(24))
    name: Mapped[str] = mapped_column(sa.String(40))
    """as the register has it; it stood on the ballot paper with consent"""
    shown: Mapped[bool] = mapped_column(sa.Boolean)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_why: Mapped[str | None] = mapped_column(sa.String(24))
    """resigned, moved, recalled, other; only with ``left_at``"""


class HandoverItem(Model):
    """One thing the former body hands to a new one."""

    __tablename__ = "handover_item"
    __table_args__ = (sa.UniqueConstraint("group_id", "position", name="handover_item_one_place"),)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    group_id: Mapped[int] = mapped_column(fk("self_group.id"))
    position: Mapped[int] = mapped_column(sa.Integer)
    title: Mapped[str] = mapped_column(sa.String(60))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_by: Mapped[str | None] = mapped_column(sa.String(80))
