"""The table of the kept figures of estates."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk


class EstateSheet(Model):
    """An estate's rates and groups in a campaign as they were at ``made_at``, when ``responses`` were counted and there
    were so many ``homes``."""

    __tablename__ = "estate_sheet"

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    estate_id: Mapped[int] = mapped_column(fk("place.id"), primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    responses: Mapped[int] = mapped_column(sa.Integer)
    homes: Mapped[int] = mapped_column(sa.Integer)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


class KnownGroup(Model):
    """How many households of an estate the community knows to be of a kind no roster tells (``trait``: over_60), and
    from where. The newest line counts."""

    __tablename__ = "known_group"
    __table_args__ = (
        sa.CheckConstraint("households >= 0", name="known_group_not_negative"),
        sa.Index("known_group_estate_idx", "estate_id", "trait", "at"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    estate_id: Mapped[int] = mapped_column(fk("place.id"))
    trait: Mapped[str] = mapped_column(sa.String(24))
    households: Mapped[int] = mapped_column(sa.Integer)
    source: Mapped[str] = mapped_column(sa.String(200))
    entered_by: Mapped[str] = mapped_column(sa.String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
