"""The tables of proofs."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, public_id


class EvidenceFile(Model):
    """An uploaded picture, cleaned. ``sha256`` is of the bytes as kept, so that a record can name them."""

    __tablename__ = "evidence_file"
    __table_args__ = (
        sa.CheckConstraint("size_bytes > 0", name="evidence_file_not_empty"),
        sa.Index("evidence_file_created_at_idx", "created_at"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    purpose: Mapped[str] = mapped_column(sa.String(40))
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    storage_key: Mapped[str] = mapped_column(sa.String(120))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int] = mapped_column(sa.Integer)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class EvidenceUse(Model):
    """Which record a file proves: one, and for good. ``subject`` as in the audit chain, e.g. ``paper_ballot:…``."""

    __tablename__ = "evidence_use"
    __table_args__ = (sa.Index("evidence_use_subject_idx", "subject"), APPEND_ONLY)

    file_id: Mapped[int] = mapped_column(fk("evidence_file.id"), primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(sa.String(80))
    position: Mapped[int] = mapped_column(sa.Integer)
