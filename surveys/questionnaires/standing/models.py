"""The tables of what counts beside the valid response, of cases to settle and of what households say of sheets."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, forgetting, one_of, public_id
from surveys.questionnaires.rules.standing import DisputeKind, Opinion, Outcome


class OwnerResponse(Model):
    """Whose answers to the owner's questions count, where they are not the valid response's own.

    No row: the valid response's count when it speaks for the owner, else nobody's. Most dwellings need no row, so a
    first submission writes none.
    """

    __tablename__ = "owner_response"
    __table_args__ = (sa.UniqueConstraint("response_id", name="owner_response_response_id_key"),)

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"), primary_key=True, autoincrement=False)
    response_id: Mapped[int] = mapped_column(fk("response.id"))


class Dispute(Model):
    """A case to settle: a sheet that waits beside the one that counts, or an objection to one.

    ``said_sealed``: what the household objects, under the vault. ``chosen_id``: the response chosen when it was
    settled. Settling is the only change to a row; both sheets stay.
    """

    __tablename__ = "response_dispute"
    __table_args__ = (
        one_of("kind", DisputeKind, "response_dispute"),
        one_of("outcome", Outcome, "response_dispute"),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (outcome IS NULL) AND (settled_at IS NULL) = (reason IS NULL)",
            name="response_dispute_settled_whole",
        ),
        sa.CheckConstraint("(outcome = 'chosen') = (chosen_id IS NOT NULL)", name="response_dispute_choice_named"),
        sa.UniqueConstraint("response_id", "kind", "account_id", name="response_dispute_once_key"),
        sa.Index("response_dispute_dwelling_id_idx", "dwelling_id", "campaign_id"),
        sa.Index(
            "response_dispute_open_idx",
            "campaign_id",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    response_id: Mapped[int] = mapped_column(fk("response.id"))
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    said_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[int | None] = mapped_column(fk("person.id"))
    outcome: Mapped[str | None] = mapped_column(sa.String(24))
    chosen_id: Mapped[int | None] = mapped_column(fk("response.id"))
    reason: Mapped[str | None] = mapped_column(sa.String(300))


class Review(Model):
    """What one of the household says of a sheet that others filled in for it; said once. All that may ever change is
    that it forgets who said it (``retention``)."""

    __tablename__ = "response_review"
    __table_args__ = (one_of("opinion", Opinion, "response_review"), forgetting("account_id"))

    response_id: Mapped[int] = mapped_column(fk("response.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(fk("account.id"), primary_key=True, autoincrement=False)
    opinion: Mapped[str] = mapped_column(sa.String(24))
    said_at: Mapped[datetime] = mapped_column(UTCDateTime)
