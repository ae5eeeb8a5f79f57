"""The table of mappings proposed for next year's sheets, and what another person said to each."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.questionnaires.yearly_mappings.rules import Decision


class YearlyMapping(Model):
    """A mapping (``rules.mapping``; ``document`` is complete) somebody proposed, and why; the decision is the only
    change to a row. Of two versions one proposal waits at a time, and the one agreed to last counts."""

    __tablename__ = "yearly_mapping"
    __table_args__ = (
        one_of("decision", Decision, "yearly_mapping"),
        sa.CheckConstraint("from_version_id <> to_version_id", name="yearly_mapping_two_versions"),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by IS NULL)",
            name="yearly_mapping_decision_whole",
        ),
        sa.CheckConstraint(
            "decision IS NULL OR (decision = 'withdrawn') = (decided_by = proposed_by)",
            name="yearly_mapping_two_people",
        ),
        sa.Index(
            "yearly_mapping_one_waits",
            "from_version_id",
            "to_version_id",
            unique=True,
            sqlite_where=sa.text("decision IS NULL"),
            postgresql_where=sa.text("decision IS NULL"),
        ),
        sa.Index("yearly_mapping_to_version_id_idx", "to_version_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    from_version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    to_version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    reason: Mapped[str] = mapped_column(sa.String(400))
    proposed_by: Mapped[int] = mapped_column(fk("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decision: Mapped[str | None] = mapped_column(sa.String(24))
    decided_by: Mapped[int | None] = mapped_column(fk("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
