"""The table of ballots in question. It names ballots and lines, never a choice."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.conflicts import ConflictKind, ConflictState, Decision


class BallotConflict(Model):
    """A question about a line's ballots: ``ballot_id`` is the one in question (it counted when it was raised),
    ``other_id`` the other one of the line.
    """

    __tablename__ = "ballot_conflict"
    __table_args__ = (
        one_of("kind", ConflictKind, "ballot_conflict"),
        one_of("state", ConflictState, "ballot_conflict"),
        one_of("decision", Decision, "ballot_conflict"),
        sa.CheckConstraint("(kind = 'two_channels') = (other_id IS NOT NULL)", name="ballot_conflict_two_ballots"),
        sa.CheckConstraint(
            "(state = 'settled') = (decision IS NOT NULL AND settled_by IS NOT NULL AND settled_at IS NOT NULL)",
            name="ballot_conflict_settled_by_somebody",
        ),
        sa.UniqueConstraint("ballot_id", "other_id", name="ballot_conflict_once_a_pair"),
        sa.UniqueConstraint("ballot_id", "raised_by", name="ballot_conflict_once_a_person"),
        sa.Index("ballot_conflict_vote_id_idx", "vote_id", "state"),
        sa.Index("ballot_conflict_roll_line_id_idx", "roll_line_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    roll_line_id: Mapped[int] = mapped_column(fk("roll_line.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    state: Mapped[str] = mapped_column(sa.String(24))
    ballot_id: Mapped[int] = mapped_column(fk("ballot.id"))
    other_id: Mapped[int | None] = mapped_column(fk("ballot.id"))
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    raised_by: Mapped[int | None] = mapped_column(fk("account.id"))
    """who objects or doubts; None where the rule found two"""
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    decision: Mapped[str | None] = mapped_column(sa.String(24))
    settled_by: Mapped[str | None] = mapped_column(sa.String(80))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_why: Mapped[str] = mapped_column(sa.String(200), default="")
