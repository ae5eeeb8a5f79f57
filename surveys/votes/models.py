"""The tables of votes. What was cast is only ever added to; which ballot counts is a row of its own table."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.ballot import Standing
from surveys.votes.rules.binding import Channel, Confirmation, Device
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.roll import HeadcountMode, LineKind


class Vote(Model):
    """One vote at a place: a notice, a window of time, one or several motions, one roll."""

    __tablename__ = "vote"
    __table_args__ = (
        one_of("electorate", Electorate, "vote"),
        one_of("headcount", HeadcountMode, "vote"),
        one_of("state", State, "vote"),
        sa.CheckConstraint("notice_days >= 0 AND voting_days >= 0", name="vote_days_not_negative"),
        sa.CheckConstraint("closes_at > opens_at", name="vote_window_runs_forward"),
        sa.CheckConstraint(
            "state IN ('draft', 'published') OR (roll_hash IS NOT NULL AND closes_at IS NOT NULL)",
            name="vote_opens_with_a_frozen_roll",
        ),
        sa.Index("vote_place_id_idx", "place_id"),
        sa.Index("vote_state_idx", "state", "closes_at"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    title: Mapped[str] = mapped_column(sa.String(120))
    intro: Mapped[str] = mapped_column(sa.Text, default="")
    electorate: Mapped[str] = mapped_column(sa.String(24))
    headcount: Mapped[str] = mapped_column(sa.String(24))
    include_parking: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    notice_days: Mapped[int] = mapped_column(sa.Integer)
    voting_days: Mapped[int] = mapped_column(sa.Integer)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """first instant; wished for in a draft, fixed by the notice"""
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """a ballot arriving at this instant is late"""
    provisional: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    state: Mapped[str] = mapped_column(sa.String(24), default=State.DRAFT)
    text_hash: Mapped[str | None] = mapped_column(sa.String(64))
    """of the ballot paper, from the notice on"""
    roll_hash: Mapped[str | None] = mapped_column(sa.String(64))
    """of the canonical roll, from opening on"""
    roll_heads: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    roll_area_dm2: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    roll_dwellings: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    created_by: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resulted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Motion(Model):
    """One thing voted on: a question, or an election (``seats`` to fill, up to ``most`` names a ballot)."""

    __tablename__ = "motion"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "position", name="motion_one_place_on_the_paper"),
        sa.CheckConstraint("seats >= 0 AND most >= 0", name="motion_numbers_not_negative"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    position: Mapped[int] = mapped_column(sa.Integer)
    rule: Mapped[str] = mapped_column(sa.String(60))
    """version of the catalogue's entry, e.g. owners.scheme@2021-01-01"""
    title: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    seats: Mapped[int] = mapped_column(sa.Integer, default=0)
    most: Mapped[int] = mapped_column(sa.Integer, default=0)


class Candidate(Model):
    """A name on an election's paper, shown with the person's consent."""

    __tablename__ = "candidate"
    __table_args__ = (sa.UniqueConstraint("motion_id", "position", name="candidate_one_place_on_the_paper"),)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    motion_id: Mapped[int] = mapped_column(fk("motion.id"))
    position: Mapped[int] = mapped_column(sa.Integer)
    name: Mapped[str] = mapped_column(sa.String(40))
    note: Mapped[str] = mapped_column(sa.String(200), default="")


class RollLine(Model):
    """One head with the dwellings it covers. Ballots hang on it."""

    __tablename__ = "roll_line"
    __table_args__ = (
        one_of("kind", LineKind, "roll_line"),
        sa.UniqueConstraint("vote_id", "number", name="roll_line_one_number"),
        sa.CheckConstraint("heads > 0 AND area_dm2 >= 0", name="roll_line_counts_something"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[str] = mapped_column(sa.String(24))
    heads: Mapped[int] = mapped_column(sa.Integer)
    area_dm2: Mapped[int] = mapped_column(sa.BigInteger)


class RollLineDwelling(Model):
    """A dwelling on a line; no dwelling stands on two lines of one vote."""

    __tablename__ = "roll_line_dwelling"
    __table_args__ = (sa.UniqueConstraint("vote_id", "dwelling_id", name="roll_line_dwelling_on_one_line"),)

    roll_line_id: Mapped[int] = mapped_column(fk("roll_line.id"), primary_key=True, autoincrement=False)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"), primary_key=True, autoincrement=False)
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    label: Mapped[str] = mapped_column(sa.String(60))


class RollLineHolder(Model):
    """A person who may use a line (an owners' roll; households have none, their ties decide)."""

    __tablename__ = "roll_line_holder"
    __table_args__ = (sa.Index("roll_line_holder_person_id_idx", "person_id"),)

    roll_line_id: Mapped[int] = mapped_column(fk("roll_line.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(fk("person.id"), primary_key=True, autoincrement=False)


class Ballot(Model):
    """A ballot as it was cast, in time or late. ``choices_sealed`` opens only for the count and for an auditor."""

    __tablename__ = "ballot"
    __table_args__ = (
        one_of("standing", Standing, "ballot"),
        one_of("channel", Channel, "ballot"),
        one_of("device", Device, "ballot"),
        one_of("confirmed", Confirmation, "ballot"),
        sa.CheckConstraint(
            "channel = 'paper' OR account_id IS NOT NULL OR helper_id IS NOT NULL", name="ballot_cast_by_somebody"
        ),
        sa.UniqueConstraint("receipt_no", name="ballot_receipt_no_key"),
        sa.Index("ballot_roll_line_id_idx", "roll_line_id"),
        sa.Index("ballot_vote_id_idx", "vote_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    roll_line_id: Mapped[int] = mapped_column(fk("roll_line.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    """the dwelling by whose tie it was cast"""
    account_id: Mapped[int | None] = mapped_column(fk("account.id"))
    """whose phone cast it (an agent's, by proxy); None on paper and on a worker's phone"""
    person_id: Mapped[int | None] = mapped_column(fk("person.id"))
    """the person of the register who votes; by proxy the principal, if he is known"""
    channel: Mapped[str] = mapped_column(sa.String(24))
    device: Mapped[str] = mapped_column(sa.String(24), default=Device.UNKNOWN)
    confirmed: Mapped[str] = mapped_column(sa.String(24), default=Confirmation.OWN_PHONE)
    by_proxy: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    helper_id: Mapped[int | None] = mapped_column(fk("account.id"))
    """the worker on whose phone the voter cast it"""
    standing: Mapped[str] = mapped_column(sa.String(24))
    cast_at: Mapped[datetime] = mapped_column(UTCDateTime)
    receipt_no: Mapped[str] = mapped_column(sa.String(10))
    text_hash: Mapped[str] = mapped_column(sa.String(64))
    choices_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    audit_hash: Mapped[str] = mapped_column(sa.String(64))
    """row hash of the audit entry that records the cast; printed on the receipt"""


class CountedBallot(Model):
    """Which ballot of a line counts: one a line, and the database says so."""

    __tablename__ = "counted_ballot"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "roll_line_id", name="counted_ballot_one_a_line"),
        sa.UniqueConstraint("ballot_id", name="counted_ballot_ballot_id_key"),
    )

    id: Mapped[int] = big_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    roll_line_id: Mapped[int] = mapped_column(fk("roll_line.id"))
    ballot_id: Mapped[int] = mapped_column(fk("ballot.id"))


class VoteResult(Model):
    """What was counted, once."""

    __tablename__ = "vote_result"
    __table_args__ = (APPEND_ONLY,)

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    tally_hash: Mapped[str] = mapped_column(sa.String(64))
    counted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    counted_by: Mapped[str] = mapped_column(sa.String(80))
