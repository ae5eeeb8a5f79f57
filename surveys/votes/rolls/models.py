"""The tables of a roll's objections, changes and frozen copy."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.roll_changes import ChangeKind, Effect, ObjectionKind, ObjectionState


class RollObjection(Model):
    """Somebody of a dwelling says the roll is wrong. Words and answer are sealed: they may name people."""

    __tablename__ = "roll_objection"
    __table_args__ = (
        one_of("kind", ObjectionKind, "roll_objection"),
        one_of("state", ObjectionState, "roll_objection"),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="roll_objection_open_until_ended"),
        sa.Index(
            "roll_objection_one_open",
            "vote_id",
            "dwelling_id",
            unique=True,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        ),
        sa.Index("roll_objection_vote_id_idx", "vote_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    words_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    state: Mapped[str] = mapped_column(sa.String(24), default=ObjectionState.OPEN)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by: Mapped[str | None] = mapped_column(sa.String(80))
    answer_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)


class RollChange(Model):
    """A correction (before the roll was frozen) or an amendment (after), never undone: a change back is a new one.

    ``old`` and ``new``: ``{"area_dm2": …}`` or ``{"holders": [person ids]}`` or ``{"left_out": …}``. ``rows``: the
    canonical rows of an amendment's lines as they stand after it (empty for a correction: the roll is built again).
    """

    __tablename__ = "roll_change"
    __table_args__ = (
        one_of("kind", ChangeKind, "roll_change"),
        one_of("effect", Effect, "roll_change"),
        sa.UniqueConstraint("vote_id", "number", name="roll_change_one_number"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    objection_id: Mapped[int | None] = mapped_column(fk("roll_objection.id"))
    frozen: Mapped[bool] = mapped_column(sa.Boolean)
    kind: Mapped[str] = mapped_column(sa.String(24))
    effect: Mapped[str] = mapped_column(sa.String(24))
    reason: Mapped[str] = mapped_column(sa.String(200))
    """public: no names"""
    old: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    new: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    rows: Mapped[list[Any]] = mapped_column(JsonDoc)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[str] = mapped_column(sa.String(80))


class RollSnapshot(Model):
    """The canonical roll as it was frozen at the opening; ``vote.roll_hash`` is its SHA-256."""

    __tablename__ = "roll_snapshot"
    __table_args__ = (APPEND_ONLY,)

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    canonical: Mapped[bytes] = mapped_column(sa.LargeBinary)
