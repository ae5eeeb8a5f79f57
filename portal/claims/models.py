"""The tables of claims: who says he belongs to a dwelling, with what proof, and every try."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id


class ClaimState(StrEnum):
    """Where a claim stands."""

    WAITING = "waiting"
    """the roster says otherwise, or nothing: a worker decides"""
    MATCHED = "matched"
    """level 1: name and phone tail fit"""
    CONFIRMED = "confirmed"
    """level 2"""
    LOCKED = "locked"
    """too many wrong tries: only a worker opens it"""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ClaimRelation(StrEnum):
    """What the claimant says he is to the household."""

    SELF = "self"
    FAMILY = "family"
    TENANT = "tenant"


class TryKind(StrEnum):
    """What was tried."""

    MATCH = "match"
    CODE = "code"
    SEND = "send"


class Claim(Model):
    """An account's claim to a dwelling; one live claim each. ``name_sealed``: the name as typed, for the worker."""

    __tablename__ = "claim"
    __table_args__ = (
        one_of("state", ClaimState, "claim"),
        one_of("relation", ClaimRelation, "claim"),
        sa.Index(
            "claim_one_live",
            "account_id",
            "dwelling_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("claim_dwelling_id_idx", "dwelling_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    person_id: Mapped[int | None] = mapped_column(fk("person.id"))
    phone_person_id: Mapped[int | None] = mapped_column(fk("person.id"))
    relation: Mapped[str] = mapped_column(sa.String(24))
    state: Mapped[str] = mapped_column(sa.String(24))
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    wrong_tries: Mapped[int] = mapped_column(sa.Integer)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by: Mapped[str | None] = mapped_column(sa.String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ClaimCode(Model):
    """A six-digit code for a claim. ``code_sealed`` is wiped once sent; ``phone_index`` counts codes by phone."""

    __tablename__ = "claim_code"
    __table_args__ = (
        sa.Index("claim_code_claim_id_idx", "claim_id"),
        sa.Index("claim_code_phone_index_idx", "phone_index", "made_at"),
        sa.Index("claim_code_made_at_idx", "made_at"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    claim_id: Mapped[int] = mapped_column(fk("claim.id"))
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    code_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ClaimTry(Model):
    """One try, right or wrong: what the limits are counted from."""

    __tablename__ = "claim_try"
    __table_args__ = (
        one_of("kind", TryKind, "claim_try"),
        sa.Index("claim_try_account_id_idx", "account_id", "at"),
        sa.Index("claim_try_dwelling_id_idx", "dwelling_id", "at"),
    )

    id: Mapped[int] = big_id()
    kind: Mapped[str] = mapped_column(sa.String(24))
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    good: Mapped[bool] = mapped_column(sa.Boolean)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
