"""The tables of elections: calls with their sections, nominees, signatures; plans, withdrawals, lots, run-offs; recall.

A nominee's name is sealed: before consent it is a third person's datum. On the printed paper it is a ``candidate``.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.nominations import CallState, Check, Consent, Contest, PetitionState, Way


class NominationCall(Model):
    """A call for nominations at a place, with every local number as a setting of its own."""

    __tablename__ = "nomination_call"
    __table_args__ = (
        one_of("state", CallState, "nomination_call"),
        one_of("contest", Contest, "nomination_call"),
        sa.CheckConstraint(
            "spare_num >= 0 AND spare_den > 0 AND alternates_num >= 0 AND alternates_den > 0 AND signatures >= 1",
            name="nomination_call_shares_sensible",
        ),
        sa.CheckConstraint(
            "(state = 'listed' OR state = 'printed') = (listed_until IS NOT NULL)", name="nomination_call_listed_until"
        ),
        sa.CheckConstraint("(state = 'printed') = (vote_id IS NOT NULL)", name="nomination_call_printed_has_a_vote"),
        sa.UniqueConstraint("vote_id", name="nomination_call_vote_id_key"),
        sa.Index("nomination_call_place_id_idx", "place_id", "state"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    matter: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(120))
    intro: Mapped[str] = mapped_column(sa.Text, default="")
    contest: Mapped[str] = mapped_column(sa.String(24))
    spare_num: Mapped[int] = mapped_column(sa.Integer)
    spare_den: Mapped[int] = mapped_column(sa.Integer)
    signatures: Mapped[int] = mapped_column(sa.Integer)
    """how many lines a joint nomination needs, its maker's included"""
    alternates_num: Mapped[int] = mapped_column(sa.Integer)
    alternates_den: Mapped[int] = mapped_column(sa.Integer)
    list_days: Mapped[int] = mapped_column(sa.Integer)
    notice_days: Mapped[int] = mapped_column(sa.Integer)
    voting_days: Mapped[int] = mapped_column(sa.Integer)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(sa.String(24), default=CallState.OPEN)
    listed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    vote_id: Mapped[int | None] = mapped_column(fk("vote.id"))
    created_by: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ElectionSection(Model):
    """A section of the ballot: seats of a building, a unit, the whole estate, or the leader."""

    __tablename__ = "election_section"
    __table_args__ = (
        sa.UniqueConstraint("call_id", "position", name="election_section_one_place"),
        sa.CheckConstraint("seats >= 1 AND most >= seats", name="election_section_seats_sensible"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    call_id: Mapped[int] = mapped_column(fk("nomination_call.id"))
    position: Mapped[int] = mapped_column(sa.Integer)
    matter: Mapped[str] = mapped_column(sa.String(40))
    label: Mapped[str] = mapped_column(sa.String(60))
    seats: Mapped[int] = mapped_column(sa.Integer)
    most: Mapped[int] = mapped_column(sa.Integer)


class Nominee(Model):
    """Somebody nominated for a section; a person once a call (by door and a blind index of the name)."""

    __tablename__ = "nominee"
    __table_args__ = (
        one_of("way", Way, "nominee"),
        one_of("consent", Consent, "nominee"),
        one_of("checked", Check, "nominee"),
        sa.UniqueConstraint("call_id", "dwelling_id", "name_index", name="nominee_once_a_call"),
        sa.UniqueConstraint("candidate_id", name="nominee_candidate_id_key"),
        sa.CheckConstraint("(checked = 'waiting') = (checked_at IS NULL)", name="nominee_checked_whole"),
        sa.CheckConstraint("(consent = 'asked') = (consent_at IS NULL)", name="nominee_consent_whole"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    call_id: Mapped[int] = mapped_column(fk("nomination_call.id"))
    section_id: Mapped[int] = mapped_column(fk("election_section.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    name_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    way: Mapped[str] = mapped_column(sa.String(24))
    nominated_by: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    consent: Mapped[str] = mapped_column(sa.String(24), default=Consent.ASKED)
    consent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    consent_by: Mapped[str | None] = mapped_column(sa.String(80))
    checked: Mapped[str] = mapped_column(sa.String(24), default=Check.WAITING)
    check_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    checked_by: Mapped[str | None] = mapped_column(sa.String(80))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    candidate_id: Mapped[int | None] = mapped_column(fk("candidate.id"))


class NomineeSignature(Model):
    """A line that supports a joint nomination, by phone or on paper; named by its first dwelling: it signs once."""

    __tablename__ = "nominee_signature"
    __table_args__ = (
        sa.CheckConstraint(
            "(account_id IS NULL) <> (sheet_line_id IS NULL)", name="nominee_signature_by_phone_or_on_paper"
        ),
    )

    nominee_id: Mapped[int] = mapped_column(fk("nominee.id"), primary_key=True, autoincrement=False)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int | None] = mapped_column(fk("account.id"))
    sheet_line_id: Mapped[int | None] = mapped_column(fk("signature_line.id"))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ElectionPlan(Model):
    """What an election adds to its motion: how many alternates at most (None: all with a majority)."""

    __tablename__ = "election_plan"
    __table_args__ = (sa.CheckConstraint("alternates IS NULL OR alternates >= 0", name="election_plan_alternates"),)

    motion_id: Mapped[int] = mapped_column(fk("motion.id"), primary_key=True, autoincrement=False)
    alternates: Mapped[int | None] = mapped_column(sa.Integer)


class CandidateWithdrawal(Model):
    """A candidate who stepped back after the paper was printed: the name stays, votes for it are void."""

    __tablename__ = "candidate_withdrawal"
    __table_args__ = (APPEND_ONLY,)

    candidate_id: Mapped[int] = mapped_column(fk("candidate.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by: Mapped[str] = mapped_column(sa.String(80))


class ElectionLot(Model):
    """A lot drawn among equals before two witnesses: the order of names, who drew, how, who saw it."""

    __tablename__ = "election_lot"
    __table_args__ = (APPEND_ONLY,)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    motion_id: Mapped[int] = mapped_column(fk("motion.id"))
    names: Mapped[list[Any]] = mapped_column(JsonDoc)
    """public ids of candidates, the first drawn first"""
    method: Mapped[str] = mapped_column(sa.String(200))
    drawn_by: Mapped[str] = mapped_column(sa.String(40))
    witnesses: Mapped[list[Any]] = mapped_column(JsonDoc)
    drawn_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(sa.String(80))


class ElectionRunoff(Model):
    """A vote made from a tie: which motion it decides."""

    __tablename__ = "election_runoff"
    __table_args__ = (sa.UniqueConstraint("vote_id", name="election_runoff_vote_id_key"),)

    motion_id: Mapped[int] = mapped_column(fk("motion.id"), primary_key=True, autoincrement=False)
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))


class ElectionSeat(Model):
    """Who sits otherwise than the result says: an alternate who moved up holds a seat, who left holds none."""

    __tablename__ = "election_seat"

    candidate_id: Mapped[int] = mapped_column(fk("candidate.id"), primary_key=True, autoincrement=False)
    held: Mapped[bool] = mapped_column(sa.Boolean)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RecallPetition(Model):
    """A petition to recall members (or all) of the body an election brought out. Reaching the share makes a draft."""

    __tablename__ = "recall_petition"
    __table_args__ = (
        one_of("state", PetitionState, "recall_petition"),
        sa.CheckConstraint(
            "share_num > 0 AND share_den >= share_num AND needed >= 1", name="recall_petition_share_sensible"
        ),
        sa.UniqueConstraint("vote_id", name="recall_petition_vote_id_key"),
        sa.Index("recall_petition_election_id_idx", "election_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    election_id: Mapped[int] = mapped_column(fk("vote.id"))
    candidates: Mapped[list[Any]] = mapped_column(JsonDoc)
    """public ids of the candidates to be recalled"""
    reason: Mapped[str] = mapped_column(sa.Text)
    share_num: Mapped[int] = mapped_column(sa.Integer)
    share_den: Mapped[int] = mapped_column(sa.Integer)
    roll_heads: Mapped[int] = mapped_column(sa.BigInteger)
    needed: Mapped[int] = mapped_column(sa.BigInteger)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(sa.String(24), default=PetitionState.COLLECTING)
    vote_id: Mapped[int | None] = mapped_column(fk("vote.id"))
    started_by: Mapped[str] = mapped_column(sa.String(80))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RecallSignature(Model):
    """A line that asks for a recall, by phone or on paper; named by its first dwelling: it signs once."""

    __tablename__ = "recall_signature"
    __table_args__ = (
        sa.CheckConstraint(
            "(account_id IS NULL) <> (sheet_line_id IS NULL)", name="recall_signature_by_phone_or_on_paper"
        ),
    )

    petition_id: Mapped[int] = mapped_column(fk("recall_petition.id"), primary_key=True, autoincrement=False)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int | None] = mapped_column(fk("account.id"))
    sheet_line_id: Mapped[int | None] = mapped_column(fk("signature_line.id"))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
