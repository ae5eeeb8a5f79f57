"""The tables of the question whether deposits stay for the next plan. No row of an answer: nothing moves."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from payments.rules.rollover import RolloverChoice


class RolloverQuestion(Model):
    """The street asks the payers of a collection: keep the deposit for ``plan_year``, or give it back?"""

    __tablename__ = "rollover_question"
    __table_args__ = (
        sa.CheckConstraint("plan_year BETWEEN 2020 AND 2100", name="rollover_question_year"),
        sa.Index(
            "rollover_question_one_open",
            "collection_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    plan_year: Mapped[int] = mapped_column(sa.BigInteger)
    why: Mapped[str] = mapped_column(sa.String(200))
    asked_by: Mapped[int] = mapped_column(fk("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RolloverAnswer(Model):
    """A payer's word about one deposit; changed until the question is closed, each change in the audit trail."""

    __tablename__ = "rollover_answer"
    __table_args__ = (one_of("choice", RolloverChoice, "rollover_answer"),)

    question_id: Mapped[int] = mapped_column(fk("rollover_question.id"), primary_key=True, autoincrement=False)
    deposit_id: Mapped[int] = mapped_column(fk("deposit.id"), primary_key=True, autoincrement=False)
    choice: Mapped[str] = mapped_column(sa.String(24))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
