"""The tables of secret elections. A vote with a key is secret; nobody can join a choice to anything in here."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, fk


class ElectionKey(Model):
    """The public key of a secret vote; set while it is a draft, fixed with the notice."""

    __tablename__ = "election_key"

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    public_key: Mapped[str] = mapped_column(sa.String(130))
    """hex of the uncompressed point"""
    fingerprint: Mapped[str] = mapped_column(sa.String(64))


class EnvelopeHash(Model):
    """The hash of a ballot's envelope. One envelope stands once in a vote, so nobody casts a copy of another's."""

    __tablename__ = "envelope_hash"
    __table_args__ = (sa.UniqueConstraint("vote_id", "sha256", name="envelope_hash_once_a_vote"), APPEND_ONLY)

    ballot_id: Mapped[int] = mapped_column(fk("ballot.id"), primary_key=True, autoincrement=False)
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    sha256: Mapped[str] = mapped_column(sa.String(64))


class SecretOpening(Model):
    """What the trustees opened: one document a vote, sorted by number, so that no row order says anything."""

    __tablename__ = "secret_opening"
    __table_args__ = (APPEND_ONLY,)

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    imported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    imported_by: Mapped[str] = mapped_column(sa.String(80))
