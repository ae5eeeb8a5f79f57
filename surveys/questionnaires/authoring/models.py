"""The table of questionnaires being written."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, UTCDateTime, big_id, fk, public_id


class FormDraft(Model):
    """A questionnaire being written. ``number`` grows with every save, and a save says which one it was made to, so
    that nobody overwrites another's work unseen. ``place_id``: whose it is; ``discarded_at``: put away, not deleted."""

    __tablename__ = "form_draft"
    __table_args__ = (
        sa.CheckConstraint("number > 0", name="form_draft_number_positive"),
        sa.CheckConstraint("version_id IS NULL OR discarded_at IS NULL", name="form_draft_one_end"),
        sa.Index("form_draft_code_idx", "code"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    code: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(120))
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    based_on_id: Mapped[int | None] = mapped_column(fk("questionnaire_version.id"))
    version_id: Mapped[int | None] = mapped_column(fk("questionnaire_version.id"))
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[str] = mapped_column(sa.String(80))
    discarded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
