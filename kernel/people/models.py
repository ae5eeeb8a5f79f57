"""The tables of persons, holdings, accounts and ties."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id


class PersonKind(StrEnum):
    """A human being, or an owning organisation (产权单位)."""

    NATURAL = "natural"
    ORGANISATION = "organisation"


class HoldingKind(StrEnum):
    """What joins a person to a dwelling."""

    OWNER = "owner"
    CO_OWNER = "co_owner"
    TENANT = "tenant"
    FAMILY = "family"
    ORGANISATION = "organisation"


class Relation(StrEnum):
    """Who an account says it is to the household."""

    SELF = "self"
    FAMILY = "family"
    TENANT = "tenant"
    REPRESENTATIVE = "representative"
    NEIGHBOUR = "neighbour"


RELATION_WORDS: dict[str, str] = {
    Relation.SELF: "本人",
    Relation.FAMILY: "家人",
    Relation.TENANT: "租客",
    Relation.REPRESENTATIVE: "代表",
    Relation.NEIGHBOUR: "邻居",
}


class Person(Model):
    """A person or organisation. Name and phone are sealed; the phone is found by its blind index."""

    __tablename__ = "person"
    __table_args__ = (one_of("kind", PersonKind, "person"), sa.Index("person_phone_index_idx", "phone_index"))

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    kind: Mapped[str] = mapped_column(sa.String(24), default=PersonKind.NATURAL)
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)


class Holding(Model):
    """A person's right in a dwelling, with its evidence and its days; ended, never deleted."""

    __tablename__ = "holding"
    __table_args__ = (
        one_of("kind", HoldingKind, "holding"),
        sa.Index("holding_dwelling_id_idx", "dwelling_id"),
        sa.Index("holding_person_id_idx", "person_id"),
    )

    id: Mapped[int] = big_id()
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    evidence: Mapped[str] = mapped_column(sa.String(40), default="roster")
    held_from: Mapped[datetime] = mapped_column(UTCDateTime)
    held_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Account(Model):
    """A WeChat account seen here once. ``person_id`` is set for staff and post-holders (grants hang on persons)."""

    __tablename__ = "account"
    __table_args__ = (sa.UniqueConstraint("openid", name="account_openid_key"),)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    openid: Mapped[str] = mapped_column(sa.String(64))
    person_id: Mapped[int | None] = mapped_column(fk("person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Tie(Model):
    """An account that speaks for a dwelling. Level 1: name and phone tail fit the roster (questionnaire only).

    Level 2: a code sent to the roster's phone, or a worker's confirmation (votes, money). ``person_id``: whom of the
    roster the account proved to be.
    """

    __tablename__ = "tie"
    __table_args__ = (
        one_of("relation", Relation, "tie"),
        sa.CheckConstraint("level IN (1, 2)", name="tie_level_known"),
        sa.Index(
            "tie_one_live",
            "account_id",
            "dwelling_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("tie_dwelling_id_idx", "dwelling_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    person_id: Mapped[int | None] = mapped_column(fk("person.id"))
    relation: Mapped[str] = mapped_column(sa.String(24))
    level: Mapped[int] = mapped_column(sa.Integer)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
