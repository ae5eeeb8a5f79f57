"""The tables of paper ballots. What was keyed is sealed; a line has one paper that is good."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.paper import PaperState, VoidReason

_GOOD = sa.text("state <> 'void'")


class BallotPaper(Model):
    """A numbered paper of a roll line. ``serial`` is in its QR code, ``receipt_no`` on the stub the voter keeps."""

    __tablename__ = "ballot_paper"
    __table_args__ = (
        one_of("state", PaperState, "ballot_paper"),
        one_of("void_reason", VoidReason, "ballot_paper"),
        sa.CheckConstraint(
            "(state = 'void') = (void_reason IS NOT NULL AND voided_at IS NOT NULL)", name="ballot_paper_void_says_why"
        ),
        sa.CheckConstraint("(state = 'settled') = (ballot_id IS NOT NULL)", name="ballot_paper_settled_is_a_ballot"),
        sa.CheckConstraint(
            "state IN ('printed', 'handed', 'void') OR received_at IS NOT NULL", name="ballot_paper_returned_when"
        ),
        sa.CheckConstraint("number > 0", name="ballot_paper_number_positive"),
        sa.UniqueConstraint("vote_id", "number", name="ballot_paper_one_number"),
        sa.UniqueConstraint("serial", name="ballot_paper_serial_key"),
        sa.UniqueConstraint("receipt_no", name="ballot_paper_receipt_no_key"),
        sa.UniqueConstraint("ballot_id", name="ballot_paper_ballot_id_key"),
        sa.Index(
            "ballot_paper_one_good_a_line", "roll_line_id", unique=True, postgresql_where=_GOOD, sqlite_where=_GOOD
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    roll_line_id: Mapped[int] = mapped_column(fk("roll_line.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    serial: Mapped[str] = mapped_column(sa.String(10))
    receipt_no: Mapped[str] = mapped_column(sa.String(10))
    text_hash: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(24))
    printed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    printed_by: Mapped[str] = mapped_column(sa.String(80))
    asked_by: Mapped[str | None] = mapped_column(sa.String(40))
    """who asked for it, in a word (本人、家人、代理人…), no name"""
    handed_to_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    handed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handed_by: Mapped[str | None] = mapped_column(sa.String(80))
    by_proxy: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    """handed to the agent of a written proxy"""
    received_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """when it was received; decides whether it is late"""
    registered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_by: Mapped[str | None] = mapped_column(sa.String(80))
    voiding_by: Mapped[str | None] = mapped_column(sa.String(80))
    """who asked to void a paper that had come back; another agrees"""
    voiding_reason: Mapped[str | None] = mapped_column(sa.String(24))
    void_reason: Mapped[str | None] = mapped_column(sa.String(24))
    voided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    voided_by: Mapped[str | None] = mapped_column(sa.String(80))
    ballot_id: Mapped[int | None] = mapped_column(fk("ballot.id"))


class PaperKeying(Model):
    """What one person read off a paper: turn 1, turn 2 by another, turn 3 a third's decision. Sealed."""

    __tablename__ = "paper_keying"
    __table_args__ = (
        sa.CheckConstraint("turn IN (1, 2, 3)", name="paper_keying_turn_known"),
        sa.UniqueConstraint("paper_id", "turn", name="paper_keying_once_a_turn"),
        sa.UniqueConstraint("paper_id", "person_id", name="paper_keying_once_a_person"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    paper_id: Mapped[int] = mapped_column(fk("ballot_paper.id"))
    turn: Mapped[int] = mapped_column(sa.Integer)
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    keyed_at: Mapped[datetime] = mapped_column(UTCDateTime)
