"""The table of representatives."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.representation import Ground


class OwnerRepresentative(Model):
    """A person who votes for an owner. It counts while it is confirmed and not ended; never deleted."""

    __tablename__ = "owner_representative"
    __table_args__ = (
        one_of("ground", Ground, "owner_representative"),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR confirmed_by <> entered_by)",
            name="owner_representative_two_people",
        ),
        sa.CheckConstraint("owner_id <> representative_id", name="owner_representative_is_another"),
        sa.Index(
            "owner_representative_one_live",
            "owner_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("owner_representative_representative_id_idx", "representative_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    owner_id: Mapped[int] = mapped_column(fk("person.id"))
    representative_id: Mapped[int] = mapped_column(fk("person.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    """the dwelling it was entered for; it holds for all the owner has"""
    ground: Mapped[str] = mapped_column(sa.String(24))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    entered_by: Mapped[str] = mapped_column(sa.String(80))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
