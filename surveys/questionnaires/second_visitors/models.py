"""The table of who was named as second visitor, and what he said."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.questionnaires.rules.second_visitors import SecondWord, Way


class SecondVisitor(Model):
    """Somebody named as second visitor of a visit's sheet, and his word; his answer is the only change to a row.

    ``person_id``, ``asked_by``: None once it is forgotten who they were (``retention``). One is asked at a time, and
    one confirms.
    """

    __tablename__ = "second_visitor"
    __table_args__ = (
        one_of("word", SecondWord, "second_visitor"),
        one_of("way", Way, "second_visitor"),
        sa.CheckConstraint("(word IS NULL) = (answered_at IS NULL)", name="second_visitor_answer_whole"),
        sa.CheckConstraint("word <> 'confirmed' OR way IS NOT NULL", name="second_visitor_says_how"),
        sa.CheckConstraint("person_id <> asked_by", name="second_visitor_is_another"),
        sa.Index("second_visitor_response_id_idx", "response_id"),
        sa.Index(
            "second_visitor_one_asked",
            "response_id",
            unique=True,
            sqlite_where=sa.text("word IS NULL"),
            postgresql_where=sa.text("word IS NULL"),
        ),
        sa.Index(
            "second_visitor_one_confirms",
            "response_id",
            unique=True,
            sqlite_where=sa.text("word = 'confirmed'"),
            postgresql_where=sa.text("word = 'confirmed'"),
        ),
        *(
            sa.Index(
                f"second_visitor_{column}_idx",
                column,
                sqlite_where=sa.text("word IS NULL"),
                postgresql_where=sa.text("word IS NULL"),
            )
            for column in ("person_id", "asked_by")
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    response_id: Mapped[int] = mapped_column(fk("response.id"))
    person_id: Mapped[int | None] = mapped_column(fk("person.id"))
    asked_by: Mapped[int | None] = mapped_column(fk("person.id"))
    """the first visitor"""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    word: Mapped[str | None] = mapped_column(sa.String(24))
    way: Mapped[str | None] = mapped_column(sa.String(24))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
