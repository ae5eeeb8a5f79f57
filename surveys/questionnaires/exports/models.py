"""The table of files asked for and made."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id


class Format(StrEnum):
    """What kind of file."""

    XLSX = "xlsx"
    CSV = "csv"
    SAV = "sav"
    PHOTOS = "photos"
    PHOTOS_PUBLIC = "photos_public"
    FIGURES = "figures"


ROWS = frozenset({Format.XLSX, Format.CSV, Format.SAV})
"""A line for each household."""
PICTURES = frozenset({Format.PHOTOS, Format.PHOTOS_PUBLIC})
SUFFIXES = {each: each.value for each in ROWS} | dict.fromkeys(PICTURES, "zip") | {Format.FIGURES: "xlsx"}
NAMED_ALWAYS = frozenset({Format.PHOTOS})
"""By door, so only for whoever knows the doors."""
NAMED_NEVER = frozenset({Format.PHOTOS_PUBLIC, Format.FIGURES})


class Progress(StrEnum):
    """How far it is. A file that is gone was kept for its days, then deleted."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


class Export(Model):
    """A file somebody asked for. ``named``: with doors, names and phones, sealed at rest. ``turn`` counts the tries:
    whoever makes it writes only under his own."""

    __tablename__ = "survey_export"
    __table_args__ = (
        one_of("format", Format, "survey_export"),
        one_of("state", Progress, "survey_export"),
        sa.CheckConstraint("storage_key IS NOT NULL OR state <> 'ready'", name="survey_export_ready_has_file"),
        sa.Index("survey_export_state_idx", "state", "leased_until"),
        sa.Index("survey_export_account_id_idx", "account_id", "campaign_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    estate_codes: Mapped[list[str]] = mapped_column(JsonDoc)
    format: Mapped[str] = mapped_column(sa.String(24))
    named: Mapped[bool] = mapped_column(sa.Boolean)
    state: Mapped[str] = mapped_column(sa.String(24), default=Progress.WAITING)
    turn: Mapped[int] = mapped_column(sa.Integer, default=0)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    row_count: Mapped[int] = mapped_column(sa.Integer, default=0)
    done_count: Mapped[int] = mapped_column(sa.Integer, default=0)
    storage_key: Mapped[str | None] = mapped_column(sa.String(120))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)

    @property
    def sealing_context(self) -> str:
        """What a sealed file is bound to."""
        return f"survey_export.file:{self.public_id}"
