"""The tables of published books. They only grow: what was published stays published."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from payments.rules.publication import RowKind


class Publication(Model):
    """One period of a collection's books. ``root``: over header and rows; ``previous_root``: of the period before."""

    __tablename__ = "publication"
    __table_args__ = (
        sa.UniqueConstraint("collection_id", "number", name="publication_number_once"),
        sa.UniqueConstraint("collection_id", "first_day", name="publication_period_once"),
        sa.CheckConstraint("number > 0 AND last_day >= first_day", name="publication_runs_forward"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    number: Mapped[int] = mapped_column(sa.BigInteger)
    first_day: Mapped[date] = mapped_column(sa.Date)
    last_day: Mapped[date] = mapped_column(sa.Date)
    opening_fen: Mapped[int] = mapped_column(sa.BigInteger)
    in_by_channel: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    again_fen: Mapped[int] = mapped_column(sa.BigInteger)
    refunded_fen: Mapped[int] = mapped_column(sa.BigInteger)
    out_fen: Mapped[int] = mapped_column(sa.BigInteger)
    fees_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default=sa.text("0"))
    cash_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default=sa.text("0"))
    closing_fen: Mapped[int] = mapped_column(sa.BigInteger)
    row_count: Mapped[int] = mapped_column(sa.BigInteger)
    header: Mapped[str] = mapped_column(sa.Text)
    previous_root: Mapped[str] = mapped_column(sa.String(64))
    root: Mapped[str] = mapped_column(sa.String(64))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PublishedRow(Model):
    """One row as published. ``place``: 1 for the first row, for 0 is the header; ``entry_id``: published once."""

    __tablename__ = "published_row"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", name="published_row_once"),
        one_of("kind", RowKind, "published_row"),
        sa.CheckConstraint("place > 0 AND amount_fen <> 0", name="published_row_is_one"),
        sa.Index("published_row_deposit_id_idx", "deposit_id"),
        APPEND_ONLY,
    )

    publication_id: Mapped[int] = mapped_column(fk("publication.id"), primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(fk("ledger_entry.id"))
    deposit_id: Mapped[int | None] = mapped_column(fk("deposit.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    building: Mapped[str] = mapped_column(sa.String(80))
    receipt_tail: Mapped[str] = mapped_column(sa.String(8))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    day: Mapped[date] = mapped_column(sa.Date)
    mark: Mapped[str] = mapped_column(sa.String(32))


class PublishedSum(Model):
    """What the households of one building had given by the end of a period, all in all; only those that gave."""

    __tablename__ = "published_sum"
    __table_args__ = (
        sa.CheckConstraint("households > 0 AND fen > 0", name="published_sum_of_somebody"),
        APPEND_ONLY,
    )

    publication_id: Mapped[int] = mapped_column(fk("publication.id"), primary_key=True, autoincrement=False)
    building: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    households: Mapped[int] = mapped_column(sa.BigInteger)
    fen: Mapped[int] = mapped_column(sa.BigInteger)
