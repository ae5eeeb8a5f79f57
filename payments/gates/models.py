"""The table of dated bases: against how many households, which area and target a collection is measured."""

from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, big_id, fk, one_of, public_id
from payments.two_people import Drawn, checks_of_drawn


class GateState(StrEnum):
    """Where a base stands. Of the adopted ones that with the latest date counts."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    WITHDRAWN = "withdrawn"


class GateBase(Drawn, Model):
    """What a collection is measured against from a date on, and why: made by one person, adopted by another.

    ``by_building``: name -> households, or empty: as the register says. ``target_fen`` and ``share_permille`` are
    asked for as well, or not.
    """

    __tablename__ = "gate_base"
    __table_args__ = (
        one_of("state", GateState, "gate_base"),
        sa.CheckConstraint("households > 0 AND average_fen > 0", name="gate_base_of_somebody"),
        sa.CheckConstraint("area_dm2 IS NULL OR area_dm2 > 0", name="gate_base_area"),
        sa.CheckConstraint("target_fen IS NULL OR target_fen > 0", name="gate_base_target"),
        sa.CheckConstraint("share_permille IS NULL OR share_permille BETWEEN 1 AND 1000", name="gate_base_share"),
        *checks_of_drawn("gate_base"),
        sa.Index(
            "gate_base_one_proposed",
            "collection_id",
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        ),
        sa.Index("gate_base_collection_id_idx", "collection_id", "as_of"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    state: Mapped[str] = mapped_column(sa.String(24))
    as_of: Mapped[date] = mapped_column(sa.Date)
    households: Mapped[int] = mapped_column(sa.BigInteger)
    area_dm2: Mapped[int | None] = mapped_column(sa.BigInteger)
    average_fen: Mapped[int] = mapped_column(sa.BigInteger)
    target_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    share_permille: Mapped[int | None] = mapped_column(sa.BigInteger)
    by_building: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    why: Mapped[str] = mapped_column(sa.String(200))
