"""The table of codes by which voters confirm on a worker's phone."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, public_id


class AssistedCode(Model):
    """A code for one voter, one line and the worker who helps; it confirms one ballot. ``code_sealed`` is wiped once
    sent, ``phone_index`` counts codes by phone.
    """

    __tablename__ = "assisted_code"
    __table_args__ = (
        sa.CheckConstraint("wrong >= 0", name="assisted_code_tries_counted"),
        sa.CheckConstraint("used_at IS NULL OR confirmed_at IS NOT NULL", name="assisted_code_used_when_confirmed"),
        sa.UniqueConstraint("ballot_id", name="assisted_code_ballot_id_key"),
        sa.Index("assisted_code_phone_index_idx", "phone_index", "made_at"),
        sa.Index("assisted_code_helper_id_idx", "helper_id", "made_at"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    roll_line_id: Mapped[int] = mapped_column(fk("roll_line.id"))
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    helper_id: Mapped[int] = mapped_column(fk("account.id"))
    phone_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    code_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    wrong: Mapped[int] = mapped_column(sa.Integer, default=0)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ballot_id: Mapped[int | None] = mapped_column(fk("ballot.id"))
