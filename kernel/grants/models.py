"""The table of grants."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from kernel.grants.rules import Role


class Grant(Model):
    """A role given to a person at a place for a term, by somebody. Ended by ``revoked_at``, never deleted."""

    __tablename__ = "grant_given"
    __table_args__ = (
        one_of("role", Role, "grant_given"),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="grant_given_term_runs_forward"),
        sa.Index("grant_given_person_id_idx", "person_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    role: Mapped[str] = mapped_column(sa.String(24))
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    granted_by: Mapped[str] = mapped_column(sa.String(80))
