"""The tables of what is public: the releases, what waits for the next one, and whom a release holds already."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, UTCDateTime, big_id, fk, one_of
from surveys.questionnaires.rules.subjects import Part


class PublicChange(Model):
    """A counted response (``sign`` 1), whole or a ``part`` of it, or one that no longer counts (-1), that no release
    has looked at yet."""

    __tablename__ = "public_change"
    __table_args__ = (
        sa.CheckConstraint("sign IN (1, -1)", name="public_change_sign_known"),
        one_of("part", Part, "public_change"),
        sa.Index("public_change_estate_idx", "campaign_id", "estate_id", "dwelling_id"),
    )

    id: Mapped[int] = big_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    estate_id: Mapped[int] = mapped_column(fk("place.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    response_id: Mapped[int] = mapped_column(fk("response.id"))
    sign: Mapped[int] = mapped_column(sa.Integer)
    part: Mapped[str] = mapped_column(sa.String(8), default=Part.ALL)


class PublicRelease(Model):
    """What the public sees of an estate's answers. ``document``: ``shown`` counts and ``held`` changes by question
    (``rules.release``); ``taken_at``: when a figure last moved; ``number``: rises whenever what is shown changes, also
    because it is counted in other words: by it totals are kept."""

    __tablename__ = "public_release"

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    estate_id: Mapped[int] = mapped_column(fk("place.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.Integer)
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


class PublicSeen(Model):
    """A dwelling whose first answers a release has looked at: what it changes later is no newcomer's answer."""

    __tablename__ = "public_seen"

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"), primary_key=True, autoincrement=False)
