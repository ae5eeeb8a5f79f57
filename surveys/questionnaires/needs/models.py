"""The tables of works and wishes: catalogues, what became of a wish, what households say of what was done."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, BigInt, JsonDoc, Model, UTCDateTime, big_id, fk, forgetting, one_of, public_id
from surveys.questionnaires.rules.needs import BEST, Became


class WorkCatalogue(Model):
    """A catalogue of works as it was loaded for a year; the newest of a year counts, older ones stay."""

    __tablename__ = "work_catalogue"
    __table_args__ = (
        sa.UniqueConstraint("year", "content_hash", name="work_catalogue_content_key"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    year: Mapped[int] = mapped_column(sa.Integer)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    loaded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class WishStep(Model):
    """What staff said has become of an item an estate wished for in a campaign. The newest line of an item counts."""

    __tablename__ = "wish_step"
    __table_args__ = (
        one_of("became", Became, "wish_step"),
        sa.CheckConstraint("number > 0", name="wish_step_number_positive"),
        sa.CheckConstraint("became <> 'not_listed' OR reason <> ''", name="wish_step_not_listed_says_why"),
        APPEND_ONLY,
    )

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    estate_id: Mapped[int] = mapped_column(fk("place.id"), primary_key=True, autoincrement=False)
    item: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    """1, 2, …: two at once cannot both be the next"""
    became: Mapped[str] = mapped_column(sa.String(24))
    reason: Mapped[str] = mapped_column(sa.String(200))
    set_by: Mapped[str] = mapped_column(sa.String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class EffectMark(Model):
    """What a household thinks of an item that was done for its estate: 1 to 5. One a household, item and campaign."""

    __tablename__ = "effect_mark"
    __table_args__ = (
        sa.CheckConstraint(f"mark BETWEEN 1 AND {BEST}", name="effect_mark_known"),
        sa.Index("effect_mark_estate_idx", "campaign_id", "estate_id"),
        forgetting("account_id"),
    )

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"), primary_key=True, autoincrement=False)
    item: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    estate_id: Mapped[int] = mapped_column(fk("place.id"))
    mark: Mapped[int] = mapped_column(sa.Integer)
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
