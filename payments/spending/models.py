"""The tables of payments out of the account. That nobody signs twice, the database says as well."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, one_of, public_id
from payments.rules.spending import SignedAs, SpendingState


class SpendingSetting(Model):
    """How many sign a payment out of a collection's account; without a row it is two. ``wanted``: fewer, as one person
    has proposed and another has yet to agree.
    """

    __tablename__ = "spending_setting"
    __table_args__ = (
        sa.CheckConstraint("signatories IN (2, 3)", name="spending_setting_signatories"),
        sa.CheckConstraint(
            "(wanted IS NULL) = (wanted_by IS NULL) AND (wanted IS NULL OR wanted < signatories)",
            name="spending_setting_wanted_by_somebody",
        ),
    )

    collection_id: Mapped[int] = mapped_column(fk("collection.id"), primary_key=True, autoincrement=False)
    signatories: Mapped[int] = mapped_column(sa.BigInteger)
    set_by: Mapped[int] = mapped_column(fk("person.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
    wanted: Mapped[int | None] = mapped_column(sa.BigInteger)
    wanted_by: Mapped[int | None] = mapped_column(fk("person.id"))


class Spending(Model):
    """A payment for the works: to whom, for which budget item, by which voucher. Never edited: reversed."""

    __tablename__ = "spending"
    __table_args__ = (
        one_of("state", SpendingState, "spending"),
        sa.Index(
            "spending_voucher_once",
            "collection_id",
            "voucher_no",
            unique=True,
            sqlite_where=sa.text("state NOT IN ('refused', 'withdrawn', 'reversed')"),
            postgresql_where=sa.text("state NOT IN ('refused', 'withdrawn', 'reversed')"),
        ),
        sa.UniqueConstraint("collection_id", "bank_reference", name="spending_reference_once"),
        sa.CheckConstraint("amount_fen > 0 AND signatories IN (2, 3)", name="spending_amounts"),
        sa.CheckConstraint(
            "(state IN ('paid', 'reversed')) = (paid_by IS NOT NULL) "
            "AND (paid_by IS NULL) = (bank_reference IS NULL) AND (paid_by IS NULL) = (paid_at IS NULL)",
            name="spending_paid_by_somebody",
        ),
        sa.CheckConstraint(
            "(state = 'reversed') = (reversed_by IS NOT NULL) AND (reversed_by IS NULL OR reversed_by <> reversal_by)",
            name="spending_reversed_by_two",
        ),
        sa.Index("spending_item_id_idx", "item_id"),
        sa.Index("spending_collection_id_idx", "collection_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    item_id: Mapped[int] = mapped_column(fk("budget_item.id"))
    state: Mapped[str] = mapped_column(sa.String(24))
    signatories: Mapped[int] = mapped_column(sa.BigInteger)
    payee: Mapped[str] = mapped_column(sa.String(80))
    payee_is_person: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.text("false"))
    purpose: Mapped[str] = mapped_column(sa.String(200))
    voucher_no: Mapped[str] = mapped_column(sa.String(40))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    refused_why: Mapped[str | None] = mapped_column(sa.String(200))
    bank_reference: Mapped[str | None] = mapped_column(sa.String(64))
    paid_by: Mapped[int | None] = mapped_column(fk("person.id"))
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reversal_why: Mapped[str | None] = mapped_column(sa.String(200))
    reversal_by: Mapped[int | None] = mapped_column(fk("person.id"))
    reversed_by: Mapped[int | None] = mapped_column(fk("person.id"))
    reversed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SpendingSignature(Model):
    """A signature under a request. One a person."""

    __tablename__ = "spending_signature"
    __table_args__ = (
        one_of("signed_as", SignedAs, "spending_signature"),
        sa.UniqueConstraint("spending_id", "signed_as", name="spending_signature_one_a_kind"),
        APPEND_ONLY,
    )

    spending_id: Mapped[int] = mapped_column(fk("spending.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(fk("person.id"), primary_key=True, autoincrement=False)
    signed_as: Mapped[str] = mapped_column(sa.String(24))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
