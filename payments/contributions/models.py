"""The tables of budgets and dues. A version once published stays as it was; a new budget is a new version."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, big_id, fk, one_of, public_id
from payments.rules.apportion import ExemptionBearer
from payments.two_people import Drawn, checks_of_drawn


class BudgetState(StrEnum):
    """Where a version stands. Of the published ones the highest version counts."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class BudgetItem(Model):
    """What money is spent on in a collection, under one name through all versions: the parent a cap is locked by."""

    __tablename__ = "budget_item"
    __table_args__ = (sa.UniqueConstraint("collection_id", "name", name="budget_item_one_a_name"),)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    name: Mapped[str] = mapped_column(sa.String(80))


class Budget(Drawn, Model):
    """One version of a collection's budget with its apportionment: made by one person, published by another."""

    __tablename__ = "budget"
    __table_args__ = (
        one_of("state", BudgetState, "budget"),
        one_of("borne_by", ExemptionBearer, "budget"),
        sa.UniqueConstraint("collection_id", "version", name="budget_version_once"),
        sa.CheckConstraint("version > 0 AND total_fen > 0 AND fund_fen >= 0", name="budget_amounts"),
        *checks_of_drawn("budget"),
        sa.Index(
            "budget_one_proposed",
            "collection_id",
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    version: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(24))
    title: Mapped[str] = mapped_column(sa.String(120))
    why: Mapped[str] = mapped_column(sa.String(200))
    exemptions: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)
    borne_by: Mapped[str] = mapped_column(sa.String(24))
    total_fen: Mapped[int] = mapped_column(sa.BigInteger)
    fund_fen: Mapped[int] = mapped_column(sa.BigInteger)


class BudgetLine(Model):
    """One cost of a version: how much, shared how, within which building or unit (``scope``, "" for the estate)."""

    __tablename__ = "budget_line"
    __table_args__ = (
        sa.CheckConstraint("amount_fen > 0", name="budget_line_positive"),
        sa.Index("budget_line_item_id_idx", "item_id"),
        APPEND_ONLY,
    )

    budget_id: Mapped[int] = mapped_column(fk("budget.id"), primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(fk("budget_item.id"), primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(sa.BigInteger)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    scope: Mapped[str] = mapped_column(sa.String(80))
    how: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


class DueLine(Model):
    """What one dwelling bears of one cost of a version, or is let off (below 0), with the formula in words."""

    __tablename__ = "due_line"
    __table_args__ = (
        sa.CheckConstraint("amount_fen >= 0 OR is_exemption", name="due_line_sign"),
        sa.Index("due_line_dwelling_id_idx", "dwelling_id", "budget_id"),
        APPEND_ONLY,
    )

    budget_id: Mapped[int] = mapped_column(fk("budget.id"), primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    item_id: Mapped[int] = mapped_column(fk("budget_item.id"))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    words: Mapped[str] = mapped_column(sa.String(300))
    is_exemption: Mapped[bool] = mapped_column(sa.Boolean)
