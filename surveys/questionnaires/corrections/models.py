"""The tables of mappings between versions and of campaigns that moved from one to the next."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk


class VersionMapping(Model):
    """Which question and option of a version is which of another (``rules.mapping``); ``document`` is complete."""

    __tablename__ = "version_mapping"
    __table_args__ = (
        sa.UniqueConstraint("from_version_id", "to_version_id", name="version_mapping_pair_key"),
        sa.CheckConstraint("from_version_id <> to_version_id", name="version_mapping_two_versions"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    from_version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    to_version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CampaignCorrection(Model):
    """A campaign that went on with a newer wording, when and why."""

    __tablename__ = "campaign_correction"
    __table_args__ = (sa.Index("campaign_correction_campaign_id_idx", "campaign_id"), APPEND_ONLY)

    id: Mapped[int] = big_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    from_version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    to_version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    mapping_id: Mapped[int] = mapped_column(fk("version_mapping.id"))
    reason: Mapped[str] = mapped_column(sa.String(400))
    corrected_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CampaignMapping(Model):
    """What one campaign says otherwise than the mapping between two versions, while it runs; the latest counts."""

    __tablename__ = "campaign_mapping"
    __table_args__ = (
        sa.CheckConstraint("from_version_id <> to_version_id", name="campaign_mapping_two_versions"),
        sa.Index("campaign_mapping_campaign_id_idx", "campaign_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    from_version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    to_version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    reason: Mapped[str] = mapped_column(sa.String(400))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
