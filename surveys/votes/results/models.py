"""The tables of a result's way: how long it is published, where it stands, objections, and every recount."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.results.rules import Ruling, Stage


class ResultPlan(Model):
    """How many days the result of a vote will be published, as its notice says; none: the usual number."""

    __tablename__ = "result_plan"
    __table_args__ = (sa.CheckConstraint("publicity_days BETWEEN 0 AND 90", name="result_plan_days_sensible"),)

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    publicity_days: Mapped[int] = mapped_column(sa.Integer)


class ResultStanding(Model):
    """Where a counted result stands. The row that answers, recounts and the final word lock."""

    __tablename__ = "result_standing"
    __table_args__ = (
        one_of("stage", Stage, "result_standing"),
        sa.CheckConstraint(
            "(stage = 'final') = (final_at IS NOT NULL) AND (final_at IS NULL) = (final_by IS NULL)",
            name="result_standing_final_by_somebody",
        ),
    )

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    stage: Mapped[str] = mapped_column(sa.String(24), default=Stage.PRELIMINARY)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """end of the publicity; objections at this instant are late"""
    provisional: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    final_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    final_by: Mapped[str | None] = mapped_column(sa.String(80))


class ResultRecount(Model):
    """A count made again, kept beside the ones before. ``changed``: its document differs from the one before."""

    __tablename__ = "result_recount"
    __table_args__ = (sa.UniqueConstraint("vote_id", "number", name="result_recount_one_number"), APPEND_ONLY)

    id: Mapped[int] = big_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    tally_hash: Mapped[str] = mapped_column(sa.String(64))
    reason: Mapped[str] = mapped_column(sa.String(500))
    changed: Mapped[bool] = mapped_column(sa.Boolean)
    counted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    counted_by: Mapped[str] = mapped_column(sa.String(80))


class ResultObjection(Model):
    """What somebody on the roll holds against a result, sealed (it may name neighbours), and the public answer."""

    __tablename__ = "result_objection"
    __table_args__ = (
        one_of("ruling", Ruling, "result_objection"),
        sa.UniqueConstraint("vote_id", "number", name="result_objection_one_number"),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (ruling IS NULL) AND (answered_at IS NULL) = (answer IS NULL) "
            "AND (answered_at IS NULL) = (answered_by IS NULL)",
            name="result_objection_answered_whole",
        ),
        sa.Index(
            "result_objection_one_open",
            "vote_id",
            "account_id",
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    roll_line_id: Mapped[int] = mapped_column(fk("roll_line.id"))
    text_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ruling: Mapped[str | None] = mapped_column(sa.String(24))
    answer: Mapped[str | None] = mapped_column(sa.Text)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by: Mapped[str | None] = mapped_column(sa.String(80))
