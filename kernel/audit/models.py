"""The tables of the audit chain."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk, public_id


class AuditEntry(Model):
    """One fact. ``row_hash`` binds everything but the payload itself, of which only a salted hash is bound: the
    payload can be erased (PIPL §47) and the chain still holds.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("audit_entry_subject_idx", "subject"), APPEND_ONLY)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(80))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(120))
    payload_hash: Mapped[str] = mapped_column(sa.String(64))
    row_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)


class AuditPayload(Model):
    """What an entry says beyond its heading, with the salt of its hash. May be erased; never changed."""

    __tablename__ = "audit_payload"

    entry_id: Mapped[int] = mapped_column(fk("audit_entry.id"), primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(sa.String(32))
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


class AuditSeal(Model):
    """The place of an entry in the chain: ``chain_hash`` = SHA-256 of the one before and the entry's row hash."""

    __tablename__ = "audit_seal"
    __table_args__ = (sa.UniqueConstraint("entry_id", name="audit_seal_entry_id_key"), APPEND_ONLY)

    position: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(fk("audit_entry.id"))
    chain_hash: Mapped[str] = mapped_column(sa.String(64))
    sealed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AuditCheckpoint(Model):
    """A signed statement of the chain's head, as it was sent out."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = (APPEND_ONLY,)

    position: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    chain_hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    signature: Mapped[str] = mapped_column(sa.String(128))
